// What came and gave no receipt: raw events, and what was said of those that were not read whole.
import type { AccountId } from '../../domain/account.ts';
import type { ChannelRemark, RemarkReason } from '../../domain/receipt.ts';
import type { Page, PageRequest } from '../page.ts';

export interface RawEventFilter {
  readonly channelId?: string;
  /** Only those with remarks, or with one of this reason, or with one that may be a message of a user. */
  readonly remarked?: boolean;
  readonly reason?: RemarkReason;
  readonly mayBeMessage?: boolean;
  readonly since?: number;
  readonly until?: number;
}

/** A raw event without its bytes. */
export interface RawEventEntry {
  readonly accountId: AccountId;
  readonly id: number;
  readonly channelId: string;
  readonly receivedAt: number;
  /** Empty when all of it gave receipts. */
  readonly remarks: readonly ChannelRemark[];
  /** The version of the readers that made the remarks; empty without any. */
  readonly reader: string;
}

/** What people see of what was not understood. */
export interface RemarkViews {
  /** Newest first. A page may be short, or empty, and still lead on: it looks at a bounded number of rows. */
  listRawEvents(
    accountId: AccountId,
    filter: RawEventFilter,
    page: PageRequest,
  ): Promise<Page<RawEventEntry>>;
  findRawEventEntry(accountId: AccountId, rawEventId: number): Promise<RawEventEntry | undefined>;
}

export interface Remarks extends RemarkViews {
  /** Raw events of any account whose remarks another version of the readers made, oldest first, after `afterId` of that version. */
  findRemarkedByOthers(
    reader: string,
    limit: number,
    after?: Pick<RawEventEntry, 'reader' | 'id'>,
  ): Promise<readonly RawEventEntry[]>;
}
