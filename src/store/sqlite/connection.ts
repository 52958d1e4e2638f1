// One SQLite file on the main thread: opening and locking it, statements, and the group commit that every write goes through.
import type { DatabaseSync } from 'node:sqlite';
import type { StartCheck } from '../../domain/start-check.ts';
import { GatewayError } from '../../domain/errors.ts';
import { toNextId } from '../../domain/ids.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Signal } from '../store.ts';
import type { CheckIn } from '../backups/port.ts';
import { backUp, markCopy } from './backup.ts';
import { Mending } from './damage/mending.ts';
import { keepApart } from './damage/quarantine.ts';
import { isDamage } from './damage/signs.ts';
import { isUnavailable, toGatewayError } from './faults.ts';
import { closeFile, findNewestId, lookAtFile, openFile, replaceFile, setUpFile } from './file.ts';
import type { Visit } from '../migrations.ts';
import { Memories } from './memories.ts';
import { rollBack } from './rollback.ts';
import { RowsStatement, Statement } from './statement.ts';
import type { Time } from '../../runtime/clock.ts';

/** Most calls that share one commit, so that one turn of the event loop stays short. */
const maxGroup = 256;
/** Calls gather for no longer than this before they are committed. */
const maxGatherMs = 4;
/** A store that cannot commit says so at most this often. */
const failingQuietMs = 10_000;
/** What one write may ask for while it runs; both happen after the commit, and not at all when it fails. */
export interface Transaction {
  afterCommit(effect: () => void): void;
  signal(signal: Signal): void;
}

/**
 * Work that calls share: of the calls of one transaction that come one after the other with the same work, it gets what each
 * brought, in order, and returns the result of each.
 */
export type SharedWork<Item, T> = (tx: Transaction, items: readonly Item[]) => readonly T[];

interface Call {
  readonly work: SharedWork<unknown, unknown>;
  readonly item: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface ConnectionOptions extends Time {
  readonly file: string;
  readonly emit: Emit;
  /** How closely the file is looked at before it is used; quickly when left out. */
  readonly check?: StartCheck;
  /** Whether a file that an older version had last is copied first; not, when left out. */
  readonly upgradeCopy?: boolean;
  /** Of a command that opens the file for a moment: that a service ended without closing it stays told to the next one. */
  readonly visit?: Visit;
  /** Seals what is secret; what it cannot open is kept apart. */
  readonly masterKey?: Buffer;
}

export interface CopyOptions {
  /** Committed before the copying begins. */
  readonly mark?: string;
  /** Asked after each step of the copying. */
  readonly checkIn?: CheckIn;
}

export class Connection {
  readonly now: () => number;
  /** For what this process alone knows of. */
  readonly monotonic: () => number;
  /** Until when what is in queues is looked at for its age. */
  expiryLimit = Number.POSITIVE_INFINITY;
  /** Whether the last process ended without closing the store. */
  readonly unclean: boolean;
  readonly #emit: Emit;
  readonly #statements: Statement<unknown>[] = [];
  readonly #afterRescue: (() => void)[] = [];
  #db: DatabaseSync;
  readonly #mending: Mending;
  readonly #visit: Visit | undefined;
  readonly #listeners = new Set<(signal: Signal) => void>();
  readonly #memories = new Memories();
  #calls: Call[] = [];
  #scheduled = false;
  #closed = false;
  #lastId = 0;
  #lastGroup = 0;
  #toldFailingAt = Number.NEGATIVE_INFINITY;

  /**
   * Opens or makes the file and brings its schema up to date; of a damaged one, saves what can be read first, in another thread.
   * Throws `store_in_use`, `store_corrupt`, `store_unavailable`.
   */
  static async open(options: ConnectionOptions): Promise<Connection> {
    await lookAtFile(options);
    try {
      return new Connection(options);
    } catch (error) {
      const isDamaged = error instanceof GatewayError && isDamage(error.cause) === 'file';
      if (!isDamaged || options.visit !== undefined) throw error;
      // The look before was a quick one or none, and what is read at each opening met what it had not.
      await replaceFile(options);
      return new Connection(options);
    }
  }

  private constructor(options: ConnectionOptions) {
    const { file, now, monotonic, emit, visit } = options;
    this.now = now;
    this.monotonic = monotonic;
    this.#emit = emit;
    this.#visit = visit;
    this.#db = openFile(file);
    try {
      this.unclean = setUpFile(this.#db, file, visit);
      this.#lastId = findNewestId(this.#db);
    } catch (error) {
      this.#db.close();
      throw toGatewayError(error, file);
    }
    const mended = {
      db: () => this.#db,
      isClosed: () => this.#closed,
      reopen: () => this.#reopen(file),
      tellChanged: () => this.#tellChanged(),
    };
    this.#mending = new Mending(mended, options);
  }

  prepare<Row>(sql: string): Statement<Row> {
    const statement = new Statement<Row>(this.#db, sql);
    this.#statements.push(statement);
    return statement;
  }

  /** Calls `forget` after what the file held has changed under what was remembered of it. */
  onRescue(forget: () => void): void {
    this.#afterRescue.push(forget);
  }

  /**
   * What `find` gives for a key, remembered until something of the directory changes or a transaction is rolled back: for
   * what every call looks up and hardly any changes. This process is the only one that writes, so it knows of every change.
   * `undefined` is not remembered.
   */
  remember<K, T>(find: (key: K) => T): (key: K) => T {
    return this.#memories.remember(find);
  }

  /** `toSql` gives the statement for so many rows; callers keep the number of counts small. */
  prepareRows<Row>(toSql: (count: number) => string): RowsStatement<Row> {
    return new RowsStatement((count) => this.prepare<Row>(toSql(count)));
  }

  /** The newest id that was given. */
  get lastId(): number {
    return this.#lastId;
  }

  /** An id above all that were given before, even when the clock went back. Throws `store_unavailable` at a time that has none. */
  nextId(): number {
    this.#lastId = toNextId(this.#lastId, this.now());
    return this.#lastId;
  }

  /**
   * Runs `work` in the next group: calls made in one turn of the event loop share a transaction and its fsync. When one
   * of them throws, all are rolled back and each is run again by itself, so `work` must touch nothing but the database.
   */
  write<T>(work: (tx: Transaction) => T): Promise<T> {
    return this.writeShared((tx) => [work(tx)], undefined);
  }

  /** The same for work that calls share, so that one statement can serve many of them. */
  writeShared<Item, T>(work: SharedWork<Item, T>, item: Item): Promise<T> {
    if (this.#closed) return Promise.reject(closedError());
    if (this.#mending.isAway) return this.#untilBack().then(() => this.writeShared(work, item));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    // A work only ever gets the items it was given with, and each call's resolve takes what its own work returned.
    this.#calls.push({
      work: work as SharedWork<unknown, unknown>,
      item,
      resolve: resolve as (value: unknown) => void,
      reject,
    });
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#gather(0, 0, this.monotonic());
    }
    return promise;
  }

  /**
   * Lets calls gather for as long as more of them come in, so that they share a flush to the disk: that costs as much as the
   * work of a dozen calls. A call that is alone goes after one turn of the event loop.
   */
  #gather(seen: number, quietTurns: number, since: number): void {
    setImmediate(() => {
      const count = this.#calls.length;
      const quiet = count > seen ? 0 : quietTurns + 1;
      const enough = this.#lastGroup > 1 ? 3 : 1;
      if (count >= maxGroup || quiet >= enough || this.monotonic() - since > maxGatherMs) this.#flush();
      else this.#gather(count, quiet, since);
    });
  }

  /** Runs `work` now; it sees every commit that has resolved. */
  async read<T>(work: () => T): Promise<T> {
    if (this.#closed) throw closedError();
    if (this.#mending.isAway) await this.#untilBack();
    try {
      return work();
    } catch (error) {
      if (!(await this.#mending.meet(error))) throw this.#mending.toError(error);
    }
    try {
      return work();
    } catch (error) {
      throw this.#mending.toError(error);
    }
  }

  async #untilBack(): Promise<void> {
    await this.#mending.untilBack();
    if (this.#closed) throw closedError();
  }

  watch(listener: (signal: Signal) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes a copy of the file as it is at the end of the copying, while the store goes on; a `mark` that is given is in it. */
  async copyTo(file: string, { mark, checkIn }: CopyOptions = {}): Promise<void> {
    if (this.#closed) throw closedError();
    if (mark !== undefined) await this.write(() => markCopy(this.#db, mark));
    try {
      await backUp(this.#db, file, () => this.#closed, checkIn);
    } catch (error) {
      throw toGatewayError(error);
    }
  }

  /** Commits what is queued, marks the end as a clean one (of a visit, unless it was none before) and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    while (this.#calls.length > 0) this.#flush();
    this.#closed = true;
    if (this.#mending.isAway) await this.#mending.stop();
    if (!this.#db.isOpen) return;
    if (this.#visit !== undefined && this.unclean) this.#db.close();
    else closeFile(this.#db);
  }

  #reopen(file: string): void {
    this.#db = openFile(file);
    setUpFile(this.#db, file, this.#visit);
    for (const statement of this.#statements) statement.renew(this.#db);
  }

  #flush(): void {
    const group = this.#calls.splice(0, maxGroup);
    this.#lastGroup = group.length;
    if (this.#calls.length > 0) setImmediate(() => this.#flush());
    else this.#scheduled = false;
    if (group.length === 0) return;
    if (this.#mending.isAway) {
      for (const call of group) this.#callLater(call);
      return;
    }
    const error = this.#commit(group);
    if (error === undefined) return;
    if (isUnavailable(error)) this.#tellFailing(error);
    if (isDamage(error) !== false) {
      void this.#mending.meet(error).then((isMended) => this.#callAgain(group, isMended, error));
      return;
    }
    this.#callAgain(group, group.length > 1 && !isUnavailable(error), error);
  }

  /** Runs calls of a group that failed each by itself, or fails them all when that is in vain. */
  #callAgain(group: readonly Call[], isWorthwhile: boolean, error: unknown): void {
    // One that met damage has not hurt the others, which may be about what is whole.
    if (!isWorthwhile && (group.length === 1 || isDamage(error) === false)) {
      for (const call of group) call.reject(this.#mending.toError(error));
      return;
    }
    for (const call of group) {
      if (this.#mending.isAway || this.#closed) {
        this.#callLater(call);
        continue;
      }
      const ownError = this.#commit([call]);
      if (ownError !== undefined) call.reject(this.#mending.toError(ownError));
    }
  }

  #callLater({ work, item, resolve, reject }: Call): void {
    this.#untilBack()
      .then(() => this.writeShared(work, item))
      .then(resolve, reject);
  }

  /** What was remembered is looked up anew, and what waits for something of what came back looks by itself. */
  #tellChanged(): void {
    this.#memories.forget();
    for (const forget of this.#afterRescue) forget();
    if (this.#closed) return;
    setImmediate(() => {
      for (const listener of this.#listeners) {
        listener({ kind: 'directory' });
        listener({ kind: 'missed' });
      }
    });
  }

  /** Moves a row that its own verb found unreadable out of the way, in the transaction of `tx`, and tells of it. */
  keepApart(tx: Transaction, table: 'message', id: number, reason: string): void {
    const row = this.#db.prepare(`SELECT * FROM ${table} WHERE id = ?`).get(id);
    if (row === undefined) return;
    keepApart(this.#db, this.now(), table, row, reason);
    tx.afterCommit(() =>
      this.#emit('store.damaged', { what: `a row of ${table} is kept apart: ${reason}`, kept: null }),
    );
  }

  /** Runs a group in one transaction and answers its calls; returns the error when nothing was done. */
  #commit(group: readonly Call[]): unknown {
    const startedAt = this.monotonic();
    const effects: (() => void)[] = [];
    const signals = new Map<string, Signal>();
    const tx: Transaction = {
      afterCommit: (effect) => effects.push(effect),
      signal: (signal) => {
        signals.set(toSignalKey(signal), signal);
        if (signal.kind === 'directory') this.#memories.forget();
      },
    };
    const results: unknown[] = [];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const { work, items } of toShared(group)) results.push(...work(tx, items));
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) rollBack(this.#db, this.#emit);
      this.#memories.forget();
      this.#emit('store.committed', {
        calls: group.length,
        ok: false,
        durationMs: this.monotonic() - startedAt,
      });
      return error;
    }
    for (const effect of effects) effect();
    group.forEach((call, index) => call.resolve(results[index]));
    for (const signal of signals.values()) for (const listener of this.#listeners) listener(signal);
    this.#emit('store.committed', {
      calls: group.length,
      ok: true,
      durationMs: this.monotonic() - startedAt,
    });
    return undefined;
  }

  #tellFailing(error: unknown): void {
    const at = this.monotonic();
    if (at - this.#toldFailingAt < failingQuietMs) return;
    this.#toldFailingAt = at;
    this.#emit('store.failing', { error: toGatewayError(error) });
  }
}

/** Calls that follow one another with the same work, together. */
function toShared(calls: readonly Call[]): { work: Call['work']; items: unknown[] }[] {
  const shared: { work: Call['work']; items: unknown[] }[] = [];
  for (const { work, item } of calls) {
    const last = shared.at(-1);
    if (last?.work === work) last.items.push(item);
    else shared.push({ work, items: [item] });
  }
  return shared;
}

function toSignalKey(signal: Signal): string {
  if (signal.kind === 'queue') return `queue/${signal.queueId}`;
  if (signal.kind === 'deliveries') return `deliveries/${signal.destinationId}`;
  if (signal.kind === 'outbound') return `outbound/${signal.channelId}/${signal.senderId}`;
  return signal.kind;
}

function closedError(): GatewayError {
  return new GatewayError('store_unavailable', 'The store is closed.');
}
