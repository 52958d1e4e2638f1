// Who changed what.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { Change } from '../../domain/notice.ts';
import type { Page, PageRequest } from '../page.ts';

/** What people see of it. */
export interface JournalViews {
  listChanges(accountId: AccountId, page: PageRequest): Promise<Page<Change>>;
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
