import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

interface HeadAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends the head of a request that announces a large body, and then `sent` and nothing more. Resolves to the answer: whoever
 * waits for the body never gives one.
 */
export async function sendHead(
  app: FastifyInstance,
  { method, target, headers }: { method: string; target: string; headers: Readonly<Record<string, string>> },
  sent: string | Buffer = '',
): Promise<HeadAnswer> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  try {
    const own = { host: 'x', 'content-length': '900000', ...headers };
    const lines = Object.entries(own).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
    socket.write(sent);
    let text = '';
    while (!/\r\n\r\n[^]/.test(text)) {
      const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer];
      text += chunk.toString();
    }
    return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
  } finally {
    socket.destroy();
  }
}
