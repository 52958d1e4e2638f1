import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Pieces } from './pieces.ts';

/** Pieces from this size on are passed on as they come. */
const largeBytes = 1024;
/** So many of a body are passed on whatever their size, which is all of most bodies. */
const plainPieces = 8;
/** With so much gathered it is passed on at once. */
const fullBytes = 16 * 1024;
/** A connection that brings more small pieces in one turn of the event loop waits in line before it is read on. */
const manyInTurn = 256;

/** Connections that cost much in each turn of the event loop, and go on one in a turn. */
class Line {
  readonly #waiting: (() => void)[] = [];

  enter(go: () => void): void {
    this.#waiting.push(go);
    if (this.#waiting.length === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    this.#waiting[0]?.();
    this.#waiting.shift();
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }
}

/**
 * A request that gathers small pieces of its body before they wait in its stream. Each would cost some 300 bytes beside its own
 * there: a client that sends chunks of one byte, and takes care that nobody reads them yet, would hold forty times what it sends.
 * While it gathers, its socket is read no further before others had their turn: of such chunks one read brings ten thousand, which
 * take as long as a hundred requests.
 */
class GatheredRequest extends IncomingMessage {
  /** Pieces that came, before they were gathered. */
  pieces = 0;
  readonly #line: Line;
  #gathered: Pieces | undefined;
  #inTurn = 0;

  constructor(socket: Socket, line: Line) {
    super(socket);
    this.#line = line;
  }

  /** As the parser calls it. False has it leave the socket alone until the stream asks for more. */
  override push(piece: unknown, encoding?: BufferEncoding): boolean {
    if (!(piece instanceof Uint8Array)) {
      this.#pass();
      return super.push(piece, encoding);
    }
    this.pieces += 1;
    const isPlain = piece.byteLength >= largeBytes || this.pieces <= plainPieces;
    if (isPlain && this.#inTurn === 0) return super.push(piece);
    this.#gathered ??= new Pieces();
    this.#gathered.add(piece);
    if (this.#gathered.length >= fullBytes) this.#pass();
    this.#inTurn += 1;
    if (this.#inTurn > 1) return true;
    setImmediate(() => {
      if (this.#inTurn > manyInTurn) this.#line.enter(() => this.#goOn());
      else this.#goOn();
    });
    return false;
  }

  override _read(size: number): void {
    if (this.#inTurn === 0) super._read(size);
  }

  #goOn(): void {
    this.#inTurn = 0;
    if (this.destroyed) this.#gathered = undefined;
    // When the stream is full, whoever reads it asks for more; once all has come the socket is the next request's.
    else if (this.#pass() && !this.complete) this._read(0);
  }

  /** Passes on what was gathered; false when the stream is full. */
  #pass(): boolean {
    const gathered = this.#gathered;
    this.#gathered = undefined;
    return gathered === undefined
      ? this.readableLength < this.readableHighWaterMark
      : super.push(gathered.join());
  }
}

/** The requests of one server, for its option `IncomingMessage`. */
export function gatherRequests(): typeof IncomingMessage {
  const line = new Line();
  return class extends GatheredRequest {
    constructor(socket: Socket) {
      super(socket, line);
    }
  };
}

/** Pieces in which a request's body came so far; 0 for one that does not count them. */
export function countPieces(raw: IncomingMessage): number {
  return raw instanceof GatheredRequest ? raw.pieces : 0;
}
