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

const provenRequests = new WeakSet<IncomingMessage>();

/** Notes that this very request is proven, and its connection with it: its body does not make room for others. */
export function proveRequest(raw: IncomingMessage): void {
  provenRequests.add(raw);
  prove(raw.socket);
}

/** Whether this very request was proven; others of its connection may have come through a proxy, from somebody else. */
export function isRequestProven(raw: IncomingMessage): boolean {
  return provenRequests.has(raw);
}
