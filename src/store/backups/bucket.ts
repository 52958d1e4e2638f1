// Backups in a bucket: the store of each as an object, and what it says of itself as another, which makes it one.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { isBackupName, parseBackupName, parseManifest } from '../../domain/backup.ts';
import type { BackupManifest } from '../../domain/backup.ts';
import { GatewayError } from '../../domain/errors.ts';
import { openBucketClient, partBytes, partsAtOnce } from '../bucket-client.ts';
import type { BucketAccess, BucketLibrary } from '../bucket-client.ts';
import { syncPath } from '../sync.ts';
import { backupFiles, BrokenOff } from './port.ts';
import type { BackupPlace, BackupSource, BegunBackup, CheckIn } from './port.ts';

/** A place in a bucket, as `s3://<bucket>/<prefix>` names it; the prefix is empty or ends with a slash. */
export interface BucketAddress {
  readonly bucket: string;
  readonly prefix: string;
}

/** The protocol takes 10,000 parts of an object. */
const maxParts = 9000;
/** No manifest is larger: it has a number for each table. */
const maxManifestBytes = 1024 * 1024;
/** Pages of a list, of a thousand names each, that are asked for to tell somebody what there is. */
const maxLookedAt = 5;

interface BucketPlaceOptions extends BucketAccess, BucketAddress {
  readonly storeId: string;
  /** Where a backup is written and looked through before it goes up; nobody else uses it. */
  readonly stagingFolder: string;
}

/** Keeps the backups of a store below a prefix of a bucket, where other objects may be. */
export async function openBackupBucket(options: BucketPlaceOptions): Promise<BackupPlace> {
  const { storeId, stagingFolder } = options;
  return new BackupBucket(await Objects.open(options), storeId, stagingFolder);
}

/** A backup in a bucket; undefined where there is none of that address. */
export async function openBucketBackup(
  access: BucketAccess & BucketAddress,
): Promise<BackupSource | undefined> {
  const objects = await Objects.open(access);
  const manifest = await objects.readManifest('');
  if (manifest === undefined) return undefined;
  return {
    address: objects.address,
    manifest,
    fetch: async (folder, checkIn) => {
      const path = join(folder, backupFiles.store);
      const body = await objects.get(backupFiles.store);
      if (body === undefined)
        throw new GatewayError('store_corrupt', `${objects.address} holds no ${backupFiles.store}.`);
      await objects.use(() =>
        pipeline(body, withCheckIns(checkIn), createWriteStream(path, { flags: 'wx', mode: 0o600 })),
      );
      await syncPath(path);
    },
  };
}

/**
 * What is directly below an address, for somebody who named no backup: backups, of whatever store, and other folders, by their names. Of a
 * bucket with much in it the first thousands; `isWhole` says whether that was all.
 */
export async function lookIntoBucket(access: BucketAccess & BucketAddress): Promise<{
  readonly backups: readonly string[];
  readonly folders: readonly string[];
  readonly isWhole: boolean;
}> {
  const objects = await Objects.open(access);
  const { names, isWhole } = await objects.listFolders(maxLookedAt);
  const [backups, folders] = [names.filter(isBackupName), names.filter((name) => !isBackupName(name))];
  return { backups: backups.toSorted(), folders, isWhole };
}

class BackupBucket implements BackupPlace {
  readonly address: string;
  readonly #objects: Objects;
  readonly #storeId: string;
  readonly #stagingFolder: string;

  constructor(objects: Objects, storeId: string, stagingFolder: string) {
    this.address = objects.address;
    this.#objects = objects;
    this.#storeId = storeId;
    this.#stagingFolder = stagingFolder;
  }

  async list(): Promise<readonly string[]> {
    const { whole } = await this.#sort();
    return whole;
  }

  read(name: string): ReturnType<BackupPlace['read']> {
    return this.#objects.readManifest(`${name}/`);
  }

  async begin(): Promise<BegunBackup> {
    await this.clear();
    await mkdir(this.#stagingFolder, { recursive: true, mode: 0o700 });
    return { folder: this.#stagingFolder, formerMedia: null };
  }

  async keep(name: string, manifest: BackupManifest, checkIn: CheckIn): Promise<void> {
    const key = `${name}/${backupFiles.store}`;
    await this.#objects.putFile(
      key,
      join(this.#stagingFolder, backupFiles.store),
      manifest.store.bytes,
      checkIn,
    );
    // What was put is read again: a bucket that answered well may still hold something else.
    const found = await this.#objects.digest(key, checkIn);
    if (found !== manifest.store.sha256)
      throw new GatewayError('store_unavailable', `${this.address}${key} is not what was put there.`);
    await this.#objects.put(`${name}/${backupFiles.manifest}`, JSON.stringify(manifest));
    await rm(this.#stagingFolder, { recursive: true, force: true });
  }

  async clear(): Promise<void> {
    await rm(this.#stagingFolder, { recursive: true, force: true });
    await this.#objects.abortUploads(this.#start, (key) => this.#isName(key.split('/')[0] ?? ''));
    const { broken } = await this.#sort();
    for (const name of broken) await this.remove(name);
  }

  async remove(name: string): Promise<void> {
    // In this order: without what it says of itself it is none.
    await this.#objects.remove(`${name}/${backupFiles.manifest}`);
    await this.#objects.remove(`${name}/${backupFiles.store}`);
  }

  /** The names of those that are whole, and of what is not. */
  async #sort(): Promise<{ readonly whole: readonly string[]; readonly broken: readonly string[] }> {
    const keys = await this.#objects.list(this.#start);
    const files = new Set(keys);
    const names = [...new Set(keys.map((key) => key.split('/')[0] ?? ''))]
      .filter((name) => this.#isName(name))
      .toSorted();
    const isWhole = (name: string): boolean =>
      files.has(`${name}/${backupFiles.manifest}`) && files.has(`${name}/${backupFiles.store}`);
    return { whole: names.filter(isWhole), broken: names.filter((name) => !isWhole(name)) };
  }

  /** What names of all that is this store's begin with. */
  get #start(): string {
    return `chasqui-${this.#storeId}-`;
  }

  #isName(name: string): boolean {
    return parseBackupName(name, this.#storeId) !== undefined;
  }
}

/** The objects below a prefix, by the rest of their names. Methods throw `store_unavailable`. */
class Objects {
  readonly address: string;
  readonly #library: BucketLibrary;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  static async open(options: BucketAccess & BucketAddress): Promise<Objects> {
    const { library, client } = await openBucketClient(options);
    return new Objects(library, client, options);
  }

  private constructor(library: BucketLibrary, client: S3Client, { bucket, prefix }: BucketAddress) {
    this.address = `s3://${bucket}/${prefix}`;
    this.#library = library;
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof GatewayError || cause instanceof BrokenOff) throw cause;
      const reason = cause instanceof Error ? cause.name : 'it gave no reason';
      throw new GatewayError('store_unavailable', `${this.address} cannot be used: ${reason}.`, { cause });
    }
  }

  /** All names that begin so, in the order of their bytes. */
  list(start: string): Promise<readonly string[]> {
    return this.use(async () => {
      const keys: string[] = [];
      let token: string | undefined;
      do {
        const answer = await this.#client.send(
          new this.#library.ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: `${this.#prefix}${start}`,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        );
        for (const { Key } of answer.Contents ?? [])
          if (Key !== undefined) keys.push(Key.slice(this.#prefix.length));
        token = answer.NextContinuationToken;
      } while (token !== undefined);
      return keys;
    });
  }

  /** The folders directly below, of so many pages of the list, which are not gone into. */
  listFolders(maxPages: number): Promise<{ readonly names: readonly string[]; readonly isWhole: boolean }> {
    return this.use(async () => {
      const names: string[] = [];
      let token: string | undefined;
      for (let page = 0; page < maxPages; page += 1) {
        const { CommonPrefixes = [], NextContinuationToken } = await this.#client.send(
          new this.#library.ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: this.#prefix,
            Delimiter: '/',
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        );
        for (const { Prefix = '' } of CommonPrefixes) names.push(Prefix.slice(this.#prefix.length, -1));
        token = NextContinuationToken;
        if (token === undefined) break;
      }
      return { names, isWhole: token === undefined };
    });
  }

  /** Gives up uploads in parts below the prefix and `start` that a process which is gone left. */
  abortUploads(start: string, isWanted: (key: string) => boolean): Promise<void> {
    return this.use(async () => {
      let after: { readonly KeyMarker: string; readonly UploadIdMarker?: string } | undefined;
      do {
        const answer = await this.#client.send(
          new this.#library.ListMultipartUploadsCommand({
            Bucket: this.#bucket,
            Prefix: `${this.#prefix}${start}`,
            ...after,
          }),
        );
        for (const { Key = '', UploadId } of answer.Uploads ?? [])
          if (UploadId !== undefined && isWanted(Key.slice(this.#prefix.length)))
            await this.#client.send(
              new this.#library.AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId }),
            );
        const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = answer;
        after =
          IsTruncated !== true || NextKeyMarker === undefined
            ? undefined
            : {
                KeyMarker: NextKeyMarker,
                ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
              };
      } while (after !== undefined);
    });
  }

  async putFile(key: string, path: string, bytes: number, checkIn: CheckIn): Promise<void> {
    const file = createReadStream(path);
    const upload = new this.#library.Upload({
      client: this.#client,
      params: {
        ...this.#toObject(key),
        Body: Readable.from(withCheckIns(checkIn)(file), { objectMode: false }),
      },
      partSize: Math.max(partBytes, Math.ceil(bytes / maxParts)),
      queueSize: partsAtOnce,
    });
    await this.use(() => upload.done()).finally(() => file.destroy());
  }

  async put(key: string, text: string): Promise<void> {
    await this.use(() =>
      this.#client.send(new this.#library.PutObjectCommand({ ...this.#toObject(key), Body: text })),
    );
  }

  /** An object's bytes as they come; undefined when it is not there. */
  get(key: string): Promise<Readable | undefined> {
    return this.use(async () => {
      try {
        const { Body } = await this.#client.send(new this.#library.GetObjectCommand(this.#toObject(key)));
        if (Body instanceof Readable) return Body;
        throw new Error('The answer has no body.');
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
        throw error;
      }
    });
  }

  async digest(key: string, checkIn: CheckIn): Promise<string> {
    const hash = createHash('sha256');
    const body = (await this.get(key)) ?? Readable.from([]);
    await this.use(() => pipeline(body, withCheckIns(checkIn), hash));
    return hash.digest('hex');
  }

  async readManifest(below: string): Promise<BackupManifest | undefined> {
    const body = await this.get(`${below}${backupFiles.manifest}`);
    if (body === undefined) return undefined;
    return this.use(async () => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        bytes += chunk.byteLength;
        if (bytes > maxManifestBytes) return undefined;
        chunks.push(chunk);
      }
      return parseManifest(Buffer.concat(chunks).toString('utf8'));
    });
  }

  async remove(key: string): Promise<void> {
    await this.use(() => this.#client.send(new this.#library.DeleteObjectCommand(this.#toObject(key))));
  }

  #toObject(key: string) {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${key}` };
  }
}

/** Hands bytes on as they come, and checks in with each piece of them. */
function withCheckIns(checkIn: CheckIn) {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      checkIn();
      yield chunk;
    }
  };
}
