// What a process knows in memory of the keys of receipts (store/receipts/sqlite-keys.ts moves them).
import type { DatabaseSync } from 'node:sqlite';

/**
 * Makes what the process that owns an open file knows of it in memory: `lately`, the keys that are not in their order yet, and `known`, all
 * of them, each once. Takes what a former process had moved from where it was appended.
 */
export function learnKeys(db: DatabaseSync): void {
  db.exec(`
    CREATE TEMP TABLE lately (account_id INTEGER NOT NULL, key BLOB NOT NULL, receipt_id INTEGER NOT NULL, rank INTEGER NOT NULL,
      PRIMARY KEY (account_id, key)) STRICT, WITHOUT ROWID;
    INSERT OR IGNORE INTO lately SELECT account_id, key, receipt_id, rank FROM main.seen_lately ORDER BY account_id, key;
    CREATE TEMP VIEW known AS SELECT account_id, key, receipt_id, rank FROM main.seen
      UNION ALL SELECT account_id, key, receipt_id, rank FROM temp.lately`);
  const moved = db
    .prepare(
      `DELETE FROM lately WHERE EXISTS
         (SELECT 1 FROM main.seen AS s WHERE s.account_id = lately.account_id AND s.key = lately.key)`,
    )
    .run().changes;
  if (Number(moved) > 0)
    db.exec('DELETE FROM main.seen_lately WHERE receipt_id NOT IN (SELECT receipt_id FROM lately)');
}
