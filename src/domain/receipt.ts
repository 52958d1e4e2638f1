import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { AccountId } from './account.ts';
import type { ChannelType, SenderType } from './channel.ts';
import type { Identity } from './identity.ts';

export const receiptTypes = ['ChatAppInbound', 'ChatAppStatus', 'ChatAppAudit'] as const;
/** The receipt types by the names that queues, settings and consumers use: MO, MT and template or account events. */
export type ReceiptType = (typeof receiptTypes)[number];

/**
 * What a channel told of an event and no other member of its receipt tells: members as they came, in the places where they stood. In
 * lists null stands for what is told elsewhere.
 */
export interface ExtraMembers {
  /** Of the event itself. */
  readonly event?: Readonly<Record<string, unknown>>;
  /** Of the contact that told who the user is. */
  readonly contact?: Readonly<Record<string, unknown>>;
  /** Of what stood around the event, under the name of each level. */
  readonly envelope?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The end user of a chat. `id` is what a reply is addressed to; every other member is there only when the channel gave it. */
export interface EndUser {
  /** Bare digits, a BSUID (`CC.…`), a PSID, an IGSID or a Viber id. */
  readonly id: string;
  readonly phone?: string;
  /** What the channel calls the user beside `id` in the same event: another spelling of the number. */
  readonly otherId?: string;
  readonly userId?: string;
  readonly parentUserId?: string;
  readonly userName?: string;
  readonly name?: string;
}

export const inboundKinds = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'reply',
  'interactive',
  'order',
  'reaction',
  'edit',
  'revoke',
  'share',
  'referral',
  'optin',
  'feedback',
  'system',
  'unsupported',
  'echo',
  'payment',
  'call',
  'group',
  'comment',
  'mention',
  'client_status',
] as const;
/** What a user's message is, in our words; `core/receipts/rendering.ts` gives each its CAMS `Type`. */
export type InboundKind = (typeof inboundKinds)[number];

/** Where the channel keeps the bytes of a media message. */
export interface MediaSource {
  /** What the media is asked for by: the channel's id of it, or its address where the channel gives no id. */
  readonly channelMediaId: string;
  /** The id that receipts tell instead, where `channelMediaId` is an address. */
  readonly shownId?: string;
  readonly mimeType: string;
  /** Digest of the bytes, base64 or hex as the channel wrote it; absent when it gave none. */
  readonly sha256?: string;
  readonly fileName?: string;
}

/** A message that was sent through here, where another one names it: the channel's id of it, and those that receipts tell. */
export interface SentReference {
  readonly channelMessageId: string;
  readonly messageId: string;
  readonly taskId?: string;
  /** The GroupMessageId of its mass send. */
  readonly groupId?: string;
}

/**
 * The facts of a user's message, all but what the user wrote. `replyTo` is the channel's id of the quoted message; `traceparent`, in
 * all facts, the trace that the channel's webhook came in, by W3C Trace Context, where traces are made and it came in one.
 */
export interface InboundFacts {
  readonly type: 'ChatAppInbound';
  readonly messageId: string;
  readonly kind: InboundKind;
  readonly user: EndUser;
  readonly replyTo?: string;
  /** Those of the messages that it answers or is about that were sent through here. */
  readonly references?: readonly SentReference[];
  readonly forwarded?: boolean;
  readonly groupId?: string;
  /** Another app owned the conversation when it came. */
  readonly standby?: true;
  /** It was written before the sender was connected here. */
  readonly history?: true;
  readonly traceparent?: string;
}

/** `subscribe` and `unsubscribe` are no steps of a message: a user has let the business write, or has forbidden it. */
export const messageStatuses = [
  'sent',
  'delivered',
  'read',
  'failed',
  'deleted',
  'subscribe',
  'unsubscribe',
] as const;
export type MessageStatus = (typeof messageStatuses)[number];

/** One step in the life of a message that the business sent. */
export interface StatusFacts {
  readonly type: 'ChatAppStatus';
  readonly messageId: string;
  readonly status: MessageStatus;
  readonly user: EndUser;
  readonly errorCode?: string;
  readonly errorDescription?: string;
  readonly conversationId?: string;
  readonly conversationType?: string;
  /** Epoch milliseconds. */
  readonly conversationExpiresAt?: number;
  readonly groupId?: string;
  /** The group member whose receipt this is, when the message went to a group. */
  readonly participant?: string;
  /** What our send call gave the channel to carry. */
  readonly callbackData?: string;
  /** What else the channel told. */
  readonly extra?: ExtraMembers;
  /** Set for a message that was sent through here; `messageId` is then our own. */
  readonly sent?: SentFacts;
  readonly traceparent?: string;
}

/** What a status receipt tells of the message that it belongs to. */
interface SentFacts {
  readonly channelMessageId?: string;
  readonly to: string;
  readonly taskId?: string;
  readonly groupId?: string;
  readonly frame: 'template' | 'message';
  readonly messageType: string;
  readonly templateCode?: string;
  readonly templateName?: string;
  readonly language?: string;
}

/** The V2 `Type` of an audit receipt; V1 carries `template` only. */
type AuditEvent =
  | 'template'
  | 'phoneNameUpdate'
  | 'phoneQualityUpdate'
  | 'wabaReviewUpdate'
  | 'wabaAccountUpdate'
  | 'templateCategoryUpdate'
  | 'templateQualityUpdate'
  | 'phoneUsernameUpdate';

export const auditStatuses = ['pass', 'fail', 'auditing', 'unaudit', 'disabled', 'paused'] as const;
export type AuditStatus = (typeof auditStatuses)[number];

/** A template's review result, or what happened to a number or an account. */
export interface AuditFacts {
  readonly type: 'ChatAppAudit';
  readonly event: AuditEvent;
  readonly wabaId: string;
  readonly templateCode?: string;
  /** What the channel calls a template whose code is ours. */
  readonly channelTemplateCode?: string;
  readonly templateName?: string;
  readonly language?: string;
  readonly auditStatus?: AuditStatus;
  readonly reason?: string;
  readonly phoneNumber?: string;
  readonly status?: string;
  readonly currentLimit?: string;
  /** What else the channel told. */
  readonly extra?: ExtraMembers;
  /** The name that people find a number by. */
  readonly userName?: string;
  readonly traceparent?: string;
}

export type ReceiptFacts = InboundFacts | StatusFacts | AuditFacts;

/**
 * What a user wrote or sent, kept apart from the facts so that it can be erased. `text` is the plain text of a text
 * message; `data` the channel-neutral members of every other kind; `media` names our own copy's id.
 */
export interface InboundContent {
  readonly text?: string;
  /** What else the channel told. */
  readonly extra?: ExtraMembers;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly media?: {
    readonly id: string;
    readonly mimeType: string;
    readonly fileName?: string;
    readonly channelMediaId: string;
  };
}

/** How an event finds its owner: by what the channel calls the sender, or by the WABA for account-wide events. */
export type Route =
  { readonly by: 'sender'; readonly id: string } | { readonly by: 'waba'; readonly id: string };

/**
 * What an event waits for that is kept raw for now: its owner, or (`send`) the answer to a send call that is under way, by
 * `<channel id>/<sender id>`.
 */
export type WaitingRoute = Route | { readonly by: 'send'; readonly id: string };

/** One event of a webhook, as its connector read it. `index` is its place in the raw event. */
export interface ChannelEvent {
  readonly index: number;
  readonly route: Route;
  /** What makes it the same event when it comes again, most general first; hashed together with its channel's type and route. */
  readonly identity: Identity;
  /** Epoch milliseconds by the channel's clock. */
  readonly occurredAt: number;
  readonly facts: ReceiptFacts;
  readonly content?: Omit<InboundContent, 'media' | 'extra'>;
  readonly media?: MediaSource;
  readonly extra?: ExtraMembers;
  /** Ids of messages that the user has taken back: what they held goes as soon as this event is recorded. */
  readonly erases?: readonly string[];
  /** Which event takes this one back, where it may have come before: its message id and identity. */
  readonly takenBackBy?: { readonly messageId: string; readonly identity: Identity };
  /**
   * What it is instead where the message was sent through here: a channel echoes what was written elsewhere and what we sent alike,
   * and not each of them says which it is.
   */
  readonly ifSent?: Pick<ChannelEvent, 'identity' | 'sentAt'> & { readonly facts: StatusFacts };
  /** Of a `sent` status: when the message was sent, as near to the channel's clock as is known; marks are compared with it. */
  readonly sentAt?: number;
}

/** Says of all messages of a sender to one user, up to a time, that they were delivered or read (a watermark). */
export interface ChannelMark {
  readonly index: number;
  readonly route: Route;
  readonly userId: string;
  readonly status: 'delivered' | 'read';
  /** Epoch milliseconds by the channel's clock; what was sent at or before it is meant. */
  readonly upTo: number;
  /** Epoch milliseconds by the channel's clock. */
  readonly occurredAt: number;
}

/** Something in a webhook that gives no receipt: kept raw and counted under `reason`. */
export interface ChannelRemark {
  readonly index: number;
  readonly reason: RemarkReason;
  /** The vendor's word for what it was, e.g. a field name; never what a user wrote. */
  readonly detail: string;
  /** Whether what a user wrote may be in it: nothing that is known says that it is not. */
  readonly mayBeMessage: boolean;
}

export const remarkReasons = [
  'not_json',
  'wrong_shape',
  'unknown_object',
  'unknown_field',
  'unknown_event',
  'not_a_receipt',
  'parse_failed',
] as const;
export type RemarkReason = (typeof remarkReasons)[number];

/** A receipt as stored and handed on. `id` grows with time; `receiptId` is the same at every repeat and replay. */
export interface Receipt {
  readonly accountId: AccountId;
  readonly id: number;
  readonly receiptId: string;
  readonly channelId: string;
  readonly channelType: ChannelType;
  /** Null for audits, which belong to a channel as a whole. */
  readonly senderId: string | null;
  readonly senderType: SenderType | null;
  readonly facts: ReceiptFacts;
  /** Null when there never was any, or when it has been erased. */
  readonly content: InboundContent | null;
  readonly occurredAt: number;
  readonly recordedAt: number;
  /** A status that came after a higher one of the same message. */
  readonly superseded: boolean;
  /** A status of a message that was not sent through here. */
  readonly unmatched: boolean;
}

/** Hex digits of a ReceiptId that all receipts of one subject share, and those that one party's share too. */
export const receiptIdParts = { subject: 12, party: 20 } as const;

/**
 * The ReceiptId of an event: 32 hex digits made of the account and of the sender's own ids alone, so the same event has the
 * same id on every node, in every order and after any crash. It begins with 48 bits that stand for what the event is about
 * (a message, a template), then 32 for whose it is (the sender, the member of a group): what belongs together lies together in an
 * index, and one place of it answers whether an event is a repeat, whether a later status was seen, and what is searched for.
 */
export function toReceiptId(
  accountId: AccountId,
  channelType: ChannelType,
  route: Route,
  identity: Identity,
  facts: ReceiptFacts,
): string {
  const participant = facts.type === 'ChatAppStatus' ? (facts.participant ?? '') : '';
  const party = crc32(`${route.by}/${route.id}/${participant}`).toString(16).padStart(8, '0');
  const own = digest(String(accountId), channelType, route.by, route.id, ...identity).slice(0, 12);
  return toSubjectDigits(toSubjectText(facts)) + party + own;
}

/** The hex digits that the ReceiptIds of all statuses of one message to one party begin with; its progress is kept under them. */
export function toProgressKey(receiptId: string): string {
  return receiptId.slice(0, receiptIdParts.party);
}

/** What a receipt is about, and is searched by: a message, or a template, a number, an account. */
function toSubjectText(facts: ReceiptFacts): string {
  if (facts.type === 'ChatAppAudit') return facts.templateCode ?? facts.phoneNumber ?? facts.wabaId;
  return facts.messageId;
}

/**
 * The 48 bits that a receipt is searched by where its ReceiptId does not begin with them: its id is made of what the channel
 * told, and what is recorded of it may name a message or a template by ids of ours. Null where both name the same.
 */
export function toOwnSubject(receiptId: string, told: ReceiptFacts, recorded: ReceiptFacts): number | null {
  const text = toSubjectText(recorded);
  if (text === toSubjectText(told)) return null;
  const digits = toSubjectDigits(text);
  return receiptId.startsWith(digits) ? null : Number.parseInt(digits, 16);
}

/** 48 bits that stand for a subject, as 12 hex digits. */
export function toSubjectDigits(text: string): string {
  return hash('sha256', text).slice(0, receiptIdParts.subject);
}

/**
 * The lane of a receipt: what shares a lane reaches one destination in order. Statuses of one message, messages of one
 * user to one sender (by the id that lasts longest, where the channel tells several), audits of one template. 48 bits, for all but users' messages those of the ReceiptId's subject; two
 * lanes that collide merely wait for each other.
 */
export function toLane(receiptId: string, route: Route, facts: ReceiptFacts): number {
  return facts.type === 'ChatAppInbound'
    ? Number.parseInt(digest(route.id, 'mo', facts.user.userId ?? facts.user.id).slice(0, 12), 16)
    : toSubjectLane(receiptId);
}

/** The lane of what shares a ReceiptId's subject. */
export function toSubjectLane(receiptId: string): number {
  return Number.parseInt(receiptId.slice(0, receiptIdParts.subject), 16);
}

/**
 * The rank of a status. A status whose rank is not above the highest one seen is superseded; 0 takes no part. `failed`
 * stands below `delivered` because a message that was delivered after all was delivered (docs/protocols/receipts.md).
 */
export function toRank(status: MessageStatus): number {
  return { sent: 1, failed: 2, delivered: 3, read: 4, deleted: 0, subscribe: 0, unsubscribe: 0 }[status];
}

/** Length-prefixed so that no two lists of parts read the same. */
function digest(...parts: string[]): string {
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join('')).slice(0, 32);
}
