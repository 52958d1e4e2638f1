import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
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
