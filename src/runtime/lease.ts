import { setQuietTimer } from './clock.ts';
import type { SetTimer } from './loop.ts';

interface LeaseOptions {
  readonly everyMs: number;
  readonly renew: () => Promise<unknown>;
  readonly onFailure: (error: unknown) => void;
  readonly setTimer?: SetTimer;
}

/** Keeps something leased until `end`, which resolves once no renewal is under way. */
export function keepLease({ everyMs, renew, onFailure, setTimer = setQuietTimer }: LeaseOptions): {
  readonly end: () => Promise<void>;
} {
  let renewing: Promise<unknown> = Promise.resolve();
  const plan = (): (() => void) =>
    setTimer(() => {
      cancel = plan();
      renewing = renew().catch(onFailure);
    }, everyMs);
  let cancel = plan();
  return {
    end: async () => {
      cancel();
      await renewing;
    },
  };
}
