import type { EventName, Events } from '../telemetry/events.ts';
import type { QueueRate, Store } from '../store/store.ts';
import { UnwrittenCounts } from './unwritten-counts.ts';

const puts = new Set(['SendMessage', 'BatchSendMessage']);
const deletes = new Set(['DeleteMessage', 'BatchDeleteMessage']);

/** Counts what this node puts into queues and deletes from them, in memory, and adds it to the store's when asked to. */
export class QueueRateCounter {
  readonly #now: () => number;
  readonly #counts: UnwrittenCounts<QueueRate>;

  constructor(store: Pick<Store, 'addQueueRates'>, now: () => number) {
    this.#now = now;
    this.#counts = new UnwrittenCounts<QueueRate>({
      toKey: ({ accountId, minute, queue }) => `${accountId}/${minute}/${queue}`,
      sum: (one, { put, deleted }) => ({ ...one, put: one.put + put, deleted: one.deleted + deleted }),
      write: (counts) => store.addQueueRates(counts),
    });
  }

  /** Takes an event; costs one look-up, and nothing for events that are of no queue. */
  take<N extends EventName>(name: N, fields: Events[N]): void {
    if (name === 'receipt.recorded') {
      const { accountId, queue } = fields as Events['receipt.recorded'];
      if (queue !== null) this.#counts.add({ accountId, queue, minute: this.#minute(), put: 1, deleted: 0 });
    } else if (name === 'smq.served') {
      const { operation, accountId, queue, messages } = fields as Events['smq.served'];
      if (accountId === null || queue === null || messages === 0) return;
      const [put, deleted] = [puts.has(operation) ? messages : 0, deletes.has(operation) ? messages : 0];
      if (put + deleted > 0) this.#counts.add({ accountId, queue, minute: this.#minute(), put, deleted });
    }
  }

  /** Writes what was counted; what cannot be written now is added to the next time. */
  write(): Promise<void> {
    return this.#counts.write();
  }

  #minute(): number {
    return Math.floor(this.#now() / 60_000);
  }
}
