export interface BreakerSettings {
  /** Failures in a row that open it, if they span at least `spanMs`. */
  readonly failures: number;
  readonly spanMs: number;
  readonly probeIntervalMs: number;
}

/** What a result did to the breaker. */
export type BreakerChange = 'opened' | 'closed' | null;

/**
 * What a failure speaks of: the endpoint; perhaps one delivery (an answer of 5xx), so that it counts when several meet it;
 * perhaps one receipt type (a no to what was sent), so that it counts when several types meet it.
 */
export type FailureScope = 'endpoint' | 'delivery' | 'type';

export interface BreakerFailure {
  readonly scope: FailureScope;
  /** Which delivery or type it was. */
  readonly subject: string;
}

/** What speaks of the address itself. */
export const ofEndpoint: BreakerFailure = { scope: 'endpoint', subject: '' };

/** For so long after it closed no delivery ends, because a receiver that has come back may go again. */
export const closeGraceMs = 5 * 60 * 1000;

/**
 * The breaker of one destination. Closed, everything passes. Once it has opened, one probe passes every
 * `probeIntervalMs`. The first success closes it. Times are of one monotonic clock.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  #counts = { endpoint: 0, delivery: 0, type: 0 };
  #subjects = { delivery: new Set<string>(), type: new Set<string>() };
  #firstFailureAt = -Infinity;
  #isOpen: boolean;
  #nextProbeAt = -Infinity;
  #graceUntil = -Infinity;
  /** Closed by a person and not yet by a success: the first failure opens it again. */
  #isOnTrial = false;

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
    const { endpoint, delivery, type } = this.#counts;
    return (
      endpoint +
      (this.#subjects.delivery.size > 1 || endpoint > 0 ? delivery : 0) +
      (this.#subjects.type.size > 1 ? type : 0)
    );
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
    this.#nextProbeAt = now + this.#settings.probeIntervalMs;
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

  #recordFailure({ scope, subject }: BreakerFailure, now: number): BreakerChange {
    if (this.#firstFailureAt === -Infinity) this.#firstFailureAt = now;
    this.#counts[scope] += 1;
    // Two tell that it is not one alone.
    if (scope !== 'endpoint' && this.#subjects[scope].size < 2) this.#subjects[scope].add(subject);
    if (this.#isOpen) return null;
    const { failures, spanMs } = this.#settings;
    const hasFailed = this.failures >= failures && now - this.#firstFailureAt >= spanMs;
    if (!hasFailed && !(this.#isOnTrial && scope !== 'type')) return null;
    this.#isOnTrial = false;
    this.open(now);
    return 'opened';
  }

  #close(now: number): void {
    this.#isOpen = false;
    this.#graceUntil = now + closeGraceMs;
    this.#forget();
  }

  #forget(): void {
    const { endpoint, delivery, type } = this.#counts;
    if (endpoint + delivery + type === 0) return;
    this.#firstFailureAt = -Infinity;
    this.#counts = { endpoint: 0, delivery: 0, type: 0 };
    this.#subjects = { delivery: new Set(), type: new Set() };
  }
}
