import type { Connection } from '../sqlite/connection.ts';
import type { ChannelRow, RemovedSenderRow, SenderRow } from './rows.ts';

const channelById = 'SELECT * FROM channel WHERE id = ?';
/** One sender that was taken away, and not put back since. */
const isThisRemoved = 'account_id = ? AND channel_id = ? AND id = ? AND removed_at = ?';

/** Makes a channel. */
const insertChannel = `INSERT INTO channel (id, account_id, type, name, waba_id, credentials, webhook, created_at, updated_at, options)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)`;

/** Writes all that may be changed of a channel; no two changes share their time. */
const updateChannel = `UPDATE channel SET type = ?, name = ?, waba_id = ?, credentials = ?, options = ?, updated_at = max(?, updated_at + 1)
  WHERE account_id = ? AND id = ?`;

/** Makes a sender. */
const insertSender = `INSERT INTO sender (account_id, channel_id, channel_type, id, type, name, route_id, webhook, created_at, updated_at, verification)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)`;

/** Writes all that may be changed of a sender; what its channel says of it stays where that is not told. */
const updateSender = `UPDATE sender SET type = ?, name = ?, route_id = ?, updated_at = max(?, updated_at + 1), verification = coalesce(?, verification)
  WHERE channel_id = ? AND id = ?`;

/** Notes one sender of a channel (?4), or all of them, among those that were taken away. */
const noteRemoved = `INSERT INTO removed_sender (account_id, channel_id, id, channel_type, waba_id, type, name, route_id, webhook, removed_at, due_at)
  SELECT s.account_id, s.channel_id, s.id, s.channel_type, c.waba_id, s.type, s.name, s.route_id, s.webhook, ?1, ?1
  FROM sender AS s JOIN channel AS c ON c.id = s.channel_id
  WHERE s.account_id = ?2 AND s.channel_id = ?3 AND s.id = coalesce(?4, s.id)`;

/** What is run for channels, prepared once. */
export function channelStatements(db: Connection) {
  return {
    byId: db.prepare<ChannelRow>(channelById),
    allOf: db.prepare<ChannelRow>('SELECT * FROM channel WHERE account_id = ? ORDER BY created_at, id'),
    byWaba: db.prepare<ChannelRow>(
      'SELECT * FROM channel WHERE type = ? AND waba_id = ? ORDER BY created_at, id',
    ),
    ofWaba: db.prepare<Pick<ChannelRow, 'id'>>(
      'SELECT id FROM channel WHERE account_id = ? AND waba_id = ? ORDER BY created_at, id LIMIT 1',
    ),
    insert: db.prepare(insertChannel),
    update: db.prepare(updateChannel),
    updateWebhook: db.prepare(
      'UPDATE channel SET webhook = ?, updated_at = max(?, updated_at + 1) WHERE account_id = ? AND id = ?',
    ),
    remove: db.prepare('DELETE FROM channel WHERE account_id = ? AND id = ?'),
  };
}

/** What is run for senders, prepared once. */
export function senderStatements(db: Connection) {
  return {
    channelById: db.prepare<ChannelRow>(channelById),
    byId: db.prepare<SenderRow>('SELECT * FROM sender WHERE channel_id = ? AND id = ?'),
    byRoute: db.prepare<SenderRow>(
      'SELECT * FROM sender WHERE channel_type = ? AND route_id = ? ORDER BY number LIMIT 1',
    ),
    allOf: db.prepare<SenderRow>(
      'SELECT * FROM sender WHERE account_id = ? AND channel_id = ? ORDER BY number',
    ),
    insert: db.prepare(insertSender),
    update: db.prepare(updateSender),
    updateVerification: db.prepare(
      'UPDATE sender SET verification = ? WHERE account_id = ? AND channel_id = ? AND id = ?',
    ),
    updateWebhook: db.prepare(
      'UPDATE sender SET webhook = ?, updated_at = max(?, updated_at + 1) WHERE account_id = ? AND channel_id = ? AND id = ?',
    ),
    remove: db.prepare('DELETE FROM sender WHERE account_id = ? AND channel_id = ? AND id = ?'),
    noteRemoved: db.prepare(noteRemoved),
    unremove: db.prepare('DELETE FROM removed_sender WHERE account_id = ? AND channel_id = ? AND id = ?'),
    dueRemoved: db.prepare<RemovedSenderRow>(
      'SELECT * FROM removed_sender WHERE due_at <= ? ORDER BY due_at LIMIT ?',
    ),
    planRemoved: db.prepare(`UPDATE removed_sender SET due_at = ? WHERE ${isThisRemoved}`),
    forgetRemoved: db.prepare(`DELETE FROM removed_sender WHERE ${isThisRemoved}`),
  };
}
