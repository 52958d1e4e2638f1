/** The wait after so many failures in a row, in milliseconds; the last row holds for all that follow. */
const waits = [0, 0, 0, 0, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 120_000, 300_000] as const;
/** Many people may share an address, so it has this many failures more before it waits. */
const sharedAllowance = 20;
/** So long after the last failure all is forgotten. */
const forgetMs = 60 * 60 * 1000;
/** Names and addresses remembered; the longest untouched go first. */
const maxEntries = 10_000;

interface Entry {
  failures: number;
  until: number;
  touchedAt: number;
}

/**
 * Slows guessing down: each failure in a row of one name, and of one address, makes the next try wait longer. Kept in
 * memory and bounded, so each node counts for itself.
 */
export class Lockout {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Counts a try as failed before it is made, so that tries made at once do not slip past each other; returns the
   * milliseconds to wait when it may not be made, else 0.
   */
  begin(name: string, visitor: string): number {
    const keys = [`name/${name}`, `visitor/${visitor}`];
    const wait = Math.max(...keys.map((key) => this.#waitOf(key)));
    if (wait > 0) return wait;
    this.#fail(`name/${name}`, 0);
    this.#fail(`visitor/${visitor}`, sharedAllowance);
    return 0;
  }

  /** Forgets the failures of a name whose try succeeded, and takes back what that one counted for its visitor. */
  succeed(name: string, visitor: string): void {
    this.#entries.delete(`name/${name}`);
    this.#takeBack(`visitor/${visitor}`, sharedAllowance);
  }

  /** Takes back a try that neither failed nor got anywhere; the failures before it stand. */
  undo(name: string, visitor: string): void {
    this.#takeBack(`name/${name}`, 0);
    this.#takeBack(`visitor/${visitor}`, sharedAllowance);
  }

  #takeBack(key: string, allowance: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.failures -= 1;
    entry.until = entry.touchedAt + toWait(entry.failures, allowance);
  }

  #waitOf(key: string): number {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 0;
    const now = this.#now();
    if (now - entry.touchedAt > forgetMs) this.#entries.delete(key);
    return Math.max(0, entry.until - now);
  }

  #fail(key: string, allowance: number): void {
    const now = this.#now();
    const failures = (this.#entries.get(key)?.failures ?? 0) + 1;
    // Set anew, so that it stands last in the order in which entries go.
    this.#entries.delete(key);
    this.#entries.set(key, { failures, until: now + toWait(failures, allowance), touchedAt: now });
    const oldest = this.#entries.keys().next();
    if (this.#entries.size > maxEntries && oldest.done !== true) this.#entries.delete(oldest.value);
  }
}

function toWait(failures: number, allowance: number): number {
  const place = Math.max(0, Math.min(failures - 1 - allowance, waits.length - 1));
  return waits[place] ?? 0;
}
