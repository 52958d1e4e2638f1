// What the service needs before anything else: the key that seals secrets, the store, and an account.
import { randomBytes, randomInt } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from './config/table.ts';
import { openMachineClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { createBackup } from './control/backup.ts';
import type { BackupReport } from './control/socket.ts';
import { GatewayError } from './domain/errors.ts';
import { openBucket } from './media/bucket.ts';
import { openMediaFolder } from './media/files.ts';
import { openPostgresStore } from './store/postgres.ts';
import { openSqliteStore } from './store/sqlite.ts';
import type { MediaStore, Store } from './store/store.ts';
import type { Emit, Events } from './telemetry/events.ts';

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
  readonly backUp?: (folder: string) => Promise<BackupReport>;
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
  const { databaseUrl: url, databaseConnections: maxConnections, dataDir } = settings;
  if (url !== null)
    return { ...(await openPostgresStore({ url, maxConnections, masterKey, emit })), kind: 'postgres' };
  const clock = openMachineClock();
  const file = join(resolve(dataDir), 'chasqui.sqlite');
  const mediaFolder = join(dataDir, 'media');
  const store = await openSqliteStore({ file, masterKey, now: clock.now, emit });
  const backUp = createBackup({ copyStore: (copy) => store.copyTo(copy), mediaFolder });
  return { store, media: openMediaFolder(mediaFolder), clock, kind: 'sqlite', backUp };
}

/** The key that seals secrets: from the settings, or from a file beside the store that only its owner may read, made at the first start. */
export function readMasterKey({ masterKey, dataDir }: Settings): Buffer {
  if (masterKey !== null) return Buffer.from(masterKey, /^[0-9a-f]{64}$/i.test(masterKey) ? 'hex' : 'base64');
  const path = join(resolve(dataDir), 'master.key');
  try {
    mkdirSync(resolve(dataDir), { recursive: true, mode: 0o700 });
    const file = openSync(path, 'wx', 0o600);
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
