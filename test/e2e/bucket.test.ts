// A service that keeps media in a bucket, on the embedded store; what a bucket answers is tested beside its adapter.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { request } from 'undici';
import { openBucketServer } from '../support/bucket-server.ts';
import { rootAccount, startService } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';

it('a file that a user sent is kept in the bucket alone, and read through its link', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-bucket-'));
  const server = await openBucketServer();
  const service = await startService({
    dataDir,
    env: {
      S3_BUCKET: 'media',
      S3_ENDPOINT: server.url,
      S3_REGION: server.region,
      S3_ACCESS_KEY_ID: server.keyId,
      S3_SECRET_ACCESS_KEY: server.keySecret,
    },
  });
  const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
  const smq = new SmqClient(service.url, key);
  try {
    const headers = {
      authorization: `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`,
      'content-type': 'application/json',
    };
    const call = async (method: 'PUT' | 'POST', path: string, body: unknown): Promise<void> => {
      const answer = await request(`${service.url}${path}`, { method, headers, body: JSON.stringify(body) });
      assert.ok(answer.statusCode < 300, await answer.body.text());
    };
    await call('PUT', '/api/v1/channels/sandbox/senders/15550100001/webhook', { http: false, queue: true });
    await call('POST', '/sandbox/15550100001/inbound', { from: '15550003333', type: 'image' });
    const [message] = await smq.receive(`Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`, 5);
    const receipt = JSON.parse(Buffer.from(message?.body ?? '', 'base64').toString()) as { Message: string };
    const { url } = JSON.parse(receipt.Message) as { url: string };
    const file = await request(url);
    assert.equal(file.statusCode, 200);
    const [object] = server.objects.values();
    assert.deepEqual(Buffer.from(await file.body.arrayBuffer()), object);
    assert.equal(server.objects.size, 1);
    assert.equal(existsSync(join(dataDir, 'media')), false);
  } finally {
    await smq.close();
    await service.kill();
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});
