import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateCounter } from '../../../src/operations/rates.ts';
import { openApiTest } from '../../support/api.ts';

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
  await store.setDestinationState(accountId, id, 'opened', 'It answered 500.', {
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
