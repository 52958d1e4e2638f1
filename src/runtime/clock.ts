// Time: what the store's is, what never goes back, and whether the time of what is kept can be relied on.

/** A clock that this process may not work by, and what a person is told of it. */
export interface ClockDoubt {
  /**
   * What speaks against it: the database's clock; one that nobody sets; the newest that is kept; or that no machine can be at that
   * time.
   */
  readonly kind: 'database' | 'step' | 'kept' | 'impossible';
  /** How far it is ahead of what it is compared with, in ms; negative when it is behind. */
  readonly aheadMs: number;
  /** What is wrong with which clock and what to do, in one or two sentences. */
  readonly text: string;
}

export interface Clock {
  /**
   * Epoch milliseconds as the store has them, whole: of the database's clock where nodes share one, else of this machine's.
   * For all that is kept or told: when something is due, visible, held, used up, signed, or was recorded.
   */
  readonly now: () => number;
  /** Milliseconds that no change of a clock moves; for what never leaves this process. */
  readonly monotonic: () => number;
  /** Why nothing may be taken on by this time; null while it is sound. Costs next to nothing. */
  readonly doubt: () => ClockDoubt | null;
  /** How far this machine's clock is ahead of `now`, in ms. */
  readonly aheadMs: () => number;
  /** How far the database's clock is ahead of what `now` goes on by, in ms: 0 unless it was set while all others went on. */
  readonly databaseAheadMs: () => number;
  /** Takes in the newest time that the store keeps (epoch ms; null when it keeps nothing): a clock far from it is in doubt. */
  readonly compare: (kept: number | null) => void;
  /** Takes the time for right, as a person says. Throws `wrong_state`, with what to do, when it cannot be. */
  readonly confirm: () => void;
}

/** What is handed of the clock to whoever measures how long something takes, which never leaves this process. */
export type Stopwatch = Pick<Clock, 'monotonic'>;

/** What is handed of the clock to whoever measures, and keeps or tells as well when something was. */
export type Time = Pick<Clock, 'now' | 'monotonic'>;

/** What this machine's clock says, in epoch milliseconds. For those alone who have no {@link Clock}. */
export function machineNow(): number {
  return Date.now();
}

/** Milliseconds since this process began, which no change of a clock moves. */
export function monotonicNow(): number {
  return performance.now();
}

/** This machine's clock. For those alone who hand it to others, and have no {@link Clock} yet. */
export const machineTime: Time = { now: machineNow, monotonic: monotonicNow };

/** Calls back once, after so many milliseconds, unless what it returns is called before; the process stays until then. */
export function setSystemTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** As {@link setSystemTimer}, and no process stays for it. */
export function setQuietTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

/**
 * As {@link setSystemTimer}, for the end of a wait for an answer: what had come in by then is read first, so that an answer that lay
 * there while this process was held up is in time.
 */
export function setDeadline(callback: () => void, ms: number): () => void {
  let reading: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // Node runs timers before it reads sockets, and these after.
    reading = setImmediate(callback);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(reading);
  };
}

/** A machine's clock may differ from the store's by this much before its process takes on no more work. */
export const clockLimitMs = 5000;

/** The clock of a store whose time is given, and so never in doubt. */
export function openGivenClock({ now, monotonic }: Time): Clock {
  return {
    now,
    monotonic,
    doubt: () => null,
    aheadMs: () => 0,
    databaseAheadMs: () => 0,
    compare: () => undefined,
    confirm: () => undefined,
  };
}
