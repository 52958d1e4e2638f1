// How fast one destination is pushed to, as its answers allow.

/** The wait that a receiver asks for is kept to these bounds; one that names none waits twice as long each time, up to a minute. */
const minPauseMs = 250;
const firstPauseMs = 1000;
const maxOwnPauseMs = 60_000;
const maxPauseMs = 24 * 60 * 60 * 1000;
/** After a refusal the rate is this part of what was taken. */
const cut = 0.95;
/** The rate grows by this part a second up to a little above what was last taken, and faster beyond, where nothing was refused yet. */
const slowGrowth = 0.005;
const fastGrowth = 0.1;
const ceilingMargin = 1.1;
const minRate = 0.2;
/** A rate above this is none. */
const maxRate = 5000;
/** POSTs may begin together that the rate gives in this time. */
const burstSeconds = 0.2;
/** What was learnt is forgotten so long after it was, when there is no work. */
const learntMs = 10 * 60 * 1000;
/** As many POSTs under way as any destination may have: no limit. */
const maxWindow = 1000;

/**
 * The pace of one destination: pauses when it says that it is too much, then goes on below the rate at which it took, with a
 * POST more under way for each that is taken. Unlimited until then. Times are of one monotonic clock, in milliseconds.
 */
export class Pace {
  #pausedUntil = -Infinity;
  #pauses = 0;
  #throttledAt = -Infinity;
  #slowedAt = -Infinity;
  /** POSTs under way at once. */
  #window = Infinity;
  /** POSTs a second. */
  #rate = Infinity;
  #ceiling = 0;
  #tokens = 0;
  #filledAt = 0;
  /** What was taken since `#since`, and in the second before it. */
  #taken = 0;
  #takenBefore = 0;
  #since = -Infinity;

  /** Whether nothing limits it. */
  get isFree(): boolean {
    return this.#rate === Infinity && this.#window === Infinity;
  }

  /** Whether it has not been slowed for so long that what it learnt is old. */
  isOld(now: number): boolean {
    return now - this.#slowedAt > learntMs && !this.isPaused(now);
  }

  /** Until when nothing may begin; in the past when something may. */
  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  isPaused(now: number): boolean {
    return now < this.#pausedUntil;
  }

  /** How many of `wanted` may begin now beside those under way; whoever begins calls `begin`. */
  admit(wanted: number, inFlight: number, now: number): number {
    if (wanted <= 0 || this.isPaused(now)) return 0;
    this.#fill(now);
    const byRate = this.#rate === Infinity ? Infinity : Math.floor(this.#tokens);
    return Math.max(0, Math.min(wanted, this.#window - inFlight, byRate));
  }

  /** A POST begins. */
  begin(): void {
    if (this.#rate !== Infinity) this.#tokens -= 1;
  }

  /** How long until one more may begin; 0 when the rate and pauses hold back none. */
  waitMs(now: number): number {
    if (this.isPaused(now)) return this.#pausedUntil - now;
    this.#fill(now);
    if (this.#rate === Infinity || this.#tokens >= 1) return 0;
    return Math.ceil(((1 - this.#tokens) / this.#rate) * 1000);
  }

  accepted(now: number): void {
    this.#roll(now);
    this.#taken += 1;
    if (!this.isPaused(now)) this.#pauses = 0;
    if (this.#window !== Infinity) {
      this.#window += 1;
      if (this.#window >= maxWindow) this.#window = Infinity;
    }
  }

  /** Answered "too much" to a POST that began at `begunAt`. Returns when the destination may be pushed to again. */
  throttled(retryAfterMs: number | null, begunAt: number, inFlight: number, now: number): number {
    // What was under way together tells of the same excess once.
    if (begunAt > this.#throttledAt) {
      this.#pauses += 1;
      this.#window = Math.max(1, Math.floor(Math.min(this.#window, inFlight) / 2));
      this.#setRate(now);
      this.#throttledAt = now;
      this.#slowedAt = now;
    }
    const own = Math.min(maxOwnPauseMs, firstPauseMs * 2 ** Math.min(10, this.#pauses - 1));
    const pauseMs = Math.min(maxPauseMs, Math.max(minPauseMs, retryAfterMs ?? own));
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pauseMs);
    return this.#pausedUntil;
  }

  /** Takes over a pause that another process was told, and begins after it with one POST at a time. */
  resume(until: number, now: number): void {
    if (until <= now) return;
    this.restart(now);
    this.#pausedUntil = Math.min(until, now + maxPauseMs);
  }

  endPause(now: number): void {
    if (this.isPaused(now)) this.restart(now);
  }

  /** Begins with one POST at a time, as after an outage; a person's word ends a pause as well. */
  restart(now: number): void {
    this.#slowedAt = now;
    this.#window = 1;
    this.#pausedUntil = -Infinity;
  }

  #setRate(now: number): void {
    this.#roll(now);
    const seconds = Math.max(1, (now - this.#since) / 1000 + (this.#takenBefore > 0 ? 1 : 0));
    const measured = (this.#taken + this.#takenBefore) / seconds;
    // Refused at once, nothing is known but that it was too much.
    const rate = measured > 0 ? measured : Math.min(this.#rate, 2) / 2;
    this.#ceiling = rate;
    this.#rate = Math.max(minRate, rate * cut);
    this.#tokens = 1;
    this.#filledAt = now;
    this.#taken = 0;
    this.#takenBefore = 0;
    this.#since = -Infinity;
  }

  /** Adds what the rate has given since, and lets it grow. */
  #fill(now: number): void {
    if (this.#rate === Infinity) return;
    const seconds = Math.min(60, Math.max(0, (now - this.#filledAt) / 1000));
    this.#filledAt = now;
    const burst = Math.max(1, this.#rate * burstSeconds);
    this.#tokens = Math.min(burst, this.#tokens + seconds * this.#rate);
    const growth = this.#rate < this.#ceiling * ceilingMargin ? slowGrowth : fastGrowth;
    this.#rate *= 1 + growth * seconds;
    if (this.#rate > maxRate) this.#rate = Infinity;
  }

  #roll(now: number): void {
    const age = now - this.#since;
    if (age < 1000) return;
    this.#takenBefore = age < 2000 ? this.#taken : 0;
    this.#taken = 0;
    this.#since = age < 2000 ? this.#since + 1000 : now;
  }
}
