import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { open } from '../../support/connected.ts';

test('answers tell what is left, and a request too many is refused with the time to wait', async (t) => {
  const api = await open(t);
  const slow = { id: 'slow', secret: 's' };
  await api.store.createKey({ ...slow, accountId: api.accountId, limits: { requestsPerSecond: 2 } }, system);
  const unlimited = await api.call('GET', '/account');
  assert.deepEqual(
    [unlimited.headers['ratelimit'], unlimited.headers['ratelimit-policy']],
    [undefined, undefined],
  );
  await api.store.setAccountLimits(api.accountId, { requestsPerSecond: 10 }, system);
  const first = await api.call('GET', '/account', undefined, slow);
  assert.deepEqual(
    [first.status, first.headers['ratelimit-policy'], first.headers['ratelimit']],
    [200, '"account";q=10;w=1, "key";q=2;w=1', '"account";r=9;t=1, "key";r=1;t=1'],
  );
  await api.call('GET', '/account', undefined, slow);
  const refused = await api.call('GET', '/account', undefined, slow);
  assert.deepEqual(
    [refused.status, refused.headers['content-type'], refused.headers['retry-after']],
    [429, 'application/problem+json; charset=utf-8', '1'],
  );
  assert.deepEqual(refused.json, {
    type: 'urn:chasqui:problem:rate_exceeded',
    title: 'Too many requests in a second. Wait a moment.',
    status: 429,
    detail: 'This key may make 2 requests in a second. Wait a moment.',
    code: 'rate_exceeded',
  });
  assert.equal(refused.headers['ratelimit'], '"account";r=8;t=1, "key";r=0;t=1');
  api.clock.advance(500);
  assert.equal((await api.call('GET', '/account', undefined, slow)).status, 200);
});

test('what a stranger asks is counted for nobody', async (t) => {
  const api = await open(t);
  await api.store.setAccountLimits(api.accountId, { requestsPerSecond: 1 }, system);
  for (const key of [null, { id: 'testkey', secret: 'guessed' }])
    assert.equal((await api.call('GET', '/account', undefined, key)).status, 401);
  assert.equal((await api.call('GET', '/account')).status, 200);
});

test('the first account sets what another may use; each reads its own, and what it uses of it', async (t) => {
  const api = await open(t);
  const key = await api.addAccount(77);
  const limits = async (path: string, caller?: typeof key) =>
    (await api.call('GET', path, undefined, caller)).json;
  assert.deepEqual(await limits('/limits', key), {
    requestsPerSecond: { limit: null, set: null, used: null },
    queuedMessages: { limit: null, set: null, used: 0 },
    storedBytes: { limit: null, set: null, used: 0 },
  });
  const change = { requestsPerSecond: 5, queuedMessages: 0, storedBytes: 2 ** 40 };
  for (const path of ['/accounts/77/limits', `/accounts/${api.accountId}/limits`])
    assert.equal((await api.call('PATCH', path, change, key)).status, 403, 'nobody raises his own');
  const set = await api.call('PATCH', '/accounts/77/limits', change);
  assert.equal(set.status, 200);
  assert.deepEqual(await limits('/accounts/77/limits'), set.json);
  assert.deepEqual(set.json, {
    requestsPerSecond: { limit: 5, set: 5, used: 0 },
    queuedMessages: { limit: null, set: 0, used: 0 },
    storedBytes: { limit: 2 ** 40, set: 2 ** 40, used: 0 },
  });
  await api.call('GET', '/queues', undefined, key);
  assert.deepEqual((await limits('/limits', key))['requestsPerSecond'], {
    limit: 5,
    set: 5,
    used: 2,
  });
  await api.call('PATCH', '/accounts/77/limits', { requestsPerSecond: null });
  assert.deepEqual((await limits('/limits', key))['requestsPerSecond'], {
    limit: null,
    set: null,
    used: null,
  });
  for (const [path, body] of [
    ['/accounts/78/limits', {}],
    ['/accounts/9999999999999999/limits', {}],
  ] as const)
    assert.equal((await api.call('PATCH', path, body)).status, 404);
  for (const body of [{ requestsPerSecond: -1 }, { queuedMessages: 1.5 }, { storedBytes: '1' }, { more: 1 }])
    assert.equal((await api.call('PATCH', '/accounts/77/limits', body)).status, 400, JSON.stringify(body));
  const changes = (await api.call('GET', '/changes', undefined, key)).json['items'] as {
    action: string;
    detail: object;
  }[];
  assert.deepEqual(
    changes.filter(({ action }) => action === 'account.limited').map(({ detail }) => detail),
    [{ limits: { requestsPerSecond: null } }, { limits: change }],
  );
});

test('a key is given limits of its own, which its successor takes over', async (t) => {
  const api = await open(t);
  const made = await api.call('POST', '/keys', { name: 'slow', limits: { requestsPerSecond: 2 } });
  const none = { requestsPerSecond: null, queuedMessages: null, storedBytes: null };
  assert.deepEqual([made.status, made.json['limits']], [201, { ...none, requestsPerSecond: 2 }]);
  const path = `/keys/${String(made.json['id'])}`;
  const changed = await api.call('PATCH', path, { limits: { queuedMessages: 7, requestsPerSecond: null } });
  assert.deepEqual([changed.json['name'], changed.json['limits']], ['slow', { ...none, queuedMessages: 7 }]);
  const before = (await api.call('GET', path)).headers['etag'];
  await api.call('PATCH', path, { limits: { storedBytes: 9 } });
  const late = await api.call('PATCH', path, { limits: { storedBytes: 8 } }, undefined, {
    'if-match': String(before),
  });
  assert.deepEqual([late.status, late.json['code']], [412, 'changed_meanwhile']);
  const rotated = await api.call('POST', `${path}/rotate`, {});
  assert.deepEqual(rotated.json['limits'], { ...none, queuedMessages: 7, storedBytes: 9 });
});

test('what is sent by hand keeps to what the queues may hold', async (t) => {
  const api = await open(t);
  await api.store.createQueue(api.accountId, 'own', defaultQueueAttributes);
  await api.store.setAccountLimits(api.accountId, { queuedMessages: 1 }, system);
  const put = () => api.call('POST', '/queues/own/messages', { body: 'x' });
  assert.equal((await put()).status, 201);
  const refused = await put();
  assert.deepEqual(
    [refused.status, refused.json['code'], refused.headers['retry-after'], refused.headers['ratelimit']],
    [429, 'quota_reached', '1', undefined],
  );
  const hello = {
    channelId: 'sandbox',
    senderId: '15550100001',
    to: '15550002222',
    type: 'text',
    text: 'Hello',
  };
  assert.equal((await api.call('POST', '/messages', hello)).json['code'], 'quota_reached');
  await api.store.setAccountLimits(api.accountId, { queuedMessages: 2 }, system);
  assert.equal((await api.call('POST', '/messages', hello)).status, 201);
});
