import { toFollowing } from '../../domain/ids.ts';
import type { Stopwatch } from '../../runtime/clock.ts';
/** A place in the order in which messages are received. */
export interface Place {
  readonly priority: number;
  readonly id: number;
}

const start: Place = { priority: 0, id: 0 };
/**
 * A look from the start that takes longer, with so much more for each row, has probably walked over what was taken before
 * and could not be cleared away yet.
 */
const slowMs = 3;
const slowMsPerRow = 0.05;
/** After this long the start is looked at again. */
const trustMs = 250;

/**
 * Where the ready messages of each queue begin, while a session somewhere holds an old snapshot: deleted rows then stay in
 * the index, and every look from the start walks over all of them. Remembered only when that is felt; a message of another
 * node with a lower place may then be seen a quarter of a second late.
 */
export class QueueHeads {
  readonly #monotonic: () => number;
  readonly #heads = new Map<number, { readonly place: Place; readonly until: number }>();

  constructor({ monotonic }: Stopwatch) {
    this.#monotonic = monotonic;
  }

  /** Receives up to `limit` rows by `look`, which takes them in order from a place on. */
  async receive<Row extends Place>(
    queueId: number,
    limit: number,
    look: (limit: number, from: Place) => Promise<Row[]>,
  ): Promise<Row[]> {
    const head = this.#heads.get(queueId);
    if (head !== undefined && head.until > this.#monotonic()) {
      const rows = await look(limit, head.place);
      const last = rows.at(-1);
      // What fell due stands before the head; then the start is looked at again.
      const isAhead = rows.every((row) => compare(row, head.place) >= 0);
      if (last !== undefined && isAhead) this.#heads.set(queueId, { ...head, place: toNext(last) });
      else this.#heads.delete(queueId);
      if (rows.length === limit) return rows;
      return [...rows, ...(await this.#lookFromStart(queueId, limit - rows.length, look))];
    }
    return this.#lookFromStart(queueId, limit, look);
  }

  /** Messages of these priorities have been sent: those that stand before the head must be seen at once. */
  forgetFrom(queueId: number, priorities: readonly number[]): void {
    const head = this.#heads.get(queueId);
    if (head !== undefined && priorities.some((priority) => priority < head.place.priority))
      this.#heads.delete(queueId);
  }

  forget(queueId: number): void {
    this.#heads.delete(queueId);
  }

  async #lookFromStart<Row extends Place>(
    queueId: number,
    limit: number,
    look: (limit: number, from: Place) => Promise<Row[]>,
  ): Promise<Row[]> {
    const startedAt = this.#monotonic();
    const rows = await look(limit, start);
    const last = rows.at(-1);
    const endedAt = this.#monotonic();
    const isSlow = endedAt - startedAt > slowMs + slowMsPerRow * rows.length;
    if (isSlow && last !== undefined && rows.length === limit)
      this.#heads.set(queueId, { place: toNext(last), until: endedAt + trustMs });
    else this.#heads.delete(queueId);
    return rows;
  }
}

function compare(a: Place, b: Place): number {
  return a.priority - b.priority || a.id - b.id;
}

function toNext({ priority, id }: Place): Place {
  return { priority, id: toFollowing(id) };
}
