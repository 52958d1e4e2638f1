import type { Connection } from '../sqlite/connection.ts';
import { selectDestination } from './rows.ts';
import type { DestinationRow, NamingRow } from './rows.ts';

/** Makes a destination, active from now on. */
const insert = `INSERT INTO destination (account_id, url, settings, state, state_reason, state_since, secrets, created_at)
  VALUES (?1, ?2, ?3, 'active', '', ?4, ?5, ?4)`;

/** Writes down a pause of a destination that is there, in place of the one before. */
const setPause = `INSERT INTO destination_pause (account_id, destination_id, until, status, asked_ms)
    SELECT account_id, id, ?3, ?4, ?5 FROM destination WHERE account_id = ?1 AND id = ?2
  ON CONFLICT (account_id, destination_id) DO UPDATE SET until = excluded.until, status = excluded.status, asked_ms = excluded.asked_ms`;

/** Closes the breaker of a destination, if it is open. */
const setActive = `UPDATE destination SET state = 'active', state_reason = ?, state_reason_code = ?, state_reason_params = ?, state_since = ?
  WHERE account_id = ? AND id = ? AND state = 'opened'`;

/** The settings of an account that can name URLs: of senders, and of channels, which have no id of a sender. */
const webhooks = `SELECT channel_id, id, webhook FROM sender WHERE account_id = ?1
  UNION ALL SELECT id, NULL, webhook FROM channel WHERE account_id = ?1`;

/** What is run for destinations, prepared once. */
export function destinationStatements(db: Connection) {
  return {
    byId: db.prepare<DestinationRow>(`${selectDestination} WHERE t.account_id = ? AND t.id = ?`),
    byUrl: db.prepare<DestinationRow>(`${selectDestination} WHERE t.account_id = ? AND t.url = ?`),
    idByUrl: db.prepare<{ id: number }>('SELECT id FROM destination WHERE account_id = ? AND url = ?'),
    allOf: db.prepare<DestinationRow>(`${selectDestination} WHERE t.account_id = ? ORDER BY t.id`),
    insert: db.prepare(insert),
    setPause: db.prepare(setPause),
    endPause: db.prepare('DELETE FROM destination_pause WHERE account_id = ? AND destination_id = ?'),
    pauses: db.prepare<{ account_id: number; destination_id: number; until: number }>(
      'SELECT account_id, destination_id, until FROM destination_pause WHERE until > ? ORDER BY until DESC LIMIT ?',
    ),
    updateSettings: db.prepare('UPDATE destination SET settings = ? WHERE account_id = ? AND id = ?'),
    updateState: db.prepare(
      'UPDATE destination SET state = ?, state_reason = ?, state_reason_code = ?, state_reason_params = ?, state_since = ? WHERE account_id = ? AND id = ?',
    ),
    updateName: db.prepare('UPDATE destination SET name = ? WHERE account_id = ? AND id = ?'),
    updateUrl: db.prepare('UPDATE destination SET url = ? WHERE account_id = ? AND id = ?'),
    updateSecrets: db.prepare('UPDATE destination SET secrets = ? WHERE account_id = ? AND id = ?'),
    setActive: db.prepare(setActive),
    webhooks: db.prepare<NamingRow>(webhooks),
    setSenderWebhook: db.prepare(
      'UPDATE sender SET webhook = ?, updated_at = max(?, updated_at + 1) WHERE account_id = ? AND channel_id = ? AND id = ?',
    ),
    setChannelWebhook: db.prepare(
      'UPDATE channel SET webhook = ?, updated_at = max(?, updated_at + 1) WHERE account_id = ? AND id = ?',
    ),
    // By the index that claims walk.
    waiting: db.prepare(
      'SELECT 1 FROM delivery WHERE account_id = ? AND destination_id = ? AND state = 0 LIMIT 1',
    ),
    open: db.prepare(
      'SELECT 1 FROM delivery WHERE account_id = ? AND destination_id = ? AND state <= 1 LIMIT 1',
    ),
    remember: db.prepare(
      'INSERT INTO removed_destination (account_id, id, url, removed_at) VALUES (?, ?, ?, ?)',
    ),
    remove: db.prepare('DELETE FROM destination WHERE account_id = ? AND id = ?'),
  };
}
