/** Entries of one memory; when it is full it forgets everything. */
const maxRemembered = 10_000;

/** What was looked up and hardly ever changes, until somebody says that it may have changed. */
export class Memories {
  readonly #known: { clear(): void }[] = [];

  /** What `find` gives for a key, looked up once until the next {@link forget}. `undefined` is not remembered. */
  remember<K, T>(find: (key: K) => T): (key: K) => T {
    const known = new Map<K, T>();
    this.#known.push(known);
    return (key) => {
      const remembered = known.get(key);
      if (remembered !== undefined) return remembered;
      const value = find(key);
      if (known.size >= maxRemembered) known.clear();
      known.set(key, value);
      return value;
    };
  }

  forget(): void {
    for (const known of this.#known) known.clear();
  }
}
