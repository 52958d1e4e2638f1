// Folders that somebody has named. Node's own `recursive` tries for ever, at full speed, where the one above is there and takes none, as
// /proc does not (seen with Node 24.21; 26.12 fails as it should).
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder, for its owner alone, with those above it; one that is there stays as it is. Rejects with what the system says. */
export async function makeFolder(path: string, mode = 0o700): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await stat(path)).isDirectory()) return;
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
    await makeFolder(dirname(path), mode);
    await mkdir(path, { mode });
  }
}

/** The same for who may not let others have a turn meanwhile. */
export function makeFolderNow(path: string, mode = 0o700): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (hasCode(error, 'EEXIST') && statSync(path).isDirectory()) return;
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
    makeFolderNow(dirname(path), mode);
    mkdirSync(path, { mode });
  }
}

/** Whether it is what the system says by this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
