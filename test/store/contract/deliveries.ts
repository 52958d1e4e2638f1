import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { versionOfDestination } from '../../../src/domain/version.ts';
import { claim, dead, done, settle } from './delivery-fixture.ts';
import { destinationOf, inbound, need, record, status, toId, toStatusId, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';
import type { DeliveryFilter } from '../../../src/store/store.ts';
import { inWords } from '../../../src/domain/delivery.ts';

export function deliveryContract(open: OpenStore): void {
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
        { destinationId: first.id, waiting: 2, blocked: 0, unwanted: 0, dead: 2 },
        { destinationId: second.id, waiting: 0, blocked: 0, unwanted: 0, dead: 0 },
      ]);
      assert.deepEqual(
        (await store.countByDestination(accountId, 10, second.id)).map(({ destinationId }) => destinationId),
        [second.id],
      );
      assert.partialDeepStrictEqual(await store.countByDestination(accountId, 1), [{ waiting: 1, dead: 1 }]);
      assert.deepEqual(await store.countByDestination(otherId, 10), []);
    }),
  );

  test(
    'countByDestination: what is blocked waits too, and is told apart; what is not wanted is neither',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      for (const [value, rank] of [
        ['sent', 1],
        ['delivered', 2],
        ['read', 4],
      ] as const)
        await record(fixture, status(fixture, 'a', value, rank, target));
      await record(fixture, inbound(fixture, 'm1', target));
      const count = async (atMost = 10) => need((await store.countByDestination(accountId, atMost))[0]);
      assert.partialDeepStrictEqual(await count(), { waiting: 4, blocked: 2, unwanted: 0 });
      assert.equal((await count(3)).waiting, 3);
      const { items } = await store.listBacklog(accountId, { kind: 'ChatAppStatus' }, { limit: 10 });
      await store.setAside(accountId, items.slice(-1));
      assert.partialDeepStrictEqual(await count(), { waiting: 3, blocked: 1, unwanted: 1 });
    }),
  );

  test(
    'listDeliveries: each tells what it carries and how its last try ended, and is found by that',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId, clock } = fixture;
      const { id: destinationId } = await destinationOf(fixture);
      const target = { destinationId };
      await record(fixture, inbound(fixture, 'm1', target));
      await settle(fixture, await claim(fixture, destinationId), dead);
      await record(fixture, status(fixture, 'a', 'sent', 1, target));
      const retry = { kind: 'retry', dueAt: clock.now() + 60_000, cause: 'retry' } as const;
      await settle(fixture, await claim(fixture, destinationId), retry);
      clock.advance(60_000);
      await settle(fixture, await claim(fixture, destinationId), done);
      const user = { id: '5215512345678', phone: '525512345678' };
      const facts = { type: 'ChatAppInbound', messageId: 'm2', kind: 'image', user } as const;
      await record(fixture, inbound(fixture, 'm2', { ...target, facts }));
      const { items } = await store.listDeliveries(accountId, {}, { limit: 10 });
      const own = { channelId, senderId };
      assert.deepEqual(
        items.map(({ receipt, lastTry }) => [receipt, lastTry]),
        [
          [{ ...own, facts }, null],
          [
            {
              ...own,
              facts: {
                type: 'ChatAppStatus',
                messageId: 'a',
                status: 'sent',
                user: { id: '4915112345678' },
              },
            },
            { at: clock.now(), durationMs: 12, status: 200, outcome: 'accepted' },
          ],
          [
            {
              ...own,
              facts: {
                type: 'ChatAppInbound',
                messageId: 'm1',
                kind: 'text',
                user: { id: '4915112345678' },
              },
            },
            { at: clock.now() - 60_000, durationMs: 12, status: 500, outcome: 'rejected' },
          ],
        ],
      );
      const [m2, a, m1] = items.map(({ receiptId }) => receiptId);
      const list = async (filter: DeliveryFilter) =>
        (await store.listDeliveries(accountId, filter, { limit: 10 })).items.map(
          ({ receiptId }) => receiptId,
        );
      assert.deepEqual(await list({ type: 'ChatAppInbound' }), [m2, m1]);
      assert.deepEqual(await list({ channelId }), [m2, a, m1]);
      assert.deepEqual(await list({ channelId: 'other' }), []);
      assert.deepEqual(await list({ user: '4915112345678' }), [a, m1]);
      assert.deepEqual(await list({ user: user.phone }), [m2]);
      assert.deepEqual(await list({ outcome: 'rejected' }), [m1]);
      assert.deepEqual(await list({ status: 200, destinationId }), [a]);
      for (const one of [{}, { destinationId }]) {
        assert.deepEqual(await list({ ...one, state: 'dead', user: '4915112345678' }), [m1]);
        assert.deepEqual(await list({ ...one, state: 'dead', status: 502 }), []);
        assert.equal(
          (await store.countDeliveries(accountId, { ...one, state: 'dead', status: 500 }, 9)).count,
          1,
        );
        const page = { limit: 10 };
        const other = { ...one, state: 'dead', type: 'ChatAppStatus' } as const;
        assert.equal((await store.replayDeliveries(accountId, other, page, system)).replayed, 0);
      }
      const given = { state: 'dead', status: 500, user: '4915112345678' } as const;
      assert.equal((await store.replayDeliveries(accountId, given, { limit: 10 }, system)).replayed, 1);
      assert.deepEqual(await list({ state: 'waiting' }), [m2, m1]);
    }),
  );

  test(
    'listDeliveries: what no index knows is looked for in a bounded number of rows a page',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id: destinationId } = await destinationOf(fixture);
      const many = Array.from({ length: 2100 }, (_, n) => inbound(fixture, `m${n}`, { destinationId }));
      const wanted = status(fixture, 'a', 'sent', 1, { destinationId });
      await record(fixture, wanted);
      for (let at = 0; at < many.length; at += 100) await record(fixture, ...many.slice(at, at + 100));
      await store.giveUpDeliveries(
        accountId,
        (await store.listDeliveries(accountId, {}, { limit: 3000 })).items.map(({ id }) => id),
        system,
      );
      for (const filter of [{}, { state: 'dead' }, { state: 'dead', destinationId }] as const) {
        const type = 'ChatAppStatus';
        const first = await store.listDeliveries(accountId, { ...filter, type }, { limit: 10 });
        assert.deepEqual(first.items, []);
        const page = { limit: 10, cursor: need(first.next) };
        const second = await store.listDeliveries(accountId, { ...filter, type }, page);
        assert.deepEqual(
          [second.items.map(({ receiptId }) => receiptId), second.next],
          [[wanted.receiptId], null],
        );
      }
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
      await store.setDestinationState(accountId, id, 'opened', inWords('It fails.'), system);
      assert.deepEqual((await find()).pause, pause, 'it fails, and asked for it all the same');
      await store.setDestinationState(accountId, id, 'active', inWords('By hand.'), system);
      assert.equal((await find()).pause, null);
      await store.setDestinationPause(accountId, id, pause);
      await store.changeDestination(accountId, id, { name: 'CRM' }, system);
      assert.deepEqual((await find()).pause, pause);
      await store.changeDestination(accountId, id, { url: 'https://moved.example/' }, system);
      assert.deepEqual([(await find()).pause, await store.listPauses(0, 10)], [null, []]);
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
}
