import { Pool } from 'undici';
import type { buildConnector } from 'undici';

/** Origins with connections at once; the least recently used is closed first. */
const maxPools = 2000;
const connectionsPerPool = 128;

/** The connections that are kept open, by origin. */
export class Pools {
  readonly #connect: buildConnector.connector;
  /** The least recently used first. */
  readonly #pools = new Map<string, Pool>();

  constructor(connect: buildConnector.connector) {
    this.#connect = connect;
  }

  /** The pool of an origin, which counts as used by that. */
  of(origin: string): Pool {
    const pool = this.#pools.get(origin) ?? this.#open(origin);
    this.#pools.delete(origin);
    this.#pools.set(origin, pool);
    if (this.#pools.size > maxPools) this.#dropOldest();
    return pool;
  }

  /** Ends all connections, with what is under way on them. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #open(origin: string): Pool {
    return new Pool(origin, {
      connections: connectionsPerPool,
      connect: this.#connect,
      pipelining: 1,
      keepAliveTimeout: 10_000,
      keepAliveMaxTimeout: 60_000,
    });
  }

  #dropOldest(): void {
    for (const [origin, pool] of this.#pools) {
      // A pool in use is merely older than it looks.
      if (pool.stats.pending + pool.stats.running > 0) continue;
      this.#pools.delete(origin);
      pool.close().catch(() => undefined);
      return;
    }
  }
}
