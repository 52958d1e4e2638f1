// Lists and counts of deliveries, and which of them a replay means.
import { maxId, toPreceding, toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Delivery } from '../../domain/delivery.ts';
import type { DeliveryFilter, DestinationCounts, Page, PageRequest, Timeline } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import { isMatch, isUnwanted, stateNumber, toAttempt, toDelivery, withUnwanted } from './rows.ts';
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

const columns = `d.id, d.account_id, d.destination_id, r.key, d.state, d.due_at, d.attempts, d.lane, d.place,
  CASE WHEN d.state = 1 THEN (SELECT u.since FROM unwanted u WHERE u.account_id = d.account_id AND u.delivery_id = d.id) END AS unwanted_since`;
const selectDelivery = `SELECT ${columns} FROM delivery d JOIN receipt r ON r.id = d.id`;
const matching = 'AND (?3 IS NULL OR d.destination_id = ?3) AND d.id >= ?4 AND (?5 IS NULL OR d.id < ?5)';
const ofOne = 'AND d.destination_id = ?3 AND d.id >= ?4 AND (?5 IS NULL OR d.id < ?5)';

/** Which deliveries a listing means. State numbers are written out so that the partial indexes serve. */
const wanted = {
  any: matching,
  waiting: `${matching} AND d.state <= 1 AND d.state = 0`,
  blocked: `${matching} AND d.state <= 1 AND d.state = 1 AND NOT ${isUnwanted}`,
  unwanted: `${matching} AND d.state <= 1 AND d.state = 1 AND ${isUnwanted}`,
  done: `${matching} AND d.state = 2`,
  dead: `${matching} AND d.state = 3`,
  // Of one destination, which has an index of its own.
  deadOfOne: `${ofOne} AND d.state = 3`,
};

type Listing = keyof typeof wanted;

/** Newest first, before an id. */
const toNewest = (listing: Listing): string =>
  `${selectDelivery} WHERE d.account_id = ?1 AND d.id < ?2 ${wanted[listing]} ORDER BY d.id DESC LIMIT ?6`;

/** What is over, oldest first, after an id. */
const toOldestOver = (listing: Listing): string =>
  `${selectDelivery} WHERE d.account_id = ?1 AND d.id > ?2 ${wanted[listing]} AND d.state >= 2 ORDER BY d.id LIMIT ?6`;

/** How many, up to a bound. */
const toNumber = (listing: Listing): string =>
  `SELECT count(*) AS count FROM (SELECT 1 FROM delivery d WHERE d.account_id = ?1 AND d.id < ?2 ${wanted[listing]} LIMIT ?6)`;

/** Of each destination of an account, how many wait and are dead, each up to a bound. */
const countOfEach = `SELECT t.id AS "destinationId",
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0 LIMIT ?2) w) AS waiting,
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 3 LIMIT ?2) w) AS dead
  FROM destination t WHERE t.account_id = ?1 ORDER BY t.id`;

/** Of each destination that has any, how many of the oldest that settings do not want are its. */
const countUnwanted = `SELECT d.destination_id AS "destinationId", count(*) AS unwanted
  FROM (SELECT delivery_id FROM unwanted WHERE account_id = ?1 ORDER BY delivery_id LIMIT ?2) u
    JOIN delivery d ON d.id = u.delivery_id AND d.state = 1 GROUP BY d.destination_id`;

/** The delivery of a receipt with where it goes, also when that was removed since. */
const ofReceipt = `SELECT ${columns}, coalesce(t.url, o.url, '') AS url FROM delivery d JOIN receipt r ON r.id = d.id
    LEFT JOIN destination t ON t.id = d.destination_id
    LEFT JOIN removed_destination o ON o.account_id = d.account_id AND o.id = d.destination_id
  WHERE d.account_id = ? AND d.id = ?`;

/** The last row of a walk over what is not over. */
const walkOpenEnd =
  'SELECT id FROM delivery WHERE account_id = ? AND id < ? AND id >= ? AND state <= 1 ORDER BY id DESC LIMIT 1 OFFSET ?';

/** What is run to list deliveries; what is prepared for each listing, when it is first asked for. */
function listStatements(db: Connection) {
  return {
    newest: lazily((listing: Listing) => db.prepare<DeliveryRow>(toNewest(listing))),
    oldestOver: lazily((listing: Listing) => db.prepare<DeliveryRow>(toOldestOver(listing))),
    numberOf: lazily((listing: Listing) => db.prepare<{ count: number }>(toNumber(listing))),
    walkEnd: db.prepare<{ id: number }>(
      'SELECT id FROM delivery WHERE id < ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ?',
    ),
    walkOpenEnd: db.prepare<{ id: number }>(walkOpenEnd),
    walkTop: db.prepare<{ id: number }>(
      'SELECT id FROM delivery WHERE id > ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?',
    ),
    countOfEach: db.prepare<{ destinationId: number; waiting: number; dead: number }>(countOfEach),
    countUnwanted: db.prepare<{ destinationId: number; unwanted: number }>(countUnwanted),
    byId: db.prepare<DeliveryRow>(`${selectDelivery} WHERE d.id = ? AND d.account_id = ?`),
    ofReceipt: db.prepare<DeliveryRow & { url: string }>(ofReceipt),
    attemptsOf: db.prepare<AttemptRow>(
      'SELECT at, duration_ms, status, outcome, answer FROM attempt WHERE delivery_id = ? ORDER BY number',
    ),
  };
}

/** What people see of deliveries. */
export class DeliveryLists {
  readonly #sql;

  constructor(db: Connection) {
    this.#sql = listStatements(db);
  }

  list(accountId: AccountId, filter: DeliveryFilter, page: PageRequest): Page<Delivery> {
    const [before, since] = [toBefore(page), toSinceId(filter)];
    const walkedTo = this.#findWalkEnd(accountId, filter, before, maxWalked);
    const rows = this.#select(accountId, filter, before, page.limit + 1, walkedTo ?? since);
    return toPage(rows, page.limit, toDelivery, walkedTo);
  }

  count(
    accountId: AccountId,
    filter: DeliveryFilter,
    atMost: number,
  ): { readonly count: number; readonly isMore: boolean } {
    if (filter.deliveryIds !== undefined)
      return { count: this.#select(accountId, filter, maxId, atMost).length, isMore: false };
    const until = toUntilId(filter);
    const walkedTo = this.#findWalkEnd(accountId, filter, until ?? maxId, atMost);
    const from = walkedTo ?? toSinceId(filter);
    const destinationId = filter.destinationId ?? null;
    const statement = this.#sql.numberOf(toListing(filter));
    const count = statement.get(accountId, maxId, destinationId, from, until, atMost)?.count ?? 0;
    return { count, isMore: walkedTo !== undefined || count >= atMost };
  }

  countByDestination(accountId: AccountId, atMost: number): readonly DestinationCounts[] {
    const counts = this.#sql.countOfEach.all(accountId, atMost);
    return withUnwanted(counts, this.#sql.countUnwanted.all(accountId, atMost));
  }

  /** The deliveries of one receipt with their attempts. */
  findForReceipt(accountId: AccountId, receiptId: number): Timeline['deliveries'] {
    return this.#sql.ofReceipt.all(accountId, receiptId).map((row) => {
      const tries = this.#sql.attemptsOf.all(row.id).map(toAttempt);
      return { ...toDelivery(row), url: row.url, tries };
    });
  }

  /** What is over and matches, from after the id `after` on, oldest first; and the last row looked at, if more may match. */
  findOver(
    accountId: AccountId,
    filter: DeliveryFilter,
    after: number,
    limit: number,
  ): { readonly rows: readonly DeliveryRow[]; readonly walkedTo?: number | undefined } {
    if (filter.deliveryIds !== undefined) {
      const rows = this.#select(accountId, filter, maxId, filter.deliveryIds.length)
        .filter((row) => row.state >= stateNumber.done && row.id > after)
        .sort((a, b) => a.id - b.id)
        .slice(0, limit);
      return { rows };
    }
    const listing = toOverListing(filter);
    if (listing === undefined) return { rows: [] };
    const since = toSinceId(filter);
    const until = toUntilId(filter);
    const from = Math.max(after, toPreceding(since));
    const walkedTo =
      filter.state === 'dead' ? undefined : this.#sql.walkTop.get(from, until ?? maxId, maxWalked)?.id;
    const end = walkedTo === undefined ? until : walkedTo + 1;
    const destinationId = filter.destinationId ?? null;
    const rows = this.#sql.oldestOver(listing).all(accountId, from, destinationId, since, end, limit);
    return { rows, walkedTo };
  }

  /** What matches before an id, newest first. */
  #select(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    limit: number,
    from = toSinceId(filter),
  ): DeliveryRow[] {
    if (filter.deliveryIds !== undefined) {
      const ids = filter.deliveryIds.filter((id) => id < before);
      return ids
        .map((id) => this.#sql.byId.get(id, accountId))
        .filter((row) => row !== undefined)
        .filter((row) => isMatch(row, filter))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit);
    }
    const destinationId = filter.destinationId ?? null;
    const statement = this.#sql.newest(toListing(filter));
    return statement.all(accountId, before, destinationId, from, toUntilId(filter), limit);
  }

  /** The last row that a listing looks at which has to walk, when there may be more behind it. */
  #findWalkEnd(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    atMost: number,
  ): number | undefined {
    if (!isPartialOfDeliveries(filter)) return undefined;
    const since = toSinceId(filter);
    const row = isOpen(filter.state)
      ? this.#sql.walkOpenEnd.get(accountId, before, since, atMost)
      : this.#sql.walkEnd.get(before, since, atMost);
    return row?.id;
  }
}

/** What `make` gives for a key, made when it is first asked for. */
function lazily<K, T>(make: (key: K) => T): (key: K) => T {
  const made = new Map<K, T>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}
