import { randomBytes } from 'node:crypto';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { Destination, DestinationSecret, DestinationSettings } from '../../domain/delivery.ts';
import type { Expected } from '../../domain/version.ts';
import { requireExpected, versionOfDestination } from '../../domain/version.ts';
import { toDestination, toStopped } from '../rows/destinations.ts';
import type { DestinationRow } from '../rows/destinations.ts';
import type { Seal } from '../seal.ts';
import type { Deliveries } from '../store.ts';
import type { Connection, Transaction } from './connection.ts';
import type { Recorder } from './journal.ts';

/** What other verbs do to destinations inside their own transaction. */
export interface DestinationWrites {
  /** Makes the destination of a URL, with a signing secret of its own, unless the account has it already. */
  ensureDestination(
    tx: Transaction,
    accountId: AccountId,
    url: string,
    settings: DestinationSettings,
    actor: Actor,
  ): Promise<void>;
}

export function destinationWrites(db: Connection, seal: Seal, recordChange: Recorder): DestinationWrites {
  return {
    ensureDestination: async (tx, accountId, url, settings, actor) => {
      const secrets: DestinationSecret[] = [
        { secret: `whsec_${randomBytes(24).toString('base64')}`, expiresAt: null },
      ];
      const made = await tx.get<{ id: number }>(
        `INSERT INTO destination (account_id, url, settings, state, state_reason, state_since, secrets, created_at)
         VALUES ($1, $2, $3, 'active', '', $4, $5, $4) ON CONFLICT (account_id, url) DO NOTHING RETURNING id`,
        [accountId, url, JSON.stringify(settings), db.now(), seal.seal(JSON.stringify(secrets))],
      );
      if (made !== undefined)
        await recordChange(tx, accountId, actor, 'destination.created', `destination/${made.id}`, { url });
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
  const read = (row: DestinationRow): Destination =>
    db.rows.readOne(
      'destination',
      row,
      () => toDestination(row, seal),
      () => toStopped(row, seal),
    );

  async function requireVersion(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    expected?: Expected,
  ): Promise<void> {
    if (expected === undefined) return;
    const sql = 'SELECT * FROM destination WHERE account_id = $1 AND id = $2 FOR UPDATE';
    const row = await tx.get<DestinationRow>(sql, [accountId, destinationId]);
    requireExpected(expected, row && versionOfDestination(read(row)));
  }

  return {
    findDestination: async (accountId, destinationId) => {
      const sql = 'SELECT * FROM destination WHERE account_id = $1 AND id = $2';
      const row = await db.get<DestinationRow>(sql, [accountId, destinationId]);
      return row && read(row);
    },
    findDestinationByUrl: async (accountId, url) => {
      const sql = 'SELECT * FROM destination WHERE account_id = $1 AND url = $2';
      const row = await db.get<DestinationRow>(sql, [accountId, url]);
      return row && read(row);
    },
    listDestinations: async (accountId) => {
      const sql = 'SELECT * FROM destination WHERE account_id = $1 ORDER BY id';
      return (await db.all<DestinationRow>(sql, [accountId])).map(read);
    },
    setDestinationSettings: (accountId, destinationId, settings, actor, expected) =>
      db.tx(async (tx) => {
        await requireVersion(tx, accountId, destinationId, expected);
        const sql = 'UPDATE destination SET settings = $1 WHERE account_id = $2 AND id = $3';
        if ((await tx.run(sql, [JSON.stringify(settings), accountId, destinationId])) === 0) return false;
        const subject = `destination/${destinationId}`;
        await recordChange(tx, accountId, actor, 'destination.set', subject, { ...settings });
        tx.signal({ kind: 'directory' });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return true;
      }),
    setDestinationState: (accountId, destinationId, state, reason, actor, expected) =>
      db.tx(async (tx) => {
        await requireVersion(tx, accountId, destinationId, expected);
        const sql =
          'UPDATE destination SET state = $1, state_reason = $2, state_since = $3 WHERE account_id = $4 AND id = $5';
        if ((await tx.run(sql, [state, reason, db.now(), accountId, destinationId])) === 0) return false;
        await recordChange(tx, accountId, actor, `destination.${state}`, `destination/${destinationId}`, {
          reason,
        });
        tx.signal({ kind: 'directory' });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return true;
      }),
    setDestinationSecrets: (accountId, destinationId, secrets, actor) =>
      db.tx(async (tx) => {
        const sql = 'UPDATE destination SET secrets = $1 WHERE account_id = $2 AND id = $3';
        const sealed = seal.seal(JSON.stringify(secrets));
        if ((await tx.run(sql, [sealed, accountId, destinationId])) === 0) return false;
        const subject = `destination/${destinationId}`;
        const detail = { valid: secrets.length };
        await recordChange(tx, accountId, actor, 'destination.secret_rotated', subject, detail);
        tx.signal({ kind: 'directory' });
        return true;
      }),
  };
}
