import { noLane } from '../../domain/message.ts';
import type { Connection } from '../sqlite/connection.ts';
import { outboundColumns, outboundState } from './rows.ts';
import type { OutboundRow } from './rows.ts';

const selectOutbound = `SELECT ${outboundColumns} FROM outbound`;
const isOfSender = 'account_id = ?1 AND channel_id = ?2 AND sender_id = ?3';
/** A message that may have reached the channel, which has not told its id yet. */
const isUnanswered = 'channel_message_id IS NULL AND (leased = 1 OR state = 4)';

/** Adds a message, before its first try. */
const insert = `INSERT INTO outbound (id, account_id, channel_id, channel_type, sender_id, recipient, lane, state, due_at, leased, attempts, step,
    expires_at, channel_message_id, status, status_rank, group_id, task_id, task_key, envelope)
  VALUES (?, ?, ?, ?, ?, ?, ${noLane}, ${outboundState.due}, ?, 0, 0, 0, ?, NULL, NULL, 0, ?, ?, ?, ?)`;

/** What is due by the time ?4, and what was never claimed and was added by ?5: that is due whatever the clock says since. */
const isDue = `due_at <= max(?4, ?5) AND (due_at <= ?4 OR lane = ${noLane})`;

/** Messages of a sender for which something is due. */
const due = `${selectOutbound} WHERE ${isOfSender} AND ${isDue} AND state <> 1 ORDER BY due_at, id LIMIT ?6`;

/** Those of them that may have reached the channel: a sender has few, however many wait. */
const dueUnanswered = `${selectOutbound} INDEXED BY outbound_unanswered WHERE ${isOfSender} AND ${isUnanswered} AND ${isDue}
  ORDER BY due_at, id LIMIT ?6`;

/** Messages of a sender for which something is due or planned for later, but for those under way or in doubt. */
const planned = `${selectOutbound} WHERE ${isOfSender} AND due_at IS NOT NULL AND state <> 1
  AND ((${isDue}) OR (leased = 0 AND state <> 4)) ORDER BY due_at, id LIMIT ?6`;

/** Messages of a sender to a user that were sent by a time and came no further than these ranks: one range of the index for each. */
const toOpen = (ranks: string): string => `${selectOutbound} WHERE ${isOfSender} AND recipient = ?4
    AND status_rank IN (${ranks}) AND status_rank < 4 AND sent_at IS NOT NULL AND sent_at <= ?5
  ORDER BY status_rank, sent_at LIMIT ?6`;

/** Senders with something planned: a walk over the index with one step a sender, however many messages each has. */
const busySenders = `SELECT account_id, channel_id, id AS sender_id FROM sender AS s WHERE EXISTS (SELECT 1 FROM outbound AS o
  WHERE o.account_id = s.account_id AND o.channel_id = s.channel_id AND o.sender_id = s.id AND o.due_at IS NOT NULL AND o.state <> 1)`;

/** How many messages of a channel, or of a sender of it (?3), wait: over what waits alone, however many were sent before. */
const countWaiting = `SELECT count(*) AS count FROM (SELECT 1 FROM outbound INDEXED BY outbound_lane
  WHERE account_id = ?1 AND state <= 1 AND channel_id = ?2 AND (?3 IS NULL OR sender_id = ?3) LIMIT ?4)`;

/** When the earliest planned step of a sender falls due. */
const nextDue = `SELECT due_at, lane FROM outbound WHERE ${isOfSender} AND due_at IS NOT NULL AND state <> 1 ORDER BY due_at LIMIT 1`;

/** Whether one of the hundred messages to a recipient that were added last before another waits at the same sender. */
const before = `SELECT 1 FROM (SELECT state, channel_id, sender_id FROM outbound INDEXED BY outbound_recipient
    WHERE account_id = ?1 AND recipient = ?4 AND id < ?5 ORDER BY id DESC LIMIT 100)
  WHERE state <= 1 AND channel_id = ?2 AND sender_id = ?3 LIMIT 1`;

/** Messages that wait, and whose time was over by a time, behind a place of the index. */
const expired = `${selectOutbound} WHERE state <= 1 AND leased = 0 AND expires_at <= ? AND (expires_at, id) > (?, ?)
  ORDER BY expires_at, id LIMIT ?`;

/** What is run for messages of the business, prepared once. */
export function outboundStatements(db: Connection) {
  return {
    insert: db.prepare(insert),
    laneTaken: db.prepare('SELECT 1 FROM outbound WHERE account_id = ? AND lane = ? AND state <= 1 LIMIT 1'),
    byTask: db.prepare<{ id: number }>('SELECT id FROM outbound WHERE account_id = ? AND task_key = ?'),
    due: db.prepare<OutboundRow>(due),
    dueUnanswered: db.prepare<OutboundRow>(dueUnanswered),
    planned: db.prepare<OutboundRow>(planned),
    lease: db.prepare('UPDATE outbound SET due_at = ?, leased = 1 WHERE id = ?'),
    putOff: db.prepare('UPDATE outbound SET due_at = ? WHERE id = ?'),
    enter: db.prepare('UPDATE outbound SET lane = ?, state = ? WHERE id = ?'),
    byId: db.prepare<OutboundRow>(`${selectOutbound} WHERE id = ? AND account_id = ?`),
    byChannelMessage: db.prepare<OutboundRow>(
      `${selectOutbound} WHERE account_id = ? AND channel_message_id = ? LIMIT 1`,
    ),
    unansweredOf: db.prepare<OutboundRow>(
      `${selectOutbound} WHERE ${isOfSender} AND ${isUnanswered} LIMIT 1`,
    ),
    unansweredTo: db.prepare(
      `SELECT 1 FROM outbound WHERE ${isOfSender} AND recipient = ?4 AND ${isUnanswered} LIMIT 1`,
    ),
    openBefore: {
      delivered: db.prepare<OutboundRow>(toOpen('0, 1, 2')),
      read: db.prepare<OutboundRow>(toOpen('0, 1, 2, 3')),
    },
    busySenders: db.prepare<{ account_id: number; channel_id: string; sender_id: string }>(busySenders),
    countWaiting: db.prepare<{ count: number }>(countWaiting),
    before: db.prepare(before),
    expired: db.prepare<OutboundRow>(expired),
    nextDue: db.prepare<{ due_at: number; lane: number }>(nextDue),
  };
}
