// What this node has in hand of the destinations that it holds: claims without a write, and what was read ahead for them.
import type { AccountId } from '../../domain/account.ts';
import type { ClaimedBatch, RepeatCause } from '../../domain/delivery.ts';
import { probeRows, toBatches, toProbes, toReadable } from './rows.ts';
import type { DueRow } from './rows.ts';
import { receiptColumns, toReceipt } from '../receipts/rows.ts';
import type { ReceiptRow } from '../receipts/rows.ts';
import type { ClaimRequest } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';
import { Holds } from './postgres-holds.ts';
import type { Hold } from './postgres-holds.ts';

/** Rows read at once, however fast they go. */
const maxAhead = 256;
/** What was read ahead is used up within this time, or read again. */
const freshMs = 1000;
/** Rows used up sooner than this make the next look read twice as many. */
const fastMs = 250;

/** A due delivery with its receipt. */
interface Due extends DueRow, Omit<ReceiptRow, 'id'> {
  readonly lane: number;
}

/** A delivery in hand. */
export interface Lease {
  /** By the monotonic clock. */
  readonly until: number;
  readonly lane: number;
  readonly attempts: number;
}

interface Work {
  readonly leases: Map<number, Lease>;
  ahead: Due[];
  /** By the monotonic clock. */
  readAt: number;
  size: number;
  /** Claims of one destination go one after the other. */
  last: Promise<unknown>;
}

// The delivery has its receipt's id. The fences keep the planner from a walk over all there is, whatever it believes.
const columns = `d.id, d.id AS receipt_id, d.due_at, d.attempts, d.round_start, d.cause, d.batch, d.lane, r.type, ${receiptColumns.replace('r.id, ', '')}`;
const joined = `CROSS JOIN LATERAL (SELECT o.* FROM receipt o WHERE o.account_id = $1 AND o.id = d.id OFFSET 0) r
  LEFT JOIN LATERAL (SELECT o.body FROM content o WHERE o.account_id = $1 AND o.receipt_id = d.id OFFSET 0) c ON true`;

/** What is due and not in hand, with its receipts, the oldest or the newest of it. */
const dueFirst = lookFrom('ASC');
const dueLast = lookFrom('DESC');

/** What is due of some batches. */
const membersOf = `SELECT ${columns} FROM
    (SELECT * FROM delivery WHERE account_id = $1 AND destination_id = $2 AND state = 0 AND batch = ANY ($4) AND due_at <= $3
     ORDER BY id) d ${joined} ORDER BY d.id`;

/** Writes down who travels together. */
const keepTogether = `UPDATE delivery d SET batch = c.head FROM unnest($2::bigint[], $3::bigint[]) c(id, head)
  WHERE d.account_id = $1 AND d.id = ANY ($2) AND d.id = c.id`;

/** What waits for a destination and falls due first. */
const firstDue =
  'SELECT id, due_at FROM delivery WHERE account_id = $1 AND destination_id = $2 AND state = 0 ORDER BY due_at, id LIMIT $3';

export class Claims {
  readonly #db: Connection;
  readonly #works = new Map<number, Work>();
  readonly #holds: Holds;

  constructor(db: Connection) {
    this.#db = db;
    // What was read ahead may belong to another destination now, or be given up.
    db.signals.watch(({ kind }) => {
      if (kind === 'directory') for (const work of this.#works.values()) work.ahead = [];
    });
    this.#holds = new Holds(db, (destinationId) => (this.#works.get(destinationId)?.leases.size ?? 0) > 0);
  }

  /** Batches for the pushers of this node; [] also while another node pushes to the destination. */
  claim(request: ClaimRequest): Promise<readonly ClaimedBatch[]> {
    const work = this.#workOf(request.destinationId);
    const claimed = work.last.then(() => this.#claim(work, request));
    work.last = claimed.catch(() => undefined);
    return claimed;
  }

  find(destinationId: number, deliveryId: number): Lease | undefined {
    return this.#works.get(destinationId)?.leases.get(deliveryId);
  }

  /** What is settled is out of hand. */
  drop(destinationId: number, deliveryId: number): void {
    this.#works.get(destinationId)?.leases.delete(deliveryId);
  }

  /** What was claimed is free again, and found by the next look. */
  release(destinationId: number, deliveryIds: readonly number[]): void {
    const work = this.#works.get(destinationId);
    if (work === undefined) return;
    work.ahead = [];
    for (const id of deliveryIds) work.leases.delete(id);
  }

  /** When to look again; undefined when nothing waits. */
  async findNextDue(accountId: AccountId, destinationId: number): Promise<number | undefined> {
    const now = this.#db.now();
    const leases = this.#works.get(destinationId)?.leases ?? new Map<number, Lease>();
    const rows = await this.#db.all<{ id: number; due_at: number }>(firstDue, [
      accountId,
      destinationId,
      leases.size + 1,
    ]);
    if (rows.length === 0) {
      if (leases.size === 0) this.#works.delete(destinationId);
      return undefined;
    }
    const due = Math.min(
      ...rows.map(({ id, due_at: dueAt }) => {
        const lease = leases.get(id);
        if (lease === undefined || !this.#isHeld(lease)) return dueAt;
        return Math.max(dueAt, Math.ceil(now + lease.until - this.#db.monotonic()));
      }),
    );
    return Math.max(due, now + this.#holds.restMs(destinationId));
  }

  #isHeld(lease: Lease | undefined): boolean {
    return lease !== undefined && lease.until > this.#db.monotonic();
  }

  #workOf(destinationId: number): Work {
    const known = this.#works.get(destinationId);
    if (known !== undefined) return known;
    const made = { leases: new Map<number, Lease>(), ahead: [], readAt: 0, size: 0, last: Promise.resolve() };
    this.#works.set(destinationId, made);
    return made;
  }

  async #claim(work: Work, request: ClaimRequest): Promise<ClaimedBatch[]> {
    const { accountId, destinationId, limit, batchSize, leaseMs } = request;
    const hold = await this.#holds.take(accountId, destinationId);
    if (hold === undefined) {
      work.ahead = [];
      return [];
    }
    const wanted = limit * batchSize;
    const isFree = ({ id }: { readonly id: number }): boolean => !this.#isHeld(work.leases.get(id));
    const isProbe = request.isProbe === true;
    if (isProbe) await this.#lookForProbes(work, request);
    else if (work.ahead.length < wanted || this.#db.monotonic() - work.readAt > freshMs)
      await this.#lookAhead(work, request, wanted);
    const rows = work.ahead.filter(isFree);
    const known = [...new Set(rows.slice(0, wanted).flatMap(({ batch }) => (batch === null ? [] : [batch])))];
    const members = known.length === 0 ? [] : (await this.#readMembers(request, known)).filter(isFree);
    // This process may have stood still while it read, and another node may push by now.
    if (!this.#holds.isTrusted(hold)) {
      work.ahead = [];
      return [];
    }
    const batches = toBatches(rows.slice(0, wanted), request, (batch) =>
      members.filter((member) => member.batch === batch),
    ) as (readonly Due[])[];
    if (batchSize > 1) await this.#keepTogether(accountId, batches);
    const lapsed = new Set(batches.flat().filter(({ id }) => work.leases.has(id)));
    for (const { id, lane, attempts } of batches.flat())
      work.leases.set(id, { until: this.#db.monotonic() + leaseMs, lane, attempts });
    work.ahead = isProbe ? [] : rows.filter(isFree);
    return batches.map((batch) => {
      const [head] = batch;
      if (head === undefined) throw new Error('A batch has members.');
      return {
        accountId,
        destinationId,
        ...toReadable(batch, toReceipt),
        attempt: head.attempts - head.round_start + 1,
        cause:
          batch.map((row) => toCause(hold, row, lapsed.has(row))).find((cause) => cause !== null) ?? null,
      };
    });
  }

  /** Reads what is due and not in hand; more at once the faster it goes. */
  async #lookAhead(
    work: Work,
    { accountId, destinationId, now }: ClaimRequest,
    wanted: number,
  ): Promise<void> {
    const startedAt = this.#db.monotonic();
    const isFast = work.size > 0 && startedAt - work.readAt < fastMs;
    work.size = Math.max(wanted, Math.min(maxAhead, isFast ? work.size * 2 : 0));
    const inHand = [...work.leases].flatMap(([id, lease]) => (this.#isHeld(lease) ? [id] : []));
    const values = [accountId, destinationId, now, work.size, inHand];
    work.ahead = await this.#db.all<Due>(dueFirst, values);
    work.readAt = startedAt;
  }

  /** Reads what a probe may take, from either end of what is due. */
  async #lookForProbes(work: Work, { accountId, destinationId, now }: ClaimRequest): Promise<void> {
    const inHand = [...work.leases].flatMap(([id, lease]) => (this.#isHeld(lease) ? [id] : []));
    const values = [accountId, destinationId, now, probeRows, inHand];
    const oldest = await this.#db.all<Due>(dueFirst, values);
    const newest = await this.#db.all<Due>(dueLast, values);
    work.ahead = [...toProbes([...oldest, ...newest])];
  }

  #readMembers({ accountId, destinationId, now }: ClaimRequest, batches: readonly number[]): Promise<Due[]> {
    return this.#db.all<Due>(membersOf, [accountId, destinationId, now, batches]);
  }

  /** Writes down who travels together, because a batch keeps its members whatever happens to this process. */
  async #keepTogether(accountId: AccountId, batches: readonly (readonly DueRow[])[]): Promise<void> {
    const fresh = batches.filter(([head]) => head?.batch === null);
    if (fresh.length === 0) return;
    const ids = fresh.flatMap((batch) => batch.map(({ id }) => id));
    const heads = fresh.flatMap((batch) => batch.map(() => batch[0]?.id ?? 0));
    await this.#db.run(keepTogether, [accountId, ids, heads]);
  }
}

/** Why this delivery may have been pushed before; null for a first push. */
function toCause({ suspect }: Hold, row: DueRow, lapsed: boolean): RepeatCause | null {
  const isSuspect =
    suspect !== null &&
    row.cause === null &&
    row.id <= suspect.upToId &&
    row.due_at <= suspect.dueBy &&
    row.attempts === row.round_start;
  return lapsed || isSuspect ? 'recovery' : row.cause;
}

/** Finds what is due of a destination and not in hand here, from one end of what there is. */
function lookFrom(order: 'ASC' | 'DESC'): string {
  return `SELECT ${columns} FROM
      (SELECT * FROM delivery WHERE account_id = $1 AND destination_id = $2 AND state = 0 AND due_at <= $3 AND id <> ALL ($5)
       ORDER BY due_at ${order}, id ${order} LIMIT $4) d ${joined} ORDER BY d.due_at, d.id`;
}
