// Lists and counts of deliveries, and what of them is replayed.
import { maxId, toFollowing, toIdTime, toPreceding, toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import {
  isMatch,
  isUnwanted,
  oldestOfEach,
  stateNumber,
  toAttempt,
  toDestinationCounts,
  toDelivery,
  toListed,
  toNarrowing,
  toRound,
} from './rows.ts';
import type { AttemptRow, CountRow, DeliveryRow, ListedRow, RoundRow } from './rows.ts';
import {
  isNarrowed,
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
  ListedDelivery,
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

/** Of a delivery's receipt, looked up for each, which the planner cannot turn into a walk over receipts. */
const ofReceiptOf = (what: string): string =>
  `(SELECT ${what} FROM receipt r WHERE r.account_id = d.account_id AND r.id = d.id)`;
/** What is asked for of the receipt and of the last try. */
const narrowing = `AND ($7::text IS NULL OR ${ofReceiptOf('r.type')} = $7) AND ($8::text IS NULL OR ${ofReceiptOf('r.channel_id')} = $8)
  AND ($9::text IS NULL OR $9 = ANY (coalesce(${ofReceiptOf('user_names(r.facts)')}, '{}')))
  AND ($10::text IS NULL OR d.outcome = $10) AND ($11::int IS NULL OR d.status = $11)`;
const toCondition = (condition: string, filter: DeliveryFilter): string =>
  isNarrowed(filter) ? `${condition} ${narrowing}` : condition;
/** What a statement with such a condition takes besides. */
const toMore = (filter: DeliveryFilter): ReturnType<typeof toNarrowing> =>
  isNarrowed(filter) ? toNarrowing(filter) : [];

const overWanted = {
  any: `${matching} AND d.state >= 2`,
  done: wanted.done,
  dead: wanted.dead,
  deadOfOne: wanted.deadOfOne,
};

/** With the receipt and the last try of each. */
const listedColumns = `${columns}, ${ofReceiptOf('r.channel_id')} AS channel_id, ${ofReceiptOf('r.sender_id')} AS sender_id,
  ${ofReceiptOf('r.facts')} AS facts, d.at, d.duration_ms, d.status, d.outcome`;

/** Newest first, from below an id on. */
const listWanted = (listing: Listing, filter: DeliveryFilter): string =>
  `SELECT ${listedColumns} FROM delivery d WHERE d.account_id = $1 AND d.id < $2 ${toCondition(wanted[listing], filter)} ORDER BY d.id DESC LIMIT $6`;

const countWanted = (listing: Listing, filter: DeliveryFilter): string =>
  `SELECT count(*)::int AS count FROM
     (SELECT 1 FROM delivery d WHERE d.account_id = $1 AND d.id < $2 ${toCondition(wanted[listing], filter)} LIMIT $6) w`;

/** What is over, oldest first, from above an id on. */
const listOver = (listing: keyof typeof overWanted, filter: DeliveryFilter): string =>
  `SELECT ${columns} FROM delivery d WHERE d.account_id = $1 AND d.id > $2 ${toCondition(overWanted[listing], filter)} ORDER BY d.id LIMIT $6`;

/** Those of some ids, newest first. */
const listOfIds = `SELECT ${listedColumns} FROM delivery d WHERE d.account_id = $1 AND d.id = ANY ($2) AND d.id < $3 ORDER BY d.id DESC`;

/** Which rows a walk looks at: all, what is not over, what is dead, or that of one destination. */
const walks = {
  all: '',
  open: 'AND state <= 1',
  dead: 'AND state = 3',
  deadOfOne: 'AND destination_id = $5 AND state = 3',
};
/** The last row of a walk of so many, newest first; and oldest first. */
const walkEnd = (walk: keyof typeof walks): string =>
  `SELECT id FROM delivery WHERE account_id = $1 AND id < $2 AND id >= $3 ${walks[walk]} ORDER BY id DESC OFFSET $4 LIMIT 1`;
const walkTop = (walk: keyof typeof walks): string =>
  `SELECT id FROM delivery WHERE account_id = $1 AND id > $2 AND id < $3 ${walks[walk]} ORDER BY id OFFSET $4 LIMIT 1`;

/**
 * How many wait for each destination, or for one, are blocked and are dead, each counted so far. What is blocked is in the index of
 * lanes, among the heads of lanes: so many of both are looked at that, where there are more, the bound is reached anyway.
 */
const countOfEach = `SELECT t.id AS "destinationId",
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0 LIMIT $2) w) AS due,
    (SELECT count(*) FROM (SELECT d.id, d.account_id, d.state FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state <= 1 AND d.laned = 1 LIMIT $2) d
      WHERE d.state = 1 AND NOT ${isUnwanted}) AS blocked,
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 3 LIMIT $2) w) AS dead
  FROM destination t WHERE t.account_id = $1 AND ($3::bigint IS NULL OR t.id = $3) ORDER BY t.id`;

/** How many of each destination are not wanted, among the oldest of the account. */
const countUnwanted = `SELECT d.destination_id AS "destinationId", count(*)::int AS unwanted
  FROM (SELECT delivery_id FROM unwanted WHERE account_id = $1 ORDER BY delivery_id LIMIT $2) u
    JOIN delivery d ON d.account_id = $1 AND d.id = u.delivery_id AND d.state = 1 GROUP BY d.destination_id`;

/** Those of a receipt with their last attempt, and the URL of a destination that may be gone. */
const ofReceipt = `SELECT ${columns}, d.round_start, d.cause, d.at, d.duration_ms, d.status, d.outcome, d.answer,
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

  async list(accountId: AccountId, filter: DeliveryFilter, page: PageRequest): Promise<Page<ListedDelivery>> {
    const [before, since] = [toBefore(page), toSinceId(filter)];
    const end = await this.#findWalkEnd(accountId, filter, before, maxWalked);
    const rows = await this.#select(accountId, filter, before, page.limit + 1, end ?? since);
    return toPage(rows, page.limit, toListed, end);
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
    const sql = countWanted(toListing(filter), filter);
    const [row] = await this.#db.all<{ count: number }>(sql, [...values, ...toMore(filter)]);
    const count = row?.count ?? 0;
    return { count, isMore: end !== undefined || count >= atMost };
  }

  async countByDestination(
    accountId: AccountId,
    atMost: number,
    destinationId?: number,
  ): Promise<readonly DestinationCounts[]> {
    const values = [accountId, atMost];
    return toDestinationCounts(
      await this.#db.all<CountRow & Record<string, unknown>>(countOfEach, [...values, destinationId ?? null]),
      await this.#db.all<{ destinationId: number; unwanted: number }>(countUnwanted, values),
      atMost,
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
    const rows = await this.#db.all<DeliveryRow & RoundRow & AttemptRow & { url: string }>(ofReceipt, key);
    const earlier = await this.#db.all<AttemptRow>(attemptsOf, key);
    return rows.map((row) => ({
      ...toDelivery(row),
      url: row.url,
      ...toRound(row),
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
    const top = await this.#findWalkTop(accountId, filter, from, until ?? maxId);
    const before = top === undefined ? until : toFollowing(top);
    const values = [accountId, from, filter.destinationId ?? null, since, before, limit, ...toMore(filter)];
    return { rows: await this.#db.all<DeliveryRow>(listOver(listing, filter), values), walkedTo: top };
  }

  /** What matches below the id `before`, newest first, and not below `from`. */
  async #select(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    limit: number,
    from = toSinceId(filter),
  ): Promise<ListedRow[]> {
    if (filter.deliveryIds !== undefined) {
      const values = [accountId, [...filter.deliveryIds], before];
      const rows = await this.#db.all<ListedRow>(listOfIds, values);
      return rows.filter((row) => isMatch(row, filter)).slice(0, limit);
    }
    const values = [accountId, before, filter.destinationId ?? null, from, toUntilId(filter), limit];
    const sql = listWanted(toListing(filter), filter);
    return this.#db.all<ListedRow>(sql, [...values, ...toMore(filter)]);
  }

  /** The last row that a listing looks at which has to walk, when there may be more behind it. */
  async #findWalkEnd(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    atMost: number,
  ): Promise<number | undefined> {
    if (!isPartialOfDeliveries(filter)) return undefined;
    const range = [accountId, before, toSinceId(filter), atMost];
    return this.#walk(walkEnd, filter, range);
  }

  /** The same of what is over, oldest first, from above an id on. */
  async #findWalkTop(
    accountId: AccountId,
    filter: DeliveryFilter,
    from: number,
    until: number,
  ): Promise<number | undefined> {
    if (filter.state === 'dead' && !isNarrowed(filter)) return undefined;
    return this.#walk(walkTop, filter, [accountId, from, until, maxWalked]);
  }

  async #walk(
    statement: (walk: keyof typeof walks) => string,
    { state, destinationId }: DeliveryFilter,
    range: readonly number[],
  ): Promise<number | undefined> {
    const isOfOne = state === 'dead' && destinationId !== undefined;
    const walk = isOfOne ? 'deadOfOne' : state === 'dead' ? 'dead' : isOpen(state) ? 'open' : 'all';
    const values = isOfOne ? [...range, destinationId] : [...range];
    const [row] = await this.#db.all<{ id: number }>(statement(walk), values);
    return row?.id;
  }
}
