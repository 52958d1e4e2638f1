import { randomBytes } from 'node:crypto';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { DestinationSecret, DestinationSettings } from '../../domain/delivery.ts';
import type { Expected } from '../../domain/version.ts';
import { requireExpected, versionOfDestination } from '../../domain/version.ts';
import { toDestination } from '../rows/destinations.ts';
import type { DestinationRow } from '../rows/destinations.ts';
import type { Seal } from '../seal.ts';
import type { Deliveries } from '../store.ts';
import type { Connection } from './connection.ts';
import type { Recorder } from './journal.ts';

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

export type DestinationVerbs = Pick<
  Deliveries,
  | 'findDestination'
  | 'findDestinationByUrl'
  | 'listDestinations'
  | 'setDestinationSettings'
  | 'setDestinationState'
  | 'setDestinationSecrets'
>;

export function destinationVerbs(db: Connection, seal: Seal, recordChange: Recorder): DestinationVerbs {
  const byId = db.prepare<DestinationRow>('SELECT * FROM destination WHERE account_id = ? AND id = ?');
  const byUrl = db.prepare<DestinationRow>('SELECT * FROM destination WHERE account_id = ? AND url = ?');
  const allOf = db.prepare<DestinationRow>('SELECT * FROM destination WHERE account_id = ? ORDER BY id');
  const updateSettings = db.prepare('UPDATE destination SET settings = ? WHERE account_id = ? AND id = ?');
  const updateState = db.prepare(
    'UPDATE destination SET state = ?, state_reason = ?, state_since = ? WHERE account_id = ? AND id = ?',
  );
  const updateSecrets = db.prepare('UPDATE destination SET secrets = ? WHERE account_id = ? AND id = ?');

  function requireVersion(accountId: AccountId, destinationId: number, expected?: Expected): void {
    const row = expected && byId.get(accountId, destinationId);
    requireExpected(expected, row && versionOfDestination(toDestination(row, seal)));
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
        tx.signal({ kind: 'directory' });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return true;
      }),
    setDestinationState: (accountId, destinationId, state, reason, actor, expected) =>
      db.write((tx) => {
        requireVersion(accountId, destinationId, expected);
        if (updateState.run(state, reason, db.now(), accountId, destinationId) === 0) return false;
        recordChange(accountId, actor, `destination.${state}`, `destination/${destinationId}`, { reason });
        tx.signal({ kind: 'directory' });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return true;
      }),
    setDestinationSecrets: (accountId, destinationId, secrets, actor) =>
      db.write((tx) => {
        if (updateSecrets.run(seal.seal(JSON.stringify(secrets)), accountId, destinationId) === 0)
          return false;
        recordChange(accountId, actor, 'destination.secret_rotated', `destination/${destinationId}`, {
          valid: secrets.length,
        });
        tx.signal({ kind: 'directory' });
        return true;
      }),
  };
}
