// Puts another store in the place of the one in a data folder. The folder may be a mount of its own, which cannot be exchanged as a whole:
// one renaming inside it decides, and whoever comes next finishes what follows from that.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GatewayError } from '../../domain/errors.ts';
import { makeFolderNow } from '../../runtime/folders.ts';
import { syncPathNow } from '../sync.ts';
import { openAlone } from './damage/rescue.ts';
import { toResultCode } from './faults.ts';

/** What is being fetched and looked through; nothing follows from it. */
const partial = 'restore.partial';
/** What was decided: it is moved into its place, whoever does it. */
const decided = 'restore.decided';
/** In both: what comes into the folder, the same once the folder is free for it, and what was in the folder. */
const [fresh, moving, former] = ['new', 'moving', 'former'];
const lockName = 'lock';
/** What `former` is called in the end. */
const asideName = 'aside';
const storeName = 'chasqui.sqlite';

/** What is of a store in a data folder: all but its key, its socket and what was kept aside before. */
function isOfStore(name: string): boolean {
  return name.startsWith(storeName) || name === 'media';
}

/** What a data folder holds of a store; nothing where there is no folder. */
export function listStoreFiles(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter(isOfStore) : [];
}

/** A restore of which nothing can be seen yet. Nobody else uses the folder until it is closed. */
export interface Restoring {
  /** An empty folder for the store and its media. */
  readonly folder: string;
  /** Puts what is in that folder into its place, and what was there aside under that name. Killed anywhere, all of it or nothing is done. */
  readonly commit: (aside: string) => void;
  /** Takes away what was not committed. */
  readonly close: () => void;
}

/** Begins a restore into a data folder that is there. Throws `store_in_use` where a service, or another restore, is at work on it. */
export function beginRestore(dataFolder: string): Restoring {
  finishRestore(dataFolder);
  const [begun, done] = [join(dataFolder, partial), join(dataFolder, decided)];
  makeFolderNow(join(begun, fresh));
  const lock = lockAt(begun);
  const hadStore = existsSync(join(dataFolder, storeName));
  let isDone = false;
  let store: DatabaseSync | undefined;
  try {
    store = lockStore(join(dataFolder, storeName));
    // A restore that was killed may have left a part.
    rmSync(join(begun, fresh), { recursive: true });
    mkdirSync(join(begun, fresh), { mode: 0o700 });
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    folder: join(begun, fresh),
    commit: (aside) => {
      // Where there was a store, its lock keeps everybody away.
      if (!hadStore && existsSync(join(dataFolder, storeName))) throw inUse(join(dataFolder, storeName));
      writeFileSync(join(begun, asideName), aside, { flush: true });
      for (const path of [join(begun, fresh), begun]) syncPathNow(path);
      renameSync(begun, done);
      syncPathNow(dataFolder);
      // Its log is taken away by its name, so before that is another's. Whoever wants to open it meets the other lock.
      store?.close();
      store = undefined;
      moveIn(dataFolder);
      isDone = true;
    },
    close: () => {
      // After that it is somebody else's.
      if (!isDone) rmSync(begun, { recursive: true, force: true });
      store?.close();
      lock.close();
    },
  };
}

/**
 * Finishes a restore that was decided and then killed, and takes away one that was not; nothing where there was none. To be called before a
 * data folder is used. Throws `store_in_use` while one is at work.
 */
export function finishRestore(dataFolder: string): void {
  for (const name of [partial, decided]) {
    const folder = join(dataFolder, name);
    if (!existsSync(folder)) continue;
    const lock = lockAt(folder);
    try {
      // Whoever had the lock may have ended it meanwhile.
      if (name === partial) rmSync(folder, { recursive: true, force: true });
      else if (existsSync(folder)) moveIn(dataFolder);
    } finally {
      lock.close();
    }
  }
}

/** Each step can be done again: what has moved is not there to be moved. */
function moveIn(dataFolder: string): void {
  const folder = join(dataFolder, decided);
  const [from, free, old] = [join(folder, fresh), join(folder, moving), join(folder, former)];
  if (existsSync(from)) {
    makeFolderNow(old);
    for (const name of listStoreFiles(dataFolder)) renameSync(join(dataFolder, name), join(old, name));
    for (const path of [old, dataFolder]) syncPathNow(path);
    renameSync(from, free);
    syncPathNow(folder);
  }
  // The store last: without it nobody takes the folder for whole.
  for (const name of ['media', storeName])
    if (existsSync(join(free, name))) renameSync(join(free, name), join(dataFolder, name));
  syncPathNow(dataFolder);
  if (existsSync(old) && readdirSync(old).length > 0)
    renameSync(old, join(dataFolder, readFileSync(join(folder, asideName), 'utf8')));
  syncPathNow(dataFolder);
  rmSync(folder, { recursive: true, force: true });
}

/** A lock that ends with the process, on a file that moves with its folder. */
function lockAt(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, lockName), { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    throw new GatewayError('store_in_use', `A restore is at work in ${folder}. Wait until it has ended.`, {
      cause,
    });
  }
}

/** The lock that a service takes; undefined where there is no store, or one that no service could open. */
function lockStore(file: string): DatabaseSync | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return openAlone(file);
  } catch (cause) {
    const isInUse = cause instanceof GatewayError ? cause.code === 'store_in_use' : toResultCode(cause) === 5;
    if (!isInUse) return undefined;
    throw inUse(file, cause);
  }
}

function inUse(file: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'store_in_use',
    `A service, or another command, is at work on ${file}. Stop it first.`,
    { cause },
  );
}
