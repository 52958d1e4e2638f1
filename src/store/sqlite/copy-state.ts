// A look through a copy of the store, in a thread of its own: for gigabytes it takes minutes, and the service goes on.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../../domain/errors.ts';
import { createSeal } from '../seal.ts';
import type { CopyState, CheckIn } from '../backups/port.ts';
import { pendingMigrations, readMigrations } from '../migrations.ts';
import { setQuietTimer } from '../../runtime/clock.ts';
import { rest } from '../../runtime/loop.ts';

/** How often it is asked whether to go on. */
const checkInMs = 250;
/** The heap of the thread; SQLite's pages are bounded by its own cache. */
const heapMegabytes = 128;

/**
 * Reads all of a file that nobody writes to: its digest, SQLite's own check, the rows of each table. Throws `store_corrupt` where it is no
 * store at all, and what `checkIn` throws, once nothing of it goes on.
 */
export async function readCopyState(file: string, checkIn: CheckIn = () => undefined): Promise<CopyState> {
  const thread = new Worker(new URL('copy-state-thread.ts', import.meta.url), {
    workerData: file,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  let state: CopyState | undefined;
  thread.on('message', (found: CopyState) => (state = found));
  const ended = once(thread, 'exit');
  const isOver = ended.then(
    () => true,
    () => true,
  );
  try {
    do checkIn();
    while (!(await Promise.race([isOver, untilNextLook()])));
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  await ended.catch((cause: unknown) => {
    throw new GatewayError('store_corrupt', `${file} cannot be read as a store: ${toText(cause)}.`, {
      cause,
    });
  });
  if (state === undefined)
    throw new GatewayError('store_unavailable', `The look through ${file} was broken off.`);
  return state;
}

async function untilNextLook(): Promise<boolean> {
  await rest(checkInMs, setQuietTimer);
  return false;
}

/** Throws unless this version reads the schema of a copy, and the key opens what is sealed in it: `schema_too_new`, `store_corrupt`, `wrong_master_key`. */
export function requireUsable({ schema, seal }: CopyState, masterKey: Buffer): void {
  pendingMigrations(readMigrations('sqlite'), schema);
  if (schema === 0) throw new GatewayError('store_corrupt', 'It holds no store of Chasqui.');
  if (seal !== null) createSeal(masterKey).open(seal);
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
