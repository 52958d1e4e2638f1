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
import type { Expected } from '../../domain/version.ts';
import { requireExpected, versionOfKey, versionOfLimits } from '../../domain/version.ts';
import { readAccountLimits, readLimits, sandboxSenders, toAccount, toKey, toTemporaryKey } from './rows.ts';
import type { AccountRow, KeyRow, TemporaryKeyRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { Accounts, FirstAccount, KeyUse, NewAccount } from '../store.ts';
import type { ChannelTables } from '../channels/postgres.ts';
import type { SenderTables } from '../channels/postgres-senders.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

/** Makes an account, unless one of that id is there. */
const insertAccount =
  'INSERT INTO account (id, name, first, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING';

/** Nobody else changes the account until the commit. */
const lockAccount = 'SELECT * FROM account WHERE id = $1 FOR NO KEY UPDATE';

const insertKey = `INSERT INTO access_key (id, account_id, secret, state, name, role, addresses, limits, created_at)
  VALUES ($1, $2, $3, 'active', $4, $5, $6, $7, $8)`;

/** Keys with what their accounts may use. */
const selectKeys =
  'SELECT k.*, a.limits AS account_limits FROM access_key k JOIN account a ON a.id = k.account_id';

/** Nobody else changes the key until the commit. */
const lockKey = `${selectKeys} WHERE k.account_id = $1 AND k.id = $2 FOR UPDATE OF k`;

/** Changes what is given of a key; what is null stays. */
const updateSettings = `UPDATE access_key SET name = coalesce($1, name), role = coalesce($2, role), addresses = coalesce($3, addresses),
    limits = coalesce($4, limits)
  WHERE account_id = $5 AND id = $6`;

/** Notes a use of a key, unless a later one is known. */
const noteUse = 'UPDATE access_key SET used_at = greatest(used_at, $1) WHERE account_id = $2 AND id = $3';

const insertTemporaryKey = `INSERT INTO temporary_key (id, account_id, secret, security_token, queue_name, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;

/** What is done with the tables of accounts and their keys. */
export class AccountTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;
  readonly #channels: ChannelTables;
  readonly #senders: SenderTables;

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
  }

  async createFirst(tx: Transaction, { account, key }: FirstAccount): Promise<boolean> {
    // Two nodes that start at once on an empty database make one account.
    await tx.run('LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE');
    if ((await tx.get('SELECT 1 FROM account LIMIT 1')) !== undefined) return false;
    await this.#add(tx, account, true, system);
    await this.createKey(tx, { ...key, accountId: account.id }, system);
    return true;
  }

  async create(
    tx: Transaction,
    account: NewAccount,
    actor: Actor,
    key?: Omit<NewKey, 'accountId'>,
  ): Promise<'created' | 'exists'> {
    const made = await this.#add(tx, account, false, actor);
    if (made && key !== undefined) await this.createKey(tx, { ...key, accountId: account.id }, actor);
    tx.signal({ kind: 'directory', accountId: account.id });
    return made ? 'created' : 'exists';
  }

  async list(): Promise<Account[]> {
    return (await this.#db.all<AccountRow>('SELECT * FROM account ORDER BY created_at, id')).map(toAccount);
  }

  async find(accountId: AccountId): Promise<Account | undefined> {
    const row = await this.#db.get<AccountRow>('SELECT * FROM account WHERE id = $1', [accountId]);
    return row && toAccount(row);
  }

  async setLimits(
    tx: Transaction,
    accountId: AccountId,
    changes: LimitChanges,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean> {
    const row = await tx.get<AccountRow>(lockAccount, [accountId]);
    if (row === undefined) return false;
    requireExpected(expected, versionOfLimits(toAccount(row)));
    const limits = changeLimits(readAccountLimits(row.limits), changes);
    await tx.run('UPDATE account SET limits = $1 WHERE id = $2', [JSON.stringify(limits), accountId]);
    const detail = { limits: changes };
    await this.#recordChange(tx, accountId, actor, 'account.limited', `account/${accountId}`, detail);
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  async createKey(
    tx: Transaction,
    { id, accountId, secret, name = '', role = 'full', addresses = [], limits = {} }: NewKey,
    actor: Actor,
  ): Promise<void> {
    const sealed = this.#seal.seal(secret);
    const [listed, limited] = [JSON.stringify(addresses), JSON.stringify(changeLimits({}, limits))];
    await tx.run(insertKey, [id, accountId, sealed, name, role, listed, limited, this.#db.now()]);
    const detail = { name, role, addresses, ...(Object.keys(limits).length > 0 && { limits }) };
    await this.#recordChange(tx, accountId, actor, 'key.created', `key/${id}`, detail);
    tx.signal({ kind: 'directory', accountId });
  }

  async setKeyState(
    tx: Transaction,
    accountId: AccountId,
    keyId: string,
    state: AccessKey['state'],
    actor: Actor,
  ): Promise<boolean> {
    const sql = 'UPDATE access_key SET state = $1 WHERE account_id = $2 AND id = $3';
    if ((await tx.run(sql, [state, accountId, keyId])) === 0) return false;
    const action = state === 'active' ? 'key.enabled' : 'key.disabled';
    await this.#recordChange(tx, accountId, actor, action, `key/${keyId}`, {});
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  async setKeySettings(
    tx: Transaction,
    accountId: AccountId,
    keyId: string,
    settings: KeySettings,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean> {
    const { name = null, role = null, addresses, limits } = settings;
    const known = await tx.get<KeyRow>(lockKey, [accountId, keyId]);
    if (known === undefined) return false;
    if (expected !== undefined) requireExpected(expected, versionOfKey(toKey(known, this.#seal)));
    const listed = addresses === undefined ? null : JSON.stringify(addresses);
    const limited =
      limits === undefined ? null : JSON.stringify(changeLimits(readLimits(known.limits), limits));
    await tx.run(updateSettings, [name, role, listed, limited, accountId, keyId]);
    await this.#recordChange(tx, accountId, actor, 'key.changed', `key/${keyId}`, { ...settings });
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  async noteKeyUses(tx: Transaction, uses: readonly KeyUse[]): Promise<void> {
    // In one order, so that two nodes never wait for each other.
    const sorted = uses.toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1));
    for (const { accountId, keyId, at } of sorted) await tx.run(noteUse, [at, accountId, keyId]);
  }

  async listKeys(accountId: AccountId): Promise<readonly AccessKey[]> {
    const sql = `${selectKeys} WHERE k.account_id = $1 ORDER BY k.created_at, k.id`;
    const rows = await this.#db.all<KeyRow>(sql, [accountId]);
    return this.#db.rows.read('access_key', rows, (row) => toKey(row, this.#seal));
  }

  async findKey(keyId: string): Promise<AccessKey | undefined> {
    const row = await this.#db.get<KeyRow>(`${selectKeys} WHERE k.id = $1`, [keyId]);
    return row && toKey(row, this.#seal);
  }

  async createTemporaryKey(tx: Transaction, key: TemporaryKey, actor?: Actor): Promise<void> {
    const { id, accountId, queueName, createdAt, expiresAt } = key;
    const [secret, token] = [this.#seal.seal(key.secret), this.#seal.seal(key.securityToken)];
    await tx.run(insertTemporaryKey, [id, accountId, secret, token, queueName, createdAt, expiresAt]);
    if (actor === undefined) return;
    const detail = { keyId: id, expiresAt };
    await this.#recordChange(tx, accountId, actor, 'token.created', `queue/${queueName}`, detail);
  }

  async findTemporaryKey(keyId: string): Promise<TemporaryKey | undefined> {
    const row = await this.#db.get<TemporaryKeyRow>('SELECT * FROM temporary_key WHERE id = $1', [keyId]);
    return row && toTemporaryKey(row, this.#seal);
  }

  /** Makes an account with its sandbox; resolves to false when there is one of that id. */
  async #add(tx: Transaction, { id, name }: NewAccount, first: boolean, actor: Actor): Promise<boolean> {
    if ((await tx.run(insertAccount, [id, name, first ? 1 : 0, this.#db.now()])) === 0) return false;
    const sandboxId = first ? 'sandbox' : `sandbox-${id}`;
    await this.#channels.add(tx, id, {
      id: sandboxId,
      type: 'sandbox',
      name: 'Sandbox',
      wabaId: sandboxId,
      credentials: {},
    });
    for (const sender of sandboxSenders) await this.#senders.add(tx, id, sandboxId, 'sandbox', sender);
    await this.#recordChange(tx, id, actor, 'account.created', `account/${id}`, { name });
    return true;
  }
}

export function accountVerbs(db: Connection, accounts: AccountTables): Accounts {
  return {
    createFirstAccount: (first) => db.tx((tx) => accounts.createFirst(tx, first)),
    createAccount: (account, actor, key) => db.tx((tx) => accounts.create(tx, account, actor, key)),
    listAccounts: () => accounts.list(),
    findAccount: (accountId) => accounts.find(accountId),
    setAccountLimits: (accountId, changes, actor, expected) =>
      db.tx((tx) => accounts.setLimits(tx, accountId, changes, actor, expected)),
    createKey: (key, actor) => db.tx((tx) => accounts.createKey(tx, key, actor)),
    setKeyState: (accountId, keyId, state, actor) =>
      db.tx((tx) => accounts.setKeyState(tx, accountId, keyId, state, actor)),
    setKeySettings: (accountId, keyId, settings, actor, expected) =>
      db.tx((tx) => accounts.setKeySettings(tx, accountId, keyId, settings, actor, expected)),
    noteKeyUses: (uses) => db.tx((tx) => accounts.noteKeyUses(tx, uses)),
    listKeys: (accountId) => accounts.listKeys(accountId),
    findKey: (keyId) => accounts.findKey(keyId),
    createTemporaryKey: (key, actor) => db.tx((tx) => accounts.createTemporaryKey(tx, key, actor)),
    findTemporaryKey: (keyId) => accounts.findTemporaryKey(keyId),
  };
}
