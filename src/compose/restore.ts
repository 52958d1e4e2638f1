// What the command `restore` needs: a backup, looked through beside the store whose place it is to take.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findMasterKey, toDataPaths } from '../config/master-key.ts';
import type { Settings } from '../config/table.ts';
import type { CopiedAccess } from '../domain/backup.ts';
import { GatewayError } from '../domain/errors.ts';
import { hasControl } from '../operations/control-socket.ts';
import { makeFolderNow } from '../runtime/folders.ts';
import { endAccess, readAccess } from '../store/accounts/sqlite-access.ts';
import { lookIntoBucket, openBucketBackup } from '../store/backups/bucket.ts';
import { openFolderBackup } from '../store/backups/folder.ts';
import { backupFiles } from '../store/backups/port.ts';
import type { BackupSource } from '../store/backups/port.ts';
import { fetchBackup } from '../store/backups/reading.ts';
import { pendingMigrations, readMigrations } from '../store/migrations.ts';
import { doubtWaiting } from '../store/outbound/sqlite-waiting.ts';
import { readCopyState, requireUsable } from '../store/sqlite/copy-state.ts';
import { beginRestore, listStoreFiles } from '../store/sqlite/restore.ts';
import { parseBucketAddress, toBucketAccess } from './backups.ts';
import { refuseForeign } from './data-folder.ts';

interface RestoreRequest {
  readonly settings: Settings;
  /** A folder, or `s3://bucket/prefix/name`. */
  readonly address: string;
  /** Whether a store that is there may be put aside. */
  readonly replaces: boolean;
  /** Whether messages that wait in the backup are sent, though they may have been sent since. */
  readonly resends: boolean;
  /** In epoch ms; names what is put aside. */
  readonly now: number;
}

/** A backup that is whole, fits, and lies beside the place where it is to go. */
interface PreparedRestore {
  readonly source: BackupSource;
  readonly folder: string;
  /** Messages of the business that wait to be sent in it. */
  readonly waiting: number;
  /** Who gets in by it: sessions and portal links of which end with the restore. */
  readonly access: CopiedAccess;
  /** The name, in the data folder, of what is put aside; null where nothing is there. */
  readonly aside: string | null;
  /** Killed anywhere, it is done as a whole or not at all. */
  readonly commit: () => void;
  readonly close: () => void;
}

/**
 * Fetches a backup into the data folder that the settings name, and looks through it; what is there stays as it is. Throws `not_found` for
 * what is no backup, `store_in_use` while a service runs, `wrong_state` where a store is there that may not be replaced,
 * `wrong_master_key`, `schema_too_new`, `store_corrupt`, `store_unavailable`.
 */
export async function prepareRestore(request: RestoreRequest): Promise<PreparedRestore> {
  const { settings, address, replaces, resends, now } = request;
  if (settings.databaseUrl !== null)
    throw new GatewayError(
      'bad_command',
      'The data is in PostgreSQL, which is restored by its own means (docs/operations.md).',
    );
  const source = await openSource(settings, address);
  // Before what may be gigabytes is fetched.
  pendingMigrations(readMigrations('sqlite'), source.manifest.schema);
  const { folder } = toDataPaths(settings);
  const masterKey = requireKey(settings);
  makeFolderNow(folder);
  refuseForeign(folder);
  if (await hasControl(folder))
    throw new GatewayError('store_in_use', `A service runs on ${folder}. Stop it first.`);
  const restoring = beginRestore(folder);
  try {
    const there = listStoreFiles(folder);
    if (there.length > 0 && !replaces)
      throw new GatewayError(
        'wrong_state',
        `${folder} holds ${there.join(', ')}. Name another folder, or give --replace to have that put aside.`,
      );
    const state = await fetchBackup(source, restoring.folder, readCopyState);
    requireUsable(state, masterKey);
    const name = `replaced-${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
    if (existsSync(join(folder, name)))
      throw new GatewayError('wrong_state', `${name} is there already. Call the command again.`);
    const store = join(restoring.folder, backupFiles.store);
    return {
      source,
      folder,
      waiting: state.waiting,
      access: readAccess(store, now),
      aside: there.length > 0 ? name : null,
      commit: () => {
        if (!resends) doubtWaiting(store);
        endAccess(store, now);
        restoring.commit(name);
      },
      close: restoring.close,
    };
  } catch (error) {
    restoring.close();
    throw error;
  }
}

function requireKey(settings: Settings): Buffer {
  const key = findMasterKey(settings);
  if (key !== undefined) return key;
  const { keyFile } = toDataPaths(settings);
  throw new GatewayError(
    'wrong_master_key',
    `A backup does not hold the master key. Put it back as ${keyFile}, or give it as MASTER_KEY.`,
  );
}

async function openSource(settings: Settings, address: string): Promise<BackupSource> {
  const place = parseBucketAddress(address);
  if (place === undefined) {
    const folder = resolve(address);
    const source = await openFolderBackup(folder);
    if (source !== undefined) return source;
    const names = listFolder(folder);
    if (names.includes(backupFiles.manifest))
      throw noBackup(folder, 'Its own is damaged, or was written by a version that is newer than this one.');
    const backups = names.filter((name) => existsSync(join(folder, name, backupFiles.manifest)));
    throw noBackup(folder, toFound(`${folder}/`, { backups, folders: [], isWhole: true }));
  }
  const access = { ...toBucketAccess(settings), ...place };
  const source = await openBucketBackup(access);
  if (source !== undefined) return source;
  throw noBackup(address, toFound(`s3://${place.bucket}/${place.prefix}`, await lookIntoBucket(access)));
}

/** The names in a folder that somebody has named as a backup. */
function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch (cause) {
    throw noBackup(folder, toUnread.get(toCode(cause)) ?? `It cannot be read: ${toCode(cause)}.`, cause);
  }
}

const toUnread: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'There is no such folder.'],
  ['ENOTDIR', 'It is a file: unpack what is packed, and name the folder.'],
  ['EACCES', 'The user who calls the command may not read it.'],
]);

function toCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'the system refused it';
}

function noBackup(address: string, found: string, cause?: unknown): GatewayError {
  return new GatewayError(
    'not_found',
    `${address} is no backup: it holds no ${backupFiles.manifest} that this version reads. ${found}`,
    { cause },
  );
}

/** What is where somebody looked, who may have named the folder of all backups, or a wrong one, and what to do. */
function toFound(
  below: string,
  { backups, folders, isWhole }: Awaited<ReturnType<typeof lookIntoBucket>>,
): string {
  const there = backups.filter((name) => !name.endsWith('.partial')).slice(-10);
  const last = there.at(-1);
  if (last !== undefined)
    return `In it are, the newest last: ${there.join(', ')}. Name one of them: ${below}${last}.`;
  const others = folders.slice(0, 10).map((name) => `${name}/`);
  const more = folders.length > others.length || !isWhole ? ' and more' : '';
  if (others.length > 0)
    return `In it is no backup, but ${others.join(', ')}${more}. Name the place as CHASQUI_BACKUP_TO has it, and the backup behind it.`;
  return 'It holds no backup, nor a folder where one might be. Name the place as CHASQUI_BACKUP_TO has it, and the backup behind it.';
}
