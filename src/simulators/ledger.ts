/**
 * `posted`: a try to post a webhook. `given_up`: the last try failed. `called`: a request to the vendor's API was answered.
 * `noted`: anything else worth knowing, such as a fault that was played.
 */
type LedgerKind = 'posted' | 'given_up' | 'called' | 'noted';

/** One thing that a simulator did. */
export interface LedgerEntry {
  readonly at: number;
  readonly kind: LedgerKind;
  /** What it was about, e.g. `delivered 5612…` or `POST /pa/send_message`. */
  readonly subject: string;
  /** HTTP status, ours or the receiver's; null when no answer came. */
  readonly status: number | null;
  /** Number of the try, from 1; 0 where there are none. */
  readonly attempt: number;
  readonly text: string;
}

/** What a simulator has done, newest last. Only the newest `maxEntries` are kept; the counts are of all. */
export class Ledger {
  readonly #maxEntries: number;
  readonly #listeners: ((entry: LedgerEntry) => void)[] = [];
  readonly #counts = new Map<string, number>();
  #entries: LedgerEntry[] = [];

  constructor(maxEntries = 100_000) {
    this.#maxEntries = maxEntries;
  }

  write(entry: LedgerEntry): void {
    this.#entries.push(entry);
    // Cut in halves, so that keeping the bound costs nothing per entry.
    if (this.#entries.length > this.#maxEntries * 2) this.#entries = this.#entries.slice(-this.#maxEntries);
    const key = `${entry.kind} ${entry.status ?? 'unanswered'}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    for (const listener of this.#listeners) listener(entry);
  }

  /** A request to the vendor's API was answered. */
  noteCall(at: number, subject: string, status: number): void {
    this.write({ at, kind: 'called', subject, status, attempt: 0, text: '' });
  }

  /** Something else is worth knowing; `status` is the one that shows it. */
  note(at: number, subject: string, text = '', status: number | null = null): void {
    this.write({ at, kind: 'noted', subject, status, attempt: 0, text });
  }

  /** The newest entries, oldest first. */
  list(limit = this.#maxEntries): readonly LedgerEntry[] {
    return this.#entries.slice(-Math.min(limit, this.#maxEntries));
  }

  /** How many entries there have been, by kind and status, e.g. `posted 200`. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a.localeCompare(b)));
  }

  /** Calls `listener` with every entry from now on. */
  watch(listener: (entry: LedgerEntry) => void): void {
    this.#listeners.push(listener);
  }
}
