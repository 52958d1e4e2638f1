// One PostgreSQL database that many nodes share: statements and transactions on its connections, and what becomes of them when they fail.
import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { openGivenClock } from '../../runtime/clock.ts';
import type { Clock, Time } from '../../runtime/clock.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Signal } from '../store.ts';
import { Clients } from './clients.ts';
import { DatabaseClock } from './clock.ts';
import { isDefeat, isLost, isOutdated, isOwnFault, isReadOnly, toGatewayError } from './faults.ts';
import { Hosts } from './hosts.ts';
import type { Visit } from '../migrations.ts';
import { NodeNumber } from './node.ts';
import { bringUpToDate, refuseOtherSchema } from './schema.ts';
import { findSchema, openClient, openPool, prepareSession, readClock } from './session.ts';
import { Signals } from './signals.ts';
import { query } from './statement.ts';
import type { Value } from './statement.ts';
import { UnreadableRows } from './unreadable-rows.ts';

/** A store that cannot commit says so at most this often. */
const failingQuietMs = 10_000;
/** A transaction that lost against another is run again so many times. */
const maxTries = 5;
/** The answer to a call of a function, and to a statement by itself, is waited for this long: a channel waits ten seconds for ours. */
const callMs = 6000;
const singleMs = 8000;
/** Questions for the time at the start, of which the quickest answer says the most. */
const clockLooks = 5;

/** What runs statements: the pool, or one transaction of it. */
export interface Queries {
  /** Rows have the shape `Row` on trust: it is what the statement selects. Numbers of 64 bits come as numbers. */
  all<Row extends QueryResultRow>(sql: string, values?: readonly Value[]): Promise<Row[]>;
  get<Row extends QueryResultRow>(sql: string, values?: readonly Value[]): Promise<Row | undefined>;
  /** Resolves to the number of rows changed. */
  run(sql: string, values?: readonly Value[]): Promise<number>;
}

export interface Transaction extends Queries {
  /** Told after the commit, and not at all when it fails. */
  signal(signal: Signal): void;
}

export interface ConnectionOptions {
  /** Of one host, or of several of which one takes writes. */
  readonly url: string;
  /** This machine's clock, by which the database's is read and what nodes lease from each other is measured. */
  readonly machine: Time;
  /** The store's time, where a test moves it; the database's when left out. */
  readonly time?: Time;
  readonly emit: Emit;
  /** Connections that this process opens at most. */
  readonly maxConnections?: number;
  /** Of a command that opens it for a moment. */
  readonly visit?: Visit;
  /** Throws where what it gets was sealed with another master key: of a schema that is about to be changed. */
  readonly prove?: (sealed: Uint8Array) => void;
}

export class Connection implements Queries {
  readonly now: () => number;
  /** Until when what is in queues is looked at for its age. */
  expiryLimit = Number.POSITIVE_INFINITY;
  /** For what this process alone knows of. */
  readonly monotonic: () => number;
  readonly clock: Clock;
  /** The database's time, which is the store's but in tests that move that; for what nodes lease from each other. */
  readonly database: DatabaseClock;
  readonly signals: Signals;
  /** Reads rows without those that cannot be read. */
  readonly rows: UnreadableRows;
  /** Names this process among all that use the database. */
  readonly holder: string;
  readonly #pool: Pool;
  readonly #hosts: Hosts;
  readonly #clients: Clients;
  readonly #emit: Emit;
  readonly #node: NodeNumber;
  readonly #lastWords: ((queries: Pick<Queries, 'run'>) => Promise<void>)[] = [];
  #closed = false;
  #toldFailingAt = Number.NEGATIVE_INFINITY;
  #toldDamagedAt = Number.NEGATIVE_INFINITY;

  private constructor(
    options: ConnectionOptions,
    hosts: Hosts,
    pool: Pool,
    node: NodeNumber,
    signals: Signals,
    holder: string,
    database: DatabaseClock,
  ) {
    this.holder = holder;
    this.database = database;
    this.clock = options.time === undefined ? database : openGivenClock(options.time);
    this.now = this.clock.now;
    this.monotonic = this.clock.monotonic;
    this.#emit = options.emit;
    this.rows = new UnreadableRows(options.emit);
    this.#pool = pool;
    this.#hosts = hosts;
    this.#clients = new Clients(pool, hosts, database, (count, cause) => {
      const reason = `it has too many connections, so that this node has ${count} of ${this.#clients.max}`;
      this.#tellFailing(
        new GatewayError('store_unavailable', `The database is short: ${reason}.`, { cause }),
      );
    });
    this.#node = node;
    this.signals = signals;
    signals.watchLoss(() => this.#clients.distrust());
    hosts.watch(() => signals.leave());
  }

  /** Connects and brings the schema up to date. Throws `store_unavailable`, `schema_too_new`, `schema_too_old`. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const { machine, maxConnections = 10 } = options;
    let pool: Pool | undefined;
    try {
      const hosts = await Hosts.open(options.url, { emit: options.emit, monotonic: machine.monotonic });
      const { connectMs } = hosts;
      const { url } = hosts.chosen;
      const schema = await findSchema(url);
      pool = openPool({ url, schema, connectMs }, maxConnections);
      // A connection that breaks while it idles is dropped by the pool; its next user gets another.
      pool.on('error', () => undefined);
      // One that breaks while it is in use fails the statement under way, or the next one.
      pool.on('connect', (client) => client.on('error', () => undefined));
      await (options.visit === 'as_is'
        ? refuseOtherSchema(pool)
        : bringUpToDate(pool, undefined, options.prove));
      const holder = randomUUID();
      const database = new DatabaseClock(machine);
      for (let look = 0; look < clockLooks; look += 1) database.take(await readClock(pool, machine));
      const node = await NodeNumber.take(pool, holder, {
        now: (options.time ?? database).now,
        database,
      });
      const signals = await Signals.open({
        connect: async () => openClient((await hosts.find()).url, { connectMs }),
        prepare: (client) => prepareSession(client, schema),
        holder,
        onClock: (sample) => {
          database.take(sample);
          void hosts.review();
        },
        monotonic: machine.monotonic,
      });
      return new Connection(options, hosts, pool, node, signals, holder, database);
    } catch (error) {
      await pool?.end();
      throw toGatewayError(error);
    }
  }

  /** The host that is used, as it is told. */
  get host(): string {
    return this.#hosts.chosen.name;
  }

  /** An id above all that this node gave before, and of no other node. Throws `store_unavailable` when its number is lost. */
  nextId(): number {
    return this.#node.nextId();
  }

  all<Row extends QueryResultRow>(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    return this.#guard(async () => (await this.#retry(() => this.#query<Row>(sql, values))).rows);
  }

  async get<Row extends QueryResultRow>(
    sql: string,
    values: readonly Value[] = [],
  ): Promise<Row | undefined> {
    return (await this.all<Row>(sql, values))[0];
  }

  run(sql: string, values: readonly Value[] = []): Promise<number> {
    return this.#guard(async () => (await this.#retry(() => this.#query(sql, values))).rowCount ?? 0);
  }

  /**
   * Calls one of the functions of the schema, which is a transaction by itself, and resolves to its rows. One that lost a
   * deadlock is called again; one whose outcome is not known is not. Values that are a function are made once a connection
   * is at hand, for what must not age while all are busy.
   */
  call<Row extends QueryResultRow>(
    sql: string,
    values: readonly Value[] | (() => readonly Value[]),
  ): Promise<Row[]> {
    const toValues = typeof values === 'function' ? values : (): readonly Value[] => values;
    return this.#write(1, () =>
      this.#retry(() =>
        this.#clients.use(async (client) => (await query<Row>(client, sql, toValues(), callMs)).rows),
      ),
    );
  }

  /** Runs `work` in one transaction; it may be run again, so it must touch nothing but the database. */
  async tx<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const signals: Signal[] = [];
    let isOver = true;
    try {
      return await this.#write(1, () =>
        this.#retry(() => {
          signals.length = 0;
          return this.#clients.use((client) => runTransaction(client, signals, work));
        }),
      );
    } catch (error) {
      // One whose outcome is not known may have changed what it meant to; else it changed nothing.
      isOver = !isOwnFault(error);
      throw error;
    } finally {
      if (isOver) this.signals.tell(signals);
    }
  }

  /** Throws `store_unavailable` once the store is closed. */
  assertOpen(): void {
    if (this.#closed) throw new GatewayError('store_unavailable', 'The store is closed.');
  }

  /** Connections that are open, how many at most, and calls that wait for one. */
  countConnections(): { readonly open: number; readonly max: number; readonly waiting: number } {
    const { totalCount: open, waitingCount: waiting } = this.#pool;
    return { open, max: this.#clients.max, waiting };
  }

  /** Runs `work` when the store closes, after the last call of others; what it fails with is nobody's concern. */
  atClose(work: (queries: Pick<Queries, 'run'>) => Promise<void>): void {
    this.#lastWords.push(work);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const run: Queries['run'] = async (sql, values = []) => (await this.#query(sql, values)).rowCount ?? 0;
    await Promise.allSettled(this.#lastWords.map((work) => work({ run })));
    await this.#node.release(this.#pool);
    await this.signals.close();
    await this.#pool.end();
  }

  #query<Row extends QueryResultRow>(sql: string, values: readonly Value[]) {
    return this.#clients.use((client) => query<Row>(client, sql, values, singleMs));
  }

  async #write<T>(calls: number, work: () => Promise<T>): Promise<T> {
    const startedAt = this.monotonic();
    let ok = false;
    try {
      const result = await this.#guard(work);
      ok = true;
      return result;
    } finally {
      this.#emit('store.committed', { calls, ok, durationMs: this.monotonic() - startedAt });
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    this.assertOpen();
    try {
      return await work();
    } catch (error) {
      const told = toGatewayError(error);
      if (told instanceof GatewayError && told.code === 'store_unavailable') this.#tellFailing(told);
      if (told instanceof GatewayError && told.code === 'store_corrupt') this.#tellDamaged(told);
      throw told;
    }
  }

  async #retry<T>(work: () => Promise<T>): Promise<T> {
    let outdated = 0;
    for (let attempt = 1; ;) {
      try {
        return await work();
      } catch (error) {
        // The connection is given up with it, so there are no more of these than connections.
        if ((isOutdated(error) || isReadOnly(error)) && outdated < this.#clients.max) outdated += 1;
        else if (isDefeat(error) && attempt < maxTries) attempt += 1;
        else throw error;
      }
    }
  }

  #tellDamaged(error: GatewayError): void {
    const at = this.monotonic();
    if (at - this.#toldDamagedAt < failingQuietMs) return;
    this.#toldDamagedAt = at;
    this.#emit('store.damaged', { what: error.message.replace(/\.$/, ''), kept: null, error });
  }

  #tellFailing(error: GatewayError): void {
    const at = this.monotonic();
    if (at - this.#toldFailingAt < failingQuietMs) return;
    this.#toldFailingAt = at;
    this.#emit('store.failing', { error });
  }
}

async function runTransaction<T>(
  client: PoolClient,
  signals: Signal[],
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const tx: Transaction = {
    all: async <Row extends QueryResultRow>(sql: string, values: readonly Value[] = []) =>
      (await query<Row>(client, sql, values)).rows,
    get: async <Row extends QueryResultRow>(sql: string, values: readonly Value[] = []) =>
      (await query<Row>(client, sql, values)).rows[0],
    run: async (sql, values = []) => (await query(client, sql, values)).rowCount ?? 0,
    signal: (signal) => void signals.push(signal),
  };
  await client.query('BEGIN');
  try {
    const result = await work(tx);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that is gone has rolled back by itself.
    if (!isLost(error)) await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
