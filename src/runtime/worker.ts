// What runs by itself, one thing at a time: after an interval, or when it is woken. See `pool.ts` for many things at once.
import type { Emit } from '../telemetry/events.ts';
import { Activity } from './activity.ts';
import type { Startable, WorkerStatus } from './activity.ts';
import { Loop, within } from './loop.ts';
import type { SetTimer } from './loop.ts';
import type { Time } from './clock.ts';

const defaultStopLimitMs = 5000;

/** One run of a worker. */
export interface Turn {
  /** Whether to break off: asked between steps, and a sign of life. */
  readonly isOver: () => boolean;
  /** Does one thing of many: where it fails that is noted and told, and the others have their turn. */
  readonly attempt: (work: () => Promise<unknown>) => Promise<void>;
}

/** What one of several nodes does for all. */
export interface Duty {
  /** Whether it is this one just now. */
  readonly isOurs: () => boolean;
  /** Calls when it becomes this one; returns what ends the calls. */
  readonly follow: (gained: () => void) => () => void;
}

interface WorkerOptions extends Time {
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
  /** Where one node does it for all: runs are left out while it is another, and there is one when it becomes this one. */
  readonly duty?: Duty | undefined;
  /** Whether somebody else tells of an error. */
  readonly isToldElsewhere?: (error: unknown) => boolean;
  /** Connects it to what wakes it; returns what ends that. */
  readonly connect?: (wake: () => void) => () => void;
  readonly waiting?: () => number;
  readonly setTimer?: SetTimer;
}

/** Runs one thing at a time, again and again, from `start` to `stop`. */
export class Worker implements Startable {
  readonly name: string;
  readonly #options: WorkerOptions;
  readonly #activity: Activity;
  readonly #loop: Loop;
  readonly #monotonic: () => number;
  #isStarted = false;
  #stopping: Promise<void> | undefined;
  #disconnect = (): void => undefined;
  #unfollow = (): void => undefined;

  constructor(options: WorkerOptions) {
    this.name = options.name;
    this.#options = options;
    const { duty, everyMs } = options;
    this.#activity = new Activity({
      ...options,
      everyMs: everyMs === 0 ? null : everyMs,
      ...(duty && { isStandby: () => !duty.isOurs() }),
    });
    this.#loop = new Loop({ run: () => this.#run(), setTimer: options.setTimer });
    this.#monotonic = options.monotonic;
  }

  /** Begins; nothing when it has begun, or has been stopped. */
  start(): void {
    if (this.#isStarted || this.#stopping !== undefined) return;
    this.#isStarted = true;
    this.#activity.start();
    this.#disconnect = this.#options.connect?.(() => this.wake()) ?? this.#disconnect;
    const { firstMs = 0, everyMs, duty } = this.#options;
    // An interval of 0 runs never.
    if (everyMs !== 0) this.#unfollow = duty?.follow(() => this.wake()) ?? this.#unfollow;
    if (firstMs > 0) this.#plan(everyMs === null ? firstMs : Math.min(firstMs, everyMs));
    else if (everyMs !== 0) this.wake();
  }

  /** Runs now, or once more after the run under way; nothing before its start and after its end. */
  wake(): void {
    if (this.#isStarted) this.#loop.wake();
  }

  /** Runs now, after a run that is under way, started or not; resolves at the end of that run, however it went. */
  look(): Promise<void> {
    return this.#loop.look();
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
    const { runsAtEnd, stopLimitMs = defaultStopLimitMs } = this.#options;
    this.#activity.stop();
    this.#loop.stop();
    this.#disconnect();
    this.#unfollow();
    await within(stopLimitMs, this.#loop.running);
    if (runsAtEnd === true && this.#isStarted && !this.#loop.isRunning)
      await within(
        stopLimitMs,
        this.#runOnce(() => false),
      );
  }

  async #run(): Promise<boolean> {
    const overAt = this.#monotonic() + (this.#options.boundMs ?? Infinity);
    const isOver = (): boolean => {
      this.#activity.sign();
      return this.#stopping !== undefined || this.#monotonic() > overAt;
    };
    const isOurs = this.#options.duty?.isOurs() ?? true;
    if (!isOurs) this.#activity.sign();
    const isGood = !isOurs || (await this.#runOnce(isOver));
    const { everyMs, againMs = everyMs } = this.#options;
    const pauseMs = isGood ? everyMs : againMs;
    if (this.#isStarted && !this.#loop.isWoken && pauseMs !== null) this.#plan(pauseMs);
    return isGood;
  }

  #runOnce(isOver: () => boolean): Promise<boolean> {
    const attempt: Turn['attempt'] = (work) => this.#activity.attempt(work);
    return this.#activity.run(() => this.#options.run({ isOver, attempt }));
  }

  /** An interval of 0 is none: it never runs by itself. */
  #plan(ms: number): void {
    const { everyMs, random } = this.#options;
    if (everyMs === 0 || this.#stopping !== undefined) return;
    const pauseMs = random === undefined ? ms : ms * (0.8 + 0.4 * random());
    this.#activity.plan(pauseMs);
    this.#loop.sleep(pauseMs);
  }
}
