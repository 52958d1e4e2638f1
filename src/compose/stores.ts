// What the service needs before anything else: the key that seals secrets, the store, and an account.
import { randomBytes, randomInt } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Settings } from '../config/table.ts';
import type { Clock } from '../runtime/clock.ts';
import { createBackup } from '../operations/backup.ts';
import type { BackUp } from '../operations/control-socket.ts';
import { GatewayError } from '../domain/errors.ts';
import { MachineClock } from '../runtime/machine-clock.ts';
import { openBucket } from '../store/media/bucket.ts';
import { openMediaFolder } from '../store/media/folder.ts';
import { hide, hideMedia, isOpenToOthers, privateFile, privateFolder } from '../store/file-modes.ts';
import { openPostgresStore } from '../store/postgres/adapter.ts';
import { openSqliteStore } from '../store/sqlite/adapter.ts';
import type { MediaStore, Store } from '../store/store.ts';
import type { Emit, Events } from '../telemetry/events.ts';

/** The first account of a store. */
export interface FirstAccount {
  readonly accountId: number;
  readonly keyId: string;
  readonly keySecret: string;
  /** Whether the secret was made at random, and so is known to nobody yet. */
  readonly isSecretNew: boolean;
}

/** A store that is open, with where media are kept. */
export interface OpenedStore {
  readonly store: Store;
  readonly media: MediaStore;
  /** The store's time. */
  readonly clock: Clock;
  readonly kind: Events['service.started']['store'];
  /** Only of the embedded store. */
  readonly backUp?: BackUp;
}

/** Opens the store that the settings name: a database that nodes share, or a file of this process's own. */
export async function openStore(settings: Settings, masterKey: Buffer, emit: Emit): Promise<OpenedStore> {
  const { bucket, bucketKeyId: keyId, bucketKeySecret: keySecret } = settings;
  if (bucket === null || keyId === null || keySecret === null)
    return openStoreAlone(settings, masterKey, emit);
  const media = await openBucket({
    bucket,
    endpoint: settings.bucketEndpoint,
    region: settings.bucketRegion,
    prefix: settings.bucketPrefix,
    keyId,
    keySecret,
  });
  return { ...(await openStoreAlone(settings, masterKey, emit)), media };
}

/** The store, with media where it keeps them itself. */
async function openStoreAlone(settings: Settings, masterKey: Buffer, emit: Emit): Promise<OpenedStore> {
  const { databaseUrl: url, databaseConnections: maxConnections, checkAtStart: check } = settings;
  if (url !== null) {
    const opened = await openPostgresStore({ url, maxConnections, masterKey, emit });
    opened.clock.compare(await opened.store.findNewestTime());
    return { ...opened, kind: 'postgres' };
  }
  const clock = new MachineClock();
  const { file, mediaFolder, folder } = toPaths(settings);
  hide(toKeyPath(settings));
  const store = await openSqliteStore({
    file,
    masterKey,
    now: clock.now,
    monotonic: clock.monotonic,
    emit,
    check,
  });
  clock.compare(await store.findNewestTime());
  settleMasterKey(settings);
  if (isOpenToOthers(folder)) emit('data.exposed', { mode: (statSync(folder).mode & 0o777).toString(8) });
  void hideMedia(mediaFolder);
  const backUp = createBackup({ copyStore: (copy) => store.copyTo(copy), mediaFolder });
  return { store, media: openMediaFolder(mediaFolder), clock, kind: 'sqlite', backUp };
}

function toPaths({ dataDir }: Settings): { folder: string; file: string; mediaFolder: string } {
  const folder = resolve(dataDir);
  return { folder, file: join(folder, 'chasqui.sqlite'), mediaFolder: join(folder, 'media') };
}

function toKeyPath({ dataDir }: Settings): string {
  return join(resolve(dataDir), 'master.key');
}

/**
 * The key that seals secrets: from the settings, or from a file beside the store that only its owner may read, made at the first
 * start. Throws `store_corrupt` or `wrong_master_key`, in words, when a store and its key do not stand beside each other: a new store beside an old key
 * or old media, and a new key beside an old store, both hide that something was lost.
 */
export function readMasterKey(settings: Settings): Buffer {
  const { masterKey, databaseUrl } = settings;
  if (databaseUrl === null) checkTogether(settings);
  if (masterKey !== null) return Buffer.from(masterKey, /^[0-9a-f]{64}$/i.test(masterKey) ? 'hex' : 'base64');
  const path = toKeyPath(settings);
  return readKeyFile(existsSync(path) ? path : makeKeyFile(`${path}.new`, settings.dataDir));
}

/** Refuses to go on with a half of what belongs together. */
function checkTogether(settings: Settings): void {
  const { file, mediaFolder, folder } = toPaths(settings);
  const key = toKeyPath(settings);
  const hasStore = existsSync(file) && statSync(file).size > 0;
  if (hasStore) {
    if (settings.masterKey !== null || existsSync(key) || existsSync(`${key}.new`)) return;
    throw new GatewayError(
      'wrong_master_key',
      `${file} is there, but ${key}, which opens its secrets, is not. Put the key back that this store was made with, or give it as MASTER_KEY.`,
    );
  }
  if (settings.newStore) return;
  const left = [
    ...(existsSync(key) ? ['master.key'] : []),
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
    mkdirSync(dirname(path), { recursive: true, mode: privateFolder });
    const file = openSync(path, 'wx', privateFile);
    writeSync(file, `${randomBytes(32).toString('hex')}\n`);
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!exists)
      throw new GatewayError('store_unavailable', `The data folder ${dataDir} cannot be written.`, {
        cause: error,
      });
  }
  return path;
}

/** Gives the key its name for good, once there is a store that it seals. */
function settleMasterKey(settings: Settings): void {
  const path = toKeyPath(settings);
  if (settings.masterKey === null && !existsSync(path)) renameSync(`${path}.new`, path);
}

function readKeyFile(path: string): Buffer {
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
  if (key.byteLength !== 32)
    throw new GatewayError(
      'store_corrupt',
      `${path} does not hold 32 bytes in hex. Put the key back that this store was made with.`,
    );
  return key;
}

/** Makes the first account while there is none, as the settings say or at random. */
export async function createFirstAccount(store: Store, settings: Settings): Promise<FirstAccount | null> {
  const accountId =
    settings.rootAccountId ?? randomInt(1_000_000_000, 2_000_000_000) * 1_000_000 + randomInt(1_000_000);
  const keyId = settings.rootAccessKeyId ?? `LTAI${randomBytes(10).toString('hex')}`;
  const keySecret = settings.rootAccessKeySecret ?? randomBytes(24).toString('base64url').slice(0, 30);
  const made = await store.createFirstAccount({
    account: { id: accountId, name: 'First account' },
    key: { id: keyId, secret: keySecret },
  });
  return made ? { accountId, keyId, keySecret, isSecretNew: settings.rootAccessKeySecret === null } : null;
}
