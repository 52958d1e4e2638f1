import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from '../../support/connected.ts';

test('queues are made, set, peeked, sent to and deleted, and a token opens one of them', async (t) => {
  const api = await open(t);
  assert.equal((await api.call('PUT', '/queues/mine', { visibilitySeconds: 60 })).status, 201);
  const set = await api.call('PUT', '/queues/mine', { pollingWaitSeconds: 20 });
  assert.equal(set.status, 200);
  const { attributes } = set.json as { attributes: Record<string, unknown> };
  assert.deepEqual([attributes['visibilitySeconds'], attributes['pollingWaitSeconds']], [60, 20]);
  const body = Buffer.from('{"ReceiptId":"1"}').toString('base64');
  assert.equal((await api.call('POST', '/queues/mine/messages', { body })).status, 201);
  await api.call('POST', '/queues/mine/messages', { body: 'plain text' });
  const peeked = (await api.call('GET', '/queues/mine/messages')).json['items'] as { decoded: unknown }[];
  assert.deepEqual(
    peeked.map(({ decoded }) => decoded),
    [{ ReceiptId: '1' }, null],
  );
  assert.equal((await api.call('GET', '/queues/mine')).json['active'], 2);
  const token = await api.call('POST', '/queues/mine/tokens', { seconds: 3600 });
  assert.equal(token.status, 201);
  const temporary = await api.store.findTemporaryKey(String(token.json['accessKeyId']));
  assert.equal(temporary?.queueName, 'mine');
  assert.equal(temporary?.secret, token.json['accessKeySecret']);
  for (const [method, path, given, field] of [
    ['PUT', '/queues/mine', { visibilitySeconds: 0 }, 'visibilitySeconds'],
    ['PUT', '/queues/mine', { size: 0 }, 'size'],
    ['PUT', '/queues/-x', {}, 'name'],
    ['POST', '/queues/mine/tokens', { seconds: 1 }, 'seconds'],
    ['POST', '/queues/mine/messages', {}, 'body'],
  ] as const) {
    const answer = await api.call(method, path, given);
    assert.equal(answer.status, 400, answer.body);
    assert.equal(answer.json['field'], field, answer.body);
  }
  assert.equal((await api.call('DELETE', '/queues/mine')).status, 204);
  const changes = (await api.call('GET', '/changes')).json['items'] as { action: string; actor: string }[];
  assert.deepEqual(
    changes.slice(0, 4).map(({ action }) => action),
    ['queue.deleted', 'token.created', 'queue.set', 'queue.created'],
  );
  assert.equal(changes[0]?.actor, 'key/testkey');
  assert.equal((await api.call('GET', '/queues/mine')).status, 404);
});
