import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  connect,
  killDeliveries,
  number,
  open,
  receiptId,
  subscribe,
  toIntake,
} from '../../support/connected.ts';

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

test('a count of a replay says when it was made, and a replay until then touches nothing that came later', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  await api.store.recordIntake([toIntake(api, destinationId, '1'.repeat(32))]);
  await killDeliveries(api, destinationId);
  api.clock.advance(1000);
  const { json } = await api.call('POST', '/deliveries/replay', { destinationId, dryRun: true });
  const { until, ...counted } = json;
  assert.deepEqual(counted, { replayed: 1, next: null });
  assert.equal(Date.parse(String(until)), api.clock.now() + 1);
  api.clock.advance(1);
  await api.store.recordIntake([toIntake(api, destinationId, '2'.repeat(32))]);
  await killDeliveries(api, destinationId);
  const replayed = await api.call('POST', '/deliveries/replay', { destinationId, until });
  assert.deepEqual(replayed.json, { replayed: 1, next: null });
  const later = await api.call('POST', '/deliveries/replay', { destinationId, dryRun: true });
  assert.equal(later.json['replayed'], 1, 'what came later is still dead');
});

test('a count of a replay by ids is of those that are over alone', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  await api.store.recordIntake([toIntake(api, destinationId)]);
  const [waiting] = (await api.call('GET', '/deliveries?state=waiting')).json['items'] as { id: string }[];
  assert.ok(waiting);
  const body = { deliveryIds: [waiting.id] };
  const counted = await api.call('POST', '/deliveries/replay', { ...body, dryRun: true });
  assert.deepEqual(counted.json, { replayed: 0, next: null });
  assert.deepEqual((await api.call('POST', '/deliveries/replay', body)).json, { replayed: 0, next: null });
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
    [{ url: 'x.example' }, 'url'],
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

test('deliveries tell what they are and how they went, are found by that, and tried now', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  await api.store.recordIntake([toIntake(api, destinationId)]);
  await killDeliveries(api, destinationId);
  // Ids that begin alike share a lane here.
  for (const last of ['a', 'b'])
    await api.store.recordIntake([toIntake(api, destinationId, `${'a'.repeat(31)}${last}`)]);
  const list = async (query = '') =>
    (await api.call('GET', `/deliveries?${query}`)).json['items'] as Listed[];
  const [blocked, waiting, dead] = await list();
  assert.ok(blocked && waiting && dead);
  assert.partialDeepStrictEqual(dead, {
    ...{ type: 'ChatAppStatus', what: 'sent', user: '4915112345678', channelId: 'wa', senderId: number },
    lastTry: { status: 500, outcome: 'rejected', durationMs: 3 },
  });
  assert.equal(waiting.lastTry, null);
  const found = [
    ...['status=500', 'outcome=rejected', 'outcome=rejected&state=dead&user=%2B49%20151-1234%205678'],
    `outcome=rejected&channelId=wa&type=ChatAppStatus&destinationId=${destinationId}`,
  ];
  for (const query of found) assert.deepEqual(await list(query), [dead], query);
  for (const query of ['status=501', 'user=49151', 'type=ChatAppAudit', 'channelId=other'])
    assert.deepEqual(await list(query), [], query);
  const detail = await api.call('GET', `/deliveries/${dead.id}`);
  assert.partialDeepStrictEqual(detail.json, { what: 'sent', lastTry: { status: 500 } });

  const destination = (await api.call('GET', `/destinations/${destinationId}`)).json;
  assert.partialDeepStrictEqual(destination, { waiting: 2, blocked: 1, dead: 1 });
  const tried = await api.call('POST', '/deliveries/try-now', {
    deliveryIds: [waiting.id, blocked.id, dead.id, '1'],
  });
  const refused = tried.json['refused'] as { deliveryId: string; code: string; text: string }[];
  assert.equal(tried.json['tried'], 1, tried.body);
  assert.deepEqual(
    refused.map(({ deliveryId, code }) => [deliveryId, code]),
    [
      [blocked.id, 'delivery_behind'],
      [dead.id, 'delivery_over'],
      ['1', 'delivery_absent'],
    ],
  );
  for (const { deliveryId, code, text } of refused.slice(0, 2)) {
    const { status, json } = await api.call('POST', `/deliveries/${deliveryId}/try-now`);
    assert.deepEqual(
      [status, json['code'], json['reason'], json['detail']],
      [409, 'wrong_state', code, text],
    );
  }
  assert.equal((await api.call('POST', '/deliveries/1/try-now')).status, 404);
  const one = await api.call('POST', `/deliveries/${waiting.id}/try-now`);
  assert.deepEqual(one.json, { tried: 1, refused: [] });
  const replayed = await api.call('POST', `/deliveries/${waiting.id}/replay`);
  assert.deepEqual([replayed.status, replayed.json['reason']], [409, 'delivery_open']);
  const all = `/destinations/${destinationId}/try-now`;
  assert.deepEqual((await api.call('POST', all)).json, { tried: 0, more: false });
  const off = await api.call('PATCH', `/destinations/${destinationId}`, { state: 'off' });
  assert.partialDeepStrictEqual(off.json, { stateReasonCode: 'switched_off', stateReasonParams: {} });
  const held = await api.call('POST', all);
  assert.deepEqual([held.status, held.json['reason']], [409, 'destination_off']);
});

interface Listed {
  readonly id: string;
  readonly lastTry: object | null;
}
