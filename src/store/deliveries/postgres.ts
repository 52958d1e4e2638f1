import { maxId, toFollowing, toIdTime, toPreceding, toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Settlement } from '../../domain/delivery.ts';
import { isMatch, stateNumber, toAfter, toAttempt, toDelivery, withUnwanted } from './rows.ts';
import type { AttemptRow, DeliveryRow } from './rows.ts';
import {
  isOpen,
  isPartialOfDeliveries,
  maxWalked,
  toBefore,
  toListing,
  toOverListing,
  toPage,
} from '../rows/paging.ts';
import type { Deliveries, DeliveryFilter, Timeline } from '../store.ts';
import { int8s, texts } from '../postgres/arrays.ts';
import { Batches } from '../postgres/batches.ts';
import { Claims } from './postgres-claims.ts';
import type { Lease } from './postgres-claims.ts';
import { isOwnFault } from '../postgres/connection.ts';
import type { Connection } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

/** Most settlements written in one transaction. */
const maxSettlements = 256;

// The delivery has its receipt's id. The receipt is looked up by a subquery, which the planner cannot turn into a walk.
const columns = `d.id, d.account_id, d.destination_id, (SELECT r.key FROM receipt r WHERE r.account_id = d.account_id AND r.id = d.id) AS key,
  d.state, d.due_at, d.attempts, d.lane, d.place,
  CASE WHEN d.state = 1 THEN (SELECT u.since FROM unwanted u WHERE u.account_id = d.account_id AND u.delivery_id = d.id) END AS unwanted_since`;
const isUnwanted =
  'EXISTS (SELECT 1 FROM unwanted u WHERE u.account_id = d.account_id AND u.delivery_id = d.id)';
const matching = `AND ($3::bigint IS NULL OR d.destination_id = $3) AND d.id >= $4::bigint AND ($5::bigint IS NULL OR d.id < $5)`;
/** State numbers are written out so that the partial indexes serve. */
const wanted = {
  any: matching,
  waiting: `${matching} AND d.state = 0`,
  blocked: `${matching} AND d.state = 1 AND NOT ${isUnwanted}`,
  unwanted: `${matching} AND d.state = 1 AND ${isUnwanted}`,
  done: `${matching} AND d.state = 2`,
  dead: `${matching} AND d.state = 3`,
  // Of one destination, which has an index of its own.
  deadOfOne: `AND d.destination_id = $3 AND d.id >= $4::bigint AND ($5::bigint IS NULL OR d.id < $5) AND d.state = 3`,
};
const overWanted = {
  any: `${matching} AND d.state >= 2`,
  done: wanted.done,
  dead: wanted.dead,
  deadOfOne: wanted.deadOfOne,
};
const walkEnd =
  'SELECT id FROM delivery WHERE account_id = $1 AND id < $2 AND id >= $3 ORDER BY id DESC OFFSET $4 LIMIT 1';
const walkOpenEnd =
  'SELECT id FROM delivery WHERE account_id = $1 AND id < $2 AND id >= $3 AND state <= 1 ORDER BY id DESC OFFSET $4 LIMIT 1';
const walkTop =
  'SELECT id FROM delivery WHERE account_id = $1 AND id > $2 AND id < $3 ORDER BY id OFFSET $4 LIMIT 1';
const countOfEach = `SELECT t.id AS "destinationId",
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0 LIMIT $2) w) AS waiting,
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 3 LIMIT $2) w) AS dead
  FROM destination t WHERE t.account_id = $1 ORDER BY t.id`;

const countUnwanted = `SELECT d.destination_id AS "destinationId", count(*)::int AS unwanted
  FROM (SELECT delivery_id FROM unwanted WHERE account_id = $1 ORDER BY delivery_id LIMIT $2) u
    JOIN delivery d ON d.account_id = $1 AND d.id = u.delivery_id AND d.state = 1 GROUP BY d.destination_id`;

export function deliveryVerbs(
  db: Connection,
  recordChange: Recorder,
): Deliveries & {
  /** The deliveries of one receipt with their attempts. */
  findForReceipt: (accountId: AccountId, receiptId: number) => Promise<Timeline['deliveries']>;
} {
  const claims = new Claims(db);

  async function settle(calls: readonly (readonly Settlement[])[]): Promise<undefined[]> {
    // Of two settlements of one delivery the first counts.
    const settlements = [
      ...new Map(
        calls
          .flat()
          .reverse()
          .map((one) => [one.deliveryId, one]),
      ).values(),
    ];
    const [first] = settlements;
    if (first === undefined) return calls.map(() => undefined);
    const { accountId } = first;
    const known = await findLeases(accountId, settlements);
    const open = settlements.flatMap((settlement) => {
      const lease = known.get(settlement.deliveryId);
      return lease === undefined ? [] : [{ ...settlement, lease }];
    });
    if (open.length > 0) {
      const [answer] = await db.call<{ freed: number[] }>(
        'SELECT settle_deliveries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) AS freed',
        [
          accountId,
          db.now(),
          int8s(open.map(({ deliveryId }) => deliveryId)),
          int8s(open.map(({ lease }) => lease.lane)),
          int8s(
            open.map(({ next }) => (next.kind === 'retry' ? stateNumber.waiting : stateNumber[next.kind])),
          ),
          int8s(open.map(({ next }) => (next.kind === 'retry' ? next.dueAt : null))),
          texts(open.map(({ next }) => (next.kind === 'retry' ? next.cause : null))),
          int8s(open.map(({ attempt }) => attempt.at)),
          int8s(open.map(({ attempt }) => Math.round(attempt.durationMs))),
          int8s(open.map(({ attempt }) => attempt.status)),
          texts(open.map(({ attempt }) => attempt.outcome)),
          texts(open.map(({ attempt }) => attempt.answer)),
          int8s(open.map(({ lease }) => lease.attempts)),
          int8s(open.map(({ next }) => (next.kind === 'retry' ? (next.batch ?? null) : null))),
          int8s(open.map(({ next }) => (next.kind === 'retry' && next.isSpared === true ? 1 : 0))),
        ],
      );
      // Whoever settled looks for more by himself; what has been let go may be another node's to push.
      db.signals.tell(
        (answer?.freed ?? []).map((destinationId) => ({ kind: 'deliveries', accountId, destinationId })),
      );
    }
    for (const { destinationId, deliveryId } of settlements) claims.drop(destinationId, deliveryId);
    return calls.map(() => undefined);
  }

  /** What is known of deliveries in hand; those that no longer are have to be looked up. */
  async function findLeases(
    accountId: AccountId,
    settlements: readonly Settlement[],
  ): Promise<ReadonlyMap<number, Pick<Lease, 'lane' | 'attempts'>>> {
    const known = new Map<number, Pick<Lease, 'lane' | 'attempts'>>();
    const missing: number[] = [];
    for (const { destinationId, deliveryId } of settlements) {
      const lease = claims.find(destinationId, deliveryId);
      if (lease === undefined) missing.push(deliveryId);
      else known.set(deliveryId, lease);
    }
    if (missing.length === 0) return known;
    const rows = await db.all<{ id: number; lane: number; attempts: number }>(
      'SELECT id, lane, attempts FROM delivery WHERE account_id = $1 AND id = ANY ($2) AND state + 0 <= 1',
      [accountId, missing],
    );
    for (const { id, lane, attempts } of rows) known.set(id, { lane, attempts });
    return known;
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
    from = toSinceId(filter),
  ): Promise<DeliveryRow[]> {
    if (filter.deliveryIds !== undefined) {
      const rows = await db.all<DeliveryRow>(
        `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id = ANY ($2) AND d.id < $3 ORDER BY d.id DESC`,
        [accountId, [...filter.deliveryIds], before],
      );
      return rows.filter((row) => isMatch(row, filter)).slice(0, limit);
    }
    return db.all<DeliveryRow>(
      `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id < $2 ${wanted[toListing(filter)]}
       ORDER BY d.id DESC LIMIT $6`,
      [accountId, before, filter.destinationId ?? null, from, toUntilId(filter), limit],
    );
  }

  /** The last row that a listing looks at which has to walk, when there may be more behind it. */
  async function findWalkEnd(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    atMost: number,
  ): Promise<number | undefined> {
    if (!isPartialOfDeliveries(filter)) return undefined;
    const statement = isOpen(filter.state) ? walkOpenEnd : walkEnd;
    const [row] = await db.all<{ id: number }>(statement, [accountId, before, toSinceId(filter), atMost]);
    return row?.id;
  }

  /** What is over and matches, from after the id `after` on, oldest first; and the last row looked at, if more may match. */
  async function selectOver(
    accountId: AccountId,
    filter: DeliveryFilter,
    after: number,
    limit: number,
  ): Promise<{ readonly rows: readonly DeliveryRow[]; readonly walkedTo?: number | undefined }> {
    if (filter.deliveryIds !== undefined) {
      const rows = await select(accountId, filter, maxId, filter.deliveryIds.length);
      const over = rows
        .filter((row) => row.state >= stateNumber.done && row.id > after)
        .sort((a, b) => a.id - b.id)
        .slice(0, limit);
      return { rows: over };
    }
    const listing = toOverListing(filter);
    if (listing === undefined) return { rows: [] };
    const [since, until] = [toSinceId(filter), toUntilId(filter)];
    const from = Math.max(after, toPreceding(since));
    const [top] =
      filter.state === 'dead'
        ? []
        : await db.all<{ id: number }>(walkTop, [accountId, from, until ?? maxId, maxWalked]);
    const before = top === undefined ? until : toFollowing(top.id);
    const rows = await db.all<DeliveryRow>(
      `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id > $2 ${overWanted[listing]} ORDER BY d.id LIMIT $6`,
      [accountId, from, filter.destinationId ?? null, since, before, limit],
    );
    return { rows, walkedTo: top?.id };
  }

  return {
    findBusyDestinations: async () => {
      const rows = await db.all<{ account_id: number; id: number }>(
        `SELECT account_id, id FROM destination t WHERE EXISTS
           (SELECT 1 FROM delivery d WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0)`,
      );
      return rows.map((row) => ({ accountId: row.account_id, destinationId: row.id }));
    },
    claimDeliveries: (request) => claims.claim(request),
    settleDeliveries: async (settlements) => {
      const byAccount = Map.groupBy(settlements, ({ accountId }) => accountId);
      await Promise.all([...byAccount].map(([accountId, own]) => settling.add(String(accountId), own)));
    },
    // A claim is not written, so neither is its return.
    releaseDeliveries: async (accountId, destinationId, deliveryIds) => {
      db.assertOpen();
      claims.release(destinationId, deliveryIds);
      db.signals.tell([{ kind: 'deliveries', accountId, destinationId }]);
    },
    findNextDue: (accountId, destinationId) => claims.findNextDue(accountId, destinationId),
    listDeliveries: async (accountId, filter, page) => {
      const [before, since] = [toBefore(page), toSinceId(filter)];
      const end = await findWalkEnd(accountId, filter, before, maxWalked);
      const rows = await select(accountId, filter, before, page.limit + 1, end ?? since);
      return toPage(rows, page.limit, toDelivery, end);
    },
    countDeliveries: async (accountId, filter, atMost) => {
      const before = maxId;
      if (filter.deliveryIds !== undefined)
        return { count: (await select(accountId, filter, before, atMost)).length, isMore: false };
      const since = toSinceId(filter);
      const until = toUntilId(filter);
      const end = await findWalkEnd(accountId, filter, until ?? before, atMost);
      const [row] = await db.all<{ count: number }>(
        `SELECT count(*)::int AS count FROM
           (SELECT 1 FROM delivery d WHERE d.account_id = $1 AND d.id < $2 ${wanted[toListing(filter)]} LIMIT $6) w`,
        [accountId, before, filter.destinationId ?? null, end ?? since, until, atMost],
      );
      const count = row?.count ?? 0;
      return { count, isMore: end !== undefined || count >= atMost };
    },
    countByDestination: async (accountId, atMost) => {
      const values = [accountId, atMost];
      return withUnwanted(
        await db.all<{ destinationId: number; waiting: number; dead: number }>(countOfEach, values),
        await db.all<{ destinationId: number; unwanted: number }>(countUnwanted, values),
      );
    },
    replayDeliveries: async (accountId, filter, page, actor) => {
      // Oldest first, so that the receipts of one lane keep their order.
      const { rows, walkedTo } = await selectOver(accountId, filter, toAfter(page), page.limit + 1);
      const { items, next } = toPage(rows, page.limit, (row) => row, walkedTo);
      const replayed = await db.tx(async (tx) => {
        await tx.get('SELECT hold_lanes($1, $2)', [accountId, items.map(({ lane }) => lane)]);
        const there = await tx.all<{ id: number }>(
          'SELECT id FROM destination WHERE account_id = $1 AND id = ANY ($2) FOR SHARE',
          [accountId, [...new Set(items.map((row) => row.destination_id))]],
        );
        const isThere = new Set(there.map(({ id }) => id));
        const restarts = items.flatMap(({ id, destination_id: destination, lane }) =>
          isThere.has(destination) ? [{ id, destination, lane }] : [],
        );
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
          : [{ accountId: row.account_id, destinationId: row.id, since: toIdTime(row.delivery_id) }],
      );
    },
    findForReceipt: async (accountId, receiptId) => {
      const rows = await db.all<DeliveryRow & AttemptRow & { url: string }>(
        `SELECT ${columns}, d.at, d.duration_ms, d.status, d.outcome, d.answer,
           coalesce((SELECT t.url FROM destination t WHERE t.account_id = d.account_id AND t.id = d.destination_id),
             (SELECT o.url FROM removed_destination o WHERE o.account_id = d.account_id AND o.id = d.destination_id), '') AS url
         FROM delivery d WHERE d.account_id = $1 AND d.id = $2`,
        [accountId, receiptId],
      );
      const earlier = await db.all<AttemptRow>(
        'SELECT at, duration_ms, status, outcome, answer FROM attempt WHERE account_id = $1 AND delivery_id = $2 ORDER BY number',
        [accountId, receiptId],
      );
      return rows.map((row) => ({
        ...toDelivery(row),
        url: row.url,
        tries: [...earlier, ...(row.outcome === null ? [] : [row])].map(toAttempt),
      }));
    },
  };
}
