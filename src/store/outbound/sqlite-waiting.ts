// Messages that wait in a copy of the store, whose service has gone on since: they may have been sent by now.
import { DatabaseSync } from 'node:sqlite';
import { syncPathNow } from '../sync.ts';

/**
 * Notes of each message that waits to be sent in a file that nobody uses that a try of it may be under way: what claims it finds a try whose end
 * nobody wrote, and does not send it blindly. Any schema of ours has these columns. The file is safe afterwards, and has no log beside it.
 */
export function doubtWaiting(file: string): void {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec(
      'PRAGMA locking_mode = EXCLUSIVE; UPDATE outbound SET leased = 1 WHERE state <= 1 AND leased = 0',
    );
  } finally {
    db.close();
  }
  syncPathNow(file);
}

/** How many messages wait to be sent in a store of ours. */
export function countWaiting(db: DatabaseSync): number {
  return Number(db.prepare('SELECT count(*) AS n FROM outbound WHERE state <= 1').get()?.['n'] ?? 0);
}
