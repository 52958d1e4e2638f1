// What channels told: raw events, and the receipts that they became.
import type { AccountId } from '../../domain/account.ts';
import type { Alias, Spelling } from '../../domain/alias.ts';
import type { ChannelType, SenderType } from '../../domain/channel.ts';
import type { Attempt, Delivery, RepeatCause } from '../../domain/delivery.ts';
import type { Media } from '../../domain/media.ts';
import type { OutboundMessage, SendAttempt } from '../../domain/message.ts';
import type {
  AuditStatus,
  ChannelRemark,
  InboundContent,
  MediaSource,
  Receipt,
  ReceiptFacts,
  ReceiptType,
  WaitingRoute,
} from '../../domain/receipt.ts';
import type { Page, PageRequest } from '../page.ts';

/** One raw event with everything that came of it, all of one account. */
export interface Intake {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly receivedAt: number;
  /** The untouched bytes; stored compressed. */
  readonly body: Uint8Array;
  /**
   * Set when this intake reads a stored raw event again: no bytes are kept, and its unrouted entries of `reread.route` are those in
   * `unrouted` from now on; of one that is read for its remarks alone, these are `remarks` from now on.
   */
  readonly reread?: { readonly rawEventId: number; readonly route?: WaitingRoute };
  readonly receipts: readonly NewReceipt[];
  /** Events that wait for their owner, or for the answer to a send call. */
  readonly unrouted: readonly { readonly route: WaitingRoute; readonly index: number }[];
  readonly remarks: readonly ChannelRemark[];
  /** The version of the readers that made the remarks, where there are any. */
  readonly reader?: string;
}

export interface NewReceipt {
  /** 32 hex digits that begin with those of its subject and its party (domain/receipt.ts). */
  readonly receiptId: string;
  readonly index: number;
  readonly channelId: string;
  readonly channelType: ChannelType;
  readonly senderId: string | null;
  readonly senderType: SenderType | null;
  readonly occurredAt: number;
  /** 48 bits; those of the ReceiptId's subject, or any that no subject shares. */
  readonly lane: number;
  readonly facts: ReceiptFacts;
  /** What the facts are searched by, as 48 bits, where the ReceiptId does not begin with them (`toOwnSubject`). */
  readonly ownSubject: number | null;
  readonly content: InboundContent | null;
  readonly media: (MediaSource & { readonly id: string }) | null;
  /** Statuses only: the hex digits that name message and party, with which the ReceiptId begins, and their rank (domain/receipt.ts). */
  readonly progress: { readonly key: string; readonly rank: number; readonly dropLate: boolean } | null;
  readonly destinationId: number | null;
  /** The message of ours whose status this is, which then follows it; null for one that was sent elsewhere. */
  readonly outboundId: number | null;
  /** That message, for whoever traces; no store reads it. */
  readonly statusOf?: OutboundMessage;
  /** Set when the status tells how the channel calls that message, or when by its clock it was sent. */
  readonly naming?: {
    readonly channelMessageId: string;
    readonly sentAt: number | null;
    /** The try whose answer told it: the message is settled as accepted in the same transaction, even by a repeat. */
    readonly attempt?: SendAttempt;
  };
  /** What the event told of other ids of its user; noted even by a repeat. */
  readonly aliases?: readonly Alias[];
  /** What an audit changes of a template of ours; null for one that is none. */
  readonly template: TemplateChange | null;
  /** The queue by name, made with receiptQueueAttributes should it be missing, and the message body. */
  readonly queue: { readonly name: string; readonly body: string } | null;
}

/** A template by its key, with what has become of it. */
export interface TemplateChange {
  readonly code: string;
  readonly language: string;
  readonly status?: AuditStatus;
  readonly reason?: string;
  readonly quality?: string;
  readonly category?: string;
}

export interface Recorded {
  readonly rawEventId: number;
  /** In the order of `Intake.receipts`; `repeat` when a receipt with that id was there already. */
  readonly receipts: readonly ('fresh' | 'repeat' | 'dropped')[];
}

export interface ReceiptFilter {
  readonly type?: ReceiptType;
  readonly channelId?: string;
  readonly senderId?: string;
  readonly messageId?: string;
  /** Only messages of the user who is found under these ids. */
  readonly user?: readonly Spelling[];
  readonly since?: number;
  readonly until?: number;
}

export interface RawEvent {
  readonly accountId: AccountId;
  readonly id: number;
  readonly channelId: string;
  readonly receivedAt: number;
  readonly body: Uint8Array;
}

export interface Unrouted {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly rawEventId: number;
  readonly index: number;
  readonly route: WaitingRoute;
  readonly receivedAt: number;
}

/** Everything that happened to one receipt. */
export interface Timeline {
  readonly receipt: Receipt;
  readonly rawEventId: number;
  readonly rawIndex: number;
  readonly deliveries: readonly (Delivery & {
    readonly url: string;
    readonly tries: readonly Attempt[];
    /** Tries before the schedule last began; the number that a receiver is told counts from there. */
    readonly roundStart: number;
    /** Told at the next try; null where there is nothing to tell, and for what is over. */
    readonly cause: RepeatCause | null;
  })[];
  /** Null when no queue was subscribed. */
  readonly queue: {
    readonly queueName: string;
    readonly messageId: string;
    readonly state: 'queued' | 'held' | 'deleted' | 'expired' | 'unknown';
    readonly dequeueCount: number;
    readonly endedAt: number | null;
  } | null;
  readonly media: Media | null;
}

/** What the hot paths do with receipts. */
export interface ReceiptEngine {
  /**
   * Records raw events with their receipts, deliveries and queue messages: all of one call in one transaction on SQLite,
   * one for each account on PostgreSQL. A receipt that is there already changes nothing and goes nowhere again.
   */
  recordIntake(intakes: readonly Intake[]): Promise<readonly Recorded[]>;
}

/** What people see of receipts. */
export interface ReceiptViews {
  /** Newest first. A page of a filter for which there is no index may be short, or empty, and still lead on. */
  listReceipts(accountId: AccountId, filter: ReceiptFilter, page: PageRequest): Promise<Page<Receipt>>;
  /**
   * How many a listing of the filter has, counted no further than `atMost`, and where no index serves the filter among the newest
   * `atMost` receipts of its period alone; `isMore` when there may be more than were counted.
   */
  countReceipts(
    accountId: AccountId,
    filter: ReceiptFilter,
    atMost: number,
  ): Promise<{ readonly count: number; readonly isMore: boolean }>;
  findTimeline(accountId: AccountId, receiptId: string): Promise<Timeline | undefined>;
  findRawEvent(accountId: AccountId, rawEventId: number): Promise<RawEvent | undefined>;
  listUnrouted(accountId: AccountId, page: PageRequest): Promise<Page<Unrouted>>;
}

export interface Receipts extends ReceiptEngine, ReceiptViews {
  /** What of any account waits for this route, oldest first, in raw events after `afterRawEventId`. */
  findUnrouted(
    type: ChannelType,
    route: WaitingRoute,
    afterRawEventId: number,
    limit: number,
  ): Promise<readonly Unrouted[]>;
  /**
   * Routes that somebody owns and that events wait for all the same, and sends whose answer they wait for: up to `limit` of
   * them that stand behind `after` in the store's order, or the first when it is left out.
   */
  findRoutesToReread(limit: number, after?: RouteToReread): Promise<readonly RouteToReread[]>;
}

export interface RouteToReread {
  readonly type: ChannelType;
  readonly route: WaitingRoute;
}
