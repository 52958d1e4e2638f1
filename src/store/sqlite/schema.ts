import type { DatabaseSync } from 'node:sqlite';
import { pendingMigrations, readMigrations } from '../migrations.ts';

/** Brings the schema of a file up to date (or to an older version), or makes it. Throws `schema_too_new`. */
export function bringUpToDate(db: DatabaseSync, to = Infinity): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  for (const migration of pendingMigrations(readMigrations('sqlite'), version)) {
    if (migration.version > to) return;
    db.exec('BEGIN IMMEDIATE');
    db.exec(migration.sql);
    db.exec(`PRAGMA user_version = ${migration.version}`);
    db.exec('COMMIT');
  }
}
