import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** A way to a port that can be broken in the ways that networks break. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that come from now on go there; those that are open stay. */
  pointTo(port: number): void;
  /** Ends all connections at once, whatever is under way on them. */
  cut(): void;
  /** Passes nothing on of the connections that are open now, and ends none of them: neither end is told. New ones work. */
  silence(): void;
  /** Connections that are open. */
  count(): number;
  close(): Promise<void>;
}

/** Opens a way to `target` on a free loopback port. */
export async function openTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let port = target;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near]] as const) {
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  const cut = (): void => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    port: address.port,
    pointTo: (next) => void (port = next),
    cut,
    silence: () => {
      for (const [near, far] of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.pause();
        far.pause();
      }
    },
    count: () => pairs.size,
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
