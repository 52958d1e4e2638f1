// Whether a connection has shown whose it is. Until then whoever is at its other end may cost next to nothing.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

const trusts = new WeakMap<Socket, () => void>();

/** Has `prove` told when a signature, key, session or signed link of a request on the connection was right; it may be told again. */
export function setTrust(socket: Socket, prove: () => void): void {
  trusts.set(socket, prove);
}

/**
 * Notes that a request on this connection was proven: its signature, key, session or signed link is right. Once is enough
 * for the whole life of a connection. Does nothing for requests that come without a connection.
 */
export function prove(socket: Socket): void {
  trusts.get(socket)?.();
}

const isProven = Symbol('a key was shown by this request');

/** Told by the request itself: a set of them would be looked through at each collection of garbage. */
interface Provable extends IncomingMessage {
  [isProven]?: true;
}

/** Notes that this very request is proven, and its connection with it: its body does not make room for others. */
export function proveRequest(raw: Provable): void {
  raw[isProven] = true;
  prove(raw.socket);
}

/** Whether this very request was proven; others of its connection may have come through a proxy, from somebody else. */
export function isRequestProven(raw: Provable): boolean {
  return raw[isProven] === true;
}
