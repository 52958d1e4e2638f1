import { CamsError } from './errors.ts';

const maxCounters = 50_000;

/** Counts calls of this second by account and operation, on this node. */
export class Throttle {
  readonly #now: () => number;
  readonly #counts = new Map<string, number>();
  #second = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws Throttling.User with the time until the next second when there have been `perSecond` calls. */
  take(key: string, perSecond: number): void {
    const now = this.#now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second || this.#counts.size >= maxCounters) {
      this.#second = second;
      this.#counts.clear();
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > perSecond) throw CamsError.gateway('Throttling.User', undefined, (second + 1) * 1000 - now);
    this.#counts.set(key, count);
  }
}
