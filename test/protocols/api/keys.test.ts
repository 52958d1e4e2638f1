import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from '../../support/connected.ts';

test('keys are made, disabled, enabled and rotated, and the last one stays', async (t) => {
  const api = await open(t);
  const last = await api.call('POST', '/keys/testkey/disable');
  assert.equal(last.status, 409);
  const made = await api.call('POST', '/keys');
  assert.equal(made.status, 201);
  const key = { id: String(made.json['id']), secret: String(made.json['secret']) };
  assert.equal((await api.call('GET', '/account', undefined, key)).json['id'], String(api.accountId));
  assert.equal((await api.call('POST', `/keys/${key.id}/disable`)).json['state'], 'disabled');
  assert.equal((await api.call('GET', '/account', undefined, key)).status, 401);
  assert.equal((await api.call('POST', `/keys/${key.id}/enable`)).json['state'], 'active');
  const rotated = await api.call('POST', `/keys/${key.id}/rotate`);
  assert.equal(rotated.status, 201);
  assert.equal((await api.call('GET', '/account', undefined, key)).status, 401);
  const kept = await api.call('POST', '/keys/testkey/rotate', { keepOld: true });
  assert.equal(kept.status, 201);
  assert.equal((await api.call('POST', '/keys/nobody/rotate')).status, 404);
  const listed = await api.call('GET', '/keys');
  assert.equal(listed.status, 200);
  assert.doesNotMatch(listed.body, /secret/);
});

test('a request without a good key is refused alike', async (t) => {
  const api = await open(t);
  const made = await api.call('POST', '/keys');
  const disabled = { id: String(made.json['id']), secret: String(made.json['secret']) };
  await api.call('POST', `/keys/${disabled.id}/disable`);
  const none = await api.call('GET', '/channels', undefined, null);
  assert.deepEqual(
    [none.status, none.json['code'], none.json['title']],
    [401, 'unauthorized', 'An access key id and its secret are needed.'],
  );
  const bodies = new Set<string>();
  for (const key of [
    { id: 'nobody', secret: 'x' },
    { id: 'testkey', secret: 'wrong' },
    { id: '', secret: '' },
    disabled,
  ]) {
    const answer = await api.call('GET', '/channels', undefined, key);
    assert.equal(answer.status, 401);
    assert.match(String(answer.headers['www-authenticate']), /^Basic /);
    bodies.add(answer.body);
  }
  assert.equal(bodies.size, 1);
  assert.match([...bodies].join(''), /"code":"wrong_credentials"/);
});

test('who guesses the secret of a key waits longer and longer, and the key goes on working elsewhere', async (t) => {
  const api = await open(t);
  const call = (secret: string, remoteAddress: string) =>
    api.app.inject({
      url: '/api/v1/channels',
      remoteAddress,
      headers: { authorization: `Basic ${Buffer.from(`testkey:${secret}`).toString('base64')}` },
    });
  const guesses = await Promise.all(Array.from({ length: 40 }, (_, at) => call(`guess ${at}`, '192.0.2.66')));
  assert.equal(guesses.filter(({ statusCode }) => statusCode === 401).length, 5);
  const refused = guesses.find(({ statusCode }) => statusCode === 429);
  assert.equal(refused?.json<{ code: string }>().code, 'too_many_tries');
  assert.equal(refused?.headers['retry-after'], '1');
  assert.equal((await call(api.key.secret, '192.0.2.66')).statusCode, 429, 'also with the right one');
  assert.equal((await call(api.key.secret, '192.0.2.67')).statusCode, 200);
  api.clock.advance(1000);
  assert.equal((await call(api.key.secret, '192.0.2.66')).statusCode, 200);
  for (let at = 0; at < 4; at += 1) assert.equal((await call('wrong', '192.0.2.66')).statusCode, 401);
});
