import { system } from '../../domain/account.ts';
import type { Actor, NewKey } from '../../domain/account.ts';
import { requireExpected, versionOfKey } from '../../domain/version.ts';
import { sandboxSenders, toAccount, toKey, toTemporaryKey } from './rows.ts';
import type { AccountRow, KeyRow, TemporaryKeyRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { Accounts, NewAccount } from '../store.ts';
import type { ChannelWrites } from '../channels/sqlite.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

export function accountVerbs(
  db: Connection,
  seal: Seal,
  recordChange: Recorder,
  channels: ChannelWrites,
): Accounts {
  const insertAccount = db.prepare(
    'INSERT INTO account (id, name, first, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const anyAccount = db.prepare('SELECT 1 FROM account LIMIT 1');
  const allAccounts = db.prepare<AccountRow>('SELECT * FROM account ORDER BY created_at, id');
  const insertKey = db.prepare(
    "INSERT INTO access_key (id, account_id, secret, state, name, role, addresses, created_at) VALUES (?, ?, ?, 'active', ?, ?, ?, ?)",
  );
  const updateSettings = db.prepare(
    `UPDATE access_key SET name = coalesce(?, name), role = coalesce(?, role), addresses = coalesce(?, addresses)
     WHERE account_id = ? AND id = ?`,
  );
  const noteUse = db.prepare(
    'UPDATE access_key SET used_at = max(coalesce(used_at, 0), ?) WHERE account_id = ? AND id = ?',
  );
  const updateKey = db.prepare('UPDATE access_key SET state = ? WHERE account_id = ? AND id = ?');
  const keysOf = db.prepare<KeyRow>('SELECT * FROM access_key WHERE account_id = ? ORDER BY created_at, id');
  const keyById = db.prepare<KeyRow>('SELECT * FROM access_key WHERE id = ?');
  const insertTemporaryKey = db.prepare(
    'INSERT INTO temporary_key (id, account_id, secret, security_token, queue_name, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const temporaryKeyById = db.prepare<TemporaryKeyRow>('SELECT * FROM temporary_key WHERE id = ?');

  function addAccount(account: NewAccount, first: boolean, actor: Actor): boolean {
    const sandboxId = first ? 'sandbox' : `sandbox-${account.id}`;
    if (insertAccount.run(account.id, account.name, first ? 1 : 0, db.now()) === 0) return false;
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

  function addKey(
    { id, accountId, secret, name = '', role = 'full', addresses = [] }: NewKey,
    actor: Actor,
  ): void {
    insertKey.run(id, accountId, seal.seal(secret), name, role, JSON.stringify(addresses), db.now());
    recordChange(accountId, actor, 'key.created', `key/${id}`, { name, role, addresses });
  }

  return {
    createFirstAccount: ({ account, key }) =>
      db.write((tx) => {
        if (anyAccount.get() !== undefined) return false;
        addAccount(account, true, system);
        addKey({ ...key, accountId: account.id }, system);
        tx.signal({ kind: 'directory', accountId: account.id });
        return true;
      }),
    createAccount: (account, actor) =>
      db.write((tx) => {
        const made = addAccount(account, false, actor);
        tx.signal({ kind: 'directory', accountId: account.id });
        return made ? 'created' : 'exists';
      }),
    listAccounts: () => db.read(() => allAccounts.all().map(toAccount)),
    createKey: (key, actor) =>
      db.write((tx) => {
        addKey(key, actor);
        tx.signal({ kind: 'directory', accountId: key.accountId });
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
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    setKeySettings: (accountId, keyId, settings, actor, expected) =>
      db.write((tx) => {
        const { name = null, role = null, addresses } = settings;
        const list = addresses === undefined ? null : JSON.stringify(addresses);
        const known = expected && keyById.get(keyId);
        if (known?.account_id === accountId) requireExpected(expected, versionOfKey(toKey(known, seal)));
        if (updateSettings.run(name, role, list, accountId, keyId) === 0) return false;
        recordChange(accountId, actor, 'key.changed', `key/${keyId}`, { ...settings });
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    noteKeyUses: (uses) =>
      db.write(() => {
        for (const { accountId, keyId, at } of uses) noteUse.run(at, accountId, keyId);
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
