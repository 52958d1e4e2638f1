// The thread that looks through a copy; started by copy-state.ts. What fails ends it with the error.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { CopyState } from '../backups/port.ts';
import { countWaiting } from '../outbound/sqlite-waiting.ts';
import { checkRows } from './damage/inspection.ts';
import { isOurs } from './schema.ts';

const chunkBytes = 4 * 1024 * 1024;

function look(file: string): CopyState {
  const digest = readDigest(file);
  const url = pathToFileURL(file);
  // Nobody writes to it: no lock, and no log beside it.
  url.searchParams.set('immutable', '1');
  const db = new DatabaseSync(url, { readOnly: true });
  try {
    const faults = checkRows(db);
    // What is damaged is no more than that.
    const nothing = { ...digest, schema: 0, mark: null, seal: null, rows: {}, waiting: 0 };
    if (faults.length > 0 || !isOurs(db)) return { ...nothing, faults };
    const mark = readMeta(db, 'backup');
    return {
      ...digest,
      schema: Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0),
      mark: mark === null ? null : Buffer.from(mark).toString(),
      seal: readMeta(db, 'seal'),
      faults: [],
      rows: countRows(db),
      waiting: countWaiting(db),
    };
  } finally {
    db.close();
  }
}

function readDigest(path: string): { readonly bytes: number; readonly sha256: string } {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const file = openSync(path, 'r');
  let bytes = 0;
  try {
    for (;;) {
      const read = readSync(file, chunk, 0, chunkBytes, null);
      if (read === 0) return { bytes, sha256: hash.digest('hex') };
      hash.update(chunk.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
}

function readMeta(db: DatabaseSync, key: string): Uint8Array | null {
  const value = db.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.['value'];
  return value instanceof Uint8Array ? value : null;
}

function countRows(db: DatabaseSync): Record<string, number> {
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map(({ name }) => String(name));
  return Object.fromEntries(
    tables.map((table) => [
      table,
      Number(db.prepare(`SELECT count(*) AS n FROM "${table}"`).get()?.['n'] ?? 0),
    ]),
  );
}

// The one who starts it gives it this.
parentPort?.postMessage(look(String(workerData)));
