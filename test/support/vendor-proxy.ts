import { once } from 'node:events';
import { createServer } from 'node:http';
import { request } from 'undici';

export interface PassedCall {
  readonly method: string;
  readonly path: string;
  /** What the caller shows itself by; empty where it shows nothing. */
  readonly authorization: string;
  readonly body: Buffer;
}

export interface VendorProxy {
  readonly url: string;
  /** What has come through, oldest first. */
  readonly calls: readonly PassedCall[];
  readonly close: () => Promise<void>;
}

/**
 * Stands before a simulated vendor, or before several that have one address in the world, and notes what is asked of it. A status that `intercept` gives is answered in the vendor's
 * place.
 */
export async function openVendorProxy(
  vendorUrl: string | ((call: PassedCall) => string),
  intercept: (call: PassedCall) => number | undefined = () => undefined,
): Promise<VendorProxy> {
  const calls: PassedCall[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = 'GET', url: path = '/', headers } = incoming;
      const { authorization = '' } = headers;
      const call = { method, path, authorization, body: Buffer.concat(chunks) };
      calls.push(call);
      const status = intercept(call);
      if (status !== undefined) {
        response.writeHead(status).end();
        return;
      }
      const kept = ['authorization', 'content-type', 'file_offset'].flatMap((name) => {
        const value = headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      });
      const address = typeof vendorUrl === 'string' ? vendorUrl : vendorUrl(call);
      request(`${address}${path}`, {
        method: method as 'GET',
        headers: Object.fromEntries(kept) as Record<string, string>,
        body: call.body.byteLength === 0 ? null : call.body,
      }).then(
        async (answer) =>
          response
            .writeHead(answer.statusCode, { 'content-type': 'application/json' })
            .end(await answer.body.text()),
        () => response.destroy(),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
