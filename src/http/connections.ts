import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTrust } from './trust.ts';

/** A request's head beyond this counts against what large ones may hold together. */
const largeHeadBytes = 16 * 1024;
/** What large heads that are still coming in may hold in memory at once; beyond it the largest are dropped. */
const maxLargeHeadsBytes = 64 * 1024 * 1024;
const headCheckMs = 250;

/**
 * Keeps a listener's connections within `maxConnections`. When one too many comes in, the connection that has been idle
 * longest goes; when none is idle, the new one does. A crowd of idle connections thus never keeps a caller out.
 */
export class Connections {
  readonly #maxConnections: number;
  /** In the order in which they fell idle, so the first is the one to drop. */
  readonly #idle = new Set<Socket>();
  /** With the number of requests under way, which is more than one when they are pipelined. */
  readonly #busy = new Map<Socket, number>();
  /** What a connection had read when its last request was over: the rest is the head of the next. */
  readonly #readBefore = new WeakMap<Socket, number>();
  #closing = false;

  constructor(maxConnections: number) {
    this.#maxConnections = maxConnections;
  }

  get open(): number {
    return this.#idle.size + this.#busy.size;
  }

  /** Watches one server; `connectionEvent` is `secureConnection` where TLS stands between. */
  attach(server: Server, connectionEvent: 'connection' | 'secureConnection'): void {
    server.on(connectionEvent, (socket: Socket) => {
      this.#admit(socket);
    });
    const timer = setInterval(() => this.#dropLargeHeads(), headCheckMs);
    timer.unref();
    server.once('close', () => clearInterval(timer));
    server.on('request', ({ socket }, response) => {
      this.#idle.delete(socket);
      this.#busy.set(socket, (this.#busy.get(socket) ?? 0) + 1);
      response.once('close', () => {
        this.#rest(socket);
      });
    });
  }

  /** Drops what is idle, and from now on each connection as soon as its answer is out. */
  drain(): void {
    this.#closing = true;
    for (const socket of this.#idle) socket.destroy();
  }

  /** Drops what is left, answered or not. */
  destroyAll(): void {
    for (const socket of [...this.#idle, ...this.#busy.keys()]) socket.destroy();
  }

  #admit(socket: Socket): void {
    if (this.open >= this.#maxConnections) {
      const [oldest = socket] = this.#idle;
      oldest.destroy();
      this.#idle.delete(oldest);
      if (oldest === socket) return;
    }
    this.#idle.add(socket);
    let isProven = false;
    setTrust(socket, {
      get isProven() {
        return isProven;
      },
      prove: () => (isProven = true),
    });
    socket.once('close', () => {
      this.#idle.delete(socket);
      this.#busy.delete(socket);
    });
  }

  #rest(socket: Socket): void {
    const left = (this.#busy.get(socket) ?? 1) - 1;
    if (left > 0) {
      this.#busy.set(socket, left);
      return;
    }
    if (!this.#busy.delete(socket) || socket.destroyed) return;
    this.#readBefore.set(socket, socket.bytesRead);
    if (this.#closing) socket.destroySoon();
    else this.#idle.add(socket);
  }

  /** Heads are kept in memory as they come in, and nobody knows yet whose they are. */
  #dropLargeHeads(): void {
    const heads: { readonly socket: Socket; readonly bytes: number }[] = [];
    let sum = 0;
    for (const socket of this.#idle) {
      const bytes = socket.bytesRead - (this.#readBefore.get(socket) ?? 0);
      if (bytes <= largeHeadBytes) continue;
      heads.push({ socket, bytes });
      sum += bytes;
    }
    heads.sort((a, b) => b.bytes - a.bytes);
    for (const { socket, bytes } of heads) {
      if (sum <= maxLargeHeadsBytes) return;
      socket.destroy();
      sum -= bytes;
    }
  }
}

/** Files that the process needs for itself: store, media, connections to the outside. */
const ownFiles = 1024;

/**
 * As many of the wanted connections as the process may open files for: one too many would take the store's files away
 * and not just be refused. Where the limit cannot be read it is as wanted.
 */
export function withinFileLimit(wanted: number, limits: string = readLimits()): number {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  // A quarter is left for ourselves where the limit is very low.
  return Math.min(wanted, limit - Math.min(ownFiles, Math.floor(limit / 4)));
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Not Linux.
    return '';
  }
}
