/** One time that a receipt or message was seen at an exit. */
export interface Sighting {
  /** What names the thing at that exit and is the same at each repeat: a queue's MessageId, a callback's ReceiptId. */
  readonly carrier: string;
  /** Why this may be a repeat, as the exit itself says: a cause header, or a DequeueCount above one. */
  readonly cause: string | null;
  /** How many kills there had been. */
  readonly epoch: number;
  /** Whether the one who saw it said that it was taken, and that was acknowledged: a 200 sent, a delete answered. */
  taken: boolean;
}

export interface Verdict {
  readonly acknowledged: number;
  readonly seen: number;
  readonly lost: readonly string[];
  readonly repeated: number;
  readonly unexplained: readonly string[];
}

/**
 * The checker's own account of what the service acknowledged and of what came out at each exit. It knows nothing of how
 * the service works: an item is a text that the one who put it in made up, e.g. `wamid.7/read`.
 */
export class Ledger {
  readonly #acknowledged = new Map<string, Set<string>>();
  readonly #offered = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #sightings = new Map<string, Map<string, Sighting[]>>();

  /** Notes that `item` is about to be offered, and so may be seen even if no answer comes. */
  offer(item: string): void {
    this.#offered.add(item);
  }

  /** Notes that the service answered success for `item`, which is now owed at each of `exits`. */
  acknowledge(item: string, exits: readonly string[]): void {
    const owed = this.#acknowledged.get(item) ?? new Set();
    for (const exit of exits) owed.add(exit);
    this.#acknowledged.set(item, owed);
    this.#noteMissing(item);
  }

  see(exit: string, item: string, sighting: Sighting): Sighting {
    const items = this.#sightings.get(exit) ?? new Map<string, Sighting[]>();
    this.#sightings.set(exit, items);
    const known = items.get(item);
    if (known === undefined) items.set(item, [sighting]);
    else known.push(sighting);
    this.#noteMissing(item);
    return sighting;
  }

  /** How many items the service has answered success for. */
  countAcknowledged(): number {
    return this.#acknowledged.size;
  }

  /** How many acknowledged items have not been seen at every exit that owes them. */
  countMissing(): number {
    return this.#missing.size;
  }

  #noteMissing(item: string): void {
    const owed = this.#acknowledged.get(item) ?? [];
    if ([...owed].some((exit) => !this.#sightings.get(exit)?.has(item))) this.#missing.add(item);
    else this.#missing.delete(item);
  }

  /**
   * Settles the account. Lost: acknowledged and not seen at an exit that owes it. A repeat is explained when it comes
   * under the same carrier, says its cause, and was not taken for good before; anything else is unexplained, and so is
   * an item that nobody offered.
   */
  settle(): Verdict {
    const lost: string[] = [];
    for (const [item, exits] of this.#acknowledged) {
      for (const exit of exits) if (!this.#sightings.get(exit)?.has(item)) lost.push(`${exit}: ${item}`);
    }
    const unexplained: string[] = [];
    let seen = 0;
    let repeated = 0;
    for (const [exit, items] of this.#sightings) {
      for (const [item, sightings] of items) {
        seen += 1;
        repeated += sightings.length - 1;
        if (!this.#offered.has(item)) unexplained.push(`${exit}: ${item} was never put in`);
        for (const fault of findFaults(sightings)) unexplained.push(`${exit}: ${item} ${fault}`);
      }
    }
    return { acknowledged: this.#acknowledged.size, seen, lost, repeated, unexplained };
  }
}

function findFaults(sightings: readonly Sighting[]): string[] {
  const faults: string[] = [];
  const [first] = sightings;
  sightings.slice(1).forEach((repeat, index) => {
    const before = sightings[index];
    if (repeat.carrier !== first?.carrier)
      faults.push(`came again as ${repeat.carrier} instead of ${first?.carrier ?? ''}`);
    if (repeat.cause === null) faults.push(`came again without a cause`);
    // What was taken may come again only if the process died before it could write that down.
    if (before?.taken === true && before.epoch === repeat.epoch)
      faults.push('came again after it was taken, with no kill between');
  });
  return faults;
}
