// What people have put away of what needs attention.
import type { AccountId, Actor } from '../../domain/account.ts';

/** One thing that needs attention, by why and of what it does. */
export interface AttentionKey {
  readonly cause: string;
  readonly subject: string;
}

/** What of people's attention is put away, and until when. */
export interface Dismissal extends AttentionKey {
  readonly until: number;
}

/** What people see of it. */
export interface DismissalViews {
  /** Those of an account that are not over. */
  listDismissals(accountId: AccountId): Promise<readonly Dismissal[]>;
}

export interface Dismissals extends DismissalViews {
  /** Puts things away until a time, in place of what was said of each before; a time that is over brings them back. */
  dismiss(accountId: AccountId, keys: readonly AttentionKey[], until: number, actor: Actor): Promise<void>;
}
