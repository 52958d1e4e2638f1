// Who may push now: the places for POSTs, which all destinations share.
import type { AccountId } from '../../domain/account.ts';
import { Shares } from '../../domain/shares.ts';

/** Whoever waits for a place. */
interface Waiter {
  readonly accountId: AccountId;
  readonly wake: () => void;
}

/**
 * POSTs that may be under way at once, over all destinations. The last quarter of the places is kept for accounts that have less
 * than an eighth, so that none pushes all others aside; those who wait for one take turns by account.
 */
export class Places {
  readonly #shares: Shares<AccountId>;
  readonly #waiting = new Map<AccountId, Set<Waiter>>();

  constructor(total: number) {
    this.#shares = new Shares({
      total,
      each: total,
      kept: Math.floor(total / 4),
      few: Math.max(1, Math.floor(total / 8)),
    });
  }

  /** How many more this account may take now. */
  room(accountId: AccountId): number {
    return this.#shares.room(accountId);
  }

  /** Takes a place; returns what gives it back. */
  take(accountId: AccountId): () => void {
    return this.#shares.take(accountId);
  }

  /** Puts one who found no place in line. */
  queue(waiter: Waiter): void {
    const waiting = this.#waiting.get(waiter.accountId) ?? new Set();
    this.#waiting.set(waiter.accountId, waiting.add(waiter));
  }

  /** Takes one out of the line who wants nothing more. */
  leave(waiter: Waiter): void {
    const waiting = this.#waiting.get(waiter.accountId);
    if (waiting?.delete(waiter) === true && waiting.size === 0) this.#waiting.delete(waiter.accountId);
  }

  /** Wakes the next who waits and may have a place; whoever was woken does so for the one after it. */
  wakeNext(): void {
    for (const [accountId, waiting] of this.#waiting) {
      if (this.#shares.room(accountId) === 0) continue;
      this.#waiting.delete(accountId);
      const [next] = waiting;
      if (next === undefined) continue;
      waiting.delete(next);
      if (waiting.size > 0) this.#waiting.set(accountId, waiting);
      next.wake();
      return;
    }
  }
}
