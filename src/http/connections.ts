import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Stopwatch } from '../runtime/clock.ts';
import { toVisitor } from './addresses.ts';
import { hasBody } from './bodies.ts';
import { InboundConnection } from './inbound-connection.ts';
import type { Handshakes } from './handshakes.ts';
import { setTrust } from './trust.ts';

interface ConnectionLimits extends Stopwatch {
  readonly maxConnections: number;
  /** Of those, the ones on which nobody has shown a key yet: each costs memory before anything is known of it. */
  readonly maxStrangers: number;
  /** Of one address; 0 for any number. */
  readonly maxPerAddress: number;
  /** Addresses that have no share: many clients come through one proxy. */
  readonly isProxy: (address: string) => boolean;
  /** Bytes written to all connections that have not left. */
  readonly maxUnsentBytes: number;
  /** Whoever takes less than `leastBytesPerSecond` of what waits for him, so long, is closed. */
  readonly stallMs: number;
  readonly leastBytesPerSecond: number;
  /** Of a listener with TLS: what comes before its connections. */
  readonly handshakes?: Handshakes | undefined;
}

/** Requests under way on one connection: those being served, and those that came with them and wait for their turn. */
export const maxUnderWay = 16;
/**
 * Of these so many are begun in one turn of the event loop. Some hundreds fit into one piece, and where each is answered on the spot
 * all would be served before anybody else gets a turn.
 */
const maxInTurn = { stranger: 1, proven: maxUnderWay } as const;
/** Requests beyond them that one connection may still have sent along before it is cut off without its answers. */
const maxSurplus = 2048;
/** With so much unsent a connection's next request is not begun before some has left. */
const maxUnsentBesideBytes = 1024 * 1024;
/** Part of the bytes unsent that those may have who have shown no key. */
const strangersShare = 0.25;
/** However many connections are trusted, so many others find room, or `maxConnections` if that is less. */
const maxReserved = 16;
/** What heads of requests may hold in memory while they are still coming in, or wait; beyond it the largest are dropped. */
const maxHeadsBytes = 64 * 1024 * 1024;
/** What a request that waits holds besides its bytes, about. */
const heldBytes = 4096;
const maxWatchMs = 250;
/** So often, counted in requests of strangers, the limits are looked at between the times. */
const strangersPerWatch = 256;

/**
 * Keeps a listener's connections within their limits. Each begins as a stranger's and is trusted once a request on it was proven
 * (`trust.ts`). Strangers have what the trusted leave of `maxConnections`, up to `maxStrangers`: when one too many comes, the one that has owed us
 * something longest goes, then the one that has been served longest; so a newcomer always finds room. Of a stranger one
 * request is served at a time, and one in each turn of the event loop; of others as many as came together, up to {@link maxUnderWay}.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #all = new Map<Socket, InboundConnection>();
  /** Strangers who have sent nothing, part of a request, or nothing new; the one who came or rested first stands first. */
  readonly #waiting = new Set<InboundConnection>();
  /** Strangers whose request has come as a whole. */
  readonly #served = new Set<InboundConnection>();
  /** Trusted, without a request; the one that has been so longest stands first. */
  readonly #idle = new Set<InboundConnection>();
  readonly #busy = new Set<InboundConnection>();
  readonly #perAddress = new Map<string, number>();
  /** Those of which requests were begun in this turn of the event loop. */
  readonly #begunInTurn: InboundConnection[] = [];
  readonly #watchMs: number;
  #strangersBegun = 0;
  #isFull = false;
  #isClosing = false;
  #watchedAt: number;
  /** Time that peers had to take something, in ms: without what this process was stopped for, or did not get to look. */
  #heededMs = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
    this.#watchMs = Math.min(maxWatchMs, limits.stallMs / 4);
    this.#watchedAt = limits.monotonic();
  }

  get open(): number {
    return this.#all.size;
  }

  /** Whether so much has not left that nothing more may be begun. */
  isFull(socket: Socket): boolean {
    return this.#isFull && this.#all.get(socket)?.isProven === true;
  }

  /** Whether no further request is served on it: it ends with the answers under way. */
  isOver(socket: Socket): boolean {
    return this.#all.get(socket)?.isOver === true;
  }

  has(socket: Socket): boolean {
    return this.#all.has(socket);
  }

  attach(server: Server): void {
    const { handshakes } = this.#limits;
    const connectionEvent = handshakes === undefined ? 'connection' : 'secureConnection';
    handshakes?.attach(server);
    server.on(connectionEvent, (socket: Socket) => this.#admit(socket));
    const timer = setInterval(() => this.#watch(), this.#watchMs);
    timer.unref();
    server.once('close', () => clearInterval(timer));
  }

  /** Has a request served when it is its turn; never, when its connection is at its end. */
  begin(request: IncomingMessage, response: ServerResponse, serve: () => void): void {
    const connection = this.#all.get(request.socket);
    if (connection === undefined || connection.isOver || connection.socket.destroyed) {
      if (connection !== undefined && ++connection.surplus > maxSurplus) connection.socket.destroy();
      return;
    }
    if (connection.responses.length >= maxUnderWay) {
      cutOff(connection);
      return;
    }
    connection.responses.push(response);
    response.once('close', () => this.#finish(connection, response));
    connection.held.push({ request, serve });
    this.#beginHeld(connection);
    if (!connection.isProven && ++this.#strangersBegun % strangersPerWatch === 0) this.#watch();
  }

  /** Drops what is idle, and from now on each connection as soon as its answer is out. */
  drain(): void {
    this.#isClosing = true;
    for (const { socket, isIdle } of this.#all.values()) if (isIdle) socket.destroy();
  }

  /** Drops what is left, answered or not. */
  destroyAll(): void {
    this.#limits.handshakes?.destroyAll();
    for (const socket of this.#all.keys()) socket.destroy();
  }

  #admit(socket: Socket): void {
    const leave = this.#enterAddress(socket.remoteAddress ?? '');
    if (leave === undefined) {
      socket.destroy();
      return;
    }
    const { maxConnections, maxStrangers } = this.#limits;
    const reserved = Math.min(maxReserved, maxConnections);
    const left = Math.min(maxConnections - this.#idle.size - this.#busy.size, maxStrangers);
    const room = Math.max(left, reserved);
    if (this.#waiting.size + this.#served.size >= room) {
      const [oldest] = this.#waiting.size > 0 ? this.#waiting : this.#served;
      if (oldest !== undefined) this.#drop(oldest);
    }
    const connection = new InboundConnection(socket, this.#waiting);
    this.#waiting.add(connection);
    this.#all.set(socket, connection);
    setTrust(socket, () => this.#prove(connection));
    socket.once('close', () => {
      leave();
      this.#forget(connection);
    });
  }

  /** Counts a connection of that address; returns what ends it, or undefined when the address has its share already. */
  #enterAddress(address: string): (() => void) | undefined {
    const { maxPerAddress, isProxy } = this.#limits;
    if (maxPerAddress === 0 || isProxy(address)) return () => undefined;
    const visitor = toVisitor(address);
    const count = this.#perAddress.get(visitor) ?? 0;
    if (count >= maxPerAddress) return undefined;
    this.#perAddress.set(visitor, count + 1);
    return () => {
      const left = (this.#perAddress.get(visitor) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(visitor, left);
      else this.#perAddress.delete(visitor);
    };
  }

  /** Without room among the trusted, and nobody idle there who could make some, a connection stays a stranger's. */
  #prove(connection: InboundConnection): void {
    if (connection.isProven || !this.#all.has(connection.socket)) return;
    if (this.#idle.size + this.#busy.size >= this.#limits.maxConnections) {
      const [oldest] = this.#idle;
      if (oldest === undefined) return;
      this.#drop(oldest);
    }
    connection.isProven = true;
    connection.moveTo(connection.isIdle ? this.#idle : this.#busy);
    // Not at once: whoever proves it is in the middle of serving a request.
    if (connection.held.length > 0) queueMicrotask(() => this.#beginHeld(connection));
  }

  #beginHeld(connection: InboundConnection): void {
    const { held, responses, socket } = connection;
    while (held.length > 0 && !socket.destroyed) {
      if (connection.begunInTurn >= maxInTurn[connection.isProven ? 'proven' : 'stranger']) return;
      const isFirst = held.length === responses.length;
      if (!isFirst && (!connection.isProven || connection.unsentBytes > maxUnsentBesideBytes)) return;
      const next = held.shift();
      if (next === undefined) return;
      this.#noteBegun(connection, next.request);
      next.serve();
    }
  }

  #noteBegun(connection: InboundConnection, request: IncomingMessage): void {
    if (this.#begunInTurn.length === 0) setImmediate(() => this.#endTurn());
    if (connection.begunInTurn === 0) this.#begunInTurn.push(connection);
    connection.begunInTurn += 1;
    if (connection.isProven) {
      if (connection.home !== this.#busy) connection.moveTo(this.#busy);
    } else if (hasBody(request)) {
      // As long as its body is owed a stranger waits, and keeps his place.
      if (connection.home !== this.#waiting) connection.moveTo(this.#waiting);
      request.once('end', () => {
        if (!connection.isProven && !connection.isIdle && this.#all.has(connection.socket))
          connection.moveTo(this.#served);
      });
    } else if (connection.home !== this.#served) connection.moveTo(this.#served);
  }

  #endTurn(): void {
    const begun = this.#begunInTurn.splice(0);
    for (const connection of begun) connection.begunInTurn = 0;
    for (const connection of begun) this.#beginHeld(connection);
  }

  #finish(connection: InboundConnection, response: ServerResponse): void {
    const { responses, socket } = connection;
    const at = responses.indexOf(response);
    if (at >= 0) responses.splice(at, 1);
    if (socket.destroyed || !this.#all.has(socket)) return;
    if (responses.length > 0) {
      this.#beginHeld(connection);
      return;
    }
    connection.rest();
    if (this.#isClosing || connection.isOver) socket.destroySoon();
    else connection.moveTo(connection.isProven ? this.#idle : this.#waiting);
  }

  #drop(connection: InboundConnection): void {
    this.#forget(connection);
    connection.socket.destroy();
  }

  #forget(connection: InboundConnection): void {
    if (!this.#all.delete(connection.socket)) return;
    connection.home.delete(connection);
    connection.held.length = 0;
    // Node tells only the answer whose turn it is that nobody reads it any more.
    for (const response of connection.responses.filter(({ socket }) => socket === null)) {
      response.destroy();
      response.emit('close');
    }
  }

  #watch(): void {
    const { stallMs, leastBytesPerSecond, monotonic, handshakes } = this.#limits;
    const leastBytes = (leastBytesPerSecond * stallMs) / 1000;
    handshakes?.expire();
    const at = monotonic();
    this.#heededMs += Math.min(at - this.#watchedAt, 2 * this.#watchMs);
    this.#watchedAt = at;
    const now = this.#heededMs;
    const heads: Share[] = [];
    const unsent: Share[] = [];
    for (const connection of this.#all.values()) {
      if (connection.isStalled(now, stallMs, leastBytes)) {
        connection.socket.destroy();
        continue;
      }
      if (connection.isIdle || (connection.held.length > 0 && !connection.isProven)) {
        const bytes = connection.pendingBytes;
        if (bytes > 0) heads.push({ connection, bytes: bytes + connection.held.length * heldBytes });
      }
      const bytes = connection.unsentBytes;
      if (bytes > 0) unsent.push({ connection, bytes });
    }
    if (sum(heads) > maxHeadsBytes)
      dropUntil(
        heads.sort((a, b) => b.bytes - a.bytes),
        maxHeadsBytes,
      );
    this.#boundUnsent(unsent, now);
  }

  /** Drops strangers first, those longest at it first; of the trusted only who has not taken anything for a second. */
  #boundUnsent(unsent: Share[], now: number): void {
    const { maxUnsentBytes } = this.#limits;
    unsent.sort((a, b) => (a.connection.watchedSince ?? now) - (b.connection.watchedSince ?? now));
    const strangers = unsent.filter(({ connection }) => !connection.isProven);
    const trusted = unsent.filter(({ connection }) => connection.isProven);
    const ofTrusted = sum(trusted);
    const strangersBytes = Math.min(maxUnsentBytes * strangersShare, Math.max(0, maxUnsentBytes - ofTrusted));
    const left = dropUntil(strangers, strangersBytes) + ofTrusted;
    const stalled = trusted.filter(({ connection }) => now - (connection.watchedSince ?? now) >= 1000);
    const moving = left - sum(stalled);
    this.#isFull = moving + dropUntil(stalled, maxUnsentBytes - moving) > maxUnsentBytes;
  }
}

interface Share {
  readonly connection: InboundConnection;
  readonly bytes: number;
}

function sum(held: readonly Share[]): number {
  return held.reduce((total, { bytes }) => total + bytes, 0);
}

/** Ends the first of them until the rest hold no more than `maxBytes`; returns what they hold. */
function dropUntil(held: readonly Share[], maxBytes: number): number {
  let left = sum(held);
  for (const { connection, bytes } of held) {
    if (left <= maxBytes) break;
    connection.socket.destroy();
    left -= bytes;
  }
  return left;
}

/**
 * Ends a connection on which too many requests came at once: a stranger's now, another's once those under way are answered.
 * Its further requests are not served, as RFC 9112 (9.6) lets a server do that says `Connection: close`.
 */
function cutOff(connection: InboundConnection): void {
  connection.isOver = true;
  skipRest(connection.socket);
  const last = connection.responses.at(-1);
  if (!connection.isProven) connection.socket.destroy();
  else if (last !== undefined && !last.headersSent) last.shouldKeepAlive = false;
}

/**
 * Has Node leave aside what else came in the same piece: it would make a thousand requests of it, and tell each of them later that
 * its peer is gone. To its parser a head that asks for an upgrade (2) ends what is to be parsed. The hook is Node's own; without it
 * the requests come and are not served.
 */
function skipRest(socket: Socket): void {
  const parser: unknown = Reflect.get(socket, 'parser');
  if (typeof parser === 'object' && parser !== null && 'onIncoming' in parser) parser.onIncoming = () => 2;
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
