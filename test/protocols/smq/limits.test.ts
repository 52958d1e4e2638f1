// What the unmodified official SDK for Node meets when an account, or its key, may do no more.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import Client from '@alicloud/mns';
import { system } from '../../../src/domain/account.ts';
import { openSmqApp } from '../../support/smq-app.ts';
import { callSmq } from '../../support/smq-request.ts';

async function open(t: TestContext) {
  // The SDK signs with the machine's time, and nothing fills up again while the clock of the limits stands.
  let passed = 0;
  const clock = { now: Date.now, monotonic: () => passed, advance: (ms: number) => void (passed += ms) };
  const smq = await openSmqApp({ clock });
  t.after(() => smq.close());
  const url = await smq.listen();
  const connect = (id = smq.key.id, secret = smq.key.secret) =>
    new Client('1001', { accessKeyId: id, accessKeySecret: secret, endpoint: url });
  const client = connect();
  await client.createQueue('orders', {});
  return { ...smq, url, client, connect };
}

it('one request too many in a second is refused as SMQ does, and the SDK gives it to its caller', async (t) => {
  const { store, accountId, clock, client, app } = await open(t);
  await store.setAccountLimits(accountId, { requestsPerSecond: 3 }, system);
  for (let count = 0; count < 3; count += 1) await client.getQueueAttributes('orders');
  await assert.rejects(client.sendMessage('orders', { MessageBody: 'too many' }), {
    name: 'MNSTooManyRequestsError',
    message: /This account may make 3 requests in a second\. Wait a moment\./,
  });
  const answer = await callSmq(app, '/queues/orders', { now: Date.now() });
  assert.deepEqual([answer.status, answer.headers['retry-after']], [429, '1']);
  assert.deepEqual(
    [answer.element('Code'), answer.element('RequestId')],
    ['TooManyRequests', answer.headers['x-mns-request-id']],
  );
  clock.advance(334);
  await client.sendMessage('orders', { MessageBody: 'in time' });
  await assert.rejects(client.receiveMessage('orders', 0), { name: 'MNSTooManyRequestsError' });
});

it('of two keys of one account each has its own limit, and both share that of the account', async (t) => {
  const { store, accountId, client, connect } = await open(t);
  await store.createKey({ id: 'slow', accountId, secret: 's', limits: { requestsPerSecond: 2 } }, system);
  await store.setAccountLimits(accountId, { requestsPerSecond: 5 }, system);
  const slow = connect('slow', 's');
  await slow.getQueueAttributes('orders');
  await slow.getQueueAttributes('orders');
  await assert.rejects(slow.getQueueAttributes('orders'), {
    name: 'MNSTooManyRequestsError',
    message: /This key may make 2 requests in a second/,
  });
  for (let count = 0; count < 3; count += 1) await client.getQueueAttributes('orders');
  await assert.rejects(client.getQueueAttributes('orders'), { message: /This account may make 5/ });
});

it('what a stranger asks is counted for nobody', async (t) => {
  const { store, accountId, key, client, connect } = await open(t);
  await store.setAccountLimits(accountId, { requestsPerSecond: 2 }, system);
  const stranger = connect(key.id, 'guessed');
  for (let count = 0; count < 10; count += 1)
    await assert.rejects(stranger.getQueueAttributes('orders'), { name: 'MNSSignatureDoesNotMatchError' });
  await client.getQueueAttributes('orders');
  await client.getQueueAttributes('orders');
});

it('a long poll is one request, however long it waits', async (t) => {
  const { store, accountId, client } = await open(t);
  await store.setAccountLimits(accountId, { requestsPerSecond: 2 }, system);
  const waiting = client.receiveMessage('orders', 30) as Promise<{ body: { MessageBody: string } }>;
  await client.sendMessage('orders', { MessageBody: 'at last' });
  assert.equal((await waiting).body.MessageBody, 'at last');
});

it('the temporary keys of a key ask within its limit', async (t) => {
  const { store, accountId, temporaryKeys, connect, url } = await open(t);
  await store.createKey({ id: 'slow', accountId, secret: 's', limits: { requestsPerSecond: 2 } }, system);
  const { id, secret, securityToken } = temporaryKeys.issue({
    accountId,
    queueName: 'orders',
    expiresAt: Date.now() + 60_000,
    issuerId: 'slow',
  });
  const puller = new Client('1001', {
    accessKeyId: id,
    accessKeySecret: secret,
    securityToken,
    endpoint: url,
  });
  await connect('slow', 's').getQueueAttributes('orders');
  await assert.rejects(puller.peekMessage('orders'), { name: 'MNSMessageNotExistError' });
  await assert.rejects(puller.peekMessage('orders'), { name: 'MNSTooManyRequestsError' });
});
