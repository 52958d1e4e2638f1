// What has outlived its time goes, a bounded step at a time.
import { aliasKeptMs } from '../../domain/alias.ts';
import { toFirstId } from '../../domain/ids.ts';
import type { Retention } from '../store.ts';
import { nonceKeptMs } from '../nonces/used-nonces.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';

/** Rows that one step of a sweep takes away. */
const stepRows = 200;
/** The overview shows a day. */
const ratesMs = 2 * 24 * 60 * 60 * 1000;
/** Queues that one step looks at for messages that have expired. */
const stepQueues = 100;
/** Once round all queues, then not again before this long: a receive clears what has expired out of its own way. */
const queueRoundMs = 120_000;
/** Messages may still be on their way to a queue for this long after it was deleted. */
const droppedRestMs = 60_000;
/** What was put into a queue `q` before this has expired; `$2` is the time. */
const expiry = `($2 - q.retention_ms)`;
/** Held by the one node that sweeps; the others have nothing to do then. */
const sweepLock = 7_243_392;

/** Receipts of an account from one on, then those of the accounts behind it, and how many deliveries of each are not over. */
const nextReceipts = `SELECT o.* FROM (SELECT id FROM account WHERE id >= $1 ORDER BY id) a, LATERAL
    (SELECT r.account_id, r.id, (SELECT count(*) FROM delivery d WHERE d.account_id = r.account_id AND d.id = r.id AND d.state <= 1)::int AS busy
     FROM receipt r WHERE r.account_id = a.id AND r.id > CASE WHEN a.id = $1 THEN $2::bigint ELSE 0 END AND r.id < $3
     ORDER BY r.id LIMIT ${stepRows}) o LIMIT ${stepRows}`;

/** Deliveries in the same order. */
const nextDeliveries = `SELECT o.* FROM (SELECT id FROM account WHERE id >= $1 ORDER BY id) a, LATERAL
    (SELECT d.account_id, d.id FROM delivery d WHERE d.account_id = a.id AND d.id > CASE WHEN a.id = $1 THEN $2::bigint ELSE 0 END
       AND d.id < $3 ORDER BY d.id LIMIT ${stepRows}) o LIMIT ${stepRows}`;

/** Takes last attempts away; earlier ones have a table of their own. */
const clearAttempts = `UPDATE delivery SET at = NULL, duration_ms = NULL, status = NULL, outcome = NULL, answer = NULL
  WHERE account_id = $1 AND id = ANY ($2) AND outcome IS NOT NULL`;

const nextQueues = `SELECT id FROM queue WHERE id > $1 ORDER BY id LIMIT ${stepQueues}`;

/**
 * Messages of some queues that have expired. The first of each priority is the oldest; only where that has is it worth to look at more.
 * A priority is named by its bounds and leads the order, or the planner takes the order of the primary key, which walks all of an account's messages.
 */
const expiredMessages = `SELECT q.account_id, q.id AS queue_id, o.id
  FROM queue q, generate_series(1, 16) p, LATERAL
    (SELECT enqueued_at FROM message WHERE account_id = q.account_id AND queue_id = q.id AND state = 0 AND priority BETWEEN p AND p
     ORDER BY priority, id LIMIT 1) f, LATERAL
    (SELECT id, enqueued_at FROM message WHERE account_id = q.account_id AND queue_id = q.id AND state = 0 AND priority BETWEEN p AND p
     ORDER BY priority, id LIMIT CASE WHEN f.enqueued_at < ${expiry} THEN ${stepRows} ELSE 0 END) o
  WHERE q.id = ANY ($1) AND o.enqueued_at < ${expiry} LIMIT ${stepRows}`;

const droppedQueues = `SELECT account_id, queue_id, dropped_at FROM dropped_queue ORDER BY account_id, queue_id LIMIT ${stepQueues}`;

/** A step of what a queue held that was deleted: what was ready, then what was delayed or held. */
const removeDropped = [0, 1].map(
  (state) => `DELETE FROM message WHERE account_id = $1 AND id = ANY
    (ARRAY(SELECT id FROM message WHERE account_id = $1 AND queue_id = $2 AND state = ${state} LIMIT ${stepRows}))`,
);

/** Media that have been erased or never came. */
const overMedia = `SELECT account_id, id FROM media WHERE created_at < $1 AND state IN ('gone', 'erased') LIMIT ${stepRows}`;

/** Takes away the oldest raw events. */
const removeRaw = `DELETE FROM raw_event t USING (${ofAccounts(
  'o.id',
  `SELECT id FROM raw_event WHERE account_id = a.id AND id < $1 ORDER BY id LIMIT ${stepRows}`,
)}) old WHERE t.account_id = old.account_id AND t.id = old.id`;

/** Takes away what was remarked of raw events that are gone. */
const removeRemarked = `DELETE FROM remarked t USING (${ofAccounts(
  'o.raw_event_id',
  `SELECT raw_event_id FROM remarked WHERE account_id = a.id AND raw_event_id < $1 ORDER BY raw_event_id LIMIT ${stepRows}`,
)}) old WHERE t.account_id = old.account_id AND t.raw_event_id = old.raw_event_id`;

/** Takes away what waited for an owner longer than its raw event is kept. */
const removeUnrouted = `DELETE FROM unrouted t USING (${ofAccounts(
  'o.raw_event_id, o.position, o.route_by, o.route_id, o.channel_type',
  `SELECT * FROM unrouted WHERE account_id = a.id AND raw_event_id < $1 ORDER BY raw_event_id LIMIT ${stepRows}`,
)}) old WHERE t.channel_type = old.channel_type AND t.route_by = old.route_by AND t.route_id = old.route_id
  AND t.raw_event_id = old.raw_event_id AND t.position = old.position`;

/** Takes away tries of deliveries whose receipts are kept still. */
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

/** Takes away tries of messages. */
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
const removeStanding = `DELETE FROM notice_standing WHERE notice_id IN (SELECT notice_id FROM notice_standing WHERE notice_id < $1 ORDER BY notice_id LIMIT ${stepRows})`;
const removeUnreadable = `DELETE FROM unreadable WHERE number IN (SELECT number FROM unreadable WHERE at < $1 ORDER BY at LIMIT ${stepRows})`;
/** No delivery tells of them any more. */
const removeDestinations = `DELETE FROM removed_destination WHERE (account_id, id) IN
  (SELECT account_id, id FROM removed_destination WHERE removed_at < $1 LIMIT ${stepRows})`;
const removePushRates = `DELETE FROM push_rate WHERE (account_id, destination_id, minute, channel_id, outcome, status, took) IN
  (SELECT account_id, destination_id, minute, channel_id, outcome, status, took FROM push_rate WHERE minute < $1 LIMIT ${stepRows})`;
const removeQueueRates = `DELETE FROM queue_rate WHERE (account_id, queue, minute) IN (SELECT account_id, queue, minute FROM queue_rate WHERE minute < $1 LIMIT ${stepRows})`;
const removeRates = `DELETE FROM rate WHERE (account_id, minute, kind) IN (SELECT account_id, minute, kind FROM rate WHERE minute < $1 LIMIT ${stepRows})`;

const removeSessions = `DELETE FROM session WHERE (account_id, hash) IN (SELECT account_id, hash FROM session WHERE expires_at <= $1 LIMIT ${stepRows})`;

const removeTemporaryKeys = `DELETE FROM temporary_key WHERE id IN (SELECT id FROM temporary_key WHERE expires_at < $1 LIMIT ${stepRows})`;

/** A place in a walk over what all accounts have. */
interface Place {
  readonly accountId: number;
  readonly id: number;
}

const start: Place = { accountId: 0, id: 0 };

/** Sweeps in steps. Where its walks go on is known to this process alone; a restart merely begins them again. */
export class Sweeps {
  readonly #db: Pick<Connection, 'monotonic'>;
  #receiptsAfter = start;
  #attemptsAfter = start;
  #queuesAfter = 0;
  #queuesRestAt = Number.NEGATIVE_INFINITY;

  constructor(db: Pick<Connection, 'monotonic'>) {
    this.#db = db;
  }

  /** Removes one bounded step of what has outlived its time, the first kind that has any; resolves to how many rows went. */
  async step(tx: Transaction, retention: Retention, now: number): Promise<number> {
    const lock = await tx.get<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [sweepLock]);
    if (lock?.mine !== true) return 0;
    const rawBefore = toFirstId(now - retention.rawEventMs);
    const rowsBefore = toFirstId(now - retention.receiptMs);
    const attemptsBefore = toFirstId(now - retention.attemptMs);
    return (
      (await tx.run(removeNonces, [now - nonceKeptMs])) ||
      (await tx.run(removeRaw, [rawBefore])) ||
      (await tx.run(removeRemarked, [rawBefore])) ||
      (await tx.run(removeUnrouted, [rawBefore])) ||
      (await tx.run(removeAttempts, [attemptsBefore])) ||
      (await this.#sweepLastAttempts(tx, attemptsBefore)) ||
      (await this.#sweepReceipts(tx, rowsBefore)) ||
      (await sweepDropped(tx, now)) ||
      (await this.#sweepQueues(tx, now)) ||
      (await sweepMedia(tx, now - retention.receiptMs)) ||
      (await tx.run(removeNotices, [rowsBefore])) ||
      (await tx.run(removeStanding, [rowsBefore])) ||
      (await tx.run(removeRefused, [rowsBefore])) ||
      (await tx.run(removeUnreadable, [now - retention.unreadableMs])) ||
      (await tx.run(removeDestinations, [now - retention.receiptMs])) ||
      (await tx.run(removeOutbound, [rowsBefore])) ||
      (await tx.run(removeSendAttempts, [rowsBefore])) ||
      (await tx.run(removeAliases, [now - retention.receiptMs - aliasKeptMs])) ||
      (await tx.run(removeTemporaryKeys, [now])) ||
      (await tx.run(removeSessions, [now])) ||
      (await tx.run(removeRates, [Math.floor((now - ratesMs) / 60_000)])) ||
      (await tx.run(removeQueueRates, [Math.floor((now - ratesMs) / 60_000)])) ||
      (await tx.run(removePushRates, [Math.floor((now - ratesMs) / 60_000)]))
    );
  }

  /** Takes receipts away whose deliveries are over. */
  async #sweepReceipts(tx: Transaction, before: number): Promise<number> {
    const after = [this.#receiptsAfter.accountId, this.#receiptsAfter.id];
    const rows = await tx.all<{ account_id: number; id: number; busy: number }>(nextReceipts, [
      ...after,
      before,
    ]);
    const last = rows.at(-1);
    this.#receiptsAfter =
      rows.length < stepRows || last === undefined ? start : { accountId: last.account_id, id: last.id };
    const idle = rows.filter(({ busy }) => busy === 0);
    for (const [accountId, own] of Map.groupBy(idle, (row) => row.account_id)) {
      const ids = own.map(({ id }) => id);
      for (const sql of removeReceipts) await tx.run(sql, [accountId, ids]);
    }
    // A full step goes on even when everything in it was busy.
    return idle.length > 0 || this.#receiptsAfter !== start ? Math.max(idle.length, 1) : 0;
  }

  /** Takes the answers of last attempts away. */
  async #sweepLastAttempts(tx: Transaction, before: number): Promise<number> {
    const after = [this.#attemptsAfter.accountId, this.#attemptsAfter.id];
    const rows = await tx.all<{ account_id: number; id: number }>(nextDeliveries, [...after, before]);
    const last = rows.at(-1);
    // Those looked at before are not looked at again by this process.
    if (last === undefined) return 0;
    this.#attemptsAfter = { accountId: last.account_id, id: last.id };
    for (const [accountId, own] of Map.groupBy(rows, (row) => row.account_id))
      await tx.run(clearAttempts, [accountId, own.map(({ id }) => id)]);
    return rows.length;
  }

  /** Takes expired messages out of queues that nobody reads. */
  async #sweepQueues(tx: Transaction, now: number): Promise<number> {
    if (this.#db.monotonic() < this.#queuesRestAt) return 0;
    const queues = await tx.all<{ id: number }>(nextQueues, [this.#queuesAfter]);
    const rows = await tx.all<{ account_id: number; queue_id: number; id: number }>(expiredMessages, [
      queues.map(({ id }) => id),
      now,
    ]);
    for (const [queueId, own] of Map.groupBy(rows, (row) => row.queue_id)) {
      const ids = own.map(({ id }) => id);
      await tx.run('SELECT expire_messages($1, $2, $3, $4)', [own[0]?.account_id ?? 0, queueId, ids, now]);
    }
    // What is left of these queues is found again in the next step.
    if (rows.length >= stepRows) return rows.length;
    this.#queuesAfter = queues.at(-1)?.id ?? 0;
    if (queues.length === stepQueues) return Math.max(rows.length, 1);
    this.#queuesAfter = 0;
    this.#queuesRestAt = this.#db.monotonic() + queueRoundMs;
    return rows.length;
  }
}

/** Takes away what queues held that were deleted, and then what is known of the queue. */
async function sweepDropped(tx: Transaction, now: number): Promise<number> {
  const queues = await tx.all<{ account_id: number; queue_id: number; dropped_at: number }>(droppedQueues);
  for (const { account_id: accountId, queue_id: queueId, dropped_at: droppedAt } of queues) {
    const key = [accountId, queueId];
    for (const sql of removeDropped) {
      const removed = await tx.run(sql, key);
      if (removed > 0) return removed;
    }
    if (droppedAt + droppedRestMs > now) continue;
    await tx.run('DELETE FROM queue_tally WHERE account_id = $1 AND queue_id = $2', key);
    return tx.run('DELETE FROM dropped_queue WHERE account_id = $1 AND queue_id = $2', key);
  }
  return 0;
}

/** The facts of media that have been erased or never came, with what of their bytes may be left. */
async function sweepMedia(tx: Transaction, before: number): Promise<number> {
  const rows = await tx.all<{ account_id: number; id: Uint8Array }>(overMedia, [before]);
  for (const { account_id: accountId, id } of rows) {
    await tx.run('DELETE FROM media_chunk WHERE account_id = $1 AND media_id = $2', [accountId, id]);
    await tx.run('DELETE FROM media WHERE account_id = $1 AND id = $2', [accountId, id]);
  }
  return rows.length;
}

/** What of each account stands in `inner`, an index range that `account_id = a.id` begins, up to a step in all. */
function ofAccounts(columns: string, inner: string): string {
  return `SELECT a.id AS account_id, ${columns} FROM account a, LATERAL (${inner}) o LIMIT ${stepRows}`;
}
