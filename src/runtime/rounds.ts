// Work that comes round every few hours.
import { setQuietTimer } from './clock.ts';

export interface RoundsOptions {
  /** Told when the rounds end, so that one under way does not go on to the next thing. */
  readonly look: (isStopped: () => boolean) => Promise<void>;
  readonly firstMs: number;
  /** 0 looks never by itself. */
  readonly intervalMs: number;
  /** In [0, 1): nodes that were started together do not ask together. */
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

export interface Rounds {
  /** Looks now, after a look that is under way. */
  readonly look: () => Promise<void>;
  /** Ends the rounds and waits for the look that is under way. */
  readonly stop: () => Promise<void>;
}

/** Begins to look: first after `firstMs`, or the interval where that is shorter, and then an interval after each look. */
export function beginRounds(options: RoundsOptions): Rounds {
  const { intervalMs, onError } = options;
  const setTimer = options.setTimer ?? setQuietTimer;
  let isStopped = false;
  let cancelTimer = (): void => undefined;
  let running: Promise<void> = Promise.resolve();
  const look = (): Promise<void> => options.look(() => isStopped);

  function plan(ms: number): void {
    if (isStopped || intervalMs === 0) return;
    cancelTimer = setTimer(
      () => {
        running = look()
          .catch(onError)
          .then(() => plan(intervalMs));
      },
      ms * (0.8 + 0.4 * options.random()),
    );
  }

  plan(Math.min(options.firstMs, intervalMs));
  return {
    look: () => (running = running.then(look)),
    stop: async () => {
      isStopped = true;
      cancelTimer();
      await running.catch(() => undefined);
    },
  };
}
