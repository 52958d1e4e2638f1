import type { AccountId, Actor } from '../../domain/account.ts';
import { toAfter } from './rows.ts';
import type { DeliveryRow } from './rows.ts';
import { toPage } from '../rows/paging.ts';
import type { Deliveries, DeliveryFilter, PageRequest } from '../store.ts';
import type { Claims } from './postgres-claims.ts';
import type { DeliveryLists } from './postgres-lists.ts';
import type { Settlements } from './postgres-settlements.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

/** Destinations for which a delivery waits. */
const busyDestinations = `SELECT account_id AS "accountId", id AS "destinationId" FROM destination t WHERE EXISTS
  (SELECT 1 FROM delivery d WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0)`;

/** Those of some destinations that are there, which stay until the commit. */
const shareDestinations = 'SELECT id FROM destination WHERE account_id = $1 AND id = ANY ($2) FOR SHARE';

/** Makes what is over due again. */
export class Replays {
  readonly #db: Connection;
  readonly #recordChange: Recorder;
  readonly #lists: DeliveryLists;

  constructor(db: Connection, recordChange: Recorder, lists: DeliveryLists) {
    this.#db = db;
    this.#recordChange = recordChange;
    this.#lists = lists;
  }

  async replay(
    accountId: AccountId,
    filter: DeliveryFilter,
    page: PageRequest,
    actor: Actor,
  ): Promise<{ readonly replayed: number; readonly next: string | null }> {
    // Oldest first, so that the receipts of one lane keep their order.
    const { rows, walkedTo } = await this.#lists.selectOver(accountId, filter, toAfter(page), page.limit + 1);
    const { items, next } = toPage(rows, page.limit, (row) => row, walkedTo);
    const replayed = await this.#db.tx(async (tx) => {
      const count = await this.#restart(tx, accountId, items);
      if (count > 0) {
        const detail = { ...filter, replayed: count };
        await this.#recordChange(tx, accountId, actor, 'delivery.replayed', 'deliveries', detail);
      }
      return count;
    });
    return { replayed, next };
  }

  /** Restarts deliveries whose destination is there still. Lanes are held before rows are. */
  async #restart(tx: Transaction, accountId: AccountId, rows: readonly DeliveryRow[]): Promise<number> {
    await tx.get('SELECT hold_lanes($1, $2)', [accountId, rows.map(({ lane }) => lane)]);
    const destinations = [...new Set(rows.map((row) => row.destination_id))];
    const there = await tx.all<{ id: number }>(shareDestinations, [accountId, destinations]);
    const isThere = new Set(there.map(({ id }) => id));
    const restarts = rows.flatMap(({ id, destination_id: destination, lane }) =>
      isThere.has(destination) ? [{ id, destination, lane }] : [],
    );
    const sql = 'SELECT replay_deliveries($1, $2, $3) AS count';
    const row = await tx.get<{ count: number }>(sql, [accountId, this.#db.now(), JSON.stringify(restarts)]);
    for (const destinationId of destinations) tx.signal({ kind: 'deliveries', accountId, destinationId });
    return row?.count ?? 0;
  }
}

export function deliveryVerbs(
  db: Connection,
  claims: Claims,
  settlements: Settlements,
  lists: DeliveryLists,
  replays: Replays,
): Deliveries {
  return {
    findBusyDestinations: () => db.all<{ accountId: AccountId; destinationId: number }>(busyDestinations),
    claimDeliveries: (request) => claims.claim(request),
    settleDeliveries: (settled) => settlements.settle(settled),
    // A claim is not written, so neither is its return.
    releaseDeliveries: async (accountId, destinationId, deliveryIds) => {
      db.assertOpen();
      claims.release(destinationId, deliveryIds);
      db.signals.tell([{ kind: 'deliveries', accountId, destinationId }]);
    },
    findNextDue: (accountId, destinationId) => claims.findNextDue(accountId, destinationId),
    listDeliveries: (accountId, filter, page) => lists.list(accountId, filter, page),
    countDeliveries: (accountId, filter, atMost) => lists.count(accountId, filter, atMost),
    countByDestination: (accountId, atMost, destinationId) =>
      lists.countByDestination(accountId, atMost, destinationId),
    findOldestUndelivered: () => lists.findOldestUndelivered(),
    replayDeliveries: (accountId, filter, page, actor) => replays.replay(accountId, filter, page, actor),
  };
}
