// Rows that cannot be read, in a file whose pages are right.
import { pendingMigrations, readMigrations } from '../../migrations.ts';
import { addUp, setApart } from './quarantine.ts';
import type { Apart } from './quarantine.ts';
import { openAlone } from './rescue.ts';

/**
 * Moves the rows of a file that cannot be read into its table `unreadable`, in one transaction; nothing in a file of an older schema, of
 * which the next start takes care. Nobody else may have the file open. Throws `store_in_use`, `schema_too_new` and SQLite's errors.
 */
export function setApartIn(file: string, now: number): readonly Apart[] {
  const db = openAlone(file);
  try {
    const schema = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (pendingMigrations(readMigrations('sqlite'), schema).length > 0) return [];
    db.exec('BEGIN IMMEDIATE');
    const apart = addUp(setApart(db, now, undefined));
    db.exec('COMMIT');
    return apart;
  } finally {
    db.close();
  }
}
