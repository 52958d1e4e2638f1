import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateCounter } from '../../../src/operations/rates.ts';
import { PushRateCounter } from '../../../src/operations/push-rates.ts';
import { openApiTest } from '../../support/api.ts';
import { connect, open, subscribe } from '../../support/connected.ts';
import { inWords } from '../../../src/domain/delivery.ts';

const minute = 60_000;

interface Overview {
  readonly attention: { readonly code: string; readonly params: Record<string, unknown> }[];
  readonly rates: Record<'hour' | 'day', Record<string, number | string>[]>;
  readonly totals: Record<'hour' | 'day', Record<string, number>>;
}

test('what happened is counted into the minute, the hour and the day in which it did', async (t) => {
  const api = await openApiTest();
  t.after(() => api.close());
  const { accountId, clock } = api;
  const counter = new RateCounter(api.store, clock.now);
  const record = (type: 'ChatAppStatus' | 'ChatAppInbound') =>
    counter.take('receipt.recorded', {
      accountId,
      channelType: 'sandbox',
      type,
      unmatched: false,
      queue: null,
    });
  record('ChatAppStatus');
  clock.advance(120 * minute);
  record('ChatAppStatus');
  record('ChatAppInbound');
  await counter.write();
  await counter.write();
  const overview = (await api.call('GET', '/overview')).json as unknown as Overview;
  assert.deepEqual(
    [
      overview.rates.hour.length,
      overview.rates.day.length,
      overview.totals.hour['statuses'],
      overview.totals.day['statuses'],
      overview.totals.hour['inbounds'],
    ],
    [60, 48, 1, 2, 1],
  );
  assert.equal(overview.rates.hour.at(-1)?.['statuses'], 1);
  const other = await api.addAccount(77);
  const theirs = (await api.call('GET', '/overview', undefined, other)).json as unknown as Overview;
  assert.equal(theirs.totals.day['statuses'], 0);
});

test('what was counted while the store was away is written later', async () => {
  const written: number[] = [];
  let isAway = true;
  const store = {
    addRates: async (rates: readonly { readonly count: number }[]) => {
      if (isAway) throw new Error('away');
      written.push(...rates.map(({ count }) => count));
    },
  };
  const counter = new RateCounter(store, () => 0);
  const died = { accountId: 1, destinationId: 1, deliveryId: 1, attempts: 1 };
  counter.take('delivery.died', died);
  await assert.rejects(counter.write());
  counter.take('delivery.died', died);
  isAway = false;
  await counter.write();
  assert.deepEqual(written, [2]);
});

test('what needs attention comes first the most urgent', async (t) => {
  const api = await openApiTest();
  t.after(() => api.close());
  const { accountId, store, clock } = api;
  const read = async () => ((await api.call('GET', '/overview')).json as unknown as Overview).attention;
  assert.deepEqual(
    (await read()).map(({ code }) => code),
    ['no_channel'],
  );
  const number = '15550107777';
  await api.call('PUT', '/channels/wa', {
    type: 'whatsapp',
    wabaId: '1',
    credentials: { appSecret: 'a', verifyToken: 'b' },
  });
  await api.call('PUT', `/channels/wa/senders/${number}`, { phoneNumberId: '9001' });
  clock.advance(minute);
  assert.deepEqual(
    (await read()).map(({ code }) => code),
    ['no_subscription'],
  );
  const url = 'https://callback.example/status';
  const set = await api.call('PUT', `/channels/wa/senders/${number}/webhook`, { http: true, statusUrl: url });
  const id = (set.json['destinations'] as Record<string, number>)[url] ?? 0;
  await store.setDestinationState(accountId, id, 'opened', inWords('It answered 500.'), {
    kind: 'system',
    id: 'test',
  });
  const components = [{ Type: 'BODY', Text: 'Hello' }];
  const made = await api.call('POST', '/channels/sandbox/templates', {
    name: 'a_reject',
    language: 'en',
    category: 'UTILITY',
    components,
  });
  await api.call('POST', `/channels/sandbox/templates/${String(made.json['code'])}/en/review`, {
    decision: 'fail',
    reason: 'No.',
  });
  clock.advance(minute);
  const attention = await read();
  assert.deepEqual(
    attention.map(({ code }) => code),
    ['destination_open', 'template_rejected'],
  );
  assert.equal(attention[0]?.params['url'], url);
});

test('a callback URL that accepted nothing in the last hour needs attention until it accepts something', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  const { accountId, clock } = api;
  const counter = new PushRateCounter(api.store, clock.now);
  const attempt = { accountId, destinationId, channelId: 'wa', receipts: 1, attempt: 1, cause: null };
  const told = async (outcome: 'rejected' | 'accepted', status: number) => {
    counter.take('delivery.attempted', { ...attempt, outcome, status, durationMs: 5 });
    await counter.write();
    await counter.write();
    clock.advance(minute);
    const { attention } = (await api.call('GET', '/overview')).json as unknown as Overview;
    return attention.map(({ code, params }) => [code, params['destinationId'], params['tries']]);
  };
  assert.deepEqual(await told('rejected', 500), [['destination_failing', destinationId, 1]]);
  assert.deepEqual(await told('rejected', 500), [['destination_failing', destinationId, 2]]);
  assert.deepEqual(await told('accepted', 200), []);
});

test('pushes are told by callback URL and channel, with what came back over time', async (t) => {
  const api = await open(t);
  await connect(api);
  const destinationId = await subscribe(api);
  const { accountId, clock } = api;
  const counter = new PushRateCounter(api.store, clock.now);
  const attempt = { accountId, destinationId, channelId: 'wa', receipts: 3, attempt: 1, cause: null };
  const took = (
    times: number,
    outcome: 'accepted' | 'timeout',
    durationMs: number,
    channelId: string | null,
  ) => {
    const status = outcome === 'accepted' ? 200 : null;
    for (let n = 0; n < times; n += 1)
      counter.take('delivery.attempted', { ...attempt, channelId, outcome, status, durationMs });
  };
  took(8, 'accepted', 20, 'wa');
  clock.advance(10 * minute);
  took(1, 'accepted', 30, null);
  took(1, 'timeout', 10_000, 'wa');
  await counter.write();
  await counter.write();
  const { destinations } = (await api.call('GET', '/overview')).json as unknown as {
    destinations: { channels: unknown[] }[];
  };
  assert.partialDeepStrictEqual(destinations, [
    {
      ...{ destinationId, url: 'https://callback.example/status', state: 'active', tries: 10, accepted: 9 },
      channels: [
        { channelId: 'wa', tries: 9, accepted: 8 },
        { channelId: null, tries: 1, accepted: 1 },
      ],
    },
  ]);
  const hour = (await api.call('GET', `/destinations/${destinationId}/rates`)).json as unknown as Rates;
  assert.deepEqual([hour.tries, hour.accepted, hour.points.length], [10, 9, 12]);
  assert.ok(hour.p50Ms >= 16 && hour.p50Ms <= 32 && hour.p95Ms > 5000, `${hour.p50Ms} ${hour.p95Ms}`);
  assert.deepEqual(
    hour.points.map(({ codes }) => codes).filter((codes) => Object.keys(codes).length > 0),
    [{ 200: 8 }, { 200: 1, timeout: 1 }],
  );
  clock.advance(2 * 60 * minute);
  const read = async (span: string) =>
    (await api.call('GET', `/destinations/${destinationId}/rates?span=${span}`)).json as unknown as Rates;
  assert.deepEqual([(await read('hour')).tries, (await read('day')).tries], [0, 10]);
  assert.equal((await read('day')).points.length, 48);
  assert.equal((await api.call('GET', '/destinations/999/rates')).status, 404);
  const other = await api.addAccount(78);
  assert.deepEqual((await api.call('GET', '/overview', undefined, other)).json['destinations'], []);
});

interface Rates {
  readonly tries: number;
  readonly accepted: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly points: { readonly codes: object }[];
}

test('what needs attention names what it is about, and is put away for a time, which the store keeps', async (t) => {
  const api = await open(t);
  await connect(api);
  const id = await subscribe(api);
  await api.call('PATCH', `/destinations/${id}`, { state: 'off', name: 'CRM' });
  const read = async () => (await api.call('GET', '/overview')).json as unknown as Attentive;
  const [item, ...others] = (await read()).attention;
  assert.deepEqual(others, []);
  assert.partialDeepStrictEqual(item, {
    ...{ code: 'destination_off', cause: 'destination_off', subject: `destination/${id}` },
    about: { kind: 'destination', id: String(id), name: 'CRM' },
    params: { reasonCode: 'switched_off' },
  });
  const items = [{ cause: 'destination_off', subject: `destination/${id}` }];
  const put = (seconds: number) => api.call('POST', '/overview/dismissals', { items, seconds });
  assert.equal((await put(60)).status, 204);
  const { attention, dismissed } = await read();
  assert.deepEqual(attention, []);
  const until = new Date(api.clock.now() + 60_000).toISOString();
  assert.deepEqual(dismissed, [{ ...item, until }]);
  api.clock.advance(60_000);
  assert.equal((await read()).attention.length, 1, 'its time is over');
  await put(60);
  await put(0);
  assert.equal((await read()).attention.length, 1, 'somebody brought it back');
  for (const bad of [
    { items, seconds: -1 },
    { items, seconds: 2_592_001 },
    { items: [], seconds: 1 },
  ])
    assert.equal((await api.call('POST', '/overview/dismissals', bad)).status, 400);
  const { items: changes } = (await api.call('GET', '/changes')).json as { items: { action: string }[] };
  assert.equal(changes[0]?.action, 'attention.dismissed');
});

interface Attentive {
  readonly attention: readonly Record<string, unknown>[];
  readonly dismissed: readonly Record<string, unknown>[];
}
