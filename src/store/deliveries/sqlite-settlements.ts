// How each push ended, and what follows from it.
import type { Settlement } from '../../domain/delivery.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { repeat } from '../sqlite/statement.ts';
import { stateNumber } from './rows.ts';
import { laneNumber } from './sqlite-lanes.ts';
import type { Lanes } from './sqlite-lanes.ts';
import type { Leases } from './sqlite-leases.ts';

/** A delivery that is not over. */
interface OpenRow {
  readonly id: number;
  readonly account_id: number;
  readonly destination_id: number;
  readonly lane: number;
  readonly laned: number;
  readonly attempts: number;
}

interface Settled {
  readonly row: OpenRow;
  readonly settlement: Settlement;
}

/** Deliveries that one statement settles. */
const settleRows = 32;

/** What is run to settle deliveries, prepared once. */
function settlementStatements(db: Connection) {
  return {
    openByIds: db.prepareRows<OpenRow>(
      (count) =>
        `SELECT id, account_id, destination_id, lane, laned, attempts FROM delivery WHERE id IN (${repeat('?', count)}) AND state <= 1`,
    ),
    insertAttempts: db.prepareRows(
      (count) =>
        `INSERT INTO attempt (delivery_id, number, account_id, at, duration_ms, status, outcome, answer) VALUES ${repeat('(?, ?, ?, ?, ?, ?, ?, ?)', count)} ON CONFLICT DO NOTHING`,
    ),
    finish: db.prepareRows(
      (count) =>
        `UPDATE delivery SET state = ?, due_at = ?, attempts = attempts + 1, cause = NULL, batch = NULL WHERE id IN (${repeat('?', count)})`,
    ),
    retry: db.prepare(
      'UPDATE delivery SET due_at = ?, attempts = attempts + 1, round_start = round_start + ?, cause = ?, batch = coalesce(?, batch) WHERE id = ?',
    ),
    nextOfLane: db.prepare<{ id: number; state: number }>(
      'SELECT id, state FROM delivery WHERE account_id = ? AND destination_id = ? AND lane = ? AND state <= 1 AND laned = 1 ORDER BY place LIMIT 1',
    ),
    unblock: db.prepare('UPDATE delivery SET state = 0, due_at = max(due_at, ?) WHERE id = ?'),
  };
}

/** What is written of pushes that ended, inside a transaction that the caller has. */
export class Settlements {
  readonly #db: Connection;
  readonly #leases: Leases;
  readonly #lanes: Lanes;
  readonly #sql;

  constructor(db: Connection, leases: Leases, lanes: Lanes) {
    this.#db = db;
    this.#leases = leases;
    this.#lanes = lanes;
    this.#sql = settlementStatements(db);
  }

  settle(tx: Transaction, settlements: readonly Settlement[]): void {
    for (let start = 0; start < settlements.length; start += settleRows)
      this.#settlePart(tx, settlements.slice(start, start + settleRows));
  }

  /** Settles up to `settleRows` deliveries, with a statement for all where they come to the same. */
  #settlePart(tx: Transaction, settlements: readonly Settlement[]): void {
    for (const { destinationId, deliveryId } of settlements)
      tx.afterCommit(() => this.#leases.end(destinationId, deliveryId));
    const settled = this.#findOpen(settlements);
    if (settled.length === 0) return;
    this.#noteAttempts(settled);
    const now = this.#db.now();
    this.#finish(settled, 'done', now);
    this.#finish(settled, 'dead', now);
    for (const { row, settlement } of settled) {
      const { accountId, destinationId, next } = settlement;
      if (next.kind === 'retry') {
        const spared = next.isSpared === true ? 1 : 0;
        this.#sql.retry.run(next.dueAt, spared, next.cause, next.batch ?? null, row.id);
      }
      tx.signal({ kind: 'deliveries', accountId, destinationId });
    }
  }

  /** Those that are not over, each once. One that was handed over to another destination meanwhile ends all the same. */
  #findOpen(settlements: readonly Settlement[]): Settled[] {
    const ids = settlements.map(({ deliveryId }) => deliveryId);
    const open = new Map(
      this.#sql.openByIds
        .of(ids.length)
        .all(...ids)
        .map((row) => [row.id, row]),
    );
    const settled: Settled[] = [];
    for (const settlement of settlements) {
      const row = open.get(settlement.deliveryId);
      if (row?.account_id !== settlement.accountId) continue;
      open.delete(row.id);
      settled.push({ row, settlement });
    }
    return settled;
  }

  #noteAttempts(settled: readonly Settled[]): void {
    const values = settled.flatMap(({ row, settlement: { accountId, attempt } }) => [
      row.id,
      row.attempts + 1,
      accountId,
      attempt.at,
      Math.round(attempt.durationMs),
      attempt.status,
      attempt.outcome,
      attempt.answer,
    ]);
    this.#sql.insertAttempts.of(settled.length).run(...values);
  }

  /** Ends those that ended so, and lets the next of each lane go. */
  #finish(settled: readonly Settled[], kind: 'done' | 'dead', now: number): void {
    const over = settled.filter(({ settlement }) => settlement.next.kind === kind).map(({ row }) => row);
    if (over.length === 0) return;
    this.#sql.finish.of(over.length).run(stateNumber[kind], now, ...over.map(({ id }) => id));
    this.#lanes.leave(over);
    for (const row of over) {
      if (row.laned !== laneNumber.inside) continue;
      const follower = this.#sql.nextOfLane.get(row.account_id, row.destination_id, row.lane);
      if (follower?.state === stateNumber.blocked) this.#sql.unblock.run(now, follower.id);
    }
  }
}
