import { system } from '../../domain/account.ts';
import type { Actor, NewKey } from '../../domain/account.ts';
import { requireExpected, versionOfKey } from '../../domain/version.ts';
import { sandboxSenders, toAccount, toKey, toTemporaryKey } from './rows.ts';
import type { AccountRow, KeyRow, TemporaryKeyRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { Accounts, NewAccount } from '../store.ts';
import type { ChannelWrites } from '../channels/postgres.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

export function accountVerbs(
  db: Connection,
  seal: Seal,
  recordChange: Recorder,
  channels: ChannelWrites,
): Accounts {
  async function addAccount(
    tx: Transaction,
    account: NewAccount,
    first: boolean,
    actor: Actor,
  ): Promise<boolean> {
    const sandboxId = first ? 'sandbox' : `sandbox-${account.id}`;
    const made = await tx.run(
      'INSERT INTO account (id, name, first, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [account.id, account.name, first ? 1 : 0, db.now()],
    );
    if (made === 0) return false;
    await channels.addChannel(tx, account.id, {
      id: sandboxId,
      type: 'sandbox',
      name: 'Sandbox',
      wabaId: sandboxId,
      credentials: {},
    });
    for (const sender of sandboxSenders)
      await channels.addSender(tx, account.id, sandboxId, 'sandbox', sender);
    await recordChange(tx, account.id, actor, 'account.created', `account/${account.id}`, {
      name: account.name,
    });
    return true;
  }

  async function addKey(
    tx: Transaction,
    { id, accountId, secret, name = '', role = 'full', addresses = [] }: NewKey,
    actor: Actor,
  ): Promise<void> {
    await tx.run(
      "INSERT INTO access_key (id, account_id, secret, state, name, role, addresses, created_at) VALUES ($1, $2, $3, 'active', $4, $5, $6, $7)",
      [id, accountId, seal.seal(secret), name, role, JSON.stringify(addresses), db.now()],
    );
    await recordChange(tx, accountId, actor, 'key.created', `key/${id}`, { name, role, addresses });
  }

  return {
    createFirstAccount: ({ account, key }) =>
      db.tx(async (tx) => {
        // Two nodes that start at once on an empty database make one account.
        await tx.run('LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE');
        if ((await tx.get('SELECT 1 FROM account LIMIT 1')) !== undefined) return false;
        await addAccount(tx, account, true, system);
        await addKey(tx, { ...key, accountId: account.id }, system);
        tx.signal({ kind: 'directory', accountId: account.id });
        return true;
      }),
    createAccount: (account, actor) =>
      db.tx(async (tx) => {
        const made = await addAccount(tx, account, false, actor);
        tx.signal({ kind: 'directory', accountId: account.id });
        return made ? 'created' : 'exists';
      }),
    listAccounts: async () =>
      (await db.all<AccountRow>('SELECT * FROM account ORDER BY created_at, id')).map(toAccount),
    createKey: (key, actor) =>
      db.tx(async (tx) => {
        await addKey(tx, key, actor);
        tx.signal({ kind: 'directory', accountId: key.accountId });
      }),
    setKeyState: (accountId, keyId, state, actor) =>
      db.tx(async (tx) => {
        const sql = 'UPDATE access_key SET state = $1 WHERE account_id = $2 AND id = $3';
        if ((await tx.run(sql, [state, accountId, keyId])) === 0) return false;
        const action = state === 'active' ? 'key.enabled' : 'key.disabled';
        await recordChange(tx, accountId, actor, action, `key/${keyId}`, {});
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    setKeySettings: (accountId, keyId, settings, actor, expected) =>
      db.tx(async (tx) => {
        const { name = null, role = null, addresses } = settings;
        const known =
          expected &&
          (await tx.get<KeyRow>('SELECT * FROM access_key WHERE account_id = $1 AND id = $2 FOR UPDATE', [
            accountId,
            keyId,
          ]));
        if (known !== undefined) requireExpected(expected, versionOfKey(toKey(known, seal)));
        const changed = await tx.run(
          `UPDATE access_key SET name = coalesce($1, name), role = coalesce($2, role), addresses = coalesce($3, addresses)
           WHERE account_id = $4 AND id = $5`,
          [name, role, addresses === undefined ? null : JSON.stringify(addresses), accountId, keyId],
        );
        if (changed === 0) return false;
        await recordChange(tx, accountId, actor, 'key.changed', `key/${keyId}`, { ...settings });
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    noteKeyUses: async (uses) => {
      // In one order, so that two nodes never wait for each other.
      const sorted = uses.toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1));
      await db.tx(async (tx) => {
        for (const { accountId, keyId, at } of sorted)
          await tx.run(
            'UPDATE access_key SET used_at = greatest(used_at, $1) WHERE account_id = $2 AND id = $3',
            [at, accountId, keyId],
          );
      });
    },
    listKeys: async (accountId) => {
      const sql = 'SELECT * FROM access_key WHERE account_id = $1 ORDER BY created_at, id';
      return db.rows.read('access_key', await db.all<KeyRow>(sql, [accountId]), (row) => toKey(row, seal));
    },
    findKey: async (keyId) => {
      const row = await db.get<KeyRow>('SELECT * FROM access_key WHERE id = $1', [keyId]);
      return row && toKey(row, seal);
    },
    createTemporaryKey: (key, actor) =>
      db.tx(async (tx) => {
        const { id, accountId, queueName, createdAt, expiresAt } = key;
        await tx.run(
          'INSERT INTO temporary_key (id, account_id, secret, security_token, queue_name, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
          [
            id,
            accountId,
            seal.seal(key.secret),
            seal.seal(key.securityToken),
            queueName,
            createdAt,
            expiresAt,
          ],
        );
        if (actor === undefined) return;
        const detail = { keyId: id, expiresAt };
        await recordChange(tx, accountId, actor, 'token.created', `queue/${queueName}`, detail);
      }),
    findTemporaryKey: async (keyId) => {
      const row = await db.get<TemporaryKeyRow>('SELECT * FROM temporary_key WHERE id = $1', [keyId]);
      return row && toTemporaryKey(row, seal);
    },
  };
}
