// Messages as they are put into queues, and as they go when they have outlived their time.
import { toFirstId } from '../../domain/ids.ts';
import { crc32 } from 'node:zlib';
import type { AccountId } from '../../domain/account.ts';
import { formatHandle, formatMessageId } from '../../domain/queue.ts';
import type { NewQueueMessage, Queue, SentMessage } from '../../domain/queue.ts';
import { toBodyMd5, toExtras } from './rows.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { inParts } from '../sqlite/statement.ts';
import { deal, need } from './sqlite-calls.ts';
import type { QueueDepths } from './sqlite-depths.ts';
import type { QueueTables } from './sqlite-queues.ts';
import { messageStatements } from './sqlite-statements.ts';

interface QueuedMessage extends NewQueueMessage {
  readonly receiptId?: number;
}

interface Added {
  readonly id: number;
  readonly visibleAt: number | null;
}

/** What is done with messages that nobody holds, each inside a transaction that the caller has. */
export class MessageTables {
  readonly #db: Connection;
  readonly #queues: QueueTables;
  readonly #depths: QueueDepths;
  readonly #sql;

  constructor(db: Connection, queues: QueueTables, depths: QueueDepths) {
    this.#db = db;
    this.#queues = queues;
    this.#depths = depths;
    this.#sql = messageStatements(db);
  }

  /** Sends what several calls bring, with statements for all of them; undefined to each when the queue has been deleted. */
  sendTogether(
    tx: Transaction,
    queue: Queue,
    calls: readonly { readonly messages: readonly NewQueueMessage[] }[],
    now: number,
  ): (SentMessage[] | undefined)[] {
    if (this.#queues.attributesOf(queue.id) === undefined) return calls.map(() => undefined);
    const messages = calls.flatMap((call) => call.messages);
    const added = this.add(tx, queue, messages, now);
    const sent = messages.map((message, index) => toSent(queue, message, need(added[index])));
    return deal(
      sent,
      calls.map((call) => call.messages.length),
    );
  }

  /** Adds messages in order; those that carry a receipt name it. */
  add(tx: Transaction, queue: Queue, messages: readonly QueuedMessage[], now: number): Added[] {
    const added = messages.map((message) => ({ id: this.#db.nextId(), message }));
    for (const part of inParts(added)) {
      const values = part.flatMap(({ id, message }) => [
        id,
        queue.accountId,
        now,
        message.body,
        toExtras(message),
        message.receiptId ?? null,
        queue.id,
        crc32(message.body),
      ]);
      this.#sql.insertMessages.of(part.length).run(...values);
    }
    return this.#enlist(tx, queue, added, now);
  }

  /** Takes up to `limit` ready messages of a queue that were sent before `before` away; returns how many went. */
  expire(
    tx: Transaction,
    accountId: AccountId,
    queueId: number,
    before: number,
    now: number,
    limit: number,
  ): number {
    let left = limit;
    let priority = this.#sql.nextPriority.get(accountId, queueId, -1)?.priority;
    while (priority !== undefined && left > 0) {
      for (const row of this.#sql.oldReady.all(accountId, queueId, priority, toFirstId(before), left)) {
        this.#sql.removeReady.run(accountId, queueId, priority, row.id);
        const receiptId = this.#sql.removeMessage.get(row.id)?.receipt_id ?? null;
        if (receiptId !== null)
          this.#sql.insertTrace.run(accountId, receiptId, 'expired', row.dequeue_count, now);
        this.#depths.change(tx, queueId, { active: -1 });
        left -= 1;
      }
      priority = this.#sql.nextPriority.get(accountId, queueId, priority)?.priority;
    }
    return limit - left;
  }

  /** When the oldest that is ready was sent. */
  findOldest(queue: Queue, now: number): number | undefined {
    return this.#sql.oldestReady.get(queue.accountId, queue.id, now)?.enqueued_at ?? undefined;
  }

  findNextReady({ accountId, id }: Queue): number | 'gone' | undefined {
    const row = this.#sql.nextWaiting.get(accountId, id, id);
    return row === undefined ? 'gone' : (row.visible_at ?? undefined);
  }

  /** Puts messages into the list that they belong to: ready, or waiting for their time. */
  #enlist(
    tx: Transaction,
    { accountId, id: queueId, attributes }: Queue,
    messages: readonly { readonly id: number; readonly message: NewQueueMessage }[],
    now: number,
  ): Added[] {
    const added = messages.map(({ id, message }) => {
      const delayMs = message.delayMs ?? attributes.delaySeconds * 1000;
      return { id, visibleAt: delayMs > 0 ? now + delayMs : null, priority: message.priority };
    });
    const ready = added.filter(({ visibleAt }) => visibleAt === null);
    for (const part of inParts(ready)) {
      const values = part.flatMap(({ id, priority }) => [accountId, queueId, priority, id]);
      this.#sql.insertReadies.of(part.length).run(...values);
    }
    for (const { id, visibleAt, priority } of added)
      if (visibleAt !== null) this.#sql.insertDelayed.run(accountId, queueId, visibleAt, id, priority);
    this.#depths.change(tx, queueId, { active: ready.length, delayed: added.length - ready.length });
    tx.signal({ kind: 'queue', accountId, queueId });
    return added;
  }
}

/** What a sender is told of a message; of one that is delayed, with a handle to end it before anybody receives it. */
function toSent(queue: Queue, { body, priority }: NewQueueMessage, { id, visibleAt }: Added): SentMessage {
  const handle = { priority, queueId: queue.id, messageId: id, visibleAt: visibleAt ?? 0, dequeueCount: 0 };
  return {
    messageId: formatMessageId(queue.id, id),
    bodyMd5: toBodyMd5(body),
    handle: visibleAt === null ? null : formatHandle(queue.accountId, handle),
  };
}
