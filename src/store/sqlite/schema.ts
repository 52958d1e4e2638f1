import { closeSync, openSync, readSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { GatewayError } from '../../domain/errors.ts';
import { pendingMigrations, readMigrations, requireCurrent, tooOld } from '../migrations.ts';
import type { Migration } from '../migrations.ts';

/** Stands in the head of every file that this program makes ("Chsq"); files from before the first release have none. */
const applicationId = 0x43_68_73_71;
/** Where the head of a file says what it is: https://www.sqlite.org/fileformat2.html#the_database_header (read 2026-11-29). */
const headBytes = 100;
const magic = 'SQLite format 3\0';
const versionAt = 60;
const applicationAt = 68;

/**
 * Brings the schema of a file up to date (or to an older version), or makes it; each migration wholly or not at all. Throws
 * `schema_too_new`, `schema_too_old`.
 */
export function bringUpToDate(
  db: DatabaseSync,
  { to = Infinity, migrations = readMigrations('sqlite') }: BringOptions = {},
): void {
  const version = readPragma(db, 'user_version');
  if (isFormer(version, readPragma(db, 'application_id'))) throw formerFile(db.location() ?? 'The store');
  for (const migration of pendingMigrations(migrations, version)) {
    if (migration.version > to) return;
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(migration.sql);
      markVersion(db, migration.version);
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Throws unless the schema of a file is this program's: `wrong_state`, `schema_too_new`, `schema_too_old`, or `not_found` where there is none. */
export function refuseOtherSchema(db: DatabaseSync): void {
  const [version, store] = [readPragma(db, 'user_version'), db.location() ?? 'The store'];
  if (isFormer(version, readPragma(db, 'application_id'))) throw formerFile(store);
  requireCurrent(readMigrations('sqlite'), version, store);
}

interface BringOptions {
  readonly to?: number | undefined;
  readonly migrations?: readonly Migration[];
}

/** Says in the head of a file that its schema is ours, and of which version. */
export function markVersion(db: DatabaseSync, version: number): void {
  db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`);
}

/** Whether the head of a file says that it is a store of this program, of whatever version. */
export function isOurs(db: DatabaseSync): boolean {
  return readPragma(db, 'application_id') === applicationId;
}

/** Throws `schema_too_old` for a file whose head says that it is from before the first release, whatever the rest of it is like. */
export function refuseFormer(file: string): void {
  const head = Buffer.alloc(headBytes);
  const handle = openSync(file, 'r');
  const read = readSync(handle, head, 0, headBytes, 0);
  closeSync(handle);
  if (read < headBytes || head.toString('latin1', 0, magic.length) !== magic) return;
  if (isFormer(head.readUInt32BE(versionAt), head.readUInt32BE(applicationAt))) throw formerFile(file);
}

function isFormer(version: number, application: number): boolean {
  return version > 0 && application === 0;
}

function formerFile(file: string): GatewayError {
  return tooOld(
    file,
    'Name an empty folder in DATA_DIR to begin anew; the folder that is there stays as it is.',
  );
}

function readPragma(db: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
