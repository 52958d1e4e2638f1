// The values of a row as SQLite writes them.
import { readVarint } from './pages.ts';

export type Value = null | number | bigint | string | Uint8Array;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const integerBytes = [0, 1, 2, 3, 4, 6, 8] as const;

/** The values of a record in the order in which they are written; undefined when it cannot be one. */
export function parseRecord(payload: Buffer): Value[] | undefined {
  const head = readVarint(payload, 0);
  if (head === undefined || head.value > payload.byteLength) return undefined;
  const headEnd = head.value;
  const values: Value[] = [];
  let at = headEnd;
  for (let place = head.end; place < headEnd;) {
    const type = readVarint(payload, place);
    if (type === undefined) return undefined;
    place = type.end;
    if (place > headEnd) return undefined;
    const bytes = toBytes(type.value);
    if (bytes === undefined || at + bytes > payload.byteLength) return undefined;
    const value = parseValue(payload.subarray(at, at + bytes), type.value);
    if (value === undefined) return undefined;
    values.push(value);
    at += bytes;
  }
  return at === payload.byteLength && values.length > 0 ? values : undefined;
}

function toBytes(type: number): number | undefined {
  if (type >= 12) return Math.floor((type - 12) / 2);
  if (type === 10 || type === 11) return undefined;
  return type === 7 ? 8 : (integerBytes[type] ?? 0);
}

function parseValue(bytes: Buffer, type: number): Value | undefined {
  if (type === 0) return null;
  if (type === 8 || type === 9) return type - 8;
  if (type === 7) return bytes.readDoubleBE(0);
  if (type < 7) return type < 6 ? bytes.readIntBE(0, bytes.byteLength) : toNumber(bytes.readBigInt64BE(0));
  if (type % 2 === 0) return Uint8Array.from(bytes);
  try {
    const text = utf8.decode(bytes);
    // Nothing that is kept here holds a NUL, and a page of zeros holds nothing else.
    return text.includes('\0') ? undefined : text;
  } catch {
    // Not text, so these are not the bytes that were written.
    return undefined;
  }
}

/** A number where it is exact. */
function toNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
