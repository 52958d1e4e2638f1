import { maxId, toFirstId, toIdTime } from '../../domain/ids.ts';
import { broughtRows, fileTables, maxAheadMs, maxOld, readMark, toTime } from './rows.ts';
import type { Aging, OldRows, SweepMark } from '../store.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';

const tables = [
  ['raw_events', 'raw_event'],
  ['receipts', 'receipt'],
  ['messages', 'outbound'],
] as const;

/** Counts rows of all accounts, each by its own part of the index, up to a bound. */
function toCount(table: string, condition: string): string {
  return `SELECT count(*) AS n FROM (SELECT 1 FROM account a, LATERAL
    (SELECT 1 FROM ${table} r WHERE r.account_id = a.id AND r.id ${condition} $1 LIMIT $2) o LIMIT $2) c`;
}

/** Counts what is ready in queues of all accounts by when it came to each, up to a bound. */
const ofQueues = (condition: string) =>
  `SELECT count(*) AS n FROM (SELECT 1 FROM queue q, LATERAL
    (SELECT 1 FROM message m WHERE m.account_id = q.account_id AND m.queue_id = q.id AND m.state = 0 AND m.enqueued_at ${condition}
       $1 - q.retention_ms LIMIT $2) o LIMIT $2) c`;

/** Counts files of all accounts, up to a bound. */
const ofFiles = (kind: keyof typeof fileTables, condition: string) =>
  `SELECT count(*) AS n FROM (SELECT 1 FROM ${fileTables[kind]} created_at ${condition} $1 LIMIT $2) c`;

/**
 * Brings deliveries forward that are due further ahead than anything is. This and the two below walk over what can have something due,
 * and look at the end of its list.
 */
const farDeliveries = `UPDATE delivery u SET due_at = $1 FROM
   (SELECT f.account_id, f.id FROM destination t, LATERAL
      (SELECT d.account_id, d.id FROM delivery d WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0 AND d.due_at > $2
       LIMIT ${broughtRows}) f LIMIT ${broughtRows}) far
 WHERE u.account_id = far.account_id AND u.id = far.id AND u.state = 0 AND u.due_at > $2 RETURNING u.account_id, u.destination_id`;

/** Brings messages of the business forward, as deliveries are. */
const farOutbound = `UPDATE outbound u SET due_at = $1 FROM
   (SELECT f.account_id, f.id FROM sender s, LATERAL
      (SELECT o.account_id, o.id FROM outbound o WHERE o.account_id = s.account_id AND o.channel_id = s.channel_id AND o.sender_id = s.id
         AND o.due_at IS NOT NULL AND o.state <> 1 AND o.due_at > $2 LIMIT ${broughtRows}) f LIMIT ${broughtRows}) far
 WHERE u.account_id = far.account_id AND u.id = far.id AND u.due_at > $2 RETURNING u.account_id, u.channel_id, u.sender_id`;

/** Brings messages of queues forward that are delayed or held, as deliveries are. */
const farMessages = `UPDATE message u SET visible_at = $1 FROM
   (SELECT f.account_id, f.id FROM queue q, LATERAL
      (SELECT m.account_id, m.id FROM message m WHERE m.account_id = q.account_id AND m.queue_id = q.id AND m.state = 1 AND m.visible_at > $2
       LIMIT ${broughtRows}) f LIMIT ${broughtRows}) far
 WHERE u.account_id = far.account_id AND u.id = far.id AND u.state = 1 AND u.visible_at > $2 RETURNING u.account_id, u.queue_id`;

const farMedia = "UPDATE media SET due_at = $1 WHERE state = 'pending' AND due_at > $2";
const farReviews = `UPDATE template SET review_at = $1, lease_ends_at = CASE WHEN lease_ends_at > $1 THEN $1 ELSE lease_ends_at END
 WHERE review_at > $2`;

/** The newest receipt or message of all accounts. */
const newestId = `SELECT max(o.id) AS id FROM account a, LATERAL (
    (SELECT id FROM receipt WHERE account_id = a.id AND id < ${maxId} ORDER BY id DESC LIMIT 1)
    UNION ALL (SELECT id FROM outbound WHERE account_id = a.id AND id < ${maxId} ORDER BY id DESC LIMIT 1)) o`;

async function bringForward(tx: Transaction, now: number): Promise<number> {
  const values = [now, now + maxAheadMs];
  const deliveries = await tx.all<{ account_id: number; destination_id: number }>(farDeliveries, values);
  const outbound = await tx.all<{ account_id: number; channel_id: string; sender_id: string }>(
    farOutbound,
    values,
  );
  const messages = await tx.all<{ account_id: number; queue_id: number }>(farMessages, values);
  const media = await tx.run(farMedia, values);
  for (const row of deliveries)
    tx.signal({ kind: 'deliveries', accountId: row.account_id, destinationId: row.destination_id });
  for (const row of outbound)
    tx.signal({
      kind: 'outbound',
      accountId: row.account_id,
      channelId: row.channel_id,
      senderId: row.sender_id,
    });
  for (const row of messages) tx.signal({ kind: 'queue', accountId: row.account_id, queueId: row.queue_id });
  if (media > 0) tx.signal({ kind: 'media' });
  return deliveries.length + outbound.length + messages.length + media + (await tx.run(farReviews, values));
}

export function agingVerbs(db: Connection): Aging {
  const read = async (key: string): Promise<Uint8Array | undefined> =>
    (await db.get<{ value: Uint8Array }>('SELECT value FROM meta WHERE key = $1', [key]))?.value;
  const count = async (sql: string, value: number, limit: number): Promise<number> =>
    (await db.get<{ n: number }>(sql, [value, limit]))?.n ?? 0;
  const countOf = async (
    kind: OldRows['kind'],
    old: string,
    kept: string,
    value: number,
  ): Promise<OldRows> => {
    const n = await count(old, value, maxOld);
    return { kind, old: n, kept: n === 0 ? 0 : await count(kept, value, n * 10) };
  };

  return {
    bringForward: (now) => db.tx((tx) => bringForward(tx, now)),
    findNewestTime: async () => {
      const id = (await db.get<{ id: number | null }>(newestId))?.id ?? null;
      const times = [
        toTime(await read('probed')),
        readMark(await read('swept'))?.at,
        id === null ? undefined : toIdTime(id),
      ].filter((time) => time !== undefined);
      return times.length === 0 ? null : Math.max(...times);
    },
    findSweepMark: async () => readMark(await read('swept')),
    noteSweep: async (mark) => {
      await db.run(
        "INSERT INTO meta (key, value) VALUES ('swept', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [Buffer.from(JSON.stringify(mark))],
      );
    },
    countOld: async (mark: SweepMark) => {
      const before = { raw_events: mark.rawEvents, receipts: mark.receipts, messages: mark.receipts };
      const rows: OldRows[] = [];
      for (const [kind, table] of tables)
        rows.push(await countOf(kind, toCount(table, '<'), toCount(table, '>='), toFirstId(before[kind])));
      rows.push(await countOf('queue_messages', ofQueues('<'), ofQueues('>='), mark.at));
      for (const kind of ['media', 'uploads'] as const) {
        const limit = mark[kind];
        if (limit !== undefined)
          rows.push(await countOf(kind, ofFiles(kind, '<'), ofFiles(kind, '>='), limit));
      }
      return rows;
    },
    holdExpiry: (until) => {
      db.expiryLimit = until ?? Number.POSITIVE_INFINITY;
    },
  };
}
