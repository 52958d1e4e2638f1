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

it('a message more than the queues may hold is refused, one by one and in batches, and the rest goes on', async (t) => {
  const { store, accountId, client, app } = await open(t);
  await client.createQueue('other', {});
  await store.setAccountLimits(accountId, { queuedMessages: 4 }, system);
  const bodies = (count: number) => Array.from({ length: count }, () => ({ MessageBody: 'x' }));
  await client.batchSendMessage('orders', bodies(3));
  await assert.rejects(client.batchSendMessage('other', bodies(2)), {
    name: 'MNSQuotaExceededError',
    message: /There are 3 of at most 4 messages in the queues of the account\./,
  });
  await client.sendMessage('other', { MessageBody: 'the last one' });
  await assert.rejects(client.sendMessage('orders', { MessageBody: 'too many' }), {
    name: 'MNSQuotaExceededError',
  });
  const body = '<Message><MessageBody>too many</MessageBody></Message>';
  const refused = await callSmq(app, '/queues/orders/messages', { method: 'POST', body, now: Date.now() });
  assert.deepEqual(
    [refused.status, refused.element('Code'), refused.headers['retry-after']],
    [429, 'QuotaExceeded', '1'],
  );
  // All else is done as ever, and makes room.
  const received = (await client.receiveMessage('orders', 0)) as { body: { ReceiptHandle: string } };
  await client.deleteMessage('orders', received.body.ReceiptHandle);
  await client.sendMessage('orders', { MessageBody: 'there is room again' });
});

it('a key may put in less than its account', async (t) => {
  const { store, accountId, client, connect } = await open(t);
  await store.createKey({ id: 'small', accountId, secret: 's', limits: { queuedMessages: 1 } }, system);
  await store.setAccountLimits(accountId, { queuedMessages: 3 }, system);
  const small = connect('small', 's');
  await small.sendMessage('orders', { MessageBody: 'x' });
  await assert.rejects(small.sendMessage('orders', { MessageBody: 'x' }), {
    name: 'MNSQuotaExceededError',
    message: /There are 1 of at most 1 messages in the queues of the account for this key\./,
  });
  await client.sendMessage('orders', { MessageBody: 'x' });
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
