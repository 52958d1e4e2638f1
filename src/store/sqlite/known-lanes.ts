// What a process knows in memory of the lanes of deliveries (store/deliveries/sqlite-lanes.ts keeps it).
import type { DatabaseSync } from 'node:sqlite';

/** Makes `alone`, the deliveries that are the only ones of their lanes that are not over, as a former process left them. */
export function learnLanes(db: DatabaseSync): void {
  db.exec(`
    CREATE TEMP TABLE alone (id INTEGER PRIMARY KEY, destination_id INTEGER NOT NULL, lane INTEGER NOT NULL,
      UNIQUE (destination_id, lane)) STRICT;
    INSERT OR IGNORE INTO alone SELECT id, destination_id, lane FROM main.delivery INDEXED BY delivery_open
      WHERE state <= 1 AND laned = 2 ORDER BY id`);
}
