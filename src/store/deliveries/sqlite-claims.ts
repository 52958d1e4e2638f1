// Who pushes what: deliveries that are due, and the leases on them.
import { maxId, toIdTime } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import type { ClaimedBatch, RepeatCause } from '../../domain/delivery.ts';
import type { Receipt } from '../../domain/receipt.ts';
import type { ClaimRequest } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { oldestOfEach, probeRows, toBatches, toProbes, toReadable } from './rows.ts';
import type { DueRow } from './rows.ts';
import { receiptColumns, toReceipt } from '../receipts/rows.ts';
import type { ReceiptRow } from '../receipts/rows.ts';
import { isHeld } from './sqlite-leases.ts';
import type { Held, Leases } from './sqlite-leases.ts';

/** Deliveries of one destination that wait for their time or are due, with what a claim has to know. */
const selectWaiting = `SELECT d.id, d.id AS receipt_id, d.due_at, d.attempts, d.round_start, d.cause, d.batch, r.type
  FROM delivery d CROSS JOIN receipt r ON r.id = d.id WHERE d.account_id = ? AND d.destination_id = ? AND d.state = 0`;

/** Destinations for which something waits. */
const busyDestinations = `SELECT account_id, id FROM destination t
  WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0)`;

/** What is run to claim deliveries, prepared once. */
function claimStatements(db: Connection) {
  return {
    due: db.prepare<DueRow>(`${selectWaiting} AND d.due_at <= ? ORDER BY d.due_at, d.id LIMIT ?`),
    newest: db.prepare<DueRow>(
      `${selectWaiting} AND d.due_at <= ? ORDER BY d.due_at DESC, d.id DESC LIMIT ?`,
    ),
    membersOf: db.prepare<DueRow>(`${selectWaiting} AND d.batch = ? ORDER BY d.id`),
    setBatch: db.prepare('UPDATE delivery SET batch = ? WHERE id = ?'),
    receiptById: db.prepare<ReceiptRow>(
      `SELECT ${receiptColumns} FROM receipt r LEFT JOIN content c ON c.receipt_id = r.id WHERE r.id = ?`,
    ),
    nextDue: db.prepare<{ id: number; due_at: number }>(
      'SELECT id, due_at FROM delivery WHERE account_id = ? AND destination_id = ? AND state = 0 ORDER BY due_at, id LIMIT ?',
    ),
    busy: db.prepare<{ account_id: number; id: number }>(busyDestinations),
    oldest: db.prepare<{ account_id: number; id: number; delivery_id: number | null }>(oldestOfEach),
  };
}

/** What a dispatcher claims, inside a transaction that the caller has. */
export class Claims {
  readonly #db: Connection;
  readonly #leases: Leases;
  readonly #sql;
  /** What was due when the last process was killed may have been pushed without a record of it. */
  readonly #suspectUntilId: number;
  readonly #openedAt: number;

  constructor(db: Connection, leases: Leases) {
    this.#db = db;
    this.#leases = leases;
    this.#sql = claimStatements(db);
    this.#suspectUntilId = db.unclean ? findNewestId(db) : 0;
    this.#openedAt = db.now();
  }

  claim(tx: Transaction, request: ClaimRequest): ClaimedBatch[] {
    const { accountId, destinationId, now } = request;
    const held = this.#leases.of(destinationId);
    const fresh = this.#leases.promisedIn(tx);
    const at = this.#db.monotonic();
    const isFree = ({ id }: DueRow): boolean => !isHeld(held, id, at) && !fresh.has(id);
    const rows = this.#findDue(request, held.size + fresh.size).filter(isFree);
    const membersOf = (batch: number): DueRow[] =>
      this.#sql.membersOf
        .all(accountId, destinationId, batch)
        .filter((member) => member.due_at <= now && isFree(member));
    return toBatches(rows, request, membersOf).map((members) => {
      const batch = this.#toClaimed(request, members, held);
      const leaseUntil = at + request.leaseMs;
      for (const { id } of members) fresh.set(id, leaseUntil);
      tx.afterCommit(() => members.forEach(({ id }) => held.set(id, leaseUntil)));
      return batch;
    });
  }

  release(destinationId: number, deliveryIds: readonly number[]): void {
    for (const id of deliveryIds) this.#leases.end(destinationId, id);
  }

  findBusyDestinations(): { readonly accountId: AccountId; readonly destinationId: number }[] {
    return this.#sql.busy.all().map((row) => ({ accountId: row.account_id, destinationId: row.id }));
  }

  /** When the earliest delivery falls due; one that is held, at the end of its lease. */
  findNextDue(accountId: AccountId, destinationId: number): number | undefined {
    const at = this.#db.monotonic();
    const held = this.#leases.of(destinationId);
    const rows = this.#sql.nextDue.all(accountId, destinationId, held.size + 1);
    const dueTimes = rows.map((row) =>
      isHeld(held, row.id, at)
        ? Math.max(row.due_at, Math.ceil(this.#db.now() + (held.get(row.id) ?? at) - at))
        : row.due_at,
    );
    return dueTimes.length === 0 ? undefined : Math.min(...dueTimes);
  }

  findOldestUndelivered(): {
    readonly accountId: AccountId;
    readonly destinationId: number;
    readonly since: number;
  }[] {
    return this.#sql.oldest
      .all()
      .flatMap(({ account_id: accountId, id: destinationId, delivery_id: deliveryId }) =>
        deliveryId === null ? [] : [{ accountId, destinationId, since: toIdTime(deliveryId) }],
      );
  }

  /** Enough of what is due for a claim, with as much more as is in somebody's hand. */
  #findDue(request: ClaimRequest, inHand: number): readonly DueRow[] {
    const { accountId, destinationId, now, limit, batchSize } = request;
    if (request.isProbe !== true)
      return this.#sql.due.all(accountId, destinationId, now, limit * batchSize + inHand);
    return toProbes([
      ...this.#sql.due.all(accountId, destinationId, now, probeRows + inHand),
      ...this.#sql.newest.all(accountId, destinationId, now, probeRows),
    ]);
  }

  #toClaimed(
    { accountId, destinationId, batchSize }: ClaimRequest,
    members: readonly DueRow[],
    held: Held,
  ): ClaimedBatch {
    const [head] = members;
    if (head === undefined) throw new Error('A batch has members.');
    if (batchSize > 1 && head.batch === null)
      for (const member of members) this.#sql.setBatch.run(head.id, member.id);
    // A lease that ended without a word: that try may have been made.
    const lapsed = members.some(({ id }) => held.has(id));
    return {
      accountId,
      destinationId,
      ...toReadable(members, (row) => this.#readReceipt(row)),
      attempt: head.attempts - head.round_start + 1,
      cause: members.map((member) => this.#toCause(member, lapsed)).find((cause) => cause !== null) ?? null,
    };
  }

  /** Why this delivery may have been pushed before; null for a first push. */
  #toCause(row: DueRow, lapsed: boolean): RepeatCause | null {
    const suspect =
      row.id <= this.#suspectUntilId && row.due_at <= this.#openedAt && row.attempts === row.round_start;
    return lapsed || (suspect && row.cause === null) ? 'recovery' : row.cause;
  }

  #readReceipt({ id, receipt_id: receiptId }: DueRow): Receipt {
    const receipt = this.#sql.receiptById.get(receiptId);
    if (receipt === undefined) throw new Error(`Receipt ${receiptId} of delivery ${id} is not there.`);
    return toReceipt(receipt);
  }
}

function findNewestId(db: Connection): number {
  const newest = `SELECT max(id) AS id FROM delivery WHERE id < ${maxId}`;
  return db.prepare<{ id: number | null }>(newest).get()?.id ?? 0;
}
