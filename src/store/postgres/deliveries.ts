import type { AccountId } from '../../domain/account.ts';
import type { ClaimedBatch, RepeatCause, Settlement } from '../../domain/delivery.ts';
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
import { toBefore, toPage } from '../rows/paging.ts';
import { receiptColumns, toReceipt } from '../rows/receipts.ts';
import { receiptTables } from './receipts.ts';
import type { ReceiptRow } from '../rows/receipts.ts';
import type { ClaimRequest, Deliveries, DeliveryFilter, Timeline } from '../store.ts';
import { Batches } from './batches.ts';
import { isOwnFault } from './connection.ts';
import type { Connection, Transaction } from './connection.ts';
import type { DestinationVerbs } from './destinations.ts';
import type { Recorder } from './journal.ts';

interface LeasedRow extends DueRow {
  /** 1 when its last lease lapsed: it may have been pushed without a record of it. */
  readonly lapsed: number;
}

/** Most settlements written in one transaction. */
const maxSettlements = 128;

// What belongs to a delivery is looked up by a subquery each, which the planner cannot turn into a walk over all there is.
const ofReceipt = 'FROM receipt r WHERE r.account_id = d.account_id AND r.id = d.receipt_id';
const dueColumns = `d.id, d.receipt_id, coalesce(d.leased_from, d.due_at) AS due_at, d.attempts, d.round_start, d.cause, d.batch,
  (SELECT r.type ${ofReceipt}) AS type, CASE WHEN d.leased_from IS NULL THEN 0 ELSE 1 END AS lapsed`;
const columns = `d.id, d.account_id, d.destination_id, (SELECT r.key ${ofReceipt}) AS key, d.state, d.due_at, d.attempts, d.lane, d.place`;
const matching = `AND ($3::bigint IS NULL OR d.destination_id = $3) AND ($4::bigint IS NULL OR d.id >= $4) AND ($5::bigint IS NULL OR d.id < $5)`;
/** State numbers are written out so that the partial indexes serve. */
const inState = {
  any: '',
  waiting: 'AND d.state = 0',
  blocked: 'AND d.state = 1',
  done: 'AND d.state = 2',
  dead: 'AND d.state = 3',
};
const overState = { any: 'AND d.state >= 2', done: 'AND d.state = 2', dead: 'AND d.state = 3' };

export function deliveryVerbs(
  db: Connection,
  recordChange: Recorder,
  destinations: DestinationVerbs,
): Deliveries & {
  /** The deliveries of one receipt with their attempts. */
  findForReceipt: (accountId: AccountId, receiptId: number) => Promise<Timeline['deliveries']>;
} {
  async function claim(tx: Transaction, request: ClaimRequest): Promise<ClaimedBatch[]> {
    const { accountId, destinationId, limit, batchSize, now, leaseMs } = request;
    const rows = await tx.all<LeasedRow>(
      `SELECT ${dueColumns} FROM delivery d WHERE d.account_id = $1 AND d.destination_id = $2 AND d.state = 0 AND d.due_at <= $3
       ORDER BY d.due_at, d.id LIMIT $4 FOR UPDATE SKIP LOCKED`,
      [accountId, destinationId, now, limit * batchSize],
    );
    if (rows.length === 0) return [];
    const known = [...new Set(rows.flatMap(({ batch }) => (batch === null ? [] : [batch])))];
    const members =
      known.length === 0
        ? []
        : await tx.all<LeasedRow>(
            `SELECT ${dueColumns} FROM delivery d WHERE d.account_id = $1 AND d.destination_id = $2 AND d.state = 0 AND d.batch = ANY ($4)
               AND d.due_at <= $3 ORDER BY d.id FOR UPDATE SKIP LOCKED`,
            [accountId, destinationId, now, known],
          );
    const lapsed = new Set([...rows, ...members].filter((row) => row.lapsed === 1).map(({ id }) => id));
    const batches = toBatches(rows, request, (batch) => members.filter((member) => member.batch === batch));
    const claimed = batches.flat();
    const heads = batches.flatMap((batch) => batch.map(() => (batchSize > 1 ? (batch[0]?.id ?? 0) : 0)));
    await tx.run(
      `UPDATE delivery d SET leased_from = coalesce(d.leased_from, d.due_at), due_at = $2,
         batch = coalesce(d.batch, nullif(c.head, 0))
       FROM unnest($3::bigint[], $4::bigint[]) c(id, head) WHERE d.account_id = $1 AND d.id = ANY ($3) AND d.id = c.id`,
      [accountId, now + leaseMs, claimed.map(({ id }) => id), heads],
    );
    const receipts = await tx.all<ReceiptRow>(
      `SELECT ${receiptColumns} ${receiptTables} WHERE r.account_id = $1 AND r.id = ANY ($2)`,
      [accountId, claimed.map((row) => row.receipt_id)],
    );
    const byId = new Map(receipts.map((row) => [row.id, row]));
    return batches.map((batch) => {
      const [head] = batch;
      if (head === undefined) throw new Error('A batch has members.');
      const toCause = (row: DueRow): RepeatCause | null => (lapsed.has(row.id) ? 'recovery' : row.cause);
      return {
        accountId,
        destinationId,
        members: batch.map((row) => {
          const receipt = byId.get(row.receipt_id);
          if (receipt === undefined)
            throw new Error(`Receipt ${row.receipt_id} of delivery ${row.id} is not there.`);
          return { deliveryId: row.id, receipt: toReceipt(receipt) };
        }),
        attempt: head.attempts - head.round_start + 1,
        cause: batch.map(toCause).find((cause) => cause !== null) ?? null,
      };
    });
  }

  async function settle(calls: readonly (readonly Settlement[])[]): Promise<undefined[]> {
    const settlements = calls.flat();
    const [first] = settlements;
    if (first === undefined) return calls.map(() => undefined);
    const { accountId } = first;
    await db.call('SELECT settle_deliveries($1, $2, $3)', [
      accountId,
      db.now(),
      JSON.stringify(settlements.map(toRow)),
    ]);
    db.signals.tell(
      settlements.map(({ destinationId }) => ({ kind: 'deliveries', accountId, destinationId })),
    );
    return calls.map(() => undefined);
  }

  const settling = new Batches<readonly Settlement[], undefined>(
    { run: settle, weigh: (call) => call.length, maxWeight: maxSettlements, lanes: 1 },
    isOwnFault,
  );

  async function select(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    limit: number,
  ): Promise<DeliveryRow[]> {
    if (filter.deliveryIds !== undefined) {
      const rows = await db.all<DeliveryRow>(
        `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id = ANY ($2) AND d.id < $3 ORDER BY d.id DESC`,
        [accountId, [...filter.deliveryIds], before],
      );
      return rows.filter((row) => isMatch(row, filter)).slice(0, limit);
    }
    // Ids grow with time, so a range of time is a range of ids.
    return db.all<DeliveryRow>(
      `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id < $2 ${matching} ${inState[filter.state ?? 'any']}
       ORDER BY d.id DESC LIMIT $6`,
      [
        accountId,
        before,
        filter.destinationId ?? null,
        filter.since === undefined ? null : filter.since * 4096,
        filter.until === undefined ? null : filter.until * 4096,
        limit,
      ],
    );
  }

  /** What is over and matches, from after the id `after` on, oldest first. */
  async function selectOver(
    accountId: AccountId,
    filter: DeliveryFilter,
    after: number,
    limit: number,
  ): Promise<DeliveryRow[]> {
    if (filter.deliveryIds !== undefined) {
      const rows = await select(accountId, filter, Number.MAX_SAFE_INTEGER, filter.deliveryIds.length);
      return rows
        .filter((row) => row.state >= stateNumber.done && row.id > after)
        .sort((a, b) => a.id - b.id)
        .slice(0, limit);
    }
    const { state = 'any' } = filter;
    if (state === 'waiting' || state === 'blocked') return [];
    const since = (filter.since ?? 0) * 4096;
    return db.all<DeliveryRow>(
      `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id > $2 ${matching} ${overState[state]} ORDER BY d.id LIMIT $6`,
      [
        accountId,
        Math.max(after, since - 1),
        filter.destinationId ?? null,
        since,
        filter.until === undefined ? null : filter.until * 4096,
        limit,
      ],
    );
  }

  return {
    ...destinations,
    findBusyDestinations: async () => {
      const rows = await db.all<{ account_id: number; id: number }>(
        `SELECT account_id, id FROM destination t WHERE EXISTS
           (SELECT 1 FROM delivery d WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0)`,
      );
      return rows.map((row) => ({ accountId: row.account_id, destinationId: row.id }));
    },
    claimDeliveries: (request) => db.tx((tx) => claim(tx, request)),
    settleDeliveries: async (settlements) => {
      const byAccount = Map.groupBy(settlements, ({ accountId }) => accountId);
      await Promise.all([...byAccount].map(([accountId, own]) => settling.add(String(accountId), own)));
    },
    releaseDeliveries: async (accountId, destinationId, deliveryIds) => {
      await db.call(
        `UPDATE delivery SET due_at = leased_from, leased_from = NULL
         WHERE account_id = $1 AND destination_id = $2 AND id = ANY ($3) AND state + 0 = 0 AND leased_from IS NOT NULL`,
        [accountId, destinationId, [...deliveryIds]],
      );
      db.signals.tell([{ kind: 'deliveries', accountId, destinationId }]);
    },
    findNextDue: async (accountId, destinationId) => {
      const row = await db.get<{ due_at: number }>(
        'SELECT due_at FROM delivery WHERE account_id = $1 AND destination_id = $2 AND state = 0 ORDER BY due_at, id LIMIT 1',
        [accountId, destinationId],
      );
      return row?.due_at;
    },
    listDeliveries: async (accountId, filter, page) =>
      toPage(await select(accountId, filter, toBefore(page), page.limit + 1), page.limit, toDelivery),
    countDeliveries: async (accountId, filter, atMost) =>
      (await select(accountId, filter, Number.MAX_SAFE_INTEGER, atMost)).length,
    replayDeliveries: async (accountId, filter, page, actor) => {
      // Oldest first, so that the receipts of one lane keep their order.
      const rows = await selectOver(accountId, filter, toAfter(page), page.limit + 1);
      const { items, next } = toPage(rows, page.limit, (row) => row);
      const replayed = await db.tx(async (tx) => {
        await tx.get('SELECT hold_lanes($1, $2)', [accountId, items.map(({ lane }) => lane)]);
        const restarts = items.map(({ id, destination_id: destination, lane }) => ({
          id,
          destination,
          lane,
          place: db.nextId(),
        }));
        const sql = 'SELECT replay_deliveries($1, $2, $3) AS count';
        const row = await tx.get<{ count: number }>(sql, [accountId, db.now(), JSON.stringify(restarts)]);
        const count = row?.count ?? 0;
        for (const { destination_id: destinationId } of items)
          tx.signal({ kind: 'deliveries', accountId, destinationId });
        if (count > 0)
          await recordChange(tx, accountId, actor, 'delivery.replayed', 'deliveries', {
            ...filter,
            replayed: count,
          });
        return count;
      });
      return { replayed, next };
    },
    findOldestUndelivered: async () => {
      const rows = await db.all<{ account_id: number; id: number; delivery_id: number | null }>(
        `SELECT t.account_id, t.id, (SELECT min(d.id) FROM (SELECT id FROM delivery WHERE account_id = t.account_id AND destination_id = t.id
           AND state = 0 ORDER BY due_at, id LIMIT 1000) d) AS delivery_id FROM destination t`,
      );
      return rows.flatMap((row) =>
        row.delivery_id === null
          ? []
          : [{ accountId: row.account_id, destinationId: row.id, since: toCreatedAt(row.delivery_id) }],
      );
    },
    findForReceipt: async (accountId, receiptId) => {
      const rows = await db.all<DeliveryRow & { url: string }>(
        `SELECT ${columns}, (SELECT t.url FROM destination t WHERE t.account_id = d.account_id AND t.id = d.destination_id) AS url
         FROM delivery d WHERE d.account_id = $1 AND d.receipt_id = $2 ORDER BY d.id`,
        [accountId, receiptId],
      );
      const attempts = await db.all<AttemptRow & { delivery_id: number }>(
        `SELECT delivery_id, at, duration_ms, status, outcome, answer FROM attempt
         WHERE account_id = $1 AND delivery_id = ANY ($2) ORDER BY delivery_id, number`,
        [accountId, rows.map(({ id }) => id)],
      );
      return rows.map((row) => ({
        ...toDelivery(row),
        url: row.url,
        tries: attempts.filter((attempt) => attempt.delivery_id === row.id).map(toAttempt),
      }));
    },
  };
}

function toRow({ destinationId, deliveryId, attempt, next }: Settlement): object {
  return {
    id: deliveryId,
    destination: destinationId,
    at: attempt.at,
    duration: Math.round(attempt.durationMs),
    status: attempt.status ?? undefined,
    outcome: attempt.outcome,
    // An answer is whatever a receiver sent.
    answer: attempt.answer.toWellFormed().replaceAll('\0', '\uFFFD'),
    state: next.kind === 'retry' ? stateNumber.waiting : stateNumber[next.kind],
    ...(next.kind === 'retry' ? { due: next.dueAt, cause: next.cause } : {}),
  };
}
