/**
 * The store port. Each verb is one transaction: when its promise resolves, what it did has reached the disk; when it
 * rejects, it did nothing. All reject with `store_unavailable` when the store cannot be reached or cannot commit.
 * Calls made while a commit is under way share the next one. Times are epoch milliseconds.
 */
import type { Readable } from 'node:stream';
import type {
  AccessKey,
  Account,
  AccountId,
  Actor,
  KeySettings,
  NewKey,
  TemporaryKey,
} from '../domain/account.ts';
import type {
  Channel,
  ChannelOptions,
  ChannelType,
  ChannelWebhook,
  Sender,
  SenderType,
  SenderVerification,
  SenderWebhook,
} from '../domain/channel.ts';
import type {
  Attempt,
  ClaimedBatch,
  Delivery,
  DeliveryState,
  Destination,
  DestinationSecret,
  DestinationSettings,
  DestinationState,
  Preset,
  Settlement,
} from '../domain/delivery.ts';
import type { Fallback, FallbackAttempt, FallbackNext } from '../domain/fallback.ts';
import type { Media } from '../domain/media.ts';
import type {
  NewOutboundMessage,
  OutboundMessage,
  OutboundSettlement,
  SendAttempt,
} from '../domain/message.ts';
import type { Change, Notice, NoticeCode } from '../domain/notice.ts';
import type {
  HandleFault,
  NewQueueMessage,
  Queue,
  QueueAttributes,
  QueueDepth,
  QueueMessage,
  ReceivedMessage,
  SentMessage,
} from '../domain/queue.ts';
import type {
  AuditStatus,
  WaitingRoute,
  InboundContent,
  MediaSource,
  Receipt,
  ReceiptFacts,
  ReceiptType,
  RemarkReason,
} from '../domain/receipt.ts';
import type { RemovalNext, Template, TemplateRemoval } from '../domain/template.ts';
import type { Session, User } from '../domain/user.ts';
import type { Upload } from '../domain/upload.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string;
}

/** What changed, told to every part of this process that asked, after the commit. Other nodes hear it soon after. */
export type Signal =
  | { readonly kind: 'directory' }
  | { readonly kind: 'queue'; readonly accountId: AccountId; readonly queueId: number }
  | { readonly kind: 'deliveries'; readonly accountId: AccountId; readonly destinationId: number }
  | { readonly kind: 'media' }
  | { readonly kind: 'templates' }
  | {
      readonly kind: 'outbound';
      readonly accountId: AccountId;
      readonly channelId: string;
      readonly senderId: string;
    }
  /** Something of another node may have been missed: whoever waits for anything looks by himself. */
  | { readonly kind: 'missed' };

export interface Accounts {
  /** Makes the first account with its key and its sandbox channel; resolves to false when there is an account already. */
  createFirstAccount(first: FirstAccount): Promise<boolean>;
  createAccount(account: NewAccount, actor: Actor): Promise<'created' | 'exists'>;
  listAccounts(): Promise<readonly Account[]>;
  createKey(key: NewKey, actor: Actor): Promise<void>;
  /** Changes what is given; resolves to false when the account has no such key. */
  setKeySettings(accountId: AccountId, keyId: string, settings: KeySettings, actor: Actor): Promise<boolean>;
  /** Notes when keys were last used; a time before the one that is there changes nothing. */
  noteKeyUses(uses: readonly KeyUse[]): Promise<void>;
  /** Resolves to false when the account has no such key. */
  setKeyState(accountId: AccountId, keyId: string, state: AccessKey['state'], actor: Actor): Promise<boolean>;
  listKeys(accountId: AccountId): Promise<readonly AccessKey[]>;
  findKey(keyId: string): Promise<AccessKey | undefined>;
  /** Recorded as a change when an `actor` is given; pullers that renew their own every hour give none. */
  createTemporaryKey(key: TemporaryKey, actor?: Actor): Promise<void>;
  findTemporaryKey(keyId: string): Promise<TemporaryKey | undefined>;
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

export type NewUser = Pick<User, 'id' | 'name' | 'role' | 'password'>;

/** What of a user may be changed; an app of null takes the codes away. */
export type UserChange = Partial<Pick<User, 'role' | 'state' | 'password' | 'totpSecret' | 'totpActive'>>;

export interface Users {
  /** Makes the first user of an account, an owner; resolves to false when the account has one already. */
  createFirstUser(accountId: AccountId, user: NewUser, actor: Actor): Promise<boolean>;
  createUser(accountId: AccountId, user: NewUser, actor: Actor): Promise<'created' | 'exists'>;
  /** An account that has users always has an owner who is active: `last_owner` changes nothing. */
  changeUser(
    accountId: AccountId,
    userId: string,
    change: UserChange,
    actor: Actor,
  ): Promise<'done' | 'missing' | 'last_owner'>;
  /** Takes a user and his sessions away. */
  deleteUser(accountId: AccountId, userId: string, actor: Actor): Promise<'done' | 'missing' | 'last_owner'>;
  /** By name. */
  listUsers(accountId: AccountId): Promise<readonly User[]>;
  findUser(accountId: AccountId, name: string): Promise<User | undefined>;
  /** Uses a time step of a user's app up; resolves to false when it, or a later one, was used before. */
  useTotpStep(accountId: AccountId, userId: string, step: number): Promise<boolean>;
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

export interface NewChannel {
  readonly id: string;
  readonly type: ChannelType;
  readonly name: string;
  readonly wabaId: string | null;
  readonly credentials: Readonly<Record<string, string>>;
  /** Left out: as they are, or none. */
  readonly options?: ChannelOptions;
}

export interface NewSender {
  readonly id: string;
  readonly type: SenderType;
  readonly name: string;
  readonly routeId: string;
  /** Left out: as it is, or unknown. */
  readonly verification?: SenderVerification;
}

export interface Channels {
  /** Makes or replaces a channel; its webhook settings and senders stay. `taken`: another account has the id. */
  putChannel(
    accountId: AccountId,
    channel: NewChannel,
    actor: Actor,
  ): Promise<'created' | 'replaced' | 'taken'>;
  deleteChannel(accountId: AccountId, channelId: string, actor: Actor): Promise<boolean>;
  /** Finds a channel by its server-wide id. */
  findChannel(channelId: string): Promise<Channel | undefined>;
  listChannels(accountId: AccountId): Promise<readonly Channel[]>;
  /** `taken`: another sender on the server, of the same type of channel, has the `routeId`. */
  putSender(
    accountId: AccountId,
    channelId: string,
    sender: NewSender,
    actor: Actor,
  ): Promise<'created' | 'replaced' | 'taken' | 'no_channel'>;
  /** Notes what the channel says of a sender. Resolves to false when there is no such sender. No entry in the journal. */
  setSenderVerification(
    accountId: AccountId,
    channelId: string,
    senderId: string,
    verification: SenderVerification,
  ): Promise<boolean>;
  deleteSender(accountId: AccountId, channelId: string, senderId: string, actor: Actor): Promise<boolean>;
  /** In the order in which they were made. */
  listSenders(accountId: AccountId, channelId: string): Promise<readonly Sender[]>;
  findSender(channelId: string, senderId: string): Promise<Sender | undefined>;
  /** Finds the sender that a channel type's events call `routeId`, on whichever channel it is. */
  findSenderByRoute(type: ChannelType, routeId: string): Promise<Sender | undefined>;
  /** All channels of a type with that WABA id; several accounts may have connected it. */
  findChannelsByWaba(type: ChannelType, wabaId: string): Promise<readonly Channel[]>;
  /**
   * Sets where a sender's receipts go. Destinations and queues that the settings need are made in the same transaction;
   * a new destination gets `preset`. Resolves to false when there is no such sender.
   */
  setSenderWebhook(
    accountId: AccountId,
    channelId: string,
    senderId: string,
    webhook: SenderWebhook,
    preset: Preset,
    actor: Actor,
  ): Promise<boolean>;
  setChannelWebhook(
    accountId: AccountId,
    channelId: string,
    webhook: ChannelWebhook,
    preset: Preset,
    actor: Actor,
  ): Promise<boolean>;
}

/** One raw event with everything that came of it, all of one account. */
export interface Intake {
  readonly accountId: AccountId;
  readonly channelId: string;
  readonly receivedAt: number;
  /** The untouched bytes; stored compressed. */
  readonly body: Uint8Array;
  /**
   * Set when this intake reads a stored raw event again: nothing new is kept, and its unrouted entries of `reread.route` are
   * those in `unrouted` from now on.
   */
  readonly reread?: { readonly rawEventId: number; readonly route: WaitingRoute };
  readonly receipts: readonly NewReceipt[];
  /** Events that wait for their owner, or for the answer to a send call. */
  readonly unrouted: readonly { readonly route: WaitingRoute; readonly index: number }[];
  readonly remarks: readonly {
    readonly reason: RemarkReason;
    readonly detail: string;
    readonly index: number;
  }[];
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
  readonly content: InboundContent | null;
  readonly media: (MediaSource & { readonly id: string }) | null;
  /** Statuses only: the hex digits that name message and party, with which the ReceiptId begins, and their rank (domain/receipt.ts). */
  readonly progress: { readonly key: string; readonly rank: number; readonly dropLate: boolean } | null;
  readonly destinationId: number | null;
  /** The message of ours whose status this is, which then follows it; null for one that was sent elsewhere. */
  readonly outboundId: number | null;
  /** Set when the status tells how the channel calls that message, or when by its clock it was sent. */
  readonly naming?: { readonly channelMessageId: string; readonly sentAt: number | null };
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
  readonly since?: number;
  readonly until?: number;
}

export interface RawEvent {
  readonly accountId: AccountId;
  readonly id: number;
  readonly channelId: string;
  readonly receivedAt: number;
  readonly body: Uint8Array;
  readonly remarks: Intake['remarks'];
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
  readonly deliveries: readonly (Delivery & { readonly url: string; readonly tries: readonly Attempt[] })[];
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

export interface Receipts {
  /**
   * Records raw events with their receipts, deliveries and queue messages: all of one call in one transaction on SQLite,
   * one for each account on PostgreSQL. A receipt that is there already changes nothing and goes nowhere again.
   */
  recordIntake(intakes: readonly Intake[]): Promise<readonly Recorded[]>;
  /** Newest first. A page of a filter for which there is no index may be short, or empty, and still lead on. */
  listReceipts(accountId: AccountId, filter: ReceiptFilter, page: PageRequest): Promise<Page<Receipt>>;
  findTimeline(accountId: AccountId, receiptId: string): Promise<Timeline | undefined>;
  findRawEvent(accountId: AccountId, rawEventId: number): Promise<RawEvent | undefined>;
  listUnrouted(accountId: AccountId, page: PageRequest): Promise<Page<Unrouted>>;
  /** What of any account waits for this route, oldest first, in raw events after `afterRawEventId`. */
  findUnrouted(
    type: ChannelType,
    route: WaitingRoute,
    afterRawEventId: number,
    limit: number,
  ): Promise<readonly Unrouted[]>;
  /** Routes that somebody owns and that events wait for all the same, and sends whose answer they wait for. */
  findRoutesToReread(limit: number): Promise<readonly { type: ChannelType; route: WaitingRoute }[]>;
}

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  readonly destinationId?: number;
  readonly since?: number;
  readonly until?: number;
  readonly deliveryIds?: readonly number[];
}

export interface Deliveries {
  findDestination(accountId: AccountId, destinationId: number): Promise<Destination | undefined>;
  findDestinationByUrl(accountId: AccountId, url: string): Promise<Destination | undefined>;
  listDestinations(accountId: AccountId): Promise<readonly Destination[]>;
  /** Every destination of every account that has a delivery which is not over. */
  findBusyDestinations(): Promise<
    readonly { readonly accountId: AccountId; readonly destinationId: number }[]
  >;
  setDestinationSettings(
    accountId: AccountId,
    destinationId: number,
    settings: DestinationSettings,
    actor: Actor,
  ): Promise<boolean>;
  setDestinationState(
    accountId: AccountId,
    destinationId: number,
    state: DestinationState,
    reason: string,
    actor: Actor,
  ): Promise<boolean>;
  setDestinationSecrets(
    accountId: AccountId,
    destinationId: number,
    secrets: readonly DestinationSecret[],
    actor: Actor,
  ): Promise<boolean>;
  /**
   * Leases up to `limit` batches of at most `batchSize` deliveries that are due, oldest first; a lease that is not settled
   * within `leaseMs` falls due again. Two callers never hold the same delivery, and of one lane only the first is ever
   * handed out. A batch keeps its members from its first claim until it is settled.
   */
  claimDeliveries(request: ClaimRequest): Promise<readonly ClaimedBatch[]>;
  /** Writes what became of claimed deliveries, and lets the next of each lane go. One that is over already is left alone. */
  settleDeliveries(settlements: readonly Settlement[]): Promise<void>;
  /** Gives claimed deliveries back untried, e.g. at the end of the process. */
  releaseDeliveries(
    accountId: AccountId,
    destinationId: number,
    deliveryIds: readonly number[],
  ): Promise<void>;
  /** When the earliest delivery of a destination falls due, a held one at the end of its lease; undefined when none waits. */
  findNextDue(accountId: AccountId, destinationId: number): Promise<number | undefined>;
  /** Newest first; pages as those of listReceipts. */
  listDeliveries(accountId: AccountId, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>;
  countDeliveries(accountId: AccountId, filter: DeliveryFilter, atMost: number): Promise<number>;
  /** How many deliveries to each destination wait, and how many are dead; each counted no further than `atMost`. */
  countByDestination(
    accountId: AccountId,
    atMost: number,
  ): Promise<readonly { readonly destinationId: number; readonly waiting: number; readonly dead: number }[]>;
  /**
   * Makes up to `page.limit` deliveries that are over (done or dead) and match the filter due again, oldest first, at the
   * end of their lanes, with the cause `replay`; `next` leads on to the rest.
   */
  replayDeliveries(
    accountId: AccountId,
    filter: DeliveryFilter,
    page: PageRequest,
    actor: Actor,
  ): Promise<{ readonly replayed: number; readonly next: string | null }>;
  /** The oldest delivery of each busy destination that is not over: when its receipt was recorded. */
  findOldestUndelivered(): Promise<
    readonly { readonly accountId: AccountId; readonly destinationId: number; readonly since: number }[]
  >;
}

export interface ClaimRequest {
  readonly accountId: AccountId;
  readonly destinationId: number;
  readonly limit: number;
  readonly batchSize: number;
  readonly now: number;
  readonly leaseMs: number;
}

export interface Queues {
  /**
   * `same`: it is there with equal attributes. `different`: it is there with others, and stays as it is. A change made
   * with an `actor` is recorded; those of the SMQ protocol have none.
   */
  createQueue(
    accountId: AccountId,
    name: string,
    attributes: QueueAttributes,
    actor?: Actor,
  ): Promise<'created' | 'same' | 'different'>;
  setQueueAttributes(
    accountId: AccountId,
    name: string,
    attributes: Partial<QueueAttributes>,
    actor?: Actor,
  ): Promise<boolean>;
  /** Takes the queue and all that is in it away; resolves to false when there is none. */
  deleteQueue(accountId: AccountId, name: string, actor?: Actor): Promise<boolean>;
  findQueue(accountId: AccountId, name: string): Promise<Queue | undefined>;
  /** By name in code unit order, from after `after`, with at most `limit` of them. */
  listQueues(accountId: AccountId, prefix: string, after: string, limit: number): Promise<readonly Queue[]>;
  countMessages(queue: Queue): Promise<QueueDepth>;
  /** When the oldest message that is ready was sent; undefined when there is none. */
  findOldestMessage(queue: Queue): Promise<number | undefined>;
  /** Adds messages in order; resolves to undefined when the queue has been deleted. */
  sendMessages(
    queue: Queue,
    messages: readonly NewQueueMessage[],
    now: number,
  ): Promise<readonly SentMessage[] | undefined>;
  /** Receives up to `limit` messages, highest priority first, then oldest; each is held for the queue's visibility. */
  receiveMessages(queue: Queue, limit: number, now: number): Promise<readonly ReceivedMessage[]>;
  /** Takes a receive back as if it had not been: for a caller who went away before the answer. */
  unreceiveMessages(queue: Queue, handles: readonly string[]): Promise<void>;
  /** What a receive would give next, without holding it. */
  peekMessages(queue: Queue, limit: number, now: number): Promise<readonly QueueMessage[]>;
  /** In the order of `handles`: null for a message that is deleted now. */
  deleteMessages(
    queue: Queue,
    handles: readonly string[],
    now: number,
  ): Promise<readonly (HandleFault | null)[]>;
  /** Holds a received message for `seconds` from now; the old handle stays good for as long as the new one. */
  changeVisibility(
    queue: Queue,
    handle: string,
    seconds: number,
    now: number,
  ): Promise<HandleFault | { readonly handle: string; readonly nextVisibleAt: number }>;
  /** When the next message that is delayed or held becomes ready; undefined when there is none. */
  findNextReady(queue: Queue): Promise<number | undefined>;
}

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
}

/** A claimed message; `lapsed` when an earlier claim of it was never settled, so that a try may have happened. */
export interface ClaimedOutbound {
  readonly message: OutboundMessage;
  readonly lapsed: boolean;
}

export interface OutboundFilter {
  readonly channelId?: string;
  readonly senderId?: string;
  readonly to?: string;
  readonly groupId?: string;
  readonly taskId?: string;
  readonly templateCode?: string;
  readonly since?: number;
  readonly until?: number;
}

export interface Outbounds {
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
   * Finds up to `limit` messages of a sender to one user that were sent at or before `upTo` and are not known to have come
   * as far as `status`. `unanswered`: the answer to the send call of another one to that user is still to come.
   */
  findOpenOutbound(
    accountId: AccountId,
    thread: Pick<SenderKey, 'channelId' | 'senderId'> & { readonly to: string },
    mark: { readonly status: 'delivered' | 'read'; readonly upTo: number },
    limit: number,
  ): Promise<{ readonly messages: readonly OutboundMessage[]; readonly unanswered: boolean }>;
  /** Newest first. */
  listOutbound(
    accountId: AccountId,
    filter: OutboundFilter,
    page: PageRequest,
  ): Promise<Page<OutboundMessage>>;
  findSendAttempts(accountId: AccountId, id: number): Promise<readonly SendAttempt[]>;
}

/** Fallbacks are armed by `addOutbound` and follow the statuses of their messages by themselves. */
export interface Fallbacks {
  /** Leases up to `limit` fallbacks that fire or are to be tried again, those due first. */
  claimFallbacks(limit: number, now: number, leaseMs: number): Promise<readonly Fallback[]>;
  /** Writes what became of a claimed fallback; one that is over is left alone. */
  settleFallback(
    fallback: Pick<Fallback, 'accountId' | 'outboundId'>,
    attempt: FallbackAttempt,
    next: FallbackNext,
  ): Promise<void>;
  /** Those of some messages; a message without one is left out. */
  findFallbacks(accountId: AccountId, outboundIds: readonly number[]): Promise<readonly Fallback[]>;
  findFallbackAttempts(accountId: AccountId, outboundId: number): Promise<readonly FallbackAttempt[]>;
}

export interface TemplateFilter {
  readonly status?: AuditStatus;
  readonly channelId?: string;
  readonly code?: string;
  readonly name?: string;
  readonly language?: string;
}

export type NewTemplate = Omit<Template, 'accountId' | 'createdAt' | 'updatedAt'>;

export interface Templates {
  /** Makes a language of a template, under the code that its name has on the channel already; `exists` when it is there. */
  createTemplate(
    accountId: AccountId,
    template: NewTemplate,
    actor: Actor,
  ): Promise<{ readonly code: string } | 'exists'>;
  /** Replaces a language of a template, all but its code; resolves to false when it is not there. */
  updateTemplate(accountId: AccountId, template: NewTemplate, actor: Actor): Promise<boolean>;
  /** Takes one language away, or all of a code, each to be deleted at its channel as well; resolves to how many went. */
  deleteTemplate(
    accountId: AccountId,
    channelId: string,
    code: string,
    language: string | null,
    actor: Actor,
  ): Promise<number>;
  /** By name and language. */
  findTemplates(accountId: AccountId, filter: TemplateFilter): Promise<readonly Template[]>;
  /** Leases up to `limit` deleted templates that are to be deleted at their channels, those due first. */
  claimRemovals(limit: number, now: number, leaseMs: number): Promise<readonly TemplateRemoval[]>;
  settleRemoval(removal: TemplateRemoval, next: RemovalNext): Promise<void>;
  /**
   * Leases up to `limit` templates whose review is to be asked for or done. One whose name and language is still to be deleted
   * at the channel waits for that.
   */
  claimReviews(limit: number, now: number, leaseMs: number): Promise<readonly Template[]>;
  /** Notes the channel's id of a template, and when its review is looked at next. */
  planReview(
    template: Pick<Template, 'accountId' | 'channelId' | 'code' | 'language'>,
    vendorId: string | null,
    reviewAt: number | null,
  ): Promise<void>;
}

export interface Nonces {
  /**
   * Remembers a signature nonce; resolves to false when it was used before. What the caller writes after that is never on the
   * disk without the nonce.
   */
  useNonce(keyId: string, nonce: string, now: number): Promise<boolean>;
  /** How many are on the disk. Takes the longer the more there are. */
  countNonces(): Promise<number>;
}

export interface MediaFiles {
  /** Leases up to `limit` media that are pending and due. */
  claimMedia(limit: number, now: number, leaseMs: number): Promise<readonly Media[]>;
  settleMedia(accountId: AccountId, mediaId: string, result: MediaResult): Promise<void>;
  findMedia(accountId: AccountId, mediaId: string): Promise<Media | undefined>;
  findNextMediaDue(): Promise<number | undefined>;
  /** Bytes of all media that are stored. */
  sumMediaBytes(): Promise<number>;
  /** Stored media made before `before`, oldest first. */
  listStoredMedia(before: number, limit: number): Promise<readonly Media[]>;
}

export interface Uploads {
  /** Notes an uploaded file whose bytes are on the disk; one of the same id takes the place of the former. */
  putUpload(upload: Upload): Promise<void>;
  findUpload(accountId: AccountId, id: string): Promise<Upload | undefined>;
  /** Made before `before`, oldest first. */
  listUploads(before: number, limit: number): Promise<readonly Upload[]>;
  /** Resolves to false when it is gone already, or another has taken its place. */
  removeUpload(upload: Pick<Upload, 'accountId' | 'id' | 'createdAt'>): Promise<boolean>;
  /** Bytes of all uploads. */
  sumUploadBytes(): Promise<number>;
}

export type MediaResult =
  | { readonly state: 'stored'; readonly bytes: number }
  | { readonly state: 'pending'; readonly dueAt: number; readonly reason: string }
  | { readonly state: 'gone' | 'erased'; readonly reason: string };

/** Names a media file. */
export type MediaKey = Pick<Media, 'accountId' | 'id'>;

export interface WrittenMedia {
  readonly bytes: number;
  /** Hex digits. */
  readonly sha256: string;
}

/** Where the bytes of media live. A media id has 32 hex digits. */
export interface MediaStore {
  /** Writes a file as a whole; once it resolves the bytes are on the disk. Throws what `chunks` throws, and then leaves nothing. */
  write(media: MediaKey, chunks: AsyncIterable<Uint8Array>): Promise<WrittenMedia>;
  /** Opens a file from byte `start` to `end`, both included; undefined when it is not there. */
  read(
    media: MediaKey,
    range?: { readonly start: number; readonly end: number },
  ): Promise<{ readonly bytes: number; readonly stream: Readable } | undefined>;
  remove(media: MediaKey): Promise<void>;
}

/** Whose content goes; of one channel, or of all. */
export interface ErasureRequest {
  /** Any id that receipts know the user by: number, business-scoped id, page-scoped id. */
  readonly userId: string;
  readonly channelId?: string;
}

export interface Erased {
  /** Receipts whose content went. */
  readonly receipts: number;
  /** Messages to the user whose content went. */
  readonly messages: number;
  /** Media whose files are to be removed now. */
  readonly media: readonly MediaKey[];
  /** Where to go on; null when all has been looked at. */
  readonly next: string | null;
}

export interface Erasures {
  /**
   * Erases what a user wrote and was written to, in the newest `page.limit` receipts from the cursor on: the content of
   * receipts and messages, media, and the raw bytes that held it, unless something in them still waits for its owner. The
   * facts stay. May be called again; what is erased already changes nothing.
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

export interface Journal {
  /** Notes what changed nothing in the store, such as a sign-in that was refused. */
  recordChange(
    accountId: AccountId,
    actor: Actor,
    action: string,
    subject: string,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  recordNotice(notice: {
    readonly accountId: AccountId | null;
    readonly code: NoticeCode;
    readonly subject: string;
    readonly text: string;
  }): Promise<Notice>;
  listNotices(accountId: AccountId, page: PageRequest): Promise<Page<Notice>>;
  listChanges(accountId: AccountId, page: PageRequest): Promise<Page<Change>>;
}

/** What is counted for the overview of an account. */
export const rateKinds = [
  'statuses',
  'inbounds',
  'audits',
  'pushed',
  'pushFailed',
  'dead',
  'sent',
  'sendFailed',
] as const;
export type RateKind = (typeof rateKinds)[number];

/** How often something happened in one minute, counted since 1970. */
export interface Rate {
  readonly accountId: AccountId;
  readonly minute: number;
  readonly kind: RateKind;
  readonly count: number;
}

/** How many messages were put into a queue, and how many were taken away for good, in one minute, counted since 1970. */
export interface QueueRate {
  readonly accountId: AccountId;
  readonly queue: string;
  readonly minute: number;
  readonly put: number;
  readonly deleted: number;
}

export interface Rates {
  /** Adds to what is counted there, of whichever nodes. Kept for two days. */
  addRates(rates: readonly Rate[]): Promise<void>;
  /** All of an account from a minute on, oldest first. */
  listRates(accountId: AccountId, sinceMinute: number): Promise<readonly Rate[]>;
  /** Adds to what is counted of queues, of whichever nodes. Kept for two days. */
  addQueueRates(rates: readonly QueueRate[]): Promise<void>;
  /** What was counted of the named queues of an account from a minute on, oldest first. */
  listQueueRates(
    accountId: AccountId,
    queues: readonly string[],
    sinceMinute: number,
  ): Promise<readonly QueueRate[]>;
}

/** How long things are kept, in milliseconds. */
export interface Retention {
  readonly rawEventMs: number;
  readonly receiptMs: number;
  readonly attemptMs: number;
}

export interface Upkeep {
  /** Resolves when a commit has just reached the disk. */
  probe(): Promise<void>;
  /**
   * Takes away one bounded batch of what has outlived its time; resolves to how many rows went, 0 when there is no more to
   * do. Receipts with a delivery that is not over stay.
   */
  sweep(retention: Retention, now: number): Promise<number>;
  /** Calls `listener` after each commit that concerns it; returns what ends the calls. Listeners must not throw. */
  watch(listener: (signal: Signal) => void): () => void;
  /** Finishes what is under way and closes; every later call rejects. */
  close(): Promise<void>;
}

export interface Store
  extends
    Accounts,
    Users,
    Channels,
    Receipts,
    Deliveries,
    Outbounds,
    Fallbacks,
    Templates,
    Nonces,
    Queues,
    MediaFiles,
    Uploads,
    Erasures,
    Journal,
    Rates,
    Upkeep {}
