// A copy of the file as the version before left it, made before a newer one opens it: the way back.
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../../domain/errors.ts';
import { isNewer, version } from '../../runtime/release.ts';
import type { Emit } from '../../telemetry/events.ts';
import { pendingMigrations, readMigrations } from '../migrations.ts';
import { createSeal } from '../seal.ts';
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

/** What a file says of who had it last. */
interface Former {
  /** The version; unknown where none is written down. */
  readonly release: string;
  readonly schema: number;
  /** What the master key of the file opens; null where that was lost. */
  readonly seal: Uint8Array | null;
}

interface UpgradeOptions {
  readonly file: string;
  readonly emit: Emit;
  /** What the file is sealed with. */
  readonly masterKey?: Buffer;
  /** Whether a copy is kept of what is about to be changed. */
  readonly isCopied: boolean;
}

/**
 * When an older version had the file last, or its schema is older than this program's, copies it to `<file>.before-<this version>`, looks
 * through the copy, and takes away what was copied before earlier upgrades. In another thread: health is asked for meanwhile. Throws
 * `store_unavailable`, with nothing changed, when the copy cannot be made or is not whole, `wrong_master_key` rather than bring a schema up
 * to date that the key does not fit, `schema_too_new`; `store_in_use`.
 */
export async function prepareUpgrade({ file, emit, masterKey, isCopied }: UpgradeOptions): Promise<void> {
  if (!existsSync(file) || statSync(file).size === 0) return;
  const former = findFormer(file);
  if (former === undefined) return;
  const { release, schema, seal } = former;
  const hasOlderSchema = pendingMigrations(readMigrations('sqlite'), schema).length > 0;
  if (hasOlderSchema && seal !== null && masterKey !== undefined) createSeal(masterKey).open(seal);
  if (!isCopied || !(hasOlderSchema || release === unknown || isNewer(version, release))) return;
  const copy = `${file}.before-${version}`;
  await makeCopy({ file, copy });
  const [name, start] = [basename(copy), `${basename(file)}.before-`];
  for (const other of readdirSync(dirname(file)))
    if (other.startsWith(start) && other !== name) rmSync(join(dirname(file), other));
  emit('store.copied', { copy: name, former: release, bytes: statSync(copy).size });
}

const unknown = 'unknown';

/** Undefined of a file in which nothing is yet. */
function findFormer(file: string): Former | undefined {
  const db = openAlone(file);
  try {
    if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() === undefined) return undefined;
    const read = db.prepare('SELECT value FROM meta WHERE key = ?');
    const [release, seal] = ['release', 'seal'].map((key) => read.get(key)?.['value']);
    return {
      release: release instanceof Uint8Array ? Buffer.from(release).toString() : unknown,
      schema: Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0),
      seal: seal instanceof Uint8Array ? seal : null,
    };
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
