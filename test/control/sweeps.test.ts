import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweep } from '../../src/control/sweeps.ts';
import { defaultQueueAttributes } from '../../src/domain/queue.ts';
import { openHookApp } from '../support/hooks.ts';

const minute = 60_000;

test('what comes of age while a sweep is under way does not keep it from going on to other kinds', async (t) => {
  const app = await openHookApp();
  t.after(() => app.close());
  const { store, clock, accountId } = app;
  await store.createQueue(accountId, 'orders', { ...defaultQueueAttributes, retentionSeconds: 60 });
  const queue = await store.findQueue(accountId, 'orders');
  assert.ok(queue !== undefined);
  await store.sendMessages(queue, [{ body: 'old', priority: 8 }], clock.now());
  for (let count = 0; count < 20; count += 1) {
    assert.equal(await app.post('{}'), 200);
    clock.advance(minute);
  }
  const swept: number[] = [];
  const retention = {
    rawEventMs: 15 * minute,
    receiptMs: 365 * 24 * 60 * minute,
    attemptMs: 365 * 24 * 60 * minute,
    unreadableMs: 365 * 24 * 60 * minute,
  };
  await sweep({
    // Each step takes so long that another raw event comes of age.
    store: {
      sweep: async (...args) => {
        const step = await store.sweep(...args);
        clock.advance(minute);
        return step;
      },
    },
    sweepFiles: async () => 0,
    retention,
    emit: (name, event) => {
      if (name === 'store.swept' && 'rows' in event) swept.push(event.rows);
    },
    now: clock.now,
  });
  assert.deepEqual(swept, [5 + 1], 'the raw events that were old at its begin, and the message');
  assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 0, delayed: 0 });
});
