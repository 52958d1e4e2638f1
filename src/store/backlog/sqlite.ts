// What waits for destinations as a whole.
import { toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { Subscribed } from '../../domain/subscription.ts';
import { toBacklogPage } from './rows.ts';
import type { UnwantedRow } from './rows.ts';
import { stateNumber, toAfter } from '../deliveries/rows.ts';
import { laneNumber } from '../deliveries/sqlite-lanes.ts';
import type { Lanes } from '../deliveries/sqlite-lanes.ts';
import type { Backlog, BacklogFilter, BacklogItem, Page, PageRequest } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';
import { backlogStatements } from './sqlite-statements.ts';
import type { Place } from './sqlite-statements.ts';

/** What is done with deliveries that are not over, as a whole, each inside a transaction that the caller has. */
export class BacklogTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;
  readonly #lanes: Lanes;
  readonly #sql;

  constructor(db: Connection, recordChange: Recorder, lanes: Lanes) {
    this.#db = db;
    this.#recordChange = recordChange;
    this.#lanes = lanes;
    this.#sql = backlogStatements(db);
  }

  list(accountId: AccountId, filter: BacklogFilter, page: PageRequest): Page<BacklogItem> {
    const statement = filter.isUnwanted === true ? this.#sql.unwanted : this.#sql.open;
    const rows = statement.all(accountId, toAfter(page), toSinceId(filter), toUntilId(filter));
    return toBacklogPage(rows, filter, page);
  }

  findUnwanted(limit: number): { readonly accountId: AccountId; readonly subscribed: Subscribed }[] {
    const { nextUnwanted } = this.#sql;
    const found: UnwantedRow[] = [];
    for (let row = nextUnwanted.get(0, '', '', ''); row !== undefined && found.length < limit;) {
      found.push(row);
      row = nextUnwanted.get(row.account_id, row.channel_id, row.sender_id, row.kind);
    }
    return found.map((row) => ({
      accountId: row.account_id,
      subscribed: { channelId: row.channel_id, senderId: row.sender_id || null, kind: row.kind },
    }));
  }

  setAside(accountId: AccountId, items: readonly BacklogItem[]): number {
    const now = this.#db.now();
    const deliveryIds = items.map(({ deliveryId }) => deliveryId);
    const openIds = new Set(this.#findOpen(accountId, deliveryIds).map(({ id }) => id));
    const there = items.filter(({ deliveryId }) => openIds.has(deliveryId));
    for (const { deliveryId, channelId, senderId, kind } of there) {
      this.#sql.stand.run(deliveryId);
      this.#sql.note.run(accountId, deliveryId, channelId, senderId ?? '', kind, now);
    }
    return there.length;
  }

  takeUp(tx: Transaction, accountId: AccountId, deliveryIds: readonly number[]): number {
    const rows = this.#findOpen(accountId, deliveryIds);
    for (const id of deliveryIds) this.#sql.forget.run(accountId, id);
    for (const { id, laned, destination_id: destinationId } of rows) {
      if (laned === laneNumber.inside || this.#sql.go.run(this.#db.now(), id) === 0) continue;
      tx.signal({ kind: 'deliveries', accountId, destinationId });
    }
    this.#orderLanes(tx, rows);
    return rows.length;
  }

  giveUp(tx: Transaction, accountId: AccountId, deliveryIds: readonly number[], actor: Actor): number {
    const rows = this.#findOpen(accountId, deliveryIds);
    for (const { id } of rows) {
      this.#sql.end.run(this.#db.now(), id);
      this.#sql.forget.run(accountId, id);
    }
    this.#lanes.leave(rows);
    this.#orderLanes(tx, rows);
    const detail = { givenUp: rows.length };
    if (rows.length > 0) this.#recordChange(accountId, actor, 'delivery.given_up', 'deliveries', detail);
    return rows.length;
  }

  handOver(
    tx: Transaction,
    accountId: AccountId,
    deliveryIds: readonly number[],
    to: number,
    actor: Actor,
  ): number {
    if (this.#sql.destinationThere.get(accountId, to) === undefined)
      throw new GatewayError('not_found', 'There is no such destination.');
    const wanted = this.#findOpen(accountId, deliveryIds).filter((row) => row.destination_id !== to);
    const rows = this.#withLanes(accountId, wanted);
    this.#lanes.leave(rows);
    for (const { id, lane } of rows) {
      // Who is alone in that lane there enters the index, where the lane is put into its order.
      this.#lanes.isTaken({ accountId, destinationId: to, lane });
      this.#sql.move.run(to, this.#db.now(), id);
    }
    this.#orderLanes(
      tx,
      rows.map((row) => ({ ...row, destination_id: to, laned: laneNumber.inside })),
    );
    if (rows.length === 0) return 0;
    const detail = { handedOver: rows.length };
    this.#recordChange(accountId, actor, 'delivery.handed_over', `destination/${to}`, detail);
    tx.signal({ kind: 'deliveries', accountId, destinationId: to });
    return rows.length;
  }

  hasten(tx: Transaction, accountId: AccountId, destinationId: number, limit: number): number {
    const changed = this.#sql.hasten.run(this.#db.now(), accountId, destinationId, limit);
    if (changed > 0) tx.signal({ kind: 'deliveries', accountId, destinationId });
    return changed;
  }

  hastenDeliveries(
    tx: Transaction,
    accountId: AccountId,
    deliveryIds: readonly number[],
    actor: Actor,
  ): number {
    const hastened = this.#findOpen(accountId, deliveryIds).filter(
      ({ id }) => this.#sql.hastenOne.run(this.#db.now(), id, accountId) > 0,
    );
    for (const destinationId of new Set(hastened.map((row) => row.destination_id)))
      tx.signal({ kind: 'deliveries', accountId, destinationId });
    const detail = { hastened: hastened.length };
    if (hastened.length > 0) this.#recordChange(accountId, actor, 'delivery.hastened', 'deliveries', detail);
    return hastened.length;
  }

  #findOpen(accountId: AccountId, deliveryIds: readonly number[]): Place[] {
    return deliveryIds.map((id) => this.#sql.openById.get(id, accountId)).filter((row) => row !== undefined);
  }

  /** These, and all others of their lanes. */
  #withLanes(accountId: AccountId, wanted: readonly Place[]): Place[] {
    const rows = new Map(wanted.map((row) => [row.id, row]));
    for (const row of wanted.filter(({ laned }) => laned === laneNumber.inside))
      for (const other of this.#sql.laneOf.all(accountId, row.destination_id, row.lane))
        rows.set(other.id, other);
    return [...rows.values()];
  }

  /** Orders the lane of each of these, once. */
  #orderLanes(tx: Transaction, rows: readonly Place[]): void {
    const laned = rows.filter((row) => row.laned === laneNumber.inside);
    for (const row of new Map(laned.map((one) => [`${one.destination_id}/${one.lane}`, one])).values())
      this.#orderLane(tx, row);
  }

  /** The first of a lane goes, unless settings do not want it; the others stand behind it. */
  #orderLane(tx: Transaction, { account_id: accountId, destination_id: to, lane }: Place): void {
    const [first, ...others] = this.#sql.laneOf.all(accountId, to, lane);
    for (const { id, state } of others) if (state === stateNumber.waiting) this.#sql.stand.run(id);
    if (first === undefined || first.state === stateNumber.waiting) return;
    if (this.#sql.isUnwanted.get(accountId, first.id) !== undefined) return;
    this.#sql.go.run(this.#db.now(), first.id);
    tx.signal({ kind: 'deliveries', accountId, destinationId: to });
  }
}

export function backlogVerbs(db: Connection, backlog: BacklogTables): Backlog {
  return {
    listBacklog: (accountId, filter, page) => db.read(() => backlog.list(accountId, filter, page)),
    findUnwanted: (limit) => db.read(() => backlog.findUnwanted(limit)),
    setAside: (accountId, items) => db.write(() => backlog.setAside(accountId, items)),
    takeUp: (accountId, deliveryIds) => db.write((tx) => backlog.takeUp(tx, accountId, deliveryIds)),
    giveUpDeliveries: (accountId, deliveryIds, actor) =>
      db.write((tx) => backlog.giveUp(tx, accountId, deliveryIds, actor)),
    handOver: (accountId, deliveryIds, to, actor) =>
      db.write((tx) => backlog.handOver(tx, accountId, deliveryIds, to, actor)),
    hastenDeliveries: (accountId, deliveryIds, actor) =>
      db.write((tx) => backlog.hastenDeliveries(tx, accountId, deliveryIds, actor)),
    hasten: (accountId, destinationId, limit) =>
      db.write((tx) => backlog.hasten(tx, accountId, destinationId, limit)),
  };
}
