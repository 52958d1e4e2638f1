// Calls about queues that share a transaction: what they want of one queue is done at once.
import type { Queue } from '../../domain/queue.ts';
import type { SharedWork, Transaction } from '../sqlite/connection.ts';

/** What a call wants of a queue. */
type QueueCall<Wanted> = Wanted & { readonly queue: Queue; readonly now: number };

/** Work that is done once for each queue, with what all calls want of it, at the time of the latest of them. */
export function byQueue<Wanted, T>(
  work: (tx: Transaction, queue: Queue, calls: readonly QueueCall<Wanted>[], now: number) => readonly T[],
): SharedWork<QueueCall<Wanted>, T> {
  return (tx, calls) => {
    const results = new Map<QueueCall<Wanted>, { readonly result: T }>();
    for (const own of Map.groupBy(calls, ({ queue }) => queue.id).values()) {
      const now = own.reduce((latest, call) => Math.max(latest, call.now), 0);
      const { queue } = need(own.at(-1));
      work(tx, queue, own, now).forEach((result, index) => results.set(need(own[index]), { result }));
    }
    return calls.map((call) => need(results.get(call)).result);
  };
}

/** Deals out items in order: up to so many to each. */
export function deal<T>(items: readonly T[], counts: readonly number[]): T[][] {
  let start = 0;
  return counts.map((count) => items.slice(start, (start += count)));
}

/** What was just there. */
export function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A row that was just there is gone.');
  return value;
}
