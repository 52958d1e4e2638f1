// Amazon's client for S3-compatible object stores, as all that keeps anything there uses it.
import type { S3Client } from '@aws-sdk/client-s3';

/** How a bucket is reached. */
export interface BucketAccess {
  /** Of stores that are not Amazon's; buckets are then named in the path. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly keyId: string;
  readonly keySecret: string;
}

/** A file above this goes up in parts of this size, of which two are held at a time. The protocol takes no smaller ones. */
export const partBytes = 8 * 1024 * 1024;
export const partsAtOnce = 2;
const connectMs = 5000;
/** A request that failed, or was told to come later, is made so many times in all; the library waits between. */
const tries = 3;

/** Loaded only where there is a bucket: it takes longer to load than the rest of the service. */
async function loadLibrary() {
  const [
    {
      AbortMultipartUploadCommand,
      DeleteObjectCommand,
      GetObjectCommand,
      ListMultipartUploadsCommand,
      ListObjectsV2Command,
      PutObjectCommand,
      S3Client,
    },
    { Upload },
  ] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
  return {
    AbortMultipartUploadCommand,
    DeleteObjectCommand,
    GetObjectCommand,
    ListMultipartUploadsCommand,
    ListObjectsV2Command,
    PutObjectCommand,
    S3Client,
    Upload,
  };
}

export type BucketLibrary = Awaited<ReturnType<typeof loadLibrary>>;

/** Opens a client, with the library that makes its commands. A connection on which nothing moves for `idleMs` is given up. */
export async function openBucketClient(
  { endpoint, region, keyId, keySecret }: BucketAccess,
  { idleMs = 30_000 }: { readonly idleMs?: number } = {},
): Promise<{ readonly library: BucketLibrary; readonly client: S3Client }> {
  const library = await loadLibrary();
  const client = new library.S3Client({
    region,
    credentials: { accessKeyId: keyId, secretAccessKey: keySecret },
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    // Other vendors' stores know nothing of the checksums that Amazon's clients add by default.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: tries,
    // By its `requestTimeout` it would only say on the console that it waits.
    requestHandler: { connectionTimeout: connectMs, socketTimeout: idleMs },
  });
  return { library, client };
}
