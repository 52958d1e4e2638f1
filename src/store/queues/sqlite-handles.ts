// Messages that somebody has a handle of: deleted, held for another time, given back.
import type { AccountId } from '../../domain/account.ts';
import { formatHandle, parseHandle } from '../../domain/queue.ts';
import type { Handle, HandleFault, Queue } from '../../domain/queue.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { inParts } from '../sqlite/statement.ts';
import { deal, need } from './sqlite-calls.ts';
import type { QueueDepths } from './sqlite-depths.ts';
import { handleStatements } from './sqlite-statements.ts';
import type { WaitingRow } from './sqlite-statements.ts';

interface Taken {
  readonly row: WaitingRow;
  readonly handle: Handle;
}

/** What is done by handles, each inside a transaction that the caller has. */
export class Handles {
  readonly #depths: QueueDepths;
  readonly #sql;

  constructor(db: Connection, depths: QueueDepths) {
    this.#depths = depths;
    this.#sql = handleStatements(db);
  }

  /** Deletes what the handles of several calls name, with statements for all of them. */
  deleteTogether(
    tx: Transaction,
    queue: Queue,
    calls: readonly { readonly handles: readonly string[] }[],
    now: number,
  ): (HandleFault | null)[][] {
    const faults = this.delete(
      tx,
      queue,
      calls.flatMap(({ handles }) => handles),
      now,
    );
    return deal(
      faults,
      calls.map(({ handles }) => handles.length),
    );
  }

  /** Deletes what the handles name; those of one receive are taken from the waiting list together. */
  delete(tx: Transaction, queue: Queue, texts: readonly string[], now: number): (HandleFault | null)[] {
    const handles = texts.map((text) => parseHandle(queue.accountId, text));
    const { rows: taken, gone } = this.#takeAlike(queue, toGood(queue, handles, now));
    const faults = texts.map((text, index) => {
      const handle = handles[index];
      if (handle !== undefined && gone.has(handle)) return null;
      // One that was moved since, or one that is no good.
      const own = this.#take(queue, text, now);
      if (typeof own === 'string') return own;
      taken.push(own.row);
      return null;
    });
    if (taken.length > 0) this.#end(tx, queue, taken, now);
    return faults;
  }

  /** Takes receives back as if they had not been. */
  unreceive(tx: Transaction, queue: Queue, handles: readonly string[]): void {
    const { accountId, id: queueId } = queue;
    for (const text of handles) {
      const taken = this.#take(queue, text, 0);
      if (typeof taken === 'string') continue;
      const { id, priority, dequeue_count: count, first_dequeued_at } = taken.row;
      const firstAt = count === 1 ? null : first_dequeued_at;
      this.#sql.insertReady.run(accountId, queueId, priority, id, count - 1, firstAt);
      this.#depths.change(tx, queueId, { inactive: -1, active: 1 });
      tx.signal({ kind: 'queue', accountId, queueId });
    }
  }

  /** Holds a message until another time. Its old handle stays good: `moved` tells it where to. */
  changeVisibility(
    tx: Transaction,
    queue: Queue,
    text: string,
    seconds: number,
    now: number,
  ): HandleFault | { readonly handle: string; readonly nextVisibleAt: number } {
    const taken = this.#take(queue, text, now);
    if (typeof taken === 'string') return taken;
    const { accountId, id: queueId } = queue;
    const { id, priority, dequeue_count: count, first_dequeued_at: firstAt } = taken.row;
    const nextVisibleAt = now + seconds * 1000;
    this.#sql.insertWaiting.run(accountId, queueId, nextVisibleAt, id, priority, count, firstAt, 1);
    this.#sql.putMoved.run(accountId, queueId, id, nextVisibleAt);
    // Whoever waits for this queue learns that its next message falls due at another time.
    tx.signal({ kind: 'queue', accountId, queueId });
    const handle = formatHandle(accountId, { ...taken.handle, visibleAt: nextVisibleAt });
    return { handle, nextVisibleAt };
  }

  /**
   * Takes the waiting row that a handle names, wherever a change of visibility has put it; a fault when the handle is no
   * longer good. The caller puts it back or ends it.
   */
  #take(queue: Queue, text: string, now: number): Taken | HandleFault {
    const { accountId, id: queueId } = queue;
    const handle = parseHandle(accountId, text);
    if (handle?.queueId !== queueId) return 'garbage';
    const { messageId, dequeueCount } = handle;
    const visibleAt = this.#sql.findMoved.get(accountId, queueId, messageId)?.visible_at ?? handle.visibleAt;
    if (visibleAt <= now) return 'stale';
    const row = this.#sql.takeWaiting.get(accountId, queueId, visibleAt, messageId, dequeueCount);
    if (row === undefined) return 'stale';
    this.#forgetMove(accountId, queueId, row);
    return { row, handle };
  }

  /** Takes the waiting rows of handles that were not moved, those of one receive at once; with which of the handles had one. */
  #takeAlike(
    { accountId, id: queueId }: Queue,
    handles: readonly Handle[],
  ): { readonly rows: WaitingRow[]; readonly gone: ReadonlySet<Handle> } {
    const taken: WaitingRow[] = [];
    const gone = new Set<Handle>();
    const receives = Map.groupBy(handles, ({ visibleAt, dequeueCount }) => `${visibleAt}/${dequeueCount}`);
    for (const alike of receives.values())
      for (const part of inParts(alike)) {
        const { visibleAt, dequeueCount } = need(part[0]);
        const ids = part.map(({ messageId }) => messageId);
        const statement = this.#sql.takeAlike.of(ids.length);
        const rows = statement.all(accountId, queueId, visibleAt, dequeueCount, ...ids);
        taken.push(...rows);
        const found = new Set(rows.map(({ id }) => id));
        for (const handle of part) if (found.has(handle.messageId)) gone.add(handle);
      }
    for (const row of taken) this.#forgetMove(accountId, queueId, row);
    return { rows: taken, gone };
  }

  #forgetMove(accountId: AccountId, queueId: number, { id, moved }: WaitingRow): void {
    if (moved === 1) this.#sql.removeMoved.run(accountId, queueId, id);
  }

  /** Ends messages that have been taken from the waiting list. */
  #end(tx: Transaction, { accountId, id: queueId }: Queue, rows: readonly WaitingRow[], now: number): void {
    const delayed = rows.filter((row) => row.dequeue_count === 0).length;
    this.#depths.change(tx, queueId, { delayed: -delayed, inactive: delayed - rows.length });
    const counts = new Map(rows.map((row) => [row.id, row.dequeue_count]));
    for (const ids of inParts([...counts.keys()]))
      for (const { id, receipt_id: receiptId } of this.#sql.removeMessages.of(ids.length).all(...ids))
        if (receiptId !== null)
          this.#sql.insertTrace.run(accountId, receiptId, 'deleted', counts.get(id) ?? 0, now);
  }
}

/** The handles of a queue that last still; of two that name one message the first, whichever kind it is. */
function toGood({ id: queueId }: Queue, handles: readonly (Handle | undefined)[], now: number): Handle[] {
  const named = new Set<number>();
  const good: Handle[] = [];
  for (const handle of handles) {
    if (handle?.queueId !== queueId || named.has(handle.messageId)) continue;
    named.add(handle.messageId);
    if (handle.visibleAt > now) good.push(handle);
  }
  return good;
}
