// The key that seals secrets, and the files of a data folder that have to stand beside each other.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { GatewayError } from '../domain/errors.ts';
import { hasCode, makeFolderNow } from '../runtime/folders.ts';
import type { Settings } from './table.ts';

/** For its owner alone, as all that is in a data folder. */
const privateFile = 0o600;
const privateFolder = 0o700;

/** Where the embedded store is, and what stands beside it. */
export function toDataPaths({ dataDir }: Pick<Settings, 'dataDir'>): {
  readonly folder: string;
  readonly file: string;
  readonly mediaFolder: string;
  readonly keyFile: string;
} {
  const folder = resolve(dataDir);
  return {
    folder,
    file: join(folder, 'chasqui.sqlite'),
    mediaFolder: join(folder, 'media'),
    keyFile: join(folder, 'master.key'),
  };
}

/**
 * The key that seals secrets: from the settings, or from a file beside the store that only its owner may read, made at the first
 * start. Throws `store_corrupt` or `wrong_master_key`, in words, when a store and its key do not stand beside each other: a new store beside an old key
 * or old media, and a new key beside an old store, both hide that something was lost.
 */
export function readMasterKey(settings: Settings): Buffer {
  const { masterKey, databaseUrl } = settings;
  if (databaseUrl === null) checkTogether(settings);
  if (masterKey !== null) return toKeyBytes(masterKey);
  const { keyFile } = toDataPaths(settings);
  return readKeyFile(existsSync(keyFile) ? keyFile : makeKeyFile(`${keyFile}.new`, settings.dataDir));
}

/** The key that the settings or the data folder give; undefined without one, and none is made. Throws `store_corrupt`. */
export function findMasterKey(settings: Pick<Settings, 'masterKey' | 'dataDir'>): Buffer | undefined {
  const { keyFile } = toDataPaths(settings);
  if (settings.masterKey !== null) return toKeyBytes(settings.masterKey);
  return existsSync(keyFile) ? readKeyFile(keyFile) : undefined;
}

function toKeyBytes(text: string): Buffer {
  return Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64');
}

/** Gives the key its name for good, once there is a store that it seals. */
export function settleMasterKey(settings: Settings): void {
  const { keyFile } = toDataPaths(settings);
  if (settings.masterKey === null && !existsSync(keyFile)) renameSync(`${keyFile}.new`, keyFile);
}

/** Refuses to go on with a half of what belongs together. */
function checkTogether(settings: Settings): void {
  const { file, mediaFolder, folder, keyFile } = toDataPaths(settings);
  const hasStore = existsSync(file) && statSync(file).size > 0;
  if (hasStore) {
    if (settings.masterKey !== null || existsSync(keyFile) || existsSync(`${keyFile}.new`)) return;
    throw new GatewayError(
      'wrong_master_key',
      `${file} is there, but ${keyFile}, which opens its secrets, is not. Put the key back that this store was made with, or give it as MASTER_KEY.`,
    );
  }
  if (settings.newStore) return;
  const left = [
    ...(existsSync(keyFile) ? ['master.key'] : []),
    ...(listNames(mediaFolder).some((name) => /^[0-9a-f]{2}$/.test(name)) ? ['media'] : []),
    ...listNames(folder).filter(
      (name) => /^chasqui\.sqlite(-wal$|\.)/.test(name) && !name.endsWith('.rescued'),
    ),
  ];
  if (left.length === 0) return;
  throw new GatewayError(
    'store_corrupt',
    `${folder} holds ${left.join(', ')} of a store, but ${existsSync(file) ? 'an empty chasqui.sqlite' : 'no chasqui.sqlite'}. ` +
      'Put the store back (docs/operations.md, "Backup and restore"), or name the right DATA_DIR. ' +
      'To begin anew with an empty store beside them, start once with CHASQUI_NEW_STORE=true.',
  );
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // None is there; one that cannot be read is told of when it is used.
    return [];
  }
}

/** Makes the key, under a name that says that no store is sealed with it for sure; one from a start that failed is taken again. */
function makeKeyFile(path: string, dataDir: string): string {
  try {
    makeFolderNow(dirname(path), privateFolder);
    const file = openSync(path, 'wx', privateFile);
    writeSync(file, `${randomBytes(32).toString('hex')}\n`);
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    const exists = hasCode(error, 'EEXIST') && existsSync(path);
    if (!exists)
      throw new GatewayError('store_unavailable', `The data folder ${dataDir} cannot be written.`, {
        cause: error,
      });
  }
  return path;
}

function readKeyFile(path: string): Buffer {
  const key = Buffer.from(readKeyText(path).trim(), 'hex');
  if (key.byteLength !== 32)
    throw new GatewayError(
      'store_corrupt',
      `${path} does not hold 32 bytes in hex. Put the key back that this store was made with.`,
    );
  return key;
}

/** One that root has put back belongs to root, often. */
function readKeyText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason =
      hasCode(cause, 'EACCES') || hasCode(cause, 'EPERM')
        ? 'this process may not. Give it to the user that the service runs as'
        : cause instanceof Error && 'code' in cause
          ? String(cause.code)
          : 'the system refused it';
    throw new GatewayError('wrong_master_key', `${path} cannot be read: ${reason}.`, { cause });
  }
}
