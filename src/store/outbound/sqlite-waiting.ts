// Messages that wait in a copy of the store, whose service has gone on since: they may have been sent by now.
import { DatabaseSync } from 'node:sqlite';
import { syncPathNow } from '../sync.ts';

/**
 * In this order: a message that waits is one of which a try may be under way, so what claims it finds a try whose end nobody wrote, and does
 * not send it blindly; a short message in the place of one that may have arrived goes by no time, and not at all for one in doubt.
 * docs/operations.md has the same for PostgreSQL.
 */
const doubts = `
  UPDATE outbound SET leased = 1 WHERE state <= 1;
  UPDATE fallback SET due_at = NULL WHERE state = 'armed';
  UPDATE fallback SET state = 'dropped' WHERE state = 'armed'
    AND (account_id, outbound_id) IN (SELECT account_id, id FROM outbound WHERE state IN (0, 1, 4));`;

/**
 * Notes in a file that nobody uses, with any schema of ours, that the messages which wait in it may have been sent. The file is safe
 * afterwards, and has no log beside it.
 */
export function doubtWaiting(file: string): void {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; BEGIN; ${doubts} COMMIT`);
  } finally {
    db.close();
  }
  syncPathNow(file);
}

/** How many messages wait to be sent in a store of ours. */
export function countWaiting(db: DatabaseSync): number {
  return Number(db.prepare('SELECT count(*) AS n FROM outbound WHERE state <= 1').get()?.['n'] ?? 0);
}
