import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueRateCounter } from '../../src/operations/queue-rates.ts';
import type { QueueRate } from '../../src/store/store.ts';
import { openApiTest } from '../support/api.ts';

const minute = 60_000;

interface Answer {
  readonly lastMinutes: { readonly put: number; readonly deleted: number };
}

function served(accountId: number, operation: string, queue: string, messages: number) {
  return { operation, accountId, status: 200, code: null, queue, messages, durationMs: 1 };
}

test('a queue tells what came in and what was deleted, by minute and of the last minutes', async (t) => {
  const api = await openApiTest();
  t.after(() => api.close());
  const { accountId, clock } = api;
  await api.call('PUT', '/queues/orders', {});
  const counter = new QueueRateCounter(api.store, clock.now);
  counter.take('smq.served', served(accountId, 'BatchSendMessage', 'orders', 16));
  clock.advance(30 * minute);
  counter.take('smq.served', served(accountId, 'SendMessage', 'orders', 1));
  const receipt = { accountId, channelType: 'sandbox', type: 'ChatAppStatus', unmatched: false } as const;
  counter.take('receipt.recorded', { ...receipt, queue: 'orders' });
  counter.take('receipt.recorded', { ...receipt, queue: null });
  counter.take('smq.served', served(accountId, 'BatchDeleteMessage', 'orders', 3));
  counter.take('smq.served', served(accountId, 'BatchReceiveMessage', 'orders', 5));
  counter.take('smq.served', served(accountId, 'SendMessage', 'other', 1));
  await counter.write();
  await counter.write();
  const { json } = await api.call('GET', '/queues/orders');
  assert.deepEqual(json['lastMinutes'], { put: 2, deleted: 3 });
  const list = (await api.call('GET', '/queues')).json['items'] as Answer[];
  assert.deepEqual(list[0]?.lastMinutes, { put: 2, deleted: 3 });
  const rates = (await api.call('GET', '/queues/orders/rates')).json['items'] as Record<string, unknown>[];
  assert.equal(rates.length, 60);
  assert.partialDeepStrictEqual(rates.at(-1), { put: 2, deleted: 3 });
  assert.partialDeepStrictEqual(rates.at(-31), { put: 16, deleted: 0 });
  assert.equal((await api.call('GET', '/queues/none/rates')).status, 404);
});

test('what was counted of queues while the store was away is written later', async () => {
  const written: QueueRate[] = [];
  let isAway = true;
  const store = {
    addQueueRates: async (rates: readonly QueueRate[]) => {
      if (isAway) throw new Error('away');
      written.push(...rates);
    },
  };
  const counter = new QueueRateCounter(store, () => minute);
  counter.take('smq.served', served(1, 'SendMessage', 'orders', 1));
  await assert.rejects(counter.write());
  counter.take('smq.served', served(1, 'DeleteMessage', 'orders', 1));
  isAway = false;
  await counter.write();
  assert.deepEqual(written, [{ accountId: 1, queue: 'orders', minute: 1, put: 1, deleted: 1 }]);
});
