import { GatewayError } from '../domain/errors.ts';
import { Worker } from '../runtime/worker.ts';
import type { Time } from '../runtime/clock.ts';
import type { Emit } from '../telemetry/events.ts';

/** A queue of a thousand messages a second has two thousand rows to add up by then. */
const intervalMs = 2000;

interface TallyCompactionDeps extends Time {
  /** Adds up what was counted of queues. */
  readonly compactTallies: () => Promise<number>;
  readonly emit: Emit;
}

/** Keeps what a shared store counts of each queue short, because the depth of a queue is the sum of it. */
export function createTallyCompaction({ compactTallies, emit, now, monotonic }: TallyCompactionDeps): Worker {
  return new Worker({
    name: 'queues.compact',
    emit,
    now,
    monotonic,
    firstMs: intervalMs,
    everyMs: intervalMs,
    // A store that is away is told of by everyone else, and what was counted is there when it is back.
    isToldElsewhere: (error) => error instanceof GatewayError,
    run: compactTallies,
  });
}
