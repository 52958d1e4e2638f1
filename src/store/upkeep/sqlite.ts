import { monotonicNow } from '../../runtime/clock.ts';
import { aliasKeptMs } from '../../domain/alias.ts';
import { toFirstId } from '../../domain/ids.ts';
import { readAttributes } from '../queues/rows.ts';
import type { Retention, Upkeep } from '../store.ts';
import { agingVerbs } from '../aging/sqlite.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { QueueWrites } from '../queues/sqlite-writes.ts';
import { inParts, repeat } from '../sqlite/statement.ts';

/** Rows that go at once: a millisecond or so of work, also when each has rows of other tables with it. */
const partRows = 25;
/** A step of a sweep takes parts until it has worked for so many milliseconds, or taken so many rows. */
const stepMs = 8;
const stepRows = 500;
/** A nonce is remembered twice as long as a signature's time may be off. */
const nonceMs = 30 * 60 * 1000;
/** The overview shows a day. */
const ratesMs = 2 * 24 * 60 * 60 * 1000;
/** Queues that one part looks at for messages that have expired. */
const partQueues = 100;
/** Once round all queues, then not again before this long. */
const queueRoundMs = 30_000;

interface OldReceiptRow {
  readonly id: number;
  readonly account_id: number;
  readonly key: Uint8Array;
  readonly busy: number;
}

export function upkeepVerbs(db: Connection, queues: QueueWrites): Upkeep {
  const touch = db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  );
  const removeRaw = db.prepare(
    'DELETE FROM raw_event WHERE id IN (SELECT id FROM raw_event WHERE id < ? ORDER BY id LIMIT ?)',
  );
  const removeRemarked = db.prepare(
    'DELETE FROM remarked WHERE raw_event_id IN (SELECT raw_event_id FROM remarked WHERE raw_event_id < ? ORDER BY raw_event_id LIMIT ?)',
  );
  const removeUnrouted = db.prepare(
    `DELETE FROM unrouted WHERE (channel_type, route_by, route_id, raw_event_id, position) IN
       (SELECT channel_type, route_by, route_id, raw_event_id, position FROM unrouted WHERE raw_event_id < ? LIMIT ?)`,
  );
  const removeAttempts = db.prepare(
    'DELETE FROM attempt WHERE (delivery_id, number) IN (SELECT delivery_id, number FROM attempt WHERE delivery_id < ? ORDER BY delivery_id, number LIMIT ?)',
  );
  const oldReceipts = db.prepare<OldReceiptRow>(
    `SELECT id, account_id, key,
       EXISTS (SELECT 1 FROM delivery d WHERE d.id = r.id AND d.state <= 1) AS busy
     FROM receipt r WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
  );
  const removeReceipts = [
    'receipt WHERE id',
    'content WHERE receipt_id',
    'attempt WHERE delivery_id',
    'delivery WHERE id',
  ].map((rows) => db.prepareRows((count) => `DELETE FROM ${rows} IN (${repeat('?', count)})`));
  const removeUnwanted = db.prepareRows(
    (count) => `DELETE FROM unwanted WHERE (account_id, delivery_id) IN (VALUES ${repeat('(?, ?)', count)})`,
  );
  const removeTraces = db.prepareRows(
    (count) =>
      `DELETE FROM queue_trace WHERE (account_id, receipt_id) IN (VALUES ${repeat('(?, ?)', count)})`,
  );
  const removeSeen = db.prepareRows(
    (count) => `DELETE FROM seen WHERE (account_id, key) IN (VALUES ${repeat('(?, ?)', count)})`,
  );
  const removeMedia = db.prepare(
    `DELETE FROM media WHERE (account_id, id) IN
       (SELECT account_id, id FROM media WHERE created_at < ? AND state IN ('gone', 'erased') LIMIT ?)`,
  );
  // No delivery tells of them any more.
  const removeDestinations = db.prepare(
    'DELETE FROM removed_destination WHERE (account_id, id) IN (SELECT account_id, id FROM removed_destination WHERE removed_at < ? LIMIT ?)',
  );
  // What strangers bring about; all else that the journal holds stays.
  const removeRefused = db.prepare(
    "DELETE FROM change WHERE id IN (SELECT id FROM change WHERE action = 'session.refused' AND id < ? ORDER BY id LIMIT ?)",
  );
  const removeNotices = db.prepare(
    'DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE id < ? ORDER BY id LIMIT ?)',
  );
  const removeUnreadable = db.prepare(
    'DELETE FROM unreadable WHERE number IN (SELECT number FROM unreadable WHERE at < ? ORDER BY at LIMIT ?)',
  );
  const removeTemporaryKeys = db.prepare(
    'DELETE FROM temporary_key WHERE id IN (SELECT id FROM temporary_key WHERE expires_at < ? LIMIT ?)',
  );
  const nextQueues = db.prepare<{ id: number; account_id: number; attributes: string }>(
    'SELECT id, account_id, attributes FROM queue WHERE id > ? ORDER BY id LIMIT ?',
  );
  const dropped = db.prepare<{ account_id: number; queue_id: number }>(
    'SELECT account_id, queue_id FROM dropped_queue LIMIT 1',
  );
  const forgetDropped = db.prepare('DELETE FROM dropped_queue WHERE account_id = ? AND queue_id = ?');
  const droppedWaiting = db.prepare<{ visible_at: number; id: number }>(
    'SELECT visible_at, id FROM waiting WHERE account_id = ? AND queue_id = ? LIMIT ?',
  );
  const removeWaiting = db.prepare(
    'DELETE FROM waiting WHERE account_id = ? AND queue_id = ? AND visible_at = ? AND id = ?',
  );
  const removeMoved = db.prepare('DELETE FROM moved WHERE account_id = ? AND queue_id = ?');
  const removeMessage = db.prepare('DELETE FROM message WHERE id = ?');

  const removeRates = db.prepare(
    'DELETE FROM rate WHERE (account_id, minute, kind) IN (SELECT account_id, minute, kind FROM rate WHERE minute < ? LIMIT ?)',
  );
  const removeQueueRates = db.prepare(
    'DELETE FROM queue_rate WHERE (account_id, queue, minute) IN (SELECT account_id, queue, minute FROM queue_rate WHERE minute < ? LIMIT ?)',
  );
  const removeSessions = db.prepare(
    'DELETE FROM session WHERE (account_id, hash) IN (SELECT account_id, hash FROM session WHERE expires_at <= ? LIMIT ?)',
  );
  const removeNonces = db.prepare(
    'DELETE FROM nonce WHERE (key_id, nonce) IN (SELECT key_id, nonce FROM nonce WHERE used_at < ? LIMIT ?)',
  );
  // A message for which something is planned stays.
  const removeOutbound = db.prepare(
    'DELETE FROM outbound WHERE id IN (SELECT id FROM outbound WHERE id < ? AND due_at IS NULL ORDER BY id LIMIT ?)',
  );
  const removeSendAttempts = db.prepare(
    'DELETE FROM send_attempt WHERE (outbound_id, number) IN (SELECT outbound_id, number FROM send_attempt WHERE outbound_id < ? ORDER BY outbound_id LIMIT ?)',
  );

  const removeAliases = db.prepare(
    `DELETE FROM alias WHERE (account_id, spelling, channel_id, rank, since) IN
       (SELECT account_id, spelling, channel_id, rank, since FROM alias WHERE told_at < ? ORDER BY told_at LIMIT ?)`,
  );

  // Where the walks over receipts and queues go on; a restart merely begins them again.
  let receiptsAfter = 0;
  let queuesAfter = 0;
  let queuesRestAt = Number.NEGATIVE_INFINITY;

  function sweepReceipts(retention: Retention, now: number): number {
    const rows = oldReceipts.all(receiptsAfter, toFirstId(now - retention.receiptMs), partRows);
    receiptsAfter = rows.length < partRows ? 0 : (rows.at(-1)?.id ?? 0);
    const idle = rows.filter(({ busy }) => busy === 0);
    for (const part of inParts(idle)) {
      for (const statement of removeReceipts) statement.of(part.length).run(...part.map(({ id }) => id));
      removeUnwanted.of(part.length).run(...part.flatMap((row) => [row.account_id, row.id]));
      removeTraces.of(part.length).run(...part.flatMap((row) => [row.account_id, row.id]));
      removeSeen.of(part.length).run(...part.flatMap((row) => [row.account_id, row.key]));
    }
    // A full part goes on even when everything in it was busy.
    return idle.length > 0 || receiptsAfter > 0 ? Math.max(idle.length, 1) : 0;
  }

  function sweepQueues(tx: Transaction, now: number): number {
    if (db.monotonic() < queuesRestAt) return 0;
    const rows = nextQueues.all(queuesAfter, partQueues);
    let removed = 0;
    for (const row of rows) {
      const { retentionSeconds } = readAttributes(row.attributes);
      removed += queues.expireMessages(
        tx,
        row.account_id,
        row.id,
        now - retentionSeconds * 1000,
        now,
        partRows,
      );
      // What is left of this queue is found again in the next part.
      if (removed >= partRows) return removed;
      queuesAfter = row.id;
    }
    if (rows.length === partQueues) return Math.max(removed, 1);
    queuesAfter = 0;
    queuesRestAt = db.monotonic() + queueRoundMs;
    return removed;
  }

  function sweepDropped(tx: Transaction, now: number): number {
    const queue = dropped.get();
    if (queue === undefined) return 0;
    const { account_id: accountId, queue_id: queueId } = queue;
    const ready = queues.expireMessages(tx, accountId, queueId, Number.POSITIVE_INFINITY, now, partRows);
    if (ready > 0) return ready;
    const waiting = droppedWaiting.all(accountId, queueId, partRows);
    for (const row of waiting) {
      removeWaiting.run(accountId, queueId, row.visible_at, row.id);
      removeMessage.run(row.id);
    }
    if (waiting.length > 0) return waiting.length;
    removeMoved.run(accountId, queueId);
    forgetDropped.run(accountId, queueId);
    return 1;
  }

  /** Removes one part of what has outlived its time, of the first kind that has any. */
  function sweepPart(tx: Transaction, retention: Retention, now: number): number {
    const rawBefore = toFirstId(now - retention.rawEventMs);
    const rowsBefore = toFirstId(now - retention.receiptMs);
    return (
      removeNonces.run(now - nonceMs, partRows) ||
      removeRaw.run(rawBefore, partRows) ||
      removeRemarked.run(rawBefore, partRows) ||
      removeUnrouted.run(rawBefore, partRows) ||
      removeAttempts.run(toFirstId(now - retention.attemptMs), partRows) ||
      sweepReceipts(retention, now) ||
      sweepDropped(tx, now) ||
      sweepQueues(tx, now) ||
      removeMedia.run(now - retention.receiptMs, partRows) ||
      removeNotices.run(rowsBefore, partRows) ||
      removeRefused.run(rowsBefore, partRows) ||
      removeUnreadable.run(now - retention.unreadableMs, partRows) ||
      removeDestinations.run(now - retention.receiptMs, partRows) ||
      removeOutbound.run(rowsBefore, partRows) ||
      removeSendAttempts.run(rowsBefore, partRows) ||
      removeAliases.run(now - retention.receiptMs - aliasKeptMs, partRows) ||
      removeTemporaryKeys.run(now, partRows) ||
      removeSessions.run(now, partRows) ||
      removeRates.run(Math.floor((now - ratesMs) / 60_000), partRows) ||
      removeQueueRates.run(Math.floor((now - ratesMs) / 60_000), partRows)
    );
  }

  return {
    ...agingVerbs(db),
    probe: (isTimeSound = true) =>
      db.write(() => {
        touch.run(isTimeSound ? 'probed' : 'tried', Buffer.from(String(db.now())));
      }),
    sweep: (retention, now) =>
      db.write((tx) => {
        const startedAt = monotonicNow();
        let rows = 0;
        let heldMs = 0;
        for (let gone = Infinity; gone > 0 && heldMs < stepMs && rows < stepRows; rows += gone) {
          gone = sweepPart(tx, retention, now);
          heldMs = monotonicNow() - startedAt;
        }
        return { rows, heldMs };
      }),
    watch: (listener) => db.watch(listener),
    close: () => db.close(),
  };
}
