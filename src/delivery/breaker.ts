export interface BreakerSettings {
  /** Failures in a row that open it, if they span at least `spanMs`. */
  readonly failures: number;
  readonly spanMs: number;
  readonly probeIntervalMs: number;
}

/** What a result did to the breaker. */
export type BreakerChange = 'opened' | 'closed' | null;

/**
 * The breaker of one destination. Closed, everything passes. Once it has opened, one probe passes every
 * `probeIntervalMs`; what waits behind it uses up no tries. The first success closes it.
 */
export class Breaker {
  readonly #settings: BreakerSettings;
  #failures = 0;
  #firstFailureAt = 0;
  #isOpen: boolean;
  #nextProbeAt = 0;

  /** `isOpen`: as another process left it. */
  constructor(settings: BreakerSettings, isOpen: boolean) {
    this.#settings = settings;
    this.#isOpen = isOpen;
  }

  get isOpen(): boolean {
    return this.#isOpen;
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
    this.#nextProbeAt = 0;
  }

  record(isSuccess: boolean, now: number): BreakerChange {
    if (isSuccess) {
      this.#failures = 0;
      if (!this.#isOpen) return null;
      this.#isOpen = false;
      return 'closed';
    }
    if (this.#failures === 0) this.#firstFailureAt = now;
    this.#failures += 1;
    const { failures, spanMs, probeIntervalMs } = this.#settings;
    if (this.#isOpen || this.#failures < failures || now - this.#firstFailureAt < spanMs) return null;
    this.#isOpen = true;
    this.#nextProbeAt = now + probeIntervalMs;
    return 'opened';
  }
}
