import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, number, open, senderPath, whatsapp } from '../../support/connected.ts';

test('a channel is made, replaced, read and taken away, and its credentials are never read back', async (t) => {
  const api = await open(t);
  const made = await api.call('PUT', '/channels/wa', whatsapp);
  assert.equal(made.status, 201);
  assert.deepEqual(made.json['credentials'], ['accessToken', 'appSecret', 'verifyToken']);
  assert.equal(made.json['hookUrl'], 'https://chasqui.example/hooks/whatsapp/wa');
  const again = await api.call('PUT', '/channels/wa', { type: 'whatsapp', name: 'Support' });
  assert.equal(again.status, 200);
  assert.equal(again.json['name'], 'Support');
  assert.equal(again.json['wabaId'], whatsapp.wabaId);
  assert.equal((await api.store.findChannel('wa'))?.credentials['appSecret'], 'a-secret');
  const read = await api.call('GET', '/channels/wa');
  const listed = await api.call('GET', '/channels');
  const changes = await api.call('GET', '/changes');
  for (const { status, body } of [made, again, read, listed, changes]) {
    assert.ok(status < 300);
    assert.doesNotMatch(body, /a-secret|a-verify|an-access/);
  }
  assert.deepEqual(api.routesAdded, ['whatsapp waba 102290129340398', 'whatsapp waba 102290129340398']);
  assert.equal((await api.call('DELETE', '/channels/wa')).status, 204);
  assert.equal((await api.call('GET', '/channels/wa')).status, 404);
});

test('a channel that cannot be is refused, and the problem names the member', async (t) => {
  const api = await open(t);
  await api.call('PUT', '/channels/wa', whatsapp);
  const { credentials } = whatsapp;
  const table: [string, unknown, number, string | undefined][] = [
    ['/channels/x', {}, 400, 'type'],
    ['/channels/x', { type: 'fax' }, 400, 'type'],
    ['/channels/x', { ...whatsapp, color: 'red' }, 400, 'color'],
    ['/channels/x', { ...whatsapp, wabaId: 12 }, 400, 'wabaId'],
    ['/channels/x', { type: 'whatsapp', credentials }, 400, 'wabaId'],
    ['/channels/x', { type: 'whatsapp', wabaId: '1' }, 400, 'credentials.appSecret'],
    ['/channels/x', { ...whatsapp, credentials: { ...credentials, pin: '1' } }, 400, 'credentials.pin'],
    [
      '/channels/x',
      { ...whatsapp, credentials: { ...credentials, appSecret: 'a\nb' } },
      400,
      'credentials.appSecret',
    ],
    ['/channels/x', { ...whatsapp, name: 'a\u0000' }, 400, 'name'],
    ['/channels/x', 'text', 400, 'body'],
    ['/channels/x%20y', whatsapp, 400, 'channelId'],
    ['/channels/wa', { type: 'messenger' }, 409, 'type'],
    ['/channels/sandbox-7', { type: 'sandbox' }, 409, undefined],
  ];
  for (const [path, body, status, field] of table) {
    const answer = await api.call('PUT', path, body);
    assert.equal(answer.status, status, answer.body);
    assert.equal(answer.json['field'], field, answer.body);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  }
});

test('a sender is added under its bare digits and its route is unique', async (t) => {
  const api = await open(t);
  await api.call('PUT', '/channels/wa', whatsapp);
  const missing = await api.call('PUT', senderPath, {});
  assert.equal(missing.status, 400);
  assert.equal(missing.json['field'], 'phoneNumberId');
  const made = await api.call('PUT', `/channels/wa/senders/%2B${number}`, { phoneNumberId: '9001' });
  assert.equal(made.status, 201);
  assert.equal(made.json['id'], number);
  assert.equal(made.json['phoneNumberId'], '9001');
  assert.ok(api.routesAdded.includes('whatsapp sender 9001'));
  assert.equal((await api.call('PUT', senderPath, { name: 'Desk' })).status, 200);
  const taken = await api.call('PUT', '/channels/wa/senders/15550108888', { phoneNumberId: '9001' });
  assert.equal(taken.status, 409);
  assert.equal(
    (await api.call('PUT', '/channels/wa/senders/desk', { phoneNumberId: '9' })).json['field'],
    'senderId',
  );
  assert.equal(
    (await api.call('PUT', '/channels/none/senders/15550108888', { phoneNumberId: '9' })).status,
    404,
  );
  const { json } = await api.call('GET', '/channels/wa/senders');
  assert.equal((json['items'] as unknown[]).length, 1);
  assert.equal((await api.call('DELETE', senderPath)).status, 204);
  assert.equal((await api.call('DELETE', senderPath)).status, 404);
});

test('a channel check tells what is missing', async (t) => {
  const api = await open(t);
  await api.call('PUT', '/channels/wa', whatsapp);
  const { json } = await api.call('POST', '/channels/wa/check');
  assert.equal(json['ok'], false);
  const checks = json['checks'] as { name: string; ok: boolean }[];
  assert.deepEqual(
    checks.map(({ name, ok }) => [name, ok]),
    [
      ['senders', false],
      ['appSecret', false],
      ['verifyToken', true],
      ['accessToken', true],
      ['publicUrl', true],
      // Nobody answers for Meta here.
      ['templates', false],
    ],
  );
});

test('an option that does nothing on a channel is refused, and one that asks for nothing is not', async (t) => {
  const api = await open(t);
  const messenger = {
    type: 'messenger',
    credentials: { appSecret: 'a', verifyToken: 'b', accessToken: 'c' },
  };
  const instagram = { ...messenger, type: 'instagram' };
  const rows: readonly [object, Record<string, unknown>, string | undefined][] = [
    [whatsapp, { echoes: true, calls: true, groups: true, usernames: true, history: true }, undefined],
    [messenger, { echoes: true, appId: '1' }, undefined],
    [instagram, { echoes: true, comments: true, mentions: true }, undefined],
    [whatsapp, { comments: true }, 'options.comments'],
    [whatsapp, { comments: false }, undefined],
    [messenger, { calls: true }, 'options.calls'],
    [instagram, { clientStatus: true }, 'options.clientStatus'],
    [instagram, { echos: true }, 'options.echos'],
  ];
  for (const [n, [body, options, field]] of rows.entries()) {
    const answer = await api.call('PUT', `/channels/c${n}`, { ...body, wabaId: String(n + 1), options });
    assert.equal(answer.status, field === undefined ? 201 : 400, answer.body);
    assert.equal(answer.json['field'], field, answer.body);
    if (field === undefined) assert.deepEqual(answer.json['options'], options);
  }
});

test('what hangs on a channel and on a sender is counted before it is taken away', async (t) => {
  const api = await open(t);
  await connect(api);
  const count = async (query = '') => (await api.call('GET', `/channels/wa/dependents${query}`)).json;
  assert.deepEqual(await count(), { senders: 1, templates: 0, messagesWaiting: 0 });
  const senderId = number;
  assert.deepEqual(await count(`?senderId=${senderId}`), { senders: 1, templates: 0, messagesWaiting: 0 });
  assert.equal((await api.call('GET', '/channels/wa/dependents?senderId=15559999999')).status, 404);
  assert.equal((await api.call('GET', '/channels/nothing/dependents')).status, 404);
});

test('what of the credentials is no secret is read back, and null takes it away', async (t) => {
  const api = await open(t);
  const until = '2027-01-01T00:00:00.000Z';
  const told = { welcomeText: 'Hello', authTokenPreviousUntil: until };
  const credentials = { authToken: 'a-token', authTokenPrevious: 'an-older', ...told };
  const made = await api.call('PUT', '/channels/bot', { type: 'viber', credentials });
  assert.deepEqual(made.json['openCredentials'], told);
  assert.ok(!made.body.includes('a-token') && !made.body.includes('an-older'));
  await api.call('PUT', '/channels/bot', { type: 'viber', credentials: { welcomeText: null } });
  const { json } = await api.call('GET', '/channels/bot');
  assert.deepEqual(json['openCredentials'], { authTokenPreviousUntil: until });
});
