// Rows of users and their sessions as both stores select them.
import type { Session, User } from '../../domain/user.ts';
import { readList } from '../rows/json-column.ts';
import type { Seal } from '../seal.ts';
import type { NewUser, UserChange } from '../store.ts';

export interface UserRow {
  readonly account_id: number;
  readonly id: string;
  readonly name: string;
  readonly role: User['role'];
  readonly state: User['state'];
  readonly password: string;
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly totp_secret: Uint8Array | null;
  readonly totp_active: number;
  readonly recovery_codes: string;
  readonly password_ends_at: number | null;
  readonly created_at: number;
  readonly signed_in_at: number | null;
  readonly used_at: number | null;
}

export const userColumns =
  'account_id, id, name, role, state, password, issuer, subject, totp_secret, totp_active, recovery_codes, password_ends_at, created_at, signed_in_at, used_at';

export interface SessionRow {
  readonly account_id: number;
  readonly hash: Uint8Array;
  readonly user_id: string | null;
  readonly key_id: string | null;
  readonly created_at: number;
  readonly seen_at: number;
  readonly expires_at: number;
  readonly ends_at: number;
}

/** A user from its row. */
export function toUser(row: UserRow, seal: Seal): User {
  return {
    accountId: row.account_id,
    id: row.id,
    name: row.name,
    role: row.role,
    state: row.state,
    password: row.password,
    identity:
      row.issuer === null || row.subject === null ? null : { issuer: row.issuer, subject: row.subject },
    totpSecret: row.totp_secret === null ? null : seal.open(row.totp_secret),
    totpActive: row.totp_active === 1,
    recoveryCodes: readCodes(row.recovery_codes),
    passwordEndsAt: row.password_ends_at,
    createdAt: row.created_at,
    signedInAt: row.signed_in_at,
    usedAt: row.used_at,
  };
}

/** A session from its row. */
export function toSession(row: SessionRow): Session {
  return {
    accountId: row.account_id,
    hash: Buffer.from(row.hash).toString('hex'),
    userId: row.user_id,
    keyId: row.key_id,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
    endsAt: row.ends_at,
  };
}

/** The hashes in a column. */
function readCodes(text: string): readonly string[] {
  return readList(text).filter((hash) => typeof hash === 'string');
}

/** A user as a change leaves him: recovery codes go with the app, and a new password is one for good unless it is said to end. */
export function toChanged(user: User, change: UserChange): User {
  const { password, passwordEndsAt = null } = change;
  return {
    ...user,
    ...change,
    passwordEndsAt: password === undefined ? user.passwordEndsAt : passwordEndsAt,
    recoveryCodes: change.totpActive === false ? [] : (change.recoveryCodes ?? user.recoveryCodes),
  };
}

/** Whether a change leaves an account without an owner who can act, should this user be the only one. */
export function losesOwner(user: User, { role = user.role, state = user.state }: UserChange): boolean {
  const isOwner = user.role === 'owner' && user.state === 'active';
  return isOwner && (role !== 'owner' || state !== 'active');
}

/** Whether a change is one after which nobody stays signed in. */
export function endsSessions(change: UserChange): boolean {
  return change.password !== undefined || change.state === 'disabled';
}

/** What of a new user is told to those who read the log of changes. */
export function toCreated({ role, identity }: NewUser): Record<string, unknown> {
  return { role, ...(identity == null ? {} : { issuer: identity.issuer }) };
}

/** What of a change is told to those who read the log of changes. */
export function toDetail(change: UserChange): Record<string, unknown> {
  return {
    ...(change.role === undefined ? {} : { role: change.role }),
    ...(change.state === undefined ? {} : { state: change.state }),
    ...(change.password === undefined
      ? {}
      : { password: change.passwordEndsAt == null ? 'changed' : 'for one sign-in' }),
    ...(change.totpActive === undefined ? {} : { codes: change.totpActive }),
    ...(change.recoveryCodes === undefined ? {} : { recoveryCodes: change.recoveryCodes.length }),
  };
}
