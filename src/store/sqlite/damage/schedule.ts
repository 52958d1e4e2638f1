// When what is left of a damaged file is saved again: a disk that damages whatever is written to it is given more and more rest, and
// never given up.
import { schedules, toWait } from '../../../domain/retry.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Damage that is met so long after the last time begins a new row. */
const forgetMs = 24 * hour;

export class RescueSchedule {
  readonly #monotonic: () => number;
  #times = 0;
  #at = Number.NEGATIVE_INFINITY;

  /** `monotonic`: milliseconds that no change of a clock moves. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** How many times in a row it has been done. */
  get times(): number {
    return this.#monotonic() - this.#at >= forgetMs ? 0 : this.#times;
  }

  /** Milliseconds until it may be done again; 0 when it may be now. */
  get restMs(): number {
    if (this.times === 0) return 0;
    const rest = toWait(schedules.rescue, this.#times) ?? 0;
    return Math.max(0, this.#at + rest - this.#monotonic());
  }

  begin(): void {
    this.#times = this.times + 1;
    this.#at = this.#monotonic();
  }

  /** What is told while it rests after several times in a row; null while that is nothing to speak of. */
  describe(): string | null {
    const { restMs, times } = this;
    if (times < 3 || restMs === 0) return null;
    return `it was saved ${times} times in a row and is damaged again; the next time is in ${Math.ceil(restMs / minute)} minutes, or at a restart: look at the disk first`;
  }
}
