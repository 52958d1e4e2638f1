// What one node does for all: whoever holds the lease does it, and another takes it over when he is gone.
import { Worker } from '../runtime/worker.ts';
import type { Duty } from '../runtime/worker.ts';
import type { SetTimer } from '../runtime/loop.ts';
import type { Time } from '../runtime/clock.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';

interface LeadershipDeps extends Time {
  readonly store: Pick<Store, 'takeLease' | 'returnLease'>;
  /** Tells this node from all others. */
  readonly holder: string;
  readonly emit: Emit;
  readonly setTimer?: SetTimer;
}

const lease = 'lead';
/** A node that is gone leaves it to another after this long; what is done once for all can wait for that. */
const leaseMs = 30_000;
const renewMs = 10_000;

export class Leadership implements Duty {
  /** Takes the lease, or keeps it; to be started once there was a look. */
  readonly worker: Worker;
  readonly #deps: LeadershipDeps;
  readonly #monotonic: () => number;
  readonly #followers = new Set<() => void>();
  #isHeldUntil = Number.NEGATIVE_INFINITY;

  constructor(deps: LeadershipDeps) {
    this.#deps = deps;
    this.#monotonic = deps.monotonic;
    this.worker = new Worker({
      name: 'node.lead',
      emit: deps.emit,
      firstMs: renewMs,
      everyMs: renewMs,
      now: deps.now,
      monotonic: deps.monotonic,
      ...(deps.setTimer && { setTimer: deps.setTimer }),
      run: () => this.#take(),
    });
  }

  readonly isOurs = (): boolean => this.#monotonic() < this.#isHeldUntil;

  readonly follow = (gained: () => void): (() => void) => {
    this.#followers.add(gained);
    return () => this.#followers.delete(gained);
  };

  /** Leaves it to others, once nothing is done for all here any more. */
  async leave(): Promise<void> {
    await this.worker.stop();
    this.#isHeldUntil = Number.NEGATIVE_INFINITY;
    await this.#deps.store.returnLease(lease, this.#deps.holder);
  }

  async #take(): Promise<void> {
    const wasOurs = this.isOurs();
    // From before the call on: it is over here before it is over in the store.
    const askedAt = this.#monotonic();
    const isTaken = await this.#deps.store.takeLease(lease, this.#deps.holder, leaseMs);
    this.#isHeldUntil = isTaken ? askedAt + leaseMs : Number.NEGATIVE_INFINITY;
    if (isTaken && !wasOurs) for (const gained of this.#followers) gained();
  }
}
