// Rows of queues and messages as both stores select them.
import { hash } from 'node:crypto';
import { formatMessageId } from '../../domain/queue.ts';
import type {
  MessageProperty,
  NewQueueMessage,
  Queue,
  QueueAttributes,
  QueueMessage,
} from '../../domain/queue.ts';

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

interface Extras {
  readonly user?: readonly MessageProperty[];
  readonly system?: readonly MessageProperty[];
  readonly group?: string;
}

/** A queue from its row. */
export function toQueue(row: QueueRow): Queue {
  return {
    accountId: row.account_id,
    id: row.id,
    name: row.name,
    attributes: JSON.parse(row.attributes) as QueueAttributes,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  };
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
  const extras: Extras = row.extras === null ? {} : (JSON.parse(row.extras) as Extras);
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

export function toBodyMd5(body: string): string {
  return hash('md5', body).toUpperCase();
}

/** Whether two sets of attributes are equal. */
export function isSameAttributes(a: QueueAttributes, b: QueueAttributes): boolean {
  return (Object.keys(a) as (keyof QueueAttributes)[]).every((key) => a[key] === b[key]);
}
