import { CamsError } from './errors.ts';

const maxCounters = 50_000;

/** Counts calls of this second by account and operation, on this node. */
export class Throttle {
  readonly #monotonic: () => number;
  readonly #counts = new Map<string, number>();
  #second = -1;

  /** `monotonic`: milliseconds that no change of a clock moves. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Throws Throttling.User with the time until the next second when there have been `perSecond` calls. */
  take(key: string, perSecond: number): void {
    const now = this.#monotonic();
    const second = Math.floor(now / 1000);
    if (second !== this.#second || this.#counts.size >= maxCounters) {
      this.#second = second;
      this.#counts.clear();
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > perSecond)
      throw CamsError.gateway('Throttling.User', undefined, Math.ceil((second + 1) * 1000 - now));
    this.#counts.set(key, count);
  }
}
