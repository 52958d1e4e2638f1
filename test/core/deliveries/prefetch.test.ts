import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prefetch, toDeliveryIds } from '../../../src/core/deliveries/prefetch.ts';
import type { ClaimedBatch } from '../../../src/domain/delivery.ts';

const batch = (...deliveryIds: readonly number[]): ClaimedBatch => ({
  accountId: 1,
  destinationId: 1,
  // Of a receipt nothing is looked at here.
  members: deliveryIds.map((deliveryId) => ({ deliveryId, receipt: {} as never })),
  attempt: 1,
  cause: null,
});

test('batches are taken in the order of their claims, and counted with those of all destinations', () => {
  const all = { count: 0 };
  const [one, other] = [new Prefetch(all), new Prefetch(all)];
  one.add([batch(1), batch(2, 3), batch(4)], 0);
  other.add([batch(9)], 0);
  assert.deepEqual([one.count, all.count], [3, 4]);
  assert.deepEqual(toDeliveryIds(one.take(2)), [1, 2, 3]);
  assert.deepEqual(one.take(0), []);
  assert.deepEqual(one.take(-1), []);
  assert.deepEqual([one.count, all.count], [1, 2]);
  assert.deepEqual(toDeliveryIds(one.take()), [4]);
  assert.deepEqual([one.count, all.count], [0, 1]);
});

test('what waits for more than five seconds since the last claim is old', () => {
  const ahead = new Prefetch({ count: 0 });
  ahead.add([batch(1)], 1000);
  assert.ok(!ahead.isOld(6000));
  assert.ok(ahead.isOld(6001));
  ahead.add([batch(2)], 6000);
  assert.ok(!ahead.isOld(6001));
});
