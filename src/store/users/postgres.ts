import type { AccountId, Actor } from '../../domain/account.ts';
import type { ProviderIdentity, Session, User } from '../../domain/user.ts';
import type { Expected } from '../../domain/version.ts';
import { requireExpected, versionOfUser } from '../../domain/version.ts';
import {
  endsSessions,
  losesOwner,
  toChanged,
  toCreated,
  toDetail,
  toSession,
  toUser,
  userColumns,
} from './rows.ts';
import type { SessionRow, UserRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { FoundSession, NewUser, UserChange, Users } from '../store.ts';
import type { Connection, Queries, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

const userById = `SELECT ${userColumns} FROM console_user WHERE account_id = $1 AND id = $2`;
const userByName = `SELECT ${userColumns} FROM console_user WHERE account_id = $1 AND name = $2`;
const userByIdentity = `SELECT ${userColumns} FROM console_user
  WHERE account_id = $1 AND issuer = $2 AND subject = $3`;
const usersOf = `SELECT ${userColumns} FROM console_user WHERE account_id = $1 ORDER BY name COLLATE "C"`;

/** Whether somebody else can act as an owner. */
const otherOwner = `SELECT 1 FROM console_user
  WHERE account_id = $1 AND id <> $2 AND role = 'owner' AND state = 'active' LIMIT 1`;

/** Makes a user, unless one of that name, id or identity is there. */
const insertUser = `INSERT INTO console_user
    (account_id, id, name, role, state, password, issuer, subject, totp_active, totp_step, created_at)
  VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, 0, 0, $8) ON CONFLICT DO NOTHING`;

/** Writes all that may be changed of a user. */
const updateUser = `UPDATE console_user SET role = $3, state = $4, password = $5, totp_secret = $6, totp_active = $7,
    recovery_codes = $8, password_ends_at = $9
  WHERE account_id = $1 AND id = $2`;

const updateCodes = 'UPDATE console_user SET recovery_codes = $3 WHERE account_id = $1 AND id = $2';

/** Uses a time step up, unless it or a later one was used before. */
const useStep = 'UPDATE console_user SET totp_step = $3 WHERE account_id = $1 AND id = $2 AND totp_step < $3';

const noteSignIn =
  'UPDATE console_user SET signed_in_at = $3, used_at = $3 WHERE account_id = $1 AND id = $2';

const insertSession = `INSERT INTO session (account_id, hash, user_id, key_id, created_at, seen_at, expires_at, ends_at)
  VALUES ($1, $2, $3, $4, $5, $5, $6, $7)`;

/** Ends the oldest sessions of a user, or of a key, beyond the newest $3. */
const endOldest = { user: endOldestBy('user_id'), key: endOldestBy('key_id') };

/** A session in use ends at $4, or when it has to end, whichever is first; its user was at work then too. */
const touch = `WITH touched AS (
    UPDATE session SET seen_at = $3, expires_at = least(ends_at, $4) WHERE account_id = $1 AND hash = $2 RETURNING user_id)
  UPDATE console_user u SET used_at = $3 FROM touched WHERE u.account_id = $1 AND u.id = touched.user_id`;

/** Ends the sessions of a user, or of a key, but for the one of the hash $3. */
const endAll = {
  user: 'DELETE FROM session WHERE account_id = $1 AND user_id = $2 AND hash <> $3',
  key: 'DELETE FROM session WHERE account_id = $1 AND key_id = $2 AND hash <> $3',
};

/** What is done with the tables of users and their sessions. */
export class UserTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;

  constructor(db: Connection, seal: Seal, recordChange: Recorder) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
  }

  async createFirst(tx: Transaction, accountId: AccountId, user: NewUser, actor: Actor): Promise<boolean> {
    await holdAccount(tx, accountId);
    const known = await tx.get('SELECT 1 FROM console_user WHERE account_id = $1 LIMIT 1', [accountId]);
    return known === undefined && this.#add(tx, accountId, { ...user, role: 'owner' }, actor);
  }

  async create(
    tx: Transaction,
    accountId: AccountId,
    user: NewUser,
    actor: Actor,
  ): Promise<'created' | 'exists'> {
    return (await this.#add(tx, accountId, user, actor)) ? 'created' : 'exists';
  }

  async change(
    tx: Transaction,
    accountId: AccountId,
    userId: string,
    change: UserChange,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing' | 'last_owner'> {
    await holdAccount(tx, accountId);
    const user = await this.#find(tx, accountId, userId);
    if (user === undefined) return 'missing';
    requireExpected(expected, versionOfUser(user));
    if (losesOwner(user, change) && !(await hasOtherOwner(tx, accountId, userId))) return 'last_owner';
    await this.#write(tx, toChanged(user, change));
    if (endsSessions(change)) await tx.run(endAll.user, [accountId, userId, noHash]);
    await this.#recordChange(tx, accountId, actor, 'user.changed', `user/${user.name}`, toDetail(change));
    return 'done';
  }

  async giveRole(
    tx: Transaction,
    accountId: AccountId,
    userId: string,
    role: User['role'],
    actor: Actor,
  ): Promise<boolean> {
    await holdAccount(tx, accountId);
    const user = await this.#find(tx, accountId, userId);
    if (user === undefined) return false;
    await this.#write(tx, { ...user, role });
    await this.#recordChange(tx, accountId, actor, 'user.changed', `user/${user.name}`, toDetail({ role }));
    return true;
  }

  async #write(tx: Transaction, user: User): Promise<void> {
    const { accountId, id, role, state, password, totpSecret, totpActive } = user;
    await tx.run(updateUser, [
      accountId,
      id,
      role,
      state,
      password,
      totpSecret === null ? null : this.#seal.seal(totpSecret),
      totpActive ? 1 : 0,
      JSON.stringify(user.recoveryCodes),
      user.passwordEndsAt,
    ]);
  }

  async useRecoveryCode(
    tx: Transaction,
    accountId: AccountId,
    userId: string,
    hash: string,
    actor: Actor,
  ): Promise<number | undefined> {
    await holdAccount(tx, accountId);
    const user = await this.#find(tx, accountId, userId);
    if (user?.recoveryCodes.includes(hash) !== true) return undefined;
    const rest = user.recoveryCodes.filter((other) => other !== hash);
    await tx.run(updateCodes, [accountId, userId, JSON.stringify(rest)]);
    const detail = { left: rest.length };
    await this.#recordChange(tx, accountId, actor, 'recovery_code.used', `user/${user.name}`, detail);
    return rest.length;
  }

  async remove(
    tx: Transaction,
    accountId: AccountId,
    userId: string,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing' | 'last_owner'> {
    await holdAccount(tx, accountId);
    const user = await this.#find(tx, accountId, userId);
    if (user === undefined) return 'missing';
    requireExpected(expected, versionOfUser(user));
    if (losesOwner(user, { state: 'disabled' }) && !(await hasOtherOwner(tx, accountId, userId)))
      return 'last_owner';
    await tx.run('DELETE FROM console_user WHERE account_id = $1 AND id = $2', [accountId, userId]);
    await tx.run(endAll.user, [accountId, userId, noHash]);
    await this.#recordChange(tx, accountId, actor, 'user.deleted', `user/${user.name}`, {});
    return 'done';
  }

  async list(accountId: AccountId): Promise<readonly User[]> {
    const rows = await this.#db.all<UserRow>(usersOf, [accountId]);
    return this.#db.rows.read('console_user', rows, (row) => toUser(row, this.#seal));
  }

  async findByName(accountId: AccountId, name: string): Promise<User | undefined> {
    const row = await this.#db.get<UserRow>(userByName, [accountId, name]);
    return row && toUser(row, this.#seal);
  }

  async findByIdentity(
    accountId: AccountId,
    { issuer, subject }: ProviderIdentity,
  ): Promise<User | undefined> {
    const row = await this.#db.get<UserRow>(userByIdentity, [accountId, issuer, subject]);
    return row && toUser(row, this.#seal);
  }

  async useTotpStep(accountId: AccountId, userId: string, step: number): Promise<boolean> {
    return (await this.#db.run(useStep, [accountId, userId, step])) > 0;
  }

  async createSession(
    tx: Transaction,
    session: Omit<Session, 'seenAt'>,
    atMost: number,
    actor: Actor,
  ): Promise<void> {
    const { accountId, userId, keyId, createdAt, expiresAt, endsAt } = session;
    const hash = toBytes(session.hash);
    await tx.run(insertSession, [accountId, hash, userId, keyId, createdAt, expiresAt, endsAt]);
    await tx.run(userId === null ? endOldest.key : endOldest.user, [accountId, userId ?? keyId, atMost]);
    if (userId !== null) await tx.run(noteSignIn, [accountId, userId, createdAt]);
    await this.#recordChange(tx, accountId, actor, 'session.created', `${actor.kind}/${actor.id}`, {});
  }

  async findSession(accountId: AccountId, hash: string, now: number): Promise<FoundSession | undefined> {
    const sql = 'SELECT * FROM session WHERE account_id = $1 AND hash = $2';
    const row = await this.#db.get<SessionRow>(sql, [accountId, toBytes(hash)]);
    if (row === undefined || row.expires_at <= now) return undefined;
    const session = toSession(row);
    if (session.userId === null) return { session, user: null };
    const user = await this.#find(this.#db, accountId, session.userId);
    return user?.state === 'active' ? { session, user } : undefined;
  }

  async touchSession(accountId: AccountId, hash: string, seenAt: number, expiresAt: number): Promise<void> {
    await this.#db.run(touch, [accountId, toBytes(hash), seenAt, expiresAt]);
  }

  async endSession(tx: Transaction, accountId: AccountId, hash: string, actor: Actor): Promise<boolean> {
    const sql = 'DELETE FROM session WHERE account_id = $1 AND hash = $2';
    if ((await tx.run(sql, [accountId, toBytes(hash)])) === 0) return false;
    await this.#recordChange(tx, accountId, actor, 'session.ended', `${actor.kind}/${actor.id}`, {});
    return true;
  }

  async endSessions(
    tx: Transaction,
    accountId: AccountId,
    { userId, keyId }: Pick<Session, 'userId' | 'keyId'>,
    except: string | null,
    actor: Actor,
  ): Promise<number> {
    const kept = except === null ? noHash : toBytes(except);
    let ended = 0;
    if (userId !== null) ended += await tx.run(endAll.user, [accountId, userId, kept]);
    if (keyId !== null) ended += await tx.run(endAll.key, [accountId, keyId, kept]);
    if (ended > 0)
      await this.#recordChange(tx, accountId, actor, 'session.ended', `${actor.kind}/${actor.id}`, {
        sessions: ended,
      });
    return ended;
  }

  async #find(queries: Queries, accountId: AccountId, userId: string): Promise<User | undefined> {
    const row = await queries.get<UserRow>(userById, [accountId, userId]);
    return row && toUser(row, this.#seal);
  }

  async #add(tx: Transaction, accountId: AccountId, user: NewUser, actor: Actor): Promise<boolean> {
    const { id, name, role, password, identity } = user;
    const { issuer = null, subject = null } = identity ?? {};
    const values = [accountId, id, name, role, password, issuer, subject, this.#db.now()];
    if ((await tx.run(insertUser, values)) === 0) return false;
    await this.#recordChange(tx, accountId, actor, 'user.created', `user/${name}`, toCreated(user));
    return true;
  }
}

export function userVerbs(db: Connection, users: UserTables): Users {
  return {
    createFirstUser: (accountId, user, actor) => db.tx((tx) => users.createFirst(tx, accountId, user, actor)),
    createUser: (accountId, user, actor) => db.tx((tx) => users.create(tx, accountId, user, actor)),
    changeUser: (accountId, userId, change, actor, expected) =>
      db.tx((tx) => users.change(tx, accountId, userId, change, actor, expected)),
    giveRole: (accountId, userId, role, actor) =>
      db.tx((tx) => users.giveRole(tx, accountId, userId, role, actor)),
    deleteUser: (accountId, userId, actor, expected) =>
      db.tx((tx) => users.remove(tx, accountId, userId, actor, expected)),
    listUsers: (accountId) => users.list(accountId),
    findUser: (accountId, name) => users.findByName(accountId, name),
    findUserByIdentity: (accountId, identity) => users.findByIdentity(accountId, identity),
    useTotpStep: (accountId, userId, step) => users.useTotpStep(accountId, userId, step),
    useRecoveryCode: (accountId, userId, hash, actor) =>
      db.tx((tx) => users.useRecoveryCode(tx, accountId, userId, hash, actor)),
    createSession: (session, atMost, actor) => db.tx((tx) => users.createSession(tx, session, atMost, actor)),
    findSession: (accountId, hash, now) => users.findSession(accountId, hash, now),
    touchSession: (accountId, hash, seenAt, expiresAt) =>
      users.touchSession(accountId, hash, seenAt, expiresAt),
    endSession: (accountId, hash, actor) => db.tx((tx) => users.endSession(tx, accountId, hash, actor)),
    endSessions: (accountId, owner, except, actor) =>
      db.tx((tx) => users.endSessions(tx, accountId, owner, except, actor)),
  };
}

/** Who changes the users of an account does so alone: rules such as the last owner look at several of them. */
async function holdAccount(tx: Transaction, accountId: AccountId): Promise<void> {
  await tx.get('SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
}

async function hasOtherOwner(tx: Transaction, accountId: AccountId, userId: string): Promise<boolean> {
  return (await tx.get(otherOwner, [accountId, userId])) !== undefined;
}

function endOldestBy(column: 'user_id' | 'key_id'): string {
  return `DELETE FROM session WHERE account_id = $1 AND hash = ANY (ARRAY(SELECT hash FROM session
    WHERE account_id = $1 AND ${column} = $2 ORDER BY created_at DESC OFFSET $3))`;
}

/** No session has it. */
const noHash = Buffer.alloc(0);

function toBytes(hash: string): Buffer {
  return Buffer.from(hash, 'hex');
}
