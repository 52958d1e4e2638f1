import { GatewayError } from '../domain/errors.ts';
import { Worker } from '../runtime/worker.ts';
import type { Time } from '../runtime/clock.ts';
import type { Emit } from '../telemetry/events.ts';

interface PeriodicWriterDeps extends Time {
  readonly name: string;
  readonly everyMs: number;
  readonly write: () => Promise<void>;
  readonly emit: Emit;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

/** Writes down every so often, and at the end, what was gathered in memory so that no request costs a write. */
export function createPeriodicWriter({ write, ...options }: PeriodicWriterDeps): Worker {
  return new Worker({
    ...options,
    firstMs: options.everyMs,
    runsAtEnd: true,
    // A store that is away is told of by everyone else; nothing is lost yet.
    isToldElsewhere: (error) => error instanceof GatewayError,
    run: write,
  });
}
