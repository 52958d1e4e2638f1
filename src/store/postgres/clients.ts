// The connections that a process has, each good for one use at a time. One that has gone silent is given up, and those beside it.
import type { Pool, PoolClient } from 'pg';
import { isAllInUse, isLost, isOutdated, isRefusedForCount, isWaitCut, toUnconfirmed } from './faults.ts';
import type { Hosts } from './hosts.ts';
import { toQuestion } from './session.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

/** Plans are made anew so often: those made while a table was small would read all of it when it has grown. */
const planMs = 2000;
/** So long after the server had no connection left, those that there are have to do; then one more is tried. */
const fewerMs = 10_000;

export class Clients {
  readonly #pool: Pool;
  readonly #monotonic: () => number;
  /** By the monotonic clock, when a connection was made, and when it was last asked to make its plans anew and answered. */
  readonly #madeAt = new WeakMap<PoolClient, number>();
  readonly #plannedAt = new WeakMap<PoolClient, number>();
  /** Those whose last commit is on the server's own disk alone, though its standbys were to have it as well. */
  readonly #unconfirmed = new WeakSet<PoolClient>();
  /** Connections made before this are not used any more. */
  #distrustedBefore = Number.NEGATIVE_INFINITY;
  /** How many there are at most, when the server has as many left. */
  readonly max: number;
  readonly #onFewer: (count: number, error: unknown) => void;
  #refusedAt = Number.NEGATIVE_INFINITY;

  readonly #hosts: Hosts;

  /** `onFewer` is told when there is work for more than the server has left, and how many there are. */
  constructor(
    pool: Pool,
    hosts: Hosts,
    { monotonic }: Stopwatch,
    onFewer: (count: number, error: unknown) => void,
  ) {
    this.#pool = pool;
    this.#hosts = hosts;
    this.#monotonic = monotonic;
    this.#onFewer = onFewer;
    this.max = pool.options.max;
    hosts.watch(({ url }) => {
      pool.options.connectionString = url;
      this.#distrustedBefore = monotonic();
    });
  }

  /** Runs `work` on a connection that nobody else uses meanwhile. */
  async use<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#checkOut();
    let failure: Error | undefined;
    try {
      const result = await work(client);
      if (this.#unconfirmed.has(client)) throw toUnconfirmed();
      return result;
    } catch (error) {
      failure = isLost(error) || isOutdated(error) ? (error as Error) : undefined;
      // What has happened to one connection has probably happened to those beside it.
      if (isLost(error)) this.distrust();
      throw error;
    } finally {
      this.#unconfirmed.delete(client);
      client.release(failure);
    }
  }

  /** Gives up all that are there now, each when it is free, and has the choice of the host looked at again. */
  distrust(): void {
    this.#distrustedBefore = this.#monotonic();
    this.#hosts.doubt();
  }

  /** A connection that answered a moment ago; one that has gone silent is given up, and those made before it with it. */
  async #checkOut(): Promise<PoolClient> {
    for (;;) {
      const client = await this.#connect();
      const now = this.#monotonic();
      const madeAt = this.#madeAt.get(client) ?? this.#meet(client, now);
      const plannedAt = this.#plannedAt.get(client) ?? madeAt;
      if (madeAt >= this.#distrustedBefore && this.#hosts.isAt(client)) {
        if (now - plannedAt <= planMs) return client;
        try {
          await client.query(toQuestion('DISCARD PLANS'));
          this.#plannedAt.set(client, now);
          return client;
        } catch (error) {
          client.release(true);
          if (!isLost(error)) throw error;
          this.distrust();
          continue;
        }
      }
      client.release(true);
    }
  }

  #meet(client: PoolClient, now: number): number {
    this.#madeAt.set(client, now);
    client.on('notice', (notice) => {
      if (isWaitCut(notice)) this.#unconfirmed.add(client);
    });
    return now;
  }

  /**
   * A connection of the pool, to another host where the one that was chosen cannot be connected to. Where the server has no more left, one
   * of those that there are is waited for, as if they were all.
   */
  async #connect(): Promise<PoolClient> {
    if (this.#monotonic() - this.#refusedAt > fewerMs) this.#pool.options.max = this.max;
    for (let isSecond = false; ;) {
      await this.#hosts.find();
      try {
        return await this.#pool.connect();
      } catch (error) {
        // Those that are just being made count as well, until they are refused in their turn.
        const count = this.#pool.totalCount;
        if (!isRefusedForCount(error) || count === 0) {
          if (isAllInUse(error)) throw error;
          this.#hosts.doubt();
          if (isSecond || !this.#hosts.areSeveral) throw error;
          isSecond = true;
          continue;
        }
        this.#refusedAt = this.#monotonic();
        this.#pool.options.max = Math.min(this.#pool.options.max, count);
        this.#onFewer(count, error);
      }
    }
  }
}
