// The write-ahead log of an SQLite file, looked at before SQLite does: SQLite silently ends it at the first frame that is not right.
// The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log (read 2026-11-29).
import { readFileSync } from 'node:fs';

const headBytes = 32;
const frameHeadBytes = 24;
const magic = 0x377f0682;

/**
 * Says, in words, what is damaged in a log; undefined for one that is whole, empty or missing. A frame that is not right and stands
 * before others of the same round with a commit among them was whole when those were written, so it was damaged since; at the
 * end it is what a power cut leaves of writes that were never acknowledged.
 */
export function findLogDamage(path: string): string | undefined {
  const bytes = read(path);
  if (bytes === undefined || bytes.byteLength <= headBytes + frameHeadBytes) return undefined;
  const isBig = (bytes.readUInt32BE(0) & 1) === 1;
  let sum = addSums(bytes.subarray(0, 24), [0, 0], isBig);
  if ((bytes.readUInt32BE(0) & 0xfffffffe) !== magic || !isSum(bytes, 24, sum))
    return 'the head of the log is damaged: what was committed last and stood in it alone is lost';
  const frameBytes = bytes.readUInt32BE(8) + frameHeadBytes;
  const salts = bytes.subarray(16, 24);
  let badAt = 0;
  let commitAt = 0;
  let at = headBytes;
  for (let number = 1; at + frameBytes <= bytes.byteLength; number += 1, at += frameBytes) {
    const isOfRound = bytes.subarray(at + 8, at + 16).equals(salts);
    if (badAt === 0) {
      const next = addSums(bytes.subarray(at, at + 8), sum, isBig);
      sum = addSums(bytes.subarray(at + frameHeadBytes, at + frameBytes), next, isBig);
      if (!isOfRound || !isSum(bytes, at + 16, sum)) badAt = number;
      continue;
    }
    if (!isOfRound) continue;
    if (commitAt > 0) return `the log is damaged at frame ${badAt}: what was committed after it is lost`;
    if (bytes.readUInt32BE(at + 4) > 0) commitAt = number;
  }
  return undefined;
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    // None is there, or SQLite will say why it cannot be read.
    return undefined;
  }
}

type Sums = readonly [number, number];

function addSums(bytes: Buffer, [a, b]: Sums, isBig: boolean): Sums {
  let first = a;
  let second = b;
  for (let at = 0; at + 8 <= bytes.byteLength; at += 8) {
    const x = isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    const y = isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4);
    first = (first + x + second) >>> 0;
    second = (second + y + first) >>> 0;
  }
  return [first, second];
}

function isSum(bytes: Buffer, at: number, [a, b]: Sums): boolean {
  return bytes.readUInt32BE(at) === a && bytes.readUInt32BE(at + 4) === b;
}
