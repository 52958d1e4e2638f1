// Callback URLs over the admin API: named, moved, handed over, removed; and what settings do not want.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { followSettings } from '../../../src/core/deliveries/suspension.ts';
import type { ApiTest } from '../../support/api.ts';
import { connect, killDeliveries, number, open, subscribe, toIntake } from '../../support/connected.ts';

const webhookPath = `/channels/wa/senders/${number}/webhook`;

interface Items {
  readonly items: readonly { readonly id: string; readonly state: string; readonly unwantedSince: string }[];
}

async function setUrl(api: ApiTest, url: string): Promise<number> {
  const body = { http: true, queue: false, statusUrl: url, inboundUrl: url };
  const { json } = await api.call('PUT', webhookPath, body);
  return (json['destinations'] as Record<string, number>)[url] ?? 0;
}

async function recordMany(api: ApiTest, destinationId: number, count = 3): Promise<void> {
  for (let i = 0; i < count; i += 1)
    await api.store.recordIntake([toIntake(api, destinationId, `${i + 1}`.repeat(32))]);
}

test('a destination is named and given another URL, which its settings name from then on', async (t) => {
  const api = await open(t);
  await connect(api);
  const id = await subscribe(api);
  await recordMany(api, id);
  const before = await api.call('GET', `/destinations/${id}/secrets`);
  const moved = await api.call('PATCH', `/destinations/${id}`, {
    name: ' CRM ',
    url: 'HTTPS://New.example.com:443/in#x',
  });
  assert.equal(moved.status, 200, moved.body);
  assert.deepEqual(
    [moved.json['name'], moved.json['url'], moved.json['waiting']],
    ['CRM', 'https://new.example.com/in', 3],
  );
  const after = await api.call('GET', `/destinations/${id}/secrets`);
  assert.deepEqual(after.json, before.json);
  const webhook = await api.call('GET', webhookPath);
  assert.equal(webhook.json['statusUrl'], 'https://new.example.com/in');
  assert.deepEqual(webhook.json['destinations'], { 'https://new.example.com/in': id });
  const other = await setUrl(api, 'https://other.example.com/');
  assert.notEqual(other, id);
  const taken = await api.call('PATCH', `/destinations/${id}`, { url: 'https://other.example.com/' });
  assert.deepEqual([taken.status, taken.json['code'], taken.json['field']], [409, 'conflict', 'url']);
  const bad = await api.call('PATCH', `/destinations/${id}`, { url: 'ftp://x' });
  assert.deepEqual([bad.status, bad.json['code']], [400, 'bad_callback_url']);
});

test('what waits for a destination that is off is due at once when it is switched on', async (t) => {
  const api = await open(t);
  await connect(api);
  const id = await subscribe(api);
  await recordMany(api, id, 2);
  const claim = (limit: number) =>
    api.store.claimDeliveries({
      accountId: api.accountId,
      destinationId: id,
      limit,
      batchSize: 1,
      now: api.clock.now(),
      leaseMs: 1000,
    });
  const attempt = { at: api.clock.now(), durationMs: 1, status: 410, outcome: 'gone', answer: '' } as const;
  const dueAt = api.clock.now() + 43_200_000;
  await api.store.settleDeliveries(
    (await claim(2)).map(({ accountId, destinationId, members }) => ({
      accountId,
      destinationId,
      deliveryId: members[0]?.deliveryId ?? 0,
      attempt,
      next: { kind: 'retry', dueAt, cause: 'retry' },
    })),
  );
  for (const state of ['off', 'active']) {
    assert.deepEqual(await claim(2), []);
    assert.equal((await api.call('PATCH', `/destinations/${id}`, { state })).status, 200);
  }
  assert.equal((await claim(2)).length, 2);
});

test('what waits is counted first, then handed over in batches, and the old destination removed', async (t) => {
  const api = await open(t);
  await connect(api);
  const old = await subscribe(api);
  await recordMany(api, old);
  const next = await setUrl(api, 'https://next.example.com/');
  const path = `/destinations/${old}/hand-over`;
  assert.deepEqual((await api.call('POST', path, { to: next, dryRun: true })).json, {
    handedOver: 3,
    next: null,
  });
  const first = await api.call('POST', path, { to: next, limit: 2 });
  assert.equal(first.json['handedOver'], 2, first.body);
  const rest = await api.call('POST', path, { to: next, cursor: first.json['next'] });
  assert.deepEqual(rest.json, { handedOver: 1, next: null });
  assert.equal((await api.call('GET', `/destinations/${next}`)).json['waiting'], 3);
  assert.equal((await api.call('POST', path, { to: old })).json['field'], 'to');
  assert.equal((await api.call('POST', path, { to: 999 })).status, 404);
  assert.deepEqual((await api.call('DELETE', `/destinations/${old}`)).json, { givenUp: 0, dead: 0 });
  assert.equal((await api.call('GET', `/destinations/${old}`)).status, 404);
});

test('a destination is removed only when no settings name it; what that gives up is told before', async (t) => {
  const api = await open(t);
  await connect(api);
  const id = await subscribe(api);
  await recordMany(api, id);
  await killDeliveries(api, id);
  await api.store.recordIntake([toIntake(api, id, '9'.repeat(32))]);
  const used = await api.call('DELETE', `/destinations/${id}`);
  assert.deepEqual([used.status, used.json['code']], [409, 'wrong_state']);
  assert.match(String(used.json['detail']), new RegExp(`sender ${number} of channel wa`));
  await setUrl(api, 'https://next.example.com/');
  const told = { givenUp: 1, dead: 3 };
  assert.deepEqual((await api.call('DELETE', `/destinations/${id}?dryRun=true`)).json, told);
  assert.equal((await api.call('GET', `/destinations/${id}`)).status, 200);
  assert.deepEqual((await api.call('DELETE', `/destinations/${id}`)).json, told);
  const [dead] = (await api.call('GET', '/deliveries?state=dead')).json['items'] as { id: string }[];
  const replay = await api.call('POST', `/deliveries/${dead?.id ?? ''}/replay`);
  assert.equal(replay.status, 409);
  assert.match(String(replay.json['detail']), /was removed/);
  const receipt = await api.call('GET', `/receipts/${'9'.repeat(32)}`);
  assert.match(receipt.body, /"url":"https?:/);
});

test('what settings do not want is listed with its time, explained, and given up by a person', async (t) => {
  const api = await open(t);
  await connect(api);
  const id = await subscribe(api);
  await recordMany(api, id);
  const { store } = api;
  const following = followSettings({ ...api, emit: () => undefined });
  following.worker.start();
  t.after(() => following.worker.stop());
  await store.setSenderWebhook(api.accountId, 'wa', number, { http: false }, 'standard', system);
  await following.idle();
  const listed = (await api.call('GET', '/deliveries?state=unwanted')).json as unknown as Items;
  assert.deepEqual(
    listed.items.map(({ state, unwantedSince }) => [state, Date.parse(unwantedSince)]),
    Array.from({ length: 3 }, () => ['unwanted', api.clock.now()]),
  );
  const destination = await api.call('GET', `/destinations/${id}`);
  assert.deepEqual([destination.json['unwanted'], destination.json['waiting']], [3, 0]);
  const [one] = listed.items;
  const replay = await api.call('POST', `/deliveries/${one?.id ?? ''}/replay`);
  assert.match(String(replay.json['detail']), /no longer want/);
  const ask = (body: object) => api.call('POST', '/deliveries/give-up', body);
  assert.deepEqual((await ask({ dryRun: true })).json, { givenUp: 3, next: null });
  assert.equal((await ask({ state: 'open' })).json['field'], 'destinationId');
  assert.deepEqual((await ask({ deliveryIds: [one?.id] })).json, { givenUp: 1, next: null });
  const first = await ask({ destinationId: id, limit: 1 });
  assert.equal(first.json['givenUp'], 1);
  assert.deepEqual((await ask({ destinationId: id, cursor: first.json['next'] })).json, {
    givenUp: 1,
    next: null,
  });
  assert.equal((await api.call('GET', `/destinations/${id}`)).json['dead'], 3);
});

test('all that waits for a destination is given up when somebody says so', async (t) => {
  const api = await open(t);
  await connect(api);
  const id = await subscribe(api);
  await recordMany(api, id);
  const answer = await api.call('POST', '/deliveries/give-up', { destinationId: id, state: 'open' });
  assert.deepEqual(answer.json, { givenUp: 3, next: null });
  assert.equal((await api.call('GET', `/destinations/${id}`)).json['dead'], 3);
});

test('a host that has no address yet is taken, with a warning that says so', async (t) => {
  const api = await open(t);
  await connect(api);
  const url = 'https://crm.unmade.example:8443/in';
  const body = { http: true, queue: false, statusUrl: url, inboundUrl: 'https://callback.example/' };
  const set = await api.call('PUT', webhookPath, body);
  assert.equal(set.status, 200, set.body);
  const [warning, ...others] = set.json['warnings'] as {
    field: string;
    code: string;
    params: object;
    text: string;
  }[];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [warning?.field, warning?.code, warning?.params],
    ['statusUrl', 'unresolved', { host: 'crm.unmade.example:8443' }],
  );
  assert.match(warning?.text ?? '', /no address yet/);
  const read = await api.call('GET', webhookPath);
  assert.deepEqual([read.json['statusUrl'], 'warnings' in read.json], [url, false]);
  const id = (set.json['destinations'] as Record<string, number>)['https://callback.example/'];
  const moved = await api.call('PATCH', `/destinations/${id}`, { url: 'https://new.unmade.example/' });
  assert.equal((moved.json['warnings'] as { field: string }[])[0]?.field, 'url');
  const audits = await api.call('PUT', '/channels/wa/webhook', { http: true, auditUrl: url });
  assert.equal((audits.json['warnings'] as { field: string }[])[0]?.field, 'auditUrl');
});

test('a pause is told with why, until it is over, and ends when the destination is switched on', async (t) => {
  const api = await open(t);
  await connect(api);
  const id = await subscribe(api);
  await recordMany(api, id);
  const path = `/destinations/${id}`;
  const pauseOf = async () => (await api.call('GET', path)).json['pause'];
  assert.equal(await pauseOf(), null);
  const until = api.clock.now() + 90_000;
  const pause = (askedMs: number | null) =>
    api.store.setDestinationPause(api.accountId, id, { until, status: 429, askedMs });
  await pause(90_000);
  const told = {
    until: new Date(until).toISOString(),
    status: 429,
    askedSeconds: 90,
    reason: 'It answered 429 and asked for 90 s.',
  };
  assert.deepEqual(await pauseOf(), told);
  const [listed] = (await api.call('GET', '/destinations')).json['items'] as { pause: unknown }[];
  assert.deepEqual(listed?.pause, told);
  const later = api.clock.now() + 60_000;
  await spare(api, id, later);
  assert.equal((await api.store.findNextDue(api.accountId, id)) ?? 0, later);
  assert.equal((await api.call('PATCH', path, { state: 'active' })).json['pause'], null);
  assert.equal(await api.store.findNextDue(api.accountId, id), api.clock.now(), 'what was spared is due');
  await pause(null);
  assert.partialDeepStrictEqual(await pauseOf(), {
    askedSeconds: null,
    reason: 'It answered 429 without saying for how long.',
  });
  api.clock.advance(90_000);
  assert.equal(await pauseOf(), null);
});

/** All that waits is tried and refused, and due again at `dueAt`. */
async function spare(api: Awaited<ReturnType<typeof open>>, id: number, dueAt: number): Promise<void> {
  const now = api.clock.now();
  const { accountId, store } = api;
  const attempt = { at: now, durationMs: 1, status: 429, outcome: 'throttled', answer: '' } as const;
  const claim = { accountId, destinationId: id, limit: 10, batchSize: 1, now, leaseMs: 1000 };
  const batches = await store.claimDeliveries(claim);
  await store.settleDeliveries(
    batches.map(({ members }) => ({
      accountId,
      destinationId: id,
      deliveryId: members[0]?.deliveryId ?? 0,
      attempt,
      next: { kind: 'retry', dueAt, cause: 'retry', isSpared: true },
    })),
  );
}
