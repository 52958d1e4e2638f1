// Media in a bucket of an S3-compatible object store, for nodes that should keep neither files nor a large database.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { GatewayError } from '../../domain/errors.ts';
import type { MediaKey, MediaStore } from '../store.ts';

interface BucketOptions {
  readonly bucket: string;
  /** Of stores that are not Amazon's; buckets are then named in the path. */
  readonly endpoint: string | null;
  readonly region: string;
  /** Put before every object's name. */
  readonly prefix: string;
  readonly keyId: string;
  readonly keySecret: string;
}

/** A file above this goes up in parts of this size, of which two are held at a time. The protocol takes no smaller ones. */
const partBytes = 8 * 1024 * 1024;
const partsAtOnce = 2;
/** Waits for a connection, and for the next bytes of an answer. */
const connectMs = 5000;
const idleMs = 30_000;
/** A request that failed, or was told to come later, is made so many times in all; the library waits between. */
const tries = 3;

/**
 * Keeps each file as the object `<prefix><account>/<media id>`. An object appears when its upload is whole, and one that is
 * written again is replaced. Methods throw `store_unavailable` when the bucket does not do what it is asked.
 */
export async function openBucket({
  bucket,
  endpoint,
  region,
  prefix,
  keyId,
  keySecret,
}: BucketOptions): Promise<MediaStore> {
  // Loaded only where there is a bucket: it takes longer to load than the rest of the service.
  const [{ DeleteObjectCommand, GetObjectCommand, S3Client }, { Upload }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/lib-storage'),
  ]);
  const client: S3Client = new S3Client({
    region,
    credentials: { accessKeyId: keyId, secretAccessKey: keySecret },
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    // Other vendors' stores know nothing of the checksums that Amazon's clients add by default.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: tries,
    requestHandler: { connectionTimeout: connectMs, requestTimeout: idleMs },
  });
  const toObject = ({ accountId, id }: MediaKey) => ({
    Bucket: bucket,
    Key: `${prefix}${accountId}/${id}`,
  });

  return {
    write: async (media, chunks) => {
      const hash = createHash('sha256');
      let bytes = 0;
      let failure: Error | undefined;
      async function* measure(): AsyncGenerator<Uint8Array> {
        try {
          for await (const chunk of chunks) {
            hash.update(chunk);
            bytes += chunk.byteLength;
            yield chunk;
          }
        } catch (error) {
          failure = error instanceof Error ? error : new Error('The source broke off.', { cause: error });
          throw failure;
        }
      }
      const upload = new Upload({
        client,
        params: { ...toObject(media), Body: Readable.from(measure(), { objectMode: false }) },
        partSize: partBytes,
        queueSize: partsAtOnce,
      });
      try {
        await upload.done();
      } catch (error) {
        // What the source failed with is not the bucket's.
        throw failure ?? toUnavailable(error);
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    read: async (media, range) => {
      try {
        const answer = await client.send(
          new GetObjectCommand({
            ...toObject(media),
            ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` }),
          }),
        );
        const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
        if (!(answer.Body instanceof Readable)) throw new Error('The answer has no body.');
        return { bytes: Number(total ?? answer.ContentLength), stream: answer.Body };
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
        throw toUnavailable(error);
      }
    },
    remove: async (media) => {
      try {
        await client.send(new DeleteObjectCommand(toObject(media)));
      } catch (error) {
        throw toUnavailable(error);
      }
    },
  };
}

function toUnavailable(error: unknown): GatewayError {
  const reason = error instanceof Error ? error.name : 'it gave no reason';
  return new GatewayError('store_unavailable', `The bucket for media cannot be used: ${reason}.`, {
    cause: error,
  });
}
