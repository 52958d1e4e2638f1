import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Connector, Sign } from '../../../src/channels/channel.ts';
import { withoutExpiredSecrets } from '../../../src/domain/channel.ts';
import { checked } from '../../../src/domain/findings.ts';
import { openApiTest } from '../../support/api.ts';
import type { ApiTest } from '../../support/api.ts';

/** A vendor's side of the port: says what it is told to, and notes what it was asked. */
function createVendor(overrides: Partial<Connector> = {}) {
  const shown: Sign[] = [];
  const subscribed: string[] = [];
  const connector: Connector = {
    verify: () => true,
    parse: () => ({ events: [], remarks: [] }),
    check: async (_channel, senders, url) => [
      { name: 'authToken', ok: true, ...checked('token_accepted', {}), endsAt: Date.UTC(2026, 10, 20) },
      {
        name: 'webhook',
        ok: subscribed.includes(url),
        ...checked('service_ready', { url }),
        ...(senders[0] === undefined ? {} : { senderId: senders[0].id }),
      },
    ],
    findSenders: async () => [{ id: '42', type: 'viber', name: 'Shop', routeId: '42' }],
    subscribe: async (_channel, _senders, url) => {
      subscribed.push(url);
      return null;
    },
    show: async (_channel, _sender, sign) => {
      shown.push(sign);
      return null;
    },
    ...overrides,
  };
  return { connector, shown, subscribed };
}

async function open(t: TestContext, viber?: Connector): Promise<ApiTest> {
  const api = await openApiTest({ connectors: viber === undefined ? {} : { viber } });
  t.after(() => api.close());
  await api.call('PUT', '/channels/vi', { type: 'viber', credentials: { authToken: 'old-token' } });
  await api.call('PUT', '/channels/vi/senders/42', {});
  return api;
}

test('a check asks the vendor, after looking at the settings', async (t) => {
  const { connector } = createVendor();
  const api = await open(t, connector);
  const before = await api.call('POST', '/channels/vi/check');
  assert.equal(before.json['ok'], false);
  assert.deepEqual(await api.call('POST', '/channels/vi/subscribe').then(({ status }) => status), 204);
  const { json } = await api.call('POST', '/channels/vi/check');
  assert.deepEqual(json, {
    ok: true,
    checks: [
      {
        name: 'senders',
        ok: true,
        code: 'senders_added',
        params: { count: 1 },
        text: 'The channel has senders, 1 in all.',
      },
      {
        name: 'publicUrl',
        ok: true,
        code: 'address_public',
        params: { publicUrl: 'https://chasqui.example' },
        text: 'Events are awaited at https://chasqui.example.',
      },
      {
        name: 'authToken',
        ok: true,
        code: 'token_accepted',
        params: {},
        text: 'It is accepted.',
        endsAt: '2026-11-20T00:00:00.000Z',
      },
      {
        name: 'webhook',
        ok: true,
        code: 'service_ready',
        params: { url: 'https://chasqui.example/hooks/viber/vi' },
        text: 'Give Viber https://chasqui.example/hooks/viber/vi for statuses and for user messages.',
        senderId: '42',
      },
    ],
  });
});

test('the senders that the vendor tells are marked when they are added', async (t) => {
  const api = await open(t, createVendor().connector);
  const { json } = await api.call('GET', '/channels/vi/available-senders');
  assert.deepEqual(json['items'], [{ id: '42', type: 'viber', name: 'Shop', added: true }]);
});

test('what the vendor says of a number is kept, whether it was asked for its numbers or by a check', async (t) => {
  let verification: 'pending' | 'verified' = 'pending';
  const { connector } = createVendor({
    findSenders: async () => [
      { id: '15550001111', type: 'whatsapp', name: 'Shop', routeId: '1', verification },
    ],
    check: async () => [
      {
        name: 'number 15550001111',
        ok: true,
        ...checked('number_connected', {}),
        verified: { senderId: '15550001111', verification },
      },
    ],
  });
  const api = await openApiTest({ connectors: { whatsapp: connector } });
  t.after(() => api.close());
  await api.call('PUT', '/channels/wa', {
    type: 'whatsapp',
    wabaId: '1',
    credentials: { appSecret: 'a', verifyToken: 'v' },
  });
  const made = await api.call('PUT', '/channels/wa/senders/15550001111', { phoneNumberId: '1' });
  assert.equal(made.json['verification'], 'unknown');
  const sender = async () => (await api.call('GET', '/channels/wa/senders/15550001111')).json['verification'];
  const { json } = await api.call('GET', '/channels/wa/available-senders');
  assert.partialDeepStrictEqual(json['items'], [{ added: true, verification: 'pending' }]);
  assert.equal(await sender(), 'pending');
  verification = 'verified';
  await api.call('POST', '/channels/wa/check');
  assert.equal(await sender(), 'verified');
});

test('a sign reaches the vendor with the user and the message', async (t) => {
  const vendor = createVendor();
  const api = await open(t, vendor.connector);
  const { status } = await api.call('POST', '/channels/vi/senders/42/signs', {
    kind: 'read',
    to: 'user=',
    messageId: 'm1',
  });
  assert.equal(status, 204);
  assert.deepEqual(vendor.shown, [{ kind: 'read', userId: 'user=', channelMessageId: 'm1' }]);
  assert.equal(
    (await api.call('POST', '/channels/vi/senders/42/signs', { kind: 'wave', to: 'a' })).status,
    400,
  );
});

test('what the vendor refuses is told in its words, as ours to mend or as its own', async (t) => {
  const refused = { fault: 'refused', reason: 'Viber says: no such bot.' } as const;
  const unheard = { fault: 'auth', reason: 'Viber refuses the token; put a new one in.' } as const;
  const { connector } = createVendor({
    findSenders: async () => unheard,
    subscribe: async () => refused,
  });
  const api = await open(t, connector);
  const senders = await api.call('GET', '/channels/vi/available-senders');
  assert.deepEqual(
    [senders.status, senders.json['code'], senders.json['detail']],
    [502, 'channel_unavailable', unheard.reason],
  );
  const subscribe = await api.call('POST', '/channels/vi/subscribe');
  assert.deepEqual(
    [subscribe.status, subscribe.json['code'], subscribe.json['detail']],
    [400, 'channel_refused', refused.reason],
  );
});

test('what a channel cannot do is refused with what to do in its place', async (t) => {
  const api = await open(t);
  for (const [method, path, body, detail] of [
    ['GET', '/channels/vi/available-senders', undefined, /Add them by their ids/],
    ['POST', '/channels/vi/subscribe', undefined, /Enter the hook URL/],
    ['POST', '/channels/vi/senders/42/signs', { kind: 'typing', to: 'a' }, /cannot show such a sign/],
  ] as const) {
    const { status, json } = await api.call(method, path, body);
    assert.equal(status, 400, path);
    assert.match(String(json['detail']), detail);
  }
});

test('a rotated secret keeps the old one for a while, and then no more', async (t) => {
  const api = await open(t);
  const { status, json } = await api.call('POST', '/channels/vi/credentials/rotate', {
    credentials: { authToken: 'new-token', accessToken: 'other' },
    overlapSeconds: 3600,
  });
  assert.equal(status, 200);
  assert.deepEqual(json, {
    rotated: ['authToken', 'accessToken'],
    kept: ['authToken'],
    keptUntil: '2026-11-01T01:00:00.000Z',
  });
  const channel = await api.store.findChannel('vi');
  assert.ok(channel);
  assert.deepEqual(channel.credentials, {
    authToken: 'new-token',
    authTokenPrevious: 'old-token',
    authTokenPreviousUntil: '2026-11-01T01:00:00.000Z',
    accessToken: 'other',
  });
  const now = api.clock.now();
  assert.equal(withoutExpiredSecrets(channel, now + 3_599_999).credentials['authTokenPrevious'], 'old-token');
  assert.equal(withoutExpiredSecrets(channel, now + 3_600_000).credentials['authTokenPrevious'], undefined);
  assert.equal(withoutExpiredSecrets(channel, now + 3_600_000).credentials['authToken'], 'new-token');
});

test('a rotation without credentials, or with one that is unknown, changes nothing', async (t) => {
  const api = await open(t);
  for (const credentials of [{}, { appSecretPrevious: 'a' }, { password: 'a' }])
    assert.equal((await api.call('POST', '/channels/vi/credentials/rotate', { credentials })).status, 400);
  assert.deepEqual((await api.store.findChannel('vi'))?.credentials, { authToken: 'old-token' });
});
