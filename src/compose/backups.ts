// Backups of the embedded store: what writes them, and how a bucket is named and reached.
import { toDataPaths } from '../config/master-key.ts';
import type { Settings } from '../config/table.ts';
import { GatewayError } from '../domain/errors.ts';
import { Backups } from '../operations/backup.ts';
import type { Time } from '../runtime/clock.ts';
import type { BucketAddress } from '../store/backups/bucket.ts';
import { writeBackup } from '../store/backups/writing.ts';
import type { BucketAccess } from '../store/bucket-client.ts';
import type { EmbeddedStore } from '../store/sqlite/adapter.ts';
import type { CopyOptions } from '../store/sqlite/connection.ts';
import { readCopyState } from '../store/sqlite/copy-state.ts';

/** What writes backups of the store of a data folder. */
export function toBackups(settings: Settings, store: EmbeddedStore, time: Time): Backups {
  const { file, mediaFolder } = toDataPaths(settings);
  const copyStore = (copy: string, options?: CopyOptions): Promise<void> => store.copyTo(copy, options);
  const writing = {
    ...time,
    copyStore,
    readState: readCopyState,
    file,
    mediaFolder: settings.bucket === null ? mediaFolder : null,
  };
  return new Backups({
    ...time,
    storeId: store.id,
    write: (begun, checkIn) => writeBackup(writing, begun, checkIn),
    copyStore,
  });
}

/** The bucket and the prefix of `s3://bucket/prefix/`; undefined for a folder. */
export function parseBucketAddress(text: string): BucketAddress | undefined {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(text) ?? [];
  if (bucket === undefined) return undefined;
  return { bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` };
}

/** How buckets are reached. Throws `bad_settings` without a key. */
export function toBucketAccess(settings: Settings): BucketAccess {
  const {
    bucketEndpoint: endpoint,
    bucketRegion: region,
    bucketKeyId: keyId,
    bucketKeySecret: keySecret,
  } = settings;
  if (keyId === null || keySecret === null)
    throw new GatewayError('bad_settings', 'A bucket needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.');
  return { endpoint, region, keyId, keySecret };
}
