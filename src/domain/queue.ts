import { crc32 } from 'node:zlib';
import type { AccountId } from './account.ts';

/** What a queue's owner may set. Times are in seconds, as the protocol counts them. */
export interface QueueAttributes {
  readonly delaySeconds: number;
  readonly maximumMessageBytes: number;
  readonly retentionSeconds: number;
  readonly visibilitySeconds: number;
  readonly pollingWaitSeconds: number;
  readonly loggingEnabled: boolean;
}

/** Ranges and defaults of the protocol (docs/protocols/smq.md); `name` is the element's name on the wire. */
export const queueAttributeRanges = {
  delaySeconds: { name: 'DelaySeconds', min: 0, max: 604_800, initial: 0, unit: 'seconds' },
  maximumMessageBytes: { name: 'MaximumMessageSize', min: 1024, max: 65_536, initial: 65_536, unit: 'bytes' },
  // 604,800 in today's documents, 1,296,000 in older ones: clients of either age are served.
  retentionSeconds: {
    name: 'MessageRetentionPeriod',
    min: 60,
    max: 1_296_000,
    initial: 345_600,
    unit: 'seconds',
  },
  visibilitySeconds: { name: 'VisibilityTimeout', min: 1, max: 43_200, initial: 30, unit: 'seconds' },
  pollingWaitSeconds: { name: 'PollingWaitSeconds', min: 0, max: 30, initial: 0, unit: 'seconds' },
} as const;

export const defaultQueueAttributes: QueueAttributes = {
  delaySeconds: 0,
  maximumMessageBytes: 65_536,
  retentionSeconds: 345_600,
  visibilitySeconds: 30,
  pollingWaitSeconds: 0,
  loggingEnabled: false,
};

/** Receipt queues long-poll by default: the usual pullers ask again at once when there is nothing (docs/protocols/receipts.md). */
export const receiptQueueAttributes: QueueAttributes = {
  ...defaultQueueAttributes,
  retentionSeconds: 604_800,
  pollingWaitSeconds: 20,
};

export const queueLimits = {
  nameLength: 120,
  batch: 16,
  bodyBytes: 65_536,
  waitSeconds: 30,
  priorityHighest: 1,
  priorityLowest: 16,
  priorityDefault: 8,
  userProperties: 50,
  propertyNameLength: 256,
  propertyValueBytes: 4096,
} as const;

export const propertyTypes: readonly string[] = ['STRING', 'NUMBER', 'BOOLEAN', 'BINARY'];

/** One incarnation of a queue: a queue made again under its old name is another queue with another `id`. */
export interface Queue {
  readonly accountId: AccountId;
  readonly id: number;
  readonly name: string;
  readonly attributes: QueueAttributes;
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** How many messages a queue holds: ready to receive, received and not yet deleted, and not yet due. */
export interface QueueDepth {
  readonly active: number;
  readonly inactive: number;
  readonly delayed: number;
}

export interface MessageProperty {
  readonly name: string;
  readonly value: string;
  readonly type: string;
}

export interface NewQueueMessage {
  /** The text between the tags of MessageBody, entities resolved; never decoded further. Of characters that XML may hold. */
  readonly body: string;
  readonly priority: number;
  /** Milliseconds until it may be received; overrides the queue's own delay when given. */
  readonly delayMs?: number;
  readonly userProperties?: readonly MessageProperty[];
  readonly systemProperties?: readonly MessageProperty[];
  readonly groupId?: string;
}

export interface SentMessage {
  readonly messageId: string;
  readonly bodyMd5: string;
  /** Only for a message that is not due yet: lets its sender delete it before anyone receives it. */
  readonly handle: string | null;
}

export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly priority: number;
  readonly enqueuedAt: number;
  /** Equal to `enqueuedAt` as long as nobody received it. */
  readonly firstDequeuedAt: number;
  readonly dequeueCount: number;
  readonly userProperties: readonly MessageProperty[];
  readonly systemProperties: readonly MessageProperty[];
  readonly groupId: string | null;
}

/** A message that a caller holds until `nextVisibleAt`. */
export interface ReceivedMessage extends QueueMessage {
  readonly handle: string;
  readonly nextVisibleAt: number;
}

/** What a receipt handle names: one receive of one message, or the send of a delayed one (`dequeueCount` 0). */
export interface Handle {
  readonly priority: number;
  readonly queueId: number;
  readonly messageId: number;
  readonly visibleAt: number;
  readonly dequeueCount: number;
}

/** `stale`: a real handle of this queue whose message is gone or whose time is over. `garbage`: anything else. */
export type HandleFault = 'stale' | 'garbage';

const base = 36;

/** Writes a handle with letters, digits and hyphens only, because most clients paste it into a URL as it is. */
export function formatHandle(accountId: AccountId, handle: Handle): string {
  const fields = [handle.queueId, handle.messageId, handle.visibleAt, handle.dequeueCount].map((n) =>
    n.toString(base),
  );
  const text = `${handle.priority}-${fields.join('-')}`;
  return `${text}-${toCheck(accountId, text)}`;
}

/** Reads a handle back; undefined when it is none of this account's. The check digits tell a garbled handle from an old one. */
export function parseHandle(accountId: AccountId, text: string): Handle | undefined {
  const end = text.lastIndexOf('-');
  if (end < 0 || text.length > 100 || text.slice(end + 1) !== toCheck(accountId, text.slice(0, end)))
    return undefined;
  const [priority, queueId, messageId, visibleAt, dequeueCount, ...rest] = text.slice(0, end).split('-');
  if (rest.length > 0 || dequeueCount === undefined) return undefined;
  return {
    priority: Number(priority),
    queueId: Number.parseInt(queueId ?? '', base),
    messageId: Number.parseInt(messageId ?? '', base),
    visibleAt: Number.parseInt(visibleAt ?? '', base),
    dequeueCount: Number.parseInt(dequeueCount, base),
  };
}

function toCheck(accountId: AccountId, text: string): string {
  return crc32(`${accountId}/${text}`).toString(base);
}

/** The MessageId on the wire: 32 upper-case hex digits that hold the message's and its queue's number. */
export function formatMessageId(queueId: number, id: number): string {
  const text = `${id.toString(16).padStart(16, '0')}${queueId.toString(16).padStart(8, '0')}`.toUpperCase();
  return text + crc32(text).toString(16).padStart(8, '0').toUpperCase();
}

/** Letters, digits and hyphens, not beginning with a hyphen. */
export const queueNamePattern = '^[A-Za-z0-9][A-Za-z0-9-]*$';
const queueName = new RegExp(queueNamePattern);

/** Whether a name may be a queue's: of its pattern, and 1 to 120 characters. */
export function isQueueName(name: string): boolean {
  return queueName.test(name) && name.length <= queueLimits.nameLength;
}

/** Whether text has only characters that XML 1.0 may hold, which is all that a message body can be. */
export function isXmlText(text: string): boolean {
  return /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(text);
}
