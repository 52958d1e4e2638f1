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
import { changeLimits } from '../../domain/limits.ts';
import type { LimitChanges } from '../../domain/limits.ts';
import { requireExpected, versionOfKey, versionOfLimits } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import { readAccountLimits, readLimits, sandboxSenders, toAccount, toKey, toTemporaryKey } from './rows.ts';
import type { AccountRow, KeyRow, TemporaryKeyRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { Accounts, FirstAccount, KeyUse, NewAccount } from '../store.ts';
import type { ChannelTables } from '../channels/sqlite.ts';
import type { SenderTables } from '../channels/sqlite-senders.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

/** Keys with what their accounts may use. */
const selectKeys =
  'SELECT k.*, a.limits AS account_limits FROM access_key k JOIN account a ON a.id = k.account_id';

/** Changes what is given of a key; what is null stays. */
const updateKey = `UPDATE access_key SET name = coalesce(?, name), role = coalesce(?, role), addresses = coalesce(?, addresses),
    limits = coalesce(?, limits)
  WHERE account_id = ? AND id = ?`;

/** What is run for accounts and keys, prepared once. */
function accountStatements(db: Connection) {
  return {
    insertAccount: db.prepare(
      'INSERT INTO account (id, name, first, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    anyAccount: db.prepare('SELECT 1 FROM account LIMIT 1'),
    allAccounts: db.prepare<AccountRow>('SELECT * FROM account ORDER BY created_at, id'),
    accountById: db.prepare<AccountRow>('SELECT * FROM account WHERE id = ?'),
    updateAccountLimits: db.prepare('UPDATE account SET limits = ? WHERE id = ?'),
    insertKey: db.prepare(
      "INSERT INTO access_key (id, account_id, secret, state, name, role, addresses, limits, created_at) VALUES (?, ?, ?, 'active', ?, ?, ?, ?, ?)",
    ),
    updateSettings: db.prepare(updateKey),
    updateState: db.prepare('UPDATE access_key SET state = ? WHERE account_id = ? AND id = ?'),
    noteUse: db.prepare(
      'UPDATE access_key SET used_at = max(coalesce(used_at, 0), ?) WHERE account_id = ? AND id = ?',
    ),
    keysOf: db.prepare<KeyRow>(`${selectKeys} WHERE k.account_id = ? ORDER BY k.created_at, k.id`),
    keyById: db.prepare<KeyRow>(`${selectKeys} WHERE k.id = ?`),
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

  find(accountId: AccountId): Account | undefined {
    const row = this.#sql.accountById.get(accountId);
    return row && toAccount(row);
  }

  setLimits(
    tx: Transaction,
    accountId: AccountId,
    changes: LimitChanges,
    actor: Actor,
    expected?: Expected,
  ): boolean {
    const row = this.#sql.accountById.get(accountId);
    if (row === undefined) return false;
    requireExpected(expected, versionOfLimits(toAccount(row)));
    const limits = changeLimits(readAccountLimits(row.limits), changes);
    this.#sql.updateAccountLimits.run(JSON.stringify(limits), accountId);
    this.#recordChange(accountId, actor, 'account.limited', `account/${accountId}`, { limits: changes });
    tx.signal({ kind: 'directory', accountId });
    return true;
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
    const { name = null, role = null, addresses, limits } = settings;
    const list = addresses === undefined ? null : JSON.stringify(addresses);
    const known = this.#sql.keyById.get(keyId);
    if (known?.account_id !== accountId) return false;
    if (expected !== undefined) requireExpected(expected, versionOfKey(toKey(known, this.#seal)));
    const limited =
      limits === undefined ? null : JSON.stringify(changeLimits(readLimits(known.limits), limits));
    this.#sql.updateSettings.run(name, role, list, limited, accountId, keyId);
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
    const { id, accountId, secret, name = '', role = 'full', addresses = [], limits = {} } = key;
    const sealed = this.#seal.seal(secret);
    const [listed, limited] = [JSON.stringify(addresses), JSON.stringify(changeLimits({}, limits))];
    this.#sql.insertKey.run(id, accountId, sealed, name, role, listed, limited, this.#db.now());
    const detail = { name, role, addresses, ...(Object.keys(limits).length > 0 && { limits }) };
    this.#recordChange(accountId, actor, 'key.created', `key/${id}`, detail);
  }
}

export function accountVerbs(db: Connection, accounts: AccountTables): Accounts {
  return {
    createFirstAccount: (first) => db.write((tx) => accounts.createFirst(tx, first)),
    createAccount: (account, actor, key) => db.write((tx) => accounts.create(tx, account, actor, key)),
    listAccounts: () => db.read(() => accounts.list()),
    findAccount: (accountId) => db.read(() => accounts.find(accountId)),
    setAccountLimits: (accountId, changes, actor, expected) =>
      db.write((tx) => accounts.setLimits(tx, accountId, changes, actor, expected)),
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
