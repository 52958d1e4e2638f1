// Who pushes what: deliveries that are due, the leases on them, and how each push ended.
import { maxId, toIdTime } from '../../domain/ids.ts';
import type { ClaimedBatch, RepeatCause, Settlement } from '../../domain/delivery.ts';
import type { ClaimRequest, Deliveries } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { repeat } from '../sqlite/statement.ts';
import { probeRows, stateNumber, toBatches, toProbes, toReadable } from './rows.ts';
import type { DueRow } from './rows.ts';
import { receiptColumns, toReceipt } from '../receipts/rows.ts';
import type { ReceiptRow } from '../receipts/rows.ts';

interface OpenRow {
  readonly id: number;
  readonly account_id: number;
  readonly destination_id: number;
  readonly lane: number;
  readonly laned: number;
  readonly attempts: number;
}

/** Deliveries that one statement settles. */
const settleRows = 32;

/** What is claimed and not yet settled, by delivery id, with when the lease ends by the monotonic clock. A process that dies forgets it. */
type Leases = Map<number, number>;

/** Verbs of a dispatcher. Leases are kept in memory: this process is the only one that pushes from this file. */
export function claimVerbs(
  db: Connection,
): Pick<
  Deliveries,
  | 'findBusyDestinations'
  | 'claimDeliveries'
  | 'settleDeliveries'
  | 'releaseDeliveries'
  | 'findNextDue'
  | 'findOldestUndelivered'
> {
  const due = db.prepare<DueRow>(
    `SELECT d.id, d.id AS receipt_id, d.due_at, d.attempts, d.round_start, d.cause, d.batch, r.type FROM delivery d CROSS JOIN receipt r ON r.id = d.id
     WHERE d.account_id = ? AND d.destination_id = ? AND d.state = 0 AND d.due_at <= ? ORDER BY d.due_at, d.id LIMIT ?`,
  );
  const newest = db.prepare<DueRow>(
    `SELECT d.id, d.id AS receipt_id, d.due_at, d.attempts, d.round_start, d.cause, d.batch, r.type FROM delivery d CROSS JOIN receipt r ON r.id = d.id
     WHERE d.account_id = ? AND d.destination_id = ? AND d.state = 0 AND d.due_at <= ? ORDER BY d.due_at DESC, d.id DESC LIMIT ?`,
  );
  const batchMembers = db.prepare<DueRow>(
    `SELECT d.id, d.id AS receipt_id, d.due_at, d.attempts, d.round_start, d.cause, d.batch, r.type FROM delivery d CROSS JOIN receipt r ON r.id = d.id
     WHERE d.account_id = ? AND d.destination_id = ? AND d.state = 0 AND d.batch = ? ORDER BY d.id`,
  );
  const setBatch = db.prepare('UPDATE delivery SET batch = ? WHERE id = ?');
  const receiptById = db.prepare<ReceiptRow>(
    `SELECT ${receiptColumns} FROM receipt r LEFT JOIN content c ON c.receipt_id = r.id WHERE r.id = ?`,
  );
  const openByIds = db.prepareRows<OpenRow>(
    (count) =>
      `SELECT id, account_id, destination_id, lane, laned, attempts FROM delivery WHERE id IN (${repeat('?', count)}) AND state <= 1`,
  );
  const insertAttempts = db.prepareRows(
    (count) =>
      `INSERT INTO attempt (delivery_id, number, account_id, at, duration_ms, status, outcome, answer) VALUES ${repeat('(?, ?, ?, ?, ?, ?, ?, ?)', count)} ON CONFLICT DO NOTHING`,
  );
  const finish = db.prepareRows(
    (count) =>
      `UPDATE delivery SET state = ?, due_at = ?, attempts = attempts + 1, cause = NULL, batch = NULL WHERE id IN (${repeat('?', count)})`,
  );
  const retry = db.prepare(
    'UPDATE delivery SET due_at = ?, attempts = attempts + 1, round_start = round_start + ?, cause = ?, batch = coalesce(?, batch) WHERE id = ?',
  );
  const nextOfLane = db.prepare<{ id: number; state: number }>(
    'SELECT id, state FROM delivery WHERE account_id = ? AND destination_id = ? AND lane = ? AND state <= 1 AND laned = 1 ORDER BY place LIMIT 1',
  );
  const unblock = db.prepare('UPDATE delivery SET state = 0, due_at = max(due_at, ?) WHERE id = ?');
  const nextDue = db.prepare<{ id: number; due_at: number }>(
    'SELECT id, due_at FROM delivery WHERE account_id = ? AND destination_id = ? AND state = 0 ORDER BY due_at, id LIMIT ?',
  );
  const busy = db.prepare<{ account_id: number; id: number }>(
    'SELECT account_id, id FROM destination t WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0)',
  );
  const oldest = db.prepare<{ account_id: number; id: number; delivery_id: number | null }>(
    `SELECT t.account_id, t.id, (SELECT min(d.id) FROM (SELECT id FROM delivery WHERE account_id = t.account_id AND destination_id = t.id AND state = 0 ORDER BY due_at, id LIMIT 1000) d) AS delivery_id
     FROM destination t`,
  );

  const leases = new Map<number, Leases>();
  // Leases given in a transaction that has not committed: claims that share it must not hand out the same delivery.
  const promised = new WeakMap<Transaction, Leases>();
  // What was due when the last process was killed may have been pushed without a record of it.
  const suspectUntilId = db.unclean
    ? (db.prepare<{ id: number | null }>(`SELECT max(id) AS id FROM delivery WHERE id < ${maxId}`).get()
        ?.id ?? 0)
    : 0;
  const openedAt = db.now();

  function leasesOf(destinationId: number): Leases {
    const known = leases.get(destinationId);
    if (known !== undefined) return known;
    const made: Leases = new Map();
    leases.set(destinationId, made);
    return made;
  }

  /** Why this delivery may have been pushed before; null for a first push. */
  function toCause(row: DueRow, lapsed: boolean): RepeatCause | null {
    const suspect = row.id <= suspectUntilId && row.due_at <= openedAt && row.attempts === row.round_start;
    return lapsed || (suspect && row.cause === null) ? 'recovery' : row.cause;
  }

  function claim(tx: Transaction, request: ClaimRequest): ClaimedBatch[] {
    const held = leasesOf(request.destinationId);
    const fresh = promised.get(tx) ?? new Map<number, number>();
    promised.set(tx, fresh);
    const { accountId, destinationId, now } = request;
    const inHand = held.size + fresh.size;
    const rows =
      request.isProbe === true
        ? toProbes([
            ...due.all(accountId, destinationId, now, probeRows + inHand),
            ...newest.all(accountId, destinationId, now, probeRows),
          ])
        : due.all(accountId, destinationId, now, request.limit * request.batchSize + inHand);
    const isFree = ({ id }: DueRow): boolean => !isHeld(held, id, db.monotonic()) && !fresh.has(id);
    const membersOf = (batch: number): DueRow[] =>
      batchMembers
        .all(request.accountId, request.destinationId, batch)
        .filter((member) => member.due_at <= request.now && isFree(member));
    return toBatches(rows.filter(isFree), request, membersOf).map((members) => {
      const [head] = members;
      if (head === undefined) throw new Error('A batch has members.');
      if (request.batchSize > 1 && head.batch === null)
        for (const member of members) setBatch.run(head.id, member.id);
      const lapsed = members.some((member) => held.has(member.id));
      const leaseUntil = db.monotonic() + request.leaseMs;
      for (const { id } of members) fresh.set(id, leaseUntil);
      tx.afterCommit(() => members.forEach(({ id }) => held.set(id, leaseUntil)));
      return {
        accountId: request.accountId,
        destinationId: request.destinationId,
        ...toMembers(members),
        attempt: head.attempts - head.round_start + 1,
        cause: members.map((member) => toCause(member, lapsed)).find((cause) => cause !== null) ?? null,
      };
    });
  }

  function toMembers(rows: readonly DueRow[]): Pick<ClaimedBatch, 'members' | 'unreadable'> {
    return toReadable(rows, (row) => {
      const receipt = receiptById.get(row.receipt_id);
      if (receipt === undefined)
        throw new Error(`Receipt ${row.receipt_id} of delivery ${row.id} is not there.`);
      return toReceipt(receipt);
    });
  }

  /** Settles up to `settleRows` deliveries, with a statement for all where they come to the same. */
  function settle(tx: Transaction, settlements: readonly Settlement[]): void {
    for (const { destinationId, deliveryId } of settlements)
      tx.afterCommit(() => leases.get(destinationId)?.delete(deliveryId));
    const rows = openByIds.of(settlements.length).all(...settlements.map(({ deliveryId }) => deliveryId));
    const open = new Map(rows.map((row) => [row.id, row]));
    const settled: { readonly row: OpenRow; readonly settlement: Settlement }[] = [];
    for (const settlement of settlements) {
      const row = open.get(settlement.deliveryId);
      // One that was handed over to another destination meanwhile ends all the same.
      if (row?.account_id !== settlement.accountId) continue;
      open.delete(row.id);
      settled.push({ row, settlement });
    }
    if (settled.length === 0) return;
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
    insertAttempts.of(settled.length).run(...values);
    const now = db.now();
    for (const kind of ['done', 'dead'] as const) {
      const over = settled.filter(({ settlement }) => settlement.next.kind === kind).map(({ row }) => row);
      if (over.length === 0) continue;
      finish.of(over.length).run(stateNumber[kind], now, ...over.map(({ id }) => id));
      for (const row of over) {
        const follower =
          row.laned === 1 ? nextOfLane.get(row.account_id, row.destination_id, row.lane) : undefined;
        if (follower?.state === stateNumber.blocked) unblock.run(now, follower.id);
      }
    }
    for (const { row, settlement } of settled) {
      const { accountId, destinationId, next } = settlement;
      if (next.kind === 'retry')
        retry.run(next.dueAt, next.isSpared === true ? 1 : 0, next.cause, next.batch ?? null, row.id);
      tx.signal({ kind: 'deliveries', accountId, destinationId });
    }
  }

  return {
    findBusyDestinations: () =>
      db.read(() => busy.all().map((row) => ({ accountId: row.account_id, destinationId: row.id }))),
    claimDeliveries: (request) => db.write((tx) => claim(tx, request)),
    settleDeliveries: (settlements) =>
      db.write((tx) => {
        for (let start = 0; start < settlements.length; start += settleRows)
          settle(tx, settlements.slice(start, start + settleRows));
      }),
    releaseDeliveries: (_accountId, destinationId, deliveryIds) =>
      db.read(() => {
        for (const id of deliveryIds) leases.get(destinationId)?.delete(id);
      }),
    findNextDue: (accountId, destinationId) =>
      db.read(() => {
        const at = db.monotonic();
        const held = leasesOf(destinationId);
        const rows = nextDue.all(accountId, destinationId, held.size + 1);
        const dueTimes = rows.map((row) =>
          isHeld(held, row.id, at)
            ? Math.max(row.due_at, Math.ceil(db.now() + (held.get(row.id) ?? at) - at))
            : row.due_at,
        );
        return dueTimes.length === 0 ? undefined : Math.min(...dueTimes);
      }),
    findOldestUndelivered: () =>
      db.read(() =>
        oldest
          .all()
          .flatMap((row) =>
            row.delivery_id === null
              ? []
              : [{ accountId: row.account_id, destinationId: row.id, since: toIdTime(row.delivery_id) }],
          ),
      ),
  };
}

function isHeld(held: Leases, id: number, now: number): boolean {
  const until = held.get(id);
  return until !== undefined && until > now;
}
