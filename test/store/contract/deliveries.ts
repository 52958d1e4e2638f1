import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { toDestinationSettings } from '../../../src/domain/delivery.ts';
import type { Attempt, ClaimedBatch, Next, Settlement } from '../../../src/domain/delivery.ts';
import { versionOfDestination } from '../../../src/domain/version.ts';
import type { ClaimRequest } from '../../../src/store/store.ts';
import { destinationOf, inbound, need, record, status, toId, toStatusId, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

const leaseMs = 60_000;

/** Claims for a destination; one delivery a batch unless told otherwise. */
export function claim(
  { store, clock, accountId }: Fixture,
  destinationId: number,
  changes: Partial<ClaimRequest> = {},
): Promise<readonly ClaimedBatch[]> {
  const request = { accountId, destinationId, limit: 10, batchSize: 1, now: clock.now(), leaseMs };
  return store.claimDeliveries({ ...request, ...changes });
}

/** The messages of claimed batches by name, batch by batch. */
export function namesOf(batches: readonly ClaimedBatch[]): string[][] {
  return batches.map(({ members }) =>
    members.map(({ receipt: { facts } }) => {
      if (facts.type === 'ChatAppStatus') return `${facts.messageId} ${facts.status}`;
      return facts.type === 'ChatAppInbound' ? facts.messageId : '';
    }),
  );
}

function settlementOf(fixture: Fixture, batch: ClaimedBatch, next: Next, member = 0): Settlement {
  const attempt: Attempt = {
    at: fixture.clock.now(),
    durationMs: 12,
    status: next.kind === 'done' ? 200 : 500,
    outcome: next.kind === 'done' ? 'accepted' : 'rejected',
    answer: 'answer',
  };
  const { accountId, destinationId } = batch;
  return { accountId, destinationId, deliveryId: need(batch.members[member]).deliveryId, attempt, next };
}

/** Settles every member of every batch the same way. */
export function settle(fixture: Fixture, batches: readonly ClaimedBatch[], next: Next): Promise<void> {
  return fixture.store.settleDeliveries(
    batches.flatMap((batch) => batch.members.map((_, member) => settlementOf(fixture, batch, next, member))),
  );
}

const done = { kind: 'done' } as const;
const dead = { kind: 'dead' } as const;

export function deliveryContract(open: OpenStore): void {
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
    'countByDestination: what waits and what is dead is counted for each destination, up to a bound, and for no other account',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId } = fixture;
      const first = await destinationOf(fixture);
      const second = await destinationOf(fixture, 'https://other.example/');
      for (const name of ['m1', 'm2', 'm3', 'm4', 'm5'])
        await record(fixture, inbound(fixture, name, { destinationId: first.id }));
      await settle(fixture, await claim(fixture, first.id, { limit: 2 }), dead);
      await settle(fixture, await claim(fixture, first.id, { limit: 1 }), done);
      assert.deepEqual(await store.countByDestination(accountId, 10), [
        { destinationId: first.id, waiting: 2, unwanted: 0, dead: 2 },
        { destinationId: second.id, waiting: 0, unwanted: 0, dead: 0 },
      ]);
      assert.partialDeepStrictEqual(await store.countByDestination(accountId, 1), [{ waiting: 1, dead: 1 }]);
      assert.deepEqual(await store.countByDestination(otherId, 10), []);
    }),
  );

  test(
    'setDestinationPause: a pause is told with its destination until a person acts on it, and is no new version of it',
    withStore(open, async (fixture) => {
      const { store, clock, accountId, otherId } = fixture;
      const { id, url, pause: none } = await destinationOf(fixture);
      const find = async () => need(await store.findDestination(accountId, id));
      assert.equal(none, null);
      const version = versionOfDestination(await find());
      const until = clock.now() + 60_000;
      const pause = { until, status: 429, askedMs: 60_000 };
      await store.setDestinationPause(accountId, id, { ...pause, status: 503, askedMs: null });
      await store.setDestinationPause(accountId, id, pause);
      await store.setDestinationPause(accountId, id + 1000, pause);
      await store.setDestinationPause(otherId, id, pause);
      const byUrl = await store.findDestinationByUrl(accountId, url);
      const [listed] = await store.listDestinations(accountId);
      assert.deepEqual([(await find()).pause, byUrl?.pause, listed?.pause], [pause, pause, pause]);
      assert.equal(versionOfDestination(await find()), version);
      assert.deepEqual(await store.listPauses(until - 1, 10), [{ accountId, destinationId: id, until }]);
      assert.deepEqual([await store.listPauses(until, 10), await store.listPauses(until - 1, 0)], [[], []]);
      await store.setDestinationState(accountId, id, 'opened', 'It fails.', system);
      assert.deepEqual((await find()).pause, pause, 'it fails, and asked for it all the same');
      await store.setDestinationState(accountId, id, 'active', 'By hand.', system);
      assert.equal((await find()).pause, null);
      await store.setDestinationPause(accountId, id, pause);
      await store.changeDestination(accountId, id, { name: 'CRM' }, system);
      assert.deepEqual((await find()).pause, pause);
      await store.changeDestination(accountId, id, { url: 'https://moved.example/' }, system);
      assert.deepEqual([(await find()).pause, await store.listPauses(0, 10)], [null, []]);
    }),
  );

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
    'listDeliveries: deliveries are listed by state, destination, time and id, page by page',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const one = await destinationOf(fixture);
      const two = await destinationOf(fixture, 'https://other.example/');
      const start = clock.now();
      await record(fixture, inbound(fixture, 'm1', { destinationId: one.id }));
      await settle(fixture, await claim(fixture, one.id), done);
      await record(fixture, inbound(fixture, 'm2', { destinationId: one.id }));
      await settle(fixture, await claim(fixture, one.id), dead);
      clock.advance(1000);
      await record(fixture, status(fixture, 'a', 'sent', 1, { destinationId: two.id }));
      await record(fixture, status(fixture, 'a', 'read', 4, { destinationId: two.id }));
      const list = async (filter: Parameters<typeof store.listDeliveries>[1]) =>
        (await store.listDeliveries(accountId, filter, { limit: 10 })).items.map(
          ({ receiptId }) => receiptId,
        );
      const [m1, m2] = ['m1', 'm2'].map(toId);
      const [sent, read] = [toStatusId('a', 'sent'), toStatusId('a', 'read')];
      assert.deepEqual(await list({}), [read, sent, m2, m1]);
      assert.deepEqual(await list({ state: 'done' }), [m1]);
      assert.deepEqual(await list({ state: 'dead' }), [m2]);
      assert.deepEqual(await list({ state: 'waiting' }), [sent]);
      assert.deepEqual(await list({ state: 'blocked' }), [read]);
      assert.deepEqual(await list({ destinationId: one.id }), [m2, m1]);
      assert.deepEqual(await list({ since: start + 1000 }), [read, sent]);
      assert.deepEqual(await list({ until: start + 1000 }), [m2, m1]);

      const all = (await store.listDeliveries(accountId, {}, { limit: 10 })).items;
      const ids = all.map(({ id }) => id);
      assert.deepEqual(await list({ deliveryIds: ids.slice(1, 3) }), [sent, m2]);
      assert.deepEqual(await list({ deliveryIds: ids, state: 'done' }), [m1]);
      assert.deepEqual(await list({ deliveryIds: ids, since: start + 1000 }), [read, sent]);
      assert.deepEqual((await store.listDeliveries(otherId, { deliveryIds: ids }, { limit: 10 })).items, []);
      assert.deepEqual((await store.listDeliveries(otherId, {}, { limit: 10 })).items, []);

      const first = await store.listDeliveries(accountId, {}, { limit: 3 });
      const second = await store.listDeliveries(accountId, {}, { limit: 3, cursor: need(first.next) });
      assert.deepEqual([...first.items, ...second.items], all);
      assert.equal(second.next, null);

      assert.equal((await store.countDeliveries(accountId, {}, 10)).count, 4);
      assert.equal((await store.countDeliveries(accountId, {}, 3)).count, 3);
      assert.equal((await store.countDeliveries(accountId, { state: 'dead' }, 10)).count, 1);
      assert.equal((await store.countDeliveries(otherId, {}, 10)).count, 0);
    }),
  );

  test(
    'claimDeliveries: a destination that is off is left as it is by the store: the dispatcher does not claim for it',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      await store.setDestinationState(accountId, id, 'off', 'It answered 410.', system);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      assert.equal((await store.findTimeline(accountId, toId('m1')))?.deliveries[0]?.state, 'waiting');
      assert.deepEqual(await store.findBusyDestinations(), [{ accountId, destinationId: id }]);
    }),
  );
}
