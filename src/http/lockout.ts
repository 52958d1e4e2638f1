/** The wait after so many failures in a row, in milliseconds; the last row holds for all that follow. */
const waits = [0, 0, 0, 0, 1000, 2000, 4000, 8000, 15_000, 30_000, 60_000, 120_000, 300_000] as const;
/** Many people may share an address, so it has this many failures more before it waits. */
const sharedAllowance = 20;
/** So long after the last failure all is forgotten. */
const forgetMs = 60 * 60 * 1000;
/** So long after a success the visitor is still known as one who gets this name right. */
const trustMs = 30 * 24 * 60 * 60 * 1000;
/** Counts, and visitors known, that are remembered of each; the longest untouched go first. */
const maxEntries = 10_000;

interface Entry {
  failures: number;
  until: number;
  touchedAt: number;
}

/** A secret that somebody may guess: of a person, who chose it, or of a machine, which has a long one made at random. */
export interface Guessed {
  readonly kind: 'person' | 'machine';
  /** Whose, among all that are counted. */
  readonly name: string;
}

/**
 * Slows guessing down: each failure in a row of one visitor at one name, of one visitor at all names, and of all visitors at one
 * person's name makes the next try wait longer. A visitor who got a name right lately is not held back by the failures of others,
 * so that nobody can lock its owner out by guessing. Kept in memory and bounded, so each node counts for itself.
 */
export class Lockout {
  readonly #monotonic: () => number;
  readonly #entries = new Map<string, Entry>();
  /** When a visitor last got a name right. */
  readonly #known = new Map<string, number>();

  /** `monotonic`: milliseconds that no change of a clock moves. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** The milliseconds to wait before a try may be made; 0 when it may be made now. */
  waitOf(guessed: Guessed, visitor: string): number {
    if (this.#entries.size === 0) return 0;
    const keys = this.isKnown(guessed, visitor)
      ? [toPair(guessed, visitor)]
      : toKeys(guessed, visitor).map(([key]) => key);
    return Math.max(...keys.map((key) => this.#waitOf(key)));
  }

  /** Whether a visitor got a name right lately. */
  isKnown(guessed: Guessed, visitor: string): boolean {
    const rightAt = this.#known.get(toPair(guessed, visitor)) ?? -Infinity;
    return this.#monotonic() - rightAt < trustMs;
  }

  /** Counts a try that failed. */
  fail(guessed: Guessed, visitor: string): void {
    for (const [key, allowance] of toKeys(guessed, visitor)) this.#fail(key, allowance);
  }

  /**
   * Counts a try as failed before it is made, so that tries made at once do not slip past each other; returns the
   * milliseconds to wait when it may not be made, else 0.
   */
  begin(guessed: Guessed, visitor: string): number {
    const wait = this.waitOf(guessed, visitor);
    if (wait === 0) this.fail(guessed, visitor);
    return wait;
  }

  /** Forgets the failures of a visitor at a name that he got right, and takes back what the try that was begun counted elsewhere. */
  succeed(guessed: Guessed, visitor: string): void {
    this.undo(guessed, visitor);
    this.note(guessed, visitor);
  }

  /** Forgets the failures of a visitor at a name that he got right, by a try that was not begun. */
  note(guessed: Guessed, visitor: string): void {
    const pair = toPair(guessed, visitor);
    this.#entries.delete(pair);
    this.#known.delete(pair);
    this.#known.set(pair, this.#monotonic());
    trim(this.#known);
  }

  /** Takes back a try that neither failed nor got anywhere; the failures before it stand. */
  undo(guessed: Guessed, visitor: string): void {
    for (const [key, allowance] of toKeys(guessed, visitor)) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      entry.failures -= 1;
      entry.until = entry.touchedAt + toWait(entry.failures, allowance);
    }
  }

  #waitOf(key: string): number {
    const entry = this.#entries.get(key);
    if (entry === undefined) return 0;
    const now = this.#monotonic();
    if (now - entry.touchedAt > forgetMs) this.#entries.delete(key);
    return Math.max(0, entry.until - now);
  }

  #fail(key: string, allowance: number): void {
    const now = this.#monotonic();
    const failures = (this.#entries.get(key)?.failures ?? 0) + 1;
    // Set anew, so that it stands last in the order in which entries go.
    this.#entries.delete(key);
    this.#entries.set(key, { failures, until: now + toWait(failures, allowance), touchedAt: now });
    trim(this.#entries);
  }
}

function trim(map: Map<string, unknown>): void {
  const oldest = map.keys().next();
  if (map.size > maxEntries && oldest.done !== true) map.delete(oldest.value);
}

function toPair({ name }: Guessed, visitor: string): string {
  return `${visitor} ${name}`;
}

/** What a try counts against, each with the failures that are let pass. */
function toKeys(guessed: Guessed, visitor: string): (readonly [key: string, allowance: number])[] {
  return [
    [toPair(guessed, visitor), 0],
    [`visitor ${visitor}`, sharedAllowance],
    ...(guessed.kind === 'person' ? [[`name ${guessed.name}`, 0] as const] : []),
  ];
}

function toWait(failures: number, allowance: number): number {
  const place = Math.max(0, Math.min(failures - 1 - allowance, waits.length - 1));
  return waits[place] ?? 0;
}
