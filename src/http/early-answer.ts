// Answers to requests whose body was not read: a client that is still sending would meet a reset instead of its answer.
import type { IncomingMessage } from 'node:http';
import { hasBody } from './bodies.ts';
import { isWaiting } from './expectation.ts';
import { giveBackPiece } from './pieces.ts';

/** Of a body that nobody wants so much is read and thrown away, so that the client gets to its answer. */
const maxDiscardedBytes = 1024 * 1024;
const maxLingerMs = 2000;
/** Announced bodies up to this are read by the way, and the connection goes on. */
const triflingBytes = 64 * 1024;

/** Whether a request has a body under way that nobody reads, so that its connection has to end with the answer. */
export function leavesBody(raw: IncomingMessage): boolean {
  // Requests that come without a socket do not know whether they are complete.
  if (raw.complete !== false || !hasBody(raw)) return false;
  const announced = raw.headers['content-length'];
  // One that was begun and given up is not followed by another request either.
  const isBegun = raw.readableFlowing !== null;
  return isBegun || isWaiting(raw) || announced === undefined || Number(announced) > triflingBytes;
}

/** Reads on and throws away; resolves when the body has ended, or enough of it or of the time is over. */
export function discardRest(raw: IncomingMessage): Promise<void> {
  if (raw.readableEnded || raw.destroyed) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  let bytes = 0;
  const stop = (): void => {
    clearTimeout(timer);
    raw.off('data', onData);
    raw.off('end', stop);
    raw.off('close', stop);
    raw.pause();
    resolve();
  };
  const onData = (piece: Buffer): void => {
    bytes += piece.byteLength;
    giveBackPiece(piece);
    if (bytes > maxDiscardedBytes) stop();
  };
  const timer = setTimeout(stop, maxLingerMs);
  raw.on('data', onData);
  raw.on('end', stop);
  raw.on('close', stop);
  raw.on('error', () => undefined);
  raw.resume();
  return promise;
}
