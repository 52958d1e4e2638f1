import { chmod, copyFile, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { GatewayError } from '../domain/errors.ts';
import type { BackUp } from './control-socket.ts';
import type { Stopwatch } from '../runtime/clock.ts';

interface BackupDeps extends Stopwatch {
  /** Writes a copy of the store as it is at one moment, while it is in use. */
  readonly copyStore: (file: string) => Promise<void>;
  readonly mediaFolder: string;
}

/**
 * Writes the store and then its media into a folder of the form of a data folder, without the master key. The store comes
 * first: what it names is there unless it has been taken away meanwhile. Throws `bad_request` for a folder that holds
 * something; what was written goes away again when it fails.
 */
export function createBackup({ copyStore, mediaFolder, monotonic }: BackupDeps): BackUp {
  let isRunning = false;
  return async (folder, withMedia = true) => {
    if (!isAbsolute(folder)) throw new GatewayError('bad_request', 'The folder has to be an absolute path.');
    if (isRunning) throw new GatewayError('too_many', 'A backup is being written already.');
    isRunning = true;
    const startedAt = monotonic();
    try {
      await claim(folder);
      try {
        const file = join(folder, 'chasqui.sqlite');
        await copyStore(file);
        await sync(file);
        const { size: storeBytes } = await stat(file);
        const mediaFiles = withMedia ? await copyMedia(mediaFolder, join(folder, 'media')) : 0;
        const isExposed = ((await stat(folder)).mode & 0o077) !== 0;
        return {
          folder,
          storeBytes,
          mediaFiles,
          isExposed,
          durationMs: Math.round(monotonic() - startedAt),
        };
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    } finally {
      isRunning = false;
    }
  };
}

async function claim(folder: string): Promise<void> {
  const inside = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new GatewayError('bad_request', `${folder} cannot be used: ${error.code ?? 'it cannot be read'}.`);
  });
  if (inside.length > 0) throw new GatewayError('bad_request', `${folder} is not empty.`);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new GatewayError(
      'bad_request',
      `${folder} cannot be made: ${error.code ?? 'the system refused it'}.`,
    );
  });
}

/** Media files never change; one that is taken away while this runs is left out. */
async function copyMedia(from: string, to: string): Promise<number> {
  let files = 0;
  const parents = await readdir(from).catch(() => []);
  for (const parent of parents.filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    await mkdir(join(to, parent), { recursive: true, mode: 0o700 });
    for (const name of await readdir(join(from, parent))) {
      try {
        await copyFile(join(from, parent, name), join(to, parent, name), constants.COPYFILE_FICLONE);
        await chmod(join(to, parent, name), 0o600);
        await sync(join(to, parent, name));
        files += 1;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      }
    }
  }
  return files;
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
