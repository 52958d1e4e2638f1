/** Time as a simulator sees it. */
export interface SimulatedClock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that no change of a clock moves. */
  readonly monotonic: () => number;
  /** Calls back after so many of the vendor's milliseconds; returns what cancels it. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** The system's time, with every wait shortened by `speed`: at 60 a minute of the vendor's takes a second. */
export function openClock(speed = 1): SimulatedClock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms / speed);
      return () => clearTimeout(timer);
    },
  };
}

/** Waits that end together: what a simulator has planned and forgets when it closes. */
export class Timers {
  readonly #clock: Pick<SimulatedClock, 'after'>;
  readonly #cancels = new Set<() => void>();

  constructor(clock: Pick<SimulatedClock, 'after'>) {
    this.#clock = clock;
  }

  /** How many have not called back yet. */
  get size(): number {
    return this.#cancels.size;
  }

  after(ms: number, callback: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#cancels.delete(cancel);
      callback();
    });
    this.#cancels.add(cancel);
  }

  /** None of them calls back any more. */
  clear(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
