import { randomBytes } from 'node:crypto';
import type { AccountId, Actor } from '../../domain/account.ts';
import type { Destination, DestinationSecret, DestinationSettings } from '../../domain/delivery.ts';
import type { Expected } from '../../domain/version.ts';
import { requireExpected, versionOfDestination } from '../../domain/version.ts';
import { otherUrlReason, selectDestination, toDestination, toStopped, withOtherUrl } from './rows.ts';
import type { DestinationRow, NamingRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { Destinations } from '../store.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

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

/** Nobody else changes it until the commit. */
const locked = 'SELECT * FROM destination WHERE account_id = $1 AND id = $2 FOR UPDATE';

const endPause = 'DELETE FROM destination_pause WHERE account_id = $1 AND destination_id = $2';

export function destinationVerbs(db: Connection, seal: Seal, recordChange: Recorder): Destinations {
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
    const row = await tx.get<DestinationRow>(locked, [accountId, destinationId]);
    requireExpected(expected, row && versionOfDestination(read(row)));
  }

  /** Settings of an account that name a URL, held until the commit, with another one in its place. */
  async function findNaming(
    tx: Transaction,
    accountId: AccountId,
    url: string,
    other: string,
  ): Promise<readonly NamingRow[]> {
    const senders = 'SELECT channel_id, id, webhook FROM sender WHERE account_id = $1 FOR UPDATE';
    const channels =
      'SELECT id AS channel_id, NULL::text AS id, webhook FROM channel WHERE account_id = $1 FOR UPDATE';
    const rows = [
      ...(await tx.all<NamingRow & Record<string, unknown>>(senders, [accountId])),
      ...(await tx.all<NamingRow & Record<string, unknown>>(channels, [accountId])),
    ];
    return rows.flatMap((row) => {
      const webhook = withOtherUrl(row.webhook, url, other);
      return webhook === undefined ? [] : [{ ...row, webhook }];
    });
  }

  async function giveUrl(tx: Transaction, known: DestinationRow, url: string): Promise<'done' | 'taken'> {
    const { account_id: accountId, id } = known;
    const other = 'SELECT id FROM destination WHERE account_id = $1 AND url = $2';
    if ((await tx.get(other, [accountId, url])) !== undefined) return 'taken';
    await tx.run('UPDATE destination SET url = $1 WHERE account_id = $2 AND id = $3', [url, accountId, id]);
    await tx.run(endPause, [accountId, id]);
    await tx.run(
      `UPDATE destination SET state = 'active', state_reason = $1, state_since = $2
       WHERE account_id = $3 AND id = $4 AND state = 'opened'`,
      [otherUrlReason, db.now(), accountId, id],
    );
    for (const row of await findNaming(tx, accountId, known.url, url)) {
      const set = 'SET webhook = $1, updated_at = greatest($2, updated_at + 1)';
      const values = [row.webhook, db.now(), accountId, row.channel_id];
      if (row.id === null) await tx.run(`UPDATE channel ${set} WHERE account_id = $3 AND id = $4`, values);
      else
        await tx.run(`UPDATE sender ${set} WHERE account_id = $3 AND channel_id = $4 AND id = $5`, [
          ...values,
          row.id,
        ]);
    }
    return 'done';
  }

  return {
    findDestination: async (accountId, destinationId) => {
      const sql = `${selectDestination} WHERE t.account_id = $1 AND t.id = $2`;
      const row = await db.get<DestinationRow>(sql, [accountId, destinationId]);
      return row && read(row);
    },
    findDestinationByUrl: async (accountId, url) => {
      const sql = `${selectDestination} WHERE t.account_id = $1 AND t.url = $2`;
      const row = await db.get<DestinationRow>(sql, [accountId, url]);
      return row && read(row);
    },
    listDestinations: async (accountId) => {
      const sql = `${selectDestination} WHERE t.account_id = $1 ORDER BY t.id`;
      return (await db.all<DestinationRow>(sql, [accountId])).map(read);
    },
    setDestinationSettings: (accountId, destinationId, settings, actor, expected) =>
      db.tx(async (tx) => {
        await requireVersion(tx, accountId, destinationId, expected);
        const sql = 'UPDATE destination SET settings = $1 WHERE account_id = $2 AND id = $3';
        if ((await tx.run(sql, [JSON.stringify(settings), accountId, destinationId])) === 0) return false;
        const subject = `destination/${destinationId}`;
        await recordChange(tx, accountId, actor, 'destination.set', subject, { ...settings });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return true;
      }),
    setDestinationState: (accountId, destinationId, state, reason, actor, expected) =>
      db.tx(async (tx) => {
        await requireVersion(tx, accountId, destinationId, expected);
        const sql =
          'UPDATE destination SET state = $1, state_reason = $2, state_since = $3 WHERE account_id = $4 AND id = $5';
        if ((await tx.run(sql, [state, reason, db.now(), accountId, destinationId])) === 0) return false;
        if (state !== 'opened') await tx.run(endPause, [accountId, destinationId]);
        await recordChange(tx, accountId, actor, `destination.${state}`, `destination/${destinationId}`, {
          reason,
        });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return true;
      }),
    setDestinationPause: async (accountId, destinationId, { until, status, askedMs }) => {
      await db.tx((tx) =>
        tx.run(
          `INSERT INTO destination_pause (account_id, destination_id, until, status, asked_ms)
           SELECT account_id, id, $3, $4, $5 FROM destination WHERE account_id = $1 AND id = $2
           ON CONFLICT (account_id, destination_id) DO UPDATE SET until = excluded.until, status = excluded.status, asked_ms = excluded.asked_ms`,
          [accountId, destinationId, until, status, askedMs],
        ),
      );
    },
    listPauses: async (now, limit) => {
      const rows = await db.all<{ account_id: number; destination_id: number; until: number }>(
        'SELECT account_id, destination_id, until FROM destination_pause WHERE until > $1 ORDER BY until DESC LIMIT $2',
        [now, limit],
      );
      return rows.map((row) => ({
        accountId: row.account_id,
        destinationId: row.destination_id,
        until: row.until,
      }));
    },
    changeDestination: (accountId, destinationId, change, actor, expected) =>
      db.tx(async (tx) => {
        await requireVersion(tx, accountId, destinationId, expected);
        const known = await tx.get<DestinationRow>(locked, [accountId, destinationId]);
        if (known === undefined) return 'missing';
        const { name = known.name, url = known.url } = change;
        if (url !== known.url && (await giveUrl(tx, known, url)) === 'taken') return 'taken';
        const sql = 'UPDATE destination SET name = $1 WHERE account_id = $2 AND id = $3';
        await tx.run(sql, [name, accountId, destinationId]);
        const subject = `destination/${destinationId}`;
        await recordChange(tx, accountId, actor, 'destination.set', subject, { ...change });
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'deliveries', accountId, destinationId });
        return 'done';
      }),
    removeDestination: (accountId, destinationId, actor, expected) =>
      db.tx(async (tx) => {
        await requireVersion(tx, accountId, destinationId, expected);
        const known = await tx.get<DestinationRow>(locked, [accountId, destinationId]);
        if (known === undefined) return 'missing';
        if ((await findNaming(tx, accountId, known.url, '')).length > 0) return 'in_use';
        // Waiting first, by the index that claims walk; then any that stands still.
        for (const state of ['= 0', '<= 1']) {
          const sql = `SELECT id FROM delivery WHERE account_id = $1 AND destination_id = $2 AND state ${state} LIMIT 1`;
          if ((await tx.get(sql, [accountId, destinationId])) !== undefined) return 'busy';
        }
        const key = [accountId, destinationId];
        await tx.run(
          'INSERT INTO removed_destination (account_id, id, url, removed_at) VALUES ($1, $2, $3, $4)',
          [...key, known.url, db.now()],
        );
        await tx.run('DELETE FROM destination WHERE account_id = $1 AND id = $2', key);
        await tx.run(endPause, key);
        await tx.run('DELETE FROM destination_hold WHERE account_id = $1 AND destination_id = $2', key);
        const subject = `destination/${destinationId}`;
        await recordChange(tx, accountId, actor, 'destination.removed', subject, { url: known.url });
        tx.signal({ kind: 'directory', accountId });
        return 'done';
      }),
    setDestinationSecrets: (accountId, destinationId, secrets, actor) =>
      db.tx(async (tx) => {
        const sql = 'UPDATE destination SET secrets = $1 WHERE account_id = $2 AND id = $3';
        const sealed = seal.seal(JSON.stringify(secrets));
        if ((await tx.run(sql, [sealed, accountId, destinationId])) === 0) return false;
        const subject = `destination/${destinationId}`;
        const detail = { valid: secrets.length };
        await recordChange(tx, accountId, actor, 'destination.secret_rotated', subject, detail);
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
  };
}
