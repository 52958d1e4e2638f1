// What waits for destinations as a whole. Whoever changes a lane holds it until the commit.
import { toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';
import { backlogColumns, toBacklogPage } from './rows.ts';
import type { BacklogRow, UnwantedRow } from './rows.ts';
import { toAfter } from '../deliveries/rows.ts';
import { maxWalked } from '../rows/paging.ts';
import type { Backlog, BacklogFilter, BacklogItem, Page, PageRequest } from '../store.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

interface Place {
  readonly id: number;
  readonly destination_id: number;
  readonly lane: number;
  readonly laned: number;
}

/** From after a delivery on, in a range of ids. */
const range = 'AND d.id > $2::bigint AND d.id >= $3::bigint AND ($4::bigint IS NULL OR d.id < $4)';
const joined = `CROSS JOIN LATERAL (SELECT o.* FROM receipt o WHERE o.account_id = $1 AND o.id = d.id OFFSET 0) r`;
/** What is not over, oldest first, with its receipt. */
const listOpen = `SELECT ${backlogColumns} FROM
    (SELECT d.id, d.destination_id, d.state FROM delivery d WHERE d.account_id = $1 AND d.state <= 1 ${range} ORDER BY d.id LIMIT ${maxWalked}) d ${joined}
  LEFT JOIN unwanted u ON u.account_id = $1 AND u.delivery_id = d.id AND d.state = 1 ORDER BY d.id`;
/** What is not wanted, oldest first, with its receipt. */
const listUnwanted = `SELECT ${backlogColumns} FROM
    (SELECT d.delivery_id AS id, d.since FROM (SELECT delivery_id AS id, * FROM unwanted WHERE account_id = $1) d
     WHERE true ${range} ORDER BY d.delivery_id LIMIT ${maxWalked}) u
  JOIN LATERAL (SELECT o.id, o.destination_id FROM delivery o WHERE o.account_id = $1 AND o.id = u.id AND o.state = 1 OFFSET 0) d ON true
  ${joined} ORDER BY d.id`;
/** What settings choose the next unwanted deliveries by: one step over an index, however many there are of each. */
const nextUnwanted = `SELECT account_id, channel_id, sender_id, kind FROM unwanted
  WHERE (account_id, channel_id, sender_id, kind) > ($1, $2, $3, $4) ORDER BY account_id, channel_id, sender_id, kind LIMIT 1`;

/** Deliveries that are not over; and the same, which nobody else changes until the commit. */
const openOf = `SELECT id, destination_id, lane, laned FROM delivery WHERE account_id = $1 AND id = ANY ($2) AND state <= 1 ORDER BY id`;
const lockOpen = `${openOf} FOR UPDATE`;

/** All that is not over of some lanes. */
const openOfLanes = `SELECT d.id, d.destination_id, d.lane, d.laned FROM
    (SELECT DISTINCT destination, lane FROM unnest($2::bigint[], $3::bigint[]) t(destination, lane)) l
  JOIN delivery d ON d.account_id = $1 AND d.destination_id = l.destination AND d.lane = l.lane AND d.state <= 1 AND d.laned = 1`;

const blockWaiting = 'UPDATE delivery SET state = 1 WHERE account_id = $1 AND id = ANY ($2) AND state = 0';

/** Notes what is not wanted since when, and what settings choose it by. */
const insertUnwanted = `INSERT INTO unwanted (account_id, delivery_id, channel_id, sender_id, kind, since)
    SELECT $1, id, channel, sender, kind, $2::bigint FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) t(id, channel, sender, kind)
  ON CONFLICT DO NOTHING`;

const deleteUnwanted = 'DELETE FROM unwanted WHERE account_id = $1 AND delivery_id = ANY ($2)';

/** Lets what stands in no lane go on, due when it was, or now if that is over. */
const unblock =
  'UPDATE delivery SET state = 0, due_at = greatest(due_at, $3) WHERE account_id = $1 AND id = ANY ($2) AND state = 1';

const endAsDead =
  'UPDATE delivery SET state = 3, due_at = $3, cause = NULL, batch = NULL WHERE account_id = $1 AND id = ANY ($2)';

/** Gives deliveries to another destination, due at once and by a schedule that begins anew. */
const moveTo = `UPDATE delivery SET destination_id = $3, due_at = $4, round_start = attempts, batch = NULL,
    cause = CASE WHEN state = 0 THEN coalesce(cause, 'replay') ELSE cause END
  WHERE account_id = $1 AND id = ANY ($2) AND state <= 1`;

/** Makes what waits for a destination and falls due first due now, by a schedule that begins anew. */
const makeDue = `UPDATE delivery SET due_at = $1, round_start = attempts WHERE account_id = $2 AND id = ANY
  (ARRAY(SELECT id FROM delivery WHERE account_id = $2 AND destination_id = $3 AND state = 0 AND due_at > $1 ORDER BY due_at LIMIT $4))`;

/** The same of named deliveries; tells their destinations. */
const makeTheseDue = `UPDATE delivery SET due_at = $1, round_start = attempts
  WHERE account_id = $2 AND id = ANY ($3) AND state = 0 AND due_at > $1 RETURNING destination_id`;

/** The destination stays until the commit. */
const shareDestination = 'SELECT id FROM destination WHERE account_id = $1 AND id = $2 FOR SHARE';

/** What is done with deliveries that wait, as a whole. */
export class BacklogTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;

  constructor(db: Connection, recordChange: Recorder) {
    this.#db = db;
    this.#recordChange = recordChange;
  }

  async list(accountId: AccountId, filter: BacklogFilter, page: PageRequest): Promise<Page<BacklogItem>> {
    const sql = filter.isUnwanted === true ? listUnwanted : listOpen;
    const values = [accountId, toAfter(page), toSinceId(filter), toUntilId(filter)];
    const rows = await this.#db.all<BacklogRow & Record<string, unknown>>(sql, values);
    return toBacklogPage(rows, filter, page);
  }

  async findUnwanted(limit: number): ReturnType<Backlog['findUnwanted']> {
    const found: UnwantedRow[] = [];
    let row: UnwantedRow | undefined = {
      account_id: 0,
      channel_id: '',
      sender_id: '',
      kind: 'ChatAppAudit',
    };
    while (found.length < limit) {
      const after: (string | number)[] = [row.account_id, row.channel_id, row.sender_id, row.kind];
      row = await this.#db.get<UnwantedRow & Record<string, unknown>>(nextUnwanted, after);
      if (row === undefined) break;
      found.push(row);
    }
    return found.map((one) => ({
      accountId: one.account_id,
      subscribed: { channelId: one.channel_id, senderId: one.sender_id || null, kind: one.kind },
    }));
  }

  async setAside(tx: Transaction, accountId: AccountId, items: readonly BacklogItem[]): Promise<number> {
    const ids = items.map(({ deliveryId }) => deliveryId);
    const isOpen = new Set((await hold(tx, accountId, ids)).map(({ id }) => id));
    const there = items.filter(({ deliveryId }) => isOpen.has(deliveryId));
    if (there.length === 0) return 0;
    const heldIds = there.map(({ deliveryId }) => deliveryId);
    await tx.run(blockWaiting, [accountId, heldIds]);
    await tx.run(insertUnwanted, [
      accountId,
      this.#db.now(),
      heldIds,
      there.map(({ channelId }) => channelId),
      there.map(({ senderId }) => senderId ?? ''),
      there.map(({ kind }) => kind),
    ]);
    return there.length;
  }

  async takeUp(tx: Transaction, accountId: AccountId, deliveryIds: readonly number[]): Promise<number> {
    const rows = await hold(tx, accountId, deliveryIds);
    await tx.run(deleteUnwanted, [accountId, [...deliveryIds]]);
    const lone = rows.filter(({ laned }) => laned === 0);
    await tx.run(unblock, [accountId, lone.map(({ id }) => id), this.#db.now()]);
    for (const destinationId of new Set(lone.map((row) => row.destination_id)))
      tx.signal({ kind: 'deliveries', accountId, destinationId });
    await this.#orderLanes(tx, accountId, rows);
    return rows.length;
  }

  async giveUp(
    tx: Transaction,
    accountId: AccountId,
    deliveryIds: readonly number[],
    actor: Actor,
  ): Promise<number> {
    const rows = await hold(tx, accountId, deliveryIds);
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    await tx.run(endAsDead, [accountId, ids, this.#db.now()]);
    await tx.run(deleteUnwanted, [accountId, ids]);
    await this.#orderLanes(tx, accountId, rows);
    // Nodes forget what they have read ahead.
    tx.signal({ kind: 'directory', accountId });
    const detail = { givenUp: rows.length };
    await this.#recordChange(tx, accountId, actor, 'delivery.given_up', 'deliveries', detail);
    return rows.length;
  }

  async handOver(
    tx: Transaction,
    accountId: AccountId,
    deliveryIds: readonly number[],
    to: number,
    actor: Actor,
  ): Promise<number> {
    // Lanes before the destination, as a replay takes them.
    const held = await hold(tx, accountId, deliveryIds);
    if ((await tx.get(shareDestination, [accountId, to])) === undefined)
      throw new GatewayError('not_found', 'There is no such destination.');
    const wanted = held.filter((row) => row.destination_id !== to);
    if (wanted.length === 0) return 0;
    const rows = await withLanes(tx, accountId, wanted);
    await tx.run(moveTo, [accountId, rows.map(({ id }) => id), to, this.#db.now()]);
    const moved = rows.map((row) => ({ ...row, destination_id: to }));
    await this.#orderLanes(tx, accountId, moved);
    const detail = { handedOver: rows.length };
    await this.#recordChange(tx, accountId, actor, 'delivery.handed_over', `destination/${to}`, detail);
    tx.signal({ kind: 'directory', accountId });
    tx.signal({ kind: 'deliveries', accountId, destinationId: to });
    return rows.length;
  }

  async hasten(tx: Transaction, accountId: AccountId, destinationId: number, limit: number): Promise<number> {
    const changed = await tx.run(makeDue, [this.#db.now(), accountId, destinationId, limit]);
    if (changed > 0) tx.signal({ kind: 'deliveries', accountId, destinationId });
    return changed;
  }

  async hastenDeliveries(
    tx: Transaction,
    accountId: AccountId,
    deliveryIds: readonly number[],
    actor: Actor,
  ): Promise<number> {
    await hold(tx, accountId, deliveryIds);
    const values = [this.#db.now(), accountId, [...deliveryIds]];
    const rows = await tx.all<{ destination_id: number }>(makeTheseDue, values);
    for (const destinationId of new Set(rows.map((row) => row.destination_id)))
      tx.signal({ kind: 'deliveries', accountId, destinationId });
    const detail = { hastened: rows.length };
    if (rows.length > 0)
      await this.#recordChange(tx, accountId, actor, 'delivery.hastened', 'deliveries', detail);
    return rows.length;
  }

  /** Lets the first of each lane go, and no other. The lanes have to be held. */
  async #orderLanes(tx: Transaction, accountId: AccountId, rows: readonly Place[]): Promise<void> {
    const laned = rows.filter((row) => row.laned === 1);
    if (laned.length === 0) return;
    const answer = await tx.get<{ freed: number[] }>('SELECT order_lanes($1, $2, $3, $4) AS freed', [
      accountId,
      this.#db.now(),
      laned.map((row) => row.destination_id),
      laned.map(({ lane }) => lane),
    ]);
    for (const destinationId of new Set(answer?.freed))
      tx.signal({ kind: 'deliveries', accountId, destinationId });
  }
}

export function backlogVerbs(db: Connection, backlog: BacklogTables): Backlog {
  return {
    listBacklog: (accountId, filter, page) => backlog.list(accountId, filter, page),
    findUnwanted: (limit) => backlog.findUnwanted(limit),
    setAside: (accountId, items) => db.tx((tx) => backlog.setAside(tx, accountId, items)),
    takeUp: (accountId, deliveryIds) => db.tx((tx) => backlog.takeUp(tx, accountId, deliveryIds)),
    giveUpDeliveries: (accountId, deliveryIds, actor) =>
      db.tx((tx) => backlog.giveUp(tx, accountId, deliveryIds, actor)),
    handOver: (accountId, deliveryIds, to, actor) =>
      db.tx((tx) => backlog.handOver(tx, accountId, deliveryIds, to, actor)),
    hastenDeliveries: (accountId, deliveryIds, actor) =>
      db.tx((tx) => backlog.hastenDeliveries(tx, accountId, deliveryIds, actor)),
    hasten: (accountId, destinationId, limit) =>
      db.tx((tx) => backlog.hasten(tx, accountId, destinationId, limit)),
  };
}

/** Those that are not over, their lanes held, and the rows after them. */
async function hold(
  tx: Transaction,
  accountId: AccountId,
  deliveryIds: readonly number[],
): Promise<readonly Place[]> {
  const rows = await tx.all<Place>(openOf, [accountId, [...deliveryIds]]);
  await tx.get('SELECT hold_lanes($1, $2)', [accountId, rows.map(({ lane }) => lane)]);
  return tx.all<Place>(lockOpen, [accountId, rows.map(({ id }) => id)]);
}

/** Deliveries with all that is not over of the lanes that they stand in. */
async function withLanes(
  tx: Transaction,
  accountId: AccountId,
  rows: readonly Place[],
): Promise<readonly Place[]> {
  const laned = rows.filter((row) => row.laned === 1);
  const lanes = [laned.map((row) => row.destination_id), laned.map(({ lane }) => lane)];
  const others = await tx.all<Place>(openOfLanes, [accountId, ...lanes]);
  return [...new Map([...rows, ...others].map((row) => [row.id, row])).values()];
}
