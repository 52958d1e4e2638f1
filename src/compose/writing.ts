import { GatewayError } from '../domain/errors.ts';
import type { Emit } from '../telemetry/events.ts';

/** Writes down every so often, and at the end, what was gathered in memory so that no request costs a write. */
export function startWriting(
  unit: string,
  everyMs: number,
  work: () => Promise<void>,
  emit: Emit,
): () => Promise<void> {
  const write = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // A store that is away is told of by everyone else; nothing is lost yet.
      if (!(error instanceof GatewayError)) emit('unit.crashed', { unit, error });
    }
  };
  const timer = setInterval(() => void write(), everyMs);
  return () => {
    clearInterval(timer);
    return write();
  };
}
