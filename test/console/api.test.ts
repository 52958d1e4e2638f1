import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { Intake } from '../../src/store/store.ts';
import { openApiTest } from '../support/api.ts';
import type { ApiTest } from '../support/api.ts';

async function open(t: TestContext, deps = {}): Promise<ApiTest> {
  const api = await openApiTest(deps);
  t.after(() => api.close());
  return api;
}

const whatsapp = {
  type: 'whatsapp',
  wabaId: '102290129340398',
  credentials: { appSecret: 'a-secret', verifyToken: 'a-verify', accessToken: 'an-access' },
};
const number = '15550107777';
const senderPath = `/channels/wa/senders/${number}`;

async function connect(api: ApiTest): Promise<void> {
  await api.call('PUT', '/channels/wa', whatsapp);
  await api.call('PUT', senderPath, { phoneNumberId: '9001' });
}

/** Sets a callback for the status receipts of the number; gives its destination's id. */
async function subscribe(api: ApiTest): Promise<number> {
  const url = 'https://callback.example/status';
  const { json } = await api.call('PUT', `${senderPath}/webhook`, { http: true, statusUrl: url });
  return (json['destinations'] as Record<string, number>)[url] ?? 0;
}

const receiptId = 'ab'.repeat(16);

function toIntake(api: ApiTest, destinationId: number, id = receiptId): Intake {
  return {
    accountId: api.accountId,
    channelId: 'wa',
    receivedAt: api.clock.now(),
    body: Buffer.from('{"raw":true}'),
    receipts: [
      {
        receiptId: id,
        index: 0,
        channelId: 'wa',
        channelType: 'whatsapp',
        senderId: number,
        senderType: 'whatsapp',
        occurredAt: api.clock.now(),
        lane: Number.parseInt(id.slice(0, 8), 16),
        facts: {
          type: 'ChatAppStatus',
          messageId: `wamid.${id}`,
          status: 'sent',
          user: { id: '4915112345678' },
        },
        content: null,
        media: null,
        progress: null,
        destinationId,
        outboundId: null,
        template: null,
        queue: null,
      },
    ],
    unrouted: [],
    remarks: [],
  };
}

/** Lets every waiting delivery die. */
async function killDeliveries(api: ApiTest, destinationId: number): Promise<void> {
  const { store, accountId, clock } = api;
  const claim = { accountId, destinationId, limit: 100, batchSize: 1, now: clock.now(), leaseMs: 1000 };
  const attempt = { at: clock.now(), durationMs: 3, status: 500, outcome: 'rejected', answer: 'no' } as const;
  for (const { members } of await store.claimDeliveries(claim)) {
    await store.settleDeliveries(
      members.map(({ deliveryId }) => ({
        accountId,
        destinationId,
        deliveryId,
        attempt,
        next: { kind: 'dead' },
      })),
    );
  }
}

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
  const number = '15550107777';
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

test('a receipt shows its whole timeline, its raw event byte for byte', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  await api.store.recordIntake([toIntake(api, destinationId)]);
  await killDeliveries(api, destinationId);
  const listed = await api.call(
    'GET',
    `/receipts?type=ChatAppStatus&senderId=${number}&since=2026-10-01T00:00:00Z`,
  );
  assert.equal((listed.json['items'] as unknown[]).length, 1, listed.body);
  const timeline = await api.call('GET', `/receipts/${receiptId}`);
  assert.equal(timeline.status, 200, timeline.body);
  const { deliveries, rawEvent } = timeline.json as {
    deliveries: { state: string; url: string; tries: { status: number; answer: string }[] }[];
    rawEvent: { id: string };
  };
  assert.equal(deliveries[0]?.state, 'dead');
  assert.equal(deliveries[0]?.tries[0]?.status, 500);
  const raw = await api.call('GET', `/raw-events/${rawEvent.id}`);
  assert.equal(raw.body, '{"raw":true}');
  assert.equal(raw.headers['content-type'], 'application/octet-stream');
  assert.equal((await api.call('GET', '/receipts?since=yesterday')).json['field'], 'since');
  assert.equal((await api.call('GET', '/receipts?typ=x')).json['field'], 'typ');
  assert.equal((await api.call('GET', '/receipts?limit=0')).json['field'], 'limit');
  assert.equal((await api.call('GET', '/receipts?limit=x')).json['field'], 'limit');
  assert.equal((await api.call('GET', '/receipts?cursor=%27')).json['field'], 'cursor');
});

test('listings page on with their cursor until it is null', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  for (let i = 0; i < 5; i++) await api.store.recordIntake([toIntake(api, destinationId, `${i}`.repeat(32))]);
  const seen: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const cursor = next === '' ? '' : `&cursor=${next}`;
    const { json } = await api.call('GET', `/receipts?limit=2${cursor}`);
    seen.push(...(json['items'] as { receiptId: string }[]).map((item) => item.receiptId[0] ?? ''));
    next = json['next'] as string | null;
  }
  assert.deepEqual(seen, ['4', '3', '2', '1', '0']);
});

test('dead deliveries are replayed one by one and by destination in batches', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  for (let i = 0; i < 3; i++)
    await api.store.recordIntake([toIntake(api, destinationId, `${i + 1}`.repeat(32))]);
  const [waiting] = (await api.call('GET', '/deliveries?state=waiting')).json['items'] as { id: string }[];
  assert.ok(waiting);
  assert.equal((await api.call('POST', `/deliveries/${waiting.id}/replay`)).status, 409);
  assert.equal((await api.call('POST', '/deliveries/1/replay')).status, 404);
  await killDeliveries(api, destinationId);
  assert.equal((await api.call('POST', '/deliveries/replay', {})).json['field'], 'destinationId');
  assert.equal(
    (await api.call('POST', '/deliveries/replay', { destinationId, dryRun: true })).json['replayed'],
    3,
  );
  assert.equal((await api.call('POST', `/deliveries/${waiting.id}/replay`)).json['replayed'], 1);
  const first = await api.call('POST', '/deliveries/replay', { destinationId, limit: 1 });
  assert.equal(first.json['replayed'], 1);
  assert.notEqual(first.json['next'], null);
  const rest = await api.call('POST', '/deliveries/replay', { destinationId, cursor: first.json['next'] });
  assert.deepEqual(rest.json, { replayed: 1, next: null });
  assert.equal(((await api.call('GET', '/deliveries?state=dead')).json['items'] as unknown[]).length, 0);
});

test('a destination is set within its ranges, switched, tested, and its secret rotated with an overlap', async (t) => {
  const api = await open(t);
  await connect(api);
  const id = await subscribe(api);
  const path = `/destinations/${id}`;
  assert.equal((await api.call('PATCH', path, { batchSize: 100, state: 'off' })).json['state'], 'off');
  assert.equal((await api.call('PATCH', path, { state: 'active' })).json['batchSize'], 100);
  const cams = await api.call('PATCH', path, { preset: 'cams' });
  assert.deepEqual([cams.json['timeoutMs'], cams.json['batchSize']], [3000, 100]);
  for (const [body, field] of [
    [{ batchSize: 101 }, 'batchSize'],
    [{ timeoutMs: 99 }, 'timeoutMs'],
    [{ concurrency: 1.5 }, 'concurrency'],
    [{ scheduleMs: [] }, 'scheduleMs'],
    [{ state: 'opened' }, 'state'],
    [{ url: 'https://x.example' }, 'url'],
  ] as const) {
    const answer = await api.call('PATCH', path, body);
    assert.equal(answer.status, 400, answer.body);
    assert.equal(answer.json['field'], field, answer.body);
  }
  const before = (await api.call('GET', `${path}/secrets`)).json['secrets'] as { secret: string }[];
  const after = (await api.call('POST', `${path}/secrets/rotate`)).json['secrets'] as {
    secret: string;
    expiresAt: string | null;
  }[];
  assert.equal(after.length, 2);
  assert.equal(after[0]?.expiresAt, null);
  assert.equal(after[1]?.secret, before[0]?.secret);
  assert.equal(after[1]?.expiresAt, new Date(api.clock.now() + 86_400_000).toISOString());
  api.clock.advance(86_400_001);
  assert.equal(((await api.call('GET', `${path}/secrets`)).json['secrets'] as unknown[]).length, 1);
  const now = await api.call('POST', `${path}/secrets/rotate`, { overlapSeconds: 0 });
  assert.equal((now.json['secrets'] as unknown[]).length, 1);
  const tested = await api.call('POST', `${path}/test`);
  assert.equal((tested.json['attempt'] as { outcome: string }).outcome, 'accepted');
  const changes = await api.call('GET', '/changes');
  assert.doesNotMatch(changes.body, /whsec_/);
  assert.match(changes.body, /key\/testkey/);
});

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
  const bodies = new Set<string>();
  for (const key of [
    null,
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
});

test('notices are listed newest first', async (t) => {
  const api = await open(t);
  for (const subject of ['destination/1', 'destination/2'])
    await api.store.recordNotice({
      accountId: api.accountId,
      code: 'destination_off',
      subject,
      text: 'Off.',
    });
  const { json } = await api.call('GET', '/notices');
  assert.deepEqual(
    (json['items'] as { subject: string }[]).map(({ subject }) => subject),
    ['destination/2', 'destination/1'],
  );
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
    ],
  );
});

test('another account finds nothing, and the answer is the same as for what does not exist', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  await api.store.recordIntake([toIntake(api, destinationId)]);
  await killDeliveries(api, destinationId);
  await api.call('PUT', '/queues/mine', {});
  const timeline = (await api.call('GET', `/receipts/${receiptId}`)).json as {
    deliveries: { id: string }[];
    rawEvent: { id: string };
  };
  const deliveryId = timeline.deliveries[0]?.id ?? '';
  const stranger = await api.addAccount(2_000_000_000_000_002);
  const hook = { http: true, statusUrl: 'https://b.example/' };
  const routes: [Parameters<ApiTest['call']>[0], string, string, unknown?][] = [
    ['GET', '/channels/wa', '/channels/none'],
    ['DELETE', '/channels/wa', '/channels/none'],
    ['POST', '/channels/wa/check', '/channels/none/check'],
    ['GET', '/channels/wa/available-senders', '/channels/none/available-senders'],
    ['POST', '/channels/wa/subscribe', '/channels/none/subscribe'],
    ['POST', `${senderPath}/signs`, '/channels/wa/senders/1/signs', { kind: 'read', to: '1' }],
    [
      'POST',
      '/channels/wa/credentials/rotate',
      '/channels/none/credentials/rotate',
      { credentials: { accessToken: 'a' } },
    ],
    ['GET', '/channels/wa/webhook', '/channels/none/webhook'],
    ['PUT', '/channels/wa/webhook', '/channels/none/webhook', { queue: true }],
    ['GET', '/channels/wa/senders', '/channels/none/senders'],
    ['GET', senderPath, '/channels/none/senders/1'],
    ['PUT', senderPath, '/channels/none/senders/15550107777', { phoneNumberId: '9' }],
    ['DELETE', senderPath, '/channels/wa/senders/1'],
    ['GET', `${senderPath}/webhook`, '/channels/none/senders/1/webhook'],
    ['PUT', `${senderPath}/webhook`, '/channels/none/senders/1/webhook', hook],
    ['GET', `/receipts/${receiptId}`, `/receipts/${'0'.repeat(32)}`],
    ['GET', `/raw-events/${timeline.rawEvent.id}`, '/raw-events/1'],
    ['POST', `/deliveries/${deliveryId}/replay`, '/deliveries/1/replay'],
    ['GET', `/destinations/${destinationId}`, '/destinations/999'],
    ['PATCH', `/destinations/${destinationId}`, '/destinations/999', { state: 'off' }],
    ['GET', `/destinations/${destinationId}/secrets`, '/destinations/999/secrets'],
    ['POST', `/destinations/${destinationId}/secrets/rotate`, '/destinations/999/secrets/rotate'],
    ['POST', `/destinations/${destinationId}/test`, '/destinations/999/test'],
    ['POST', `/destinations/${destinationId}/preflight`, '/destinations/999/preflight'],
    ['GET', '/queues/mine', '/queues/none'],
    ['DELETE', '/queues/mine', '/queues/none'],
    ['GET', '/queues/mine/messages', '/queues/none/messages'],
    ['POST', '/queues/mine/messages', '/queues/none/messages', { body: 'x' }],
    ['POST', '/queues/mine/tokens', '/queues/none/tokens'],
    ['POST', '/keys/testkey/disable', '/keys/none/disable'],
    ['POST', '/keys/testkey/enable', '/keys/none/enable'],
    ['POST', '/keys/testkey/rotate', '/keys/none/rotate'],
  ];
  for (const [method, theirs, nowhere, body] of routes) {
    const answer = await api.call(method, theirs, body, stranger);
    assert.equal(answer.status, 404, `${method} ${theirs} ${answer.body}`);
    assert.equal(answer.body, (await api.call(method, nowhere, body, stranger)).body, `${method} ${theirs}`);
  }
  const taken = await api.call('PUT', '/channels/wa', whatsapp, stranger);
  assert.equal(taken.status, 409);
  for (const path of ['/receipts', '/deliveries', '/destinations', '/queues', '/unrouted', '/notices'])
    assert.deepEqual((await api.call('GET', path, undefined, stranger)).json['items'], [], path);
  const replayed = await api.call('POST', '/deliveries/replay', { deliveryIds: [deliveryId] }, stranger);
  assert.equal(replayed.json['replayed'], 0);
  // What the stranger tried has changed nothing.
  assert.equal((await api.call('GET', senderPath)).status, 200);
  assert.equal((await api.call('GET', `/destinations/${destinationId}`)).json['state'], 'active');
});

test('the OpenAPI document is valid 3.1, needs no key, and holds every route', async (t) => {
  const api = await open(t);
  const { status, json } = await api.call('GET', '/openapi.json', undefined, null);
  assert.equal(status, 200);
  assert.equal(json['openapi'], '3.1.0');
  const { valid, errors } = await new Validator().validate(structuredClone(json));
  assert.ok(valid, JSON.stringify(errors));
  const paths = json['paths'] as Record<
    string,
    Record<string, { operationId: string; summary: string; responses: object }>
  >;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, ...operation })),
  );
  const described = new Set(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`));
  const served = api.routes.map((route) => route.replaceAll(/:(\w+)/g, '{$1}'));
  assert.deepEqual([...described].sort(), served.sort());
  assert.ok(described.has('PUT /api/v1/channels/{channelId}/senders/{senderId}/webhook'));
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  for (const { path, summary, responses } of operations) {
    assert.ok(summary.length > 0, path);
    assert.ok('401' in responses, path);
  }
});

test('a method that an address does not take is answered 405 with those it takes', async (t) => {
  const api = await open(t);
  const answer = await api.call('PATCH', '/channels');
  assert.equal(answer.status, 405);
  assert.match(String(answer.headers['allow']), /GET/);
  assert.equal(answer.json['code'], 'method_not_allowed');
});

test('each answer is counted once with its route, and answers carry the headers that harden them', async (t) => {
  const api = await open(t);
  const answer = await api.call('GET', '/channels/wa');
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  assert.equal(answer.headers['cache-control'], 'no-store');
  const served = api.events.filter(({ name }) => name === 'api.served').map(({ fields }) => fields);
  assert.equal(served.length, 1);
  assert.ok('route' in (served[0] ?? {}));
  assert.deepEqual(
    { ...served[0], durationMs: 0 },
    {
      method: 'GET',
      route: '/api/v1/channels/:channelId',
      accountId: api.accountId,
      status: 404,
      durationMs: 0,
    },
  );
});

test('a store that cannot commit is answered 503, and no change is claimed', async (t) => {
  const api = await open(t);
  await api.store.close();
  const answer = await api.call('PUT', '/channels/wa', whatsapp);
  assert.equal(answer.status, 503);
  assert.equal(answer.json['code'], 'store_unavailable');
});
