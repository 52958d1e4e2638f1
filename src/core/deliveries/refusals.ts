/** For so long after something else was taken, a refusal of a kind that was refused before then speaks of that kind alone. */
const evidenceMs = 5 * 60 * 1000;

/**
 * Which kinds of receipts one destination refuses while it takes others: their refusals do not tell that it is away. Counts
 * for a while only, because a destination may go away later. Times are of one monotonic clock.
 */
export class Refusals {
  /** Refused since something was last taken. */
  readonly #refused = new Set<string>();
  /** Refused before another kind was last taken, and not taken itself since. */
  readonly #known = new Set<string>();
  #takenAt = -Infinity;

  taken(kind: string, now: number): void {
    this.#takenAt = now;
    if (this.#refused.size === 0 && this.#known.size === 0) return;
    for (const refused of this.#refused) this.#known.add(refused);
    this.#refused.clear();
    this.#known.delete(kind);
  }

  /** Returns whether it is known of this kind, and so says nothing of the others. */
  refused(kind: string, now: number): boolean {
    this.#refused.add(kind);
    return this.#known.has(kind) && now - this.#takenAt <= evidenceMs;
  }

  /** What was taken before is no evidence any more. */
  doubt(): void {
    this.#takenAt = -Infinity;
  }
}
