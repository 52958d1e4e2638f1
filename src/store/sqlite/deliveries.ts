import type { AccountId } from '../../domain/account.ts';
import type {
  ClaimedBatch,
  ClaimedDelivery,
  DestinationSettings,
  RepeatCause,
  Settlement,
} from '../../domain/delivery.ts';
import type { ClaimRequest, Deliveries, DeliveryFilter, Timeline } from '../store.ts';
import { inParts, repeat } from './connection.ts';
import type { Connection, Transaction } from './connection.ts';
import type { DestinationVerbs } from './destinations.ts';
import type { Recorder } from './journal.ts';
import {
  isMatch,
  stateNumber,
  toAfter,
  toAttempt,
  toBatches,
  toCreatedAt,
  toDelivery,
} from '../rows/deliveries.ts';
import type { AttemptRow, DeliveryRow, DueRow } from '../rows/deliveries.ts';
import {
  isOpen,
  isPartialOfDeliveries,
  maxWalked,
  toBefore,
  toListing,
  toOverListing,
  toPage,
  toSinceId,
  toUntilId,
} from '../rows/paging.ts';
import { receiptColumns, toReceipt } from '../rows/receipts.ts';
import type { ReceiptRow } from '../rows/receipts.ts';

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

/** What other verbs do to deliveries inside their own transaction. */
export interface DeliveryWrites {
  /** Adds deliveries, each at the end of its lane; one waits its turn if the lane has one that is not over. */
  addDeliveries(tx: Transaction, deliveries: readonly NewDelivery[], now: number): void;
  /** Puts a delivery that stood alone into the index of its lane, because another one comes after it. */
  enlist(deliveryId: number): void;
}

/** A delivery to be; `laned` unless it is the only one ever of its lane so far. */
export interface NewDelivery {
  readonly accountId: AccountId;
  readonly destinationId: number;
  /** Its receipt's. */
  readonly id: number;
  readonly lane: number;
  readonly laned: boolean;
}

export function deliveryWrites(db: Connection): DeliveryWrites {
  const insert = db.prepareRows(
    (count) =>
      `INSERT INTO delivery (id, account_id, destination_id, lane, laned, place, state, due_at, attempts, round_start, cause, batch)
       VALUES ${repeat('(?, ?, ?, ?, ?, ?, ?, ?, 0, 0, NULL, NULL)', count)}`,
  );
  const laneTaken = db.prepare(
    'SELECT 1 FROM delivery WHERE account_id = ? AND destination_id = ? AND lane = ? AND state <= 1 AND laned = 1 LIMIT 1',
  );
  const enlist = db.prepare('UPDATE delivery SET laned = 1 WHERE id = ? AND laned = 0');
  const settingsOf = db.prepare<{ settings: string }>('SELECT settings FROM destination WHERE id = ?');
  const firstWait = db.remember((destinationId: number) => {
    const settings = settingsOf.get(destinationId)?.settings;
    if (settings === undefined) throw new Error(`Destination ${destinationId} is not there.`);
    return (JSON.parse(settings) as DestinationSettings).scheduleMs[0] ?? 0;
  });
  return {
    addDeliveries: (tx, added, now) => {
      const taken = new Set<string>();
      for (const part of inParts(added)) {
        const values = part.flatMap(({ accountId, destinationId, id, lane, laned }) => {
          const place = `${destinationId}/${lane}`;
          const blocked =
            laned && (taken.has(place) || laneTaken.get(accountId, destinationId, lane) !== undefined);
          taken.add(place);
          if (!blocked) tx.signal({ kind: 'deliveries', accountId, destinationId });
          const dueAt = now + firstWait(destinationId);
          return [id, accountId, destinationId, lane, laned ? 1 : 0, id, blocked ? 1 : 0, dueAt];
        });
        insert.of(part.length).run(...values);
      }
    },
    enlist: (deliveryId) => {
      enlist.run(deliveryId);
    },
  };
}

/** What is claimed and not yet settled, by delivery id, with when the lease ends. A process that dies forgets it. */
type Leases = Map<number, number>;

export function deliveryVerbs(
  db: Connection,
  recordChange: Recorder,
  destinations: DestinationVerbs,
): Deliveries & {
  /** The deliveries of one receipt with their attempts. */
  findForReceipt: (accountId: AccountId, receiptId: number) => Timeline['deliveries'];
} {
  const due = db.prepare<DueRow>(
    `SELECT d.id, d.id AS receipt_id, d.due_at, d.attempts, d.round_start, d.cause, d.batch, r.type FROM delivery d CROSS JOIN receipt r ON r.id = d.id
     WHERE d.account_id = ? AND d.destination_id = ? AND d.state = 0 AND d.due_at <= ? ORDER BY d.due_at, d.id LIMIT ?`,
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
  const retry = db.prepare('UPDATE delivery SET due_at = ?, attempts = attempts + 1, cause = ? WHERE id = ?');
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
  const columns =
    'd.id, d.account_id, d.destination_id, r.key, d.state, d.due_at, d.attempts, d.lane, d.place';
  const listed = `SELECT ${columns} FROM delivery d JOIN receipt r ON r.id = d.id`;
  const matching = 'AND (?3 IS NULL OR d.destination_id = ?3) AND d.id >= ?4 AND (?5 IS NULL OR d.id < ?5)';
  const ofOne = 'AND d.destination_id = ?3 AND d.id >= ?4 AND (?5 IS NULL OR d.id < ?5)';
  // State numbers are written out so that the partial indexes serve.
  const wanted = {
    any: matching,
    waiting: `${matching} AND d.state <= 1 AND d.state = 0`,
    blocked: `${matching} AND d.state <= 1 AND d.state = 1`,
    done: `${matching} AND d.state = 2`,
    dead: `${matching} AND d.state = 3`,
    // Of one destination, which has an index of its own.
    deadOfOne: `${ofOne} AND d.state = 3`,
  };
  const newest = (which: string) =>
    list(`${listed} WHERE d.account_id = ?1 AND d.id < ?2 ${which} ORDER BY d.id DESC LIMIT ?6`);
  const oldestOver = (which: string) =>
    list(`${listed} WHERE d.account_id = ?1 AND d.id > ?2 ${which} ORDER BY d.id LIMIT ?6`);
  const numberOf = (which: string) =>
    db.prepare<{ count: number }>(
      `SELECT count(*) AS count FROM (SELECT 1 FROM delivery d WHERE d.account_id = ?1 AND d.id < ?2 ${which} LIMIT ?6)`,
    );
  const statements = {
    any: newest(wanted.any),
    waiting: newest(wanted.waiting),
    blocked: newest(wanted.blocked),
    done: newest(wanted.done),
    dead: newest(wanted.dead),
    deadOfOne: newest(wanted.deadOfOne),
  };
  const counts = {
    any: numberOf(wanted.any),
    waiting: numberOf(wanted.waiting),
    blocked: numberOf(wanted.blocked),
    done: numberOf(wanted.done),
    dead: numberOf(wanted.dead),
    deadOfOne: numberOf(wanted.deadOfOne),
  };
  const overStatements = {
    any: oldestOver(`${matching} AND d.state >= 2`),
    done: oldestOver(wanted.done),
    dead: oldestOver(wanted.dead),
    deadOfOne: oldestOver(wanted.deadOfOne),
  };
  const walkEnd = db.prepare<{ id: number }>(
    'SELECT id FROM delivery WHERE id < ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ?',
  );
  const walkOpenEnd = db.prepare<{ id: number }>(
    'SELECT id FROM delivery WHERE account_id = ? AND id < ? AND id >= ? AND state <= 1 ORDER BY id DESC LIMIT 1 OFFSET ?',
  );
  const walkTop = db.prepare<{ id: number }>(
    'SELECT id FROM delivery WHERE id > ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?',
  );
  const countOfEach = db.prepare<{ destinationId: number; waiting: number; dead: number }>(
    `SELECT t.id AS "destinationId",
       (SELECT count(*) FROM (SELECT 1 FROM delivery d
         WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0 LIMIT ?2) w) AS waiting,
       (SELECT count(*) FROM (SELECT 1 FROM delivery d
         WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 3 LIMIT ?2) w) AS dead
     FROM destination t WHERE t.account_id = ?1 ORDER BY t.id`,
  );
  const byId = db.prepare<DeliveryRow>(`${listed} WHERE d.id = ? AND d.account_id = ?`);
  const ofReceipt = db.prepare<DeliveryRow & { url: string }>(
    `SELECT ${columns}, t.url FROM delivery d JOIN receipt r ON r.id = d.id JOIN destination t ON t.id = d.destination_id
     WHERE d.account_id = ? AND d.id = ?`,
  );
  const attemptsOf = db.prepare<AttemptRow>(
    'SELECT at, duration_ms, status, outcome, answer FROM attempt WHERE delivery_id = ? ORDER BY number',
  );
  const laneTaken = db.prepare(
    'SELECT 1 FROM delivery WHERE account_id = ? AND destination_id = ? AND lane = ? AND state <= 1 AND laned = 1 LIMIT 1',
  );
  const restart = db.prepare(
    "UPDATE delivery SET laned = 1, state = ?, due_at = ?, place = ?, round_start = attempts, cause = 'replay', batch = NULL WHERE id = ? AND state >= 2",
  );

  const leases = new Map<number, Leases>();
  // Leases given in a transaction that has not committed: claims that share it must not hand out the same delivery.
  const promised = new WeakMap<Transaction, Leases>();
  // What was due when the last process was killed may have been pushed without a record of it.
  const suspectUntilId = db.unclean
    ? (db.prepare<{ id: number | null }>('SELECT max(id) AS id FROM delivery').get()?.id ?? 0)
    : 0;
  const openedAt = db.now();

  function list(sql: string) {
    return db.prepare<DeliveryRow>(sql);
  }

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
    const rows = due.all(
      request.accountId,
      request.destinationId,
      request.now,
      request.limit * request.batchSize + held.size + fresh.size,
    );
    const isFree = ({ id }: DueRow): boolean => !isHeld(held, id, request.now) && !fresh.has(id);
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
      const leaseUntil = request.now + request.leaseMs;
      for (const { id } of members) fresh.set(id, leaseUntil);
      tx.afterCommit(() => members.forEach(({ id }) => held.set(id, leaseUntil)));
      return {
        accountId: request.accountId,
        destinationId: request.destinationId,
        members: members.map(toClaimed),
        attempt: head.attempts - head.round_start + 1,
        cause: members.map((member) => toCause(member, lapsed)).find((cause) => cause !== null) ?? null,
      };
    });
  }

  function toClaimed(row: DueRow): ClaimedDelivery {
    const receipt = receiptById.get(row.receipt_id);
    if (receipt === undefined)
      throw new Error(`Receipt ${row.receipt_id} of delivery ${row.id} is not there.`);
    return { deliveryId: row.id, receipt: toReceipt(receipt) };
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
      if (row?.account_id !== settlement.accountId || row.destination_id !== settlement.destinationId)
        continue;
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
      if (next.kind === 'retry') retry.run(next.dueAt, next.cause, row.id);
      tx.signal({ kind: 'deliveries', accountId, destinationId });
    }
  }

  function select(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    limit: number,
    from = toSinceId(filter),
  ): DeliveryRow[] {
    if (filter.deliveryIds !== undefined) {
      const rows = filter.deliveryIds.filter((id) => id < before).map((id) => byId.get(id, accountId));
      return rows
        .filter((row) => row !== undefined)
        .filter((row) => isMatch(row, filter))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit);
    }
    const statement = statements[toListing(filter)];
    return statement.all(accountId, before, filter.destinationId ?? null, from, toUntilId(filter), limit);
  }

  /** The last row that a listing looks at which has to walk, when there may be more behind it. */
  function findWalkEnd(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    atMost: number,
  ): number | undefined {
    if (!isPartialOfDeliveries(filter)) return undefined;
    const since = toSinceId(filter);
    const row = isOpen(filter.state)
      ? walkOpenEnd.get(accountId, before, since, atMost)
      : walkEnd.get(before, since, atMost);
    return row?.id;
  }

  /** What is over and matches, from after the id `after` on, oldest first; and the last row looked at, if more may match. */
  function selectOver(
    accountId: AccountId,
    filter: DeliveryFilter,
    after: number,
    limit: number,
  ): { readonly rows: readonly DeliveryRow[]; readonly walkedTo?: number | undefined } {
    if (filter.deliveryIds !== undefined) {
      const rows = select(accountId, filter, Number.MAX_SAFE_INTEGER, filter.deliveryIds.length)
        .filter((row) => row.state >= stateNumber.done && row.id > after)
        .sort((a, b) => a.id - b.id)
        .slice(0, limit);
      return { rows };
    }
    const listing = toOverListing(filter);
    if (listing === undefined) return { rows: [] };
    const since = toSinceId(filter);
    const until = toUntilId(filter);
    const from = Math.max(after, since - 1);
    const walkedTo =
      filter.state === 'dead'
        ? undefined
        : walkTop.get(from, until ?? Number.MAX_SAFE_INTEGER, maxWalked)?.id;
    const end = walkedTo === undefined ? until : walkedTo + 1;
    const rows = overStatements[listing].all(
      accountId,
      from,
      filter.destinationId ?? null,
      since,
      end,
      limit,
    );
    return { rows, walkedTo };
  }

  return {
    ...destinations,
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
        const now = db.now();
        const held = leasesOf(destinationId);
        const rows = nextDue.all(accountId, destinationId, held.size + 1);
        const dueTimes = rows.map((row) =>
          isHeld(held, row.id, now) ? Math.max(row.due_at, held.get(row.id) ?? 0) : row.due_at,
        );
        return dueTimes.length === 0 ? undefined : Math.min(...dueTimes);
      }),
    listDeliveries: (accountId, filter, page) =>
      db.read(() => {
        const [before, since] = [toBefore(page), toSinceId(filter)];
        const walkedTo = findWalkEnd(accountId, filter, before, maxWalked);
        const rows = select(accountId, filter, before, page.limit + 1, walkedTo ?? since);
        return toPage(rows, page.limit, toDelivery, walkedTo);
      }),
    countDeliveries: (accountId, filter, atMost) =>
      db.read(() => {
        const before = Number.MAX_SAFE_INTEGER;
        if (filter.deliveryIds !== undefined)
          return { count: select(accountId, filter, before, atMost).length, isMore: false };
        const since = toSinceId(filter);
        const until = toUntilId(filter);
        const walkedTo = findWalkEnd(accountId, filter, until ?? before, atMost);
        const row = counts[toListing(filter)].get(
          accountId,
          before,
          filter.destinationId ?? null,
          walkedTo ?? since,
          until,
          atMost,
        );
        const count = row?.count ?? 0;
        return { count, isMore: walkedTo !== undefined || count >= atMost };
      }),
    countByDestination: (accountId, atMost) =>
      db.read(() => countOfEach.all(accountId, atMost).map((row) => ({ ...row }))),
    replayDeliveries: (accountId, filter, page, actor) =>
      db.write((tx) => {
        // Oldest first, so that the receipts of one lane keep their order.
        const { rows, walkedTo } = selectOver(accountId, filter, toAfter(page), page.limit + 1);
        const { items, next } = toPage(rows, page.limit, (row) => row, walkedTo);
        let replayed = 0;
        for (const row of items) {
          const blocked = laneTaken.get(accountId, row.destination_id, row.lane) !== undefined;
          replayed += restart.run(
            blocked ? stateNumber.blocked : stateNumber.waiting,
            db.now(),
            db.nextId(),
            row.id,
          );
          tx.signal({ kind: 'deliveries', accountId, destinationId: row.destination_id });
        }
        if (replayed > 0)
          recordChange(accountId, actor, 'delivery.replayed', 'deliveries', { ...filter, replayed });
        return { replayed, next };
      }),
    findOldestUndelivered: () =>
      db.read(() =>
        oldest
          .all()
          .flatMap((row) =>
            row.delivery_id === null
              ? []
              : [{ accountId: row.account_id, destinationId: row.id, since: toCreatedAt(row.delivery_id) }],
          ),
      ),
    findForReceipt: (accountId, receiptId) =>
      ofReceipt
        .all(accountId, receiptId)
        .map((row) => ({ ...toDelivery(row), url: row.url, tries: attemptsOf.all(row.id).map(toAttempt) })),
  };
}

function isHeld(held: Leases, id: number, now: number): boolean {
  const until = held.get(id);
  return until !== undefined && until > now;
}
