import type { Connection } from '../sqlite/connection.ts';
import { overStates } from './rows.ts';
import type { ErasableRow } from './rows.ts';

const selectErasable =
  'SELECT r.id, r.channel_id, r.raw_event_id, r.occurred_at, r.recorded_at, r.facts, c.body AS content';

/** Receipts of an account before one of them, newest first, with what was written in them. */
const receipts = `${selectErasable} FROM receipt r
  LEFT JOIN content c ON c.receipt_id = r.id WHERE r.account_id = ? AND r.id < ? ORDER BY r.id DESC LIMIT ?`;

/** Receipts of one message that have content still. */
const ofMessage = `${selectErasable} FROM known s
  JOIN receipt r ON r.id = s.receipt_id JOIN content c ON c.receipt_id = r.id
  WHERE s.account_id = ? AND s.key >= ? AND s.key <= ?`;

/** Empties the bytes of a raw event; those in which something still waits for its owner stay until that has come, or their time is over. */
const emptyRaw = `UPDATE raw_event SET packed = 0, body = x'' WHERE id = ?1 AND account_id = ?2
  AND NOT EXISTS (SELECT 1 FROM unrouted u WHERE u.account_id = ?2 AND u.raw_event_id = ?1)`;

/** Messages to a spelling of the user that are over and whose envelope holds something, or cannot be read; ?3 narrows to a channel. */
const toUser = `account_id = ?1 AND recipient = ?2 AND id >= ?4 AND id < ?5 AND state IN ${overStates} AND (?3 IS NULL OR channel_id = ?3)
  AND iif(json_valid(envelope), json_type(envelope, '$.content') IS NOT NULL OR json_type(envelope, '$.templateParams') IS NOT NULL, true)`;

/** Takes what was written out of messages to the user; of one that cannot be read, what is left is that there was one. */
const eraseOutbound = `UPDATE outbound SET envelope = iif(json_valid(envelope), json_remove(envelope, '$.content', '$.templateParams', '$.payload'), ?6)
  WHERE ${toUser}`;

/** A member of the JSON of a row kept apart; what cannot be read as such has none. */
const member = (name: string): string => `iif(json_valid(row), row ->> '$.${name}', NULL)`;
/** Whether a row kept apart names the user, with the place of the list of spellings. */
const naming = (place: string): string =>
  `EXISTS (SELECT 1 FROM json_each(${place}) WHERE instr(row, value) > 0)`;

/** Rows kept apart that name the user (?2), and what was written in receipts that do; of a channel if ?3 names one. */
const apartOfUser = `account_id = ?1 AND (${naming('?2')} AND (?3 IS NULL OR ${member('channel_id')} = ?3) OR source = 'content'
  AND ${member('receipt_id')} IN (SELECT ${member('id')} FROM unreadable WHERE account_id = ?1 AND source = 'receipt'
    AND ${naming('?2')} AND (?3 IS NULL OR ${member('channel_id')} = ?3)))`;

/** Rows kept apart that belong to receipts (?2) or came in raw events (?3). */
const apartOfReceipts = `account_id = ?1 AND (source IN ('content', 'message') AND ${member('receipt_id')} IN (SELECT value FROM json_each(?2))
  OR source = 'raw_event' AND ${member('id')} IN (SELECT value FROM json_each(?3)))`;

/** Rows kept apart that may hold something of anybody; ?2 are the tables, ?3 narrows to a channel where the row tells its own. */
const apartOfAnybody = `account_id = ?1 AND source IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR coalesce(${member('channel_id')}, ?3) = ?3)`;

/** What is run for erasures, prepared once. */
export function erasureStatements(db: Connection) {
  const count = (rows: string) => db.prepare<{ count: number }>(`SELECT count(*) AS count FROM ${rows}`);
  return {
    receipts: db.prepare<ErasableRow>(receipts),
    ofMessage: db.prepare<ErasableRow>(ofMessage),
    removeContent: db.prepare('DELETE FROM content WHERE receipt_id = ?'),
    bareFacts: db.prepare('UPDATE receipt SET facts = ? WHERE id = ?'),
    emptyRaw: db.prepare(emptyRaw),
    eraseMedia: db.prepare(
      "UPDATE media SET state = 'erased', reason = ? WHERE account_id = ? AND id = ? AND state <> 'erased'",
    ),
    mediaOf: db.prepare<{ id: Uint8Array }>(
      'SELECT id FROM media WHERE account_id = ? AND receipt_id IN (SELECT value FROM json_each(?))',
    ),
    countOutbound: count(`outbound WHERE ${toUser}`),
    eraseOutbound: db.prepare(eraseOutbound),
    countNamed: count(`unreadable WHERE ${apartOfUser}`),
    removeNamed: db.prepare(`DELETE FROM unreadable WHERE ${apartOfUser}`),
    countOwned: count(`unreadable WHERE ${apartOfReceipts} AND NOT ${naming('?4')}`),
    removeOwned: db.prepare(`DELETE FROM unreadable WHERE ${apartOfReceipts}`),
    countLeft: count(`unreadable WHERE ${apartOfAnybody} AND NOT ${naming('?4')}`),
  };
}
