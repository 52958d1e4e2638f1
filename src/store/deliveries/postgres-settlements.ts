// What became of claimed deliveries. Settlements of one account share transactions, each a call of one function of the schema.
import type { AccountId } from '../../domain/account.ts';
import type { Settlement } from '../../domain/delivery.ts';
import { stateNumber } from './rows.ts';
import { int8s, texts } from '../postgres/arrays.ts';
import { Batches } from '../postgres/batches.ts';
import type { Claims, Lease } from './postgres-claims.ts';
import { isOwnFault } from '../postgres/faults.ts';
import type { Connection } from '../postgres/connection.ts';

/** Most settlements written in one transaction. */
const maxSettlements = 256;

const settleDeliveries =
  'SELECT settle_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS freed';

/** What has to be known of deliveries that are not over, to settle them. */
const findOpen =
  'SELECT id, lane, attempts FROM delivery WHERE account_id = $1 AND id = ANY ($2) AND state + 0 <= 1';

type Known = Pick<Lease, 'lane' | 'attempts'>;

/** A settlement of a delivery that is not over. */
interface OpenSettlement extends Settlement {
  readonly lease: Known;
}

/** Writes what became of what `claims` handed out. */
export class Settlements {
  readonly #db: Connection;
  readonly #claims: Pick<Claims, 'find' | 'drop'>;
  readonly #batches: Batches<readonly Settlement[], undefined>;

  constructor(db: Connection, claims: Pick<Claims, 'find' | 'drop'>) {
    this.#db = db;
    this.#claims = claims;
    this.#batches = new Batches(
      {
        run: (calls) => this.#settle(calls),
        weigh: (call) => call.length,
        maxWeight: maxSettlements,
        lanes: 1,
      },
      isOwnFault,
    );
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    const byAccount = Map.groupBy(settlements, ({ accountId }) => accountId);
    await Promise.all([...byAccount].map(([accountId, own]) => this.#batches.add(String(accountId), own)));
  }

  async #settle(calls: readonly (readonly Settlement[])[]): Promise<undefined[]> {
    const settlements = toFirstOfEach(calls.flat());
    const [first] = settlements;
    if (first === undefined) return calls.map(() => undefined);
    const { accountId } = first;
    const known = await this.#findKnown(accountId, settlements);
    const open = settlements.flatMap((settlement) => {
      const lease = known.get(settlement.deliveryId);
      return lease === undefined ? [] : [{ ...settlement, lease }];
    });
    if (open.length > 0) {
      const values = [accountId, this.#db.now(), ...toColumns(open)];
      const [answer] = await this.#db.call<{ freed: number[] }>(settleDeliveries, values);
      // Whoever settled looks for more by himself; what has been let go may be another node's to push.
      this.#db.signals.tell(
        (answer?.freed ?? []).map((destinationId) => ({ kind: 'deliveries', accountId, destinationId })),
      );
    }
    for (const { destinationId, deliveryId } of settlements) this.#claims.drop(destinationId, deliveryId);
    return calls.map(() => undefined);
  }

  /** What is known of deliveries in hand; those that no longer are have to be looked up. */
  async #findKnown(
    accountId: AccountId,
    settlements: readonly Settlement[],
  ): Promise<ReadonlyMap<number, Known>> {
    const known = new Map<number, Known>();
    const missing: number[] = [];
    for (const { destinationId, deliveryId } of settlements) {
      const lease = this.#claims.find(destinationId, deliveryId);
      if (lease === undefined) missing.push(deliveryId);
      else known.set(deliveryId, lease);
    }
    if (missing.length === 0) return known;
    const rows = await this.#db.all<Known & { id: number }>(findOpen, [accountId, missing]);
    for (const { id, lane, attempts } of rows) known.set(id, { lane, attempts });
    return known;
  }
}

/** Of two settlements of one delivery the first counts. */
function toFirstOfEach(settlements: readonly Settlement[]): readonly Settlement[] {
  return [...new Map(settlements.toReversed().map((one) => [one.deliveryId, one])).values()];
}

/** What `settle_deliveries` of the schema takes of each, a list a column. */
function toColumns(open: readonly OpenSettlement[]): Buffer[] {
  return [
    int8s(open.map(({ deliveryId }) => deliveryId)),
    int8s(open.map(({ lease }) => lease.lane)),
    int8s(open.map(({ next }) => (next.kind === 'retry' ? stateNumber.waiting : stateNumber[next.kind]))),
    int8s(open.map(({ next }) => (next.kind === 'retry' ? next.dueAt : null))),
    texts(open.map(({ next }) => (next.kind === 'retry' ? next.cause : null))),
    int8s(open.map(({ attempt }) => attempt.at)),
    int8s(open.map(({ attempt }) => Math.round(attempt.durationMs))),
    int8s(open.map(({ attempt }) => attempt.status)),
    texts(open.map(({ attempt }) => attempt.outcome)),
    texts(open.map(({ attempt }) => attempt.answer)),
    int8s(open.map(({ lease }) => lease.attempts)),
    int8s(open.map(({ next }) => (next.kind === 'retry' ? (next.batch ?? null) : null))),
    int8s(open.map(({ next }) => (next.kind === 'retry' && next.isSpared === true ? 1 : 0))),
  ];
}
