import type { Pool } from 'pg';
import { GatewayError } from '../../domain/errors.ts';
import { toNextId } from '../../domain/ids.ts';
import type { DatabaseClock } from './clock.ts';

/** How long a node keeps its number without renewing it, how often it renews, and when it stops trusting that it has it. */
const leaseMs = 60_000;
const renewMs = 15_000;
const trustMs = 45_000;
/** Numbers that there are: the ids of a time are shared among so many nodes. */
const numbers = 64;

/**
 * Takes the number that has been free for the longest time, so that a quick restart does not take up its own. A lease that lies
 * further ahead than leases last was made by a clock that was wrong; such a number is taken when there is no other. Materialized: the
 * row that was locked is the one that is taken, however often the join is looked at.
 */
const takeFree = `WITH free AS MATERIALIZED (
    SELECT number FROM node WHERE lease_until < $3 OR lease_until > $4
    ORDER BY lease_until > $4, lease_until, number LIMIT 1 FOR UPDATE SKIP LOCKED)
  UPDATE node n SET holder = $1, lease_until = $2 FROM free WHERE n.number = free.number RETURNING n.number`;

interface NodeNumberClocks {
  /** The store's time, which ids begin with. */
  readonly now: () => number;
  /** What leases go by. */
  readonly database: Pick<DatabaseClock, 'now' | 'monotonic'>;
}

/**
 * The number that makes a node's ids its own. It is leased by the database's time, and renewed as long as the
 * process lives; a process that dies leaves it to others a minute later.
 */
export class NodeNumber {
  readonly #clocks: NodeNumberClocks;
  readonly #holder: string;
  #number: number;
  #renewedAt: number;
  #last = 0;
  readonly #timer: NodeJS.Timeout;

  private constructor(pool: Pool, holder: string, clocks: NodeNumberClocks, number: number) {
    this.#clocks = clocks;
    this.#holder = holder;
    this.#number = number;
    this.#renewedAt = clocks.database.monotonic();
    this.#timer = setInterval(() => void this.#renew(pool), renewMs);
    this.#timer.unref();
  }

  /** Throws `store_unavailable` when all numbers are taken. */
  static async take(pool: Pool, holder: string, clocks: NodeNumberClocks): Promise<NodeNumber> {
    const number = await takeNumber(pool, holder, clocks.database.now());
    if (number === undefined)
      throw new GatewayError(
        'store_unavailable',
        `The database has ${numbers} nodes already; no more can join.`,
      );
    return new NodeNumber(pool, holder, clocks, number);
  }

  /** An id above all that this node gave before, of which no other node gives any. Throws `store_unavailable`. */
  nextId(): number {
    if (this.#clocks.database.monotonic() - this.#renewedAt > trustMs)
      throw new GatewayError(
        'store_unavailable',
        'The database was away for too long; this node has lost its number.',
      );
    this.#last = toNextId(this.#last, this.#clocks.now(), { of: numbers, number: this.#number });
    return this.#last;
  }

  async release(pool: Pool): Promise<void> {
    clearInterval(this.#timer);
    const sql = 'UPDATE node SET lease_until = $3, holder = NULL WHERE number = $1 AND holder = $2';
    // A database that is away lets the lease lapse by itself.
    await pool
      .query(sql, [this.#number, this.#holder, this.#clocks.database.now() - 1])
      .catch(() => undefined);
  }

  async #renew(pool: Pool): Promise<void> {
    const sentAt = this.#clocks.database.monotonic();
    try {
      const sql = 'UPDATE node SET lease_until = $3 WHERE number = $1 AND holder = $2';
      const renewed = await pool.query(sql, [
        this.#number,
        this.#holder,
        this.#clocks.database.now() + leaseMs,
      ]);
      if (renewed.rowCount === 0) {
        const number = await takeNumber(pool, this.#holder, this.#clocks.database.now());
        if (number === undefined) return;
        this.#number = number;
      }
      this.#renewedAt = sentAt;
    } catch {
      // Tried again at the next turn; until then ids are given for as long as the lease is sure.
    }
  }
}

/** Takes a number of those that are free. */
async function takeNumber(pool: Pool, holder: string, now: number): Promise<number | undefined> {
  const values = [holder, now + leaseMs, now, now + 2 * leaseMs];
  const taken = await pool.query<{ number: number }>(takeFree, values);
  return taken.rows[0]?.number;
}
