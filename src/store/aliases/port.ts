// Which ids are of one user.
import type { AccountId } from '../../domain/account.ts';
import type { Alias, Spelling } from '../../domain/alias.ts';

/** A user of a channel, or of every channel of the account, by any id. */
export interface UserKey {
  readonly userId: string;
  readonly channelId?: string;
}

/** What the hot paths do with users' ids. */
export interface AliasEngine {
  /**
   * Notes that ids are of one user of a channel. What is known already changes nothing. A spelling that is told as of another user
   * than before is this one's from then on, and stays the other's for what was before; what was told earlier than what is known
   * changes nothing.
   */
  tellAliases(accountId: AccountId, aliases: readonly Alias[]): Promise<void>;
}

/** What people's searches look up. */
export interface AliasViews {
  /** All ids under which a user is found, the one asked for among them; at most `spellingsAtMost`. */
  findSpellings(accountId: AccountId, user: UserKey): Promise<readonly Spelling[]>;
}

export interface Aliases extends AliasEngine, AliasViews {}
