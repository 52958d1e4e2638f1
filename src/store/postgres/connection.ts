// One PostgreSQL database that many nodes share: the pool, statements, transactions, and what becomes of failures.
import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { monotonicNow, openGivenClock } from '../../runtime/clock.ts';
import type { Clock } from '../../runtime/clock.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Signal } from '../store.ts';
import { DatabaseClock } from './clock.ts';
import { NodeNumber } from './node.ts';
import { bringUpToDate } from './schema.ts';
import { findSchema, openClient, openPool, prepareSession, readClock, toQuestion } from './session.ts';
import { Signals } from './signals.ts';
import { UnreadableRows } from './unreadable-rows.ts';

/** A store that cannot commit says so at most this often. */
const failingQuietMs = 10_000;
/** Plans are made anew so often: those made while a table was small would read all of it when it has grown. */
const planMs = 2000;
/** A transaction that lost against another is run again so many times. */
const maxTries = 5;
/** The answer to a call of a function, and to a statement by itself, is waited for this long: a channel waits ten seconds for ours. */
const callMs = 6000;
const singleMs = 8000;
/** Questions for the time at the start, of which the quickest answer says the most. */
const clockLooks = 5;

export type Value = string | number | boolean | null | Uint8Array | readonly number[] | readonly string[];

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
  readonly url: string;
  /** The store's time; the database's when left out. */
  readonly now?: () => number;
  readonly emit: Emit;
  /** Connections that this process opens at most. */
  readonly maxConnections?: number;
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
  readonly #emit: Emit;
  readonly #node: NodeNumber;
  /** By the monotonic clock, when a connection was last asked something and answered. */
  readonly #plannedAt = new WeakMap<PoolClient, number>();
  readonly #madeAt = new WeakMap<PoolClient, number>();
  /** Connections made before this are not used any more. */
  #distrustedBefore = Number.NEGATIVE_INFINITY;
  readonly #lastWords: ((queries: Pick<Queries, 'run'>) => Promise<void>)[] = [];
  #closed = false;
  #toldFailingAt = Number.NEGATIVE_INFINITY;
  #toldDamagedAt = Number.NEGATIVE_INFINITY;

  private constructor(
    options: ConnectionOptions,
    pool: Pool,
    node: NodeNumber,
    signals: Signals,
    holder: string,
    database: DatabaseClock,
  ) {
    this.holder = holder;
    this.database = database;
    this.clock = options.now === undefined ? database : openGivenClock(options.now);
    this.now = this.clock.now;
    // A test's time is the only one that there is.
    this.monotonic = options.now ?? this.clock.monotonic;
    this.#emit = options.emit;
    this.rows = new UnreadableRows(options.emit);
    this.#pool = pool;
    this.#node = node;
    this.signals = signals;
    signals.watchLoss(() => this.#distrust());
  }

  /** Connects and brings the schema up to date. Throws `store_unavailable`, `schema_too_new`, `schema_too_old`. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const { url, maxConnections = 10 } = options;
    let pool: Pool | undefined;
    try {
      const schema = await findSchema(url);
      pool = openPool({ url, schema }, maxConnections);
      // A connection that breaks while it idles is dropped by the pool; its next user gets another.
      pool.on('error', () => undefined);
      // One that breaks while it is in use fails the statement under way, or the next one.
      pool.on('connect', (client) => client.on('error', () => undefined));
      await bringUpToDate(pool);
      const holder = randomUUID();
      const database = new DatabaseClock();
      for (let look = 0; look < clockLooks; look += 1) database.take(await readClock(pool));
      const node = await NodeNumber.take(pool, holder, { now: options.now ?? database.now, database });
      const signals = await Signals.open({
        connect: () => openClient(url),
        prepare: (client) => prepareSession(client, schema),
        holder,
        onClock: (sample) => database.take(sample),
      });
      return new Connection(options, pool, node, signals, holder, database);
    } catch (error) {
      await pool?.end();
      throw toGatewayError(error);
    }
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
        this.#withClient(async (client) => (await query<Row>(client, sql, toValues(), callMs)).rows),
      ),
    );
  }

  /** Runs `work` in one transaction; it may be run again, so it must touch nothing but the database. */
  async tx<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const signals: Signal[] = [];
    const result = await this.#write(1, () =>
      this.#retry(() => {
        signals.length = 0;
        return this.#withClient((client) => runTransaction(client, signals, work));
      }),
    );
    this.signals.tell(signals);
    return result;
  }

  /** Throws `store_unavailable` once the store is closed. */
  assertOpen(): void {
    if (this.#closed) throw new GatewayError('store_unavailable', 'The store is closed.');
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
    return this.#withClient((client) => query<Row>(client, sql, values, singleMs));
  }

  async #withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#checkOut();
    let failure: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      failure = isLost(error) || isOutdated(error) ? (error as Error) : undefined;
      // What has happened to one connection has probably happened to those beside it.
      if (isLost(error)) this.#distrust();
      throw error;
    } finally {
      client.release(failure);
    }
  }

  /** A connection that answered a moment ago; one that has gone silent is given up, and those made before it with it. */
  async #checkOut(): Promise<PoolClient> {
    for (;;) {
      const client = await this.#pool.connect();
      const now = monotonicNow();
      const madeAt = this.#madeAt.get(client) ?? now;
      this.#madeAt.set(client, madeAt);
      const plannedAt = this.#plannedAt.get(client) ?? madeAt;
      if (madeAt >= this.#distrustedBefore) {
        if (now - plannedAt <= planMs) return client;
        try {
          await client.query(toQuestion('DISCARD PLANS'));
          this.#plannedAt.set(client, now);
          return client;
        } catch (error) {
          client.release(true);
          if (!isLost(error)) throw error;
          this.#distrust();
          continue;
        }
      }
      client.release(true);
    }
  }

  #distrust(): void {
    this.#distrustedBefore = monotonicNow();
  }

  async #write<T>(calls: number, work: () => Promise<T>): Promise<T> {
    const startedAt = monotonicNow();
    let ok = false;
    try {
      const result = await this.#guard(work);
      ok = true;
      return result;
    } finally {
      this.#emit('store.committed', { calls, ok, durationMs: monotonicNow() - startedAt });
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
        if ((isOutdated(error) || isReadOnly(error)) && outdated < this.#pool.options.max) outdated += 1;
        else if (retriedCodes.has(toSqlState(error)) && attempt < maxTries) attempt += 1;
        else throw error;
      }
    }
  }

  #tellDamaged(error: GatewayError): void {
    const at = monotonicNow();
    if (at - this.#toldDamagedAt < failingQuietMs) return;
    this.#toldDamagedAt = at;
    this.#emit('store.damaged', { what: error.message.replace(/\.$/, ''), kept: null, error });
  }

  #tellFailing(error: GatewayError): void {
    const at = monotonicNow();
    if (at - this.#toldFailingAt < failingQuietMs) return;
    this.#toldFailingAt = at;
    this.#emit('store.failing', { error });
  }
}

async function query<Row extends QueryResultRow>(
  client: PoolClient,
  sql: string,
  values: readonly Value[],
  limitMs?: number,
) {
  const statement = { name: toName(sql), text: sql, values: values.map(toParameter), query_timeout: limitMs };
  return client.query<Row>(statement);
}

/** Text of the database holds any character but the one that ends strings in C. */
function toParameter(value: Value): unknown {
  if (typeof value === 'string') return withoutNul(value);
  if (Array.isArray(value))
    return (value as readonly (string | number)[]).map((item) =>
      typeof item === 'string' ? withoutNul(item) : item,
    );
  return value;
}

function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

const names = new Map<string, string>();

/** The name under which a statement is prepared once a connection. There are as many as statements in these files. */
function toName(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
  names.set(sql, name);
  return name;
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

/** Deadlock, serialization failure: the transaction was rolled back and may be run again. */
const retriedCodes = new Set<string | undefined>(['40P01', '40001']);

/** SQLSTATE classes and codes that mean: the database cannot serve now, whatever the statement. */
const unavailableCodes = /^(08|28|3D|53|57P|58|25006|42501|55000|55P03|57014)/;

/**
 * SQLSTATEs that mean: what the database holds is not what was written, or not what this program needs. Corrupted data and indexes,
 * files of its own that are missing or cannot be read, and tables, functions and columns that are not there.
 */
const damageCodes: ReadonlyMap<string, string> = new Map([
  ['XX001', 'its data are damaged'],
  ['XX002', 'an index is damaged'],
  ['58P01', 'a file of its own is missing'],
  ['58030', 'its disk reported an error'],
  ['42P01', 'a table is missing'],
  ['42883', 'a function is missing'],
  ['42703', 'a column is missing'],
  ['3F000', 'its schema is missing'],
]);

function toSqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Whether the connection is gone, so that it is not known what became of the statement. */
function isLost(error: unknown): boolean {
  const code = toSqlState(error);
  return (
    !(error instanceof GatewayError) &&
    (code === undefined ? isSystemError(error) : /^(08|57P)/.test(code) || isReadOnly(error))
  );
}

/** Whether the server has become, or always was, one that takes no writes: it did nothing, and another may be there by now. */
function isReadOnly(error: unknown): boolean {
  return toSqlState(error) === '25006';
}

/**
 * Whether a prepared statement was refused, before it did anything, because a newer version has added a column to what it
 * selects. Another connection prepares it anew.
 */
function isOutdated(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
  );
}

/** Errors of sockets, name look-ups and time limits of the client; a mistake of ours is a TypeError and the like. */
function isSystemError(error: unknown): boolean {
  if (!(error instanceof Error) || error.constructor !== Error) return error instanceof AggregateError;
  return 'syscall' in error || /connect|terminat|timeout|ended|closed/i.test(error.message);
}

/** Whether a statement failed for a reason of its own, and so surely did nothing. */
export function isOwnFault(error: unknown): boolean {
  return !(error instanceof GatewayError) || error.code !== 'store_unavailable';
}

function toGatewayError(error: unknown): unknown {
  if (error instanceof GatewayError) return error;
  const code = toSqlState(error);
  const damage = code === undefined ? undefined : damageCodes.get(code);
  if (damage !== undefined)
    return new GatewayError('store_corrupt', `The database cannot be used: ${damage}.`, { cause: error });
  if (code !== undefined ? unavailableCodes.test(code) : isSystemError(error)) {
    const reason = code === undefined ? 'it cannot be reached' : (reasons.get(code) ?? `it answered ${code}`);
    return new GatewayError('store_unavailable', `The database cannot be used: ${reason}.`, { cause: error });
  }
  return error;
}

const reasons = new Map([
  ['28000', 'its server does not let this role in'],
  ['28P01', 'its server does not take the password'],
  ['3D000', 'there is no database of that name'],
  ['42501', 'this role has no right to something that it needs'],
  ['55000', 'it takes no connections'],
  ['53100', 'its disk is full'],
  ['53300', 'it has too many connections'],
  ['57P01', 'it is being stopped'],
  ['57P03', 'it is starting'],
  ['25006', 'it is read-only'],
  ['55P03', 'a lock was not free in time'],
  ['57014', 'a statement took too long'],
]);
