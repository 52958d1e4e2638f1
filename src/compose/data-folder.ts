// What is done with a data folder before its store is opened.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readMasterKey, toDataPaths } from '../config/master-key.ts';
import type { Settings } from '../config/table.ts';
import { GatewayError } from '../domain/errors.ts';
import { hasCode } from '../runtime/folders.ts';
import { finishRestore } from '../store/sqlite/restore.ts';

/** The master key, once what commands that were killed have left is finished or taken away. Throws `store_in_use`, and as {@link readMasterKey}. */
export function takeMasterKey(settings: Settings): Buffer {
  if (settings.databaseUrl === null) {
    const { folder } = toDataPaths(settings);
    finishRestore(folder);
    clearCheckedCopies(folder);
  }
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

const checkedName = /^chasqui\.sqlite\.check-(\d+)$/;

/** Where a command `check`, this process, has the service at work write a copy to look at. */
export function toCheckedCopy(folder: string): string {
  return join(folder, `chasqui.sqlite.check-${process.pid}`);
}

/** Takes away the copies of commands `check` that were killed; those of others that are at work stay. */
export function clearCheckedCopies(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = checkedName.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}
