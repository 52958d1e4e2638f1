/** Time as a simulator sees it. */
export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Calls back after so many of the vendor's milliseconds; returns what cancels it. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

/** The system's time, with every wait shortened by `speed`: at 60 a minute of the vendor's takes a second. */
export function openClock(speed = 1): Clock {
  return {
    now: Date.now,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms / speed);
      return () => clearTimeout(timer);
    },
  };
}
