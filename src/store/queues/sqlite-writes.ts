// What receipts and sweeps do to queues, and sends with them.
import { toFirstId } from '../../domain/ids.ts';
import { crc32 } from 'node:zlib';
import type { AccountId } from '../../domain/account.ts';
import { receiptQueueAttributes } from '../../domain/queue.ts';
import type { NewQueueMessage, Queue } from '../../domain/queue.ts';
import { toExtras, toQueue } from './rows.ts';
import type { QueueRow } from './rows.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { QueueDepths } from './sqlite-depths.ts';
import { inParts, repeat } from '../sqlite/statement.ts';

/** What other verbs do to queues inside their own transaction. */
export interface QueueWrites {
  /** The account's queue of that name, made with receiptQueueAttributes when it is missing. */
  ensureReceiptQueue(tx: Transaction, accountId: AccountId, name: string): Queue;
  /** Adds messages in order; those that carry a receipt name it. */
  addMessages(tx: Transaction, queue: Queue, messages: readonly QueuedMessage[], now: number): Added[];
  /** Takes up to `limit` messages of a queue that were sent before `before` away; returns how many went. */
  expireMessages(
    tx: Transaction,
    accountId: AccountId,
    queueId: number,
    before: number,
    now: number,
    limit: number,
  ): number;
  readonly depths: QueueDepths;
}

interface QueuedMessage extends NewQueueMessage {
  readonly receiptId?: number;
}

interface Added {
  readonly id: number;
  readonly visibleAt: number | null;
}

export function queueWrites(db: Connection): QueueWrites {
  const byName = db.prepare<QueueRow>('SELECT * FROM queue WHERE account_id = ? AND name = ?');
  const insertQueue = db.prepare(
    'INSERT INTO queue (account_id, name, attributes, created_at, modified_at) VALUES (?1, ?2, ?3, ?4, ?4)',
  );
  const insertWaiting = db.prepare(
    'INSERT INTO waiting (account_id, queue_id, visible_at, id, priority, dequeue_count, first_dequeued_at, moved) VALUES (?, ?, ?, ?, ?, 0, NULL, 0)',
  );
  const insertMessages = db.prepareRows(
    (count) =>
      `INSERT INTO message (id, account_id, enqueued_at, body, extras, receipt_id, queue_id, checksum) VALUES ${repeat('(?, ?, ?, ?, ?, ?, ?, ?)', count)}`,
  );
  const insertReadies = db.prepareRows(
    (count) =>
      `INSERT INTO ready (account_id, queue_id, priority, id, dequeue_count, first_dequeued_at) VALUES ${repeat('(?, ?, ?, ?, 0, NULL)', count)}`,
  );
  // Ids grow with time, so the oldest of each priority stand first.
  const oldReady = db.prepare<{ priority: number; id: number; dequeue_count: number }>(
    'SELECT priority, id, dequeue_count FROM ready WHERE account_id = ? AND queue_id = ? AND priority = ? AND id < ? ORDER BY id LIMIT ?',
  );
  const nextPriority = db.prepare<{ priority: number }>(
    'SELECT priority FROM ready WHERE account_id = ? AND queue_id = ? AND priority > ? ORDER BY priority LIMIT 1',
  );
  const removeReady = db.prepare(
    'DELETE FROM ready WHERE account_id = ? AND queue_id = ? AND priority = ? AND id = ?',
  );
  const removeMessage = db.prepare<{ receipt_id: number | null }>(
    'DELETE FROM message WHERE id = ? RETURNING receipt_id',
  );
  const insertTrace = db.prepare(
    "INSERT INTO queue_trace (account_id, receipt_id, outcome, dequeue_count, at) VALUES (?, ?, 'expired', ?, ?) ON CONFLICT DO NOTHING",
  );
  const depths = new QueueDepths(db);

  const find = (accountId: AccountId, name: string): Queue | undefined => {
    const row = byName.get(accountId, name);
    return row && toQueue(row);
  };

  /** Puts messages into the list that they belong to: ready, or waiting for their time. */
  function list(
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
      insertReadies
        .of(part.length)
        .run(...part.flatMap(({ id, priority }) => [accountId, queueId, priority, id]));
    }
    for (const { id, visibleAt, priority } of added)
      if (visibleAt !== null) insertWaiting.run(accountId, queueId, visibleAt, id, priority);
    depths.change(tx, queueId, { active: ready.length, delayed: added.length - ready.length });
    tx.signal({ kind: 'queue', accountId, queueId });
    return added;
  }

  const receiptQueue = db.remember((place: string) => {
    const slash = place.indexOf('/');
    return find(Number(place.slice(0, slash)), place.slice(slash + 1));
  });

  return {
    depths,
    ensureReceiptQueue: (tx, accountId, name) => {
      const known = receiptQueue(`${accountId}/${name}`);
      if (known !== undefined) return known;
      tx.signal({ kind: 'directory', accountId });
      insertQueue.run(accountId, name, JSON.stringify(receiptQueueAttributes), db.now());
      const made = find(accountId, name);
      if (made === undefined) throw new Error('A queue that was just made is not there.');
      return made;
    },
    addMessages: (tx, queue, messages, now) => {
      const added = messages.map((message) => ({ id: db.nextId(), message }));
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
        insertMessages.of(part.length).run(...values);
      }
      return list(tx, queue, added, now);
    },
    expireMessages: (tx, accountId, queueId, before, now, limit) => {
      let left = limit;
      let priority = nextPriority.get(accountId, queueId, -1)?.priority;
      while (priority !== undefined && left > 0) {
        for (const row of oldReady.all(accountId, queueId, priority, toFirstId(before), left)) {
          removeReady.run(accountId, queueId, priority, row.id);
          const receiptId = removeMessage.get(row.id)?.receipt_id ?? null;
          if (receiptId !== null) insertTrace.run(accountId, receiptId, row.dequeue_count, now);
          depths.change(tx, queueId, { active: -1 });
          left -= 1;
        }
        priority = nextPriority.get(accountId, queueId, priority)?.priority;
      }
      return limit - left;
    },
  };
}
