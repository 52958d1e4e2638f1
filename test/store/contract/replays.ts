import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { MessageStatus } from '../../../src/domain/receipt.ts';
import { claim, dead, done, drain, namesOf, settle } from './delivery-fixture.ts';
import { destinationOf, inbound, need, record, status, toId, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function replayContract(open: OpenStore): void {
  test(
    'replayDeliveries: a replay makes what is over due again, with its cause, its try counted from one, its past kept',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      await record(
        fixture,
        inbound(fixture, 'm1', { destinationId: id }),
        inbound(fixture, 'm2', { destinationId: id }),
      );
      await settle(fixture, (await claim(fixture, id)).slice(0, 1), dead);
      const result = await store.replayDeliveries(accountId, { destinationId: id }, { limit: 10 }, system);
      assert.deepEqual(result, { replayed: 1, next: null });
      const [due] = need(await store.findTimeline(accountId, toId('m1'))).deliveries;
      assert.deepEqual([due?.attempts, due?.roundStart, due?.cause], [1, 1, 'replay']);
      const [again] = await claim(fixture, id);
      assert.deepEqual(namesOf([need(again)]), [['m1']]);
      assert.equal(again?.cause, 'replay');
      assert.equal(again?.attempt, 1);
      await settle(fixture, [need(again)], done);
      const [delivery] = need(await store.findTimeline(accountId, toId('m1'))).deliveries;
      assert.equal(delivery?.state, 'done');
      assert.equal(delivery?.tries.length, 2);
      assert.deepEqual([delivery?.attempts, delivery?.roundStart, delivery?.cause], [2, 1, null]);
    }),
  );

  test(
    "replayDeliveries: another account's deliveries are not replayed",
    withStore(open, async (fixture) => {
      const { store, otherId } = fixture;
      const { id } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      const batches = await claim(fixture, id);
      await settle(fixture, batches, dead);
      const deliveryIds = [need(batches[0]?.members[0]).deliveryId];
      for (const filter of [{ deliveryIds }, { destinationId: id }]) {
        const result = await store.replayDeliveries(otherId, filter, { limit: 10 }, system);
        assert.deepEqual(result, { replayed: 0, next: null });
      }
      assert.deepEqual(await claim(fixture, id), []);
    }),
  );

  test(
    'replayDeliveries: a replayed receipt goes behind what still waits in its lane',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      await record(fixture, status(fixture, 'a', 'sent', 1, target));
      await settle(fixture, await claim(fixture, id), dead);
      await record(fixture, status(fixture, 'a', 'delivered', 3, target));
      await store.replayDeliveries(accountId, { state: 'dead' }, { limit: 10 }, system);
      assert.equal((await store.countDeliveries(accountId, { state: 'blocked' }, 10)).count, 1);
      assert.deepEqual(await drain(fixture, id), ['a delivered', 'a sent']);
    }),
  );

  for (const limit of [100, 2]) {
    test(
      `replayDeliveries: receipts of one lane are replayed in their old order, ${limit} a call`,
      withStore(open, async (fixture) => {
        const { store, accountId } = fixture;
        const { id } = await destinationOf(fixture);
        const steps: [MessageStatus, number][] = [
          ['sent', 1],
          ['delivered', 3],
          ['read', 4],
        ];
        for (const [value, rank] of steps) {
          await record(
            fixture,
            ...['a', 'b'].map((name) => status(fixture, name, value, rank, { destinationId: id })),
          );
          await settle(fixture, await claim(fixture, id), dead);
          fixture.clock.advance(1);
        }
        let replayed = 0;
        let cursor: string | undefined;
        do {
          const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
          const result = await store.replayDeliveries(accountId, { state: 'dead' }, page, system);
          replayed += result.replayed;
          cursor = result.next ?? undefined;
        } while (cursor !== undefined);
        assert.equal(replayed, 6);
        const pushed = await drain(fixture, id);
        for (const name of ['a', 'b'])
          assert.deepEqual(
            pushed.filter((text) => text.startsWith(name)),
            [`${name} sent`, `${name} delivered`, `${name} read`],
          );
      }),
    );
  }

  test(
    'replayDeliveries: what few deliveries match is counted and replayed a bounded number of rows at a time',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const many = await destinationOf(fixture, 'https://many.example/');
      for (let from = 0; from < 2500; from += 500)
        await record(
          fixture,
          ...Array.from({ length: 500 }, (_, n) =>
            inbound(fixture, `other ${from + n}`, { destinationId: many.id }),
          ),
        );
      const few = await destinationOf(fixture, 'https://few.example/');
      await record(fixture, inbound(fixture, 'm1', { destinationId: few.id }));
      await settle(fixture, await claim(fixture, few.id), done);
      const filter = { state: 'done', destinationId: few.id } as const;
      assert.deepEqual(await store.countDeliveries(accountId, filter, 100), { count: 1, isMore: true });
      assert.deepEqual(await store.countDeliveries(accountId, filter, 5000), { count: 1, isMore: false });
      const first = await store.replayDeliveries(accountId, filter, { limit: 10 }, system);
      assert.equal(first.replayed, 0);
      const page = { limit: 10, cursor: need(first.next) };
      const second = await store.replayDeliveries(accountId, filter, page, system);
      assert.deepEqual(second, { replayed: 1, next: null });
    }),
  );

  test(
    'listDeliveries: of what waits, what is rare is listed a bounded number of rows a page, however many are over',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const few = await destinationOf(fixture, 'https://few.example/');
      const many = await destinationOf(fixture, 'https://many.example/');
      const over = await destinationOf(fixture, 'https://over.example/');
      await record(fixture, inbound(fixture, 'm1', { destinationId: few.id }));
      const add = async (count: number, destinationId: number): Promise<void> => {
        for (let from = 0; from < count; from += 500) {
          const events = Array.from({ length: 500 }, (_, n) =>
            inbound(fixture, `${destinationId} ${from + n}`, { destinationId }),
          );
          await record(fixture, ...events);
        }
      };
      await add(2500, over.id);
      await settle(fixture, await claim(fixture, over.id, { limit: 2500 }), done);
      const list = (filter: object, cursor?: string) =>
        store.listDeliveries(accountId, filter, { limit: 10, ...(cursor !== undefined && { cursor }) });
      const waiting = { state: 'waiting' } as const;
      const first = await list(waiting);
      assert.deepEqual([first.items.length, first.next], [1, null]);
      await add(2500, many.id);
      const ofFew = { ...waiting, destinationId: few.id };
      const none = await list(ofFew);
      assert.deepEqual(none.items, []);
      const found = await list(ofFew, need(none.next));
      assert.deepEqual([found.items.length, found.next], [1, null]);
      assert.deepEqual(await store.countDeliveries(accountId, ofFew, 100), { count: 0, isMore: true });
      assert.deepEqual(await store.countDeliveries(accountId, ofFew, 5000), { count: 1, isMore: false });
      assert.equal((await list({ state: 'blocked' })).items.length, 0);
    }),
  );

  test(
    'replayDeliveries: a replay ends although what it replays is over again before its next call',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      for (let i = 0; i < 5; i += 1) await record(fixture, inbound(fixture, `m${i}`, { destinationId: id }));
      await settle(fixture, await claim(fixture, id), dead);
      let replayed = 0;
      let calls = 0;
      let cursor: string | undefined;
      do {
        const page = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
        const result = await store.replayDeliveries(accountId, { state: 'dead' }, page, system);
        await settle(fixture, await claim(fixture, id), dead);
        replayed += result.replayed;
        calls += 1;
        cursor = result.next ?? undefined;
      } while (cursor !== undefined && calls < 10);
      assert.equal(replayed, 5);
    }),
  );

  test(
    'replayDeliveries: a replay by time takes just that time',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const { id } = await destinationOf(fixture);
      const start = clock.now();
      for (const name of ['m1', 'm2', 'm3']) {
        await record(fixture, inbound(fixture, name, { destinationId: id }));
        await settle(fixture, await claim(fixture, id), dead);
        clock.advance(1000);
      }
      const filter = { state: 'dead', since: start + 1000, until: start + 2000 } as const;
      assert.equal((await store.replayDeliveries(accountId, filter, { limit: 10 }, system)).replayed, 1);
      assert.deepEqual(await drain(fixture, id), ['m2']);
    }),
  );

  test(
    'replayDeliveries: a replay is recorded as a change, one that found nothing is not',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      await settle(fixture, await claim(fixture, id), dead);
      const actor = { kind: 'key', id: 'first-key' } as const;
      const count = async (): Promise<number> =>
        (await store.listChanges(accountId, { limit: 100 })).items.filter(
          ({ action }) => action === 'delivery.replayed',
        ).length;
      await store.replayDeliveries(accountId, { destinationId: id, state: 'dead' }, { limit: 10 }, actor);
      assert.equal(await count(), 1);
      await store.replayDeliveries(accountId, { destinationId: id, state: 'dead' }, { limit: 10 }, actor);
      assert.equal(await count(), 1);
    }),
  );
}
