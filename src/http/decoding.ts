// Undoes the content encodings of an answer that was asked for without any, within a bound.
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import type { Transform } from 'node:stream';

/** A body with its encodings undone; `unread` says why it is not all of it, or is still encoded. */
export interface Decoded {
  readonly body: Buffer;
  readonly unread?: string;
}

/** More encodings on top of each other than anybody means. */
const maxEncodings = 3;

/** Whether a body is encoded by what its head says, or by its first bytes. */
export function isEncoded(bytes: Buffer, contentEncoding: string | string[] | undefined): boolean {
  return bytes.byteLength > 0 && (contentEncoding !== undefined || isGzip(bytes));
}

/**
 * Undoes what `content-encoding` names (gzip, deflate, br, zstd), and gzip that nothing names. Gives at most `maxBytes`, so
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

function toNames(header: string | string[] | undefined, bytes: Buffer): readonly string[] {
  const named = [header ?? []]
    .flat()
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  return named.length === 0 && isGzip(bytes) ? ['gzip'] : named;
}

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
    const isZlib = ((bytes[0] ?? 0) & 0x0f) === 8 && (((bytes[0] ?? 0) << 8) + (bytes[1] ?? 0)) % 31 === 0;
    return isZlib ? createInflate({ finishFlush }) : createInflateRaw({ finishFlush });
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
