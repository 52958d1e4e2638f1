import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncPath } from '../sync.ts';
import type { MediaStore } from '../store.ts';

/**
 * Keeps media in a folder beside the embedded store, spread over 256 folders. What is being written stands in `incoming`,
 * which a process empties before its first write: a process that was killed leaves nothing behind for good.
 */
export function openMediaFolder(folder: string): MediaStore {
  const toPath = (id: string): string => {
    if (!/^[0-9a-f]{32}$/.test(id)) throw new Error('A media id is 32 hex digits.');
    return join(folder, id.slice(0, 2), id);
  };

  const incoming = join(folder, 'incoming');
  let prepared: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    await rm(incoming, { recursive: true, force: true });
    await mkdir(incoming, { recursive: true, mode: 0o700 });
  }

  return {
    write: async ({ id }, chunks) => {
      const path = toPath(id);
      const parent = dirname(path);
      await mkdir(parent, { recursive: true, mode: 0o700 });
      prepared ??= prepare();
      await prepared.catch((error: unknown) => {
        prepared = undefined;
        throw error;
      });
      const temporary = join(incoming, `${id}.${randomBytes(6).toString('hex')}`);
      const hash = createHash('sha256');
      let bytes = 0;
      const file = await open(temporary, 'wx', 0o600);
      try {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.byteLength;
          // Unlike write(), this goes on until all of the chunk is written.
          await file.writeFile(chunk);
        }
        await file.sync();
        await file.close();
        await rename(temporary, path);
        await syncPath(parent);
      } catch (error) {
        await file.close().catch(() => undefined);
        await rm(temporary, { force: true });
        throw error;
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    read: async ({ id }, range) => {
      const path = toPath(id);
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        // Any other failure is the disk's, and the file may be there.
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return found && { bytes: found.size, stream: createReadStream(path, range ?? {}) };
    },
    remove: async ({ id }) => rm(toPath(id), { force: true }),
  };
}
