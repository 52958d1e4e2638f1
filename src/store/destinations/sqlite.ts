import { randomBytes } from 'node:crypto';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { DestinationSecret, DestinationSettings } from '../../domain/delivery.ts';
import type { Expected } from '../../domain/version.ts';
import { requireExpected, versionOfDestination } from '../../domain/version.ts';
import { otherUrlReason, selectDestination, toDestination, withOtherUrl } from './rows.ts';
import type { DestinationRow, NamingRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { Destinations } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

/** What other verbs do to destinations inside their own transaction. */
export interface DestinationWrites {
  /** Makes the destination of a URL, with a signing secret of its own, unless the account has it already. */
  ensureDestination(accountId: AccountId, url: string, settings: DestinationSettings, actor: Actor): void;
}

export function destinationWrites(db: Connection, seal: Seal, recordChange: Recorder): DestinationWrites {
  const idByUrl = db.prepare<{ id: number }>('SELECT id FROM destination WHERE account_id = ? AND url = ?');
  const insert = db.prepare(
    "INSERT INTO destination (account_id, url, settings, state, state_reason, state_since, secrets, created_at) VALUES (?1, ?2, ?3, 'active', '', ?4, ?5, ?4)",
  );
  return {
    ensureDestination: (accountId, url, settings, actor) => {
      if (idByUrl.get(accountId, url) !== undefined) return;
      const secrets: DestinationSecret[] = [
        { secret: `whsec_${randomBytes(24).toString('base64')}`, expiresAt: null },
      ];
      insert.run(accountId, url, JSON.stringify(settings), db.now(), seal.seal(JSON.stringify(secrets)));
      recordChange(
        accountId,
        actor,
        'destination.created',
        `destination/${idByUrl.get(accountId, url)?.id ?? ''}`,
        { url },
      );
    },
  };
}

export function destinationVerbs(db: Connection, seal: Seal, recordChange: Recorder): Destinations {
  const byId = db.prepare<DestinationRow>(`${selectDestination} WHERE t.account_id = ? AND t.id = ?`);
  const byUrl = db.prepare<DestinationRow>(`${selectDestination} WHERE t.account_id = ? AND t.url = ?`);
  const allOf = db.prepare<DestinationRow>(`${selectDestination} WHERE t.account_id = ? ORDER BY t.id`);
  const setPause = db.prepare(
    `INSERT INTO destination_pause (account_id, destination_id, until, status, asked_ms)
     SELECT account_id, id, ?3, ?4, ?5 FROM destination WHERE account_id = ?1 AND id = ?2
     ON CONFLICT (account_id, destination_id) DO UPDATE SET until = excluded.until, status = excluded.status, asked_ms = excluded.asked_ms`,
  );
  const endPause = db.prepare('DELETE FROM destination_pause WHERE account_id = ? AND destination_id = ?');
  const pauses = db.prepare<{ account_id: number; destination_id: number; until: number }>(
    'SELECT account_id, destination_id, until FROM destination_pause WHERE until > ? ORDER BY until DESC LIMIT ?',
  );
  const updateSettings = db.prepare('UPDATE destination SET settings = ? WHERE account_id = ? AND id = ?');
  const updateState = db.prepare(
    'UPDATE destination SET state = ?, state_reason = ?, state_since = ? WHERE account_id = ? AND id = ?',
  );
  const updateName = db.prepare('UPDATE destination SET name = ? WHERE account_id = ? AND id = ?');
  const updateUrl = db.prepare('UPDATE destination SET url = ? WHERE account_id = ? AND id = ?');
  const setActive = db.prepare(
    "UPDATE destination SET state = 'active', state_reason = ?, state_since = ? WHERE account_id = ? AND id = ? AND state = 'opened'",
  );
  const webhooks = db.prepare<NamingRow>(
    `SELECT channel_id, id, webhook FROM sender WHERE account_id = ?1
     UNION ALL SELECT id, NULL, webhook FROM channel WHERE account_id = ?1`,
  );
  const setSenderWebhook = db.prepare(
    'UPDATE sender SET webhook = ?, updated_at = max(?, updated_at + 1) WHERE account_id = ? AND channel_id = ? AND id = ?',
  );
  const setChannelWebhook = db.prepare(
    'UPDATE channel SET webhook = ?, updated_at = max(?, updated_at + 1) WHERE account_id = ? AND id = ?',
  );
  // Waiting first, by the index that claims walk; then any that stands still.
  const waiting = db.prepare(
    'SELECT 1 FROM delivery WHERE account_id = ? AND destination_id = ? AND state = 0 LIMIT 1',
  );
  const open = db.prepare(
    'SELECT 1 FROM delivery WHERE account_id = ? AND destination_id = ? AND state <= 1 LIMIT 1',
  );
  const remember = db.prepare(
    'INSERT INTO removed_destination (account_id, id, url, removed_at) VALUES (?, ?, ?, ?)',
  );
  const remove = db.prepare('DELETE FROM destination WHERE account_id = ? AND id = ?');
  const updateSecrets = db.prepare('UPDATE destination SET secrets = ? WHERE account_id = ? AND id = ?');

  function requireVersion(accountId: AccountId, destinationId: number, expected?: Expected): void {
    const row = expected && byId.get(accountId, destinationId);
    requireExpected(expected, row && versionOfDestination(toDestination(row, seal)));
  }

  /** Has settings that name a URL name another one. */
  function renameInSettings(accountId: AccountId, url: string, other: string): void {
    for (const row of webhooks.all(accountId)) {
      const changed = withOtherUrl(row.webhook, url, other);
      if (changed === undefined) continue;
      if (row.id === null) setChannelWebhook.run(changed, db.now(), accountId, row.channel_id);
      else setSenderWebhook.run(changed, db.now(), accountId, row.channel_id, row.id);
    }
  }

  return {
    findDestination: (accountId, destinationId) =>
      db.read(() => {
        const row = byId.get(accountId, destinationId);
        return row && toDestination(row, seal);
      }),
    findDestinationByUrl: (accountId, url) =>
      db.read(() => {
        const row = byUrl.get(accountId, url);
        return row && toDestination(row, seal);
      }),
    listDestinations: (accountId) =>
      db.read(() => allOf.all(accountId).map((row) => toDestination(row, seal))),
    setDestinationSettings: (accountId, destinationId, settings, actor, expected) =>
      db.write((tx) => {
        requireVersion(accountId, destinationId, expected);
        if (updateSettings.run(JSON.stringify(settings), accountId, destinationId) === 0) return false;
        recordChange(accountId, actor, 'destination.set', `destination/${destinationId}`, { ...settings });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return true;
      }),
    setDestinationState: (accountId, destinationId, state, reason, actor, expected) =>
      db.write((tx) => {
        requireVersion(accountId, destinationId, expected);
        if (updateState.run(state, reason, db.now(), accountId, destinationId) === 0) return false;
        if (state !== 'opened') endPause.run(accountId, destinationId);
        recordChange(accountId, actor, `destination.${state}`, `destination/${destinationId}`, { reason });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return true;
      }),
    setDestinationPause: (accountId, destinationId, { until, status, askedMs }) =>
      db.write(() => void setPause.run(accountId, destinationId, until, status, askedMs)),
    listPauses: (now, limit) =>
      db.read(() =>
        pauses.all(now, limit).map((row) => ({
          accountId: row.account_id,
          destinationId: row.destination_id,
          until: row.until,
        })),
      ),
    changeDestination: (accountId, destinationId, change, actor, expected) =>
      db.write((tx) => {
        requireVersion(accountId, destinationId, expected);
        const known = byId.get(accountId, destinationId);
        if (known === undefined) return 'missing';
        const { name = known.name, url = known.url } = change;
        if (url !== known.url) {
          if (byUrl.get(accountId, url) !== undefined) return 'taken';
          updateUrl.run(url, accountId, destinationId);
          endPause.run(accountId, destinationId);
          setActive.run(otherUrlReason, db.now(), accountId, destinationId);
          renameInSettings(accountId, known.url, url);
        }
        updateName.run(name, accountId, destinationId);
        recordChange(accountId, actor, 'destination.set', `destination/${destinationId}`, { ...change });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return 'done';
      }),
    removeDestination: (accountId, destinationId, actor, expected) =>
      db.write((tx) => {
        requireVersion(accountId, destinationId, expected);
        const known = byId.get(accountId, destinationId);
        if (known === undefined) return 'missing';
        const { url } = known;
        if (webhooks.all(accountId).some(({ webhook }) => withOtherUrl(webhook, url, '') !== undefined))
          return 'in_use';
        if (
          waiting.get(accountId, destinationId) !== undefined ||
          open.get(accountId, destinationId) !== undefined
        )
          return 'busy';
        remember.run(accountId, destinationId, url, db.now());
        remove.run(accountId, destinationId);
        endPause.run(accountId, destinationId);
        recordChange(accountId, actor, 'destination.removed', `destination/${destinationId}`, { url });
        tx.signal({ kind: 'directory', accountId });
        return 'done';
      }),
    setDestinationSecrets: (accountId, destinationId, secrets, actor) =>
      db.write((tx) => {
        if (updateSecrets.run(seal.seal(JSON.stringify(secrets)), accountId, destinationId) === 0)
          return false;
        recordChange(accountId, actor, 'destination.secret_rotated', `destination/${destinationId}`, {
          valid: secrets.length,
        });
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
  };
}
