import type { Transaction } from '../sqlite/connection.ts';

/** By delivery id, when its lease ends by the monotonic clock. */
export type Held = Map<number, number>;

/**
 * What is claimed and not yet settled. It is kept in memory, since this process is the only one that pushes from this file; a process
 * that dies forgets it.
 */
export class Leases {
  readonly #byDestination = new Map<number, Held>();
  /** Given in a transaction that has not committed: claims that share it must not hand out the same delivery. */
  readonly #promised = new WeakMap<Transaction, Held>();

  of(destinationId: number): Held {
    const known = this.#byDestination.get(destinationId);
    if (known !== undefined) return known;
    const made: Held = new Map();
    this.#byDestination.set(destinationId, made);
    return made;
  }

  promisedIn(tx: Transaction): Held {
    const known = this.#promised.get(tx);
    if (known !== undefined) return known;
    const made: Held = new Map();
    this.#promised.set(tx, made);
    return made;
  }

  end(destinationId: number, deliveryId: number): void {
    this.#byDestination.get(destinationId)?.delete(deliveryId);
  }
}

/** Whether the lease on a delivery lasts still. */
export function isHeld(held: Held, id: number, now: number): boolean {
  const until = held.get(id);
  return until !== undefined && until > now;
}
