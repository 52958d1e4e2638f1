// Who stands in which lane. The index of lanes is at random places, and most deliveries are over before another of their lane comes: such a
// one is known in memory (alone) and enters the index when another comes, or when too many are known.
import type { Connection } from '../sqlite/connection.ts';
import { inParts, toRemoveById } from '../sqlite/statement.ts';

/** How a delivery stands to the index of lanes. */
export const laneNumber = {
  /** Outside: the only one ever of its lane. */
  first: 0,
  inside: 1,
  /** Outside, and known in memory: the only one of its lane that is not over. */
  alone: 2,
} as const;

/** Where a delivery has to keep its order. */
interface Lane {
  readonly accountId: number;
  readonly destinationId: number;
  readonly lane: number;
}

/** A delivery that comes to its lane. */
interface Comer extends Lane {
  readonly id: number;
  /** Whether it is the only one ever of its lane so far. */
  readonly isFirst: boolean;
}

/** Where a delivery stands. */
interface Stand {
  readonly laned: number;
  /** Behind another that is not over. */
  readonly isBlocked: boolean;
}

/** A delivery that may have been alone in its lane. */
interface Leaver {
  readonly id: number;
  readonly laned: number;
}

/** Deliveries that are known in memory, or as many as come at once; each more has the oldest enter the index. */
const maxAlone = 50_000;

/** What is run for lanes, prepared once. */
function laneStatements(db: Connection) {
  return {
    isTaken: db.prepare(
      'SELECT 1 FROM delivery WHERE account_id = ? AND destination_id = ? AND lane = ? AND state <= 1 AND laned = 1 LIMIT 1',
    ),
    aloneIn: db.prepare<{ id: number }>('SELECT id FROM alone WHERE destination_id = ? AND lane = ?'),
    oldestAlone: db.prepare<{ id: number }>('SELECT id FROM alone ORDER BY id LIMIT ?'),
    countAlone: db.prepare<{ count: number }>('SELECT count(*) AS count FROM alone'),
    know: db.prepare('INSERT INTO alone (id, destination_id, lane) VALUES (?, ?, ?)'),
    forget: db.prepareRows(toRemoveById('alone WHERE id')),
    enter: db.prepare('UPDATE delivery SET laned = 1 WHERE id = ? AND laned <> 1 AND state <= 1'),
  };
}

/** The lanes of all deliveries, inside a transaction that the caller has. */
export class Lanes {
  readonly #sql;
  readonly #maxAlone: number;
  /** How many are known in memory. */
  readonly #known: (what: 'alone') => { count: number };

  constructor(db: Connection, atMost = maxAlone) {
    const sql = laneStatements(db);
    this.#sql = sql;
    this.#maxAlone = atMost;
    this.#known = db.remember(() => ({ count: sql.countAlone.get()?.count ?? 0 }));
  }

  /** Where each of these stands, which come in this order and are added next. */
  come(comers: readonly Comer[]): Stand[] {
    this.#makeRoom(comers.length);
    const together = Map.groupBy(comers, toText);
    const before = new Set<string>();
    return comers.map((one) => {
      const lane = toText(one);
      if (one.isFirst) {
        before.add(lane);
        return { laned: laneNumber.first, isBlocked: false };
      }
      const isBlocked = before.has(lane) || this.isTaken(one);
      before.add(lane);
      if (isBlocked || (together.get(lane) ?? []).length > 1) return { laned: laneNumber.inside, isBlocked };
      this.#know(one);
      return { laned: laneNumber.alone, isBlocked };
    });
  }

  /** Whether a lane has a delivery that is not over; one that was alone in it enters the index. */
  isTaken({ accountId, destinationId, lane }: Lane): boolean {
    const alone = this.#sql.aloneIn.get(destinationId, lane);
    if (alone !== undefined) this.enter(alone.id);
    return this.#sql.isTaken.get(accountId, destinationId, lane) !== undefined;
  }

  /** Puts a delivery that stood outside into the index of lanes, because another one comes after it. */
  enter(deliveryId: number): void {
    this.#sql.enter.run(deliveryId);
    this.#forget([deliveryId]);
  }

  /** Forgets those that were alone in their lanes and are no longer. */
  leave(leavers: readonly Leaver[]): void {
    const ids = leavers.flatMap(({ id, laned }) => (laned === laneNumber.alone ? [id] : []));
    if (ids.length > 0) this.#forget(ids);
  }

  /** Has the oldest enter the index, so that as many more can be known as come. */
  #makeRoom(comers: number): void {
    const tooMany = this.#known('alone').count + comers - this.#maxAlone;
    if (tooMany > 0) for (const { id } of this.#sql.oldestAlone.all(tooMany)) this.enter(id);
  }

  #know({ id, destinationId, lane }: Comer): void {
    this.#sql.know.run(id, destinationId, lane);
    this.#known('alone').count += 1;
  }

  #forget(ids: readonly number[]): void {
    for (const part of inParts(ids))
      this.#known('alone').count -= this.#sql.forget.of(part.length).run(...part);
  }
}

function toText({ destinationId, lane }: Lane): string {
  return `${destinationId}/${lane}`;
}
