import type { AccountId, Actor } from '../../domain/account.ts';
import type { ProviderIdentity, Session, User } from '../../domain/user.ts';
import { requireExpected, versionOfUser } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
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
import type { Connection } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

const selectUser = `SELECT ${userColumns} FROM console_user`;

/** Makes a user, unless one of that name, id or identity is there. */
const insertUser = `INSERT INTO console_user
    (account_id, id, name, role, state, password, issuer, subject, totp_active, totp_step, created_at)
  VALUES (?, ?, ?, ?, 'active', ?, ?, ?, 0, 0, ?) ON CONFLICT DO NOTHING`;

/** Ends the sessions of a user or a key beyond so many, the oldest first. */
const toTrim = (owner: 'user_id' | 'key_id'): string =>
  `DELETE FROM session WHERE account_id = ? AND hash IN (SELECT hash FROM session
     WHERE account_id = ? AND ${owner} = ? ORDER BY created_at DESC LIMIT -1 OFFSET ?)`;

/** What is run for users, prepared once. */
function userStatements(db: Connection) {
  return {
    insert: db.prepare(insertUser),
    any: db.prepare('SELECT 1 FROM console_user WHERE account_id = ? LIMIT 1'),
    allOf: db.prepare<UserRow>(`${selectUser} WHERE account_id = ? ORDER BY name`),
    byName: db.prepare<UserRow>(`${selectUser} WHERE account_id = ? AND name = ?`),
    byId: db.prepare<UserRow>(`${selectUser} WHERE account_id = ? AND id = ?`),
    byIdentity: db.prepare<UserRow>(`${selectUser} WHERE account_id = ? AND issuer = ? AND subject = ?`),
    otherOwner: db.prepare(
      "SELECT 1 FROM console_user WHERE account_id = ? AND id <> ? AND role = 'owner' AND state = 'active' LIMIT 1",
    ),
    update: db.prepare(
      `UPDATE console_user SET role = ?, state = ?, password = ?, password_ends_at = ?, totp_secret = ?, totp_active = ?,
         recovery_codes = ? WHERE account_id = ? AND id = ?`,
    ),
    setCodes: db.prepare('UPDATE console_user SET recovery_codes = ? WHERE account_id = ? AND id = ?'),
    remove: db.prepare('DELETE FROM console_user WHERE account_id = ? AND id = ?'),
    useStep: db.prepare(
      'UPDATE console_user SET totp_step = ? WHERE account_id = ? AND id = ? AND totp_step < ?',
    ),
    noteSignIn: db.prepare(
      'UPDATE console_user SET signed_in_at = ?1, used_at = ?1 WHERE account_id = ?2 AND id = ?3',
    ),
    noteUse: db.prepare(
      `UPDATE console_user SET used_at = ?1 WHERE account_id = ?2
         AND id = (SELECT user_id FROM session WHERE account_id = ?2 AND hash = ?3)`,
    ),
  };
}

/** What is run for sessions, prepared once. */
function sessionStatements(db: Connection) {
  return {
    insert: db.prepare(
      `INSERT INTO session (account_id, hash, user_id, key_id, created_at, seen_at, expires_at, ends_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    trimUser: db.prepare(toTrim('user_id')),
    trimKey: db.prepare(toTrim('key_id')),
    byHash: db.prepare<SessionRow>('SELECT * FROM session WHERE account_id = ? AND hash = ?'),
    touch: db.prepare(
      'UPDATE session SET seen_at = ?, expires_at = min(ends_at, ?) WHERE account_id = ? AND hash = ?',
    ),
    end: db.prepare('DELETE FROM session WHERE account_id = ? AND hash = ?'),
    endOfUser: db.prepare('DELETE FROM session WHERE account_id = ? AND user_id = ? AND hash <> ?'),
    endOfKey: db.prepare('DELETE FROM session WHERE account_id = ? AND key_id = ? AND hash <> ?'),
  };
}

/** What is done with the tables of users and sessions, each inside a transaction that the caller has. */
export class UserTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;
  readonly #users;
  readonly #sessions;

  constructor(db: Connection, seal: Seal, recordChange: Recorder) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
    this.#users = userStatements(db);
    this.#sessions = sessionStatements(db);
  }

  createFirst(accountId: AccountId, user: NewUser, actor: Actor): boolean {
    if (this.#users.any.get(accountId) !== undefined) return false;
    return this.create(accountId, { ...user, role: 'owner' }, actor);
  }

  /** Returns false when there is one of that name, or of that identity. */
  create(accountId: AccountId, user: NewUser, actor: Actor): boolean {
    const { id, name, role, password, identity } = user;
    const { issuer = null, subject = null } = identity ?? {};
    const at = this.#db.now();
    if (this.#users.insert.run(accountId, id, name, role, password, issuer, subject, at) === 0) return false;
    this.#recordChange(accountId, actor, 'user.created', `user/${name}`, toCreated(user));
    return true;
  }

  change(
    accountId: AccountId,
    userId: string,
    change: UserChange,
    actor: Actor,
    expected?: Expected,
  ): 'done' | 'missing' | 'last_owner' {
    const user = this.#find(accountId, userId);
    if (user === undefined) return 'missing';
    requireExpected(expected, versionOfUser(user));
    if (losesOwner(user, change) && !this.#hasOtherOwner(accountId, userId)) return 'last_owner';
    this.#write(toChanged(user, change));
    if (endsSessions(change)) this.#sessions.endOfUser.run(accountId, userId, noHash);
    this.#recordChange(accountId, actor, 'user.changed', `user/${user.name}`, toDetail(change));
    return 'done';
  }

  giveRole(accountId: AccountId, userId: string, role: User['role'], actor: Actor): boolean {
    const user = this.#find(accountId, userId);
    if (user === undefined) return false;
    this.#write({ ...user, role });
    this.#recordChange(accountId, actor, 'user.changed', `user/${user.name}`, toDetail({ role }));
    return true;
  }

  #write({ accountId, id, role, state, password, totpSecret, totpActive, ...user }: User): void {
    const secret = totpSecret === null ? null : this.#seal.seal(totpSecret);
    const codes = JSON.stringify(user.recoveryCodes);
    const active = totpActive ? 1 : 0;
    this.#users.update.run(role, state, password, user.passwordEndsAt, secret, active, codes, accountId, id);
  }

  useRecoveryCode(accountId: AccountId, userId: string, hash: string, actor: Actor): number | undefined {
    const user = this.#find(accountId, userId);
    if (user?.recoveryCodes.includes(hash) !== true) return undefined;
    const rest = user.recoveryCodes.filter((other) => other !== hash);
    this.#users.setCodes.run(JSON.stringify(rest), accountId, userId);
    const detail = { left: rest.length };
    this.#recordChange(accountId, actor, 'recovery_code.used', `user/${user.name}`, detail);
    return rest.length;
  }

  remove(
    accountId: AccountId,
    userId: string,
    actor: Actor,
    expected?: Expected,
  ): 'done' | 'missing' | 'last_owner' {
    const user = this.#find(accountId, userId);
    if (user === undefined) return 'missing';
    requireExpected(expected, versionOfUser(user));
    if (losesOwner(user, { state: 'disabled' }) && !this.#hasOtherOwner(accountId, userId))
      return 'last_owner';
    this.#users.remove.run(accountId, userId);
    this.#sessions.endOfUser.run(accountId, userId, noHash);
    this.#recordChange(accountId, actor, 'user.deleted', `user/${user.name}`, {});
    return 'done';
  }

  list(accountId: AccountId): User[] {
    return this.#users.allOf.all(accountId).map((row) => toUser(row, this.#seal));
  }

  findByName(accountId: AccountId, name: string): User | undefined {
    const row = this.#users.byName.get(accountId, name);
    return row && toUser(row, this.#seal);
  }

  findByIdentity(accountId: AccountId, { issuer, subject }: ProviderIdentity): User | undefined {
    const row = this.#users.byIdentity.get(accountId, issuer, subject);
    return row && toUser(row, this.#seal);
  }

  useTotpStep(accountId: AccountId, userId: string, step: number): boolean {
    return this.#users.useStep.run(step, accountId, userId, step) > 0;
  }

  beginSession(session: Omit<Session, 'seenAt'>, atMost: number, actor: Actor): void {
    const { accountId, userId, keyId, createdAt, expiresAt, endsAt } = session;
    const hash = toBytes(session.hash);
    this.#sessions.insert.run(accountId, hash, userId, keyId, createdAt, createdAt, expiresAt, endsAt);
    if (userId !== null) {
      this.#sessions.trimUser.run(accountId, accountId, userId, atMost);
      this.#users.noteSignIn.run(createdAt, accountId, userId);
    }
    if (keyId !== null) this.#sessions.trimKey.run(accountId, accountId, keyId, atMost);
    this.#recordChange(accountId, actor, 'session.created', `${actor.kind}/${actor.id}`, {});
  }

  findSession(accountId: AccountId, hash: string, now: number): FoundSession | undefined {
    const row = this.#sessions.byHash.get(accountId, toBytes(hash));
    if (row === undefined || row.expires_at <= now) return undefined;
    const session = toSession(row);
    if (session.userId === null) return { session, user: null };
    const user = this.#find(accountId, session.userId);
    return user?.state === 'active' ? { session, user } : undefined;
  }

  touchSession(accountId: AccountId, hash: string, seenAt: number, expiresAt: number): void {
    this.#sessions.touch.run(seenAt, expiresAt, accountId, toBytes(hash));
    this.#users.noteUse.run(seenAt, accountId, toBytes(hash));
  }

  endSession(accountId: AccountId, hash: string, actor: Actor): boolean {
    if (this.#sessions.end.run(accountId, toBytes(hash)) === 0) return false;
    this.#recordChange(accountId, actor, 'session.ended', `${actor.kind}/${actor.id}`, {});
    return true;
  }

  endSessions(
    accountId: AccountId,
    { userId, keyId }: Pick<Session, 'userId' | 'keyId'>,
    except: string | null,
    actor: Actor,
  ): number {
    const kept = except === null ? noHash : toBytes(except);
    const ended =
      (userId === null ? 0 : this.#sessions.endOfUser.run(accountId, userId, kept)) +
      (keyId === null ? 0 : this.#sessions.endOfKey.run(accountId, keyId, kept));
    const subject = `${actor.kind}/${actor.id}`;
    if (ended > 0) this.#recordChange(accountId, actor, 'session.ended', subject, { sessions: ended });
    return ended;
  }

  #find(accountId: AccountId, userId: string): User | undefined {
    const row = this.#users.byId.get(accountId, userId);
    return row && toUser(row, this.#seal);
  }

  #hasOtherOwner(accountId: AccountId, userId: string): boolean {
    return this.#users.otherOwner.get(accountId, userId) !== undefined;
  }
}

export function userVerbs(db: Connection, users: UserTables): Users {
  return {
    createFirstUser: (accountId, user, actor) => db.write(() => users.createFirst(accountId, user, actor)),
    createUser: (accountId, user, actor) =>
      db.write(() => (users.create(accountId, user, actor) ? 'created' : 'exists')),
    changeUser: (accountId, userId, change, actor, expected) =>
      db.write(() => users.change(accountId, userId, change, actor, expected)),
    giveRole: (accountId, userId, role, actor) =>
      db.write(() => users.giveRole(accountId, userId, role, actor)),
    deleteUser: (accountId, userId, actor, expected) =>
      db.write(() => users.remove(accountId, userId, actor, expected)),
    listUsers: (accountId) => db.read(() => users.list(accountId)),
    findUser: (accountId, name) => db.read(() => users.findByName(accountId, name)),
    findUserByIdentity: (accountId, identity) => db.read(() => users.findByIdentity(accountId, identity)),
    useTotpStep: (accountId, userId, step) => db.write(() => users.useTotpStep(accountId, userId, step)),
    useRecoveryCode: (accountId, userId, hash, actor) =>
      db.write(() => users.useRecoveryCode(accountId, userId, hash, actor)),
    createSession: (session, atMost, actor) => db.write(() => users.beginSession(session, atMost, actor)),
    findSession: (accountId, hash, now) => db.read(() => users.findSession(accountId, hash, now)),
    touchSession: (accountId, hash, seenAt, expiresAt) =>
      db.write(() => users.touchSession(accountId, hash, seenAt, expiresAt)),
    endSession: (accountId, hash, actor) => db.write(() => users.endSession(accountId, hash, actor)),
    endSessions: (accountId, owner, except, actor) =>
      db.write(() => users.endSessions(accountId, owner, except, actor)),
  };
}

/** No session has it. */
const noHash = Buffer.alloc(0);

function toBytes(hash: string): Buffer {
  return Buffer.from(hash, 'hex');
}
