import type { AccountId, Actor } from '../../domain/account.ts';
import type { User } from '../../domain/user.ts';
import { requireExpected, versionOfUser } from '../../domain/version.ts';
import { endsSessions, losesOwner, toDetail, toSession, toUser, userColumns } from './rows.ts';
import type { SessionRow, UserRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { NewUser, Users } from '../store.ts';
import type { Connection, Queries, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

export function userVerbs(db: Connection, seal: Seal, recordChange: Recorder): Users {
  /** Who changes the users of an account does so alone: rules such as the last owner look at several of them. */
  async function holdAccount(tx: Transaction, accountId: AccountId): Promise<void> {
    await tx.get('SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
  }

  async function find(queries: Queries, accountId: AccountId, userId: string): Promise<User | undefined> {
    const row = await queries.get<UserRow>(
      `SELECT ${userColumns} FROM console_user WHERE account_id = $1 AND id = $2`,
      [accountId, userId],
    );
    return row && toUser(row, seal);
  }

  async function hasOtherOwner(tx: Transaction, accountId: AccountId, userId: string): Promise<boolean> {
    const sql = `SELECT 1 FROM console_user
      WHERE account_id = $1 AND id <> $2 AND role = 'owner' AND state = 'active' LIMIT 1`;
    return (await tx.get(sql, [accountId, userId])) !== undefined;
  }

  async function add(
    tx: Transaction,
    accountId: AccountId,
    { id, name, role, password }: NewUser,
    actor: Actor,
  ): Promise<boolean> {
    const made = await tx.run(
      `INSERT INTO console_user (account_id, id, name, role, state, password, totp_active, totp_step, created_at)
       VALUES ($1, $2, $3, $4, 'active', $5, 0, 0, $6) ON CONFLICT DO NOTHING`,
      [accountId, id, name, role, password, db.now()],
    );
    if (made === 0) return false;
    await recordChange(tx, accountId, actor, 'user.created', `user/${name}`, { role });
    return true;
  }

  async function endOfUser(
    tx: Transaction,
    accountId: AccountId,
    userId: string,
    except: Uint8Array,
  ): Promise<number> {
    const sql = 'DELETE FROM session WHERE account_id = $1 AND user_id = $2 AND hash <> $3';
    return tx.run(sql, [accountId, userId, except]);
  }

  return {
    createFirstUser: (accountId, user, actor) =>
      db.tx(async (tx) => {
        await holdAccount(tx, accountId);
        const known = await tx.get('SELECT 1 FROM console_user WHERE account_id = $1 LIMIT 1', [accountId]);
        return known === undefined && (await add(tx, accountId, { ...user, role: 'owner' }, actor));
      }),
    createUser: (accountId, user, actor) =>
      db.tx(async (tx) => ((await add(tx, accountId, user, actor)) ? 'created' : 'exists')),
    changeUser: (accountId, userId, change, actor, expected) =>
      db.tx(async (tx) => {
        await holdAccount(tx, accountId);
        const user = await find(tx, accountId, userId);
        if (user === undefined) return 'missing';
        requireExpected(expected, versionOfUser(user));
        if (losesOwner(user, change) && !(await hasOtherOwner(tx, accountId, userId))) return 'last_owner';
        const { role, state, password, totpSecret, totpActive } = { ...user, ...change };
        await tx.run(
          `UPDATE console_user SET role = $3, state = $4, password = $5, totp_secret = $6, totp_active = $7
           WHERE account_id = $1 AND id = $2`,
          [
            accountId,
            userId,
            role,
            state,
            password,
            totpSecret === null ? null : seal.seal(totpSecret),
            totpActive ? 1 : 0,
          ],
        );
        if (endsSessions(change)) await endOfUser(tx, accountId, userId, noHash);
        await recordChange(tx, accountId, actor, 'user.changed', `user/${user.name}`, toDetail(change));
        return 'done';
      }),
    deleteUser: (accountId, userId, actor, expected) =>
      db.tx(async (tx) => {
        await holdAccount(tx, accountId);
        const user = await find(tx, accountId, userId);
        if (user === undefined) return 'missing';
        requireExpected(expected, versionOfUser(user));
        if (losesOwner(user, { state: 'disabled' }) && !(await hasOtherOwner(tx, accountId, userId)))
          return 'last_owner';
        await tx.run('DELETE FROM console_user WHERE account_id = $1 AND id = $2', [accountId, userId]);
        await endOfUser(tx, accountId, userId, noHash);
        await recordChange(tx, accountId, actor, 'user.deleted', `user/${user.name}`, {});
        return 'done';
      }),
    listUsers: async (accountId) => {
      const sql = `SELECT ${userColumns} FROM console_user WHERE account_id = $1 ORDER BY name COLLATE "C"`;
      return db.rows.read('console_user', await db.all<UserRow>(sql, [accountId]), (row) =>
        toUser(row, seal),
      );
    },
    findUser: async (accountId, name) => {
      const sql = `SELECT ${userColumns} FROM console_user WHERE account_id = $1 AND name = $2`;
      const row = await db.get<UserRow>(sql, [accountId, name]);
      return row && toUser(row, seal);
    },
    useTotpStep: async (accountId, userId, step) => {
      const sql =
        'UPDATE console_user SET totp_step = $3 WHERE account_id = $1 AND id = $2 AND totp_step < $3';
      return (await db.run(sql, [accountId, userId, step])) > 0;
    },
    createSession: (session, atMost, actor) =>
      db.tx(async (tx) => {
        const { accountId, userId, keyId, createdAt, expiresAt, endsAt } = session;
        await tx.run(
          `INSERT INTO session (account_id, hash, user_id, key_id, created_at, seen_at, expires_at, ends_at)
           VALUES ($1, $2, $3, $4, $5, $5, $6, $7)`,
          [accountId, toBytes(session.hash), userId, keyId, createdAt, expiresAt, endsAt],
        );
        const [column, id] = userId === null ? (['key_id', keyId] as const) : (['user_id', userId] as const);
        await tx.run(
          `DELETE FROM session WHERE account_id = $1 AND hash = ANY (ARRAY(SELECT hash FROM session
             WHERE account_id = $1 AND ${column} = $2 ORDER BY created_at DESC OFFSET $3))`,
          [accountId, id, atMost],
        );
        if (userId !== null)
          await tx.run('UPDATE console_user SET signed_in_at = $3 WHERE account_id = $1 AND id = $2', [
            accountId,
            userId,
            createdAt,
          ]);
        await recordChange(tx, accountId, actor, 'session.created', `${actor.kind}/${actor.id}`, {});
      }),
    findSession: async (accountId, hash, now) => {
      const sql = 'SELECT * FROM session WHERE account_id = $1 AND hash = $2';
      const row = await db.get<SessionRow>(sql, [accountId, toBytes(hash)]);
      if (row === undefined || row.expires_at <= now) return undefined;
      const session = toSession(row);
      if (session.userId === null) return { session, user: null };
      const user = await find(db, accountId, session.userId);
      return user?.state === 'active' ? { session, user } : undefined;
    },
    touchSession: async (accountId, hash, seenAt, expiresAt) => {
      await db.run(
        'UPDATE session SET seen_at = $3, expires_at = least(ends_at, $4) WHERE account_id = $1 AND hash = $2',
        [accountId, toBytes(hash), seenAt, expiresAt],
      );
    },
    endSession: (accountId, hash, actor) =>
      db.tx(async (tx) => {
        const sql = 'DELETE FROM session WHERE account_id = $1 AND hash = $2';
        if ((await tx.run(sql, [accountId, toBytes(hash)])) === 0) return false;
        await recordChange(tx, accountId, actor, 'session.ended', `${actor.kind}/${actor.id}`, {});
        return true;
      }),
    endSessions: (accountId, { userId, keyId }, except, actor) =>
      db.tx(async (tx) => {
        const kept = except === null ? noHash : toBytes(except);
        let ended = userId === null ? 0 : await endOfUser(tx, accountId, userId, kept);
        if (keyId !== null)
          ended += await tx.run('DELETE FROM session WHERE account_id = $1 AND key_id = $2 AND hash <> $3', [
            accountId,
            keyId,
            kept,
          ]);
        if (ended > 0)
          await recordChange(tx, accountId, actor, 'session.ended', `${actor.kind}/${actor.id}`, {
            sessions: ended,
          });
        return ended;
      }),
  };
}

/** No session has it. */
const noHash = Buffer.alloc(0);

function toBytes(hash: string): Buffer {
  return Buffer.from(hash, 'hex');
}
