// What the unmodified official SDK meets when an account, or its key, may do no more.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import Cams, * as cams from '@alicloud/cams20200606';
import { Config } from '@alicloud/openapi-client';
import { RuntimeOptions } from '@alicloud/tea-util';
import { system } from '../../../src/domain/account.ts';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { openCamsApp } from '../../support/cams-app.ts';

const spaces = { CustSpaceId: 'sandbox' };

it('a call too many in a second is answered as CAMS does, with the time to wait, and is good when it is over', async (t) => {
  const app = await openCamsApp();
  t.after(() => app.close());
  await app.store.setAccountLimits(app.accountId, { requestsPerSecond: 2 }, system);
  const codes = async (times: number): Promise<unknown[]> => {
    const answers = [];
    for (let count = 0; count < times; count += 1)
      answers.push((await app.call('ListChatappTemplate', spaces)).body['Code']);
    return answers;
  };
  assert.deepEqual(await codes(3), ['OK', 'OK', 'Throttling.User']);
  const refused = await app.callRpc('ListChatappTemplate', { ...spaces, Format: 'JSON' });
  assert.deepEqual(
    [refused.status, refused.body['Code'], refused.body['Message'], refused.headers['retry-after']],
    [429, 'Throttling.User', 'This account may make 2 requests in a second. Wait a moment.', '1'],
  );
  const waitMs = Number(refused.headers['x-acs-retry-after']);
  assert.ok(waitMs > 0 && waitMs <= 500, String(waitMs));
  app.clock.advance(waitMs);
  assert.deepEqual(await codes(2), ['OK', 'Throttling.User']);
});

it('an account whose queues are full sends to nobody until there is room, and the SDK is told why', async (t) => {
  const app = await openCamsApp();
  t.after(() => app.close());
  await app.store.setAccountLimits(app.accountId, { queuedMessages: 1 }, system);
  const hello = {
    ChannelType: 'whatsapp',
    Type: 'message',
    MessageType: 'text',
    Content: '{"text":"hello"}',
    From: '15550100001',
    To: '8613900000000',
  };
  const send = async () => (await app.call('SendChatappMessage', hello)).body;
  assert.equal((await send())['Code'], 'OK');
  await app.store.createQueue(app.accountId, 'own', defaultQueueAttributes);
  const queue = (await app.store.findQueue(app.accountId, 'own')) ?? assert.fail();
  await app.store.sendMessages(queue, [{ body: 'x', priority: 8 }], app.clock.now());
  // What the node heard is good for a second.
  app.clock.advance(1000);
  const refused = await app.call('SendChatappMessage', hello);
  assert.deepEqual(
    [refused.status, refused.body['Code'], refused.body['Message'], refused.headers['x-acs-retry-after']],
    [
      429,
      'Throttling.User',
      'There are 1 of at most 1 messages in the queues of the account. Have some received and deleted first.',
      '1000',
    ],
  );
  const mass = { ...hello, SenderList: '[]', TemplateCode: 'x', Language: 'en' };
  assert.equal((await app.call('SendChatappMassMessage', mass)).body['Code'], 'Throttling.User');
  await app.store.deleteQueue(app.accountId, 'own');
  assert.equal((await send())['Code'], 'OK');
});

it('an account, or a key, whose files are as large as they may be is given no way to upload', async (t) => {
  const app = await openCamsApp();
  t.after(() => app.close());
  const { store, accountId } = app;
  const small = { id: 'small', secret: 's' };
  await store.createKey({ ...small, accountId, limits: { storedBytes: 5 } }, system);
  const upload = {
    accountId,
    channelId: 'sandbox',
    mimeType: 'image/png',
    sha256: '',
    createdAt: app.clock.now(),
  };
  await store.putUpload({ ...upload, id: '0'.repeat(32), key: 'a.png', bytes: 5 });
  const ask = async (key = app.key) =>
    (await app.call('GetChatappUploadAuthorization', spaces, { key })).body['Code'];
  assert.deepEqual([await ask(), await ask(small)], ['OK', 'Throttling.User']);
  await store.setAccountLimits(accountId, { storedBytes: 4 }, system);
  assert.equal(await ask(), 'Throttling.User');
});

it('of two keys of one account each has its own limit', async (t) => {
  const app = await openCamsApp();
  t.after(() => app.close());
  const slow = { id: 'slow', secret: 's' };
  await app.store.createKey({ ...slow, accountId: app.accountId, limits: { requestsPerSecond: 1 } }, system);
  const call = async (key?: typeof slow) =>
    (await app.call('ListChatappTemplate', spaces, key === undefined ? {} : { key })).body['Code'];
  assert.deepEqual([await call(slow), await call(slow), await call()], ['OK', 'Throttling.User', 'OK']);
});

it('what a stranger calls is counted for nobody, and a call that is repeated neither', async (t) => {
  const app = await openCamsApp();
  t.after(() => app.close());
  await app.store.setAccountLimits(app.accountId, { requestsPerSecond: 2 }, system);
  for (let count = 0; count < 5; count += 1) {
    const key = { id: app.key.id, secret: 'guessed' };
    assert.equal(
      (await app.call('ListChatappTemplate', spaces, { key })).body['Code'],
      'SignatureDoesNotMatch',
    );
  }
  const heard = { nonce: 'heard-on-the-way' };
  assert.equal((await app.call('ListChatappTemplate', spaces, heard)).body['Code'], 'OK');
  for (let count = 0; count < 5; count += 1)
    assert.equal((await app.call('ListChatappTemplate', spaces, heard)).body['Code'], 'SignatureNonceUsed');
  assert.equal((await app.call('ListChatappTemplate', spaces)).body['Code'], 'OK');
});

it('the SDK gives the refusal to its caller, and does not try again by itself', async (t) => {
  const app = await openCamsApp({ now: Date.now });
  t.after(() => app.close());
  const url = await app.app.listen({ port: 0, host: '127.0.0.1' });
  let served = 0;
  app.app.server.on('request', () => (served += 1));
  await app.store.setAccountLimits(app.accountId, { requestsPerSecond: 1 }, system);
  const client = new Cams.default(
    new Config({
      accessKeyId: app.key.id,
      accessKeySecret: app.key.secret,
      endpoint: new URL(url).host,
      protocol: 'http',
      readTimeout: 600_000,
    }),
  );
  const request = new cams.ListChatappTemplateRequest({ custSpaceId: 'sandbox' });
  assert.equal((await client.listChatappTemplate(request)).body?.code, 'OK');
  const runtime = new RuntimeOptions({ autoretry: true, maxAttempts: 3 });
  await assert.rejects(client.listChatappTemplateWithOptions(request, runtime), {
    code: 'Throttling.User',
    message: /Throttling\.User: code: 429, This account may make 1 request in a second/,
  });
  assert.equal(served, 2);
});
