// Lists and counts of deliveries, and what of them is replayed.
import { maxId, toFollowing, toIdTime, toPreceding, toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Delivery } from '../../domain/delivery.ts';
import {
  isMatch,
  isUnwanted,
  oldestOfEach,
  stateNumber,
  toAttempt,
  toDelivery,
  withUnwanted,
} from './rows.ts';
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
import type {
  DeliveryFilter,
  DeliveryViews,
  DestinationCounts,
  Page,
  PageRequest,
  Timeline,
} from '../store.ts';
import type { Connection } from '../postgres/connection.ts';

// The delivery has its receipt's id. The receipt is looked up by a subquery, which the planner cannot turn into a walk.
const columns = `d.id, d.account_id, d.destination_id, (SELECT r.key FROM receipt r WHERE r.account_id = d.account_id AND r.id = d.id) AS key,
  d.state, d.due_at, d.attempts, d.lane, d.place,
  CASE WHEN d.state = 1 THEN (SELECT u.since FROM unwanted u WHERE u.account_id = d.account_id AND u.delivery_id = d.id) END AS unwanted_since`;
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
type Listing = keyof typeof wanted;
const overWanted = {
  any: `${matching} AND d.state >= 2`,
  done: wanted.done,
  dead: wanted.dead,
  deadOfOne: wanted.deadOfOne,
};

/** Newest first, from below an id on. */
const listWanted = (listing: Listing): string =>
  `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id < $2 ${wanted[listing]} ORDER BY d.id DESC LIMIT $6`;

const countWanted = (listing: Listing): string =>
  `SELECT count(*)::int AS count FROM
     (SELECT 1 FROM delivery d WHERE d.account_id = $1 AND d.id < $2 ${wanted[listing]} LIMIT $6) w`;

/** What is over, oldest first, from above an id on. */
const listOver = (listing: keyof typeof overWanted): string =>
  `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id > $2 ${overWanted[listing]} ORDER BY d.id LIMIT $6`;

/** Those of some ids, newest first. */
const listOfIds = `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id = ANY ($2) AND d.id < $3 ORDER BY d.id DESC`;

/** The last row of a walk of so many, newest first: over all, or over what is not over; and oldest first. */
const walkEnd =
  'SELECT id FROM delivery WHERE account_id = $1 AND id < $2 AND id >= $3 ORDER BY id DESC OFFSET $4 LIMIT 1';
const walkOpenEnd =
  'SELECT id FROM delivery WHERE account_id = $1 AND id < $2 AND id >= $3 AND state <= 1 ORDER BY id DESC OFFSET $4 LIMIT 1';
const walkTop =
  'SELECT id FROM delivery WHERE account_id = $1 AND id > $2 AND id < $3 ORDER BY id OFFSET $4 LIMIT 1';

/** How many wait for each destination, and how many are dead, each counted so far. */
const countOfEach = `SELECT t.id AS "destinationId",
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0 LIMIT $2) w) AS waiting,
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 3 LIMIT $2) w) AS dead
  FROM destination t WHERE t.account_id = $1 ORDER BY t.id`;

/** How many of each destination are not wanted, among the oldest of the account. */
const countUnwanted = `SELECT d.destination_id AS "destinationId", count(*)::int AS unwanted
  FROM (SELECT delivery_id FROM unwanted WHERE account_id = $1 ORDER BY delivery_id LIMIT $2) u
    JOIN delivery d ON d.account_id = $1 AND d.id = u.delivery_id AND d.state = 1 GROUP BY d.destination_id`;

/** Those of a receipt with their last attempt, and the URL of a destination that may be gone. */
const ofReceipt = `SELECT ${columns}, d.at, d.duration_ms, d.status, d.outcome, d.answer,
    coalesce((SELECT t.url FROM destination t WHERE t.account_id = d.account_id AND t.id = d.destination_id),
      (SELECT o.url FROM removed_destination o WHERE o.account_id = d.account_id AND o.id = d.destination_id), '') AS url
  FROM delivery d WHERE d.account_id = $1 AND d.id = $2`;

const attemptsOf =
  'SELECT at, duration_ms, status, outcome, answer FROM attempt WHERE account_id = $1 AND delivery_id = $2 ORDER BY number';

/** Reads deliveries for people, and for those who choose among them. */
export class DeliveryLists {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  async list(accountId: AccountId, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>> {
    const [before, since] = [toBefore(page), toSinceId(filter)];
    const end = await this.#findWalkEnd(accountId, filter, before, maxWalked);
    const rows = await this.#select(accountId, filter, before, page.limit + 1, end ?? since);
    return toPage(rows, page.limit, toDelivery, end);
  }

  async count(
    accountId: AccountId,
    filter: DeliveryFilter,
    atMost: number,
  ): Promise<{ readonly count: number; readonly isMore: boolean }> {
    if (filter.deliveryIds !== undefined)
      return { count: (await this.#select(accountId, filter, maxId, atMost)).length, isMore: false };
    const [since, until] = [toSinceId(filter), toUntilId(filter)];
    const end = await this.#findWalkEnd(accountId, filter, until ?? maxId, atMost);
    const values = [accountId, maxId, filter.destinationId ?? null, end ?? since, until, atMost];
    const [row] = await this.#db.all<{ count: number }>(countWanted(toListing(filter)), values);
    const count = row?.count ?? 0;
    return { count, isMore: end !== undefined || count >= atMost };
  }

  async countByDestination(accountId: AccountId, atMost: number): Promise<readonly DestinationCounts[]> {
    const values = [accountId, atMost];
    return withUnwanted(
      await this.#db.all<{ destinationId: number; waiting: number; dead: number }>(countOfEach, values),
      await this.#db.all<{ destinationId: number; unwanted: number }>(countUnwanted, values),
    );
  }

  async findOldestUndelivered(): ReturnType<DeliveryViews['findOldestUndelivered']> {
    const rows = await this.#db.all<{ account_id: number; id: number; delivery_id: number | null }>(
      oldestOfEach,
    );
    return rows.flatMap((row) =>
      row.delivery_id === null
        ? []
        : [{ accountId: row.account_id, destinationId: row.id, since: toIdTime(row.delivery_id) }],
    );
  }

  /** The deliveries of one receipt with their attempts. */
  async findForReceipt(accountId: AccountId, receiptId: number): Promise<Timeline['deliveries']> {
    const key = [accountId, receiptId];
    const rows = await this.#db.all<DeliveryRow & AttemptRow & { url: string }>(ofReceipt, key);
    const earlier = await this.#db.all<AttemptRow>(attemptsOf, key);
    return rows.map((row) => ({
      ...toDelivery(row),
      url: row.url,
      tries: [...earlier, ...(row.outcome === null ? [] : [row])].map(toAttempt),
    }));
  }

  /** What is over and matches, from after the id `after` on, oldest first; and the last row looked at, if more may match. */
  async selectOver(
    accountId: AccountId,
    filter: DeliveryFilter,
    after: number,
    limit: number,
  ): Promise<{ readonly rows: readonly DeliveryRow[]; readonly walkedTo?: number | undefined }> {
    if (filter.deliveryIds !== undefined) {
      const rows = await this.#select(accountId, filter, maxId, filter.deliveryIds.length);
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
        : await this.#db.all<{ id: number }>(walkTop, [accountId, from, until ?? maxId, maxWalked]);
    const before = top === undefined ? until : toFollowing(top.id);
    const values = [accountId, from, filter.destinationId ?? null, since, before, limit];
    return { rows: await this.#db.all<DeliveryRow>(listOver(listing), values), walkedTo: top?.id };
  }

  /** What matches below the id `before`, newest first, and not below `from`. */
  async #select(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    limit: number,
    from = toSinceId(filter),
  ): Promise<DeliveryRow[]> {
    if (filter.deliveryIds !== undefined) {
      const values = [accountId, [...filter.deliveryIds], before];
      const rows = await this.#db.all<DeliveryRow>(listOfIds, values);
      return rows.filter((row) => isMatch(row, filter)).slice(0, limit);
    }
    const values = [accountId, before, filter.destinationId ?? null, from, toUntilId(filter), limit];
    return this.#db.all<DeliveryRow>(listWanted(toListing(filter)), values);
  }

  /** The last row that a listing looks at which has to walk, when there may be more behind it. */
  async #findWalkEnd(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    atMost: number,
  ): Promise<number | undefined> {
    if (!isPartialOfDeliveries(filter)) return undefined;
    const statement = isOpen(filter.state) ? walkOpenEnd : walkEnd;
    const [row] = await this.#db.all<{ id: number }>(statement, [
      accountId,
      before,
      toSinceId(filter),
      atMost,
    ]);
    return row?.id;
  }
}
