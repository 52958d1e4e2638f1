// The thread in which a file is copied before an upgrade; started by upgrade-copy.ts. What fails ends it with the error.
import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { makePrivate } from '../file-modes.ts';
import { checkRows } from './damage/inspection.ts';
import { openAlone } from './damage/rescue.ts';
import type { CopyWork } from './upgrade-copy.ts';

function copyFile({ file, copy }: CopyWork): void {
  const partial = `${copy}.partial`;
  rmSync(partial, { force: true });
  try {
    makePrivate(partial);
    const db = openAlone(file);
    try {
      // Reads every row, and leaves out what was freed.
      db.prepare('VACUUM INTO ?').run(partial);
    } finally {
      db.close();
    }
    requireWhole(partial);
    renameSync(partial, copy);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

/** Throws when SQLite's own check finds anything in a copy. */
function requireWhole(copy: string): void {
  const db = new DatabaseSync(copy, { readOnly: true });
  try {
    const [fault] = checkRows(db);
    if (fault !== undefined) throw new Error(`the copy is not whole: ${fault}`);
  } finally {
    db.close();
  }
}

// The one who starts it gives it this.
copyFile(workerData as CopyWork);
