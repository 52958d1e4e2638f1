/** What of a lowered rate comes back in a second. */
const recoveryPerSecond = 1 / 600;
/** A rate is halved once in this time, however many answers ask for it. */
const settleMs = 1000;

/**
 * Lets so many through a second, and as many at once after a pause. A channel that asks for less halves the rate, which then
 * comes back bit by bit over ten minutes.
 */
export class Rate {
  readonly #most: number;
  #perSecond: number;
  #tokens: number;
  #filledAt: number;
  #slowedAt = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number, now: number) {
    this.#most = perSecond;
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = now;
  }

  /** Takes up to `wanted`; resolves to how many. */
  take(wanted: number, now: number): number {
    const seconds = Math.max(0, now - this.#filledAt) / 1000;
    this.#perSecond = Math.min(this.#most, this.#perSecond + this.#most * recoveryPerSecond * seconds);
    this.#tokens = Math.min(Math.max(1, this.#perSecond), this.#tokens + seconds * this.#perSecond);
    this.#filledAt = now;
    const taken = Math.min(wanted, Math.floor(this.#tokens));
    this.#tokens -= taken;
    return taken;
  }

  /** Gives back what was taken and not used. */
  giveBack(count: number): void {
    this.#tokens += count;
  }

  /** Halves the rate, down to one a second. */
  slowDown(now: number): void {
    if (now - this.#slowedAt < settleMs) return;
    this.#slowedAt = now;
    this.#perSecond = Math.min(this.#most, Math.max(1, this.#perSecond / 2));
    this.#tokens = Math.min(this.#tokens, this.#perSecond);
  }

  /** Milliseconds until the next one may go. */
  get waitMs(): number {
    return Math.max(0, Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000));
  }
}

/** Messages to one recipient that may go at once (Meta's own limit of a pair, read 2026-11-23). */
const pairBurst = 45;
const maxPairs = 50_000;

/** Keeps a sender from flooding one recipient: a burst of messages, then one each `pairMs`. */
export class Pairs {
  readonly #pairMs: number;
  /** When each recipient's burst is whole again; those that are whole are forgotten. */
  readonly #wholeAt = new Map<number, number>();

  constructor(pairMs: number) {
    this.#pairMs = pairMs;
  }

  /** Takes one message of a lane, which is one user's by whichever id: 0 when it may go, else the milliseconds to wait before it is asked again. */
  take(lane: number, now: number): number {
    if (this.#pairMs === 0) return 0;
    const wholeAt = Math.max(now, this.#wholeAt.get(lane) ?? now);
    const waitMs = wholeAt - now - (pairBurst - 1) * this.#pairMs;
    // Of times of the monotonic clock, which are no whole numbers; what is made of it is kept as one.
    if (waitMs > 0) return Math.ceil(waitMs);
    if (this.#wholeAt.size >= maxPairs) this.#forget(now);
    this.#wholeAt.set(lane, wholeAt + this.#pairMs);
    return 0;
  }

  #forget(now: number): void {
    for (const [lane, wholeAt] of this.#wholeAt) if (wholeAt <= now) this.#wholeAt.delete(lane);
    // So many at once mean a rate far above any channel's; they begin anew.
    if (this.#wholeAt.size >= maxPairs) this.#wholeAt.clear();
  }
}
