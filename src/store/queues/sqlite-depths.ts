import type { Queue, QueueDepth } from '../../domain/queue.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';

interface Counts {
  active: number;
  inactive: number;
  delayed: number;
}

/** Most overdue messages that a count looks at one by one; beyond that the figure is a little off. */
const overdueLimit = 10_000;

/**
 * How many messages each queue holds, kept in memory because a count of the file would take longer the more there are.
 * A queue is counted once, when it is first asked for, and followed from then on.
 */
export class QueueDepths {
  readonly #counts = new Map<number, Counts>();
  readonly #countReady;
  readonly #countWaiting;
  readonly #countDue;

  constructor(db: Connection) {
    db.onRescue(() => this.#counts.clear());
    this.#countReady = db.prepare<{ n: number }>(
      'SELECT count(*) AS n FROM ready WHERE account_id = ? AND queue_id = ?',
    );
    this.#countWaiting = db.prepare<{ n: number; delayed: number }>(
      'SELECT count(*) AS n, coalesce(sum(dequeue_count = 0), 0) AS delayed FROM waiting WHERE account_id = ? AND queue_id = ?',
    );
    this.#countDue = db.prepare<{ n: number; delayed: number }>(
      `SELECT count(*) AS n, coalesce(sum(dequeue_count = 0), 0) AS delayed FROM
         (SELECT dequeue_count FROM waiting WHERE account_id = ? AND queue_id = ? AND visible_at <= ? LIMIT ${overdueLimit})`,
    );
  }

  /** Counts a queue as seen at `now`: what is due counts as active even if no receive has made it ready yet. */
  count(queue: Queue, now: number): QueueDepth {
    const counts = this.#countsOf(queue);
    const due = this.#countDue.get(queue.accountId, queue.id, now) ?? { n: 0, delayed: 0 };
    return {
      active: counts.active + due.n,
      inactive: counts.inactive - (due.n - due.delayed),
      delayed: counts.delayed - due.delayed,
    };
  }

  /** All messages of a queue, in whatever state. */
  total(queue: Pick<Queue, 'accountId' | 'id'>): number {
    const { active, inactive, delayed } = this.#countsOf(queue);
    return active + inactive + delayed;
  }

  #countsOf({ accountId, id }: Pick<Queue, 'accountId' | 'id'>): Counts {
    const known = this.#counts.get(id);
    if (known !== undefined) return known;
    const active = this.#countReady.get(accountId, id)?.n ?? 0;
    const { n: waiting, delayed } = this.#countWaiting.get(accountId, id) ?? { n: 0, delayed: 0 };
    const counts = { active, inactive: waiting - delayed, delayed };
    this.#counts.set(id, counts);
    return counts;
  }

  /** Follows a change of a queue that has been counted, once the change is committed. */
  change(tx: Transaction, queueId: number, by: Partial<Counts>): void {
    const counts = this.#counts.get(queueId);
    if (counts === undefined) return;
    tx.afterCommit(() => {
      counts.active += by.active ?? 0;
      counts.inactive += by.inactive ?? 0;
      counts.delayed += by.delayed ?? 0;
    });
  }

  forget(tx: Transaction, queueId: number): void {
    tx.afterCommit(() => this.#counts.delete(queueId));
  }
}
