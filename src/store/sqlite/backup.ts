// A copy of the file while it is in use.
import { rmSync } from 'node:fs';
import { backup } from 'node:sqlite';
import type { DatabaseSync } from 'node:sqlite';
import type { CheckIn } from '../backups/port.ts';
import { makePrivate } from '../file-modes.ts';
import { toResultCode } from './faults.ts';

/** Pages that a backup copies at a turn. */
const backupPages = 256;
/**
 * One backup in twenty or so fails when a commit of ours falls into one of its turns: Node then rejects with SQLite's code 0,
 * "not an error" (seen with Node 24.21). Each try begins anew.
 */
const backupTries = 10;

/**
 * Writes a copy to `file`, as the store is at the end of the copying; gives up once `isClosed` says that the store is, and throws what
 * `checkIn` throws.
 */
export async function backUp(
  db: DatabaseSync,
  file: string,
  isClosed: () => boolean,
  checkIn: CheckIn = () => undefined,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      makePrivate(file);
      await backup(db, file, { rate: backupPages, progress: checkIn });
      return;
    } catch (error) {
      if (toResultCode(error) !== 0 || tries === backupTries || isClosed()) throw error;
      rmSync(file, { force: true });
    }
  }
}

/** Writes into the store what tells its copies from earlier ones. */
export function markCopy(db: DatabaseSync, mark: string): void {
  db.prepare(
    `INSERT INTO meta (key, value) VALUES ('backup', ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  ).run(Buffer.from(mark));
}
