import { statfs } from 'node:fs/promises';

/** The room on the disk that a folder is on, in bytes: what is left to users without privileges, and all of it; null where it cannot be told. */
export async function measureDisk(
  folder: string,
): Promise<{ readonly freeBytes: number; readonly sizeBytes: number } | null> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
  } catch {
    // Without the folder there is nothing to tell, and a scrape has other figures.
    return null;
  }
}
