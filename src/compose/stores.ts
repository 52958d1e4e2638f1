// The store and what stands right on it. Everything that comes later is built of these.
import { existsSync, statSync } from 'node:fs';
import { settleMasterKey, toDataPaths } from '../config/master-key.ts';
import type { Settings } from '../config/table.ts';
import { createFirstAccount } from '../core/accounts/first-account.ts';
import type { FirstAccount } from '../core/accounts/first-account.ts';
import { createTemporaryKeys } from '../core/accounts/temporary-keys.ts';
import type { LiveSettings } from '../operations/live-settings.ts';
import type { Backups } from '../operations/backup.ts';
import { machineTime } from '../runtime/clock.ts';
import type { Clock, Stopwatch } from '../runtime/clock.ts';
import { MachineClock } from '../runtime/machine-clock.ts';
import { refuseInDoubt } from '../store/clock-gate.ts';
import { Directory } from '../store/directory.ts';
import { hide, hideMedia, isOpenToOthers } from '../store/file-modes.ts';
import { openBucket } from '../store/media/bucket.ts';
import { openMediaFolder } from '../store/media/folder.ts';
import { openPostgresStore } from '../store/postgres/adapter.ts';
import type { Visit } from '../store/migrations.ts';
import { openSqliteStore } from '../store/sqlite/adapter.ts';
import type { MediaStore, Store } from '../store/store.ts';
import type { Emit, Events } from '../telemetry/events.ts';
import type { GroundFigures } from '../telemetry/ground-gauges.ts';
import type { Host } from './host.ts';
import { toBackups } from './backups.ts';
import { refuseForeign, takeMasterKey } from './data-folder.ts';
import { openLiveSettings } from './live-settings.ts';
import { answerMeanwhile } from './stand-in.ts';
import type { Doors } from './doors.ts';

/** A store that is open, with where media are kept. */
interface OpenedStore {
  readonly store: Store;
  readonly media: MediaStore;
  /** The store's time. */
  readonly clock: Clock;
  readonly kind: Events['service.started']['store'];
  /** What writes backups, and the id of their store; only of the embedded one. */
  readonly backups?: Backups;
  readonly storeId?: string;
  /** Only of the shared store: the host of the database that is used at this moment, with its port. */
  readonly databaseHost?: () => string;
  /** Only of the shared store, which has to have it called every so often. */
  readonly compactTallies?: () => Promise<number>;
  /** Only of the shared store: its connections, and calls that wait for one. */
  readonly database?: () => DatabaseFigures;
}

type DatabaseFigures = NonNullable<GroundFigures['database']>;

/** What a store is opened by. */
interface Opening extends Stopwatch {
  readonly settings: Settings;
  readonly masterKey: Buffer;
  readonly emit: Emit;
  /** Of a command that opens it for a moment. */
  readonly visit?: Visit;
}

export interface Stores extends Host {
  /** What is set while the service runs. */
  readonly live: LiveSettings;
  readonly masterKey: Buffer;
  /** Refuses what is new while the clock is in doubt. */
  readonly store: Store;
  /** Takes down what has happened whatever the clock says. */
  readonly ungatedStore: Store;
  readonly files: MediaStore;
  readonly kind: OpenedStore['kind'];
  readonly backups: OpenedStore['backups'];
  readonly storeId: OpenedStore['storeId'];
  readonly compactTallies: OpenedStore['compactTallies'] | undefined;
  readonly databaseHost: OpenedStore['databaseHost'] | undefined;
  readonly database: OpenedStore['database'] | undefined;
  readonly clock: Clock;
  readonly now: () => number;
  readonly directory: Directory;
  readonly temporaryKeys: ReturnType<typeof createTemporaryKeys>;
  readonly firstAccount: FirstAccount | null;
}

/** Opens the store, answering at the doors meanwhile, and makes its first account. */
export async function openStores(host: Host, doors: Doors): Promise<Stores> {
  const { settings, emit, monotonic, releases } = host;
  const masterKey = takeMasterKey(settings);
  const endMeanwhile = answerMeanwhile(doors.toStandIn());
  const opened = await openStore({ settings, masterKey, emit, monotonic }).finally(endMeanwhile);
  const { now } = opened.clock;
  const store = refuseInDoubt(opened.store, opened.clock);
  releases.add('store', () => store.close());
  const firstAccount = await createFirstAccount(store, settings);
  const { live, settings: current } = await openLiveSettings(host, store);
  const directory = new Directory(store, { now, monotonic });
  releases.add('store', () => directory.close());
  return {
    ...host,
    settings: current,
    live,
    masterKey,
    store,
    ungatedStore: opened.store,
    files: opened.media,
    kind: opened.kind,
    backups: opened.backups,
    storeId: opened.storeId,
    compactTallies: opened.compactTallies,
    databaseHost: opened.databaseHost,
    database: opened.database,
    clock: opened.clock,
    now,
    directory,
    temporaryKeys: createTemporaryKeys({ masterKey, store, directory, now }),
    firstAccount,
  };
}

/** Brings the store's schema up to date, or makes it. Throws `forbidden` for another user's folder, and what opening the store throws. */
export async function migrateStore(settings: Settings): Promise<void> {
  const { folder } = toDataPaths(settings);
  if (settings.databaseUrl === null && existsSync(folder)) refuseForeign(folder);
  const { store } = await openStore({
    settings,
    masterKey: takeMasterKey(settings),
    emit: () => undefined,
    monotonic: machineTime.monotonic,
    visit: 'upgrade',
  });
  await store.close();
}

/** Opens the store that the settings name: a database that nodes share, or a file of this process's own. */
async function openStore(opening: Opening): Promise<OpenedStore> {
  const { bucket, bucketKeyId: keyId, bucketKeySecret: keySecret } = opening.settings;
  if (bucket === null || keyId === null || keySecret === null) return openStoreAlone(opening);
  const media = await openBucket({
    bucket,
    endpoint: opening.settings.bucketEndpoint,
    region: opening.settings.bucketRegion,
    prefix: opening.settings.bucketPrefix,
    keyId,
    keySecret,
  });
  return { ...(await openStoreAlone(opening)), media };
}

/** The store, with media where it keeps them itself. */
export async function openStoreAlone(opening: Opening): Promise<OpenedStore> {
  const { settings, masterKey, emit, monotonic, visit } = opening;
  const visiting = visit === undefined ? {} : { visit };
  const { databaseUrl: url, databaseConnections: maxConnections, checkAtStart: check } = settings;
  if (url !== null) {
    const opened = await openPostgresStore({
      url,
      maxConnections,
      masterKey,
      emit,
      machine: machineTime,
      ...visiting,
    });
    opened.clock.compare(await opened.store.findNewestTime());
    return { ...opened, kind: 'postgres' };
  }
  const clock = new MachineClock({ monotonic });
  const { file, mediaFolder, folder, keyFile } = toDataPaths(settings);
  hide(keyFile);
  const store = await openSqliteStore({
    file,
    masterKey,
    now: clock.now,
    monotonic,
    emit,
    check,
    upgradeCopy: settings.upgradeCopy,
    ...visiting,
  });
  clock.compare(await store.findNewestTime());
  settleMasterKey(settings);
  if (isOpenToOthers(folder)) emit('data.exposed', { mode: (statSync(folder).mode & 0o777).toString(8) });
  void hideMedia(mediaFolder);
  const backups = toBackups(settings, store, { now: clock.now, monotonic });
  return {
    store,
    media: openMediaFolder(mediaFolder),
    clock,
    kind: 'sqlite',
    backups,
    storeId: store.id,
  };
}
