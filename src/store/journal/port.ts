// Who changed what.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { Period } from '../../domain/ids.ts';
import type { Change } from '../../domain/notice.ts';
import type { Page, PageRequest } from '../page.ts';

/** Which changes are meant; all of them where nothing is said. */
export interface ChangeFilter extends Period {
  /** As `user/ana`. */
  readonly actor?: string;
  readonly action?: string;
  /** What was changed, or what it belongs to, by whole parts: `channel/shop` and `shop` are of its senders too. */
  readonly subject?: string;
}

/** What people see of it. */
export interface JournalViews {
  /** Newest first. With a filter a page looks at a bounded number of changes, so it may be short, or empty, and still lead on. */
  listChanges(accountId: AccountId, page: PageRequest, filter?: ChangeFilter): Promise<Page<Change>>;
}

export interface Journal extends JournalViews {
  /** Notes what changed nothing in the store, such as a sign-in that was refused. */
  recordChange(
    accountId: AccountId,
    actor: Actor,
    action: string,
    subject: string,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void>;
}
