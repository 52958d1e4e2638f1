import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receiptQueueAttributes } from '../../src/domain/queue.ts';
import { refuseInDoubt } from '../../src/store/clock-gate.ts';
import { openTestStore } from '../support/store.ts';
import { isGatewayError } from '../support/errors.ts';

test('a store whose clock is in doubt takes on nothing, tells why, and goes on by itself', async (t) => {
  const opened = await openTestStore();
  t.after(opened.close);
  const { accountId, clock } = opened;
  let text: string | undefined = 'The clock is 301 s ahead.';
  const store = refuseInDoubt(opened.store, {
    doubt: () => (text === undefined ? null : { kind: 'kept', aheadMs: 301_000, text }),
  });
  await store.createQueue(accountId, 'orders', receiptQueueAttributes);
  const queue = await store.findQueue(accountId, 'orders');
  assert.ok(queue !== undefined);
  const now = clock.now();
  const message = { priority: 8, body: 'text' };
  const retention = { rawEventMs: 1, receiptMs: 1, attemptMs: 1, unreadableMs: 1 };
  const claim = { limit: 1, now, leaseMs: 1 };
  const took: Record<string, () => Promise<unknown>> = {
    recordIntake: () => store.recordIntake([]),
    claimDeliveries: () => store.claimDeliveries({ ...claim, accountId, destinationId: 1, batchSize: 1 }),
    sendMessages: () => store.sendMessages(queue, [message], now),
    receiveMessages: () => store.receiveMessages(queue, 1, now),
    addOutbound: () => store.addOutbound(accountId, []),
    claimFallbacks: () => store.claimFallbacks(1, now, 1),
    claimRemovedSenders: () => store.claimRemovedSenders(1, now, 1),
    claimMedia: () => store.claimMedia({ accountId, channelId: 'wa' }, 1, now, 1),
    claimReviews: () => store.claimReviews({ accountId, channelId: 'wa' }, 1, now, 1),
    claimRemovals: () => store.claimRemovals({ accountId, channelId: 'wa' }, 1, now, 1),
    bringForward: () => store.bringForward(now),
    sweep: () => store.sweep(retention, now),
  };
  for (const [name, take] of Object.entries(took))
    await assert.rejects(
      take(),
      (error: Error) => isGatewayError('store_unavailable')(error) && error.message === text,
      name,
    );
  const newest = await store.findNewestTime();
  clock.advance(40 * 24 * 3_600_000);
  await store.probe();
  assert.equal(await store.findNewestTime(), newest, 'nothing is kept that speaks for a time in doubt');
  text = undefined;
  for (const take of Object.values(took)) await take();
  assert.equal((await store.receiveMessages(queue, 1, now)).length, 0);
});
