import type { EventName, Events } from '../telemetry/events.ts';
import type { Rate, RateKind, Store } from '../store/store.ts';

/** Counters that are kept until they are written; a store that is away for long costs no more than these. */
const maxCounters = 50_000;

/** Counts what happens on this node for the overview, in memory, and adds it to the store's counters when asked to. */
export class RateCounter {
  readonly #store: Pick<Store, 'addRates'>;
  readonly #now: () => number;
  #counts = new Map<string, Rate>();

  constructor(store: Pick<Store, 'addRates'>, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Takes an event; costs one look-up, and nothing for events that are not counted. */
  take<N extends EventName>(name: N, fields: Events[N]): void {
    switch (name) {
      case 'receipt.recorded': {
        const { accountId, type } = fields as Events['receipt.recorded'];
        this.#add(accountId, receiptKinds[type], 1);
        break;
      }
      case 'delivery.attempted': {
        const { accountId, outcome, receipts } = fields as Events['delivery.attempted'];
        this.#add(accountId, outcome === 'accepted' ? 'pushed' : 'pushFailed', receipts);
        break;
      }
      case 'delivery.died':
        this.#add((fields as Events['delivery.died']).accountId, 'dead', 1);
        break;
      case 'message.sent': {
        const { accountId, outcome } = fields as Events['message.sent'];
        this.#add(accountId, outcome === 'accepted' ? 'sent' : 'sendFailed', 1);
        break;
      }
    }
  }

  /** Writes what was counted; what cannot be written now is added to the next time. */
  async write(): Promise<void> {
    const counts = [...this.#counts.values()];
    if (counts.length === 0) return;
    this.#counts = new Map();
    try {
      await this.#store.addRates(counts);
    } catch (error) {
      for (const { accountId, minute, kind, count } of counts) this.#addAt(accountId, minute, kind, count);
      throw error;
    }
  }

  #add(accountId: number, kind: RateKind, count: number): void {
    this.#addAt(accountId, Math.floor(this.#now() / 60_000), kind, count);
  }

  #addAt(accountId: number, minute: number, kind: RateKind, count: number): void {
    const key = `${accountId}/${minute}/${kind}`;
    const known = this.#counts.get(key);
    if (known === undefined && this.#counts.size >= maxCounters) return;
    this.#counts.set(key, { accountId, minute, kind, count: (known?.count ?? 0) + count });
  }
}

const receiptKinds = {
  ChatAppStatus: 'statuses',
  ChatAppInbound: 'inbounds',
  ChatAppAudit: 'audits',
} as const;
