export interface BreakerSettings {
  /** Failures in a row that open it, if they span at least `spanMs`. */
  readonly failures: number;
  readonly spanMs: number;
  readonly probeIntervalMs: number;
}

/** What a result did to the breaker. */
export type BreakerChange = 'opened' | 'closed' | null;

/**
 * What a failure speaks of: the endpoint; perhaps one lane (an answer of 5xx), so that it counts when several meet it;
 * perhaps one receipt type (a no to what was sent), so that it counts when several types meet it.
 */
type FailureScope = 'endpoint' | 'lane' | 'type';

export interface BreakerFailure {
  readonly scope: FailureScope;
  /** Which lane or type it was. */
  readonly subject: string;
  /** Whether this kind is known to be refused while others are taken: it counts beside what others met, never by itself. */
  readonly isKnown?: boolean;
  /** Whether the status was 2xx, so that the receiver is there although it did not take this. */
  readonly isThere?: boolean;
}

/** What speaks of the address itself. */
export const ofEndpoint: BreakerFailure = { scope: 'endpoint', subject: '' };

/** For so long after it closed no delivery ends, because a receiver that has come back may go again. */
const closeGraceMs = 5 * 60 * 1000;

/**
 * The breaker of one destination. Closed, everything passes. Once it has opened, one probe passes every
 * `probeIntervalMs`. The first success closes it, and so does the first 2xx that says no to what was sent, unless such
 * answers opened it. Times are of one monotonic clock.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  #counts = { endpoint: 0, lane: 0, type: 0, known: 0 };
  #subjects = { lane: new Set<string>(), type: new Set<string>() };
  #firstFailureAt = -Infinity;
  #isOpen: boolean;
  #nextProbeAt = -Infinity;
  #graceUntil = -Infinity;
  /** Closed by a person, or by a no, and not yet by a success: the first failure of other kinds opens it again. */
  #isOnTrial = false;
  /** Opened by a receiver that is there and says no to several types. */
  #isRefusing = false;

  /** `isOpen`: as another process left it. */
  constructor(settings: BreakerSettings, isOpen: boolean) {
    this.#settings = settings;
    this.#isOpen = isOpen;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Until when no delivery ends. */
  get graceUntil(): number {
    return this.#graceUntil;
  }

  /** Failures in a row that speak of the destination. */
  get failures(): number {
    const { endpoint, lane, type, known } = this.#counts;
    const isOfSeveral = this.#subjects.lane.size > 1 || endpoint > 0;
    return endpoint + (isOfSeveral ? lane + known : 0) + (this.#subjects.type.size > 1 ? type : 0);
  }

  /** How many pushes may begin now, at most `wanted`. While it is open, asking for one takes the probe. */
  admit(wanted: number, now: number): number {
    if (!this.#isOpen || wanted === 0) return wanted;
    if (now < this.#nextProbeAt) return 0;
    this.#nextProbeAt = now + this.#settings.probeIntervalMs;
    return 1;
  }

  /** When the next probe may begin; undefined while it is closed. */
  get nextProbeAt(): number | undefined {
    return this.#isOpen ? this.#nextProbeAt : undefined;
  }

  /** Gives back a probe that found nothing to push. */
  forgoProbe(): void {
    this.#nextProbeAt = -Infinity;
  }

  /** Follows a person, or another node, who closed it. */
  closeOnTrial(now: number): void {
    this.#close(now);
    this.#isOnTrial = true;
  }

  /** Follows another node that opened it. */
  open(now: number): void {
    this.#isOpen = true;
    this.#isRefusing = false;
    this.#nextProbeAt = now + this.#settings.probeIntervalMs;
  }

  /** Takes in when it closed, or was switched on, as far as this process was not there. */
  closedAt(at: number): void {
    this.#graceUntil = Math.max(this.#graceUntil, at + closeGraceMs);
  }

  /** Takes in how a push ended; `failure` says what one that failed speaks of. */
  record(isSuccess: boolean, now: number, failure: BreakerFailure = ofEndpoint): BreakerChange {
    return isSuccess ? this.#recordSuccess(now) : this.#recordFailure(failure, now);
  }

  #recordSuccess(now: number): BreakerChange {
    this.#isOnTrial = false;
    this.#forget();
    if (!this.#isOpen) return null;
    this.#close(now);
    return 'closed';
  }

  #recordFailure(failure: BreakerFailure, now: number): BreakerChange {
    const { scope, subject, isKnown = false, isThere = false } = failure;
    if (this.#isOpen && isThere && !this.#isRefusing) {
      this.closeOnTrial(now);
      return 'closed';
    }
    // By itself it says nothing of the destination, and neither does a known no to what was sent.
    if (isKnown && (scope === 'type' || this.#firstFailureAt === -Infinity)) return null;
    if (this.#firstFailureAt === -Infinity) this.#firstFailureAt = now;
    this.#counts[isKnown ? 'known' : scope] += 1;
    // Two tell that it is not one alone.
    if (!isKnown && scope !== 'endpoint' && this.#subjects[scope].size < 2)
      this.#subjects[scope].add(subject);
    if (this.#isOpen) return null;
    const { failures, spanMs } = this.#settings;
    const hasFailed = this.failures >= failures && now - this.#firstFailureAt >= spanMs;
    if (!hasFailed && !(this.#isOnTrial && scope !== 'type')) return null;
    this.#isOnTrial = false;
    this.open(now);
    this.#isRefusing = isThere && this.#counts.endpoint === 0;
    return 'opened';
  }

  #close(now: number): void {
    this.#isOpen = false;
    this.closedAt(now);
    this.#forget();
  }

  #forget(): void {
    if (this.#firstFailureAt === -Infinity) return;
    this.#firstFailureAt = -Infinity;
    this.#counts = { endpoint: 0, lane: 0, type: 0, known: 0 };
    this.#subjects = { lane: new Set(), type: new Set() };
  }
}
