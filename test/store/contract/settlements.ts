import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Next } from '../../../src/domain/delivery.ts';
import { destinationOf, inbound, need, record, toId, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';
import { claim, namesOf, settlementOf, settle, done, dead } from './delivery-fixture.ts';

export function settlementContract(open: OpenStore): void {
  test(
    'releaseDeliveries: a delivery that is given back is due at once, as if it had not been claimed',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      const [batch] = await claim(fixture, id);
      const ids = need(batch).members.map(({ deliveryId }) => deliveryId);
      await fixture.store.releaseDeliveries(fixture.accountId, id, ids);
      const [again] = await claim(fixture, id);
      assert.deepEqual(again, batch);
    }),
  );

  test(
    'settleDeliveries: a delivery that is over stays so, whoever settles it again',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      const batches = await claim(fixture, id);
      await settle(fixture, batches, done);
      await settle(fixture, batches, { kind: 'retry', dueAt: fixture.clock.now(), cause: 'retry' });
      await settle(fixture, batches, dead);
      assert.deepEqual(await claim(fixture, id), []);
      const [delivery] = need(await store.findTimeline(accountId, toId('m1'))).deliveries;
      assert.equal(delivery?.state, 'done');
      assert.equal(delivery?.tries.length, 1);
    }),
  );

  test(
    "settleDeliveries: another account's settlement does nothing",
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      const [batch] = await claim(fixture, id);
      const settlement = settlementOf(fixture, need(batch), done);
      await fixture.store.settleDeliveries([{ ...settlement, accountId: fixture.otherId }]);
      assert.equal((await fixture.store.countDeliveries(fixture.accountId, { state: 'done' }, 10)).count, 0);
    }),
  );

  test(
    'settleDeliveries: every try is kept with its receipt, in order',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      const { clock, store, accountId } = fixture;
      const at = clock.now();
      await settle(fixture, await claim(fixture, id), { kind: 'retry', dueAt: at + 5000, cause: 'retry' });
      clock.advance(5000);
      await settle(fixture, await claim(fixture, id), dead);
      const [delivery] = need(await store.findTimeline(accountId, toId('m1'))).deliveries;
      assert.equal(delivery?.state, 'dead');
      assert.equal(delivery?.attempts, 2);
      assert.equal(delivery?.dueAt, at + 5000);
      assert.deepEqual(delivery?.tries, [
        { at, durationMs: 12, status: 500, outcome: 'rejected', answer: 'answer' },
        { at: at + 5000, durationMs: 12, status: 500, outcome: 'rejected', answer: 'answer' },
      ]);
    }),
  );

  test(
    'settleDeliveries: a batch can be told apart into two, without its tries being used up',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      const names = ['m1', 'm2', 'm3'];
      await record(fixture, ...names.map((name) => inbound(fixture, name, { destinationId: id })));
      const [batch] = await claim(fixture, id, { batchSize: 5 });
      const members = need(batch).members;
      const [first, , third] = members;
      const retry: Next = { kind: 'retry', dueAt: fixture.clock.now(), cause: 'retry', isSpared: true };
      await fixture.store.settleDeliveries(
        members.map((_, n) =>
          settlementOf(fixture, need(batch), { ...retry, batch: need(n < 2 ? first : third).deliveryId }, n),
        ),
      );
      const halves = await claim(fixture, id, { batchSize: 5 });
      assert.deepEqual(namesOf(halves), [['m1', 'm2'], ['m3']]);
      assert.deepEqual(
        halves.map(({ attempt, cause }) => [attempt, cause]),
        [
          [1, 'retry'],
          [1, 'retry'],
        ],
      );
      const counted: Next = { kind: 'retry', dueAt: fixture.clock.now(), cause: 'cut off' };
      await fixture.store.settleDeliveries(
        [0, 1].map((n) => settlementOf(fixture, need(halves[0]), counted, n)),
      );
      const [again] = await claim(fixture, id, { batchSize: 5 });
      assert.deepEqual(
        [namesOf([need(again)]), again?.attempt, again?.cause],
        [[['m1', 'm2']], 2, 'cut off'],
      );
      const [delivery] = need(await fixture.store.findTimeline(fixture.accountId, toId('m1'))).deliveries;
      assert.deepEqual([delivery?.attempts, delivery?.tries.length], [2, 2], 'all tries are kept');
    }),
  );

  test(
    'settleDeliveries: a batch that was taken in part goes on with the rest',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      await record(fixture, ...['m1', 'm2', 'm3'].map((name) => inbound(fixture, name, target)));
      const batch = need((await claim(fixture, id, { batchSize: 10 }))[0]);
      const retry: Next = { kind: 'retry', dueAt: fixture.clock.now() + 1000, cause: 'retry' };
      await fixture.store.settleDeliveries([
        settlementOf(fixture, batch, retry, 0),
        settlementOf(fixture, batch, done, 1),
        settlementOf(fixture, batch, retry, 2),
      ]);
      fixture.clock.advance(1000);
      assert.deepEqual(namesOf(await claim(fixture, id, { batchSize: 10 })), [['m1', 'm3']]);
    }),
  );

  test(
    'settleDeliveries: a batch that is only settled in part is not handed out with what is still held',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      await record(fixture, inbound(fixture, 'm1', target), inbound(fixture, 'm2', target));
      const batch = need((await claim(fixture, id, { batchSize: 10 }))[0]);
      const retry: Next = { kind: 'retry', dueAt: fixture.clock.now(), cause: 'retry' };
      await fixture.store.settleDeliveries([settlementOf(fixture, batch, retry, 0)]);
      assert.deepEqual(namesOf(await claim(fixture, id, { batchSize: 10 })), [['m1']]);
    }),
  );

  test(
    'releaseDeliveries: a released batch comes back with the same members',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      await record(fixture, inbound(fixture, 'm1', target), inbound(fixture, 'm2', target));
      const batch = need((await claim(fixture, id, { batchSize: 2 }))[0]);
      const ids = batch.members.map(({ deliveryId }) => deliveryId);
      await fixture.store.releaseDeliveries(fixture.accountId, id, ids);
      await record(fixture, inbound(fixture, 'm3', target));
      assert.deepEqual(namesOf(await claim(fixture, id, { batchSize: 3 })), [['m1', 'm2'], ['m3']]);
    }),
  );
}
