// Accounts and their keys.
import type {
  AccessKey,
  Account,
  AccountId,
  Actor,
  KeySettings,
  NewKey,
  TemporaryKey,
} from '../../domain/account.ts';
import type { LimitChanges } from '../../domain/limits.ts';
import type { Expected } from '../../domain/version.ts';

/** What people see of accounts and keys. */
export interface AccountViews {
  listAccounts(): Promise<readonly Account[]>;
  findAccount(accountId: AccountId): Promise<Account | undefined>;
  listKeys(accountId: AccountId): Promise<readonly AccessKey[]>;
}

export interface Accounts extends AccountViews {
  /** Makes the first account with its key and its sandbox channel; resolves to false when there is an account already. */
  createFirstAccount(first: FirstAccount): Promise<boolean>;
  /** Makes another account with its sandbox channel, and with its first key where one is given. */
  createAccount(
    account: NewAccount,
    actor: Actor,
    key?: Omit<NewKey, 'accountId'>,
  ): Promise<'created' | 'exists'>;
  /** Changes what is given of what an account may use; resolves to false when there is no such account. Throws `changed_meanwhile`. */
  setAccountLimits(
    accountId: AccountId,
    changes: LimitChanges,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean>;
  createKey(key: NewKey, actor: Actor): Promise<void>;
  /** Changes what is given; resolves to false when the account has no such key. Throws `changed_meanwhile`. */
  setKeySettings(
    accountId: AccountId,
    keyId: string,
    settings: KeySettings,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean>;
  /** Notes when keys were last used; a time before the one that is there changes nothing. */
  noteKeyUses(uses: readonly KeyUse[]): Promise<void>;
  /** Resolves to false when the account has no such key. */
  setKeyState(accountId: AccountId, keyId: string, state: AccessKey['state'], actor: Actor): Promise<boolean>;
  findKey(keyId: string): Promise<AccessKey | undefined>;
  /** Recorded as a change when an `actor` is given; pullers that renew their own every hour give none. */
  createTemporaryKey(key: TemporaryKey, actor?: Actor): Promise<void>;
  findTemporaryKey(keyId: string): Promise<TemporaryKey | undefined>;
}

/** Temporary keys, wherever they come from. */
export interface TemporaryKeys {
  /**
   * Makes a key for one queue that an access key asks for. It is written nowhere: its security token carries all of it, sealed, so
   * that every node with the same master key knows it. It ends early when the access key is disabled or may not receive any more.
   */
  issue(
    wish: Pick<TemporaryKey, 'accountId' | 'queueName' | 'expiresAt'> & { readonly issuerId: string },
  ): TemporaryKey;
  /** The key of that id that the security token belongs to, over or not; undefined when there is none. */
  find(keyId: string, securityToken: string): Promise<FoundTemporaryKey | undefined>;
}

/** A temporary key, with the access key that asked for it; null for one that a person made. */
export interface FoundTemporaryKey extends TemporaryKey {
  readonly issuer: AccessKey | null;
}

export type NewAccount = Pick<Account, 'id' | 'name'>;

export interface KeyUse {
  readonly accountId: AccountId;
  readonly keyId: string;
  readonly at: number;
}

export interface FirstAccount {
  readonly account: NewAccount;
  readonly key: Pick<AccessKey, 'id' | 'secret'>;
}
