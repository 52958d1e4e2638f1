// What waits for destinations as a whole.
import { toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';
import { backlogColumns, toBacklogPage } from './rows.ts';
import type { BacklogRow, UnwantedRow } from './rows.ts';
import { stateNumber, toAfter } from '../deliveries/rows.ts';
import { maxWalked } from '../rows/paging.ts';
import type { Backlog } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

interface Place {
  readonly id: number;
  readonly account_id: number;
  readonly destination_id: number;
  readonly lane: number;
  readonly laned: number;
  readonly state: number;
}

export function backlogVerbs(db: Connection, recordChange: Recorder): Backlog {
  const places = 'id, account_id, destination_id, lane, laned, state';
  const open = db.prepare<BacklogRow>(
    `SELECT ${backlogColumns} FROM delivery d JOIN receipt r ON r.id = d.id
       LEFT JOIN unwanted u ON u.account_id = d.account_id AND u.delivery_id = d.id AND d.state = 1
     WHERE d.account_id = ?1 AND d.id > ?2 AND d.state <= 1 AND d.id >= ?3 AND (?4 IS NULL OR d.id < ?4) ORDER BY d.id LIMIT ${maxWalked}`,
  );
  const unwanted = db.prepare<BacklogRow>(
    `SELECT ${backlogColumns} FROM unwanted u JOIN delivery d ON d.id = u.delivery_id AND d.state = 1 JOIN receipt r ON r.id = d.id
     WHERE u.account_id = ?1 AND u.delivery_id > ?2 AND u.delivery_id >= ?3 AND (?4 IS NULL OR u.delivery_id < ?4)
     ORDER BY u.delivery_id LIMIT ${maxWalked}`,
  );
  const nextUnwanted = db.prepare<UnwantedRow>(
    `SELECT account_id, channel_id, sender_id, kind FROM unwanted WHERE (account_id, channel_id, sender_id, kind) > (?, ?, ?, ?)
     ORDER BY account_id, channel_id, sender_id, kind LIMIT 1`,
  );
  const openById = db.prepare<Place>(
    `SELECT ${places} FROM delivery WHERE id = ? AND account_id = ? AND state <= 1`,
  );
  const stand = db.prepare('UPDATE delivery SET state = 1 WHERE id = ? AND state = 0');
  const go = db.prepare('UPDATE delivery SET state = 0, due_at = max(due_at, ?) WHERE id = ? AND state = 1');
  const end = db.prepare(
    'UPDATE delivery SET state = 3, due_at = ?, cause = NULL, batch = NULL WHERE id = ?',
  );
  const note = db.prepare(
    'INSERT INTO unwanted (account_id, delivery_id, channel_id, sender_id, kind, since) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const forget = db.prepare('DELETE FROM unwanted WHERE account_id = ? AND delivery_id = ?');
  const isUnwanted = db.prepare('SELECT 1 FROM unwanted WHERE account_id = ? AND delivery_id = ?');
  const laneOf = db.prepare<Place>(
    `SELECT ${places} FROM delivery WHERE account_id = ? AND destination_id = ? AND lane = ? AND state <= 1 AND laned = 1 ORDER BY place`,
  );
  const destinationThere = db.prepare('SELECT 1 FROM destination WHERE account_id = ? AND id = ?');
  const move = db.prepare(
    `UPDATE delivery SET destination_id = ?, due_at = ?, round_start = attempts, batch = NULL,
       cause = CASE WHEN state = 0 THEN coalesce(cause, 'replay') ELSE cause END WHERE id = ?`,
  );
  const hasten = db.prepare(
    `UPDATE delivery SET due_at = ?1, round_start = attempts WHERE id IN
       (SELECT id FROM delivery WHERE account_id = ?2 AND destination_id = ?3 AND state = 0 AND due_at > ?1 ORDER BY due_at LIMIT ?4)`,
  );

  /** The first of a lane goes, unless settings do not want it; the others stand behind it. */
  function orderLane(tx: Transaction, { account_id: accountId, destination_id: to, lane }: Place): void {
    const [first, ...others] = laneOf.all(accountId, to, lane);
    for (const { id, state } of others) if (state === stateNumber.waiting) stand.run(id);
    if (first === undefined || first.state === stateNumber.waiting) return;
    if (isUnwanted.get(accountId, first.id) !== undefined) return;
    go.run(db.now(), first.id);
    tx.signal({ kind: 'deliveries', accountId, destinationId: to });
  }

  /** Each lane of these once. */
  function orderLanes(tx: Transaction, rows: readonly Place[]): void {
    const laned = rows.filter((row) => row.laned === 1);
    for (const row of new Map(laned.map((one) => [`${one.destination_id}/${one.lane}`, one])).values())
      orderLane(tx, row);
  }

  const findOpen = (accountId: AccountId, deliveryIds: readonly number[]): Place[] =>
    deliveryIds.map((id) => openById.get(id, accountId)).filter((row) => row !== undefined);

  return {
    listBacklog: (accountId, filter, page) =>
      db.read(() => {
        const statement = filter.isUnwanted === true ? unwanted : open;
        const rows = statement.all(accountId, toAfter(page), toSinceId(filter), toUntilId(filter));
        return toBacklogPage(rows, filter, page);
      }),
    findUnwanted: (limit) =>
      db.read(() => {
        const found: UnwantedRow[] = [];
        for (let row = nextUnwanted.get(0, '', '', ''); row !== undefined && found.length < limit;) {
          found.push(row);
          row = nextUnwanted.get(row.account_id, row.channel_id, row.sender_id, row.kind);
        }
        return found.map((row) => ({
          accountId: row.account_id,
          subscribed: { channelId: row.channel_id, senderId: row.sender_id || null, kind: row.kind },
        }));
      }),
    setAside: (accountId, items) =>
      db.write(() => {
        const now = db.now();
        const openIds = new Set(
          findOpen(
            accountId,
            items.map(({ deliveryId }) => deliveryId),
          ).map(({ id }) => id),
        );
        const there = items.filter(({ deliveryId }) => openIds.has(deliveryId));
        for (const { deliveryId, channelId, senderId, kind } of there) {
          stand.run(deliveryId);
          note.run(accountId, deliveryId, channelId, senderId ?? '', kind, now);
        }
        return there.length;
      }),
    takeUp: (accountId, deliveryIds) =>
      db.write((tx) => {
        const rows = findOpen(accountId, deliveryIds);
        for (const id of deliveryIds) forget.run(accountId, id);
        for (const { id, laned, destination_id: destinationId } of rows) {
          if (laned === 1 || go.run(db.now(), id) === 0) continue;
          tx.signal({ kind: 'deliveries', accountId, destinationId });
        }
        orderLanes(tx, rows);
        return rows.length;
      }),
    giveUpDeliveries: (accountId, deliveryIds, actor) =>
      db.write((tx) => {
        const rows = findOpen(accountId, deliveryIds);
        for (const { id } of rows) {
          end.run(db.now(), id);
          forget.run(accountId, id);
        }
        orderLanes(tx, rows);
        if (rows.length > 0)
          recordChange(accountId, actor, 'delivery.given_up', 'deliveries', { givenUp: rows.length });
        return rows.length;
      }),
    handOver: (accountId, deliveryIds, to, actor) =>
      db.write((tx) => {
        if (destinationThere.get(accountId, to) === undefined)
          throw new GatewayError('not_found', 'There is no such destination.');
        const wanted = findOpen(accountId, deliveryIds).filter((row) => row.destination_id !== to);
        const rows = new Map(wanted.map((row) => [row.id, row]));
        for (const row of wanted.filter(({ laned }) => laned === 1))
          for (const other of laneOf.all(accountId, row.destination_id, row.lane)) rows.set(other.id, other);
        for (const { id } of rows.values()) move.run(to, db.now(), id);
        orderLanes(
          tx,
          [...rows.values()].map((row) => ({ ...row, destination_id: to })),
        );
        if (rows.size === 0) return 0;
        recordChange(accountId, actor, 'delivery.handed_over', `destination/${to}`, {
          handedOver: rows.size,
        });
        tx.signal({ kind: 'deliveries', accountId, destinationId: to });
        return rows.size;
      }),
    hasten: (accountId, destinationId, limit) =>
      db.write((tx) => {
        const changed = hasten.run(db.now(), accountId, destinationId, limit);
        if (changed > 0) tx.signal({ kind: 'deliveries', accountId, destinationId });
        return changed;
      }),
  };
}
