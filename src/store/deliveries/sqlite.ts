import { maxId, toPreceding, toSinceId, toUntilId } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import { readSettings } from '../destinations/rows.ts';
import type { Deliveries, DeliveryFilter, Timeline } from '../store.ts';
import { claimVerbs } from './sqlite-claims.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';
import { inParts, repeat } from '../sqlite/statement.ts';
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

/** Whether a lane has a delivery that is not over. */
const openOfLane =
  'SELECT 1 FROM delivery WHERE account_id = ? AND destination_id = ? AND lane = ? AND state <= 1 AND laned = 1 LIMIT 1';

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
  const laneTaken = db.prepare(openOfLane);
  const enlist = db.prepare('UPDATE delivery SET laned = 1 WHERE id = ? AND laned = 0');
  const settingsOf = db.prepare<{ settings: string }>('SELECT settings FROM destination WHERE id = ?');
  const firstWait = db.remember((destinationId: number) => {
    const settings = settingsOf.get(destinationId)?.settings;
    if (settings === undefined) throw new Error(`Destination ${destinationId} is not there.`);
    return readSettings(settings).scheduleMs[0] ?? 0;
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

export function deliveryVerbs(
  db: Connection,
  recordChange: Recorder,
): Deliveries & {
  /** The deliveries of one receipt with their attempts. */
  findForReceipt: (accountId: AccountId, receiptId: number) => Timeline['deliveries'];
} {
  const columns = `d.id, d.account_id, d.destination_id, r.key, d.state, d.due_at, d.attempts, d.lane, d.place,
    CASE WHEN d.state = 1 THEN (SELECT u.since FROM unwanted u WHERE u.account_id = d.account_id AND u.delivery_id = d.id) END AS unwanted_since`;
  const listed = `SELECT ${columns} FROM delivery d JOIN receipt r ON r.id = d.id`;
  const isUnwanted =
    'EXISTS (SELECT 1 FROM unwanted u WHERE u.account_id = d.account_id AND u.delivery_id = d.id)';
  const matching = 'AND (?3 IS NULL OR d.destination_id = ?3) AND d.id >= ?4 AND (?5 IS NULL OR d.id < ?5)';
  const ofOne = 'AND d.destination_id = ?3 AND d.id >= ?4 AND (?5 IS NULL OR d.id < ?5)';
  // State numbers are written out so that the partial indexes serve.
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
  const newest = lazily((listing: keyof typeof wanted) =>
    db.prepare<DeliveryRow>(
      `${listed} WHERE d.account_id = ?1 AND d.id < ?2 ${wanted[listing]} ORDER BY d.id DESC LIMIT ?6`,
    ),
  );
  const oldestOver = lazily((listing: keyof typeof wanted) =>
    db.prepare<DeliveryRow>(
      `${listed} WHERE d.account_id = ?1 AND d.id > ?2 ${wanted[listing]} AND d.state >= 2 ORDER BY d.id LIMIT ?6`,
    ),
  );
  const numberOf = lazily((listing: keyof typeof wanted) =>
    db.prepare<{ count: number }>(
      `SELECT count(*) AS count FROM (SELECT 1 FROM delivery d WHERE d.account_id = ?1 AND d.id < ?2 ${wanted[listing]} LIMIT ?6)`,
    ),
  );
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
  const countUnwanted = db.prepare<{ destinationId: number; unwanted: number }>(
    `SELECT d.destination_id AS "destinationId", count(*) AS unwanted
     FROM (SELECT delivery_id FROM unwanted WHERE account_id = ?1 ORDER BY delivery_id LIMIT ?2) u
       JOIN delivery d ON d.id = u.delivery_id AND d.state = 1 GROUP BY d.destination_id`,
  );
  const byId = db.prepare<DeliveryRow>(`${listed} WHERE d.id = ? AND d.account_id = ?`);
  const ofReceipt = db.prepare<DeliveryRow & { url: string }>(
    `SELECT ${columns}, coalesce(t.url, o.url, '') AS url FROM delivery d JOIN receipt r ON r.id = d.id
       LEFT JOIN destination t ON t.id = d.destination_id
       LEFT JOIN removed_destination o ON o.account_id = d.account_id AND o.id = d.destination_id
     WHERE d.account_id = ? AND d.id = ?`,
  );
  const attemptsOf = db.prepare<AttemptRow>(
    'SELECT at, duration_ms, status, outcome, answer FROM attempt WHERE delivery_id = ? ORDER BY number',
  );
  const laneTaken = db.prepare(openOfLane);
  const restart = db.prepare(
    "UPDATE delivery SET laned = 1, state = ?, due_at = ?, place = ?, round_start = attempts, cause = 'replay', batch = NULL WHERE id = ? AND state >= 2 AND EXISTS (SELECT 1 FROM destination t WHERE t.id = delivery.destination_id)",
  );

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
    const statement = newest(toListing(filter));
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
      const rows = select(accountId, filter, maxId, filter.deliveryIds.length)
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
    const walkedTo = filter.state === 'dead' ? undefined : walkTop.get(from, until ?? maxId, maxWalked)?.id;
    const end = walkedTo === undefined ? until : walkedTo + 1;
    const rows = oldestOver(listing).all(accountId, from, filter.destinationId ?? null, since, end, limit);
    return { rows, walkedTo };
  }

  return {
    ...claimVerbs(db),
    listDeliveries: (accountId, filter, page) =>
      db.read(() => {
        const [before, since] = [toBefore(page), toSinceId(filter)];
        const walkedTo = findWalkEnd(accountId, filter, before, maxWalked);
        const rows = select(accountId, filter, before, page.limit + 1, walkedTo ?? since);
        return toPage(rows, page.limit, toDelivery, walkedTo);
      }),
    countDeliveries: (accountId, filter, atMost) =>
      db.read(() => {
        const before = maxId;
        if (filter.deliveryIds !== undefined)
          return { count: select(accountId, filter, before, atMost).length, isMore: false };
        const since = toSinceId(filter);
        const until = toUntilId(filter);
        const walkedTo = findWalkEnd(accountId, filter, until ?? before, atMost);
        const row = numberOf(toListing(filter)).get(
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
      db.read(() => withUnwanted(countOfEach.all(accountId, atMost), countUnwanted.all(accountId, atMost))),
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
    findForReceipt: (accountId, receiptId) =>
      ofReceipt
        .all(accountId, receiptId)
        .map((row) => ({ ...toDelivery(row), url: row.url, tries: attemptsOf.all(row.id).map(toAttempt) })),
  };
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
