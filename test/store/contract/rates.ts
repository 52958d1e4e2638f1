import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, minute, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function rateContract(open: OpenStore): void {
  test(
    'addRates: what several nodes count in one minute adds up, for each account by itself, and is swept after two days',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const at = Math.floor(clock.now() / minute);
      const statuses = { accountId, minute: at, kind: 'statuses', count: 3 } as const;
      await Promise.all([
        store.addRates([statuses, { ...statuses, kind: 'dead', count: 1 }]),
        store.addRates([statuses, { ...statuses, accountId: otherId, count: 7 }]),
        store.addRates([{ ...statuses, minute: at - 60, count: 5 }]),
      ]);
      assert.deepEqual(await store.listRates(accountId, at - 59), [
        { ...statuses, kind: 'dead', count: 1 },
        { ...statuses, count: 6 },
      ]);
      assert.equal((await store.listRates(accountId, at - 60)).length, 3);
      const retention = { rawEventMs: day, receiptMs: day, attemptMs: day, unreadableMs: day };
      while ((await store.sweep(retention, clock.now() + 2 * day)).rows > 0);
      assert.deepEqual(
        (await store.listRates(accountId, 0)).map(({ minute: kept }) => kept),
        [at, at],
      );
    }),
  );

  test(
    'addQueueRates: what comes into queues and leaves them adds up by queue and minute, and is swept after two days',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const at = Math.floor(clock.now() / minute);
      const rate = { accountId, queue: 'orders', minute: at, put: 3, deleted: 1 };
      await Promise.all([
        store.addQueueRates([rate, { ...rate, queue: 'other', put: 9 }]),
        store.addQueueRates([rate, { ...rate, accountId: otherId, put: 7 }]),
        store.addQueueRates([{ ...rate, minute: at - 1, put: 0 }]),
      ]);
      assert.deepEqual(await store.listQueueRates(accountId, ['orders', 'absent'], at - 1), [
        { ...rate, minute: at - 1, put: 0 },
        { ...rate, put: 6, deleted: 2 },
      ]);
      const both = await store.listQueueRates(accountId, ['orders', 'other'], at);
      assert.deepEqual(both.map(({ queue, put }) => `${queue} ${put}`).sort(), ['orders 6', 'other 9']);
      const retention = { rawEventMs: day, receiptMs: day, attemptMs: day, unreadableMs: day };
      while ((await store.sweep(retention, clock.now() + 2 * day)).rows > 0);
      assert.deepEqual(
        (await store.listQueueRates(accountId, ['orders'], 0)).map(({ minute: kept }) => kept),
        [at],
      );
    }),
  );
}
