import { system } from '../../domain/account.ts';
import type { AccessKey, Account, Actor } from '../../domain/account.ts';
import { sandboxSenders, toKey, toTemporaryKey } from '../rows/accounts.ts';
import type { KeyRow, TemporaryKeyRow } from '../rows/accounts.ts';
import type { Seal } from '../seal.ts';
import type { Accounts } from '../store.ts';
import type { ChannelWrites } from './channels.ts';
import type { Connection } from './connection.ts';
import type { Recorder } from './journal.ts';

export function accountVerbs(
  db: Connection,
  seal: Seal,
  recordChange: Recorder,
  channels: ChannelWrites,
): Accounts {
  const insertAccount = db.prepare(
    'INSERT INTO account (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const anyAccount = db.prepare('SELECT 1 FROM account LIMIT 1');
  const allAccounts = db.prepare<{ id: number; name: string; created_at: number }>(
    'SELECT id, name, created_at FROM account ORDER BY created_at, id',
  );
  const insertKey = db.prepare(
    "INSERT INTO access_key (id, account_id, secret, state, created_at) VALUES (?, ?, ?, 'active', ?)",
  );
  const updateKey = db.prepare('UPDATE access_key SET state = ? WHERE account_id = ? AND id = ?');
  const keysOf = db.prepare<KeyRow>('SELECT * FROM access_key WHERE account_id = ? ORDER BY created_at, id');
  const keyById = db.prepare<KeyRow>('SELECT * FROM access_key WHERE id = ?');
  const insertTemporaryKey = db.prepare(
    'INSERT INTO temporary_key (id, account_id, secret, security_token, queue_name, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const temporaryKeyById = db.prepare<TemporaryKeyRow>('SELECT * FROM temporary_key WHERE id = ?');

  function addAccount(account: Omit<Account, 'createdAt'>, sandboxId: string, actor: Actor): boolean {
    if (insertAccount.run(account.id, account.name, db.now()) === 0) return false;
    channels.addChannel(account.id, {
      id: sandboxId,
      type: 'sandbox',
      name: 'Sandbox',
      wabaId: sandboxId,
      credentials: {},
    });
    for (const sender of sandboxSenders) channels.addSender(account.id, sandboxId, 'sandbox', sender);
    recordChange(account.id, actor, 'account.created', `account/${account.id}`, { name: account.name });
    return true;
  }

  function addKey(key: Pick<AccessKey, 'id' | 'secret' | 'accountId'>, actor: Actor): void {
    insertKey.run(key.id, key.accountId, seal.seal(key.secret), db.now());
    recordChange(key.accountId, actor, 'key.created', `key/${key.id}`, {});
  }

  return {
    createFirstAccount: ({ account, key }) =>
      db.write((tx) => {
        if (anyAccount.get() !== undefined) return false;
        addAccount(account, 'sandbox', system);
        addKey({ ...key, accountId: account.id }, system);
        tx.signal({ kind: 'directory' });
        return true;
      }),
    createAccount: (account, actor) =>
      db.write((tx) => {
        const made = addAccount(account, `sandbox-${account.id}`, actor);
        tx.signal({ kind: 'directory' });
        return made ? 'created' : 'exists';
      }),
    listAccounts: () =>
      db.read(() =>
        allAccounts.all().map((row) => ({ id: row.id, name: row.name, createdAt: row.created_at })),
      ),
    createKey: (key, actor) =>
      db.write((tx) => {
        addKey(key, actor);
        tx.signal({ kind: 'directory' });
      }),
    setKeyState: (accountId, keyId, state, actor) =>
      db.write((tx) => {
        if (updateKey.run(state, accountId, keyId) === 0) return false;
        recordChange(
          accountId,
          actor,
          state === 'active' ? 'key.enabled' : 'key.disabled',
          `key/${keyId}`,
          {},
        );
        tx.signal({ kind: 'directory' });
        return true;
      }),
    listKeys: (accountId) => db.read(() => keysOf.all(accountId).map((row) => toKey(row, seal))),
    findKey: (keyId) =>
      db.read(() => {
        const row = keyById.get(keyId);
        return row && toKey(row, seal);
      }),
    createTemporaryKey: (key, actor) =>
      db.write(() => {
        const { id, accountId, queueName, createdAt, expiresAt } = key;
        insertTemporaryKey.run(
          id,
          accountId,
          seal.seal(key.secret),
          seal.seal(key.securityToken),
          queueName,
          createdAt,
          expiresAt,
        );
        if (actor !== undefined)
          recordChange(accountId, actor, 'token.created', `queue/${queueName}`, { keyId: id, expiresAt });
      }),
    findTemporaryKey: (keyId) =>
      db.read(() => {
        const row = temporaryKeyById.get(keyId);
        return row && toTemporaryKey(row, seal);
      }),
  };
}
