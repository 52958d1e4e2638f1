import { system } from '../../domain/account.ts';
import type {
  AccessKey,
  Account,
  AccountId,
  Actor,
  KeySettings,
  NewKey,
  TemporaryKey,
} from '../../domain/account.ts';
import { requireExpected, versionOfKey } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import { sandboxSenders, toAccount, toKey, toTemporaryKey } from './rows.ts';
import type { AccountRow, KeyRow, TemporaryKeyRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { Accounts, FirstAccount, KeyUse, NewAccount } from '../store.ts';
import type { ChannelTables } from '../channels/sqlite.ts';
import type { SenderTables } from '../channels/sqlite-senders.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

/** What is run for accounts and keys, prepared once. */
function accountStatements(db: Connection) {
  return {
    insertAccount: db.prepare(
      'INSERT INTO account (id, name, first, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    anyAccount: db.prepare('SELECT 1 FROM account LIMIT 1'),
    allAccounts: db.prepare<AccountRow>('SELECT * FROM account ORDER BY created_at, id'),
    insertKey: db.prepare(
      "INSERT INTO access_key (id, account_id, secret, state, name, role, addresses, created_at) VALUES (?, ?, ?, 'active', ?, ?, ?, ?)",
    ),
    updateSettings: db.prepare(
      `UPDATE access_key SET name = coalesce(?, name), role = coalesce(?, role), addresses = coalesce(?, addresses)
       WHERE account_id = ? AND id = ?`,
    ),
    updateState: db.prepare('UPDATE access_key SET state = ? WHERE account_id = ? AND id = ?'),
    noteUse: db.prepare(
      'UPDATE access_key SET used_at = max(coalesce(used_at, 0), ?) WHERE account_id = ? AND id = ?',
    ),
    keysOf: db.prepare<KeyRow>('SELECT * FROM access_key WHERE account_id = ? ORDER BY created_at, id'),
    keyById: db.prepare<KeyRow>('SELECT * FROM access_key WHERE id = ?'),
    insertTemporaryKey: db.prepare(
      'INSERT INTO temporary_key (id, account_id, secret, security_token, queue_name, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    temporaryKeyById: db.prepare<TemporaryKeyRow>('SELECT * FROM temporary_key WHERE id = ?'),
  };
}

/** What is done with the tables of accounts and keys, each inside a transaction that the caller has. */
export class AccountTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;
  readonly #channels: ChannelTables;
  readonly #senders: SenderTables;
  readonly #sql;

  constructor(
    db: Connection,
    seal: Seal,
    recordChange: Recorder,
    channels: ChannelTables,
    senders: SenderTables,
  ) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
    this.#channels = channels;
    this.#senders = senders;
    this.#sql = accountStatements(db);
  }

  createFirst(tx: Transaction, { account, key }: FirstAccount): boolean {
    if (this.#sql.anyAccount.get() !== undefined) return false;
    this.#add(account, true, system);
    this.#addKey({ ...key, accountId: account.id }, system);
    tx.signal({ kind: 'directory', accountId: account.id });
    return true;
  }

  create(
    tx: Transaction,
    account: NewAccount,
    actor: Actor,
    key?: Omit<NewKey, 'accountId'>,
  ): 'created' | 'exists' {
    const made = this.#add(account, false, actor);
    if (made && key !== undefined) this.#addKey({ ...key, accountId: account.id }, actor);
    tx.signal({ kind: 'directory', accountId: account.id });
    return made ? 'created' : 'exists';
  }

  list(): Account[] {
    return this.#sql.allAccounts.all().map(toAccount);
  }

  createKey(tx: Transaction, key: NewKey, actor: Actor): void {
    this.#addKey(key, actor);
    tx.signal({ kind: 'directory', accountId: key.accountId });
  }

  setKeyState(
    tx: Transaction,
    accountId: AccountId,
    keyId: string,
    state: AccessKey['state'],
    actor: Actor,
  ): boolean {
    if (this.#sql.updateState.run(state, accountId, keyId) === 0) return false;
    const action = state === 'active' ? 'key.enabled' : 'key.disabled';
    this.#recordChange(accountId, actor, action, `key/${keyId}`, {});
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  setKeySettings(
    tx: Transaction,
    accountId: AccountId,
    keyId: string,
    settings: KeySettings,
    actor: Actor,
    expected?: Expected,
  ): boolean {
    const { name = null, role = null, addresses } = settings;
    const list = addresses === undefined ? null : JSON.stringify(addresses);
    const known = expected && this.#sql.keyById.get(keyId);
    if (known?.account_id === accountId) requireExpected(expected, versionOfKey(toKey(known, this.#seal)));
    if (this.#sql.updateSettings.run(name, role, list, accountId, keyId) === 0) return false;
    this.#recordChange(accountId, actor, 'key.changed', `key/${keyId}`, { ...settings });
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  noteKeyUses(uses: readonly KeyUse[]): void {
    for (const { accountId, keyId, at } of uses) this.#sql.noteUse.run(at, accountId, keyId);
  }

  listKeys(accountId: AccountId): AccessKey[] {
    return this.#sql.keysOf.all(accountId).map((row) => toKey(row, this.#seal));
  }

  findKey(keyId: string): AccessKey | undefined {
    const row = this.#sql.keyById.get(keyId);
    return row && toKey(row, this.#seal);
  }

  createTemporaryKey(key: TemporaryKey, actor?: Actor): void {
    const { id, accountId, queueName, createdAt, expiresAt } = key;
    const [secret, token] = [this.#seal.seal(key.secret), this.#seal.seal(key.securityToken)];
    this.#sql.insertTemporaryKey.run(id, accountId, secret, token, queueName, createdAt, expiresAt);
    if (actor === undefined) return;
    this.#recordChange(accountId, actor, 'token.created', `queue/${queueName}`, { keyId: id, expiresAt });
  }

  findTemporaryKey(keyId: string): TemporaryKey | undefined {
    const row = this.#sql.temporaryKeyById.get(keyId);
    return row && toTemporaryKey(row, this.#seal);
  }

  /** Adds an account with its sandbox; false when it is there. */
  #add(account: NewAccount, first: boolean, actor: Actor): boolean {
    const sandboxId = first ? 'sandbox' : `sandbox-${account.id}`;
    if (this.#sql.insertAccount.run(account.id, account.name, first ? 1 : 0, this.#db.now()) === 0)
      return false;
    this.#channels.add(account.id, {
      id: sandboxId,
      type: 'sandbox',
      name: 'Sandbox',
      wabaId: sandboxId,
      credentials: {},
    });
    for (const sender of sandboxSenders) this.#senders.add(account.id, sandboxId, 'sandbox', sender);
    const { id, name } = account;
    this.#recordChange(id, actor, 'account.created', `account/${id}`, { name });
    return true;
  }

  #addKey(key: NewKey, actor: Actor): void {
    const { id, accountId, secret, name = '', role = 'full', addresses = [] } = key;
    const sealed = this.#seal.seal(secret);
    this.#sql.insertKey.run(id, accountId, sealed, name, role, JSON.stringify(addresses), this.#db.now());
    this.#recordChange(accountId, actor, 'key.created', `key/${id}`, { name, role, addresses });
  }
}

export function accountVerbs(db: Connection, accounts: AccountTables): Accounts {
  return {
    createFirstAccount: (first) => db.write((tx) => accounts.createFirst(tx, first)),
    createAccount: (account, actor, key) => db.write((tx) => accounts.create(tx, account, actor, key)),
    listAccounts: () => db.read(() => accounts.list()),
    createKey: (key, actor) => db.write((tx) => accounts.createKey(tx, key, actor)),
    setKeyState: (accountId, keyId, state, actor) =>
      db.write((tx) => accounts.setKeyState(tx, accountId, keyId, state, actor)),
    setKeySettings: (accountId, keyId, settings, actor, expected) =>
      db.write((tx) => accounts.setKeySettings(tx, accountId, keyId, settings, actor, expected)),
    noteKeyUses: (uses) => db.write(() => accounts.noteKeyUses(uses)),
    listKeys: (accountId) => db.read(() => accounts.listKeys(accountId)),
    findKey: (keyId) => db.read(() => accounts.findKey(keyId)),
    createTemporaryKey: (key, actor) => db.write(() => accounts.createTemporaryKey(key, actor)),
    findTemporaryKey: (keyId) => db.read(() => accounts.findTemporaryKey(keyId)),
  };
}
