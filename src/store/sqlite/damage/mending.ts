// What is done about damage that calls meet: unreadable rows are moved out of the way, and what is left of a damaged file is saved in
// another thread, while calls wait a little.
import type { DatabaseSync } from 'node:sqlite';
import { GatewayError } from '../../../domain/errors.ts';
import type { Emit } from '../../../telemetry/events.ts';
import { toGatewayError } from '../faults.ts';
import { rollBack } from '../rollback.ts';
import { addUp, setApart, toOpens } from './quarantine.ts';
import type { Apart } from './quarantine.ts';
import { RescueSchedule } from './schedule.ts';
import { describeRescue, isDamage } from './signs.ts';
import { startSaving } from './thread.ts';
import type { Time } from '../../../runtime/clock.ts';

/** Damage is told of at most this often. */
const tellQuietMs = 10_000;
/** Unreadable rows are looked for again after so long at the earliest. */
const sweepRestMs = 60_000;
/** A call waits for a file that is being saved for so long, and so many calls do. Then they are refused and come again. */
const savingWaitMs = 2000;
const maxWaiting = 1000;

/** The file that is mended, as its connection has it. */
interface MendedFile {
  db(): DatabaseSync;
  /** For good: nothing is begun any more. */
  isClosed(): boolean;
  /** Opens what took the place of the file, with all that was prepared on it. */
  reopen(): void;
  /** What the file holds has changed under what was remembered of it. */
  tellChanged(): void;
}

interface MendingOptions extends Time {
  readonly file: string;
  readonly emit: Emit;
  readonly masterKey?: Buffer;
}

export class Mending {
  readonly #mended: MendedFile;
  readonly #options: MendingOptions;
  readonly #monotonic: () => number;
  readonly #rescues: RescueSchedule;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #sweeping: Promise<boolean> | undefined;
  /** The file is closed and saved in another thread; resolves to whether it was. */
  #saving: Promise<boolean> | undefined;
  #stopSaving: (() => Promise<void>) | undefined;
  #waiting = 0;
  /** Why the file could not be opened again. */
  #gone: unknown;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(mended: MendedFile, options: MendingOptions) {
    this.#mended = mended;
    this.#options = options;
    this.#monotonic = options.monotonic;
    this.#rescues = new RescueSchedule(options.monotonic);
  }

  /** Whether the file cannot be used now: it is being saved, or could not be opened again. */
  get isAway(): boolean {
    return this.#saving !== undefined || this.#gone !== undefined;
  }

  /** Resolves once the file can be used again; rejects with `store_corrupt` when that takes longer than a caller should wait. */
  async untilBack(): Promise<void> {
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
    if (this.#gone === undefined || this.#mended.isClosed()) return;
    const text = 'The damaged store cannot be opened again. Restart the service.';
    throw new GatewayError('store_corrupt', text, { cause: this.#gone });
  }

  /**
   * Tells of damage that a call met, and puts what can still be read into its place, which nobody has to wait for; resolves, after
   * some seconds at the latest, to whether the call may be run again.
   */
  async meet(error: unknown): Promise<boolean> {
    const kind = isDamage(error);
    if (kind === false) return false;
    if (this.#saving === undefined) this.#tell(error);
    if (this.#mended.isClosed()) return false;
    if (kind === 'row') return this.#sweep();
    if (this.#saving === undefined) {
      if (this.#options.file === ':memory:' || this.#rescues.restMs > 0) return false;
      this.#rescues.begin();
      this.#saving = this.#replaceFile().finally(() => {
        this.#saving = undefined;
        this.#mended.tellChanged();
      });
    }
    return within(this.#saving, savingWaitMs);
  }

  /** What a caller is told: that nothing is done about damage any more, where it is so. */
  toError(error: unknown): unknown {
    const resting = isDamage(error) === 'file' ? this.#rescues.describe() : null;
    if (resting !== null)
      return new GatewayError('store_corrupt', `The store is damaged: ${resting}.`, { cause: error });
    return toGatewayError(error);
  }

  /** Breaks a saving off that is under way. */
  async stop(): Promise<void> {
    if (this.#saving === undefined) return;
    await this.#stopSaving?.();
    await this.#saving;
  }

  #tell(error: unknown): void {
    const at = this.#monotonic();
    if (at - this.#toldAt < tellQuietMs) return;
    this.#toldAt = at;
    const what = this.#rescues.describe() ?? 'a call met damage';
    this.#options.emit('store.damaged', { what, kept: null, error: this.toError(error) });
  }

  /** Moves unreadable rows out of the way, in steps between which others are served; all who meet some share one. */
  async #sweep(): Promise<boolean> {
    if (this.#sweeping === undefined) {
      if (this.#monotonic() - this.#sweptAt < sweepRestMs) return false;
      this.#sweptAt = this.#monotonic();
      this.#sweeping = this.#setRowsApart()
        .catch((error: unknown) => {
          const what = 'rows that cannot be read could not be kept apart';
          this.#options.emit('store.damaged', { what, kept: null, error: toGatewayError(error) });
          return false;
        })
        .finally(() => {
          this.#sweeping = undefined;
          this.#mended.tellChanged();
        });
    }
    return within(this.#sweeping, savingWaitMs);
  }

  async #setRowsApart(): Promise<boolean> {
    const { masterKey, now, monotonic, emit } = this.#options;
    const db = this.#mended.db();
    const moved: (Apart | null)[] = [];
    const steps = setApart(db, now(), masterKey && toOpens(masterKey), { monotonic });
    for (let isDone = false; !isDone && !this.#mended.isClosed() && this.#saving === undefined;) {
      db.exec('BEGIN IMMEDIATE');
      try {
        const step = steps.next();
        db.exec('COMMIT');
        if (step.done === true) isDone = true;
        else if (step.value !== null) moved.push(step.value);
      } catch (error) {
        if (db.isTransaction) rollBack(db, emit);
        throw error;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const { table, rows, reason } of addUp(moved))
      emit('store.damaged', { what: `${rows} rows of ${table} are kept apart: ${reason}`, kept: null });
    return true;
  }

  /** Saves what can be read of the file and opens that in its place. */
  async #replaceFile(): Promise<boolean> {
    const isSaved = await this.#saveFile();
    if (this.#mended.isClosed()) return false;
    try {
      this.#mended.reopen();
    } catch (error) {
      this.#gone = error;
      this.#options.emit('store.failing', { error: toGatewayError(error, this.#options.file) });
      return false;
    }
    return isSaved;
  }

  async #saveFile(): Promise<boolean> {
    const { file, masterKey, now, emit } = this.#options;
    try {
      this.#mended.db().close();
      const saving = startSaving({ file, now: now(), ...(masterKey && { masterKey }) });
      this.#stopSaving = saving.stop;
      emit('store.damaged', describeRescue(await saving.done));
      return true;
    } catch (error) {
      const what = 'what is left of it could not be saved';
      if (!this.#mended.isClosed()) emit('store.damaged', { what, kept: null, error: toGatewayError(error) });
      return false;
    } finally {
      this.#stopSaving = undefined;
    }
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
