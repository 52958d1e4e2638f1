// An SQLite file read page by page, without SQLite: what SQLite refuses to walk over is walked around here.
// The format: https://www.sqlite.org/fileformat2.html (read 2026-11-29).
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { GatewayError } from '../../../domain/errors.ts';

const magic = 'SQLite format 3\0';
const headerBytes = 100;
/** Depth of a tree at most; SQLite itself goes no deeper. */
const maxDepth = 20;
const chunkPages = 1024;
/** SQLite keeps no larger row. */
const maxPayloadBytes = 1_000_000_000;

const interiorIndex = 2;
export const interiorTable = 5;
const leafIndex = 10;
export const leafTable = 13;

/** One place of a page where a row, or the way to one, is written. */
export interface Cell {
  /** Page on the left of an interior cell; 0 in a leaf. */
  readonly child: number;
  readonly rowid: number | bigint;
  readonly payloadBytes: number;
  /** Where the part of the payload begins that stands in the page; what comes after it is in overflow pages. */
  readonly start: number;
  readonly localBytes: number;
  /** First overflow page; 0 for none. */
  readonly overflow: number;
}

export interface Page {
  readonly type: number;
  readonly cells: readonly Cell[];
  /** The rightmost child of an interior page; 0 in a leaf. */
  readonly last: number;
  /** Cells that cannot be right. */
  readonly badCells: number;
}

/** A file that nobody writes to meanwhile. */
export class PageFile {
  readonly pageBytes: number;
  readonly usableBytes: number;
  /** Pages that the file should have. */
  readonly pageCount: number;
  /** Pages that it has. */
  readonly pagesThere: number;
  readonly firstFree: number;
  readonly freeCount: number;
  readonly #file: number;

  /** Throws `store_corrupt` when the head of the file is not that of an SQLite file. */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
    const head = Buffer.alloc(headerBytes);
    const read = readSync(this.#file, head, 0, headerBytes, 0);
    const size = head.readUInt16BE(16);
    this.pageBytes = size === 1 ? 65_536 : size;
    this.usableBytes = this.pageBytes - head.readUInt8(20);
    const isHead = head.toString('latin1', 0, 16) === magic;
    if (
      read < headerBytes ||
      !isHead ||
      this.pageBytes < 512 ||
      (this.pageBytes & (this.pageBytes - 1)) !== 0
    ) {
      closeSync(this.#file);
      throw new GatewayError(
        'store_corrupt',
        `The head of ${path} is not that of an SQLite file: nothing can be read from it. Restore the last backup, and keep this file.`,
      );
    }
    this.pagesThere = Math.floor(fstatSync(this.#file).size / this.pageBytes);
    // The count is only good when the same program wrote it last.
    const isCounted = head.readUInt32BE(24) === head.readUInt32BE(92) && head.readUInt32BE(28) > 0;
    this.pageCount = isCounted ? head.readUInt32BE(28) : this.pagesThere;
    this.firstFree = head.readUInt32BE(32);
    this.freeCount = head.readUInt32BE(36);
  }

  /** The bytes of a page, numbered from 1; undefined when the file has none of that number or cannot be read there. */
  read(number: number): Buffer | undefined {
    if (number < 1 || number > this.pageCount) return undefined;
    const bytes = Buffer.allocUnsafe(this.pageBytes);
    try {
      const read = readSync(this.#file, bytes, 0, this.pageBytes, (number - 1) * this.pageBytes);
      return read === this.pageBytes ? bytes : undefined;
    } catch {
      // A sector that the disk cannot read is damage like any other.
      return undefined;
    }
  }

  /** Every page in order, read in large pieces; undefined for those that cannot be read. */
  *sequence(): Generator<{ readonly number: number; readonly bytes: Buffer | undefined }> {
    const chunk = Buffer.allocUnsafe(this.pageBytes * chunkPages);
    for (let first = 1; first <= this.pageCount; first += chunkPages) {
      let there: number;
      try {
        there = readSync(this.#file, chunk, 0, chunk.byteLength, (first - 1) * this.pageBytes);
      } catch {
        // Read again page by page below, so that only the bad ones are missed.
        there = -1;
      }
      for (let index = 0; index < chunkPages && first + index <= this.pageCount; index += 1) {
        const end = (index + 1) * this.pageBytes;
        const number = first + index;
        const bytes =
          there < 0
            ? this.read(number)
            : there >= end
              ? chunk.subarray(end - this.pageBytes, end)
              : undefined;
        yield { number, bytes };
      }
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  /** What is written in a page of a tree; undefined when it is none. */
  parse(number: number, bytes: Buffer): Page | undefined {
    const base = number === 1 ? headerBytes : 0;
    const type = bytes.readUInt8(base);
    const isLeaf = type === leafTable || type === leafIndex;
    if (!isLeaf && type !== interiorTable && type !== interiorIndex) return undefined;
    const count = bytes.readUInt16BE(base + 3);
    const pointers = base + (isLeaf ? 8 : 12);
    const contentStart = bytes.readUInt16BE(base + 5) || 65_536;
    if (pointers + 2 * count > this.usableBytes || contentStart > this.usableBytes) return undefined;
    if (contentStart < pointers + 2 * count) return undefined;
    const last = isLeaf ? 0 : bytes.readUInt32BE(base + 8);
    if (!isLeaf && !this.#isPage(last)) return undefined;
    const cells: Cell[] = [];
    for (let index = 0; index < count; index += 1) {
      const start = bytes.readUInt16BE(pointers + 2 * index);
      const cell =
        start < contentStart || start >= this.usableBytes ? undefined : this.#cell(bytes, start, type);
      if (cell !== undefined) cells.push(cell);
    }
    return { type, cells, last, badCells: count - cells.length };
  }

  /** All bytes of a cell's payload; undefined when they do not hang together. */
  payload(bytes: Buffer, cell: Cell): Buffer | undefined {
    const local = bytes.subarray(cell.start, cell.start + cell.localBytes);
    if (cell.overflow === 0) return local;
    const parts = [local];
    let left = cell.payloadBytes - cell.localBytes;
    let next = cell.overflow;
    while (left > 0) {
      const page = this.read(next);
      if (page === undefined) return undefined;
      const take = Math.min(left, this.usableBytes - 4);
      parts.push(page.subarray(4, 4 + take));
      left -= take;
      next = page.readUInt32BE(0);
      if (left > 0 ? !this.#isPage(next) : next !== 0) return undefined;
    }
    return Buffer.concat(parts);
  }

  #isPage(number: number): boolean {
    return number >= 1 && number <= this.pageCount;
  }

  #cell(bytes: Buffer, at: number, type: number): Cell | undefined {
    const isTable = type === interiorTable || type === leafTable;
    const isInterior = type === interiorTable || type === interiorIndex;
    // A cell takes at least four bytes, and its numbers at most 4 + 9 + 9.
    if (at + 4 > this.usableBytes) return undefined;
    let place = at;
    let child = 0;
    if (isInterior) {
      child = bytes.readUInt32BE(place);
      place += 4;
      if (!this.#isPage(child)) return undefined;
    }
    let payloadBytes = 0;
    if (type !== interiorTable) {
      const size = readVarint(bytes, place);
      if (size === undefined || size.value > maxPayloadBytes) return undefined;
      payloadBytes = size.value;
      place = size.end;
    }
    let rowid: number | bigint = 0;
    if (isTable) {
      const id = readVarint(bytes, place) ?? readFarRowid(bytes, place);
      if (id === undefined) return undefined;
      rowid = id.value;
      place = id.end;
    }
    if (type === interiorTable)
      return { child, rowid, payloadBytes: 0, start: place, localBytes: 0, overflow: 0 };
    const localBytes = this.#localBytes(payloadBytes, isTable);
    const end = place + localBytes;
    const hasMore = localBytes < payloadBytes;
    if (end + (hasMore ? 4 : 0) > this.usableBytes || payloadBytes === 0) return undefined;
    const overflow = hasMore ? bytes.readUInt32BE(end) : 0;
    if (hasMore && !this.#isPage(overflow)) return undefined;
    return { child, rowid, payloadBytes, start: place, localBytes, overflow };
  }

  #localBytes(payload: number, isTable: boolean): number {
    const usable = this.usableBytes;
    const most = isTable ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
    if (payload <= most) return payload;
    const least = Math.floor(((usable - 12) * 32) / 255) - 23;
    const fitting = least + ((payload - least) % (usable - 4));
    return fitting <= most ? fitting : least;
  }
}

/**
 * A number of one to nine bytes, and where it ends; undefined at the end of the page. No id, size or type of ours is negative or
 * needs more than 53 bits, so one that does is damage.
 */
export function readVarint(
  bytes: Buffer,
  at: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let place = at; place < at + 8; place += 1) {
    const byte = bytes[place];
    if (byte === undefined) return undefined;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return Number.isSafeInteger(value) ? { value, end: place + 1 } : undefined;
  }
  return undefined;
}

/** Ids of older versions passed 2^53 in September 2039, so a clock that was wrong may have left some; none is beyond this. */
const farRowidBits = 55;

/** The number of a row that needs more bits than a double has; undefined when it is none that anybody gave. */
function readFarRowid(
  bytes: Buffer,
  at: number,
): { readonly value: bigint; readonly end: number } | undefined {
  const end = at + 8;
  if (end > bytes.byteLength || (bytes[end - 1] ?? 0x80) >= 0x80) return undefined;
  let value = 0n;
  for (let place = at; place < end; place += 1) value = value * 128n + BigInt((bytes[place] ?? 0) & 0x7f);
  const isGiven = value > BigInt(Number.MAX_SAFE_INTEGER) && value < 1n << BigInt(farRowidBits);
  return isGiven ? { value, end } : undefined;
}

/** A leaf of a tree with its rows, or a page from which a part of the tree cannot be reached. */
type Leaf =
  | { readonly kind: 'page'; readonly number: number; readonly bytes: Buffer; readonly page: Page }
  | { readonly kind: 'hole'; readonly number: number };

/**
 * Walks a tree from its root, in order, around what is damaged. Of a tree of keys alone (an index, or a table without
 * rowids) interior pages hold rows too and are given as well. No page is given twice.
 */
export function* walk(file: PageFile, root: number): Generator<Leaf> {
  const seen = new Set<number>();
  let family: 'table' | 'index' | undefined;
  function* visit(number: number, depth: number): Generator<Leaf> {
    const bytes = seen.has(number) || depth > maxDepth ? undefined : file.read(number);
    seen.add(number);
    const page = bytes && file.parse(number, bytes);
    const own = page && (page.type === leafTable || page.type === interiorTable ? 'table' : 'index');
    family ??= own;
    if (page === undefined || bytes === undefined || own !== family) {
      yield { kind: 'hole', number };
      return;
    }
    const isInterior = page.last !== 0;
    if (!isInterior || own === 'index') yield { kind: 'page', number, bytes, page };
    if (!isInterior) return;
    if (page.badCells > 0) yield { kind: 'hole', number };
    for (const { child } of page.cells) yield* visit(child, depth + 1);
    yield* visit(page.last, depth + 1);
  }
  yield* visit(root, 0);
}
