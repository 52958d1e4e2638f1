import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { it } from 'node:test';
import { openBucketClient } from '../../src/store/bucket-client.ts';

/** Reads an object from a bucket that behaves so. */
async function read(listener: RequestListener): Promise<Buffer> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access = { endpoint, region: 'eu-test-1', keyId: 'AKIATEST', keySecret: 'secret' };
  const { library, client } = await openBucketClient(access, { idleMs: 200 });
  try {
    const { Body } = await client.send(new library.GetObjectCommand({ Bucket: 'media', Key: 'one' }));
    assert.ok(Body instanceof Readable);
    return await buffer(Body);
  } finally {
    client.destroy();
    server.closeAllConnections();
    server.close();
  }
}

it('a bucket that takes a request and never answers is given up', { timeout: 60_000 }, () =>
  assert.rejects(
    read(() => undefined),
    { name: 'TimeoutError' },
  ),
);

it('a bucket that ceases in the middle of an object is given up', { timeout: 60_000 }, () =>
  assert.rejects(
    read((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('abc');
    }),
    { name: 'TimeoutError' },
  ),
);
