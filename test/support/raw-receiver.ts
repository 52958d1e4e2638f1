import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';

/** What is written back: pieces of bytes, each in a packet of its own, and how the connection then ends. */
export interface RawAnswer {
  readonly pieces: readonly (string | Buffer)[];
  /** `open` leaves the connection as it is; `close` ends it; `reset` breaks it off. */
  readonly then: 'open' | 'close' | 'reset';
}

interface RawReceiver {
  readonly url: string;
  /** What came, in full, one entry a request. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

/** A receiver that writes bytes as they are told, whether they are HTTP or not. Each request has to have a content-length. */
export async function openRawReceiver(
  answer: (request: string, count: number) => RawAnswer,
): Promise<RawReceiver> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // The other side may break off; what it took is what the test looks at.
    socket.on('error', () => undefined);
    let pending = '';
    socket.on('data', (chunk: Buffer) => {
      pending += chunk.toString('latin1');
      const headLength = pending.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: *(\d+)/i.exec(pending)?.[1] ?? 0);
      if (headLength < 4 || pending.length < headLength + length) return;
      requests.push(pending);
      pending = '';
      void write(socket, answer(requests.at(-1) ?? '', requests.length));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function write(socket: Socket, { pieces, then }: RawAnswer): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    // The kernel joins what is written in one turn; a turn of the loop in between keeps the packets apart.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (then === 'close') socket.end();
  if (then === 'reset') socket.resetAndDestroy();
}
