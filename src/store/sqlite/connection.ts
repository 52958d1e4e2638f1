// One SQLite file on the main thread: opening and locking it, statements, and the group commit that every write goes through.
import { backup, DatabaseSync } from 'node:sqlite';
import { dirname } from 'node:path';
import { accessSync, constants, existsSync, mkdirSync, rmSync } from 'node:fs';
import { monotonicNow } from '../../runtime/clock.ts';
import type { StartCheck } from '../../domain/start-check.ts';
import { GatewayError } from '../../domain/errors.ts';
import { maxId, toNextId } from '../../domain/ids.ts';
import type { Emit } from '../../telemetry/events.ts';
import { hideStore, makePrivate } from '../file-modes.ts';
import type { Signal } from '../store.ts';
import { describeRescue, isDamage } from './damage/signs.ts';
import { addUp, keepApart, setApart, toOpens } from './damage/quarantine.ts';
import type { Apart } from './damage/quarantine.ts';
import { inspect } from './damage/inspection.ts';
import { RescueSchedule } from './damage/schedule.ts';
import { startSaving } from './damage/thread.ts';
import { isUnavailable, toGatewayError, toResultCode } from './faults.ts';
import { bringUpToDate, refuseFormer } from './schema.ts';
import { RowsStatement, Statement } from './statement.ts';

/** Most calls that share one commit, so that one turn of the event loop stays short. */
const maxGroup = 256;
/** Entries of one memory; when it is full it forgets everything. */
const maxRemembered = 10_000;
/** Pages that a backup copies at a turn. */
const backupPages = 256;
/**
 * One backup in twenty or so fails when a commit of ours falls into one of its turns: Node then rejects with SQLite's code 0,
 * "not an error" (seen with Node 24.21). Each try begins anew.
 */
const backupTries = 10;
/** Calls gather for no longer than this before they are committed. */
const maxGatherMs = 4;
/** A store that cannot commit says so at most this often. */
const failingQuietMs = 10_000;
/** Unreadable rows are looked for again after so long at the earliest. */
const sweepRestMs = 60_000;
/** A call waits for a file that is being saved for so long, and so many calls do. Then they are refused and come again. */
const savingWaitMs = 2000;
const maxWaiting = 1000;

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

export interface ConnectionOptions {
  readonly file: string;
  readonly now: () => number;
  /** Milliseconds that no change of a clock moves, for what never leaves this process; `now` when left out. */
  readonly monotonic?: () => number;
  readonly emit: Emit;
  /** How closely the file is looked at before it is used; quickly when left out. */
  readonly check?: StartCheck;
  /** Seals what is secret; what it cannot open is kept apart. */
  readonly masterKey?: Buffer;
  /** Milliseconds that no change of the clock touches; the process's own when left out. */
  readonly tick?: () => number;
}

export class Connection {
  readonly now: () => number;
  /** For what this process alone knows of. */
  readonly monotonic: () => number;
  /** Until when what is in queues is looked at for its age. */
  expiryLimit = Number.POSITIVE_INFINITY;
  /** Whether the last process ended without closing the store. */
  readonly unclean: boolean;
  readonly #options: ConnectionOptions;
  readonly #emit: Emit;
  readonly #statements: Statement<unknown>[] = [];
  readonly #afterRescue: (() => void)[] = [];
  #db: DatabaseSync;
  readonly #tick: () => number;
  readonly #rescues: RescueSchedule;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #sweeping: Promise<boolean> | undefined;
  /** The file is closed and saved in another thread; resolves to whether it was. */
  #saving: Promise<boolean> | undefined;
  #stopSaving: (() => Promise<void>) | undefined;
  #waiting = 0;
  /** Why the file could not be opened again. */
  #gone: unknown;
  #toldDamageAt = Number.NEGATIVE_INFINITY;
  readonly #listeners = new Set<(signal: Signal) => void>();
  readonly #remembered: { clear(): void }[] = [];
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
    return new Connection(options);
  }

  private constructor(options: ConnectionOptions) {
    const { file, now, emit, tick = monotonicNow } = options;
    this.#options = options;
    this.#tick = tick;
    this.#rescues = new RescueSchedule(tick);
    this.now = now;
    this.monotonic = options.monotonic ?? now;
    this.#emit = emit;
    this.#db = openFile(file);
    try {
      this.unclean = this.#setUp(file);
      this.#lastId = this.#readLastId();
    } catch (error) {
      this.#db.close();
      throw toGatewayError(error, file);
    }
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
    const known = new Map<K, T>();
    this.#remembered.push(known);
    return (key) => {
      const remembered = known.get(key);
      if (remembered !== undefined) return remembered;
      const value = find(key);
      if (known.size >= maxRemembered) known.clear();
      known.set(key, value);
      return value;
    };
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
    if (this.#saving !== undefined || this.#gone !== undefined)
      return this.#untilSaved().then(() => this.writeShared(work, item));
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
      this.#gather(0, 0, monotonicNow());
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
      if (count >= maxGroup || quiet >= enough || monotonicNow() - since > maxGatherMs) this.#flush();
      else this.#gather(count, quiet, since);
    });
  }

  /** Runs `work` now; it sees every commit that has resolved. */
  async read<T>(work: () => T): Promise<T> {
    if (this.#closed) throw closedError();
    if (this.#saving !== undefined || this.#gone !== undefined) await this.#untilSaved();
    try {
      return work();
    } catch (error) {
      if (!(await this.#meetDamage(error))) throw this.#toError(error);
    }
    try {
      return work();
    } catch (error) {
      throw this.#toError(error);
    }
  }

  /** Resolves once the file can be used again; rejects with `store_corrupt` when that takes longer than a caller should wait. */
  async #untilSaved(): Promise<void> {
    const saving = this.#saving;
    if (saving !== undefined) {
      if (this.#waiting >= maxWaiting) throw savingError();
      this.#waiting += 1;
      try {
        if (!(await within(saving, savingWaitMs))) throw savingError();
      } finally {
        this.#waiting -= 1;
      }
    }
    if (this.#closed) throw closedError();
    if (this.#gone !== undefined)
      throw new GatewayError(
        'store_corrupt',
        'The damaged store cannot be opened again. Restart the service.',
        {
          cause: this.#gone,
        },
      );
  }

  watch(listener: (signal: Signal) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes a copy of the file as it is at the end of the copying, while the store goes on. */
  async copyTo(file: string): Promise<void> {
    if (this.#closed) throw closedError();
    try {
      await this.#backUp(file);
    } catch (error) {
      throw toGatewayError(error);
    }
  }

  async #backUp(file: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        makePrivate(file);
        await backup(this.#db, file, { rate: backupPages });
        return;
      } catch (error) {
        if (toResultCode(error) !== 0 || tries === backupTries || this.#closed) throw error;
        rmSync(file, { force: true });
      }
    }
  }

  /** Commits what is queued, marks the end as a clean one and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    while (this.#calls.length > 0) this.#flush();
    this.#closed = true;
    if (this.#saving !== undefined) {
      await this.#stopSaving?.();
      await this.#saving;
    }
    if (!this.#db.isOpen) return;
    try {
      this.#db.exec("DELETE FROM meta WHERE key = 'running'");
    } finally {
      this.#db.close();
    }
  }

  #setUp(file: string): boolean {
    const db = this.#db;
    db.exec('PRAGMA page_size = 4096');
    // One process owns the file; the exclusive lock also spares the shared-memory index. Set before the first access.
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    db.exec(`PRAGMA journal_mode = ${file === ':memory:' ? 'MEMORY' : 'WAL'}`);
    db.exec('PRAGMA synchronous = FULL');
    db.exec('PRAGMA foreign_keys = ON');
    // A checkpoint is part of some commit, which everyone waits for: small ones cost no more in all, and hold nobody up for long.
    db.exec('PRAGMA wal_autocheckpoint = 1000');
    // What it does not hold, the system's own cache does, a microsecond away.
    db.exec('PRAGMA cache_size = -32768');
    db.exec('PRAGMA temp_store = MEMORY');
    // A cell that reaches out of its page is found when the page is read, not when it is too late.
    db.exec('PRAGMA cell_size_check = ON');
    bringUpToDate(db);
    const unclean = db.prepare("SELECT 1 FROM meta WHERE key = 'running'").get() !== undefined;
    db.exec("INSERT OR IGNORE INTO meta (key, value) VALUES ('running', x'01')");
    return unclean;
  }

  #readLastId(): number {
    const tables = ['receipt', 'raw_event', 'delivery', 'outbound', 'message', 'notice', 'change'];
    const newest = tables.map(
      (table) =>
        this.prepare<{ id: number | null }>(`SELECT max(id) AS id FROM ${table} WHERE id < ${maxId}`).get()
          ?.id ?? 0,
    );
    return Math.max(0, ...newest);
  }

  #flush(): void {
    const group = this.#calls.splice(0, maxGroup);
    this.#lastGroup = group.length;
    if (this.#calls.length > 0) setImmediate(() => this.#flush());
    else this.#scheduled = false;
    if (group.length === 0) return;
    if (this.#saving !== undefined || this.#gone !== undefined) {
      for (const call of group) this.#callLater(call);
      return;
    }
    const error = this.#commit(group);
    if (error === undefined) return;
    if (isUnavailable(error)) this.#tellFailing(error);
    if (isDamage(error) !== false) {
      void this.#meetDamage(error).then((isMended) => this.#callAgain(group, isMended, error));
      return;
    }
    this.#callAgain(group, group.length > 1 && !isUnavailable(error), error);
  }

  /** Runs calls of a group that failed each by itself, or fails them all when that is in vain. */
  #callAgain(group: readonly Call[], isWorthwhile: boolean, error: unknown): void {
    // One that met damage has not hurt the others, which may be about what is whole.
    if (!isWorthwhile && (group.length === 1 || isDamage(error) === false)) {
      for (const call of group) call.reject(this.#toError(error));
      return;
    }
    for (const call of group) {
      if (this.#saving !== undefined || this.#gone !== undefined || this.#closed) {
        this.#callLater(call);
        continue;
      }
      const ownError = this.#commit([call]);
      if (ownError !== undefined) call.reject(this.#toError(ownError));
    }
  }

  #callLater({ work, item, resolve, reject }: Call): void {
    this.#untilSaved()
      .then(() => this.writeShared(work, item))
      .then(resolve, reject);
  }

  /**
   * Tells of damage that a call met, and puts what can still be read into its place, which nobody has to wait for; resolves, after
   * some seconds at the latest, to whether the call may be run again.
   */
  async #meetDamage(error: unknown): Promise<boolean> {
    const kind = isDamage(error);
    if (kind === false) return false;
    if (this.#saving === undefined) this.#tellDamage(error);
    if (this.#closed) return false;
    if (kind === 'row') return this.#sweep();
    if (this.#saving === undefined) {
      if (this.#options.file === ':memory:' || this.#rescues.restMs > 0) return false;
      this.#rescues.begin();
      this.#saving = this.#replaceFile().finally(() => {
        this.#saving = undefined;
        this.#tellChanged();
      });
    }
    return within(this.#saving, savingWaitMs);
  }

  #tellDamage(error: unknown): void {
    const at = this.#tick();
    if (at - this.#toldDamageAt < failingQuietMs) return;
    this.#toldDamageAt = at;
    this.#emit('store.damaged', {
      what: this.#rescues.describe() ?? 'a call met damage',
      kept: null,
      error: this.#toError(error),
    });
  }

  /** What a caller is told: that nothing is done about damage any more, where it is so. */
  #toError(error: unknown): unknown {
    const resting = isDamage(error) === 'file' ? this.#rescues.describe() : null;
    if (resting !== null)
      return new GatewayError('store_corrupt', `The store is damaged: ${resting}.`, { cause: error });
    return toGatewayError(error);
  }

  /** What was remembered is looked up anew, and what waits for something of what came back looks by itself. */
  #tellChanged(): void {
    this.#forget();
    for (const forget of this.#afterRescue) forget();
    if (this.#closed) return;
    setImmediate(() => {
      for (const listener of this.#listeners) {
        listener({ kind: 'directory' });
        listener({ kind: 'missed' });
      }
    });
  }

  /** Moves unreadable rows out of the way, in steps between which others are served; all who meet some share one. */
  async #sweep(): Promise<boolean> {
    if (this.#sweeping === undefined) {
      if (this.#tick() - this.#sweptAt < sweepRestMs) return false;
      this.#sweptAt = this.#tick();
      this.#sweeping = this.#setRowsApart()
        .catch((error: unknown) => {
          this.#emit('store.damaged', {
            what: 'rows that cannot be read could not be kept apart',
            kept: null,
            error: toGatewayError(error),
          });
          return false;
        })
        .finally(() => {
          this.#sweeping = undefined;
          this.#tellChanged();
        });
    }
    return within(this.#sweeping, savingWaitMs);
  }

  async #setRowsApart(): Promise<boolean> {
    const { masterKey } = this.#options;
    const moved: (Apart | null)[] = [];
    const steps = setApart(this.#db, this.now(), masterKey && toOpens(masterKey));
    for (let isDone = false; !isDone && !this.#closed && this.#saving === undefined;) {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const step = steps.next();
        this.#db.exec('COMMIT');
        if (step.done === true) isDone = true;
        else if (step.value !== null) moved.push(step.value);
      } catch (error) {
        if (this.#db.isTransaction) this.#rollBack();
        throw error;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const { table, rows, reason } of addUp(moved))
      this.#emit('store.damaged', {
        what: `${rows} rows of ${table} are kept apart: ${reason}`,
        kept: null,
      });
    return true;
  }

  async #replaceFile(): Promise<boolean> {
    const { file, masterKey } = this.#options;
    let isSaved = false;
    try {
      this.#db.close();
      const saving = startSaving({ file, now: this.now(), ...(masterKey && { masterKey }) });
      this.#stopSaving = saving.stop;
      this.#emit('store.damaged', describeRescue(await saving.done));
      isSaved = true;
    } catch (error) {
      if (!this.#closed)
        this.#emit('store.damaged', {
          what: 'what is left of it could not be saved',
          kept: null,
          error: toGatewayError(error),
        });
    }
    this.#stopSaving = undefined;
    if (this.#closed) return false;
    try {
      this.#db = openFile(file);
      this.#setUp(file);
      for (const statement of this.#statements) statement.renew(this.#db);
    } catch (error) {
      this.#gone = error;
      this.#emit('store.failing', { error: toGatewayError(error, file) });
      return false;
    }
    return isSaved;
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
    const startedAt = monotonicNow();
    const effects: (() => void)[] = [];
    const signals = new Map<string, Signal>();
    const tx: Transaction = {
      afterCommit: (effect) => effects.push(effect),
      signal: (signal) => {
        signals.set(toSignalKey(signal), signal);
        if (signal.kind === 'directory') this.#forget();
      },
    };
    const results: unknown[] = [];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const { work, items } of toShared(group)) results.push(...work(tx, items));
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#rollBack();
      this.#forget();
      this.#emit('store.committed', {
        calls: group.length,
        ok: false,
        durationMs: monotonicNow() - startedAt,
      });
      return error;
    }
    for (const effect of effects) effect();
    group.forEach((call, index) => call.resolve(results[index]));
    for (const signal of signals.values()) for (const listener of this.#listeners) listener(signal);
    this.#emit('store.committed', {
      calls: group.length,
      ok: true,
      durationMs: monotonicNow() - startedAt,
    });
    return undefined;
  }

  #forget(): void {
    for (const known of this.#remembered) known.clear();
  }

  #tellFailing(error: unknown): void {
    const at = monotonicNow();
    if (at - this.#toldFailingAt < failingQuietMs) return;
    this.#toldFailingAt = at;
    this.#emit('store.failing', { error: toGatewayError(error) });
  }

  #rollBack(): void {
    try {
      this.#db.exec('ROLLBACK');
    } catch (error) {
      // SQLite has rolled back by itself, as it does on a full disk.
      this.#emit('unit.crashed', { unit: 'store.rollback', error });
    }
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

/** Makes the folder, looks for damage before the file is used, and puts what can be read of it into its place. */
async function lookAtFile({ file, now, emit, check = 'quick', masterKey }: ConnectionOptions): Promise<void> {
  if (file === ':memory:') return;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    accessSync(dirname(file), constants.W_OK);
    if (existsSync(file)) refuseFormer(file);
    if (check === 'off') return;
    const found = inspect(file, check, now());
    for (const what of found.told) emit('store.damaged', { what, kept: found.kept });
    if (!found.isDamaged) return;
    const saving = startSaving({ file, now: now(), ...(masterKey && { masterKey }) });
    emit('store.damaged', describeRescue(await saving.done));
  } catch (error) {
    throw toGatewayError(error, file);
  }
}

/** Whether `work` comes to true within a time. */
async function within(work: Promise<boolean>, limitMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), limitMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function savingError(): GatewayError {
  return new GatewayError(
    'store_corrupt',
    'The store is damaged. What can be read of it is being saved; try again.',
  );
}

function openFile(file: string): DatabaseSync {
  if (file === ':memory:') return new DatabaseSync(file);
  try {
    // SQLite would make it readable for all that the umask lets; its log is made like it.
    makePrivate(file);
    hideStore(file);
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw toGatewayError(error, file);
  }
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
