// Rows of queues and messages as both stores select them.
import { hash } from 'node:crypto';
import { defaultQueueAttributes, formatMessageId, receiptQueueAttributes } from '../../domain/queue.ts';
import { GatewayError } from '../../domain/errors.ts';
import { readObject } from '../rows/json-column.ts';
import type {
  MessageProperty,
  NewQueueMessage,
  Queue,
  QueueAttributes,
  QueueMessage,
} from '../../domain/queue.ts';

const attributeNames = Object.keys(defaultQueueAttributes) as (keyof QueueAttributes)[];

export interface QueueRow {
  readonly id: number;
  readonly account_id: number;
  readonly name: string;
  readonly attributes: string;
  readonly created_at: number;
  readonly modified_at: number;
}

/** A message as a receive or a peek reads it. */
export interface MessageRow {
  readonly priority: number;
  readonly id: number;
  readonly dequeue_count: number;
  readonly first_dequeued_at: number | null;
  readonly enqueued_at: number;
  readonly body: string;
  readonly extras: string | null;
}

/** Properties and group id of a message. */
interface Extras {
  readonly user?: readonly MessageProperty[];
  readonly system?: readonly MessageProperty[];
  readonly group?: string;
}

/** A queue from its row; throws `store_corrupt` when its attributes cannot be used. */
export function toQueue(row: QueueRow): Queue {
  return withAttributes(row, readAttributes(row.attributes));
}

/** A queue with attributes that do not stand in its row. */
export function withAttributes(row: QueueRow, attributes: QueueAttributes): Queue {
  return {
    accountId: row.account_id,
    id: row.id,
    name: row.name,
    attributes,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
}

/** The attributes in a queue's row; throws `store_corrupt` when one is not what it should be. */
export function readAttributes(text: string): QueueAttributes {
  const read = readObject(text) as QueueAttributes;
  for (const name of attributeNames)
    if (typeof read[name] !== typeof defaultQueueAttributes[name])
      throw new GatewayError('store_corrupt', `A row of the store holds no ${name} of a queue.`);
  return read;
}

/** What a queue of this name begins with, and goes on with when its own attributes are lost. */
export function initialAttributes(name: string): QueueAttributes {
  return name.startsWith('Alicom-Queue-') ? receiptQueueAttributes : defaultQueueAttributes;
}

/** Properties and group id as they are kept; null when there are none. */
export function toExtras(message: NewQueueMessage): string | null {
  const extras: Extras = {
    ...(message.userProperties?.length ? { user: message.userProperties } : {}),
    ...(message.systemProperties?.length ? { system: message.systemProperties } : {}),
    ...(message.groupId === undefined ? {} : { group: message.groupId }),
  };
  return Object.keys(extras).length === 0 ? null : JSON.stringify(extras);
}

/** A message from its row. */
export function toMessage(queueId: number, row: MessageRow): QueueMessage {
  const extras: Extras = row.extras === null ? {} : readExtras(row.extras);
  return {
    messageId: formatMessageId(queueId, row.id),
    body: row.body,
    bodyMd5: toBodyMd5(row.body),
    priority: row.priority,
    enqueuedAt: row.enqueued_at,
    firstDequeuedAt: row.first_dequeued_at ?? row.enqueued_at,
    dequeueCount: row.dequeue_count,
    userProperties: extras.user ?? [],
    systemProperties: extras.system ?? [],
    groupId: extras.group ?? null,
  };
}

/** The properties in a message's row; throws `store_corrupt`, or a SyntaxError, when they cannot be read. */
export function readExtras(text: string): Extras {
  const extras = readObject(text) as Extras;
  if ([extras.user ?? [], extras.system ?? []].every(Array.isArray)) return extras;
  throw new GatewayError('store_corrupt', 'A row of the store holds no properties of a message.');
}

export function toBodyMd5(body: string): string {
  return hash('md5', body).toUpperCase();
}

/** Whether two sets of attributes are equal. */
export function isSameAttributes(a: QueueAttributes, b: QueueAttributes): boolean {
  return attributeNames.every((key) => a[key] === b[key]);
}
