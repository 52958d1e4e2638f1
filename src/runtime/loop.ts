// How whatever runs by itself is woken, waits and ends: the only place that knows.
import { setQuietTimer } from './clock.ts';

export type SetTimer = (callback: () => void, ms: number) => () => void;

interface LoopOptions {
  /** Resolves to whether it went well; never rejects. */
  readonly run: () => Promise<boolean>;
  /** Until the next run after one that did not go well; when left out that is for somebody else to say. */
  readonly againMs?: number;
  /** Called at the end of each run, after the next one has begun where it was woken meanwhile. */
  readonly ended?: (() => void) | undefined;
  readonly setTimer?: SetTimer | undefined;
}

/** Runs one thing, one run at a time, whenever it is woken: by a call, or by its timer. Woken at work it runs once more. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #setTimer: SetTimer;
  #isRunning = false;
  #isWoken = false;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#setTimer = options.setTimer ?? setQuietTimer;
  }

  /** Whether it runs once more after the run under way. */
  get isWoken(): boolean {
    return this.#isWoken;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Resolves at the end of the run under way; at once without one. */
  get running(): Promise<void> {
    return this.#running;
  }

  /** Runs now, or once more after the run under way, however often it is called meanwhile. */
  wake(): void {
    if (this.#isStopped) return;
    if (this.#isRunning) this.#isWoken = true;
    else this.#begin();
  }

  /** Runs in so many milliseconds; a run that begins before, or another `sleep`, takes its place. */
  sleep(ms: number): void {
    if (this.#isStopped) return;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#setTimer(() => this.wake(), ms);
  }

  /** Runs now, after a run that is under way; resolves at the end of that run. */
  async look(): Promise<void> {
    while (this.#isRunning) await this.#running;
    if (this.#isStopped) return;
    this.#begin();
    await this.#running;
  }

  /** From now on no run begins. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  #begin(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#isRunning = true;
    this.#isWoken = false;
    this.#running = this.#options.run().then(this.#end);
  }

  readonly #end = (isGood: boolean): void => {
    const { againMs, ended } = this.#options;
    this.#isRunning = false;
    if (this.#isWoken && !this.#isStopped) this.#begin();
    else if (!isGood && againMs !== undefined) this.sleep(againMs);
    ended?.();
  };
}

/** Resolves after so many milliseconds. */
export function rest(ms: number, setTimer: SetTimer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimer(resolve, ms);
  return promise;
}

/** Resolves when `work` has ended, or when its time for that is over. */
export async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = setQuietTimer(resolve, limitMs);
  try {
    await Promise.race([work, promise]);
  } finally {
    cancel();
  }
}
