import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Stopwatch } from '../runtime/clock.ts';

interface Handshake {
  readonly socket: Socket;
  readonly startedAt: number;
}

/**
 * The connections of a TLS listener that have not shaken hands yet. They hold a file and memory each before anything is known of
 * them: beyond `max` the oldest gives way, and none lasts longer than `limitMs`. Node's own limit only says that the time is over.
 */
export class Handshakes {
  readonly #max: number;
  readonly #limitMs: number;
  readonly #monotonic: () => number;
  /** In the order in which they came. */
  readonly #open = new Map<string, Handshake>();

  constructor(max: number, limitMs: number, { monotonic }: Stopwatch) {
    this.#max = max;
    this.#limitMs = limitMs;
    this.#monotonic = monotonic;
  }

  get open(): number {
    return this.#open.size;
  }

  attach(server: Server): void {
    server.on('connection', (socket: Socket) => this.#add(socket));
    server.on('secureConnection', (socket: Socket) => this.#open.delete(toPeer(socket)));
  }

  /** Ends what has taken too long; to be called every now and then. */
  expire(): void {
    const now = this.#monotonic();
    for (const { socket, startedAt } of this.#open.values()) {
      if (now - startedAt < this.#limitMs) return;
      socket.destroy();
    }
  }

  destroyAll(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  #add(socket: Socket): void {
    // Gone before it was accepted.
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const peer = toPeer(socket);
    if (this.#open.size >= this.#max) this.#dropOldest();
    const handshake = { socket, startedAt: this.#monotonic() };
    this.#open.set(peer, handshake);
    socket.once('close', () => {
      if (this.#open.get(peer) === handshake) this.#open.delete(peer);
    });
  }

  #dropOldest(): void {
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    const [peer, { socket }] = oldest;
    this.#open.delete(peer);
    socket.destroy();
  }
}

/** Tells a connection from all others that are open, before and after it has shaken hands. */
function toPeer({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
