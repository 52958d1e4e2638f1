import type { Connection } from '../sqlite/connection.ts';

/** Rows that go at once: a millisecond or so of work, also when each has rows of other tables with it. */
export const partRows = 25;

/** Takes some of what still waits for an owner since before a raw event. */
const removeUnrouted = `DELETE FROM unrouted WHERE (channel_type, route_by, route_id, raw_event_id, position) IN
  (SELECT channel_type, route_by, route_id, raw_event_id, position FROM unrouted WHERE raw_event_id < ? LIMIT ?)`;

/** Takes some of the tries of pushes of deliveries before an id. */
const removeAttempts = `DELETE FROM attempt WHERE (delivery_id, number) IN
  (SELECT delivery_id, number FROM attempt WHERE delivery_id < ? ORDER BY delivery_id, number LIMIT ?)`;

/** Takes some of the files that are no more, from before a time. */
const removeMedia = `DELETE FROM media WHERE (account_id, id) IN
  (SELECT account_id, id FROM media WHERE created_at < ? AND state IN ('gone', 'erased') LIMIT ?)`;

/** Takes some of the destinations that were removed before a time: no delivery tells of them any more. */
const removeDestinations = `DELETE FROM removed_destination WHERE (account_id, id) IN
  (SELECT account_id, id FROM removed_destination WHERE removed_at < ? LIMIT ?)`;

/** Takes some of the sign-ins that were refused, which strangers bring about; all else that the journal holds stays. */
const removeRefused = `DELETE FROM change WHERE id IN
  (SELECT id FROM change WHERE action = 'session.refused' AND id < ? ORDER BY id LIMIT ?)`;

/** Takes some of the messages before an id; one for which something is planned stays. */
const removeOutbound = `DELETE FROM outbound WHERE id IN
  (SELECT id FROM outbound WHERE id < ? AND due_at IS NULL ORDER BY id LIMIT ?)`;

/** Takes some of the tries of messages before an id. */
const removeSendAttempts = `DELETE FROM send_attempt WHERE (outbound_id, number) IN
  (SELECT outbound_id, number FROM send_attempt WHERE outbound_id < ? ORDER BY outbound_id LIMIT ?)`;

/** Takes some of the aliases that were told last before a time. */
const removeAliases = `DELETE FROM alias WHERE (account_id, spelling, channel_id, rank, since) IN
  (SELECT account_id, spelling, channel_id, rank, since FROM alias WHERE told_at < ? ORDER BY told_at LIMIT ?)`;

/** Takes some of the counts of queues from before a minute. */
const removePushRates = `DELETE FROM push_rate WHERE (account_id, destination_id, minute, channel_id, outcome, status, took) IN
  (SELECT account_id, destination_id, minute, channel_id, outcome, status, took FROM push_rate WHERE minute < ? LIMIT ?)`;
const removeQueueRates = `DELETE FROM queue_rate WHERE (account_id, queue, minute) IN
  (SELECT account_id, queue, minute FROM queue_rate WHERE minute < ? LIMIT ?)`;

/** What is run to take away what has outlived its time, each up to a bound and at most so many rows; prepared once. */
export function sweepStatements(db: Connection) {
  return {
    touch: db.prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    ),
    removeNonces: db.prepare(
      'DELETE FROM nonce WHERE (used_at, key_id, nonce) IN (SELECT used_at, key_id, nonce FROM nonce WHERE used_at < ? LIMIT ?)',
    ),
    removeRaw: db.prepare(
      'DELETE FROM raw_event WHERE id IN (SELECT id FROM raw_event WHERE id < ? ORDER BY id LIMIT ?)',
    ),
    removeRemarked: db.prepare(
      'DELETE FROM remarked WHERE raw_event_id IN (SELECT raw_event_id FROM remarked WHERE raw_event_id < ? ORDER BY raw_event_id LIMIT ?)',
    ),
    removeUnrouted: db.prepare(removeUnrouted),
    removeAttempts: db.prepare(removeAttempts),
    removeMedia: db.prepare(removeMedia),
    removeNotices: db.prepare(
      'DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE id < ? ORDER BY id LIMIT ?)',
    ),
    removeStanding: db.prepare(
      'DELETE FROM notice_standing WHERE notice_id IN (SELECT notice_id FROM notice_standing WHERE notice_id < ? ORDER BY notice_id LIMIT ?)',
    ),
    removeRefused: db.prepare(removeRefused),
    removeUnreadable: db.prepare(
      'DELETE FROM unreadable WHERE number IN (SELECT number FROM unreadable WHERE at < ? ORDER BY at LIMIT ?)',
    ),
    removeDestinations: db.prepare(removeDestinations),
    removeOutbound: db.prepare(removeOutbound),
    removeSendAttempts: db.prepare(removeSendAttempts),
    removeAliases: db.prepare(removeAliases),
    removeTemporaryKeys: db.prepare(
      'DELETE FROM temporary_key WHERE id IN (SELECT id FROM temporary_key WHERE expires_at < ? LIMIT ?)',
    ),
    removeSessions: db.prepare(
      'DELETE FROM session WHERE (account_id, hash) IN (SELECT account_id, hash FROM session WHERE expires_at <= ? LIMIT ?)',
    ),
    removeRates: db.prepare(
      'DELETE FROM rate WHERE (account_id, minute, kind) IN (SELECT account_id, minute, kind FROM rate WHERE minute < ? LIMIT ?)',
    ),
    removeQueueRates: db.prepare(removeQueueRates),
    removePushRates: db.prepare(removePushRates),
  };
}
