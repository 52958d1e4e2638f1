/** Counters that are kept until they are written; a store that is away for long costs no more than these. */
const maxCounters = 50_000;

interface Kind<T> {
  /** What counts with the same key are added up by. */
  readonly toKey: (count: T) => string;
  readonly sum: (one: T, other: T) => T;
  /** Adds counts to the store's. */
  readonly write: (counts: readonly T[]) => Promise<unknown>;
}

/** What was counted on this node and is not in the store yet. */
export class UnwrittenCounts<T> {
  readonly #kind: Kind<T>;
  #counts = new Map<string, T>();

  constructor(kind: Kind<T>) {
    this.#kind = kind;
  }

  /** Adds to the counter of the same key; a new one beyond the bound is dropped. */
  add(count: T): void {
    const key = this.#kind.toKey(count);
    const known = this.#counts.get(key);
    if (known === undefined && this.#counts.size >= maxCounters) return;
    this.#counts.set(key, known === undefined ? count : this.#kind.sum(known, count));
  }

  /** Writes what was counted; what cannot be written now is added to the next time. Throws what writing throws. */
  async write(): Promise<void> {
    const counts = [...this.#counts.values()];
    if (counts.length === 0) return;
    this.#counts = new Map();
    try {
      await this.#kind.write(counts);
    } catch (error) {
      for (const count of counts) this.add(count);
      throw error;
    }
  }
}
