// One backup: the store and then its media, read through and compared before it says of itself that it is one.
import { link, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupManifest } from '../../domain/backup.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { Time } from '../../runtime/clock.ts';
import { version } from '../../runtime/release.ts';
import { syncPath } from '../sync.ts';
import { needSpace } from './files.ts';
import { copyMedia, listMedia } from './media-files.ts';
import type { MediaFile } from './media-files.ts';
import { backupFiles } from './port.ts';
import type { BegunBackup, CheckIn, CopyState } from './port.ts';

interface WritingDeps extends Time {
  /** Writes a copy of the store as it is at one moment, with the mark in it, while it is in use. */
  readonly copyStore: (
    file: string,
    options: { readonly mark: string; readonly checkIn: CheckIn },
  ) => Promise<void>;
  /** Looks through a copy, beside the work. */
  readonly readState: (file: string, checkIn: CheckIn) => Promise<CopyState>;
  /** The file of the store. It is never opened here: its lock ends when this process closes any handle of it. */
  readonly file: string;
  /** Null where media are kept elsewhere, and so are in no backup. */
  readonly mediaFolder: string | null;
}

/**
 * Writes a backup into an empty folder, in the form of a data folder without the master key. The store comes first: what it names is there
 * unless it has been taken away meanwhile. Throws `store_unavailable` where there is no room, `store_corrupt` where the copy is not whole or is not
 * the store's of this moment, and what `checkIn` throws; what was written is then left to the caller.
 */
export async function writeBackup(
  deps: WritingDeps,
  { folder, formerMedia }: BegunBackup,
  checkIn: CheckIn,
): Promise<BackupManifest> {
  const [madeAt, startedAt] = [deps.now(), deps.monotonic()];
  const former = formerMedia === null ? [] : await listMedia(formerMedia);
  const formerFiles = new Map(former.map((file) => [file.name, file]));
  const isNew = ({ name, bytes }: MediaFile): boolean => formerFiles.get(name)?.bytes !== bytes;
  const listOwn = async () => (deps.mediaFolder === null ? [] : listMedia(deps.mediaFolder));
  const wanted = (await listOwn()).filter(isNew);
  await needSpace(folder, (await measureStore(deps.file)) + sum(wanted));

  const mark = `${new Date(madeAt).toISOString()} ${folder}`;
  const file = join(folder, backupFiles.store);
  await deps.copyStore(file, { mark, checkIn });
  await syncPath(file);
  const media = await copyMedia(await listOwn(), join(folder, backupFiles.media), {
    checkIn,
    takeOver: (one, path) => (isNew(one) ? Promise.resolve(false) : linkTo(formerFiles.get(one.name), path)),
  });
  const state = await deps.readState(file, checkIn);
  requireWhole(state, mark);
  const manifest: BackupManifest = {
    format: 1,
    mark,
    madeAt: new Date(madeAt).toISOString(),
    durationMs: Math.round(deps.monotonic() - startedAt),
    version,
    schema: state.schema,
    store: { bytes: state.bytes, sha256: state.sha256 },
    rows: state.rows,
    media,
  };
  await writeManifest(folder, manifest);
  return manifest;
}

/** Bytes of the store's file and of its log. */
async function measureStore(file: string): Promise<number> {
  const log = await stat(`${file}-wal`).catch(() => undefined);
  return (await stat(file)).size + (log?.size ?? 0);
}

function sum(files: readonly MediaFile[]): number {
  return files.reduce((bytes, file) => bytes + file.bytes, 0);
}

/** A file that never changes need not be there twice; where the file system has no links it is copied. */
async function linkTo(former: MediaFile | undefined, path: string): Promise<boolean> {
  if (former === undefined) return false;
  try {
    await link(former.path, path);
    return true;
  } catch {
    return false;
  }
}

/** The mark was committed right before the copying: a copy with it holds all that was acknowledged before. */
function requireWhole({ faults, mark: found }: CopyState, mark: string): void {
  const [fault] = faults;
  if (fault !== undefined) throw new GatewayError('store_corrupt', `The copy is not whole: ${fault}.`);
  if (found !== mark) throw new GatewayError('store_corrupt', 'The copy is not one of this moment.');
}

/** Written last, and made safe with the names of all that it speaks of. */
async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const file = await open(join(folder, backupFiles.manifest), 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncPath(folder);
}
