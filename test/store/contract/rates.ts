import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { day, destinationOf, minute, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';
import type { PushRate } from '../../../src/store/store.ts';

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

  test(
    'addPushRates: how pushes end adds up by destination, channel and duration, and is swept after two days',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const { id: destinationId } = await destinationOf(fixture);
      const { id: elsewhere } = await destinationOf(fixture, 'https://other.example/');
      const at = Math.floor(clock.now() / minute);
      const taken: PushRate = {
        ...{ accountId, destinationId, minute: at, channelId: 'wa' },
        ...{ outcome: 'accepted', status: 200, took: 8, count: 3 },
      };
      const late: PushRate = {
        ...taken,
        outcome: 'timeout',
        status: null,
        channelId: null,
        took: 26,
        count: 1,
      };
      await Promise.all([
        store.addPushRates([taken, late, { ...taken, took: 10 }]),
        store.addPushRates([{ ...taken, minute: at - 5 }, taken]),
        store.addPushRates([
          { ...taken, destinationId: elsewhere, count: 7 },
          { ...taken, accountId: otherId, count: 9 },
        ]),
        store.addPushRates([{ ...taken, minute: at - 60, count: 5 }]),
      ]);
      const { accountId: _account, minute: _minute, ...sum } = taken;
      const { accountId: _other, minute: _at, ...lateSum } = late;
      assert.deepEqual(await store.sumPushRates(accountId, at - 5, destinationId), [
        lateSum,
        { ...sum, count: 9 },
        { ...sum, took: 10 },
      ]);
      assert.deepEqual(
        (await store.sumPushRates(accountId, at)).map(({ destinationId: of, count }) => [of, count]),
        [
          [destinationId, 1],
          [destinationId, 6],
          [destinationId, 3],
          [elsewhere, 7],
        ],
      );
      const point = { outcome: 'accepted', status: 200 } as const;
      assert.deepEqual(await store.listPushRates(accountId, destinationId, at - 60), [
        { ...point, minute: at - 60, count: 5 },
        { ...point, minute: at - 5, count: 3 },
        { ...point, minute: at, count: 9 },
        { minute: at, outcome: 'timeout', status: null, count: 1 },
      ]);
      const retention = { rawEventMs: day, receiptMs: day, attemptMs: day, unreadableMs: day };
      while ((await store.sweep(retention, clock.now() + 2 * day)).rows > 0);
      assert.deepEqual(
        (await store.listPushRates(accountId, destinationId, 0)).map(({ minute: kept }) => kept),
        [at, at],
      );
    }),
  );

  test(
    'dismiss: what is put away is so until its time, for one account alone, and who did it is written down',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const [one, two] = ['destination/1', 'destination/2'].map((subject) => ({ cause: 'off', subject }));
      assert.ok(one !== undefined && two !== undefined);
      const until = clock.now() + minute;
      await store.dismiss(accountId, [one, two], until, system);
      await store.dismiss(accountId, [two], until + minute, system);
      assert.deepEqual(await store.listDismissals(accountId), [
        { ...one, until },
        { ...two, until: until + minute },
      ]);
      assert.deepEqual(await store.listDismissals(otherId), []);
      const [change] = (await store.listChanges(accountId, { limit: 1 })).items;
      assert.partialDeepStrictEqual(change, {
        ...{ action: 'attention.dismissed', subject: 'destination/2' },
        detail: { cause: 'off', until: until + minute },
      });
      clock.advance(minute);
      assert.deepEqual(await store.listDismissals(accountId), [{ ...two, until: until + minute }]);
      await store.dismiss(accountId, [two], clock.now(), system);
      assert.deepEqual(await store.listDismissals(accountId), []);
    }),
  );
}
