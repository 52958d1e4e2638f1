// What waits for destinations as a whole. Whoever changes a lane holds it until the commit.
import { toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import { GatewayError } from '../../domain/errors.ts';
import { backlogColumns, toBacklogPage } from './rows.ts';
import type { BacklogRow, UnwantedRow } from './rows.ts';
import { toAfter } from '../deliveries/rows.ts';
import { maxWalked } from '../rows/paging.ts';
import type { Backlog } from '../store.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

interface Place {
  readonly id: number;
  readonly destination_id: number;
  readonly lane: number;
  readonly laned: number;
}

const range = 'AND d.id > $2::bigint AND d.id >= $3::bigint AND ($4::bigint IS NULL OR d.id < $4)';
const joined = `CROSS JOIN LATERAL (SELECT o.* FROM receipt o WHERE o.account_id = $1 AND o.id = d.id OFFSET 0) r`;
const listOpen = `SELECT ${backlogColumns} FROM
    (SELECT d.id, d.destination_id, d.state FROM delivery d WHERE d.account_id = $1 AND d.state <= 1 ${range} ORDER BY d.id LIMIT ${maxWalked}) d ${joined}
  LEFT JOIN unwanted u ON u.account_id = $1 AND u.delivery_id = d.id AND d.state = 1 ORDER BY d.id`;
const listUnwanted = `SELECT ${backlogColumns} FROM
    (SELECT d.delivery_id AS id, d.since FROM (SELECT delivery_id AS id, * FROM unwanted WHERE account_id = $1) d
     WHERE true ${range} ORDER BY d.delivery_id LIMIT ${maxWalked}) u
  JOIN LATERAL (SELECT o.id, o.destination_id FROM delivery o WHERE o.account_id = $1 AND o.id = u.id AND o.state = 1 OFFSET 0) d ON true
  ${joined} ORDER BY d.id`;
const nextUnwanted = `SELECT account_id, channel_id, sender_id, kind FROM unwanted
  WHERE (account_id, channel_id, sender_id, kind) > ($1, $2, $3, $4) ORDER BY account_id, channel_id, sender_id, kind LIMIT 1`;

export function backlogVerbs(db: Connection, recordChange: Recorder): Backlog {
  /** Those that are not over, their lanes held. */
  async function hold(
    tx: Transaction,
    accountId: AccountId,
    deliveryIds: readonly number[],
  ): Promise<Place[]> {
    const read = `SELECT id, destination_id, lane, laned FROM delivery WHERE account_id = $1 AND id = ANY ($2) AND state <= 1 ORDER BY id`;
    const rows = await tx.all<Place>(read, [accountId, [...deliveryIds]]);
    await tx.get('SELECT hold_lanes($1, $2)', [accountId, rows.map(({ lane }) => lane)]);
    return tx.all<Place>(`${read} FOR UPDATE`, [accountId, rows.map(({ id }) => id)]);
  }

  async function orderLanes(tx: Transaction, accountId: AccountId, rows: readonly Place[]): Promise<void> {
    const laned = rows.filter((row) => row.laned === 1);
    if (laned.length === 0) return;
    const answer = await tx.get<{ freed: number[] }>('SELECT order_lanes($1, $2, $3, $4) AS freed', [
      accountId,
      db.now(),
      laned.map((row) => row.destination_id),
      laned.map(({ lane }) => lane),
    ]);
    for (const destinationId of new Set(answer?.freed))
      tx.signal({ kind: 'deliveries', accountId, destinationId });
  }

  const forget = (tx: Transaction, accountId: AccountId, deliveryIds: readonly number[]): Promise<number> =>
    tx.run('DELETE FROM unwanted WHERE account_id = $1 AND delivery_id = ANY ($2)', [
      accountId,
      [...deliveryIds],
    ]);

  return {
    listBacklog: async (accountId, filter, page) => {
      const sql = filter.isUnwanted === true ? listUnwanted : listOpen;
      const rows = await db.all<BacklogRow & Record<string, unknown>>(sql, [
        accountId,
        toAfter(page),
        toSinceId(filter),
        toUntilId(filter),
      ]);
      return toBacklogPage(rows, filter, page);
    },
    findUnwanted: async (limit) => {
      const found: UnwantedRow[] = [];
      let row: UnwantedRow | undefined = {
        account_id: 0,
        channel_id: '',
        sender_id: '',
        kind: 'ChatAppAudit',
      };
      while (found.length < limit) {
        row = await db.get<UnwantedRow & Record<string, unknown>>(nextUnwanted, [
          row.account_id,
          row.channel_id,
          row.sender_id,
          row.kind,
        ]);
        if (row === undefined) break;
        found.push(row);
      }
      return found.map((one) => ({
        accountId: one.account_id,
        subscribed: { channelId: one.channel_id, senderId: one.sender_id || null, kind: one.kind },
      }));
    },
    setAside: (accountId, items) =>
      db.tx(async (tx) => {
        const rows = await hold(
          tx,
          accountId,
          items.map(({ deliveryId }) => deliveryId),
        );
        const isOpen = new Set(rows.map(({ id }) => id));
        const there = items.filter(({ deliveryId }) => isOpen.has(deliveryId));
        if (there.length === 0) return 0;
        await tx.run('UPDATE delivery SET state = 1 WHERE account_id = $1 AND id = ANY ($2) AND state = 0', [
          accountId,
          there.map(({ deliveryId }) => deliveryId),
        ]);
        await tx.run(
          `INSERT INTO unwanted (account_id, delivery_id, channel_id, sender_id, kind, since)
           SELECT $1, id, channel, sender, kind, $2::bigint FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) t(id, channel, sender, kind)
           ON CONFLICT DO NOTHING`,
          [
            accountId,
            db.now(),
            there.map(({ deliveryId }) => deliveryId),
            there.map(({ channelId }) => channelId),
            there.map(({ senderId }) => senderId ?? ''),
            there.map(({ kind }) => kind),
          ],
        );
        return there.length;
      }),
    takeUp: (accountId, deliveryIds) =>
      db.tx(async (tx) => {
        const rows = await hold(tx, accountId, deliveryIds);
        await forget(tx, accountId, deliveryIds);
        const lone = rows.filter(({ laned }) => laned === 0);
        await tx.run(
          'UPDATE delivery SET state = 0, due_at = greatest(due_at, $3) WHERE account_id = $1 AND id = ANY ($2) AND state = 1',
          [accountId, lone.map(({ id }) => id), db.now()],
        );
        for (const destinationId of new Set(lone.map((row) => row.destination_id)))
          tx.signal({ kind: 'deliveries', accountId, destinationId });
        await orderLanes(tx, accountId, rows);
        return rows.length;
      }),
    giveUpDeliveries: (accountId, deliveryIds, actor) =>
      db.tx(async (tx) => {
        const rows = await hold(tx, accountId, deliveryIds);
        if (rows.length === 0) return 0;
        const ids = rows.map(({ id }) => id);
        await tx.run(
          'UPDATE delivery SET state = 3, due_at = $3, cause = NULL, batch = NULL WHERE account_id = $1 AND id = ANY ($2)',
          [accountId, ids, db.now()],
        );
        await forget(tx, accountId, ids);
        await orderLanes(tx, accountId, rows);
        // Nodes forget what they have read ahead.
        tx.signal({ kind: 'directory', accountId });
        await recordChange(tx, accountId, actor, 'delivery.given_up', 'deliveries', { givenUp: rows.length });
        return rows.length;
      }),
    handOver: (accountId, deliveryIds, to, actor) =>
      db.tx(async (tx) => {
        // Lanes before the destination, as a replay takes them.
        const held = await hold(tx, accountId, deliveryIds);
        const there = 'SELECT id FROM destination WHERE account_id = $1 AND id = $2 FOR SHARE';
        if ((await tx.get(there, [accountId, to])) === undefined)
          throw new GatewayError('not_found', 'There is no such destination.');
        const wanted = held.filter((row) => row.destination_id !== to);
        if (wanted.length === 0) return 0;
        const laned = wanted.filter((row) => row.laned === 1);
        const others = await tx.all<Place>(
          `SELECT d.id, d.destination_id, d.lane, d.laned FROM
             (SELECT DISTINCT destination, lane FROM unnest($2::bigint[], $3::bigint[]) t(destination, lane)) l
           JOIN delivery d ON d.account_id = $1 AND d.destination_id = l.destination AND d.lane = l.lane AND d.state <= 1 AND d.laned = 1`,
          [accountId, laned.map((row) => row.destination_id), laned.map(({ lane }) => lane)],
        );
        const rows = [...new Map([...wanted, ...others].map((row) => [row.id, row])).values()];
        await tx.run(
          `UPDATE delivery SET destination_id = $3, due_at = $4, round_start = attempts, batch = NULL,
             cause = CASE WHEN state = 0 THEN coalesce(cause, 'replay') ELSE cause END
           WHERE account_id = $1 AND id = ANY ($2) AND state <= 1`,
          [accountId, rows.map(({ id }) => id), to, db.now()],
        );
        await orderLanes(
          tx,
          accountId,
          rows.map((row) => ({ ...row, destination_id: to })),
        );
        await recordChange(tx, accountId, actor, 'delivery.handed_over', `destination/${to}`, {
          handedOver: rows.length,
        });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'deliveries', accountId, destinationId: to });
        return rows.length;
      }),
    hasten: (accountId, destinationId, limit) =>
      db.tx(async (tx) => {
        const changed = await tx.run(
          `UPDATE delivery SET due_at = $1, round_start = attempts WHERE account_id = $2 AND id = ANY
             (ARRAY(SELECT id FROM delivery WHERE account_id = $2 AND destination_id = $3 AND state = 0 AND due_at > $1 ORDER BY due_at LIMIT $4))`,
          [db.now(), accountId, destinationId, limit],
        );
        if (changed > 0) tx.signal({ kind: 'deliveries', accountId, destinationId });
        return changed;
      }),
  };
}
