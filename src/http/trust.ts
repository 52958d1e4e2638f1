// Whether a connection has shown whose it is. Until then whoever is at its other end may cost next to nothing.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What is known of one connection. */
interface Trust {
  readonly isProven: boolean;
  /** Notes that a signature, key, session or signed link of a request on it was right. May be called again. */
  prove(): void;
}

const trusts = new WeakMap<Socket, Trust>();

/** Says what is to be known of a connection from now on. */
export function setTrust(socket: Socket, trust: Trust): void {
  trusts.set(socket, trust);
}

/**
 * Notes that a request on this connection was proven: its signature, key, session or signed link is right. Once is enough
 * for the whole life of a connection. Does nothing for requests that come without a connection.
 */
export function prove(socket: Socket): void {
  trusts.get(socket)?.prove();
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
