// Messages of the business on their way to a channel.
import type { AccountId } from '../../domain/account.ts';
import type {
  NewOutboundMessage,
  OutboundMessage,
  OutboundSettlement,
  SendAttempt,
} from '../../domain/message.ts';
import type { Spelling } from '../../domain/alias.ts';
import type { MessageStatus } from '../../domain/receipt.ts';
import type { Page, PageRequest } from '../page.ts';

/** A sender as the way out knows it. */
export interface SenderKey {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly senderId: string;
}

export interface OutboundClaim extends SenderKey {
  readonly limit: number;
  readonly now: number;
  readonly leaseMs: number;
  /**
   * Whether those that are planned for later are claimed as well; not those under way, nor those whose outcome is unknown. The
   * claim is for an end without a try: one that is not settled does not count as lapsed, and an early claim finds it at once.
   */
  readonly early?: boolean;
  /** Whether those alone are claimed that may have reached the channel and have no id of its own yet. */
  readonly unanswered?: boolean;
}

/** A claimed message; `lapsed` when an earlier claim of it was never settled, so that a try may have happened. */
export interface ClaimedOutbound {
  readonly message: OutboundMessage;
  readonly lapsed: boolean;
}

export interface OutboundFilter {
  readonly channelId?: string;
  readonly senderId?: string;
  /** Only those to this user, by this id or any that is told as it. */
  readonly to?: string;
  /** Only those to the user who is found under these ids. */
  readonly user?: readonly Spelling[];
  readonly groupId?: string;
  readonly taskId?: string;
  readonly templateCode?: string;
  /** The highest status that the channel told, or the state of a message of which it told none. */
  readonly status?: MessageStatus | OutboundMessage['state'];
  readonly since?: number;
  readonly until?: number;
}

/** Which messages of a sender are counted, by when they were accepted from the business. */
export interface OutboundSpan extends Pick<SenderKey, 'channelId' | 'senderId'> {
  readonly since: number;
  /** Exclusive. */
  readonly until: number;
  /** Length of the spans that are counted apart, the first of which begins at `since`. */
  readonly spanMs: number;
  /** Only messages with this template, and those of each language apart. */
  readonly templateCode?: string;
}

/** What became of the messages of one span, counted from 0. */
export interface OutboundCount {
  readonly span: number;
  /** Of the template; empty where none was asked for. */
  readonly language: string;
  /** Those that the channel took; of these were delivered, and read. */
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
}

/** What the hot paths do with messages of the business. */
export interface OutboundEngine {
  /**
   * Adds messages of one account, to be sent at once; each waits behind those that its recipient is still to get from the
   * same sender. Resolves to their ids in order; `repeat` for one whose task has its message already.
   */
  addOutbound(
    accountId: AccountId,
    messages: readonly NewOutboundMessage[],
  ): Promise<readonly { readonly id: number; readonly repeat: boolean }[]>;
  /** Leases up to `limit` messages of a sender that are due, oldest first; one that is not settled falls due again. */
  claimOutbound(claim: OutboundClaim): Promise<readonly ClaimedOutbound[]>;
  /** Writes what became of claimed messages, and lets the next of each lane go. One that a status has ended is left alone. */
  settleOutbound(settlements: readonly OutboundSettlement[]): Promise<void>;
  /** Every sender with a message for which something is planned. */
  findBusySenders(): Promise<readonly SenderKey[]>;
  /** Messages of a channel, or of one sender of it, that wait to be sent, counted up to `atMost`. */
  countWaitingOutbound(
    accountId: AccountId,
    of: { readonly channelId: string; readonly senderId?: string | undefined },
    atMost: number,
  ): Promise<number>;
  /** When the earliest planned step of a sender's messages falls due; undefined when there is none. */
  findNextOutboundDue(sender: SenderKey): Promise<number | undefined>;
  /**
   * Finds messages by our ids or the channel's; those that are not there are left out. Of each sender in `unanswered` comes
   * one message, if there is any, that may have reached the channel and has no id of the channel's yet.
   */
  findOutbound(
    accountId: AccountId,
    refs: {
      readonly ids?: readonly number[];
      readonly channelMessageIds?: readonly string[];
      readonly unanswered?: readonly Pick<SenderKey, 'channelId' | 'senderId'>[];
    },
  ): Promise<readonly OutboundMessage[]>;
  /**
   * Finds up to `limit` messages of a sender to one user, by this id or one that is told as it, that were sent at or before `upTo`
   * and are not known to have come as far as `status`. `unanswered`: the answer to the send call of another one to that user is
   * still to come.
   */
  findOpenOutbound(
    accountId: AccountId,
    thread: Pick<SenderKey, 'channelId' | 'senderId'> & { readonly to: string },
    mark: { readonly status: 'delivered' | 'read'; readonly upTo: number },
    limit: number,
  ): Promise<{ readonly messages: readonly OutboundMessage[]; readonly unanswered: boolean }>;
}

/** What people see of messages of the business. */
export interface OutboundViews {
  /**
   * Looks at up to `limit` messages from the id `from` on, oldest first, and counts them; `next` is where to go on, null when
   * all were seen. Cost is that of the messages it looks at.
   */
  countOutbound(
    accountId: AccountId,
    span: OutboundSpan,
    limit: number,
    from: number,
  ): Promise<{
    readonly counts: readonly OutboundCount[];
    readonly seen: number;
    readonly next: number | null;
  }>;
  /** Newest first. A page of the messages to a user may be short where more than the user is asked for, and still lead on. */
  listOutbound(
    accountId: AccountId,
    filter: OutboundFilter,
    page: PageRequest,
  ): Promise<Page<OutboundMessage>>;
  /** How many a listing of the filter has, counted as `countReceipts` counts. */
  countListedOutbound(
    accountId: AccountId,
    filter: OutboundFilter,
    atMost: number,
  ): Promise<{ readonly count: number; readonly isMore: boolean }>;
  findSendAttempts(accountId: AccountId, id: number): Promise<readonly SendAttempt[]>;
}

/** Where a walk over messages whose time is over goes on: behind the last that was seen. */
export type ExpiryPlace = Pick<OutboundMessage, 'expiresAt' | 'id'>;

export interface Outbounds extends OutboundEngine, OutboundViews {
  /**
   * Finds messages of all accounts that wait to be sent, for whatever reason, and whose time was over at `until`, the oldest end first
   * and those behind `after`; none for which a try may be under way.
   */
  findExpiredOutbound(
    until: number,
    after: ExpiryPlace | undefined,
    limit: number,
  ): Promise<readonly OutboundMessage[]>;
}
