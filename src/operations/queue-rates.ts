import type { EventName, Events } from '../telemetry/events.ts';
import type { QueueRate, Store } from '../store/store.ts';

/** Queues and minutes that are kept until they are written; a store that is away for long costs no more than these. */
const maxCounters = 50_000;

const puts = new Set(['SendMessage', 'BatchSendMessage']);
const deletes = new Set(['DeleteMessage', 'BatchDeleteMessage']);

/** Counts what this node puts into queues and deletes from them, in memory, and adds it to the store's when asked to. */
export class QueueRateCounter {
  readonly #store: Pick<Store, 'addQueueRates'>;
  readonly #now: () => number;
  #counts = new Map<string, QueueRate>();

  constructor(store: Pick<Store, 'addQueueRates'>, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Takes an event; costs one look-up, and nothing for events that are of no queue. */
  take<N extends EventName>(name: N, fields: Events[N]): void {
    if (name === 'receipt.recorded') {
      const { accountId, queue } = fields as Events['receipt.recorded'];
      if (queue !== null) this.#add({ accountId, queue, minute: this.#minute(), put: 1, deleted: 0 });
    } else if (name === 'smq.served') {
      const { operation, accountId, queue, messages } = fields as Events['smq.served'];
      if (accountId === null || queue === null || messages === 0) return;
      const [put, deleted] = [puts.has(operation) ? messages : 0, deletes.has(operation) ? messages : 0];
      if (put + deleted > 0) this.#add({ accountId, queue, minute: this.#minute(), put, deleted });
    }
  }

  /** Writes what was counted; what cannot be written now is added to the next time. */
  async write(): Promise<void> {
    const counts = [...this.#counts.values()];
    if (counts.length === 0) return;
    this.#counts = new Map();
    try {
      await this.#store.addQueueRates(counts);
    } catch (error) {
      for (const count of counts) this.#add(count);
      throw error;
    }
  }

  #minute(): number {
    return Math.floor(this.#now() / 60_000);
  }

  #add(count: QueueRate): void {
    const key = `${count.accountId}/${count.minute}/${count.queue}`;
    const known = this.#counts.get(key);
    if (known === undefined && this.#counts.size >= maxCounters) return;
    this.#counts.set(key, {
      ...count,
      put: count.put + (known?.put ?? 0),
      deleted: count.deleted + (known?.deleted ?? 0),
    });
  }
}
