import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { findFreePort } from './service.ts';

export interface ReceivedCall {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly calls: readonly ReceivedCall[];
  /** Calls that have come and are not answered yet. */
  readonly countOpen: () => number;
  /** Resolves when `count` calls have come; rejects when they have not within a minute. */
  readonly waitFor: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A business's own endpoint on a free loopback port. `answer` decides what each call gets; 200 with `{"code":0}` by default. */
export async function openReceiver(
  answer?: (call: ReceivedCall, response: ServerResponse, request: IncomingMessage) => void,
): Promise<Receiver> {
  const calls: ReceivedCall[] = [];
  let open = 0;
  const came = new EventEmitter().setMaxListeners(0);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      calls.push(call);
      open += 1;
      response.once('close', () => (open -= 1));
      if (answer === undefined) response.end('{"code":0}');
      else answer(call, response, request);
      came.emit('call');
    });
  });
  server.listen(await findFreePort(), '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    countOpen: () => open,
    waitFor: async (count) => {
      const limit = AbortSignal.timeout(60_000);
      while (calls.length < count) await once(came, 'call', { signal: limit });
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
