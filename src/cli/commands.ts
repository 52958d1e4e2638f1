#!/usr/bin/env node
// The command line. `start`, `migrate` and `check` open the store, as do the ways back in of an operator where no service runs;
// every other command speaks to a running service.
import { createProgram } from './program.ts';
import { GatewayError } from '../domain/errors.ts';
import { machineTime } from '../runtime/clock.ts';

outliveOutput();
try {
  await createProgram(machineTime).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/**
 * Whoever reads what a command prints may have had enough of it, as `head` has: one that goes on until it is ended does so then. Any other
 * ends by itself, unread: what it is changing would be left half done, and what it keeps meanwhile would be left behind. The same is true of a
 * disk that is full, but that this is told; a service goes on, and tells of its log itself.
 */
function outliveOutput(): void {
  const command = process.argv[2] ?? '';
  const isEndless = ['tail', 'simulate'].includes(command);
  let isTold = false;
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code !== 'EPIPE' && command !== 'start') {
        process.exitCode = 1;
        if (!isTold && stream === process.stdout)
          console.error(`What this prints cannot be written: ${code ?? 'the system refused it'}.`);
        isTold = true;
      }
      if (isEndless) process.exit();
    });
}

/** Says what went wrong, and returns the exit code: 2 for what was asked wrongly, 1 for what failed. */
function report(error: unknown): number {
  // Commander has said it already; help and version are no failure.
  if (
    error instanceof Error &&
    'exitCode' in error &&
    'code' in error &&
    String(error.code).startsWith('commander.')
  )
    return error.exitCode === 0 ? 0 : 2;
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof GatewayError)
    return error.code === 'bad_command' || error.code === 'bad_settings' ? 2 : 1;
  return 1;
}
