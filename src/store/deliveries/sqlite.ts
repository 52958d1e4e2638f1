import type { AccountId, Actor } from '../../domain/account.ts';
import { readSettings } from '../destinations/rows.ts';
import type { Deliveries, DeliveryFilter, PageRequest } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';
import { inParts, repeat } from '../sqlite/statement.ts';
import { stateNumber, toAfter } from './rows.ts';
import { toPage } from '../rows/paging.ts';
import { Claims } from './sqlite-claims.ts';
import { Leases } from './sqlite-leases.ts';
import { laneNumber } from './sqlite-lanes.ts';
import type { Lanes } from './sqlite-lanes.ts';
import type { DeliveryLists } from './sqlite-lists.ts';
import { Settlements } from './sqlite-settlements.ts';

/** A delivery to be. */
export interface NewDelivery {
  readonly accountId: AccountId;
  readonly destinationId: number;
  /** Its receipt's. */
  readonly id: number;
  readonly lane: number;
  /** Whether it is the only one ever of its lane so far. */
  readonly isFirst: boolean;
}

/** Makes a delivery that is over due again, at the end of its lane, if its destination is there still. */
const restart = `UPDATE delivery SET laned = 1, state = ?, due_at = ?, place = ?, round_start = attempts, cause = 'replay', batch = NULL
  WHERE id = ? AND state >= 2 AND EXISTS (SELECT 1 FROM destination t WHERE t.id = delivery.destination_id)`;

/** What is run to add and replay deliveries, prepared once. */
function deliveryStatements(db: Connection) {
  return {
    insert: db.prepareRows(
      (count) =>
        `INSERT INTO delivery (id, account_id, destination_id, lane, laned, place, state, due_at, attempts, round_start, cause, batch)
         VALUES ${repeat('(?, ?, ?, ?, ?, ?, ?, ?, 0, 0, NULL, NULL)', count)}`,
    ),
    settingsOf: db.prepare<{ settings: string }>('SELECT settings FROM destination WHERE id = ?'),
    restart: db.prepare(restart),
  };
}

/** What is done with the table of deliveries besides pushing them, each inside a transaction that the caller has. */
export class DeliveryTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;
  readonly #lists: DeliveryLists;
  readonly #lanes: Lanes;
  readonly #sql;
  readonly #firstWait: (destinationId: number) => number;

  constructor(db: Connection, recordChange: Recorder, lists: DeliveryLists, lanes: Lanes) {
    this.#db = db;
    this.#recordChange = recordChange;
    this.#lists = lists;
    this.#lanes = lanes;
    this.#sql = deliveryStatements(db);
    this.#firstWait = db.remember((destinationId: number) => this.#findFirstWait(destinationId));
  }

  /** Adds deliveries, each at the end of its lane; one waits its turn if the lane has one that is not over. */
  add(tx: Transaction, added: readonly NewDelivery[], now: number): void {
    for (const part of inParts(added)) {
      const stands = this.#lanes.come(part);
      const values = part.flatMap(({ accountId, destinationId, id, lane }, at) => {
        const { laned = laneNumber.inside, isBlocked = false } = stands[at] ?? {};
        if (!isBlocked) tx.signal({ kind: 'deliveries', accountId, destinationId });
        const dueAt = now + this.#firstWait(destinationId);
        return [id, accountId, destinationId, lane, laned, id, isBlocked ? 1 : 0, dueAt];
      });
      this.#sql.insert.of(part.length).run(...values);
    }
  }

  /** Puts a delivery that stood alone into the index of its lane, because another one comes after it. */
  enlist(deliveryId: number): void {
    this.#lanes.enter(deliveryId);
  }

  /** Oldest first, so that the receipts of one lane keep their order. */
  replay(
    tx: Transaction,
    accountId: AccountId,
    filter: DeliveryFilter,
    page: PageRequest,
    actor: Actor,
  ): { readonly replayed: number; readonly next: string | null } {
    const { rows, walkedTo } = this.#lists.findOver(accountId, filter, toAfter(page), page.limit + 1);
    const { items, next } = toPage(rows, page.limit, (row) => row, walkedTo);
    let replayed = 0;
    for (const { id, lane, destination_id: destinationId } of items) {
      const isBlocked = this.#lanes.isTaken({ accountId, destinationId, lane });
      const state = isBlocked ? stateNumber.blocked : stateNumber.waiting;
      replayed += this.#sql.restart.run(state, this.#db.now(), this.#db.nextId(), id);
      tx.signal({ kind: 'deliveries', accountId, destinationId });
    }
    const detail = { ...filter, replayed };
    if (replayed > 0) this.#recordChange(accountId, actor, 'delivery.replayed', 'deliveries', detail);
    return { replayed, next };
  }

  #findFirstWait(destinationId: number): number {
    const settings = this.#sql.settingsOf.get(destinationId)?.settings;
    if (settings === undefined) throw new Error(`Destination ${destinationId} is not there.`);
    return readSettings(settings).scheduleMs[0] ?? 0;
  }
}

export function deliveryVerbs(
  db: Connection,
  deliveries: DeliveryTables,
  lists: DeliveryLists,
  lanes: Lanes,
): Deliveries {
  const leases = new Leases();
  const claims = new Claims(db, leases);
  const settlements = new Settlements(db, leases, lanes);
  return {
    findBusyDestinations: () => db.read(() => claims.findBusyDestinations()),
    claimDeliveries: (request) => db.write((tx) => claims.claim(tx, request)),
    settleDeliveries: (settled) => db.write((tx) => settlements.settle(tx, settled)),
    releaseDeliveries: (_accountId, destinationId, deliveryIds) =>
      db.read(() => claims.release(destinationId, deliveryIds)),
    findNextDue: (accountId, destinationId) => db.read(() => claims.findNextDue(accountId, destinationId)),
    findOldestUndelivered: () => db.read(() => claims.findOldestUndelivered()),
    listDeliveries: (accountId, filter, page) => db.read(() => lists.list(accountId, filter, page)),
    countDeliveries: (accountId, filter, atMost) => db.read(() => lists.count(accountId, filter, atMost)),
    countByDestination: (accountId, atMost, destinationId) =>
      db.read(() => lists.countByDestination(accountId, atMost, destinationId)),
    replayDeliveries: (accountId, filter, page, actor) =>
      db.write((tx) => deliveries.replay(tx, accountId, filter, page, actor)),
  };
}
