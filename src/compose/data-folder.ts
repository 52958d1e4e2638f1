// What is done with a data folder before its store is opened.
import { statSync } from 'node:fs';
import { readMasterKey, toDataPaths } from '../config/master-key.ts';
import type { Settings } from '../config/table.ts';
import { GatewayError } from '../domain/errors.ts';
import { finishRestore } from '../store/sqlite/restore.ts';

/** The master key, once a restore that was killed has been finished. Throws `store_in_use`, and as {@link readMasterKey}. */
export function takeMasterKey(settings: Settings): Buffer {
  if (settings.databaseUrl === null) finishRestore(toDataPaths(settings).folder);
  return readMasterKey(settings);
}

/** Throws `forbidden` for another user's folder: what root made in it (SQLite's log, a copy) the service could not open any more. */
export function refuseForeign(folder: string): void {
  const { uid } = statSync(folder);
  if (process.getuid !== undefined && process.getuid() !== uid)
    throw new GatewayError(
      'forbidden',
      `${folder} is not your folder: it is that of the user ${uid}. Call the command as that user, e.g. by sudo -u '#${uid}'.`,
    );
}
