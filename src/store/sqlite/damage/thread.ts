// Saves a damaged file in a thread of its own: for gigabytes it takes a minute, and health is asked for meanwhile.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../../../domain/errors.ts';
import type { ErrorCode } from '../../../domain/errors.ts';
import type { Rescue } from './rescue.ts';

/** What the thread is told. */
export interface Work {
  readonly file: string;
  readonly now: number;
  readonly masterKey?: Uint8Array;
}

/** What it answers. */
export type Saved = { readonly rescue: Rescue } | { readonly code: ErrorCode; readonly text: string };

interface Saving {
  /** Rejects like {@link rescue}, and with `store_unavailable` when it was stopped. */
  readonly done: Promise<Rescue>;
  /** Ends it; the file is then the old one, or the new one in whole. Resolves once nothing of it goes on. */
  readonly stop: () => Promise<void>;
}

/** The heap of the thread; one row and the names of tables need far less. */
const heapMegabytes = 256;

/** Begins to save what `file` holds. Nobody may have it open until `done` is settled. */
export function startSaving(work: Work): Saving {
  const worker = new Worker(new URL('rescue-thread.ts', import.meta.url), {
    workerData: work,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  return {
    done: finish(worker),
    stop: async () => {
      await worker.terminate();
    },
  };
}

async function finish(worker: Worker): Promise<Rescue> {
  let saved: Saved | undefined;
  worker.on('message', (answer: Saved) => (saved = answer));
  // Its handles of the file are closed when it has ended. One that fails rejects here.
  await once(worker, 'exit').catch((cause: unknown) => {
    throw new GatewayError('store_corrupt', 'The thread that saved the store failed.', { cause });
  });
  if (saved === undefined)
    throw new GatewayError(
      'store_unavailable',
      'The saving of the store was stopped; it begins again at the next start.',
    );
  if ('rescue' in saved) return saved.rescue;
  throw new GatewayError(saved.code, saved.text);
}
