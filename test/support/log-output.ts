import type { LogOutput } from '../../src/telemetry/log-output.ts';

/** Hands each line of a log to `write`. */
export function toOutput(write: LogOutput['write']): LogOutput {
  return { write, reopen: () => undefined, close: async () => undefined };
}
