import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { toMediaKey } from './rows.ts';
import type { MediaKey, MediaStore } from '../store.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';

/** Bytes of a piece: small enough to pass through a connection in a moment, large enough that 100 MB are 400 rows. */
const chunkBytes = 256 * 1024;

/** Keeps the bytes of media in the database, in pieces (docs/decisions/media-on-postgresql.md). */
export function openMediaChunks(db: Connection): MediaStore {
  async function countBytes({ accountId, id }: MediaKey): Promise<number | undefined> {
    const row = await db.get<{ bytes: number | null }>(
      'SELECT sum(length(bytes))::bigint AS bytes FROM media_chunk WHERE account_id = $1 AND media_id = $2',
      [accountId, toMediaKey(id)],
    );
    return row?.bytes ?? undefined;
  }

  async function* readChunks(
    { accountId, id }: MediaKey,
    start: number,
    end: number,
  ): AsyncGenerator<Uint8Array> {
    for (let number = Math.floor(start / chunkBytes); number * chunkBytes <= end; number += 1) {
      const row = await db.get<{ bytes: Buffer }>(
        'SELECT bytes FROM media_chunk WHERE account_id = $1 AND media_id = $2 AND number = $3',
        [accountId, toMediaKey(id), number],
      );
      if (row === undefined) return;
      const from = number * chunkBytes;
      yield row.bytes.subarray(Math.max(0, start - from), end + 1 - from);
    }
  }

  return {
    write: async ({ accountId, id }, chunks) => {
      const hash = createHash('sha256');
      let bytes = 0;
      let number = 0;
      // One buffer, for the pieces may be of a byte each.
      const pending = Buffer.allocUnsafe(chunkBytes);
      let size = 0;
      const flush = async (tx: Transaction): Promise<void> => {
        const sql = 'INSERT INTO media_chunk (account_id, media_id, number, bytes) VALUES ($1, $2, $3, $4)';
        await tx.run(sql, [accountId, toMediaKey(id), number, pending.subarray(0, size)]);
        number += 1;
        size = 0;
      };
      // The pieces come at the channel's pace, so each is committed by itself; a reader sees them once the facts say stored.
      await db.tx((tx) =>
        tx.run('DELETE FROM media_chunk WHERE account_id = $1 AND media_id = $2', [
          accountId,
          toMediaKey(id),
        ]),
      );
      try {
        for await (let chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.byteLength;
          while (size + chunk.byteLength >= chunkBytes) {
            const room = chunkBytes - size;
            pending.set(chunk.subarray(0, room), size);
            size = chunkBytes;
            chunk = chunk.subarray(room);
            await db.tx(flush);
          }
          pending.set(chunk, size);
          size += chunk.byteLength;
        }
        if (size > 0 || number === 0) await db.tx(flush);
      } catch (error) {
        await remove({ accountId, id });
        throw error;
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    read: async (media, range) => {
      const bytes = await countBytes(media);
      if (bytes === undefined) return undefined;
      const { start, end } = range ?? { start: 0, end: bytes - 1 };
      return { bytes, stream: Readable.from(readChunks(media, start, end), { objectMode: false }) };
    },
    remove,
  };

  async function remove({ accountId, id }: MediaKey): Promise<void> {
    await db.run('DELETE FROM media_chunk WHERE account_id = $1 AND media_id = $2', [
      accountId,
      toMediaKey(id),
    ]);
  }
}
