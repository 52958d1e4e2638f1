// What users wrote, taken away on request.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { UserKey } from '../aliases/port.ts';
import type { MediaKey } from '../media/port.ts';
import type { PageRequest } from '../page.ts';

/** Whose content goes, by any id: number, business-scoped id, page-scoped id. Of one channel, or of all. */
export type ErasureRequest = UserKey;

export interface Erased {
  /** Receipts whose content went. */
  readonly receipts: number;
  /** Messages to the user whose content went. */
  readonly messages: number;
  /** Media whose files are to be removed now. */
  readonly media: readonly MediaKey[];
  /** Rows that were kept apart because they cannot be read, and that named the user or belonged to those receipts, and went. */
  readonly apart: number;
  /**
   * What cannot be read and does not tell whose it is, so that it may hold something of the user and stays: receipts of this step,
   * and with the last step, rows that were kept apart.
   */
  readonly unreadable: number;
  /** Where to go on; null when all has been looked at. */
  readonly next: string | null;
}

/** What an erasure would take, of the receipts that one call looked at. */
export type Erasable = Omit<Erased, 'media'> & { readonly media: number };

/** What people see before they erase. */
export interface ErasureViews {
  /** Counts what `eraseContent` would erase, called in the same way, and changes nothing. */
  countErasable(accountId: AccountId, request: ErasureRequest, page: PageRequest): Promise<Erasable>;
}

export interface Erasures extends ErasureViews {
  /**
   * Erases what a user wrote and was written to under any id that `findSpellings` knows, in the newest `page.limit` receipts from the cursor on: the content of
   * receipts and messages, media, and the raw bytes that held it, unless something in them still waits for its owner. The
   * facts stay. What damage made unreadable goes as far as it is known to be the user's. With the last page the other ids are forgotten, unless a message to one of them is still to be sent. May be
   * called again; what is erased already changes nothing.
   */
  eraseContent(
    accountId: AccountId,
    request: ErasureRequest,
    page: PageRequest,
    actor: Actor,
  ): Promise<Erased>;
  /**
   * Erases what a user wrote in the messages of these ids, as far as they are here, in the same way; for messages that the
   * user took back. Resolves to the media whose files are to be removed now. May be called again.
   */
  eraseMessages(
    accountId: AccountId,
    request: ErasureRequest,
    messageIds: readonly string[],
  ): Promise<readonly MediaKey[]>;
}
