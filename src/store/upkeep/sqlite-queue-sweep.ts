// Messages of queues that have outlived their time, or their queue.
import { readAttributes } from '../queues/rows.ts';
import type { MessageTables } from '../queues/sqlite-messages.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { partRows } from './sqlite-statements.ts';

/** Queues that one part looks at for messages that have expired. */
const partQueues = 100;
/** Once round all queues, then not again before this long. */
const queueRoundMs = 30_000;

/** What is run to sweep queues, prepared once. */
function queueSweepStatements(db: Connection) {
  return {
    next: db.prepare<{ id: number; account_id: number; attributes: string }>(
      'SELECT id, account_id, attributes FROM queue WHERE id > ? ORDER BY id LIMIT ?',
    ),
    dropped: db.prepare<{ account_id: number; queue_id: number }>(
      'SELECT account_id, queue_id FROM dropped_queue LIMIT 1',
    ),
    forgetDropped: db.prepare('DELETE FROM dropped_queue WHERE account_id = ? AND queue_id = ?'),
    waitingOf: db.prepare<{ visible_at: number; id: number }>(
      'SELECT visible_at, id FROM waiting WHERE account_id = ? AND queue_id = ? LIMIT ?',
    ),
    removeWaiting: db.prepare(
      'DELETE FROM waiting WHERE account_id = ? AND queue_id = ? AND visible_at = ? AND id = ?',
    ),
    removeMoved: db.prepare('DELETE FROM moved WHERE account_id = ? AND queue_id = ?'),
    removeMessage: db.prepare('DELETE FROM message WHERE id = ?'),
  };
}

/** A walk over queues, part by part, with a rest after each round; a restart merely begins it again. */
export class QueueSweep {
  readonly #db: Connection;
  readonly #messages: MessageTables;
  readonly #sql;
  #after = 0;
  #restUntil = Number.NEGATIVE_INFINITY;

  constructor(db: Connection, messages: MessageTables) {
    this.#db = db;
    this.#messages = messages;
    this.#sql = queueSweepStatements(db);
  }

  /** Takes one part of what has expired in queues that are there; 0 when this round is over. */
  takeExpired(tx: Transaction, now: number): number {
    if (this.#db.monotonic() < this.#restUntil) return 0;
    const rows = this.#sql.next.all(this.#after, partQueues);
    let removed = 0;
    for (const { id, account_id: accountId, attributes } of rows) {
      const before = now - readAttributes(attributes).retentionSeconds * 1000;
      removed += this.#messages.expire(tx, accountId, id, before, now, partRows);
      // What is left of this queue is found again in the next part.
      if (removed >= partRows) return removed;
      this.#after = id;
    }
    if (rows.length === partQueues) return Math.max(removed, 1);
    this.#after = 0;
    this.#restUntil = this.#db.monotonic() + queueRoundMs;
    return removed;
  }

  /** Takes one part of what is left of a queue that was deleted: what was ready, then what waited; 0 when there is no such queue. */
  takeDropped(tx: Transaction, now: number): number {
    const queue = this.#sql.dropped.get();
    if (queue === undefined) return 0;
    const { account_id: accountId, queue_id: queueId } = queue;
    const all = Number.POSITIVE_INFINITY;
    const ready = this.#messages.expire(tx, accountId, queueId, all, now, partRows);
    if (ready > 0) return ready;
    const waiting = this.#sql.waitingOf.all(accountId, queueId, partRows);
    for (const row of waiting) {
      this.#sql.removeWaiting.run(accountId, queueId, row.visible_at, row.id);
      this.#sql.removeMessage.run(row.id);
    }
    if (waiting.length > 0) return waiting.length;
    this.#sql.removeMoved.run(accountId, queueId);
    this.#sql.forgetDropped.run(accountId, queueId);
    return 1;
  }
}
