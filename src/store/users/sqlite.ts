import type { AccountId, Actor } from '../../domain/account.ts';
import type { Session, User } from '../../domain/user.ts';
import { requireExpected, versionOfUser } from '../../domain/version.ts';
import { endsSessions, losesOwner, toDetail, toSession, toUser, userColumns } from './rows.ts';
import type { SessionRow, UserRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { NewUser, Users } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

export function userVerbs(db: Connection, seal: Seal, recordChange: Recorder): Users {
  const insert = db.prepare(
    `INSERT INTO console_user (account_id, id, name, role, state, password, totp_active, totp_step, created_at)
     VALUES (?, ?, ?, ?, 'active', ?, 0, 0, ?) ON CONFLICT DO NOTHING`,
  );
  const anyUser = db.prepare('SELECT 1 FROM console_user WHERE account_id = ? LIMIT 1');
  const usersOf = db.prepare<UserRow>(
    `SELECT ${userColumns} FROM console_user WHERE account_id = ? ORDER BY name`,
  );
  const byName = db.prepare<UserRow>(
    `SELECT ${userColumns} FROM console_user WHERE account_id = ? AND name = ?`,
  );
  const byId = db.prepare<UserRow>(`SELECT ${userColumns} FROM console_user WHERE account_id = ? AND id = ?`);
  const otherOwner = db.prepare(
    "SELECT 1 FROM console_user WHERE account_id = ? AND id <> ? AND role = 'owner' AND state = 'active' LIMIT 1",
  );
  const update = db.prepare(
    `UPDATE console_user SET role = ?, state = ?, password = ?, totp_secret = ?, totp_active = ?
     WHERE account_id = ? AND id = ?`,
  );
  const remove = db.prepare('DELETE FROM console_user WHERE account_id = ? AND id = ?');
  const useStep = db.prepare(
    'UPDATE console_user SET totp_step = ? WHERE account_id = ? AND id = ? AND totp_step < ?',
  );
  const noteSignIn = db.prepare('UPDATE console_user SET signed_in_at = ? WHERE account_id = ? AND id = ?');
  const insertSession = db.prepare(
    `INSERT INTO session (account_id, hash, user_id, key_id, created_at, seen_at, expires_at, ends_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const trimUser = db.prepare(
    `DELETE FROM session WHERE account_id = ? AND hash IN (SELECT hash FROM session
       WHERE account_id = ? AND user_id = ? ORDER BY created_at DESC LIMIT -1 OFFSET ?)`,
  );
  const trimKey = db.prepare(
    `DELETE FROM session WHERE account_id = ? AND hash IN (SELECT hash FROM session
       WHERE account_id = ? AND key_id = ? ORDER BY created_at DESC LIMIT -1 OFFSET ?)`,
  );
  const sessionByHash = db.prepare<SessionRow>('SELECT * FROM session WHERE account_id = ? AND hash = ?');
  const touch = db.prepare(
    'UPDATE session SET seen_at = ?, expires_at = min(ends_at, ?) WHERE account_id = ? AND hash = ?',
  );
  const end = db.prepare('DELETE FROM session WHERE account_id = ? AND hash = ?');
  const endOfUser = db.prepare('DELETE FROM session WHERE account_id = ? AND user_id = ? AND hash <> ?');
  const endOfKey = db.prepare('DELETE FROM session WHERE account_id = ? AND key_id = ? AND hash <> ?');

  function find(accountId: AccountId, userId: string): User | undefined {
    const row = byId.get(accountId, userId);
    return row && toUser(row, seal);
  }

  function add(accountId: AccountId, { id, name, role, password }: NewUser, actor: Actor): boolean {
    if (insert.run(accountId, id, name, role, password, db.now()) === 0) return false;
    recordChange(accountId, actor, 'user.created', `user/${name}`, { role });
    return true;
  }

  return {
    createFirstUser: (accountId, user, actor) =>
      db.write(() => {
        if (anyUser.get(accountId) !== undefined) return false;
        return add(accountId, { ...user, role: 'owner' }, actor);
      }),
    createUser: (accountId, user, actor) =>
      db.write(() => (add(accountId, user, actor) ? 'created' : 'exists')),
    changeUser: (accountId, userId, change, actor, expected) =>
      db.write(() => {
        const user = find(accountId, userId);
        if (user === undefined) return 'missing';
        requireExpected(expected, versionOfUser(user));
        if (losesOwner(user, change) && otherOwner.get(accountId, userId) === undefined) return 'last_owner';
        const { role, state, password, totpSecret, totpActive } = { ...user, ...change };
        const secret = totpSecret === null ? null : seal.seal(totpSecret);
        update.run(role, state, password, secret, totpActive ? 1 : 0, accountId, userId);
        if (endsSessions(change)) endOfUser.run(accountId, userId, noHash);
        recordChange(accountId, actor, 'user.changed', `user/${user.name}`, toDetail(change));
        return 'done';
      }),
    deleteUser: (accountId, userId, actor, expected) =>
      db.write(() => {
        const user = find(accountId, userId);
        if (user === undefined) return 'missing';
        requireExpected(expected, versionOfUser(user));
        if (losesOwner(user, { state: 'disabled' }) && otherOwner.get(accountId, userId) === undefined)
          return 'last_owner';
        remove.run(accountId, userId);
        endOfUser.run(accountId, userId, noHash);
        recordChange(accountId, actor, 'user.deleted', `user/${user.name}`, {});
        return 'done';
      }),
    listUsers: (accountId) => db.read(() => usersOf.all(accountId).map((row) => toUser(row, seal))),
    findUser: (accountId, name) =>
      db.read(() => {
        const row = byName.get(accountId, name);
        return row && toUser(row, seal);
      }),
    useTotpStep: (accountId, userId, step) => db.write(() => useStep.run(step, accountId, userId, step) > 0),
    createSession: (session, atMost, actor) =>
      db.write(() => {
        const { accountId, userId, keyId, createdAt } = session;
        insertSession.run(
          accountId,
          toBytes(session.hash),
          userId,
          keyId,
          createdAt,
          createdAt,
          session.expiresAt,
          session.endsAt,
        );
        if (userId !== null) {
          trimUser.run(accountId, accountId, userId, atMost);
          noteSignIn.run(createdAt, accountId, userId);
        }
        if (keyId !== null) trimKey.run(accountId, accountId, keyId, atMost);
        recordChange(accountId, actor, 'session.created', `${actor.kind}/${actor.id}`, {});
      }),
    findSession: (accountId, hash, now) =>
      db.read(() => {
        const row = sessionByHash.get(accountId, toBytes(hash));
        if (row === undefined || row.expires_at <= now) return undefined;
        const session = toSession(row);
        if (session.userId === null) return { session, user: null };
        const user = find(accountId, session.userId);
        return user?.state === 'active' ? { session, user } : undefined;
      }),
    touchSession: (accountId, hash, seenAt, expiresAt) =>
      db.write(() => {
        touch.run(seenAt, expiresAt, accountId, toBytes(hash));
      }),
    endSession: (accountId, hash, actor) =>
      db.write(() => {
        if (end.run(accountId, toBytes(hash)) === 0) return false;
        recordChange(accountId, actor, 'session.ended', `${actor.kind}/${actor.id}`, {});
        return true;
      }),
    endSessions: (accountId, { userId, keyId }: Pick<Session, 'userId' | 'keyId'>, except, actor) =>
      db.write(() => {
        const kept = except === null ? noHash : toBytes(except);
        const ended =
          (userId === null ? 0 : endOfUser.run(accountId, userId, kept)) +
          (keyId === null ? 0 : endOfKey.run(accountId, keyId, kept));
        if (ended > 0)
          recordChange(accountId, actor, 'session.ended', `${actor.kind}/${actor.id}`, { sessions: ended });
        return ended;
      }),
  };
}

/** No session has it. */
const noHash = Buffer.alloc(0);

function toBytes(hash: string): Buffer {
  return Buffer.from(hash, 'hex');
}
