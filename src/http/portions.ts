import type { Socket } from 'node:net';
import { Readable } from 'node:stream';

/** So much is parsed at a time: as chunks of one byte it takes a millisecond or two, and what one read may bring 25. */
const portionBytes = 4096;

/** As every stream takes what comes. */
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on the socket
const pass = Readable.prototype.push;

/** Node's own, beneath a socket: what reads it, and whether the parser of HTTP does so past the socket's stream. */
interface Handle {
  _consumed?: boolean;
}
interface Parser {
  _consumed?: boolean;
  consume?: (handle: Handle) => void;
}

/**
 * Has what comes on a connection parsed in portions, for as long as it is a stranger's. Node's parser takes 64 KB from the handle in
 * one go, and nothing stops it in between; from the socket's stream it takes one portion after the other, and none while the stream
 * is paused. So a request whose pieces take long has to let others go first after each portion. A connection that is proven
 * is read past its stream, as Node would from the beginning. To be called before Node's own listener sees the connection.
 */
export function readInPortions(socket: Socket, isProven: () => boolean): void {
  const handle = Reflect.get(socket, '_handle') as Handle | null | undefined;
  if (handle == null) return;
  handle._consumed = true;
  socket.push = (piece: unknown, encoding?: BufferEncoding): boolean => {
    if (!(piece instanceof Uint8Array)) return pass.call(socket, piece, encoding);
    const isWhole = isProven() && socket.readableLength === 0;
    const step = isWhole ? piece.byteLength : portionBytes;
    let goesOn = true;
    for (let at = 0; at < piece.byteLength && !socket.destroyed; at += step)
      goesOn = pass.call(socket, piece.subarray(at, at + step));
    if (isWhole) readPastStream(socket);
    return goesOn;
  };
}

/** Has a connection that is proven read past its stream from now on; when something waits there, after the next piece that finds it empty. */
export function readPastStream(socket: Socket): void {
  const handle = Reflect.get(socket, '_handle') as Handle | null | undefined;
  const parser = Reflect.get(socket, 'parser') as Parser | null | undefined;
  if (handle == null || socket.destroyed || socket.readableLength > 0) return;
  if (parser?.consume === undefined || parser._consumed === true) return;
  // Deleting ours would make the socket a slow object.
  socket.push = pass;
  parser._consumed = true;
  parser.consume(handle);
}
