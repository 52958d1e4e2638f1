import { aliasKeptMs } from '../../domain/alias.ts';
import { toFirstId } from '../../domain/ids.ts';
import type { Retention, Upkeep } from '../store.ts';
import { AgingTables, agingVerbs } from '../aging/sqlite.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { nonceKeptMs } from '../nonces/used-nonces.ts';
import type { MessageTables } from '../queues/sqlite-messages.ts';
import type { ReceiptKeys } from '../receipts/sqlite-keys.ts';
import { QueueSweep } from './sqlite-queue-sweep.ts';
import { ReceiptSweep } from './sqlite-receipt-sweep.ts';
import { partRows, sweepStatements } from './sqlite-statements.ts';

/** A step of a sweep takes parts until it has worked for so many milliseconds, or taken so many rows. */
const stepMs = 8;
const stepRows = 500;
/** The overview shows a day. */
const ratesMs = 2 * 24 * 60 * 60 * 1000;

/** What keeps the file small, each inside a transaction that the caller has. */
export class UpkeepTables {
  readonly #db: Connection;
  readonly #receipts: ReceiptSweep;
  readonly #queues: QueueSweep;
  readonly #sql;

  constructor(db: Connection, messages: MessageTables, keys: ReceiptKeys) {
    this.#db = db;
    this.#receipts = new ReceiptSweep(db, keys);
    this.#queues = new QueueSweep(db, messages);
    this.#sql = sweepStatements(db);
  }

  probe(isTimeSound: boolean): void {
    this.#sql.touch.run(isTimeSound ? 'probed' : 'tried', Buffer.from(String(this.#db.now())));
  }

  /** Takes parts away until it has worked for long enough, or nothing is left. */
  sweep(tx: Transaction, retention: Retention, now: number): { rows: number; heldMs: number } {
    const startedAt = this.#db.monotonic();
    let rows = 0;
    let heldMs = 0;
    for (let gone = Infinity; gone > 0 && heldMs < stepMs && rows < stepRows; rows += gone) {
      gone = this.#takePart(tx, retention, now);
      heldMs = this.#db.monotonic() - startedAt;
    }
    return { rows, heldMs };
  }

  /** Takes one part of what has outlived its time, of the first kind that has any; 0 when nothing has. */
  #takePart(tx: Transaction, retention: Retention, now: number): number {
    const rawBefore = toFirstId(now - retention.rawEventMs);
    const receiptsBefore = now - retention.receiptMs;
    const rowsBefore = toFirstId(receiptsBefore);
    const minute = Math.floor((now - ratesMs) / 60_000);
    return (
      this.#sql.removeNonces.run(now - nonceKeptMs, partRows) ||
      this.#sql.removeRaw.run(rawBefore, partRows) ||
      this.#sql.removeRemarked.run(rawBefore, partRows) ||
      this.#sql.removeUnrouted.run(rawBefore, partRows) ||
      this.#sql.removeAttempts.run(toFirstId(now - retention.attemptMs), partRows) ||
      this.#receipts.takePart(receiptsBefore) ||
      this.#queues.takeDropped(tx, now) ||
      this.#queues.takeExpired(tx, now) ||
      this.#sql.removeMedia.run(receiptsBefore, partRows) ||
      this.#sql.removeNotices.run(rowsBefore, partRows) ||
      this.#sql.removeStanding.run(rowsBefore, partRows) ||
      this.#sql.removeRefused.run(rowsBefore, partRows) ||
      this.#sql.removeUnreadable.run(now - retention.unreadableMs, partRows) ||
      this.#sql.removeDestinations.run(receiptsBefore, partRows) ||
      this.#sql.removeOutbound.run(rowsBefore, partRows) ||
      this.#sql.removeSendAttempts.run(rowsBefore, partRows) ||
      this.#sql.removeAliases.run(receiptsBefore - aliasKeptMs, partRows) ||
      this.#sql.removeTemporaryKeys.run(now, partRows) ||
      this.#sql.removeSessions.run(now, partRows) ||
      this.#sql.removeRates.run(minute, partRows) ||
      this.#sql.removeQueueRates.run(minute, partRows) ||
      this.#sql.removePushRates.run(minute, partRows)
    );
  }
}

export function upkeepVerbs(db: Connection, upkeep: UpkeepTables): Upkeep {
  return {
    ...agingVerbs(db, new AgingTables(db)),
    probe: (isTimeSound = true) => db.write(() => upkeep.probe(isTimeSound)),
    sweep: (retention, now) => db.write((tx) => upkeep.sweep(tx, retention, now)),
    watch: (listener) => db.watch(listener),
    close: () => db.close(),
  };
}
