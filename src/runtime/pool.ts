// What runs by itself and does many things at once. See `worker.ts` for one thing at a time.
import type { Emit } from '../telemetry/events.ts';
import { Activity } from './activity.ts';
import type { Startable, WorkerStatus } from './activity.ts';
import { Loop, within } from './loop.ts';
import type { SetTimer } from './loop.ts';
import type { Time } from './clock.ts';

const defaultAgainMs = 1000;
const defaultStopLimitMs = 5000;
/** How long the end waits for what is given back then. */
const giveBackLimitMs = 2000;
/** Runners sleep no longer: a look too many costs little, and the longest delay that a timer takes is 24.8 days. */
const maxSleepMs = 60_000;

interface PoolOptions extends Time {
  /** What it is called in the list of workers, and where a look or a task ends by an error. */
  readonly name: string;
  readonly emit: Emit;
  /** Wakes the runner of all that has work, as the store tells it: at the start, and when signals may have been missed. */
  readonly search: () => Promise<unknown>;
  /** Connects it to the signals that wake its runners; returns what ends that. */
  readonly connect?: () => () => void;
  /** Once at its end, when nothing is under way any more or the time for that is over: gives back what was claimed and not begun. */
  readonly giveBack?: () => Promise<unknown>;
  /** How often its runners look at least, by which it is known when it is late; never when left out. */
  readonly everyMs?: number;
  /** Until the next look, or the next search, after one that failed. */
  readonly againMs?: number;
  /** How long `stop` waits for the looks and tasks under way. */
  readonly stopLimitMs?: number;
  /** Whether somebody else tells of the error of a look. */
  readonly isToldElsewhere?: (error: unknown) => boolean;
  /** The tasks under way when left out. */
  readonly waiting?: () => number;
  readonly setTimer?: SetTimer;
}

/**
 * Many that have work of the same kind (destinations, senders), each looked after by a runner of its own. A runner's look claims
 * from the store as much as may begin now, begins a task for each, and says by `sleep` when to look again; a signal wakes it
 * before, and so does the end of each task. How many tasks may be under way at once is for the look to say, from `underWay`
 * and its own rules: the pool counts them and waits for them at its end.
 *
 * ```ts
 * const pool = new Pool({ name: 'media.fetch', emit, now, monotonic, search: async () => runner.wake(), connect: () => store.watch(…) });
 * const runner = pool.open(async () => {
 *   for (const one of await store.claim(places - runner.underWay)) {
 *     // Stopped while the store looked: what is not begun is left to `giveBack`, or to its lease.
 *     if (pool.isStopped) return;
 *     runner.begin(fetch(one));
 *   }
 *   const dueAt = await store.findNextDue();
 *   if (dueAt !== undefined) runner.sleep(dueAt - now());
 * });
 * ```
 *
 * A look or a search that fails is told and comes again after `againMs`; a task that fails is told, and what becomes of its work is
 * for its lease to say. After `stop` no look begins; those under way, and tasks, are waited for within the limit, and nothing
 * goes on then but what outlasts it.
 */
export class Pool implements Startable {
  readonly #options: PoolOptions;
  readonly #activity: Activity;
  readonly #searching: Loop;
  readonly #runners = new Set<Runner>();
  readonly #hold: Hold;
  #isStarted = false;
  #underWay = 0;
  #idle: (() => void) | undefined;
  #stopping: Promise<void> | undefined;
  #disconnect = (): void => undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    const { againMs = defaultAgainMs, setTimer, waiting = () => this.#underWay } = options;
    this.#activity = new Activity({ ...options, waiting, isBusy: () => this.#underWay > 0 });
    this.#searching = new Loop({ run: () => this.#activity.run(options.search), againMs, setTimer });
    this.#hold = {
      againMs,
      setTimer,
      isOpen: () => this.#isStarted && this.#stopping === undefined,
      run: (look) => this.#activity.run(look),
      crash: (error) => this.#activity.crash(error),
      count: (by) => this.#count(by),
      forget: (runner) => this.#runners.delete(runner),
    };
  }

  /** Whether nothing may be begun any more. */
  get isStopped(): boolean {
    return this.#stopping !== undefined;
  }

  /** Tasks under way, of all its runners. */
  get underWay(): number {
    return this.#underWay;
  }

  /** A runner that looks by `look` once it is woken, and calls `looked` at the end of each look; `Runner.close` forgets it. */
  open(look: () => Promise<unknown>, looked?: () => void): Runner {
    const runner = new Runner(this.#hold, look, looked);
    this.#runners.add(runner);
    return runner;
  }

  start(): void {
    if (this.#isStarted || this.isStopped) return;
    this.#isStarted = true;
    this.#activity.start();
    this.#disconnect = this.#options.connect?.() ?? this.#disconnect;
    this.#searching.wake();
  }

  /** Has what has work searched for anew: signals may have been missed. */
  search(): void {
    if (this.#isStarted) this.#searching.wake();
  }

  /** Tells that a part of a task failed which goes on; `unit` says which where that is needed. */
  crash(error: unknown, unit?: string): void {
    this.#activity.crash(error, unit);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  status(): WorkerStatus {
    return this.#activity.status();
  }

  async #end(): Promise<void> {
    const { giveBack, stopLimitMs = defaultStopLimitMs } = this.#options;
    this.#activity.stop();
    this.#disconnect();
    this.#searching.stop();
    for (const runner of this.#runners) runner.stop();
    await within(stopLimitMs, this.#rest());
    if (giveBack !== undefined) await within(giveBackLimitMs, this.#activity.attempt(giveBack));
  }

  /** Resolves when no look and no task is under way. */
  async #rest(): Promise<void> {
    await this.#searching.running;
    for (const runner of this.#runners) await runner.looking;
    // A look that was under way may have begun some.
    if (this.#underWay === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    await promise;
  }

  #count(by: 1 | -1): void {
    this.#underWay += by;
    if (this.#underWay === 0) this.#idle?.();
  }
}

/** What a runner has of its pool. */
interface Hold {
  readonly againMs: number;
  readonly setTimer: SetTimer | undefined;
  readonly isOpen: () => boolean;
  readonly run: (look: () => Promise<unknown>) => Promise<boolean>;
  readonly crash: (error: unknown) => void;
  readonly count: (by: 1 | -1) => void;
  readonly forget: (runner: Runner) => void;
}

/** Looks after one of those that a {@link Pool} serves: one look at a time, and any number of tasks. */
export class Runner {
  readonly #pool: Hold;
  readonly #loop: Loop;
  #underWay = 0;

  constructor(pool: Hold, look: () => Promise<unknown>, looked?: () => void) {
    const { againMs, setTimer } = pool;
    this.#pool = pool;
    this.#loop = new Loop({ run: () => pool.run(look), ended: looked, againMs, setTimer });
  }

  /** Tasks of it under way. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Whether it looks once more after the look under way. */
  get isWoken(): boolean {
    return this.#loop.isWoken;
  }

  /** Resolves at the end of the look under way; at once without one. */
  get looking(): Promise<void> {
    return this.#loop.running;
  }

  /** Looks now, or once more after the look under way; nothing before the pool's start and after its end. */
  wake(): void {
    if (this.#pool.isOpen()) this.#loop.wake();
  }

  /** Looks in so many milliseconds, or a minute, unless it is woken before. */
  sleep(ms: number): void {
    if (this.#pool.isOpen()) this.#loop.sleep(Math.min(maxSleepMs, Math.max(0, ms)));
  }

  /** Counts a task that has begun. Its error is told; then `ended` is called, and looks again when left out. */
  begin(task: Promise<unknown>, ended: () => void = () => this.wake()): void {
    this.#underWay += 1;
    this.#pool.count(1);
    const end = (): void => {
      this.#underWay -= 1;
      this.#pool.count(-1);
      ended();
    };
    task.then(end, (error: unknown) => {
      this.#pool.crash(error);
      end();
    });
  }

  /** Ends it; whoever is woken for later has to open another. Not while a task of it is under way. */
  close(): void {
    this.#loop.stop();
    this.#pool.forget(this);
  }

  /** Looks no more. */
  stop(): void {
    this.#loop.stop();
  }
}
