// Undoes the content encodings of an answer that was asked for without any, within a bound.
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { Readable, pipeline } from 'node:stream';
import type { Transform } from 'node:stream';
import { GatewayError } from '../domain/errors.ts';

/** A body with its encodings undone; `unread` says why it is not all of it, or is still encoded. */
interface Decoded {
  readonly body: Buffer;
  readonly unread?: string;
}

/** What one encoding may become: of several, an inner one can hold any number of zeros that come to nothing in the end. */
const mostBytes = 4 * 1024 ** 3;

/** More encodings on top of each other than anybody means. */
const maxEncodings = 3;

/** Whether a body is encoded by what its head says, or by its first bytes. */
export function isEncoded(bytes: Buffer, contentEncoding: string | string[] | undefined): boolean {
  return bytes.byteLength > 0 && (contentEncoding !== undefined || sniff(bytes) !== undefined);
}

/**
 * Undoes what `content-encoding` names (gzip, deflate, br, zstd), and gzip, zlib or zstd that nothing names. Gives at most `maxBytes`, so
 * that a small answer cannot become a large one. `isWhole` says whether `bytes` are all there is. What is encoded in name only is
 * given as it is. Never rejects.
 */
export async function decode(
  bytes: Buffer,
  contentEncoding: string | string[] | undefined,
  maxBytes: number,
  isWhole: boolean,
): Promise<Decoded> {
  const names = toNames(contentEncoding, bytes);
  if (names.length === 0 || bytes.byteLength === 0) return { body: bytes };
  if (names.length > maxEncodings) return { body: bytes, unread: 'it is encoded too many times' };
  let body = bytes;
  let unread: string | undefined;
  for (const name of names.toReversed()) {
    const decoder = openDecoder(name, body, isWhole && unread === undefined);
    if (decoder === undefined) {
      if (looksPlain(body)) continue;
      return { body, unread: `its content-encoding ${JSON.stringify(name.slice(0, 40))} is not known` };
    }
    try {
      const taken = await readStart(decoder, body, maxBytes);
      body = taken.body;
      if (!taken.isAll) unread = `it is longer than ${maxBytes} bytes when it is decoded`;
    } catch {
      // The decoders' errors say no more than that the bytes are none of theirs.
      if (!looksPlain(body)) return { body, unread: `its content-encoding ${name} cannot be undone` };
    }
  }
  return unread === undefined ? { body } : { body, unread };
}

/** Whether a streamed body is encoded by what its head says. Bytes that nothing calls encoded may be an archive, and stay as they are. */
export function isNamedEncoded(contentEncoding: string | string[] | undefined): boolean {
  return toNames(contentEncoding, Buffer.alloc(0)).length > 0;
}

/**
 * Undoes the encodings that `content-encoding` names while the pieces come; one that a body has in name only is passed over. How much
 * comes of it in the end is the reader's to bound, since a piece is decoded only when the one before has been taken; each encoding
 * gives `maxBytes` at most. Throws `channel_unavailable` for what cannot be undone; errors of the pieces go through.
 */
export async function* decodePieces(
  pieces: AsyncIterable<Uint8Array>,
  contentEncoding: string | string[] | undefined,
  maxBytes = mostBytes,
): AsyncGenerator<Uint8Array> {
  const names = toNames(contentEncoding, Buffer.alloc(0));
  if (names.length > maxEncodings) throw undecodable('it is encoded too many times');
  let decoded = pieces;
  for (const name of names.toReversed()) decoded = undo(name, decoded, maxBytes);
  yield* decoded;
}

/** Undoes one encoding. */
async function* undo(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  let failed: Error | undefined;
  try {
    const start: Uint8Array[] = [];
    let length = 0;
    // As much as tells whether it is encoded at all.
    while (length < 4) {
      const next = await iterator.next();
      if (next.done === true) break;
      start.push(next.value);
      length += next.value.byteLength;
    }
    const head = Buffer.concat(start.map((piece) => piece.subarray(0, 4)));
    const rest = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* start;
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
          yield next.value;
      } catch (error) {
        failed = error instanceof Error ? error : undefined;
        throw error;
      }
    };
    if (!beginsEncoded(name, head)) {
      yield* rest();
      return;
    }
    const decoder = openDecoder(name, head, true);
    if (decoder === undefined)
      throw undecodable(`its content-encoding ${JSON.stringify(name.slice(0, 40))} is not known`);
    // What ends one end ends the other; the reader hears of it from the decoder.
    pipeline(Readable.from(rest(), { objectMode: false }), decoder, () => undefined);
    try {
      let bytes = 0;
      for await (const piece of decoder as AsyncIterable<Uint8Array>) {
        bytes += piece.byteLength;
        if (bytes > maxBytes) throw undecodable(`it is longer than ${maxBytes} bytes when it is decoded`);
        yield piece;
      }
    } catch (error) {
      throw (
        failed ??
        (error instanceof GatewayError ? error : undecodable(`its content-encoding ${name} cannot be undone`))
      );
    }
  } finally {
    // Not awaited: a read under way ends when something comes, or at its pace.
    iterator.return?.(undefined).catch(() => undefined);
  }
}

/** Whether bytes can be encoded as is said; those of br have no mark. */
function beginsEncoded(name: string, head: Buffer): boolean {
  if (name === 'gzip' || name === 'x-gzip') return isGzip(head);
  if (name === 'zstd') return isZstd(head);
  return head.byteLength > 0;
}

function undecodable(what: string): GatewayError {
  return new GatewayError('channel_unavailable', `The file cannot be read: ${what}.`);
}

function toNames(header: string | string[] | undefined, bytes: Buffer): readonly string[] {
  const named = [header ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  const sniffed = named.length === 0 ? sniff(bytes) : undefined;
  return sniffed === undefined ? named : [sniffed];
}

/** What bytes are encoded by that nothing calls encoded; br has no mark. */
function sniff(bytes: Buffer): string | undefined {
  if (isGzip(bytes)) return 'gzip';
  if (isZstd(bytes)) return 'zstd';
  // Of zlib's marks only those that every library writes; in name only it is told by what follows.
  return bytes[0] === 0x78 && isZlib(bytes) ? 'deflate' : undefined;
}

const isZstd = (bytes: Buffer): boolean => bytes.toString('hex', 0, 4) === '28b52ffd';

const isZlib = ([first = 0, second = 0]: Buffer): boolean =>
  (first & 0x0f) === 8 && ((first << 8) + second) % 31 === 0;

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Whether bytes that are said to be encoded begin as JSON or text does: frameworks name an encoding and forget to encode. */
function looksPlain(bytes: Buffer): boolean {
  const text = bytes.toString('utf8', 0, 64).replace(/\ufffd$/, '');
  return !/[^\t\n\r\x20-\x7e\u00a0-\ufffc\ufeff]/.test(text);
}

function openDecoder(name: string, bytes: Buffer, isWhole: boolean): Transform | undefined {
  const finishFlush = isWhole ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
  if (name === 'gzip' || name === 'x-gzip') return createGunzip({ finishFlush });
  if (name === 'deflate') {
    // "deflate" is zlib's format (RFC 9110, 8.4.1.2); many senders leave its two leading bytes out.
    return isZlib(bytes) ? createInflate({ finishFlush }) : createInflateRaw({ finishFlush });
  }
  if (name === 'br')
    return createBrotliDecompress({
      finishFlush: isWhole ? constants.BROTLI_OPERATION_FINISH : constants.BROTLI_OPERATION_FLUSH,
    });
  if (name === 'zstd')
    return createZstdDecompress({
      finishFlush: isWhole ? constants.ZSTD_e_end : constants.ZSTD_e_flush,
    });
  return undefined;
}

/** The first `maxBytes` that a decoder makes of bytes; rejects when they are not encoded so. */
function readStart(
  decoder: Transform,
  bytes: Buffer,
  maxBytes: number,
): Promise<{ readonly body: Buffer; readonly isAll: boolean }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ body: Buffer; isAll: boolean }>();
  const chunks: Buffer[] = [];
  let length = 0;
  decoder.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length <= maxBytes) return;
    resolve({ body: Buffer.concat(chunks).subarray(0, maxBytes), isAll: false });
    decoder.destroy();
  });
  decoder.on('end', () => resolve({ body: Buffer.concat(chunks), isAll: true }));
  decoder.on('error', reject);
  decoder.end(bytes);
  return promise;
}
