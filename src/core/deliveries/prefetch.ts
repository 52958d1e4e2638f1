import type { ClaimedBatch } from '../../domain/delivery.ts';

/** What was claimed and has waited for its turn so long is given back untried. */
const oldMs = 5_000;

/** How many batches wait for their turn, of all destinations together. */
export interface PrefetchCount {
  count: number;
}

/** What of one destination was claimed ahead, so that a claim is for many: each claim looks past all that are claimed already. */
export class Prefetch {
  readonly #all: PrefetchCount;
  #batches: ClaimedBatch[] = [];
  #since = 0;

  /** `all` counts along. Times are of one monotonic clock. */
  constructor(all: PrefetchCount) {
    this.#all = all;
  }

  get count(): number {
    return this.#batches.length;
  }

  /** Whether the last claim was too long ago for what is left of it. */
  isOld(now: number): boolean {
    return now - this.#since > oldMs;
  }

  add(batches: readonly ClaimedBatch[], now: number): void {
    this.#batches.push(...batches);
    this.#since = now;
    this.#all.count += batches.length;
  }

  /** Takes out the first `count`, or all. */
  take(count = Infinity): readonly ClaimedBatch[] {
    const taken = this.#batches.splice(0, Math.max(0, count));
    this.#all.count -= taken.length;
    return taken;
  }
}

/** The deliveries that batches hold. */
export function toDeliveryIds(batches: Iterable<ClaimedBatch>): readonly number[] {
  return [...batches].flatMap(({ members }) => members.map(({ deliveryId }) => deliveryId));
}
