// Media in a bucket of an S3-compatible object store, for nodes that should keep neither files nor a large database.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { GatewayError } from '../../domain/errors.ts';
import { openBucketClient, partBytes, partsAtOnce } from '../bucket-client.ts';
import type { BucketAccess, BucketLibrary } from '../bucket-client.ts';
import type { MediaKey, MediaStore, WrittenMedia } from '../store.ts';

interface BucketOptions extends BucketAccess {
  readonly bucket: string;
  /** Put before every object's name. */
  readonly prefix: string;
}

/**
 * Keeps each file as the object `<prefix><account>/<media id>`. An object appears when its upload is whole, and one that is
 * written again is replaced. Methods throw `store_unavailable` when the bucket does not do what it is asked.
 */
export async function openBucket(options: BucketOptions): Promise<MediaStore> {
  const { library, client } = await openBucketClient(options);
  return new Bucket(library, client, options);
}

class Bucket implements MediaStore {
  readonly #library: BucketLibrary;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(
    library: BucketLibrary,
    client: S3Client,
    { bucket, prefix }: Pick<BucketOptions, 'bucket' | 'prefix'>,
  ) {
    this.#library = library;
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async write(media: MediaKey, chunks: AsyncIterable<Uint8Array>): Promise<WrittenMedia> {
    const source = new MeasuredSource(chunks);
    const upload = new this.#library.Upload({
      client: this.#client,
      params: { ...this.#toObject(media), Body: Readable.from(source, { objectMode: false }) },
      partSize: partBytes,
      queueSize: partsAtOnce,
    });
    try {
      await upload.done();
    } catch (error) {
      // What the source failed with is not the bucket's.
      throw source.failure ?? toUnavailable(error);
    }
    return source.toWritten();
  }

  async read(
    media: MediaKey,
    range?: { readonly start: number; readonly end: number },
  ): Promise<{ readonly bytes: number; readonly stream: Readable } | undefined> {
    const wanted = range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` };
    try {
      const command = new this.#library.GetObjectCommand({ ...this.#toObject(media), ...wanted });
      const answer = await this.#client.send(command);
      const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
      if (!(answer.Body instanceof Readable)) throw new Error('The answer has no body.');
      return { bytes: Number(total ?? answer.ContentLength), stream: answer.Body };
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw toUnavailable(error);
    }
  }

  async remove(media: MediaKey): Promise<void> {
    try {
      await this.#client.send(new this.#library.DeleteObjectCommand(this.#toObject(media)));
    } catch (error) {
      throw toUnavailable(error);
    }
  }

  #toObject({ accountId, id }: MediaKey) {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${accountId}/${id}` };
  }
}

/** Bytes on their way, measured as they pass; with what their source failed with, if it did. */
class MeasuredSource implements AsyncIterable<Uint8Array> {
  failure: Error | undefined;
  readonly #chunks: AsyncIterable<Uint8Array>;
  readonly #hash = createHash('sha256');
  #bytes = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#chunks) {
        this.#hash.update(chunk);
        this.#bytes += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error('The source broke off.', { cause: error });
      throw this.failure;
    }
  }

  /** Of what has passed; once, at its end. */
  toWritten(): WrittenMedia {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

function toUnavailable(error: unknown): GatewayError {
  const reason = error instanceof Error ? error.name : 'it gave no reason';
  return new GatewayError('store_unavailable', `The bucket for media cannot be used: ${reason}.`, {
    cause: error,
  });
}
