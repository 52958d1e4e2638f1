// Who may read what is kept on disk: the owner alone, whatever the umask, and also when it was there before.
import { chmodSync, closeSync, existsSync, openSync, readdirSync, statSync } from 'node:fs';
import { readdir, chmod, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../runtime/folders.ts';

const privateFile = 0o600;
const privateFolder = 0o700;
const others = 0o077;

/** Makes an empty file that only its owner may read, unless one is there; one that is there becomes private. */
export function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', privateFile));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    hide(path);
  }
}

/** Takes a file, if it is there, away from everyone but its owner. One of another owner stays as it is. */
export function hide(path: string, mode = privateFile): void {
  try {
    if (existsSync(path) && (statSync(path).mode & others) !== 0) chmodSync(path, mode);
  } catch {
    // Not ours to change; a folder that is open to others is told of.
  }
}

/** Hides a store's file with all that stands beside it: its log and index, and what was put aside of it. */
export function hideStore(file: string): void {
  const folder = dirname(file);
  for (const name of readdirSync(folder)) if (name.startsWith(basename(file))) hide(join(folder, name));
}

/** Whether a folder lets others than its owner in, to read, write or enter. */
export function isOpenToOthers(folder: string): boolean {
  try {
    return (statSync(folder).mode & others) !== 0;
  } catch {
    // None is there.
    return false;
  }
}

/**
 * Hides a folder of media with all that is in it. The folder itself comes first, so that what is in it is out of reach at once;
 * its files follow while the service works. Never rejects.
 */
export async function hideMedia(folder: string): Promise<void> {
  hide(folder, privateFolder);
  for (const parent of await readdir(folder).catch(() => [])) {
    const path = join(folder, parent);
    hide(path, privateFolder);
    for (const name of await readdir(path).catch(() => [])) {
      const file = join(path, name);
      const found = await stat(file).catch(() => undefined);
      // One that is gone, or another's, is left.
      if (found !== undefined && (found.mode & others) !== 0)
        await chmod(file, privateFile).catch(() => undefined);
    }
  }
}
