import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { noticed } from '../../../src/domain/findings.ts';
import type { ApiTest } from '../../support/api.ts';
import {
  connect,
  killDeliveries,
  open,
  receiptId,
  senderPath,
  subscribe,
  toIntake,
  whatsapp,
} from '../../support/connected.ts';

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
    ['POST', `/destinations/${destinationId}/hand-over`, '/destinations/999/hand-over', { to: 1 }],
    ['DELETE', `/destinations/${destinationId}`, '/destinations/999'],
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
  assert.equal(answer.headers['x-frame-options'], 'DENY');
  assert.equal(answer.headers['referrer-policy'], 'no-referrer');
  assert.equal(answer.headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'");
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

test('notices are listed newest first', async (t) => {
  const api = await open(t);
  for (const subject of ['destination/1', 'destination/2'])
    await api.store.recordNotice({
      accountId: api.accountId,
      subject,
      ...noticed('destination_off', { host: 'shop.example' }),
      findings: [{ name: 'token', code: 'token_expired', params: { said: 'Over.' } }],
    });
  const { json } = await api.call('GET', '/notices');
  assert.partialDeepStrictEqual(json['items'], [
    {
      code: 'destination_off',
      params: { host: 'shop.example' },
      findings: [{ name: 'token', code: 'token_expired', params: { said: 'Over.' } }],
    },
  ]);
  assert.deepEqual(
    (json['items'] as { subject: string }[]).map(({ subject }) => subject),
    ['destination/2', 'destination/1'],
  );
});
