// Lists and counts of deliveries, and which of them a replay means.
import { maxId, toPreceding, toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import type {
  DeliveryFilter,
  DestinationCounts,
  ListedDelivery,
  Page,
  PageRequest,
  Timeline,
} from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import {
  isMatch,
  isUnwanted,
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

const columns = `d.id, d.account_id, d.destination_id, r.key, d.state, d.due_at, d.attempts, d.lane, d.place,
  CASE WHEN d.state = 1 THEN (SELECT u.since FROM unwanted u WHERE u.account_id = d.account_id AND u.delivery_id = d.id) END AS unwanted_since`;
/** A delivery with its receipt and its last try. */
const joined = `delivery d JOIN receipt r ON r.id = d.id LEFT JOIN attempt a ON a.delivery_id = d.id AND a.number = d.attempts`;
const selectDelivery = `SELECT ${columns}, r.channel_id, r.sender_id, r.facts, a.at, a.duration_ms, a.status, a.outcome FROM ${joined}`;
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
/** A listing, and whether it asks for something of the receipt or of the last try. */
type Choice = Listing | `${Listing} narrowed`;

const toChoice = (listing: Listing, filter: DeliveryFilter): Choice =>
  isNarrowed(filter) ? `${listing} narrowed` : listing;

/** Facts that cannot be read are those of no user. */
const userOf = (member: string): string =>
  `CASE WHEN json_valid(r.facts) THEN r.facts ->> '$.user.${member}' END`;
const narrowing = `AND (?7 IS NULL OR r.type = ?7) AND (?8 IS NULL OR r.channel_id = ?8)
  AND (?9 IS NULL OR ${userOf('id')} = ?9 OR ${userOf('phone')} = ?9) AND (?10 IS NULL OR a.outcome = ?10) AND (?11 IS NULL OR a.status = ?11)`;

function toCondition(choice: Choice): string {
  const [listing, isMore] = choice.split(' ') as [Listing, string?];
  return isMore === undefined ? wanted[listing] : `${wanted[listing]} ${narrowing}`;
}

/** Newest first, before an id. */
const toNewest = (choice: Choice): string =>
  `${selectDelivery} WHERE d.account_id = ?1 AND d.id < ?2 ${toCondition(choice)} ORDER BY d.id DESC LIMIT ?6`;

/** What is over, oldest first, after an id. */
const toOldestOver = (choice: Choice): string =>
  `${selectDelivery} WHERE d.account_id = ?1 AND d.id > ?2 ${toCondition(choice)} AND d.state >= 2 ORDER BY d.id LIMIT ?6`;

/** How many, up to a bound. */
const toNumber = (choice: Choice): string =>
  `SELECT count(*) AS count FROM (SELECT 1 FROM ${choice.endsWith('narrowed') ? joined : 'delivery d'}
     WHERE d.account_id = ?1 AND d.id < ?2 ${toCondition(choice)} LIMIT ?6)`;

/**
 * Of each destination of an account, or of one, how many wait, are blocked and are dead, each up to a bound. What is blocked is in the
 * index of lanes, among the heads of lanes: so many of both are looked at that, where there are more, the bound is reached anyway.
 */
const countOfEach = `SELECT t.id AS "destinationId",
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0 LIMIT ?2) w) AS due,
    (SELECT count(*) FROM (SELECT d.id, d.account_id, d.state FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state <= 1 AND d.laned = 1 LIMIT ?2) d
      WHERE d.state = 1 AND NOT ${isUnwanted}) AS blocked,
    (SELECT count(*) FROM (SELECT 1 FROM delivery d
      WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 3 LIMIT ?2) w) AS dead
  FROM destination t WHERE t.account_id = ?1 AND (?3 IS NULL OR t.id = ?3) ORDER BY t.id`;

/** Of each destination that has any, how many of the oldest that settings do not want are its. */
const countUnwanted = `SELECT d.destination_id AS "destinationId", count(*) AS unwanted
  FROM (SELECT delivery_id FROM unwanted WHERE account_id = ?1 ORDER BY delivery_id LIMIT ?2) u
    JOIN delivery d ON d.id = u.delivery_id AND d.state = 1 GROUP BY d.destination_id`;

/** The delivery of a receipt with where it goes, also when that was removed since. */
const ofReceipt = `SELECT ${columns}, d.round_start, d.cause, coalesce(t.url, o.url, '') AS url FROM delivery d JOIN receipt r ON r.id = d.id
    LEFT JOIN destination t ON t.id = d.destination_id
    LEFT JOIN removed_destination o ON o.account_id = d.account_id AND o.id = d.destination_id
  WHERE d.account_id = ? AND d.id = ?`;

/** The last row of a walk over what is not over, over what is dead, and over what is dead of one destination. */
const walkDown = (which: string): string =>
  `SELECT id FROM delivery WHERE account_id = ?1 AND id < ?2 AND id >= ?3 AND ${which} ORDER BY id DESC LIMIT 1 OFFSET ?4`;
/** The same, oldest first. */
const walkUp = (which: string): string =>
  `SELECT id FROM delivery WHERE account_id = ?1 AND id > ?2 AND id < ?3 AND ${which} ORDER BY id LIMIT 1 OFFSET ?4`;
const ofOneDead = 'destination_id = ?5 AND state = 3';

/** What is run to list deliveries; what is prepared for each listing, when it is first asked for. */
function listStatements(db: Connection) {
  return {
    newest: lazily((choice: Choice) => db.prepare<ListedRow>(toNewest(choice))),
    oldestOver: lazily((choice: Choice) => db.prepare<DeliveryRow>(toOldestOver(choice))),
    numberOf: lazily((choice: Choice) => db.prepare<{ count: number }>(toNumber(choice))),
    walkEnd: db.prepare<{ id: number }>(
      'SELECT id FROM delivery WHERE id < ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ?',
    ),
    walkOpenEnd: db.prepare<{ id: number }>(walkDown('state <= 1')),
    walkDeadEnd: db.prepare<{ id: number }>(walkDown('state = 3')),
    walkDeadOfOneEnd: db.prepare<{ id: number }>(walkDown(ofOneDead)),
    walkDeadTop: db.prepare<{ id: number }>(walkUp('state = 3')),
    walkDeadOfOneTop: db.prepare<{ id: number }>(walkUp(ofOneDead)),
    walkTop: db.prepare<{ id: number }>(
      'SELECT id FROM delivery WHERE id > ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?',
    ),
    countOfEach: db.prepare<CountRow>(countOfEach),
    countUnwanted: db.prepare<{ destinationId: number; unwanted: number }>(countUnwanted),
    byId: db.prepare<ListedRow>(`${selectDelivery} WHERE d.id = ? AND d.account_id = ?`),
    ofReceipt: db.prepare<DeliveryRow & RoundRow & { url: string }>(ofReceipt),
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

  list(accountId: AccountId, filter: DeliveryFilter, page: PageRequest): Page<ListedDelivery> {
    const [before, since] = [toBefore(page), toSinceId(filter)];
    const walkedTo = this.#findWalkEnd(accountId, filter, before, maxWalked);
    const rows = this.#select(accountId, filter, before, page.limit + 1, walkedTo ?? since);
    return toPage(rows, page.limit, toListed, walkedTo);
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
    const values = [maxId, filter.destinationId ?? null, from, until, atMost, ...toMore(filter)];
    const statement = this.#sql.numberOf(toChoice(toListing(filter), filter));
    const count = statement.get(accountId, ...values)?.count ?? 0;
    return { count, isMore: walkedTo !== undefined || count >= atMost };
  }

  countByDestination(
    accountId: AccountId,
    atMost: number,
    destinationId?: number,
  ): readonly DestinationCounts[] {
    const counts = this.#sql.countOfEach.all(accountId, atMost, destinationId ?? null);
    return toDestinationCounts(counts, this.#sql.countUnwanted.all(accountId, atMost), atMost);
  }

  /** The deliveries of one receipt with their attempts. */
  findForReceipt(accountId: AccountId, receiptId: number): Timeline['deliveries'] {
    return this.#sql.ofReceipt.all(accountId, receiptId).map((row) => {
      const tries = this.#sql.attemptsOf.all(row.id).map(toAttempt);
      return { ...toDelivery(row), url: row.url, tries, ...toRound(row) };
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
    const walkedTo = this.#findWalkTop(accountId, filter, from, until ?? maxId);
    const end = walkedTo === undefined ? until : walkedTo + 1;
    const values = [from, filter.destinationId ?? null, since, end, limit, ...toMore(filter)];
    const rows = this.#sql.oldestOver(toChoice(listing, filter)).all(accountId, ...values);
    return { rows, walkedTo };
  }

  /** What matches before an id, newest first. */
  #select(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    limit: number,
    from = toSinceId(filter),
  ): ListedRow[] {
    if (filter.deliveryIds !== undefined) {
      const ids = filter.deliveryIds.filter((id) => id < before);
      return ids
        .map((id) => this.#sql.byId.get(id, accountId))
        .filter((row) => row !== undefined)
        .filter((row) => isMatch(row, filter))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit);
    }
    const values = [filter.destinationId ?? null, from, toUntilId(filter), limit, ...toMore(filter)];
    return this.#sql.newest(toChoice(toListing(filter), filter)).all(accountId, before, ...values);
  }

  /** The last row that a listing looks at which has to walk, when there may be more behind it. */
  #findWalkEnd(
    accountId: AccountId,
    filter: DeliveryFilter,
    before: number,
    atMost: number,
  ): number | undefined {
    if (!isPartialOfDeliveries(filter)) return undefined;
    const range = [before, toSinceId(filter), atMost] as const;
    const { state, destinationId } = filter;
    if (isOpen(state)) return this.#sql.walkOpenEnd.get(accountId, ...range)?.id;
    if (state !== 'dead') return this.#sql.walkEnd.get(...range)?.id;
    if (destinationId === undefined) return this.#sql.walkDeadEnd.get(accountId, ...range)?.id;
    return this.#sql.walkDeadOfOneEnd.get(accountId, ...range, destinationId)?.id;
  }

  /** The same of what is over, oldest first, from after an id on. */
  #findWalkTop(
    accountId: AccountId,
    filter: DeliveryFilter,
    from: number,
    until: number,
  ): number | undefined {
    const range = [from, until, maxWalked] as const;
    const { state, destinationId } = filter;
    if (state !== 'dead') return this.#sql.walkTop.get(...range)?.id;
    if (!isNarrowed(filter)) return undefined;
    if (destinationId === undefined) return this.#sql.walkDeadTop.get(accountId, ...range)?.id;
    return this.#sql.walkDeadOfOneTop.get(accountId, ...range, destinationId)?.id;
  }
}

/** What a statement of a narrowed listing takes besides. */
function toMore(filter: DeliveryFilter): ReturnType<typeof toNarrowing> {
  return isNarrowed(filter) ? toNarrowing(filter) : [];
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
