// People who sign in to the console, and their sessions.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { ProviderIdentity, Session, User } from '../../domain/user.ts';
import type { Expected } from '../../domain/version.ts';

export type NewUser = Pick<User, 'id' | 'name' | 'role' | 'password'> & Partial<Pick<User, 'identity'>>;

/**
 * What of a user may be changed. An app that is not active takes the recovery codes away; `passwordEndsAt` is that of a `password` beside
 * it.
 */
export type UserChange = Partial<
  Pick<User, 'role' | 'state' | 'password' | 'passwordEndsAt' | 'totpSecret' | 'totpActive' | 'recoveryCodes'>
>;

/** What people see of users. */
export interface UserViews {
  /** By name. */
  listUsers(accountId: AccountId): Promise<readonly User[]>;
}

export interface Users extends UserViews {
  /** Makes the first user of an account, an owner; resolves to false when the account has one already. */
  createFirstUser(accountId: AccountId, user: NewUser, actor: Actor): Promise<boolean>;
  /** `exists`: there is one of that name, or of that identity. */
  createUser(accountId: AccountId, user: NewUser, actor: Actor): Promise<'created' | 'exists'>;
  /** Gives a user the role that his provider says, also to the last owner; resolves to false when he is gone. */
  giveRole(accountId: AccountId, userId: string, role: User['role'], actor: Actor): Promise<boolean>;
  /**
   * An account that has users always has an owner who is active: `last_owner` changes nothing. Throws `changed_meanwhile`.
   */
  changeUser(
    accountId: AccountId,
    userId: string,
    change: UserChange,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing' | 'last_owner'>;
  /** Takes a user and his sessions away. Throws `changed_meanwhile`. */
  deleteUser(
    accountId: AccountId,
    userId: string,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing' | 'last_owner'>;
  findUser(accountId: AccountId, name: string): Promise<User | undefined>;
  findUserByIdentity(accountId: AccountId, identity: ProviderIdentity): Promise<User | undefined>;
  /** Uses a time step of a user's app up; resolves to false when it, or a later one, was used before. */
  useTotpStep(accountId: AccountId, userId: string, step: number): Promise<boolean>;
  /** Uses a recovery code up by its hash, and notes it; resolves to how many are left, or to undefined when it is not one of them. */
  useRecoveryCode(
    accountId: AccountId,
    userId: string,
    hash: string,
    actor: Actor,
  ): Promise<number | undefined>;
  /** Begins a session, notes the sign-in, and ends the oldest beyond `atMost` of the same user or key. */
  createSession(session: Omit<Session, 'seenAt'>, atMost: number, actor: Actor): Promise<void>;
  /** Finds a session that has not ended, with its user; undefined also when the user is gone or disabled. */
  findSession(accountId: AccountId, hash: string, now: number): Promise<FoundSession | undefined>;
  /** Notes that a session is in use: it then ends at `expiresAt`, or at its `endsAt` if that is before. */
  touchSession(accountId: AccountId, hash: string, seenAt: number, expiresAt: number): Promise<void>;
  /** Ends one session; resolves to false when there is none. */
  endSession(accountId: AccountId, hash: string, actor: Actor): Promise<boolean>;
  /** Ends all sessions of a user or of a key, but for the one of `except`; resolves to how many. */
  endSessions(
    accountId: AccountId,
    owner: Pick<Session, 'userId' | 'keyId'>,
    except: string | null,
    actor: Actor,
  ): Promise<number>;
}

/** A session and whose it is; the user is null when an access key signed in. */
export interface FoundSession {
  readonly session: Session;
  readonly user: User | null;
}
