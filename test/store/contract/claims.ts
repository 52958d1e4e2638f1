import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { inWords, toDestinationSettings } from '../../../src/domain/delivery.ts';
import type { Next } from '../../../src/domain/delivery.ts';
import { destinationOf, inbound, need, record, status, toId, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';
import { leaseMs, claim, namesOf, settle, done, dead } from './delivery-fixture.ts';

export function claimContract(open: OpenStore): void {
  test(
    'claimDeliveries: a probe takes what has not been refused yet, however many that were stand before it',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      for (let n = 0; n < 150; n += 1)
        await record(fixture, inbound(fixture, `bad${n}`, { destinationId: id }));
      const refused = await claim(fixture, id, { limit: 150 });
      await settle(fixture, refused, { kind: 'retry', dueAt: fixture.clock.now(), cause: 'retry' });
      fixture.clock.advance(1000);
      await record(fixture, inbound(fixture, 'good', { destinationId: id }));
      fixture.clock.advance(1000);
      assert.deepEqual(namesOf(await claim(fixture, id, { limit: 1, isProbe: true })), [['good']]);
      assert.equal(namesOf(await claim(fixture, id, { limit: 1, isProbe: true }))[0]?.[0], 'bad0');
      assert.equal((await claim(fixture, id, { limit: 200 })).length, 149, 'the others are free');
    }),
  );

  test(
    'claimDeliveries: a probe takes a kind of which nothing was refused, however much of another kind has just come',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'bad', { destinationId: id }));
      await settle(fixture, await claim(fixture, id), {
        kind: 'retry',
        dueAt: fixture.clock.now(),
        cause: 'retry',
      });
      for (let n = 0; n < 100; n += 1) {
        fixture.clock.advance(1);
        await record(fixture, inbound(fixture, `fresh${n}`, { destinationId: id }));
      }
      await record(fixture, status(fixture, 'good', 'sent', 1, { destinationId: id }));
      fixture.clock.advance(1000);
      assert.deepEqual(namesOf(await claim(fixture, id, { limit: 1, isProbe: true })), [['good sent']]);
      assert.deepEqual(namesOf(await claim(fixture, id, { limit: 1, isProbe: true })), [['fresh0']]);
    }),
  );

  test(
    'claimDeliveries: deliveries are claimed oldest first, as many as asked for, each with its receipt',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      for (const name of ['m1', 'm2', 'm3']) {
        await record(fixture, inbound(fixture, name, { destinationId: id }));
        fixture.clock.advance(1);
      }
      const first = await claim(fixture, id, { limit: 2 });
      assert.deepEqual(namesOf(first), [['m1'], ['m2']]);
      assert.deepEqual(
        first.map(({ attempt, cause }) => [attempt, cause]),
        [
          [1, null],
          [1, null],
        ],
      );
      assert.deepEqual(
        first[0]?.members[0]?.receipt,
        (await fixture.store.findTimeline(fixture.accountId, toId('m1')))?.receipt,
      );
      assert.deepEqual(namesOf(await claim(fixture, id)), [['m3']]);
      assert.deepEqual(await claim(fixture, id), []);
    }),
  );

  test(
    'claimDeliveries: two that claim at the same time never hold the same delivery',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      for (let i = 0; i < 6; i += 1) await record(fixture, inbound(fixture, `m${i}`, { destinationId: id }));
      const claims = await Promise.all([1, 2, 3].map(() => claim(fixture, id, { limit: 2 })));
      const held = claims.flat().flatMap(({ members }) => members.map(({ deliveryId }) => deliveryId));
      assert.equal(held.length, new Set(held).size);
      assert.equal(held.length, 6);
    }),
  );

  test(
    'claimDeliveries: a delivery is claimed for its own destination and account only',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      const other = await destinationOf(fixture, 'https://other.example/');
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      assert.deepEqual(await claim(fixture, other.id), []);
      assert.deepEqual(await claim(fixture, id, { accountId: fixture.otherId }), []);
      assert.equal((await claim(fixture, id)).length, 1);
    }),
  );

  for (const [name, next] of [
    ['done', done],
    ['dead', dead],
  ] as const) {
    test(
      `claimDeliveries: of one lane only the first is handed out, and the next once it is ${name}`,
      withStore(open, async (fixture) => {
        const { id } = await destinationOf(fixture);
        const target = { destinationId: id };
        await record(
          fixture,
          status(fixture, 'a', 'sent', 1, target),
          status(fixture, 'a', 'delivered', 3, target),
        );
        await record(
          fixture,
          status(fixture, 'a', 'read', 4, target),
          status(fixture, 'b', 'sent', 1, target),
        );
        const first = await claim(fixture, id);
        assert.deepEqual(namesOf(first), [['a sent'], ['b sent']]);
        await settle(fixture, first, next);
        const second = await claim(fixture, id);
        assert.deepEqual(namesOf(second), [['a delivered']]);
        await settle(fixture, second, next);
        const third = await claim(fixture, id);
        assert.deepEqual(namesOf(third), [['a read']]);
        await settle(fixture, third, next);
        assert.deepEqual(await claim(fixture, id), []);
        assert.equal((await fixture.store.countDeliveries(fixture.accountId, { state: name }, 10)).count, 4);
      }),
    );
  }

  test(
    'claimDeliveries: a receipt waits behind the first of its message, however many that go nowhere came between',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      await record(fixture, status(fixture, 'a', 'sent', 1, target));
      await record(fixture, status(fixture, 'a', 'failed', 2));
      await record(fixture, status(fixture, 'a', 'delivered', 3), status(fixture, 'a', 'read', 4, target));
      const first = await claim(fixture, id);
      assert.deepEqual(namesOf(first), [['a sent']]);
      assert.equal(
        (await fixture.store.countDeliveries(fixture.accountId, { state: 'blocked' }, 10)).count,
        1,
      );
      await settle(fixture, first, done);
      assert.deepEqual(namesOf(await claim(fixture, id)), [['a read']]);
    }),
  );

  test(
    'claimDeliveries: a lane that waits for a retry holds back its own and nobody else',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      await record(fixture, status(fixture, 'a', 'sent', 1, target), status(fixture, 'a', 'read', 4, target));
      const first = await claim(fixture, id);
      const dueAt = fixture.clock.now() + 5000;
      await settle(fixture, first, { kind: 'retry', dueAt, cause: 'timeout' });
      await record(fixture, status(fixture, 'b', 'sent', 1, target));
      assert.deepEqual(namesOf(await claim(fixture, id)), [['b sent']]);
      fixture.clock.advance(4999);
      assert.deepEqual(await claim(fixture, id), []);
      fixture.clock.advance(1);
      const again = await claim(fixture, id);
      assert.deepEqual(namesOf(again), [['a sent']]);
      assert.equal(again[0]?.attempt, 2);
      assert.equal(again[0]?.cause, 'timeout');
    }),
  );

  test(
    'claimDeliveries: the same lane of two destinations is two lanes',
    withStore(open, async (fixture) => {
      const one = await destinationOf(fixture);
      const two = await destinationOf(fixture, 'https://other.example/');
      await record(fixture, status(fixture, 'a', 'sent', 1, { destinationId: one.id }));
      await record(fixture, status(fixture, 'a', 'read', 4, { destinationId: two.id }));
      assert.deepEqual(namesOf(await claim(fixture, one.id)), [['a sent']]);
      assert.deepEqual(namesOf(await claim(fixture, two.id)), [['a read']]);
    }),
  );

  test(
    'claimDeliveries: a lease that is not settled in time falls due again and says so',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      await claim(fixture, id);
      fixture.clock.advance(leaseMs - 1);
      assert.deepEqual(await claim(fixture, id), []);
      fixture.clock.advance(1);
      const again = await claim(fixture, id);
      assert.deepEqual(namesOf(again), [['m1']]);
      assert.equal(again[0]?.cause, 'recovery');
    }),
  );

  test(
    'claimDeliveries: a batch holds receipts of one type, one of a lane, and no more than asked for',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      await record(
        fixture,
        status(fixture, 'a', 'sent', 1, target),
        inbound(fixture, 'm1', target),
        status(fixture, 'a', 'read', 4, target),
        status(fixture, 'b', 'sent', 1, target),
        inbound(fixture, 'm2', target),
        status(fixture, 'c', 'sent', 1, target),
      );
      const batches = await claim(fixture, id, { batchSize: 2 });
      assert.deepEqual(namesOf(batches), [['a sent', 'b sent'], ['m1', 'm2'], ['c sent']]);
    }),
  );

  test(
    'claimDeliveries: a batch keeps its members through retries, whatever else falls due',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      await record(fixture, inbound(fixture, 'm1', target), inbound(fixture, 'm2', target));
      const dueAt = fixture.clock.now() + 1000;
      const retry: Next = { kind: 'retry', dueAt, cause: 'retry' };
      await settle(fixture, await claim(fixture, id, { batchSize: 10 }), retry);
      await record(fixture, inbound(fixture, 'm3', target));
      fixture.clock.advance(1000);
      const batches = await claim(fixture, id, { batchSize: 10 });
      assert.deepEqual(namesOf(batches).toSorted(), [['m1', 'm2'], ['m3']]);
      const again = need(batches.find(({ members }) => members.length === 2));
      assert.equal(again.attempt, 2);
      assert.equal(again.cause, 'retry');
    }),
  );

  test(
    'claimDeliveries: the first wait of a schedule passes before the first try',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const { id } = await destinationOf(fixture);
      const settings = { ...toDestinationSettings('standard'), scheduleMs: [3000, 5000] };
      await store.setDestinationSettings(accountId, id, settings, system);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      assert.equal(await store.findNextDue(accountId, id), clock.now() + 3000);
      assert.deepEqual(await claim(fixture, id), []);
      clock.advance(3000);
      assert.equal((await claim(fixture, id)).length, 1);
    }),
  );

  test(
    'findNextDue: the next due time is that of the earliest which nobody holds, or the end of a lease',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const { id } = await destinationOf(fixture);
      assert.equal(await store.findNextDue(accountId, id), undefined);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      assert.equal(await store.findNextDue(accountId, id), clock.now());
      const held = await claim(fixture, id);
      assert.equal(await store.findNextDue(accountId, id), clock.now() + leaseMs);
      await settle(fixture, held, { kind: 'retry', dueAt: clock.now() + 7000, cause: 'retry' });
      assert.equal(await store.findNextDue(accountId, id), clock.now() + 7000);
      await record(fixture, inbound(fixture, 'm2', { destinationId: id }));
      assert.equal(await store.findNextDue(accountId, id), clock.now());
      await settle(fixture, await claim(fixture, id), done);
      clock.advance(7000);
      await settle(fixture, await claim(fixture, id), done);
      assert.equal(await store.findNextDue(accountId, id), undefined);
    }),
  );

  test(
    'findBusyDestinations: a destination is busy from its first delivery until the last is over',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const { id } = await destinationOf(fixture);
      await destinationOf(fixture, 'https://idle.example/');
      assert.deepEqual(await store.findBusyDestinations(), []);
      assert.deepEqual(await store.findOldestUndelivered(), []);
      const since = clock.now();
      await record(fixture, status(fixture, 'a', 'sent', 1, { destinationId: id }));
      clock.advance(5000);
      await record(fixture, status(fixture, 'a', 'read', 4, { destinationId: id }));
      await settle(fixture, await claim(fixture, id), {
        kind: 'retry',
        dueAt: clock.now() + 60_000,
        cause: 'retry',
      });
      assert.deepEqual(await store.findBusyDestinations(), [{ accountId, destinationId: id }]);
      assert.deepEqual(await store.findOldestUndelivered(), [{ accountId, destinationId: id, since }]);
      clock.advance(60_000);
      await settle(fixture, await claim(fixture, id), done);
      assert.deepEqual(await store.findOldestUndelivered(), [
        { accountId, destinationId: id, since: since + 5000 },
      ]);
      await settle(fixture, await claim(fixture, id), dead);
      assert.deepEqual(await store.findBusyDestinations(), []);
      assert.deepEqual(await store.findOldestUndelivered(), []);
    }),
  );

  test(
    'claimDeliveries: a destination that is off is left as it is by the store: the dispatcher does not claim for it',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      await store.setDestinationState(accountId, id, 'off', inWords('It answered 410.'), system);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      assert.equal((await store.findTimeline(accountId, toId('m1')))?.deliveries[0]?.state, 'waiting');
      assert.deepEqual(await store.findBusyDestinations(), [{ accountId, destinationId: id }]);
    }),
  );
}
