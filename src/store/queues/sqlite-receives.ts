// Messages as they are handed out: those whose time has come, the first of the ready ones, and what stands in their way.
import { crc32 } from 'node:zlib';
import { formatHandle } from '../../domain/queue.ts';
import type { Queue, QueueMessage, ReceivedMessage } from '../../domain/queue.ts';
import { readExtras, toMessage } from './rows.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { deal, need } from './sqlite-calls.ts';
import type { QueueDepths } from './sqlite-depths.ts';
import type { QueueTables } from './sqlite-queues.ts';
import { promoteLimit, receiveStatements } from './sqlite-statements.ts';
import type { ReadyRow } from './sqlite-statements.ts';

/** Most expired messages that one receive clears out of its way; the sweep does the rest. */
const discardLimit = 1000;

/** What is done to hand messages out, each inside a transaction that the caller has. */
export class Receives {
  readonly #db: Connection;
  readonly #queues: QueueTables;
  readonly #depths: QueueDepths;
  readonly #sql;

  constructor(db: Connection, queues: QueueTables, depths: QueueDepths) {
    this.#db = db;
    this.#queues = queues;
    this.#depths = depths;
    this.#sql = receiveStatements(db);
  }

  /** Receives once for several calls, and deals out what there is in their order. */
  receiveTogether(
    tx: Transaction,
    queue: Queue,
    calls: readonly { readonly limit: number }[],
    now: number,
  ): ReceivedMessage[][] {
    const limits = calls.map(({ limit }) => limit);
    const wanted = limits.reduce((sum, limit) => sum + limit);
    return deal(this.receive(tx, queue, wanted, now), limits);
  }

  /** Holds the first ready messages, each for the queue's visibility, and clears out of the way what cannot be handed out. */
  receive(tx: Transaction, queue: Queue, limit: number, now: number): ReceivedMessage[] {
    const attributes = this.#queues.attributesOf(queue.id);
    if (attributes === undefined) return [];
    this.#promote(tx, queue, now);
    const expired = Math.min(now, this.#db.expiryLimit) - attributes.retentionSeconds * 1000;
    const nextVisibleAt = now + attributes.visibilitySeconds * 1000;
    const received: ReceivedMessage[] = [];
    let discarded = 0;
    for (;;) {
      const wanted = limit - received.length;
      const rows = this.#sql.headReady.all(queue.accountId, queue.id, wanted);
      const live = this.#takeLive(tx, queue, rows, expired, now);
      discarded += rows.length - live.length;
      this.#hold(tx, queue, live, nextVisibleAt, now);
      for (const row of live) received.push(toReceived(queue, row, nextVisibleAt, now));
      // Expired messages at the head make room for a second look.
      if (received.length === limit || rows.length < wanted) return received;
      if (discarded < discardLimit) continue;
      tx.signal({ kind: 'queue', accountId: queue.accountId, queueId: queue.id });
      return received;
    }
  }

  /** What a receive would give next, without holding it. */
  peek(tx: Transaction, queue: Queue, limit: number, now: number): QueueMessage[] {
    const attributes = this.#queues.attributesOf(queue.id);
    if (attributes === undefined) return [];
    this.#promote(tx, queue, now);
    const expired = now - attributes.retentionSeconds * 1000;
    for (;;) {
      const rows = this.#sql.headReady.all(queue.accountId, queue.id, limit);
      const old = rows.filter((row) => row.enqueued_at <= expired);
      const live = old.length === 0 ? this.#takeReadable(tx, queue, rows) : [];
      if (old.length === 0 && live.length === rows.length) return live.map((row) => toMessage(queue.id, row));
      for (const row of old) this.#discard(tx, queue, row, now);
    }
  }

  /** Moves what is due from the waiting to the ready list, oldest first. */
  #promote(tx: Transaction, { accountId, id: queueId }: Queue, now: number): void {
    for (const row of this.#sql.dueWaiting.all(accountId, queueId, now, promoteLimit)) {
      const { id, priority, dequeue_count: dequeueCount } = row;
      this.#sql.takeWaiting.get(accountId, queueId, row.visible_at, id, dequeueCount);
      this.#sql.insertReady.run(accountId, queueId, priority, id, dequeueCount, row.first_dequeued_at);
      if (row.moved === 1) this.#sql.removeMoved.run(accountId, queueId, id);
      const change = dequeueCount === 0 ? { delayed: -1, active: 1 } : { inactive: -1, active: 1 };
      this.#depths.change(tx, queueId, change);
    }
  }

  /** Those of the rows that can be handed out; the others are taken out of the way. */
  #takeLive(
    tx: Transaction,
    queue: Queue,
    rows: readonly ReadyRow[],
    expired: number,
    now: number,
  ): ReadyRow[] {
    const young = rows.filter((row) => row.enqueued_at > expired);
    const live = this.#takeReadable(tx, queue, young);
    if (young.length < rows.length)
      for (const row of rows) if (row.enqueued_at <= expired) this.#discard(tx, queue, row, now);
    return live;
  }

  /** The rows that can be read; one that cannot is kept apart, so that it holds back none of the others. */
  #takeReadable(tx: Transaction, queue: Queue, rows: readonly ReadyRow[]): ReadyRow[] {
    return rows.filter((row) => {
      const fault = toFault(row);
      if (fault === undefined) return true;
      this.#sql.removeReady.run(queue.accountId, queue.id, row.priority, row.id);
      this.#db.keepApart(tx, 'message', row.id, fault);
      this.#depths.change(tx, queue.id, { active: -1 });
      return false;
    });
  }

  /** Ends a message that has outlived its time. */
  #discard(tx: Transaction, { accountId, id: queueId }: Queue, row: ReadyRow, now: number): void {
    this.#sql.removeReady.run(accountId, queueId, row.priority, row.id);
    this.#sql.removeMessage.get(row.id);
    if (row.receipt_id !== null)
      this.#sql.insertTrace.run(accountId, row.receipt_id, 'expired', row.dequeue_count, now);
    this.#depths.change(tx, queueId, { active: -1 });
  }

  /** Moves the rows, which are the first of the ready list, to the waiting list. */
  #hold(
    tx: Transaction,
    { accountId, id: queueId }: Queue,
    rows: readonly ReadyRow[],
    visibleAt: number,
    now: number,
  ): void {
    // Nothing lies between the first and the last of one priority but what is taken with them.
    for (let start = 0; start < rows.length;) {
      const { priority, id: firstId } = need(rows[start]);
      let end = start + 1;
      while (rows[end]?.priority === priority) end += 1;
      const place = [accountId, queueId, priority, firstId, need(rows[end - 1]).id] as const;
      this.#sql.holdReady.run(...place, visibleAt, now);
      this.#sql.removeReadies.run(...place);
      start = end;
    }
    this.#depths.change(tx, queueId, { active: -rows.length, inactive: rows.length });
  }
}

function toReceived(queue: Queue, row: ReadyRow, nextVisibleAt: number, now: number): ReceivedMessage {
  const dequeueCount = row.dequeue_count + 1;
  const handle = {
    priority: row.priority,
    queueId: queue.id,
    messageId: row.id,
    visibleAt: nextVisibleAt,
    dequeueCount,
  };
  return {
    ...toMessage(queue.id, row),
    dequeueCount,
    firstDequeuedAt: row.first_dequeued_at ?? now,
    nextVisibleAt,
    handle: formatHandle(queue.accountId, handle),
  };
}

/** Why a message cannot be handed out; undefined when it can. */
function toFault({ body, checksum, extras }: ReadyRow): string | undefined {
  if (crc32(body) !== checksum) return 'its body is not what was sent';
  if (extras === null) return undefined;
  try {
    readExtras(extras);
    return undefined;
  } catch {
    // The row that holds it says enough.
    return 'its properties cannot be read';
  }
}
