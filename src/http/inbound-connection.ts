import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request that has come, and what serves it. */
interface Held {
  readonly request: IncomingMessage;
  readonly serve: () => void;
}

/** One connection of a listener, with the requests that are under way on it. */
export class InboundConnection {
  readonly socket: Socket;
  /** Of requests that have come, in their order, until their answers are out. */
  readonly responses: ServerResponse[] = [];
  /** Requests that have come and are not begun yet: the last of those above. */
  readonly held: Held[] = [];
  /** Requests begun in this turn of the event loop. */
  begunInTurn = 0;
  /** Whether a request on it showed a key. */
  isProven = false;
  /** No further request is served. */
  isOver = false;
  /** Requests that came after that. */
  surplus = 0;
  /** Which of the listener's classes it is in. */
  home: Set<InboundConnection>;
  /** What it had read when its last request was over: the rest is what came since. */
  #readBefore = 0;
  /** Since when, and from how many bytes on, the peer is watched as it takes what is written. */
  #mark: { readonly takenBytes: number; readonly at: number } | undefined;

  constructor(socket: Socket, home: Set<InboundConnection>) {
    this.socket = socket;
    this.home = home;
  }

  moveTo(home: Set<InboundConnection>): void {
    this.home.delete(this);
    this.home = home;
    home.add(this);
  }

  get isIdle(): boolean {
    return this.responses.length === 0;
  }

  /** Bytes that came and were not answered yet; only heads of requests, where nothing is being read. */
  get pendingBytes(): number {
    return this.socket.bytesRead - this.#readBefore;
  }

  /** Bytes that were answered and have not left: handed to the socket, or waiting for the answers before them. */
  get unsentBytes(): number {
    if (this.responses.length === 0) return this.socket.writableLength;
    return this.responses.reduce((sum, { writableLength }) => sum + writableLength, 0);
  }

  /** Since when the peer has taken too little; undefined when nothing waits for it. */
  get watchedSince(): number | undefined {
    return this.#mark?.at;
  }

  rest(): void {
    this.#readBefore = this.socket.bytesRead;
  }

  /**
   * Whether the peer has taken less than `leastBytes` in `spanMs` of what it was given, or has not closed its side in that time after
   * ours was. To be asked again and again; what has nothing to write is never slow.
   */
  isStalled(now: number, spanMs: number, leastBytes: number): boolean {
    const { socket } = this;
    if (socket.writableLength === 0 && !socket.writableEnded) {
      this.#mark = undefined;
      return false;
    }
    const takenBytes = countTaken(socket);
    if (this.#mark === undefined || takenBytes - this.#mark.takenBytes >= leastBytes)
      this.#mark = { takenBytes, at: now };
    return now - this.#mark.at >= spanMs;
  }
}

interface Handle {
  readonly bytesWritten?: number;
  readonly writeQueueSize?: number;
  /** Of a TLS connection: what its bytes go out through. */
  readonly _parent?: Handle;
}

/**
 * Bytes that the kernel has taken from us. A write counts as a whole only when all of it is gone, so what is left of the one
 * under way is asked of the handle, as Node's own timeout does; without one it is counted by whole writes.
 */
function countTaken(socket: Socket): number {
  const handle = Reflect.get(socket, '_handle') as Handle | null | undefined;
  const { bytesWritten, writeQueueSize } = handle?._parent ?? handle ?? {};
  return bytesWritten === undefined || writeQueueSize === undefined
    ? socket.bytesWritten - socket.writableLength
    : bytesWritten - writeQueueSize;
}
