import { readdir, rm, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { toBackupName } from '../domain/backup.ts';
import type { BackupManifest } from '../domain/backup.ts';
import { GatewayError } from '../domain/errors.ts';
import type { Time } from '../runtime/clock.ts';
import { makeFolder } from '../runtime/folders.ts';
import { backupFiles } from '../store/backups/port.ts';
import type { BackupPlace, BegunBackup, CheckIn } from '../store/backups/port.ts';
import type { BackUp } from './control-socket.ts';

interface BackupDeps extends Time {
  readonly storeId: string;
  /** Writes a backup into an empty folder, compared with what it is of. */
  readonly write: (begun: BegunBackup, checkIn: CheckIn) => Promise<BackupManifest>;
  /** Writes the store alone, as it is at one moment. */
  readonly copyStore: (file: string) => Promise<void>;
}

/** Names are to the second. */
const nameMs = 1000;

/** Writes backups, one at a time; where and when, others say. */
export class Backups {
  readonly #deps: BackupDeps;
  #isRunning = false;

  constructor(deps: BackupDeps) {
    this.#deps = deps;
  }

  /**
   * Writes one into a folder that is not there, or is empty. Without media it is a copy for a look at the store, and no backup. Throws
   * `bad_request` for another folder, `too_many` while one is being written; what was written goes away again when it fails.
   */
  readonly toFolder: BackUp = (folder, withMedia = true) =>
    this.#alone(async () => {
      if (!isAbsolute(folder))
        throw new GatewayError('bad_request', 'The folder has to be an absolute path.');
      const startedAt = this.#deps.monotonic();
      await claim(folder);
      try {
        const { storeBytes, mediaFiles } = await this.#fill(folder, withMedia);
        const isExposed = ((await stat(folder)).mode & 0o077) !== 0;
        const durationMs = Math.round(this.#deps.monotonic() - startedAt);
        return { folder, storeBytes, mediaFiles, isExposed, durationMs };
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    });

  async #fill(
    folder: string,
    withMedia: boolean,
  ): Promise<{ readonly storeBytes: number; readonly mediaFiles: number }> {
    if (withMedia) {
      const { store, media } = await this.#deps.write({ folder, formerMedia: null }, () => undefined);
      return { storeBytes: store.bytes, mediaFiles: media.files };
    }
    const file = join(folder, backupFiles.store);
    await this.#deps.copyStore(file);
    return { storeBytes: (await stat(file)).size, mediaFiles: 0 };
  }

  /**
   * Writes one to a place. `after`: when the newest that is kept there was made (epoch ms): the new one is named after it, whatever the clock
   * says, so that it is never taken for an old one. Throws what the place throws, what `checkIn` throws, and `too_many` while one is
   * being written.
   */
  toPlace(
    place: BackupPlace,
    { after, checkIn }: { readonly after: number; readonly checkIn: CheckIn },
  ): Promise<{ readonly at: number; readonly manifest: BackupManifest }> {
    return this.#alone(async () => {
      const at = Math.floor(Math.max(this.#deps.now(), after + nameMs) / nameMs) * nameMs;
      const name = toBackupName(this.#deps.storeId, at);
      try {
        const manifest = await this.#deps.write(await place.begin(name), checkIn);
        await place.keep(name, manifest, checkIn);
        return { at, manifest };
      } catch (error) {
        // Where that fails too, the next one clears the place; why this one failed is what is to be told.
        await place.clear().catch(() => undefined);
        throw error;
      }
    });
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isRunning) throw new GatewayError('too_many', 'A backup is being written already.');
    this.#isRunning = true;
    try {
      return await work();
    } finally {
      this.#isRunning = false;
    }
  }
}

async function claim(folder: string): Promise<void> {
  const inside = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new GatewayError(
      'bad_request',
      `${folder} cannot be used by the service, as whose user it is written: ${error.code ?? 'it cannot be read'}.`,
    );
  });
  if (inside.length > 0) throw new GatewayError('bad_request', `${folder} is not empty.`);
  await makeFolder(folder).catch((error: NodeJS.ErrnoException) => {
    throw new GatewayError(
      'bad_request',
      `${folder} cannot be made by the service, as whose user it is written: ${error.code ?? 'the system refused it'}.`,
    );
  });
}
