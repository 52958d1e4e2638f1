import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, number, open, senderPath } from '../../support/connected.ts';

test('webhook settings left out have their defaults, and types left out means all', async (t) => {
  const api = await open(t);
  await connect(api);
  const body = {
    http: true,
    queue: true,
    statusUrl: 'https://a.example/s',
    inboundUrl: 'https://a.example/i',
  };
  const set = await api.call('PUT', `${senderPath}/webhook`, body);
  assert.equal(set.status, 200, set.body);
  assert.deepEqual(set.json['types'], ['ChatAppInbound', 'ChatAppStatus']);
  assert.deepEqual(set.json['queues'], {
    ChatAppInbound: `Alicom-Queue-${api.accountId}-ChatAppInbound`,
    ChatAppStatus: `Alicom-Queue-${api.accountId}-ChatAppStatus`,
  });
  assert.deepEqual(Object.keys(set.json['destinations'] as object), [body.statusUrl, body.inboundUrl]);
  assert.deepEqual((await api.call('GET', `${senderPath}/webhook`)).json, set.json);
  const audit = await api.call('PUT', '/channels/wa/webhook', {
    http: true,
    queue: true,
    auditUrl: 'https://a.example/a',
  });
  assert.equal(audit.status, 200, audit.body);
  assert.equal(audit.json['auditVersion'], 'V1');
  assert.deepEqual((await api.call('GET', '/channels/wa/webhook')).json, audit.json);
  const queues = await api.call('GET', '/queues?prefix=Alicom-Queue-');
  assert.equal((queues.json['items'] as unknown[]).length, 3);
  const destinations = await api.call('GET', '/destinations');
  assert.deepEqual(
    (destinations.json['items'] as { preset: string }[]).map(({ preset }) => preset),
    ['standard', 'standard', 'standard'],
  );
});

test('webhook settings of a number that its channel says is not verified stay closed until it is', async (t) => {
  const { call, store, accountId } = await open(t);
  const credentials = { appSecret: 's', verifyToken: 'v' };
  await call('PUT', '/channels/wa', { type: 'whatsapp', wabaId: '501', credentials });
  await call('PUT', `/channels/wa/senders/${number}`, { phoneNumberId: '7001' });
  const set = () => call('PUT', `/channels/wa/senders/${number}/webhook`, { queue: true });
  const isQueued = async () =>
    (await call('GET', `/channels/wa/senders/${number}/webhook`)).json['queue'] as boolean;
  for (const verification of ['pending', 'failed'] as const) {
    await store.setSenderVerification(accountId, 'wa', number, verification);
    const refused = await set();
    assert.deepEqual([refused.status, refused.json['type']], [409, 'urn:chasqui:problem:not_verified']);
    assert.match(String(refused.json['detail']), /15550107777.*Verify it there/);
    assert.equal(await isQueued(), false);
  }
  for (const verification of ['unknown', 'verified'] as const) {
    await store.setSenderVerification(accountId, 'wa', number, verification);
    assert.equal((await set()).status, 200);
  }
  assert.equal(await isQueued(), true);
});

test('a callback URL that cannot be used is refused with the reason', async (t) => {
  const api = await open(t);
  await connect(api);
  const inside = await api.call('PUT', `${senderPath}/webhook`, {
    http: true,
    statusUrl: 'https://inside.example/',
  });
  assert.equal(inside.status, 400);
  assert.equal(inside.json['code'], 'bad_callback_url');
  assert.equal(inside.json['field'], 'statusUrl');
  assert.match(String(inside.json['detail']), /points inside/);
  for (const [path, body, field] of [
    [`${senderPath}/webhook`, { http: true }, 'statusUrl'],
    [`${senderPath}/webhook`, { types: ['ChatAppAudit'] }, 'types.0'],
    [`${senderPath}/webhook`, { types: ['ChatAppStatus', 'ChatAppStatus'] }, 'types'],
    [`${senderPath}/webhook`, { http: 'yes' }, 'http'],
    ['/channels/wa/webhook', { http: true, auditUrl: 'https://inside.example/' }, 'auditUrl'],
  ] as const) {
    const answer = await api.call('PUT', path, body);
    assert.equal(answer.status, 400, answer.body);
    assert.equal(answer.json['field'], field, answer.body);
  }
  assert.equal((await api.call('GET', `${senderPath}/webhook`)).json['http'], false);
});

test('a callback URL is one destination however it is spelled, also one that was kept in another spelling', async (t) => {
  const api = await open(t);
  await connect(api);
  const put = (statusUrl: string) => api.call('PUT', `${senderPath}/webhook`, { http: true, statusUrl });
  const first = await put('https://Callback.example:443/in');
  assert.equal(first.json['statusUrl'], 'https://callback.example/in');
  assert.deepEqual(
    (await put(' https://callback.example/./in#x ')).json['destinations'],
    first.json['destinations'],
  );
  for (const url of ['https://callback.example:0/', 'https://callback.example/a\nb', 'callback.example'])
    assert.equal((await put(url)).json['code'], 'bad_callback_url', url);
  const system = { kind: 'system', id: 'test' } as const;
  const old = { http: true, inboundUrl: 'https://Old.example' };
  await api.store.setSenderWebhook(api.accountId, 'wa', '15550107777', old, 'standard', system);
  const kept = await put('https://old.example/');
  assert.equal(kept.json['statusUrl'], 'https://Old.example');
  assert.equal((await api.store.listDestinations(api.accountId)).length, 2);
});
