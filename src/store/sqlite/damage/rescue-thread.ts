// The thread in which a damaged file is saved; started by thread.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { GatewayError } from '../../../domain/errors.ts';
import { toOpens } from './quarantine.ts';
import { rescue } from './rescue.ts';
import type { Saved, Work } from './thread.ts';

function work({ file, now, masterKey }: Work): Saved {
  try {
    return { rescue: rescue({ file, now, ...(masterKey && { opens: toOpens(Buffer.from(masterKey)) }) }) };
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, text: error.message };
    return { code: 'store_corrupt', text: `What is left of ${file} cannot be saved: ${String(error)}.` };
  }
}

// The one who starts it gives it this.
parentPort?.postMessage(work(workerData as Work));
