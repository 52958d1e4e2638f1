import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, namesOf, settle } from './delivery-fixture.ts';
import { destinationOf, inbound, need, queueOf, receive, record, send, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';
import { claimOutbound, ids, outbound, settleOutbound } from './outbound-fixture.ts';

const hour = 3_600_000;

export function clockContract(open: OpenStore): void {
  test(
    'receiveMessages, claimDeliveries: a clock that is set back and forward by an hour loses nothing, and hands out nothing again that was done with',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      const { id } = await destinationOf(fixture);
      const deleted: string[] = [];
      const delivered: string[] = [];
      const take = async (limit: number, keep: number): Promise<number> => {
        const received = await receive(fixture, queue, limit);
        const gone = received.slice(keep);
        const faults = await store.deleteMessages(
          queue,
          gone.map(({ handle }) => handle),
          clock.now(),
        );
        assert.deepEqual(new Set(faults), new Set(gone.length === 0 ? [] : [null]));
        deleted.push(...gone.map(({ body }) => body));
        const claimed = await claim(fixture, id, { limit });
        const settled = claimed.slice(keep);
        await settle(fixture, settled, { kind: 'done' });
        delivered.push(...namesOf(settled).flat());
        return received.length + claimed.length;
      };
      const names = [0, -hour, 2 * hour, -hour].flatMap((move, step) =>
        Array.from({ length: 4 }, (_, n) => ({ move: n === 0 ? move : 0, name: `${step}.${n}` })),
      );
      for (const { move, name } of names) {
        clock.advance(move);
        await send(fixture, queue, name);
        await record(fixture, inbound(fixture, name, { destinationId: id }));
        // One of two is held, and its lease or visibility runs across the next change.
        await take(2, 1);
      }
      clock.advance(2 * hour);
      while ((await take(16, 0)) > 0);
      const all = names.map(({ name }) => name);
      assert.deepEqual(deleted.toSorted(), all);
      assert.deepEqual(delivered.toSorted(), all);
      assert.equal(await store.findOldestMessage(queue), undefined);
    }),
  );

  test(
    'bringForward: what a clock of 2040 made due is due at once when time is right, and what is planned stays planned',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      const { id } = await destinationOf(fixture);
      const wrongMs = Date.UTC(2040) - clock.now();
      const planned = await queueOf(fixture, { delaySeconds: 6 * 24 * 3600 }, 'planned');
      await send(fixture, planned, 'later');
      clock.advance(wrongMs);
      await record(fixture, inbound(fixture, 'pushed', { destinationId: id }));
      await send(fixture, queue, 'held');
      await receive(fixture, queue);
      await store.addOutbound(fixture.accountId, [outbound(fixture, 'sent')]);
      const [tried] = ids(await claimOutbound(fixture));
      await settleOutbound(fixture, need(tried), { kind: 'retry', dueAt: clock.now() }, 'transient');
      clock.advance(-wrongMs);
      assert.deepEqual(await claim(fixture, id), []);
      assert.deepEqual(await receive(fixture, queue), []);
      assert.deepEqual(await claimOutbound(fixture), []);
      const signals = new Set<string>();
      const unwatch = store.watch(({ kind }) => signals.add(kind));
      assert.equal(await store.bringForward(clock.now()), 3);
      assert.equal(await store.bringForward(clock.now()), 0);
      unwatch();
      for (const kind of ['deliveries', 'queue', 'outbound']) assert.ok(signals.has(kind), kind);
      assert.deepEqual(namesOf(await claim(fixture, id)), [['pushed']]);
      assert.deepEqual(
        (await receive(fixture, queue)).map(({ body }) => body),
        ['held'],
      );
      assert.deepEqual(
        (await claimOutbound(fixture)).map(({ message }) => message.to),
        ['sent'],
      );
      assert.deepEqual(await receive(fixture, planned), []);
    }),
  );
}
