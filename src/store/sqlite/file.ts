// The file before its first use: looked at, opened, locked, brought up to date.
import { DatabaseSync } from 'node:sqlite';
import { dirname } from 'node:path';
import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs';
import { maxId } from '../../domain/ids.ts';
import type { StartCheck } from '../../domain/start-check.ts';
import { makeFolderNow } from '../../runtime/folders.ts';
import type { Emit } from '../../telemetry/events.ts';
import { hideStore, makePrivate } from '../file-modes.ts';
import { inspect } from './damage/inspection.ts';
import { describeRescue } from './damage/signs.ts';
import { startSaving } from './damage/thread.ts';
import { toGatewayError } from './faults.ts';
import { learnKeys } from './known-keys.ts';
import { learnLanes } from './known-lanes.ts';
import { bringUpToDate, refuseFormer, refuseOtherSchema } from './schema.ts';
import type { Visit } from '../migrations.ts';
import type { Time } from '../../runtime/clock.ts';
import { markRelease, prepareUpgrade } from './upgrade-copy.ts';

interface LookOptions extends Time {
  readonly file: string;
  readonly emit: Emit;
  readonly check?: StartCheck;
  readonly masterKey?: Buffer;
  readonly upgradeCopy?: boolean;
  readonly visit?: Visit;
}

/** Makes the folder, looks for damage before the file is used, puts what can be read of it into its place, and keeps a copy of what an older version left. */
export async function lookAtFile(options: LookOptions): Promise<void> {
  const { file, emit, check = 'quick', upgradeCopy: isCopied = false, masterKey, visit } = options;
  if (file === ':memory:') return;
  try {
    makeFolderNow(dirname(file));
    accessSync(dirname(file), constants.W_OK);
    // SQLite goes on with a file that it may only read, and fails later by what looks like the disk.
    for (const path of [file, `${file}-wal`]) if (existsSync(path)) closeSync(openSync(path, 'r+'));
    if (existsSync(file)) refuseFormer(file);
    if (check !== 'off') await mendFile(options, check);
    if (visit !== 'as_is') await prepareUpgrade({ file, emit, isCopied, ...(masterKey && { masterKey }) });
  } catch (error) {
    throw toGatewayError(error, file);
  }
}

async function mendFile(options: LookOptions, check: Exclude<StartCheck, 'off'>): Promise<void> {
  const { file, emit } = options;
  const found = inspect(file, check, options);
  for (const what of found.told) emit('store.damaged', { what, kept: found.kept });
  if (found.isDamaged) await replaceFile(options);
}

/** Puts what can be read of a damaged file that nobody has open into its place, in another thread, and tells of it. */
export async function replaceFile({ file, now, emit, masterKey }: LookOptions): Promise<void> {
  const saving = startSaving({ file, now: now(), ...(masterKey && { masterKey }) });
  emit('store.damaged', describeRescue(await saving.done));
}

export function openFile(file: string): DatabaseSync {
  if (file === ':memory:') return new DatabaseSync(file);
  try {
    // SQLite would make it readable for all that the umask lets; its log is made like it.
    makePrivate(file);
    hideStore(file);
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw toGatewayError(error, file);
  }
}

/** Locks an open file and brings its schema up to date, unless it is wanted as it is; returns whether the last process ended without closing it. */
export function setUpFile(db: DatabaseSync, file: string, visit?: Visit): boolean {
  db.exec('PRAGMA page_size = 4096');
  // One process owns the file; the exclusive lock also spares the shared-memory index. Set before the first access.
  db.exec('PRAGMA locking_mode = EXCLUSIVE');
  db.exec(`PRAGMA journal_mode = ${file === ':memory:' ? 'MEMORY' : 'WAL'}`);
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA foreign_keys = ON');
  // A checkpoint is part of some commit, which everyone waits for: small ones cost no more in all, and hold nobody up for long.
  db.exec('PRAGMA wal_autocheckpoint = 1000');
  // What it does not hold, the system's own cache does, a microsecond away.
  db.exec('PRAGMA cache_size = -32768');
  db.exec('PRAGMA temp_store = MEMORY');
  // A cell that reaches out of its page is found when the page is read, not when it is too late.
  db.exec('PRAGMA cell_size_check = ON');
  if (visit === 'as_is') refuseOtherSchema(db);
  else {
    bringUpToDate(db);
    markRelease(db);
  }
  learnKeys(db);
  learnLanes(db);
  const unclean = db.prepare("SELECT 1 FROM meta WHERE key = 'running'").get() !== undefined;
  db.exec("INSERT OR IGNORE INTO meta (key, value) VALUES ('running', x'01')");
  return unclean;
}

/** Marks the end as a clean one and closes the file. */
export function closeFile(db: DatabaseSync): void {
  try {
    db.exec("DELETE FROM meta WHERE key = 'running'");
  } finally {
    db.close();
  }
}

/** The newest id that any row has; 0 in a new file. */
export function findNewestId(db: DatabaseSync): number {
  const tables = ['receipt', 'raw_event', 'delivery', 'outbound', 'message', 'notice', 'change'];
  const columns = [...tables.map((table) => [table, 'id']), ['seen_lately', 'receipt_id']];
  const newest = columns.map(([table, id]) =>
    Number(db.prepare(`SELECT max(${id}) AS id FROM ${table} WHERE ${id} < ${maxId}`).get()?.['id'] ?? 0),
  );
  return Math.max(0, ...newest);
}
