// A backup taken out of its place, and compared with what it says of itself.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareRows } from '../../domain/backup.ts';
import { GatewayError } from '../../domain/errors.ts';
import { needSpace } from './files.ts';
import { listMedia } from './media-files.ts';
import { backupFiles } from './port.ts';
import type { BackupSource, CheckIn, CopyState } from './port.ts';

/**
 * Writes a backup into an empty folder; resolves to what a look through it found. Throws `store_corrupt` where it is not whole or not what
 * it says, and `store_unavailable` where there is no room.
 */
export async function fetchBackup(
  source: BackupSource,
  folder: string,
  readState: (file: string, checkIn: CheckIn) => Promise<CopyState>,
): Promise<CopyState> {
  const goOn: CheckIn = () => undefined;
  const { store, media } = source.manifest;
  await needSpace(folder, store.bytes + media.bytes);
  await source.fetch(folder, goOn);
  const file = join(folder, backupFiles.store);
  const { size } = await stat(file);
  // A part of a file may be no store at all, which would be told of the copy and not of the backup.
  if (size !== store.bytes)
    throw damaged(source, [
      `${backupFiles.store} has ${size} bytes, and not the ${store.bytes} that were written`,
    ]);
  const state = await readState(file, goOn).catch((error: unknown) => {
    const isNoStore = error instanceof GatewayError && error.code === 'store_corrupt';
    throw isNoStore
      ? damaged(source, [`${backupFiles.store} is not the file that was written`], error)
      : error;
  });
  const files = await listMedia(join(folder, backupFiles.media));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const faults = [
    ...state.faults,
    ...(state.sha256 === store.sha256 ? [] : [`${backupFiles.store} is not the file that was written`]),
    ...(state.faults.length > 0 ? [] : compareRows(source.manifest.rows, state.rows)),
    ...(files.length === media.files && bytes === media.bytes
      ? []
      : [`${files.length} media files of ${bytes} bytes for ${media.files} of ${media.bytes}`]),
  ];
  if (faults.length === 0) return state;
  throw damaged(source, faults);
}

function damaged({ address }: BackupSource, faults: readonly string[], cause?: unknown): GatewayError {
  const what = `${address} is damaged, and nothing was changed: ${faults.slice(0, 5).join('; ')}.`;
  return new GatewayError('store_corrupt', what, { cause });
}
