// Backups in a folder: each is a folder of its own, of the form of a data folder, with what it says of itself.
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBackupName, parseManifest } from '../../domain/backup.ts';
import { GatewayError } from '../../domain/errors.ts';
import { syncPath } from '../sync.ts';
import { copySynced } from './files.ts';
import { copyMedia, listMedia } from './media-files.ts';
import { backupFiles } from './port.ts';
import type { BackupPlace, BackupSource, BegunBackup } from './port.ts';

/** Stands behind the name of what is no backup: not yet, or not any more. */
const partial = '.partial';

/** Keeps the backups of a store in a folder, which may hold other things, and those of other stores. */
export class BackupFolder implements BackupPlace {
  readonly address: string;
  readonly #storeId: string;
  readonly #dataFolder: string;
  /** Whether it was seen on another disk than what it keeps copies of. */
  #wasElsewhere = false;

  constructor(folder: string, storeId: string, dataFolder: string) {
    this.address = folder;
    this.#storeId = storeId;
    this.#dataFolder = dataFolder;
  }

  async list(): Promise<readonly string[]> {
    return (await this.#listAll()).filter((name) => this.#isName(name)).toSorted();
  }

  async #listAll(): Promise<readonly string[]> {
    return existsSync(this.address) ? this.#use(() => readdir(this.address)) : [];
  }

  async read(name: string): ReturnType<BackupPlace['read']> {
    return readManifest(join(this.address, name));
  }

  async begin(name: string): Promise<BegunBackup> {
    const former = (await this.list()).at(-1);
    const folder = join(this.address, `${name}${partial}`);
    await this.#use(async () => {
      await this.#make();
      await this.clear();
      await mkdir(folder, { mode: 0o700 });
    });
    return {
      folder,
      formerMedia: former === undefined ? null : join(this.address, former, backupFiles.media),
    };
  }

  /** The first backup makes the folder, and none above it: what is missing there may be a disk that is not mounted. */
  async #make(): Promise<void> {
    if (!existsSync(this.address)) await mkdir(this.address, { mode: 0o700 });
    const isElsewhere = (await stat(this.address)).dev !== (await stat(this.#dataFolder)).dev;
    if (this.#wasElsewhere && !isElsewhere)
      throw new GatewayError(
        'store_unavailable',
        `The folder for backups ${this.address} is on the disk of the data folder now, and was not before: its own is not mounted.`,
      );
    this.#wasElsewhere ||= isElsewhere;
  }

  async keep(name: string): Promise<void> {
    await this.#use(async () => {
      await rename(join(this.address, `${name}${partial}`), join(this.address, name));
      await syncPath(this.address);
    });
  }

  async clear(): Promise<void> {
    for (const name of await this.#listAll())
      if (name.endsWith(partial) && this.#isName(name.slice(0, -partial.length)))
        await this.#use(() => rm(join(this.address, name), { recursive: true, force: true }));
  }

  async remove(name: string): Promise<void> {
    const gone = join(this.address, `${name}${partial}`);
    await this.#use(async () => {
      await rename(join(this.address, name), gone);
      await rm(gone, { recursive: true, force: true });
    });
  }

  #isName(name: string): boolean {
    return parseBackupName(name, this.#storeId) !== undefined;
  }

  async #use<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'the system refused it';
      throw new GatewayError(
        'store_unavailable',
        `The folder for backups ${this.address} cannot be used: ${code}.`,
        { cause },
      );
    }
  }
}

/** A backup in a folder, wherever that came from; undefined for a folder that is none, or is not there. */
export async function openFolderBackup(folder: string): Promise<BackupSource | undefined> {
  const manifest = await readManifest(folder);
  if (manifest === undefined || folder.endsWith(partial)) return undefined;
  return {
    address: folder,
    manifest,
    fetch: async (to, checkIn) => {
      try {
        await copySynced(join(folder, backupFiles.store), join(to, backupFiles.store));
        await copyMedia(await listMedia(join(folder, backupFiles.media)), join(to, backupFiles.media), {
          checkIn,
        });
      } catch (error) {
        throw await toFetchFault(folder, error);
      }
    },
  };
}

/** What is told of a backup that cannot be copied: by whom, or what is missing of it. */
async function toFetchFault(folder: string, cause: unknown): Promise<unknown> {
  if (!(cause instanceof Error && 'code' in cause && 'syscall' in cause)) return cause;
  const names = await readdir(folder).catch((): readonly string[] => []);
  if (cause.code !== 'ENOENT' || names.includes(backupFiles.store))
    return new GatewayError('store_unavailable', `${folder} cannot be copied: ${String(cause.code)}.`, {
      cause,
    });
  const packed = names.find((name) => name.startsWith(`${backupFiles.store}.`));
  const what = `${folder} is damaged, and nothing was changed: it holds no ${backupFiles.store}`;
  return new GatewayError(
    'store_corrupt',
    packed === undefined ? `${what}.` : `${what}, but ${packed}: unpack that first.`,
    { cause },
  );
}

async function readManifest(folder: string): ReturnType<BackupPlace['read']> {
  const text = await readFile(join(folder, backupFiles.manifest), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseManifest(text);
}
