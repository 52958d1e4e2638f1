import type { EventName, Events } from '../telemetry/events.ts';
import type { Rate, RateKind, Store } from '../store/store.ts';
import { UnwrittenCounts } from './unwritten-counts.ts';

/** Counts what happens on this node for the overview, in memory, and adds it to the store's counters when asked to. */
export class RateCounter {
  readonly #now: () => number;
  readonly #counts: UnwrittenCounts<Rate>;

  constructor(store: Pick<Store, 'addRates'>, now: () => number) {
    this.#now = now;
    this.#counts = new UnwrittenCounts<Rate>({
      toKey: ({ accountId, minute, kind }) => `${accountId}/${minute}/${kind}`,
      sum: (one, other) => ({ ...one, count: one.count + other.count }),
      write: (counts) => store.addRates(counts),
    });
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
  write(): Promise<void> {
    return this.#counts.write();
  }

  #add(accountId: number, kind: RateKind, count: number): void {
    this.#counts.add({ accountId, minute: Math.floor(this.#now() / 60_000), kind, count });
  }
}

const receiptKinds = {
  ChatAppStatus: 'statuses',
  ChatAppInbound: 'inbounds',
  ChatAppAudit: 'audits',
} as const;
