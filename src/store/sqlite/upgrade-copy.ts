// A copy of the file as the version before left it, made before a newer one opens it: the way back.
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../../domain/errors.ts';
import { isNewer, version } from '../../runtime/release.ts';
import type { Emit } from '../../telemetry/events.ts';
import { openAlone } from './damage/rescue.ts';

/** What the thread is told that makes it. */
export interface CopyWork {
  readonly file: string;
  readonly copy: string;
}

/** Writes down which version has the file now. */
export function markRelease(db: DatabaseSync): void {
  db.prepare(
    `INSERT INTO meta (key, value) VALUES ('release', ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`,
  ).run(Buffer.from(version));
}

/**
 * When an older version had the file last, copies it to `<file>.before-<this version>`, looks through the copy, and takes away what
 * was copied before earlier upgrades. In another thread: health is asked for meanwhile. Throws `store_unavailable`, with nothing
 * changed, when the copy cannot be made or is not whole; `store_in_use`.
 */
export async function copyBeforeUpgrade(file: string, emit: Emit): Promise<void> {
  if (!existsSync(file) || statSync(file).size === 0) return;
  const former = findRelease(file);
  if (former === 'none' || (former !== 'unknown' && !isNewer(version, former))) return;
  const copy = `${file}.before-${version}`;
  await makeCopy({ file, copy });
  const [name, start] = [basename(copy), `${basename(file)}.before-`];
  for (const other of readdirSync(dirname(file)))
    if (other.startsWith(start) && other !== name) rmSync(join(dirname(file), other));
  emit('store.copied', { copy: name, former, bytes: statSync(copy).size });
}

/** The version that had the file last: unknown where none is written down, none where nothing is in it yet. */
function findRelease(file: string): string {
  const db = openAlone(file);
  try {
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() === undefined) return 'none';
    const row = db.prepare("SELECT CAST(value AS TEXT) AS value FROM meta WHERE key = 'release'").get();
    return row === undefined ? 'unknown' : String(row['value']);
  } finally {
    db.close();
  }
}

async function makeCopy(work: CopyWork): Promise<void> {
  const worker = new Worker(new URL('upgrade-copy-thread.ts', import.meta.url), { workerData: work });
  try {
    await once(worker, 'exit');
  } catch (cause) {
    throw new GatewayError(
      'store_unavailable',
      `The copy of ${work.file} that is made before version ${version} opens it failed: ${toText(cause)}. Nothing was changed. ` +
        'Mend that, or make a backup of your own and set CHASQUI_UPGRADE_COPY to false.',
      { cause },
    );
  }
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
