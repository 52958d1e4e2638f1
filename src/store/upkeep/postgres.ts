import { monotonicNow } from '../../runtime/clock.ts';
import { aliasKeptMs } from '../../domain/alias.ts';
import { GatewayError } from '../../domain/errors.ts';
import { toFirstId } from '../../domain/ids.ts';
import type { Retention, Upkeep } from '../store.ts';
import { agingVerbs } from '../aging/postgres.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import { triggersOff } from '../postgres/session.ts';

/** Rows that one step of a sweep takes away. */
const stepRows = 200;
/** A nonce is remembered twice as long as a signature's time may be off. */
const nonceMs = 30 * 60 * 1000;
/** The overview shows a day. */
const ratesMs = 2 * 24 * 60 * 60 * 1000;
/** Queues that one step looks at for messages that have expired. */
const stepQueues = 100;
/** Once round all queues, then not again before this long: a receive clears what has expired out of its own way. */
const queueRoundMs = 120_000;
/** Messages may still be on their way to a queue for this long after it was deleted. */
const droppedRestMs = 60_000;
/** A queue with more rows than this in its tally has them added up. */
const tallyRows = 20;
const tallyQueues = 100;
/** What was put into a queue `q` before this has expired; `$2` is the time. */
const expiry = `($2 - q.retention_ms)`;
/** Held by the one node that sweeps; the others have nothing to do then. */
const sweepLock = 7_243_392;

/** What of each account stands in `inner`, an index range that `account_id = a.id` begins, up to a step in all. */
function ofAccounts(columns: string, inner: string): string {
  return `SELECT a.id AS account_id, ${columns} FROM account a, LATERAL (${inner}) o LIMIT ${stepRows}`;
}

export function upkeepVerbs(db: Connection): Upkeep {
  // Where the walks over receipts and queues go on; a restart merely begins them again.
  let receiptsAfter = { accountId: 0, id: 0 };
  let attemptsAfter = { accountId: 0, id: 0 };
  let queuesAfter = 0;
  let queuesRestAt = Number.NEGATIVE_INFINITY;

  async function sweepReceipts(tx: Transaction, retention: Retention, now: number): Promise<number> {
    const rows = await tx.all<{ account_id: number; id: number; busy: number }>(
      `SELECT o.* FROM (SELECT id FROM account WHERE id >= $1 ORDER BY id) a, LATERAL
         (SELECT r.account_id, r.id, (SELECT count(*) FROM delivery d WHERE d.account_id = r.account_id AND d.id = r.id AND d.state <= 1)::int AS busy
          FROM receipt r WHERE r.account_id = a.id AND r.id > CASE WHEN a.id = $1 THEN $2::bigint ELSE 0 END AND r.id < $3
          ORDER BY r.id LIMIT ${stepRows}) o LIMIT ${stepRows}`,
      [receiptsAfter.accountId, receiptsAfter.id, toFirstId(now - retention.receiptMs)],
    );
    const last = rows.at(-1);
    receiptsAfter =
      rows.length < stepRows || last === undefined
        ? { accountId: 0, id: 0 }
        : { accountId: last.account_id, id: last.id };
    const idle = rows.filter(({ busy }) => busy === 0);
    for (const [accountId, own] of Map.groupBy(idle, (row) => row.account_id)) {
      const ids = own.map(({ id }) => id);
      for (const sql of removeReceipts) await tx.run(sql, [accountId, ids]);
    }
    // A full step goes on even when everything in it was busy.
    return idle.length > 0 || receiptsAfter.accountId > 0 ? Math.max(idle.length, 1) : 0;
  }

  /** Takes the answers of last attempts away; earlier ones have a table of their own. */
  async function sweepLastAttempts(tx: Transaction, before: number): Promise<number> {
    const rows = await tx.all<{ account_id: number; id: number }>(
      `SELECT o.* FROM (SELECT id FROM account WHERE id >= $1 ORDER BY id) a, LATERAL
         (SELECT d.account_id, d.id FROM delivery d WHERE d.account_id = a.id AND d.id > CASE WHEN a.id = $1 THEN $2::bigint ELSE 0 END
            AND d.id < $3 ORDER BY d.id LIMIT ${stepRows}) o LIMIT ${stepRows}`,
      [attemptsAfter.accountId, attemptsAfter.id, before],
    );
    const last = rows.at(-1);
    // Those looked at before are not looked at again by this process.
    if (last === undefined) return 0;
    attemptsAfter = { accountId: last.account_id, id: last.id };
    for (const [accountId, own] of Map.groupBy(rows, (row) => row.account_id))
      await tx.run(
        `UPDATE delivery SET at = NULL, duration_ms = NULL, status = NULL, outcome = NULL, answer = NULL
         WHERE account_id = $1 AND id = ANY ($2) AND outcome IS NOT NULL`,
        [accountId, own.map(({ id }) => id)],
      );
    return rows.length;
  }

  async function sweepQueues(tx: Transaction, now: number): Promise<number> {
    if (db.monotonic() < queuesRestAt) return 0;
    const queues = await tx.all<{ id: number }>(
      `SELECT id FROM queue WHERE id > $1 ORDER BY id LIMIT ${stepQueues}`,
      [queuesAfter],
    );
    const rows = await tx.all<{ account_id: number; queue_id: number; id: number }>(
      // The first of each priority is the oldest; only where that has expired is it worth to look at more.
      `SELECT q.account_id, q.id AS queue_id, o.id
       FROM queue q, generate_series(1, 16) p, LATERAL
         (SELECT enqueued_at FROM message WHERE account_id = q.account_id AND queue_id = q.id AND state = 0 AND priority = p
          ORDER BY id LIMIT 1) f, LATERAL
         (SELECT id, enqueued_at FROM message WHERE account_id = q.account_id AND queue_id = q.id AND state = 0 AND priority = p
          ORDER BY id LIMIT CASE WHEN f.enqueued_at < ${expiry} THEN ${stepRows} ELSE 0 END) o
       WHERE q.id = ANY ($1) AND o.enqueued_at < ${expiry} LIMIT ${stepRows}`,
      [queues.map(({ id }) => id), now],
    );
    for (const own of Map.groupBy(rows, (row) => row.queue_id).values()) {
      const [first] = own;
      if (first !== undefined)
        await tx.run('SELECT expire_messages($1, $2, $3, $4)', [
          first.account_id,
          first.queue_id,
          own.map(({ id }) => id),
          now,
        ]);
    }
    // What is left of these queues is found again in the next step.
    if (rows.length >= stepRows) return rows.length;
    queuesAfter = queues.at(-1)?.id ?? 0;
    if (queues.length === stepQueues) return Math.max(rows.length, 1);
    queuesAfter = 0;
    queuesRestAt = db.monotonic() + queueRoundMs;
    return rows.length;
  }

  async function sweepDropped(tx: Transaction, now: number): Promise<number> {
    const queues = await tx.all<{ account_id: number; queue_id: number; dropped_at: number }>(
      `SELECT account_id, queue_id, dropped_at FROM dropped_queue ORDER BY account_id, queue_id LIMIT ${stepQueues}`,
    );
    for (const { account_id: accountId, queue_id: queueId, dropped_at: droppedAt } of queues) {
      for (const state of [0, 1]) {
        const removed = await tx.run(
          `DELETE FROM message WHERE account_id = $1 AND id = ANY
             (ARRAY(SELECT id FROM message WHERE account_id = $1 AND queue_id = $2 AND state = ${state} LIMIT ${stepRows}))`,
          [accountId, queueId],
        );
        if (removed > 0) return removed;
      }
      if (droppedAt + droppedRestMs > now) continue;
      await tx.run('DELETE FROM queue_tally WHERE account_id = $1 AND queue_id = $2', [accountId, queueId]);
      return tx.run('DELETE FROM dropped_queue WHERE account_id = $1 AND queue_id = $2', [
        accountId,
        queueId,
      ]);
    }
    return 0;
  }

  /** Removes one bounded step of what has outlived its time, the first kind that has any. */
  async function sweepStep(tx: Transaction, retention: Retention, now: number): Promise<number> {
    const lock = await tx.get<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [sweepLock]);
    if (lock?.mine !== true) return 0;
    const rawBefore = toFirstId(now - retention.rawEventMs);
    const rowsBefore = toFirstId(now - retention.receiptMs);
    const attemptsBefore = toFirstId(now - retention.attemptMs);
    return (
      (await tx.run(removeNonces, [now - nonceMs])) ||
      (await tx.run(removeRaw, [rawBefore])) ||
      (await tx.run(removeRemarked, [rawBefore])) ||
      (await tx.run(removeUnrouted, [rawBefore])) ||
      (await tx.run(removeAttempts, [attemptsBefore])) ||
      (await sweepLastAttempts(tx, attemptsBefore)) ||
      (await sweepReceipts(tx, retention, now)) ||
      (await sweepDropped(tx, now)) ||
      (await sweepQueues(tx, now)) ||
      (await sweepMedia(tx, now - retention.receiptMs)) ||
      (await tx.run(removeNotices, [rowsBefore])) ||
      (await tx.run(removeRefused, [rowsBefore])) ||
      (await tx.run(removeUnreadable, [now - retention.unreadableMs])) ||
      (await tx.run(removeDestinations, [now - retention.receiptMs])) ||
      (await tx.run(removeOutbound, [rowsBefore])) ||
      (await tx.run(removeSendAttempts, [rowsBefore])) ||
      (await tx.run(removeAliases, [now - retention.receiptMs - aliasKeptMs])) ||
      (await tx.run(removeTemporaryKeys, [now])) ||
      (await tx.run(removeSessions, [now])) ||
      (await tx.run(removeRates, [Math.floor((now - ratesMs) / 60_000)])) ||
      (await tx.run(removeQueueRates, [Math.floor((now - ratesMs) / 60_000)]))
    );
  }

  return {
    ...agingVerbs(db),
    probe: async (isTimeSound = true) => {
      await db.tx(async (tx) => {
        await tx.run(`LOCK TABLE ${readTables} IN ACCESS SHARE MODE`);
        await tx.run(`LOCK TABLE ${writtenTables} IN ROW EXCLUSIVE MODE`);
        await assertTriggers(tx);
      });
      if (isTimeSound) await db.call('SELECT probe_intake($1)', [db.now()]);
      else await db.call(tryCommit, [Buffer.from(String(db.now()))]);
    },
    sweep: (retention, now) =>
      db.tx(async (tx) => {
        const startedAt = monotonicNow();
        const rows = await sweepStep(tx, retention, now);
        return { rows, heldMs: monotonicNow() - startedAt };
      }),
    watch: (listener) => db.signals.watch(listener),
    close: () => db.close(),
  };
}

/** Adds the rows of long tallies up, so that counting a queue stays short; resolves to how many queues had one. */
export async function compactTallies(db: Connection): Promise<number> {
  return db.tx((tx) =>
    tx.run(
      `WITH many AS (SELECT account_id, queue_id FROM queue_tally GROUP BY account_id, queue_id HAVING count(*) > ${tallyRows} LIMIT ${tallyQueues}),
       gone AS (DELETE FROM queue_tally t USING many WHERE t.account_id = many.account_id AND t.queue_id = many.queue_id
         RETURNING t.account_id, t.queue_id, t.active, t.inactive, t.delayed)
       INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
         SELECT account_id, queue_id, sum(active), sum(inactive), sum(delayed) FROM gone GROUP BY account_id, queue_id`,
    ),
  );
}

/** What taking in reads and writes; the trial of it has nobody to hand on to, and so does not touch all of them. */
const readTables = 'queue, destination';
const writtenTables = 'raw_event, receipt, message, queue_tally, content, delivery, outbound';

/** The triggers of the schema; another program's may stand beside them. */
export const triggers = [
  'fallback_armed',
  'fallback_followed',
  'fallback_swept',
  'queue_noted',
  'destination_noted',
];

/** Throws `store_unavailable` while triggers do not run: what they would do is not made up for, and nothing else fails. */
async function assertTriggers(tx: Transaction): Promise<void> {
  const found = await tx.get<{ is_replica: boolean; tables: string | null }>(
    `SELECT current_setting('session_replication_role') = 'replica' AS is_replica,
       (SELECT string_agg(DISTINCT c.relname, ', ') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE c.relnamespace = current_schema()::regnamespace AND t.tgname = ANY ($1::text[]) AND t.tgenabled NOT IN ('O', 'A')) AS tables`,
    [triggers],
  );
  if (found?.is_replica === true) throw new GatewayError('store_unavailable', triggersOff);
  const tables = found?.tables ?? null;
  if (tables !== null)
    throw new GatewayError(
      'store_unavailable',
      `The database cannot be used: triggers are switched off on ${tables}. Switch them on by ALTER TABLE … ENABLE TRIGGER.`,
    );
}

const tryCommit =
  "INSERT INTO meta (key, value) VALUES ('tried', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

const removeRaw = `DELETE FROM raw_event t USING (${ofAccounts(
  'o.id',
  `SELECT id FROM raw_event WHERE account_id = a.id AND id < $1 ORDER BY id LIMIT ${stepRows}`,
)}) old WHERE t.account_id = old.account_id AND t.id = old.id`;

const removeRemarked = `DELETE FROM remarked t USING (${ofAccounts(
  'o.raw_event_id',
  `SELECT raw_event_id FROM remarked WHERE account_id = a.id AND raw_event_id < $1 ORDER BY raw_event_id LIMIT ${stepRows}`,
)}) old WHERE t.account_id = old.account_id AND t.raw_event_id = old.raw_event_id`;

const removeUnrouted = `DELETE FROM unrouted t USING (${ofAccounts(
  'o.raw_event_id, o.position, o.route_by, o.route_id, o.channel_type',
  `SELECT * FROM unrouted WHERE account_id = a.id AND raw_event_id < $1 ORDER BY raw_event_id LIMIT ${stepRows}`,
)}) old WHERE t.channel_type = old.channel_type AND t.route_by = old.route_by AND t.route_id = old.route_id
  AND t.raw_event_id = old.raw_event_id AND t.position = old.position`;

const removeAttempts = `DELETE FROM attempt t USING (${ofAccounts(
  'o.delivery_id, o.number',
  `SELECT delivery_id, number FROM attempt WHERE account_id = a.id AND delivery_id < $1 ORDER BY delivery_id LIMIT ${stepRows}`,
)}) old WHERE t.account_id = old.account_id AND t.delivery_id = old.delivery_id AND t.number = old.number`;

/** All that belongs to receipts, and the receipts themselves last. */
const removeReceipts = [
  'DELETE FROM attempt WHERE account_id = $1 AND delivery_id = ANY ($2)',
  'DELETE FROM delivery WHERE account_id = $1 AND id = ANY ($2)',
  'DELETE FROM unwanted WHERE account_id = $1 AND delivery_id = ANY ($2)',
  'DELETE FROM content WHERE account_id = $1 AND receipt_id = ANY ($2)',
  'DELETE FROM queue_trace WHERE account_id = $1 AND receipt_id = ANY ($2)',
  'DELETE FROM receipt WHERE account_id = $1 AND id = ANY ($2)',
];

/** A message for which something is planned stays. */
const removeOutbound = `DELETE FROM outbound t USING (${ofAccounts(
  'o.id',
  `SELECT id FROM outbound WHERE account_id = a.id AND id < $1 AND due_at IS NULL ORDER BY id LIMIT ${stepRows}`,
)}) old WHERE t.account_id = old.account_id AND t.id = old.id`;

const removeSendAttempts = `DELETE FROM send_attempt t USING (${ofAccounts(
  'o.outbound_id, o.number',
  `SELECT outbound_id, number FROM send_attempt WHERE account_id = a.id AND outbound_id < $1 ORDER BY outbound_id LIMIT ${stepRows}`,
)}) old WHERE t.account_id = old.account_id AND t.outbound_id = old.outbound_id AND t.number = old.number`;

const removeAliases = `DELETE FROM alias WHERE (account_id, spelling, channel_id, rank, since) IN
  (SELECT account_id, spelling, channel_id, rank, since FROM alias WHERE told_at < $1 ORDER BY told_at LIMIT ${stepRows})`;

const removeNonces = `DELETE FROM nonce WHERE (key_id, nonce) IN (SELECT key_id, nonce FROM nonce WHERE used_at < $1 LIMIT ${stepRows})`;
/** What strangers bring about; all else that the journal holds stays. */
const removeRefused = `DELETE FROM change WHERE (account_id, id) IN
  (SELECT account_id, id FROM change WHERE action = 'session.refused' AND id < $1 ORDER BY id LIMIT ${stepRows})`;
const removeNotices = `DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE id < $1 ORDER BY id LIMIT ${stepRows})`;
const removeUnreadable = `DELETE FROM unreadable WHERE number IN (SELECT number FROM unreadable WHERE at < $1 ORDER BY at LIMIT ${stepRows})`;
/** No delivery tells of them any more. */
const removeDestinations = `DELETE FROM removed_destination WHERE (account_id, id) IN
  (SELECT account_id, id FROM removed_destination WHERE removed_at < $1 LIMIT ${stepRows})`;
const removeQueueRates = `DELETE FROM queue_rate WHERE (account_id, queue, minute) IN (SELECT account_id, queue, minute FROM queue_rate WHERE minute < $1 LIMIT ${stepRows})`;
const removeRates = `DELETE FROM rate WHERE (account_id, minute, kind) IN (SELECT account_id, minute, kind FROM rate WHERE minute < $1 LIMIT ${stepRows})`;

const removeSessions = `DELETE FROM session WHERE (account_id, hash) IN (SELECT account_id, hash FROM session WHERE expires_at <= $1 LIMIT ${stepRows})`;

const removeTemporaryKeys = `DELETE FROM temporary_key WHERE id IN (SELECT id FROM temporary_key WHERE expires_at < $1 LIMIT ${stepRows})`;

/** The facts of media that have been erased or never came, with what of their bytes may be left. */
async function sweepMedia(tx: Transaction, before: number): Promise<number> {
  const rows = await tx.all<{ account_id: number; id: Uint8Array }>(
    `SELECT account_id, id FROM media WHERE created_at < $1 AND state IN ('gone', 'erased') LIMIT ${stepRows}`,
    [before],
  );
  for (const { account_id: accountId, id } of rows) {
    await tx.run('DELETE FROM media_chunk WHERE account_id = $1 AND media_id = $2', [accountId, id]);
    await tx.run('DELETE FROM media WHERE account_id = $1 AND id = $2', [accountId, id]);
  }
  return rows.length;
}
