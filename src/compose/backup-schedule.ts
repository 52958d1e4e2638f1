// Backups that are made by themselves: where they are kept, and when there are any.
import { join } from 'node:path';
import { toDataPaths } from '../config/master-key.ts';
import type { Settings } from '../config/table.ts';
import { BackupSchedule } from '../operations/backup-schedule.ts';
import { openBackupBucket } from '../store/backups/bucket.ts';
import { BackupFolder } from '../store/backups/folder.ts';
import type { BackupPlace } from '../store/backups/port.ts';
import { parseBucketAddress, toBucketAccess } from './backups.ts';
import type { Operations } from './operations.ts';

/** Backups by themselves, where they are wanted. */
export function createBackupSchedule(
  operations: Pick<
    Operations,
    'settings' | 'backups' | 'storeId' | 'clock' | 'monotonic' | 'emit' | 'raiseNotice' | 'endNotice'
  >,
): BackupSchedule | null {
  const { settings, backups, storeId, clock, monotonic, emit, raiseNotice, endNotice } = operations;
  const { backupEvery: everyMs, backupTo: to, backupKeep: keep } = settings;
  if (everyMs === 0 || to === null || backups === undefined || storeId === undefined) return null;
  return new BackupSchedule({
    backups,
    openPlace: () => openPlace(settings, to, storeId),
    storeId,
    everyMs,
    keep,
    isInDoubt: () => clock.doubt() !== null,
    raiseNotice,
    endNotice,
    emit,
    now: clock.now,
    monotonic,
  });
}

async function openPlace(settings: Settings, to: string, storeId: string): Promise<BackupPlace> {
  const address = parseBucketAddress(to);
  if (address === undefined) return new BackupFolder(to, storeId, toDataPaths(settings).folder);
  const stagingFolder = join(toDataPaths(settings).folder, 'backup.partial');
  return openBackupBucket({ ...toBucketAccess(settings), ...address, storeId, stagingFolder });
}
