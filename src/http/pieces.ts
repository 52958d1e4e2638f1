import { isMarkedAsUntransferable } from 'node:worker_threads';

/** Bytes that are held ready at once for what was announced, however much that is. */
const trustedBytes = 64 * 1024;
const leastBytes = 1024;
/** Pieces from this size on are given back when they were copied. */
const worthwhileBytes = 4096;

/**
 * Puts pieces together into one buffer. Pieces are copied, because each buffer costs some 300 bytes beside its own: a body
 * that comes in pieces of one byte would hold three hundred times itself. One piece alone is kept without a copy. What is held
 * stays within twice what came, and what was announced counts for little until it comes.
 */
export class Pieces {
  readonly #announcedBytes: number;
  #only: Buffer | undefined;
  #buffer: Buffer | undefined;
  #length = 0;

  /** `announcedBytes`: how much will come, where that was said. */
  constructor(announcedBytes = 0) {
    this.#announcedBytes = announcedBytes;
  }

  /** Bytes that came. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that they take. */
  get heldBytes(): number {
    return this.#buffer?.byteLength ?? this.#length;
  }

  add(piece: Uint8Array): void {
    if (piece.byteLength === 0) return;
    if (this.#length === 0) {
      this.#only = toBuffer(piece);
      this.#length = piece.byteLength;
      return;
    }
    const length = this.#length + piece.byteLength;
    const buffer = this.#fitting(length);
    buffer.set(piece, this.#length);
    this.#length = length;
  }

  /** Adds a piece of a request's body that nobody else reads: its memory is given back once it is copied. */
  take(piece: Uint8Array): void {
    const first = this.#only;
    this.add(piece);
    if (this.#only !== undefined) return;
    if (first !== undefined) giveBackPiece(first);
    giveBackPiece(piece);
  }

  /** All that came, as one; it may be a view of a larger buffer. */
  join(): Buffer {
    return this.#only ?? this.#buffer?.subarray(0, this.#length) ?? Buffer.alloc(0);
  }

  /** Gives the memory back at once, without waiting for the garbage collector. What was joined before is gone with it. */
  discard(): void {
    if (this.#only !== undefined) giveBackPiece(this.#only);
    free(this.#buffer);
    this.#only = undefined;
    this.#buffer = undefined;
    this.#length = 0;
  }

  /** A buffer that has room for so many bytes, with those that came in it. */
  #fitting(length: number): Buffer {
    if (this.#buffer !== undefined && this.#buffer.byteLength >= length) return this.#buffer;
    const announced = this.#announcedBytes;
    const doubled = Math.max(leastBytes, length * 2);
    const size = announced >= length ? Math.min(announced, Math.max(doubled, trustedBytes)) : doubled;
    // Slow, which is to say not of the shared pool, where a small view would keep a large slab alive.
    const grown = Buffer.allocUnsafeSlow(size);
    grown.set(this.#only ?? this.#buffer?.subarray(0, this.#length) ?? [], 0);
    this.#only = undefined;
    free(this.#buffer);
    this.#buffer = grown;
    return grown;
  }
}

/**
 * Gives the memory of what {@link Pieces} joined back at once; nobody may use it any more. One piece alone, which is small, is left to
 * the collector: others may lie in its memory.
 */
export function giveBack(joined: Buffer): void {
  if (joined.buffer.byteLength > trustedBytes) free(joined);
}

/**
 * Gives the memory of a piece of a request's body back at once; nobody may use it any more. Node reads each into a memory of its own;
 * one that is a part of a larger one is left to the collector, and so is a small one, which costs more to give back than it holds.
 */
export function giveBackPiece(piece: Uint8Array): void {
  if (piece.byteLength >= worthwhileBytes && piece.byteLength === piece.buffer.byteLength) free(piece);
}

/**
 * The collector sees small objects and is in no hurry, while a flood of dropped bodies holds hundreds of megabytes. The memory that Node's
 * small buffers share is marked, and stays: it is 64 KB, and since Node 26 a little more.
 */
function free(buffer: Uint8Array | undefined): void {
  if (!(buffer?.buffer instanceof ArrayBuffer) || isMarkedAsUntransferable(buffer.buffer)) return;
  buffer.buffer.transfer(0);
}

function toBuffer(piece: Uint8Array): Buffer {
  return Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}

/** Passes a stream on in pieces of at least `leastPieceBytes`, the last one apart, so that whoever collects them holds few. */
export async function* gather(
  pieces: AsyncIterable<Uint8Array>,
  leastPieceBytes = trustedBytes,
): AsyncGenerator<Uint8Array> {
  let gathered = new Pieces();
  for await (const piece of pieces) {
    gathered.add(piece);
    if (gathered.length < leastPieceBytes) continue;
    yield gathered.join();
    gathered = new Pieces();
  }
  if (gathered.length > 0) yield gathered.join();
}
