// A backup taken out of its place, and compared with what it says of itself.
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
  const state = await readState(join(folder, backupFiles.store), goOn);
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
  throw new GatewayError(
    'store_corrupt',
    `${source.address} is damaged, and nothing was changed: ${faults.slice(0, 5).join('; ')}.`,
  );
}
