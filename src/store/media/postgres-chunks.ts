import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { toMediaKey } from './rows.ts';
import type { MediaKey, MediaStore, WrittenMedia } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';

/** Bytes of a piece: small enough to pass through a connection in a moment, large enough that 100 MB are 400 rows. */
const chunkBytes = 256 * 1024;

const insertChunk = 'INSERT INTO media_chunk (account_id, media_id, number, bytes) VALUES ($1, $2, $3, $4)';
const chunkOf = 'SELECT bytes FROM media_chunk WHERE account_id = $1 AND media_id = $2 AND number = $3';
const sizeOf =
  'SELECT sum(length(bytes))::bigint AS bytes FROM media_chunk WHERE account_id = $1 AND media_id = $2';
const removeChunks = 'DELETE FROM media_chunk WHERE account_id = $1 AND media_id = $2';

/** Keeps the bytes of media in the database, in pieces (docs/decisions/media-on-postgresql.md). */
export function openMediaChunks(db: Connection): MediaStore {
  const remove = async ({ accountId, id }: MediaKey): Promise<void> => {
    await db.run(removeChunks, [accountId, toMediaKey(id)]);
  };
  return {
    write: async (media, chunks) => {
      const writer = new ChunkWriter(db, media);
      // A reader sees the pieces once the facts say stored.
      await db.tx((tx) => tx.run(removeChunks, [media.accountId, toMediaKey(media.id)]));
      try {
        for await (const chunk of chunks) await writer.add(chunk);
        return await writer.end();
      } catch (error) {
        await remove(media);
        throw error;
      }
    },
    read: async (media, range) => {
      const bytes = await countBytes(db, media);
      if (bytes === undefined) return undefined;
      const { start, end } = range ?? { start: 0, end: bytes - 1 };
      return { bytes, stream: Readable.from(readChunks(db, media, start, end), { objectMode: false }) };
    },
    remove,
  };
}

/** Writes the bytes of one file. They come at the channel's pace, so each piece is committed by itself. */
class ChunkWriter {
  readonly #db: Connection;
  readonly #media: MediaKey;
  readonly #hash = createHash('sha256');
  /** One buffer, for what comes may be a byte at a time. */
  readonly #pending = Buffer.allocUnsafe(chunkBytes);
  #size = 0;
  #number = 0;
  #bytes = 0;

  constructor(db: Connection, media: MediaKey) {
    this.#db = db;
    this.#media = media;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    this.#bytes += chunk.byteLength;
    let rest = chunk;
    while (this.#size + rest.byteLength >= chunkBytes) {
      const room = chunkBytes - this.#size;
      this.#pending.set(rest.subarray(0, room), this.#size);
      this.#size = chunkBytes;
      rest = rest.subarray(room);
      await this.#flush();
    }
    this.#pending.set(rest, this.#size);
    this.#size += rest.byteLength;
  }

  /** Writes what is left; of an empty file one empty piece. */
  async end(): Promise<WrittenMedia> {
    if (this.#size > 0 || this.#number === 0) await this.#flush();
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async #flush(): Promise<void> {
    const { accountId, id } = this.#media;
    const values = [accountId, toMediaKey(id), this.#number, this.#pending.subarray(0, this.#size)];
    await this.#db.tx((tx) => tx.run(insertChunk, values));
    this.#number += 1;
    this.#size = 0;
  }
}

async function countBytes(db: Connection, { accountId, id }: MediaKey): Promise<number | undefined> {
  const row = await db.get<{ bytes: number | null }>(sizeOf, [accountId, toMediaKey(id)]);
  return row?.bytes ?? undefined;
}

async function* readChunks(
  db: Connection,
  { accountId, id }: MediaKey,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  for (let number = Math.floor(start / chunkBytes); number * chunkBytes <= end; number += 1) {
    const row = await db.get<{ bytes: Buffer }>(chunkOf, [accountId, toMediaKey(id), number]);
    if (row === undefined) return;
    const from = number * chunkBytes;
    yield row.bytes.subarray(Math.max(0, start - from), end + 1 - from);
  }
}
