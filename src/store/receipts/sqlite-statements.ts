import type { ChannelType } from '../../domain/channel.ts';
import type { WaitingRoute } from '../../domain/receipt.ts';
import { maxWalked } from '../rows/paging.ts';
import type { WalkedRow } from '../rows/paging.ts';
import type { Connection } from '../sqlite/connection.ts';
import { repeat } from '../sqlite/statement.ts';
import { receiptColumns, userIndexes } from './rows.ts';
import type { RawEventRow, ReceiptRow, TimelineRow, UnroutedRow } from './rows.ts';

/** Adds so many raw events. */
const toInsertRaw = (count: number): string =>
  `INSERT INTO raw_event (id, account_id, channel_id, received_at, packed, body) VALUES ${repeat('(?, ?, ?, ?, ?, ?)', count)}`;

/** Adds so many receipts. */
const toInsertReceipts = (count: number): string =>
  `INSERT INTO receipt (id, account_id, key, type, channel_id, channel_type, sender_id, sender_type, subject, occurred_at, recorded_at,
     raw_event_id, raw_index, superseded, unmatched, facts, queue_id, queue_message_id)
   VALUES ${repeat('(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', count)}`;

/** Notes that a part of a raw event waits for an owner, among those of the same type of channel. */
const insertUnrouted = `INSERT INTO unrouted (channel_type, route_by, route_id, raw_event_id, position, account_id, channel_id, received_at)
  SELECT type, ?, ?, ?, ?, ?, ?, ? FROM channel WHERE id = ? ON CONFLICT DO NOTHING`;

/** A receipt by its key, with all that its timeline tells. */
const byKey = `SELECT ${receiptColumns}, r.raw_event_id, r.raw_index, r.queue_id, r.queue_message_id
  FROM known s JOIN receipt r ON r.id = s.receipt_id LEFT JOIN content c ON c.receipt_id = r.id WHERE s.account_id = ? AND s.key = ?`;

const filters = `AND (?3 IS NULL OR r.type = ?3) AND (?4 IS NULL OR r.channel_id = ?4) AND (?5 IS NULL OR r.sender_id = ?5)
  AND (?6 IS NULL OR r.recorded_at >= ?6) AND (?7 IS NULL OR r.recorded_at < ?7)`;

/** Receipts between two ids, newest first. */
const listAll = `SELECT ${receiptColumns} FROM receipt r LEFT JOIN content c ON c.receipt_id = r.id
  WHERE r.account_id = ?1 AND r.id < ?2 AND r.id >= ?9 ${filters} ORDER BY r.id DESC LIMIT ?8`;

/** How many of the newest receipts between two ids are wanted. */
const countAll = `SELECT count(*) AS seen, sum(wanted) AS found FROM (SELECT ${filters.slice('AND '.length)} AS wanted
  FROM receipt r WHERE r.account_id = ?1 AND r.id < ?2 AND r.id >= ?9 ORDER BY r.id DESC LIMIT ?8)`;

/** Receipts about one subject before an id, newest first: by their keys, and those whose key does not begin with it (?11). */
const listBySubject = `SELECT ${receiptColumns} FROM receipt r LEFT JOIN content c ON c.receipt_id = r.id
  WHERE r.id IN (SELECT receipt_id FROM known WHERE account_id = ?1 AND key >= ?9 AND key <= ?10
                 UNION SELECT id FROM receipt WHERE account_id = ?1 AND subject = ?11)
    AND r.account_id = ?1 AND r.id < ?2 ${filters} ORDER BY r.id DESC LIMIT ?8`;

/** Messages of users who have an id (?2), by each member that may hold it. */
const ofUser = `SELECT id FROM (${userIndexes.map(toUserProbe).join(' UNION ALL ')}) GROUP BY id ORDER BY id DESC LIMIT ?5`;

function toUserProbe({ name, member, mayBeId }: (typeof userIndexes)[number]): string {
  const has = member === 'id' ? '' : ` AND instr(facts, '"${member}":') > 0`;
  const other = mayBeId
    ? ` AND iif(json_valid(facts), facts ->> '$.user.${member}' IS NOT facts ->> '$.user.id', 0)`
    : '';
  return `SELECT id FROM (SELECT id FROM receipt INDEXED BY ${name} WHERE account_id = ?1 AND type = 'ChatAppInbound'${has}${other}
    AND iif(json_valid(facts), facts ->> '$.user.${member}', NULL) = ?2 AND id < ?3 AND id >= ?4 ORDER BY id DESC LIMIT ?5)`;
}

/** Those of receipts that were found (?9, a JSON array). */
const listFound = `SELECT ${receiptColumns} FROM receipt r LEFT JOIN content c ON c.receipt_id = r.id
  WHERE r.id IN (SELECT value FROM json_each(?9)) AND r.account_id = ?1 AND r.id < ?2 ${filters} ORDER BY r.id DESC LIMIT ?8`;

/** The last row of a walk over receipts. */
const walkEnd = `SELECT id FROM receipt WHERE account_id = ? AND id < ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ${maxWalked}`;

/** What of an account waits for owners, after a part of a raw event. */
const unroutedOf = `SELECT * FROM unrouted WHERE account_id = ? AND (raw_event_id, position) > (?, ?)
  ORDER BY raw_event_id, position LIMIT ?`;

/** What waits for one route, in raw events after one. */
const unroutedFor = `SELECT * FROM unrouted WHERE channel_type = ? AND route_by = ? AND route_id = ? AND raw_event_id > ?
  ORDER BY raw_event_id, position LIMIT ?`;

/** Routes that somebody owns and something waits for: two probes of an index for each owner, however much is waiting. */
const ownedRoutes = `WITH waiting AS (
  SELECT channel_type, 'sender' AS route_by, route_id FROM sender AS owner
  WHERE EXISTS (SELECT 1 FROM unrouted AS u
    WHERE u.channel_type = owner.channel_type AND u.route_by = 'sender' AND u.route_id = owner.route_id)
  UNION
  SELECT type, 'waba', waba_id FROM channel AS owner
  WHERE waba_id IS NOT NULL AND EXISTS (SELECT 1 FROM unrouted AS u
    WHERE u.channel_type = owner.type AND u.route_by = 'waba' AND u.route_id = owner.waba_id)
  UNION
  SELECT owner.channel_type, 'send', owner.channel_id || '/' || owner.id FROM sender AS owner
  WHERE EXISTS (SELECT 1 FROM unrouted AS u
    WHERE u.channel_type = owner.channel_type AND u.route_by = 'send' AND u.route_id = owner.channel_id || '/' || owner.id))
  SELECT * FROM waiting WHERE (channel_type, route_by, route_id) > (?, ?, ?) ORDER BY channel_type, route_by, route_id LIMIT ?`;

/** What is run to record receipts, prepared once. */
export function recordingStatements(db: Connection) {
  return {
    insertRaw: db.prepareRows(toInsertRaw),
    insertUnrouted: db.prepare(insertUnrouted),
    removeUnrouted: db.prepare(
      'DELETE FROM unrouted WHERE account_id = ? AND raw_event_id = ? AND route_by = ? AND route_id = ?',
    ),
    insertReceipts: db.prepareRows(toInsertReceipts),
    insertContent: db.prepare('INSERT INTO content (receipt_id, account_id, body) VALUES (?, ?, ?)'),
  };
}

/** What is run to look receipts up, prepared once. */
export function receiptStatements(db: Connection) {
  return {
    listAll: db.prepare<ReceiptRow>(listAll),
    listBySubject: db.prepare<ReceiptRow>(listBySubject),
    ofUser: db.prepare<{ id: number }>(ofUser),
    listFound: db.prepare<ReceiptRow>(listFound),
    countAll: db.prepare<WalkedRow>(countAll),
    walkEnd: db.prepare<{ id: number }>(walkEnd),
    byKey: db.prepare<TimelineRow>(byKey),
    rawById: db.prepare<RawEventRow>('SELECT * FROM raw_event WHERE account_id = ? AND id = ?'),
    unroutedOf: db.prepare<UnroutedRow>(unroutedOf),
    unroutedFor: db.prepare<UnroutedRow>(unroutedFor),
    ownedRoutes: db.prepare<{
      channel_type: ChannelType;
      route_by: WaitingRoute['by'];
      route_id: string;
    }>(ownedRoutes),
    queueName: db.prepare<{ name: string }>('SELECT name FROM queue WHERE id = ?'),
    traceOf: db.prepare<{ outcome: 'deleted' | 'expired'; dequeue_count: number; at: number }>(
      'SELECT outcome, dequeue_count, at FROM queue_trace WHERE account_id = ? AND receipt_id = ?',
    ),
    readyOf: db.prepare<{ dequeue_count: number }>(
      'SELECT dequeue_count FROM ready WHERE account_id = ? AND queue_id = ? AND priority = ? AND id = ?',
    ),
    messageThere: db.prepare('SELECT 1 FROM message WHERE id = ?'),
  };
}
