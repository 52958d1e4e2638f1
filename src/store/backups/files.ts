// What of files the places of backups share.
import { constants } from 'node:fs';
import { chmod, copyFile, statfs } from 'node:fs/promises';
import { GatewayError } from '../../domain/errors.ts';
import { syncPath } from '../sync.ts';

/** What is left free on a disk at least, for whatever else writes there. */
const spareBytes = 64 * 1024 * 1024;

/** Copies a file that does not change, for its owner alone; by reference where the disk can. */
export async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o600);
  await syncPath(to);
}

/** Throws `store_unavailable` where a folder has no room for so many bytes, and a tenth and 64 MB more. */
export async function needSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = bytes * 1.1 + spareBytes;
  if (bavail * bsize >= needed) return;
  throw new GatewayError(
    'store_unavailable',
    `There is no room in ${folder}: ${Math.ceil(needed / 1e6)} MB have to be free, and ${Math.floor((bavail * bsize) / 1e6)} are.`,
  );
}
