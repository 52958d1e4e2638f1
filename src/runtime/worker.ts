// What runs by itself: one way to wake it, to wait, to bound, to stop and to tell an error, and what there is to say about it.
import { GatewayError } from '../domain/errors.ts';
import type { Emit } from '../telemetry/events.ts';
import { machineNow, monotonicNow, setQuietTimer } from './clock.ts';

/** A worker is late when it has shown no sign of life for so many times its interval, and never sooner than the least. */
const lateTimes = 3;
const leastLateMs = 60_000;
const defaultStopLimitMs = 5000;

export interface WorkerStatus {
  readonly name: string;
  readonly state: 'new' | 'idle' | 'running' | 'stopped';
  /** From the end of a run to the next, in ms; null for one that is only woken. */
  readonly everyMs: number | null;
  readonly runs: number;
  readonly failures: number;
  /** When its last run began, and when its last failure was, in epoch ms; null before there was one. */
  readonly lastRunAt: number | null;
  readonly lastDurationMs: number | null;
  readonly lastError: { readonly at: number; readonly text: string } | null;
  /** How many things it knows to wait for it; null where it does not know. */
  readonly waiting: number | null;
  /** By how much it is later than planned, in ms. */
  readonly lagMs: number;
  /** Since its last sign of life, in ms; null before its start. */
  readonly silentMs: number | null;
  /** Whether it has not run for three times its interval. */
  readonly isLate: boolean;
}

/** Whatever has a status among the workers. */
export interface Observable {
  readonly status: () => WorkerStatus;
}

interface ActivityOptions {
  readonly name: string;
  readonly emit?: Emit;
  readonly everyMs?: number | null;
  /** What waits, where it is known without asking the store. */
  readonly waiting?: () => number;
  readonly now?: () => number;
  readonly monotonic?: () => number;
}

/** What is known of the runs of a worker; several may be under way at once. */
export class Activity implements Observable {
  readonly #options: ActivityOptions;
  readonly #now: () => number;
  readonly #monotonic: () => number;
  #isStarted = false;
  #isStopped = false;
  #underWay = 0;
  #runs = 0;
  #failures = 0;
  #lastRunAt: number | null = null;
  #lastDurationMs: number | null = null;
  #lastError: WorkerStatus['lastError'] = null;
  #signAt: number | null = null;
  #dueAt: number | null = null;
  /** How far apart runs may be just now, where that is not the interval. */
  #pauseMs = 0;
  #lagMs = 0;

  constructor(options: ActivityOptions) {
    this.#options = options;
    this.#now = options.now ?? machineNow;
    this.#monotonic = options.monotonic ?? monotonicNow;
  }

  start(): void {
    this.#isStarted = true;
    this.sign();
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** It lives: a long run that goes on is not late. */
  sign(): void {
    this.#signAt = this.#monotonic();
  }

  /** The next run is planned in so many ms. */
  plan(ms: number): void {
    this.#dueAt = this.#monotonic() + ms;
    this.#pauseMs = ms;
  }

  /** Notes a run from its beginning to its end; rejects as it does. */
  async note<T>(run: () => Promise<T>): Promise<T> {
    const startedAt = this.#monotonic();
    this.#lagMs = this.#dueAt === null ? 0 : Math.max(0, startedAt - this.#dueAt);
    this.#dueAt = null;
    this.#lastRunAt = this.#now();
    this.#underWay += 1;
    this.#runs += 1;
    this.sign();
    try {
      return await run();
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      this.#underWay -= 1;
      this.#lastDurationMs = this.#monotonic() - startedAt;
      this.sign();
    }
  }

  /** Notes a failure of something that it did. */
  fail(error: unknown): void {
    this.#failures += 1;
    this.#lastError = { at: this.#now(), text: toText(error) };
  }

  /** Notes and tells a failure of something that it did. */
  crash(unit: string, error: unknown): void {
    this.fail(error);
    this.#options.emit?.('unit.crashed', { unit, error });
  }

  status(): WorkerStatus {
    const at = this.#monotonic();
    const everyMs = this.#options.everyMs ?? null;
    const isRunning = this.#underWay > 0;
    const silentMs = this.#signAt === null ? null : at - this.#signAt;
    const lateMs = Math.max(leastLateMs, lateTimes * Math.max(everyMs ?? 0, this.#pauseMs));
    return {
      name: this.#options.name,
      state: this.#isStopped ? 'stopped' : isRunning ? 'running' : this.#isStarted ? 'idle' : 'new',
      everyMs,
      runs: this.#runs,
      failures: this.#failures,
      lastRunAt: this.#lastRunAt,
      lastDurationMs: this.#lastDurationMs,
      lastError: this.#lastError,
      waiting: this.#options.waiting?.() ?? null,
      lagMs: isRunning || this.#dueAt === null ? this.#lagMs : Math.max(0, at - this.#dueAt),
      silentMs,
      isLate: everyMs !== null && !this.#isStopped && silentMs !== null && silentMs > lateMs,
    };
  }
}

/** Ours are written for strangers' eyes; of all others the log has what they say. */
function toText(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  return `${error instanceof Error ? error.name : 'Failure'}: the log has it as unit.crashed.`;
}

/** One run of a worker. */
export interface Turn {
  /** Whether to break off: asked between steps, and a sign of life. */
  readonly isOver: () => boolean;
  /** Does one thing of many: where it fails that is noted and told, and the others have their turn. */
  readonly attempt: (work: () => Promise<unknown>) => Promise<void>;
}

interface WorkerOptions {
  /** What it is called in the list of workers, and where a run ends by an error. */
  readonly name: string;
  readonly emit: Emit;
  readonly run: (turn: Turn) => Promise<unknown>;
  /** From the end of a run to the next; null for one that only runs when it is woken. */
  readonly everyMs: number | null;
  /** Until the first run; at once when left out. */
  readonly firstMs?: number;
  /** Until the next run after one that failed; `everyMs` when left out. */
  readonly againMs?: number;
  /** After so long a run is over at its next step. */
  readonly boundMs?: number;
  /** In [0, 1), where nodes that were started together should not run together: pauses differ by up to a fifth. */
  readonly random?: () => number;
  /** Whether it runs once more at its end. */
  readonly runsAtEnd?: boolean;
  /** How long `stop` waits for the run under way. */
  readonly stopLimitMs?: number;
  /** Whether somebody else tells of an error. */
  readonly isToldElsewhere?: (error: unknown) => boolean;
  /** Connects it to what wakes it; returns what ends that. */
  readonly connect?: (wake: () => void) => () => void;
  readonly waiting?: () => number;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
  readonly now?: () => number;
  readonly monotonic?: () => number;
}

/** Runs one thing at a time, again and again, from `start` to `stop`. */
export class Worker implements Observable {
  readonly name: string;
  readonly #options: WorkerOptions;
  readonly #activity: Activity;
  readonly #setTimer: (callback: () => void, ms: number) => () => void;
  readonly #monotonic: () => number;
  #isStarted = false;
  #isRunning = false;
  #isWoken = false;
  #stopping: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();
  #cancelTimer = (): void => undefined;
  #disconnect = (): void => undefined;

  constructor(options: WorkerOptions) {
    this.name = options.name;
    this.#options = options;
    this.#activity = new Activity({ ...options, everyMs: options.everyMs === 0 ? null : options.everyMs });
    this.#setTimer = options.setTimer ?? setQuietTimer;
    this.#monotonic = options.monotonic ?? monotonicNow;
  }

  /** Begins; nothing when it has begun, or has been stopped. */
  start(): void {
    if (this.#isStarted || this.#stopping !== undefined) return;
    this.#isStarted = true;
    this.#activity.start();
    this.#disconnect = this.#options.connect?.(() => this.wake()) ?? this.#disconnect;
    const { firstMs = 0, everyMs } = this.#options;
    if (firstMs > 0) this.#plan(everyMs === null ? firstMs : Math.min(firstMs, everyMs));
    else if (everyMs !== 0) this.wake();
  }

  /** Runs now, or once more after the run under way; nothing before its start and after its end. */
  wake(): void {
    if (!this.#isStarted || this.#stopping !== undefined) return;
    if (this.#isRunning) this.#isWoken = true;
    else this.#begin();
  }

  /** Runs now, after a run that is under way, started or not; resolves at the end of that run, however it went. */
  async look(): Promise<void> {
    while (this.#isRunning) await this.#running;
    if (this.#stopping !== undefined) return;
    this.#begin();
    await this.#running;
  }

  /**
   * Ends it: no run begins any more, and the one under way is waited for, at most so long as was set. Twice is as good as once;
   * what was never started does nothing.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  status(): WorkerStatus {
    return this.#activity.status();
  }

  async #end(): Promise<void> {
    this.#activity.stop();
    this.#cancelTimer();
    this.#disconnect();
    await this.#withinLimit(this.#running);
    if (this.#options.runsAtEnd === true && this.#isStarted && !this.#isRunning)
      await this.#withinLimit(this.#runOnce(() => false));
  }

  async #withinLimit(work: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = setQuietTimer(resolve, this.#options.stopLimitMs ?? defaultStopLimitMs);
    await Promise.race([work, promise]);
    cancel();
  }

  #begin(): void {
    this.#cancelTimer();
    this.#isRunning = true;
    this.#isWoken = false;
    const overAt = this.#monotonic() + (this.#options.boundMs ?? Infinity);
    const isOver = (): boolean => {
      this.#activity.sign();
      return this.#stopping !== undefined || this.#monotonic() > overAt;
    };
    this.#running = this.#runOnce(isOver).then((isGood) => {
      this.#isRunning = false;
      if (!this.#isStarted || this.#stopping !== undefined) return;
      const { everyMs, againMs = everyMs } = this.#options;
      const pauseMs = isGood ? everyMs : againMs;
      if (this.#isWoken) this.#begin();
      else if (pauseMs !== null) this.#plan(pauseMs);
    });
  }

  async #runOnce(isOver: () => boolean): Promise<boolean> {
    const attempt: Turn['attempt'] = async (work) => {
      try {
        await work();
      } catch (error) {
        this.#activity.fail(error);
        this.#tell(error);
      }
    };
    try {
      await this.#activity.note(() => this.#options.run({ isOver, attempt }));
      return true;
    } catch (error) {
      this.#tell(error);
      return false;
    }
  }

  #tell(error: unknown): void {
    const { name, emit, isToldElsewhere } = this.#options;
    // What ends while everything ends is no news.
    if (this.#stopping === undefined && isToldElsewhere?.(error) !== true)
      emit('unit.crashed', { unit: name, error });
  }

  /** An interval of 0 is none: it never runs by itself. */
  #plan(ms: number): void {
    const { everyMs, random } = this.#options;
    if (everyMs === 0) return;
    const pauseMs = random === undefined ? ms : ms * (0.8 + 0.4 * random());
    this.#activity.plan(pauseMs);
    this.#cancelTimer = this.#setTimer(() => this.#begin(), pauseMs);
  }
}
