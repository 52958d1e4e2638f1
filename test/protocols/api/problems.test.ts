import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toPatternRule } from '../../../src/http/patterns.ts';
import { connect, open, receiptId, subscribe, toIntake, whatsapp } from '../../support/connected.ts';

test('what is refused is told under the code and the title of its own kind', async (t) => {
  const api = await open(t);
  await connect(api);
  await api.store.recordIntake([toIntake(api, await subscribe(api))]);
  const receipt = await api.call('GET', `/receipts/${receiptId}`);
  const [delivery] = receipt.json['deliveries'] as { id: string }[];
  const stranger = await api.addAccount(2_000_000_000_000_002);
  const cookie = await api.app.inject({
    url: '/api/v1/channels',
    headers: { cookie: `chasqui=${api.accountId}.${'a'.repeat(43)}` },
  });
  const told = [
    await api.call('POST', `/deliveries/${delivery?.id ?? ''}/replay`),
    await api.call('PUT', '/channels/wa', whatsapp, stranger),
    await api.call('PUT', '/channels/wa', { type: 'messenger' }),
    await api.call('POST', '/keys/testkey/disable'),
    await api.call('GET', '/channels', undefined, null),
    await api.call('GET', '/channels', undefined, { id: 'testkey', secret: 'wrong' }),
    await api.call('GET', '/settings', undefined, stranger),
  ].map(({ json }) => [json['status'], json['code'], json['title']]);
  const over = cookie.json<Record<string, unknown>>();
  assert.deepEqual(
    [...told, [over['status'], over['code'], over['title']]],
    [
      [409, 'wrong_state', 'As things stand, that cannot be done.'],
      [409, 'conflict', 'That name is taken.'],
      [409, 'wrong_state', 'As things stand, that cannot be done.'],
      [409, 'last_one', 'It is the last one, and one is needed.'],
      [401, 'unauthorized', 'An access key id and its secret are needed.'],
      [401, 'wrong_credentials', 'What was given to sign in with is wrong.'],
      [403, 'forbidden', 'Who asks may not do that.'],
      [401, 'session_over', 'The session is over. Sign in again.'],
    ],
  );
});

test('what is refused as a whole has a code for why, to be told in any language', async (t) => {
  const api = await open(t);
  await connect(api);
  const user = { name: 'ana', role: 'viewer', password: 'correct horse battery' };
  await api.call('POST', '/users', user);
  const stranger = await api.addAccount(2_000_000_000_000_002);
  const told = [
    await api.call('POST', '/users', user),
    await api.call('POST', '/keys/testkey/disable'),
    await api.call('PUT', '/channels/wa', whatsapp, stranger),
    await api.call('GET', '/settings', undefined, stranger),
    await api.call('PUT', '/channels/wa', { type: 'messenger' }),
    await api.call('PUT', '/channels/sandbox/senders/15550109999', {}),
  ].map(({ json: { field, fault } }) => [field, fault]);
  assert.deepEqual(told, [
    [undefined, { code: 'user_taken', params: {} }],
    [undefined, { code: 'last_key', params: {} }],
    [undefined, { code: 'channel_taken', params: {} }],
    [undefined, { code: 'first_account', params: {} }],
    ['type', { code: 'channel_type', params: { type: 'whatsapp' } }],
    [undefined, { code: 'sandbox_full', params: {} }],
  ]);
});

/** Every `pattern` of a document, wherever it stands. */
function listPatterns(part: unknown): readonly string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) =>
    name === 'pattern' && typeof value === 'string' ? [value] : listPatterns(value),
  );
}

test('what a member has to look like is told in words, not as an expression', async (t) => {
  const api = await open(t);
  const { json: document } = await api.call('GET', '/openapi.json');
  const patterns = [...new Set(listPatterns(document))];
  assert.ok(patterns.length > 10);
  assert.deepEqual(
    patterns.filter((pattern) => toPatternRule(pattern) === undefined),
    [],
  );
  assert.equal(toPatternRule('^never$'), undefined);
  const detailOf = async (path: string, body?: Record<string, unknown>): Promise<unknown> =>
    (await api.call(body === undefined ? 'GET' : 'PUT', path, body)).json['detail'];
  assert.deepEqual(
    [
      await detailOf('/channels/x', { type: 'whatsapp', credentials: { appSecret: 'with a blank' } }),
      await detailOf('/channels/x', { type: 'telegram' }),
      await detailOf('/receipts?since=yesterday'),
    ],
    [
      'credentials.appSecret: may hold letters, digits and signs of ASCII alone: no blank, no line break.',
      'type: has to be one of whatsapp, messenger, instagram, viber, sandbox.',
      'since: has to be a time such as 2026-11-01T00:00:00Z.',
    ],
  );
});

test('what is wrong with a member is told by a code with what it speaks of, too', async (t) => {
  const api = await open(t);
  await connect(api);
  const webhook = '/channels/wa/senders/15550107777/webhook';
  const rows: [path: string, body: unknown, field: string, fault: unknown][] = [
    ['/channels/x', { type: 'whatsapp', pin: 1 }, 'pin', { code: 'not_known', params: {} }],
    ['/channels/x', {}, 'type', { code: 'missing', params: {} }],
    ['/channels/x', { ...whatsapp, name: '' }, 'name', { code: 'too_short', params: { limit: 1 } }],
    [
      '/channels/x',
      { ...whatsapp, name: 'x'.repeat(201) },
      'name',
      { code: 'too_long', params: { limit: 200 } },
    ],
    ['/channels/x', { ...whatsapp, wabaId: 'a' }, 'wabaId', { code: 'wrong_form', params: {} }],
    [webhook, { http: true }, 'statusUrl', { code: 'url_nowhere', params: {} }],
    [
      webhook,
      { http: true, inboundUrl: 'ftp://a.example' },
      'inboundUrl',
      { code: 'url_scheme', params: {} },
    ],
    [webhook, { http: true, statusUrl: 'http://a b' }, 'statusUrl', { code: 'url_blank', params: {} }],
  ];
  for (const [path, body, field, fault] of rows) {
    const { json } = await api.call('PUT', path, body);
    assert.deepEqual([json['field'], json['fault']], [field, fault], JSON.stringify(body).slice(0, 80));
  }
});
