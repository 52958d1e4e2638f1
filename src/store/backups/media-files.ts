// The files of a folder of media (store/media/folder.ts), copied while others write and take away.
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../runtime/folders.ts';
import { syncPath } from '../sync.ts';
import { copySynced } from './files.ts';
import type { CheckIn } from './port.ts';

/** One media file: where it is, its place below the folder of media, and its size. */
export interface MediaFile {
  readonly path: string;
  readonly parent: string;
  readonly name: string;
  readonly bytes: number;
}

/** All media files of a folder; none where there is no folder. */
export async function listMedia(folder: string): Promise<readonly MediaFile[]> {
  const files: MediaFile[] = [];
  for (const parent of await listFolder(folder)) {
    if (!/^[0-9a-f]{2}$/.test(parent)) continue;
    for (const name of await listFolder(join(folder, parent))) {
      const path = join(folder, parent, name);
      const found = await stat(path).catch(ignoreGone);
      if (found !== undefined) files.push({ path, parent, name, bytes: found.size });
    }
  }
  return files;
}

async function listFolder(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(ignoreGone)) ?? [];
}

function ignoreGone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

/**
 * Copies media into a folder; returns how much that was. They never change: one that is taken away meanwhile is left out, and `takeOver`
 * may put a file of another folder there instead.
 */
export async function copyMedia(
  files: readonly MediaFile[],
  to: string,
  {
    checkIn,
    takeOver = async () => false,
  }: { readonly checkIn: CheckIn; readonly takeOver?: (file: MediaFile, path: string) => Promise<boolean> },
): Promise<{ readonly files: number; readonly bytes: number }> {
  const copied = { files: 0, bytes: 0 };
  const parents = new Set<string>();
  for (const file of files) {
    checkIn();
    const parent = join(to, file.parent);
    if (!parents.has(parent)) await mkdir(parent, { recursive: true, mode: 0o700 });
    parents.add(parent);
    const path = join(parent, file.name);
    if (!(await takeOver(file, path)) && !(await copyIfThere(file.path, path))) continue;
    copied.files += 1;
    copied.bytes += file.bytes;
  }
  for (const parent of parents) await syncPath(parent);
  if (parents.size > 0) await syncPath(to);
  return copied;
}

async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copySynced(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
