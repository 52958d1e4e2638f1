// Reading bodies: what all of them together may hold, which of them goes first, and how slow one may be.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Stopwatch } from '../runtime/clock.ts';
import { GatewayError } from '../domain/errors.ts';
import { invite } from './expectation.ts';
import { countPieces } from './gathered-request.ts';
import { Pieces } from './pieces.ts';
import { isRequestProven } from './trust.ts';

export interface BodyLimits extends Stopwatch {
  /** Bytes that all bodies under way may hold together; those whose sender is proven, and small ones, twice that. */
  readonly budgetBytes: number;
  /** Bytes that those of one visitor whose sender is not proven may hold together; any number when 0. */
  readonly perVisitorBytes: number;
  /** Whose a request is; undefined for a trusted proxy, which has no share. */
  readonly findVisitor: (raw: IncomingMessage) => string | undefined;
  /** A body that is slower for `slowMs` ends. */
  readonly leastBytesPerSecond: number;
  readonly slowMs: number;
  readonly checkIntervalMs: number;
}

const defaults: Omit<BodyLimits, 'monotonic'> = {
  budgetBytes: 32 * 1024 * 1024,
  perVisitorBytes: 0,
  findVisitor: () => undefined,
  leastBytesPerSecond: 1024,
  slowMs: 10_000,
  checkIntervalMs: 1000,
};

/** A body that holds no more gets in though the budget is full: others make room for it. */
const smallBytes = 64 * 1024;
/** What a body under way costs beside its bytes. */
const ownBytes = 1024;
/** So many pieces of fewer bytes than that, taken together, are no body that anybody means: each costs as much as a large one. */
const manyPieces = 65_536;
const leastPieceBytes = 16;
/** What may come between two pieces of a chunked body: sizes, their extensions, and what follows the last. */
const maxBetweenBytes = 64 * 1024;

/**
 * The bodies under way in a process, of all its listeners. They hold a budget of memory together. When it is used up, the oldest
 * whose sender is not proven ends with `overloaded`, so that nobody without a key keeps out those with one, and a small newcomer
 * always gets in; so do the oldest of one visitor when they hold more than his share, where there is one. Only what has come is counted: announcing much reserves nothing.
 */
export class Bodies {
  readonly #limits: BodyLimits;
  /** Those not read to their end, oldest first. */
  readonly #underWay = new Set<Body>();
  #heldBytes = 0;
  /** What those under way hold, by visitor, where visitors have a share. */
  readonly #ofVisitors = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Partial<BodyLimits> & Stopwatch) {
    this.#limits = { ...defaults, ...limits };
  }

  /** Bytes that bodies hold now. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Bodies that are not read to their end. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /**
   * Starts to watch a request's body. It is counted until its response closes. `onEnd` is told why it has to end early:
   * `overloaded` or `too_slow`.
   */
  watch(raw: IncomingMessage, response: ServerResponse, onEnd: (error: GatewayError) => void): Body {
    const { monotonic, perVisitorBytes, findVisitor: find } = this.#limits;
    const body = new Body(this, raw, onEnd, monotonic(), perVisitorBytes === 0 ? undefined : find(raw));
    this.#underWay.add(body);
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#check(), this.#limits.checkIntervalMs);
      this.#timer.unref();
    }
    response.once('close', () => {
      this.finish(body);
      this.hold(body, 0);
    });
    return body;
  }

  /** Notes that a body holds so many bytes, and makes room for them. False when there is none, and the body has to end. */
  hold(body: Body, bytes: number): boolean {
    this.#heldBytes += bytes - body.heldBytes;
    body.heldBytes = bytes;
    if (!this.#share(body)) return false;
    const { budgetBytes } = this.#limits;
    if (this.#heldBytes <= budgetBytes) return true;
    const isSmall = bytes <= smallBytes;
    for (const other of this.#underWay) {
      if (this.#heldBytes <= budgetBytes) return true;
      if (isRequestProven(other.raw) || (other === body && isSmall)) continue;
      if (other === body) return false;
      other.end(new GatewayError('overloaded'));
    }
    return this.#heldBytes <= (isSmall || isRequestProven(body.raw) ? budgetBytes * 2 : budgetBytes);
  }

  /** Notes that a body is read to its end; what it holds goes on to count, but to its visitor's share no more. */
  finish(body: Body): void {
    this.#underWay.delete(body);
    this.#share(body);
  }

  /**
   * Counts a body under way to its visitor, and ends his oldest while they hold more than his share together. False when this one
   * is his oldest. One alone may hold more than the share: how large it may be is its reader's matter.
   */
  #share(body: Body): boolean {
    const { visitor } = body;
    if (visitor === undefined) return true;
    const bytes = this.#underWay.has(body) && !isRequestProven(body.raw) ? body.heldBytes : 0;
    // Most bodies come in one piece: what has not changed was looked at.
    if (bytes === body.sharedBytes) return true;
    const held = (): number => this.#ofVisitors.get(visitor) ?? 0;
    const total = held() + bytes - body.sharedBytes;
    body.sharedBytes = bytes;
    if (total > 0) this.#ofVisitors.set(visitor, total);
    else this.#ofVisitors.delete(visitor);
    if (bytes === 0 || total <= this.#limits.perVisitorBytes) return true;
    for (const other of this.#underWay) {
      if (held() <= this.#limits.perVisitorBytes || held() === bytes) return true;
      if (other.visitor !== visitor || other.sharedBytes === 0) continue;
      if (other === body) return false;
      other.end(new GatewayError('overloaded'));
    }
    return true;
  }

  #check(): void {
    if (this.#underWay.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const { monotonic, slowMs, leastBytesPerSecond } = this.#limits;
    const at = monotonic();
    const leastBytes = (leastBytesPerSecond * slowMs) / 1000;
    for (const body of this.#underWay) {
      if (body.betweenBytes() > maxBetweenBytes)
        body.end(new GatewayError('bad_request', 'Chunk extensions or trailers are too long.'));
      else if (at - body.markedAt >= slowMs && !body.mark(at, leastBytes))
        body.end(new GatewayError('too_slow'));
    }
  }
}

/** One request's body while it comes in. */
class Body {
  readonly #bodies: Bodies;
  readonly raw: IncomingMessage;
  /** Whose share it counts to, if anybody's, and with how many bytes. */
  readonly visitor: string | undefined;
  sharedBytes = 0;
  readonly #onEnd: (error: GatewayError) => void;
  readonly #isChunked: boolean;
  #readBytes = 0;
  #pieces = 0;
  #markedBytes = 0;
  /** What the body and its socket had read at the last look that saw a new piece. */
  #seenBytes = 0;
  #wireBytes: number;
  heldBytes = 0;
  markedAt: number;

  constructor(
    bodies: Bodies,
    raw: IncomingMessage,
    onEnd: (error: GatewayError) => void,
    startedAt: number,
    visitor: string | undefined,
  ) {
    this.#bodies = bodies;
    this.raw = raw;
    this.visitor = visitor;
    this.#onEnd = onEnd;
    this.#isChunked = raw.headers['transfer-encoding'] !== undefined;
    this.#wireBytes = this.#isChunked ? raw.socket.bytesRead : 0;
    this.markedAt = startedAt;
  }

  /** Notes a piece that came, and what is held since. False when there is no room for it. */
  note(bytes: number, heldBytes: number): boolean {
    this.#readBytes += bytes;
    this.#pieces += 1;
    const held = heldBytes + ownBytes;
    return held === this.heldBytes || this.#bodies.hold(this, held);
  }

  /** Whether it comes in pieces of a few bytes without end. */
  get isShredded(): boolean {
    const pieces = Math.max(this.#pieces, countPieces(this.raw));
    return pieces > manyPieces && this.#readBytes < pieces * leastPieceBytes;
  }

  /** Bytes that came since the last look that saw a new piece. They are no pieces, and held in memory by the parser. */
  betweenBytes(): number {
    if (!this.#isChunked) return 0;
    const wireBytes = this.raw.socket.bytesRead;
    if (this.#readBytes !== this.#seenBytes) {
      this.#seenBytes = this.#readBytes;
      this.#wireBytes = wireBytes;
    }
    return wireBytes - this.#wireBytes;
  }

  /** Begins to measure anew. False when less than `leastBytes` came since the last time, and it was for us to read them. */
  mark(at: number, leastBytes: number): boolean {
    const isOurs = this.raw.readableLength > 0 || this.raw.isPaused();
    const isSlow = this.#readBytes - this.#markedBytes < leastBytes;
    this.markedAt = at;
    this.#markedBytes = this.#readBytes;
    return isOurs || !isSlow;
  }

  /** It is read to its end. */
  finish(): void {
    this.#bodies.finish(this);
  }

  /** Ends it early: it holds nothing any more. */
  end(error: GatewayError): void {
    this.#bodies.finish(this);
    this.#bodies.hold(this, 0);
    this.#onEnd(error);
  }
}

/** Whether a request has a body at all. */
export function hasBody({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined;
}

/** What ends a body that is shredded. */
export function shredded(): GatewayError {
  return new GatewayError('bad_request', 'The body comes in chunks of a few bytes. Send larger ones.');
}

const nothing = Buffer.alloc(0);

/**
 * Reads a request's body into memory as one buffer. Rejects with `payload_too_large`, `overloaded`, `too_slow` or
 * `bad_request`; never settles when the peer goes away.
 */
export function readBody(
  bodies: Bodies,
  raw: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Buffer> {
  const announced = Number(raw.headers['content-length'] ?? 0);
  if (announced > maxBytes) return Promise.reject(new GatewayError('payload_too_large'));
  if (!hasBody(raw)) return Promise.resolve(nothing);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let pieces = new Pieces(announced);
  const body = bodies.watch(raw, response, (error) => {
    raw.off('data', onData);
    raw.off('end', onEnd);
    pieces.discard();
    reject(error);
  });
  const onData = (piece: Buffer): void => {
    const bytes = piece.byteLength;
    if (pieces.length + bytes > maxBytes) {
      body.end(new GatewayError('payload_too_large'));
      return;
    }
    pieces.take(piece);
    if (!body.note(bytes, pieces.heldBytes)) body.end(new GatewayError('overloaded'));
    else if (body.isShredded) body.end(shredded());
  };
  const onEnd = (): void => {
    body.finish();
    const whole = pieces.join();
    pieces = new Pieces();
    resolve(whole);
  };
  raw.on('data', onData);
  raw.on('end', onEnd);
  // The peer is gone; its close ends the response too.
  raw.on('error', () => undefined);
  invite(raw, response);
  return promise;
}
