import { toDurationStep } from '../domain/duration-steps.ts';
import type { PushRate, Store } from '../store/store.ts';
import type { EventName, Events } from '../telemetry/events.ts';
import { UnwrittenCounts } from './unwritten-counts.ts';

const slotMinutes = 5;

/** Counts how pushes of this node end and how long they take, in memory, and adds it to the store's when asked to. */
export class PushRateCounter {
  readonly #now: () => number;
  readonly #counts: UnwrittenCounts<PushRate>;

  constructor(store: Pick<Store, 'addPushRates'>, now: () => number) {
    this.#now = now;
    this.#counts = new UnwrittenCounts<PushRate>({
      toKey: ({ accountId, destinationId, minute, channelId, outcome, status, took }) =>
        [accountId, destinationId, minute, outcome, status, took, channelId].join('/'),
      sum: (one, other) => ({ ...one, count: one.count + other.count }),
      write: (counts) => store.addPushRates(counts),
    });
  }

  /** Takes an event; costs one look-up, and nothing for events that are of no push. */
  take<N extends EventName>(name: N, fields: Events[N]): void {
    if (name !== 'delivery.attempted') return;
    const { accountId, destinationId, channelId, outcome, status, durationMs } =
      fields as Events['delivery.attempted'];
    const minute = Math.floor(this.#now() / 60_000);
    this.#counts.add({
      ...{ accountId, destinationId, channelId, outcome, status },
      minute: minute - (minute % slotMinutes),
      took: toDurationStep(durationMs),
      count: 1,
    });
  }

  /** Writes what was counted; what cannot be written now is added to the next time. */
  write(): Promise<void> {
    return this.#counts.write();
  }
}
