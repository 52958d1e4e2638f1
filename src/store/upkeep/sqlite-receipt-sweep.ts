// Receipts that have outlived their time, with all that hangs on them.
import { toFirstId } from '../../domain/ids.ts';
import type { ReceiptKeys } from '../receipts/sqlite-keys.ts';
import type { Connection } from '../sqlite/connection.ts';
import { inParts, toRemoveById, toRemoveByKey } from '../sqlite/statement.ts';
import { partRows } from './sqlite-statements.ts';

interface OldReceiptRow {
  readonly id: number;
  readonly account_id: number;
  readonly key: Uint8Array;
  readonly busy: number;
}

/** Receipts between two ids, each with whether its delivery is not over. */
const oldReceipts = `SELECT id, account_id, key,
    EXISTS (SELECT 1 FROM delivery d WHERE d.id = r.id AND d.state <= 1) AS busy
  FROM receipt r WHERE id > ? AND id < ? ORDER BY id LIMIT ?`;

/** What is run to sweep receipts, prepared once. */
function receiptSweepStatements(db: Connection) {
  const removeById = (rows: string) => db.prepareRows(toRemoveById(rows));
  const removeByKey = (rows: string) => db.prepareRows(toRemoveByKey(rows));
  return {
    old: db.prepare<OldReceiptRow>(oldReceipts),
    /** Run with the ids of receipts. */
    removeById: [
      removeById('receipt WHERE id'),
      removeById('content WHERE receipt_id'),
      removeById('attempt WHERE delivery_id'),
      removeById('delivery WHERE id'),
    ],
    removeUnwanted: removeByKey('unwanted WHERE (account_id, delivery_id)'),
    removeTraces: removeByKey('queue_trace WHERE (account_id, receipt_id)'),
  };
}

/** A walk over receipts, part by part; a restart merely begins it again. */
export class ReceiptSweep {
  readonly #keys: ReceiptKeys;
  readonly #sql;
  #after = 0;

  constructor(db: Connection, keys: ReceiptKeys) {
    this.#keys = keys;
    this.#sql = receiptSweepStatements(db);
  }

  /** Takes one part of the receipts from before a time away, but for those whose delivery is not over; 0 when none is left. */
  takePart(before: number): number {
    const rows = this.#sql.old.all(this.#after, toFirstId(before), partRows);
    this.#after = rows.length < partRows ? 0 : (rows.at(-1)?.id ?? 0);
    const idle = rows.filter(({ busy }) => busy === 0);
    for (const part of inParts(idle)) this.#remove(part);
    // A full part goes on even when everything in it was busy.
    return idle.length > 0 || this.#after > 0 ? Math.max(idle.length, 1) : 0;
  }

  #remove(receipts: readonly OldReceiptRow[]): void {
    const count = receipts.length;
    const ids = receipts.map(({ id }) => id);
    const owned = receipts.flatMap(({ account_id: accountId, id }) => [accountId, id]);
    for (const statement of this.#sql.removeById) statement.of(count).run(...ids);
    this.#sql.removeUnwanted.of(count).run(...owned);
    this.#sql.removeTraces.of(count).run(...owned);
    this.#keys.remove(receipts);
  }
}
