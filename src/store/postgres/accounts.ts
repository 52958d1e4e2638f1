import { system } from '../../domain/account.ts';
import type { AccessKey, Account, Actor } from '../../domain/account.ts';
import { sandboxSenders, toKey, toTemporaryKey } from '../rows/accounts.ts';
import type { KeyRow, TemporaryKeyRow } from '../rows/accounts.ts';
import type { Seal } from '../seal.ts';
import type { Accounts } from '../store.ts';
import type { ChannelWrites } from './channels.ts';
import type { Connection, Transaction } from './connection.ts';
import type { Recorder } from './journal.ts';

export function accountVerbs(
  db: Connection,
  seal: Seal,
  recordChange: Recorder,
  channels: ChannelWrites,
): Accounts {
  async function addAccount(
    tx: Transaction,
    account: Omit<Account, 'createdAt'>,
    sandboxId: string,
    actor: Actor,
  ): Promise<boolean> {
    const made = await tx.run(
      'INSERT INTO account (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [account.id, account.name, db.now()],
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
    key: Pick<AccessKey, 'id' | 'secret' | 'accountId'>,
    actor: Actor,
  ): Promise<void> {
    await tx.run(
      "INSERT INTO access_key (id, account_id, secret, state, created_at) VALUES ($1, $2, $3, 'active', $4)",
      [key.id, key.accountId, seal.seal(key.secret), db.now()],
    );
    await recordChange(tx, key.accountId, actor, 'key.created', `key/${key.id}`, {});
  }

  return {
    createFirstAccount: ({ account, key }) =>
      db.tx(async (tx) => {
        // Two nodes that start at once on an empty database make one account.
        await tx.run('LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE');
        if ((await tx.get('SELECT 1 FROM account LIMIT 1')) !== undefined) return false;
        await addAccount(tx, account, 'sandbox', system);
        await addKey(tx, { ...key, accountId: account.id }, system);
        tx.signal({ kind: 'directory' });
        return true;
      }),
    createAccount: (account, actor) =>
      db.tx(async (tx) => {
        const made = await addAccount(tx, account, `sandbox-${account.id}`, actor);
        tx.signal({ kind: 'directory' });
        return made ? 'created' : 'exists';
      }),
    listAccounts: async () => {
      const rows = await db.all<{ id: number; name: string; created_at: number }>(
        'SELECT id, name, created_at FROM account ORDER BY created_at, id',
      );
      return rows.map((row) => ({ id: row.id, name: row.name, createdAt: row.created_at }));
    },
    createKey: (key, actor) =>
      db.tx(async (tx) => {
        await addKey(tx, key, actor);
        tx.signal({ kind: 'directory' });
      }),
    setKeyState: (accountId, keyId, state, actor) =>
      db.tx(async (tx) => {
        const sql = 'UPDATE access_key SET state = $1 WHERE account_id = $2 AND id = $3';
        if ((await tx.run(sql, [state, accountId, keyId])) === 0) return false;
        const action = state === 'active' ? 'key.enabled' : 'key.disabled';
        await recordChange(tx, accountId, actor, action, `key/${keyId}`, {});
        tx.signal({ kind: 'directory' });
        return true;
      }),
    listKeys: async (accountId) => {
      const sql = 'SELECT * FROM access_key WHERE account_id = $1 ORDER BY created_at, id';
      return (await db.all<KeyRow>(sql, [accountId])).map((row) => toKey(row, seal));
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
