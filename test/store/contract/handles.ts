import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultQueueAttributes, formatHandle, parseHandle } from '../../../src/domain/queue.ts';
import type { Queue } from '../../../src/domain/queue.ts';
import { need, queueOf, receive, receiveOne, send, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

/**
 * Receives a message of a queue, of the one beside it and of another account's of the same name, in this order; resolves to the handle
 * of the first, and to what is none: handles of the others, broken ones, and nonsense.
 */
async function receiveGarbage(
  fixture: Fixture,
): Promise<{ queues: readonly [Queue, Queue, Queue]; handle: string; garbage: readonly string[] }> {
  const { store, otherId, clock } = fixture;
  const queue = await queueOf(fixture);
  const neighbour = await queueOf(fixture, {}, 'invoices');
  await store.createQueue(otherId, 'orders', defaultQueueAttributes);
  const theirs = need(await store.findQueue(otherId, 'orders'));
  for (const one of [queue, neighbour, theirs]) await send(fixture, one, 'm1');
  const { handle } = await receiveOne(fixture, queue);
  const fromNeighbour = (await receiveOne(fixture, neighbour)).handle;
  const [theirMessage] = await store.receiveMessages(theirs, 1, clock.now());
  const flipped = handle.slice(0, -1) + (handle.endsWith('0') ? '1' : '0');
  const broken = ['', '-', 'a', flipped, `${handle}-0`, handle.toUpperCase() + 'é', 'x'.repeat(5000)];
  return {
    queues: [queue, neighbour, theirs],
    handle,
    garbage: [...broken, fromNeighbour, need(theirMessage).handle],
  };
}

export function handleContract(open: OpenStore): void {
  test(
    'deleteMessages: a handle deletes its message once',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'm1');
      const { handle } = await receiveOne(fixture, queue);
      assert.deepEqual(await store.deleteMessages(queue, [handle], clock.now()), [null]);
      assert.deepEqual(await store.deleteMessages(queue, [handle], clock.now()), ['stale']);
      clock.advance(60_000);
      assert.deepEqual(await receive(fixture, queue), []);
    }),
  );

  test(
    'changeVisibility: the handle of a message that was deleted is stale',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'm1');
      const { handle } = await receiveOne(fixture, queue);
      await store.deleteMessages(queue, [handle], clock.now());
      assert.equal(await store.changeVisibility(queue, handle, 30, clock.now()), 'stale');
    }),
  );

  test(
    'deleteMessages: every handle of one call is answered by itself, in order',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'm1', 'm2');
      const [first, second] = await receive(fixture, queue);
      const handles = [need(first).handle, 'nonsense', need(first).handle, need(second).handle];
      assert.deepEqual(await store.deleteMessages(queue, handles, clock.now()), [
        null,
        'garbage',
        'stale',
        null,
      ]);
    }),
  );

  test(
    'deleteMessages: a handle is stale from the moment its time is over, also before anyone receives the message again',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      await send(fixture, queue, 'm1');
      const first = await receiveOne(fixture, queue);
      clock.advance(30_000);
      assert.deepEqual(await store.deleteMessages(queue, [first.handle], clock.now()), ['stale']);
      const second = await receiveOne(fixture, queue);
      assert.equal(second.messageId, first.messageId);
      assert.deepEqual(await store.deleteMessages(queue, [first.handle], clock.now()), ['stale']);
      assert.deepEqual(await store.deleteMessages(queue, [second.handle], clock.now()), [null]);
    }),
  );

  const withGarbage = (tryOne: (fixture: Fixture, queue: Queue, text: string) => Promise<void>) =>
    withStore(open, async (fixture) => {
      const { queues, handle, garbage } = await receiveGarbage(fixture);
      const [queue] = queues;
      for (const text of garbage) await tryOne(fixture, queue, text);
      for (const one of queues)
        assert.deepEqual(await fixture.store.countMessages(one), { active: 0, inactive: 1, delayed: 0 });
      assert.deepEqual(await fixture.store.deleteMessages(queue, [handle], fixture.clock.now()), [null]);
    });

  test(
    'deleteMessages: what is no handle of this queue is garbage, and nothing happens',
    withGarbage(async ({ store, clock }, queue, text) =>
      assert.deepEqual(await store.deleteMessages(queue, [text], clock.now()), ['garbage'], text),
    ),
  );

  test(
    'changeVisibility: what is no handle of this queue is garbage, and nothing happens',
    withGarbage(async ({ store, clock }, queue, text) =>
      assert.equal(await store.changeVisibility(queue, text, 30, clock.now()), 'garbage', text),
    ),
  );

  test(
    'unreceiveMessages: what is no handle of this queue takes nothing back',
    withGarbage(({ store }, queue, text) => store.unreceiveMessages(queue, [text])),
  );

  test(
    'changeVisibility: a handle is stale from the moment its time is over',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      await send(fixture, queue, 'm1');
      const { handle } = await receiveOne(fixture, queue);
      clock.advance(30_000);
      assert.equal(await store.changeVisibility(queue, handle, 30, clock.now()), 'stale');
    }),
  );

  test(
    'deleteMessages: a well-made handle of another account that names this queue is garbage',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'm1');
      const { handle } = await receiveOne(fixture, queue);
      const forged = formatHandle(otherId, need(parseHandle(accountId, handle)));
      assert.deepEqual(await store.deleteMessages(queue, [forged], clock.now()), ['garbage']);
    }),
  );

  test(
    'changeVisibility: after a change of visibility the message is held until the new time, by old and new handle alike',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      for (const [useOld, seconds] of [
        [true, 100],
        [false, 100],
        [true, 1],
        [false, 1],
      ] as const) {
        const queue = await queueOf(fixture, { visibilitySeconds: 30 }, `q-${useOld}-${seconds}`);
        await send(fixture, queue, 'm1');
        const { handle } = await receiveOne(fixture, queue);
        const changed = await store.changeVisibility(queue, handle, seconds, clock.now());
        assert.ok(typeof changed === 'object');
        assert.equal(changed.nextVisibleAt, clock.now() + seconds * 1000);
        assert.notEqual(changed.handle, handle);
        clock.advance(seconds * 1000 - 1);
        assert.deepEqual(await receive(fixture, queue), []);
        const used = useOld ? handle : changed.handle;
        assert.deepEqual(await store.deleteMessages(queue, [used], clock.now()), [null]);
        clock.advance(200_000);
        assert.deepEqual(await receive(fixture, queue), []);
      }
    }),
  );

  test(
    'changeVisibility: both handles end with the changed visibility',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      await send(fixture, queue, 'm1');
      const { handle } = await receiveOne(fixture, queue);
      const changed = await store.changeVisibility(queue, handle, 5, clock.now());
      assert.ok(typeof changed === 'object');
      clock.advance(5000);
      assert.deepEqual(await store.deleteMessages(queue, [handle, changed.handle], clock.now()), [
        'stale',
        'stale',
      ]);
      const again = await receiveOne(fixture, queue);
      assert.equal(again.dequeueCount, 2);
      assert.deepEqual(await store.deleteMessages(queue, [handle, changed.handle], clock.now()), [
        'stale',
        'stale',
      ]);
      assert.deepEqual(await store.deleteMessages(queue, [again.handle], clock.now()), [null]);
    }),
  );

  test(
    'changeVisibility: visibility can be changed again and again, by any of the handles',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      await send(fixture, queue, 'm1');
      const { handle } = await receiveOne(fixture, queue);
      const handles = [handle];
      for (const use of [0, 1, 0]) {
        const changed = await store.changeVisibility(queue, need(handles[use]), 60, clock.now());
        assert.ok(typeof changed === 'object');
        handles.push(changed.handle);
        clock.advance(50_000);
        assert.deepEqual(await receive(fixture, queue), []);
      }
      assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 1, delayed: 0 });
      assert.deepEqual(await store.deleteMessages(queue, [need(handles[2])], clock.now()), [null]);
    }),
  );

  test(
    'deleteMessages: a delayed message can be deleted by the handle of its send, until it is ready',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      const messages = ['m1', 'm2'].map((body) => ({ body, priority: 8, delayMs: 5000 }));
      const [first, second] = need(await store.sendMessages(queue, messages, clock.now()));
      assert.deepEqual(await store.deleteMessages(queue, [need(first?.handle)], clock.now()), [null]);
      assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 0, delayed: 1 });
      clock.advance(5000);
      assert.deepEqual(await store.deleteMessages(queue, [need(second?.handle)], clock.now()), ['stale']);
      assert.equal((await receiveOne(fixture, queue)).body, 'm2');
      assert.deepEqual(await store.deleteMessages(queue, [need(second?.handle)], clock.now()), ['stale']);
    }),
  );

  test(
    'deleteMessages: of two deletes with one handle at once one succeeds',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'm1');
      const { handle } = await receiveOne(fixture, queue);
      const results = await Promise.all([1, 2].map(() => store.deleteMessages(queue, [handle], clock.now())));
      assert.deepEqual(
        results.toSorted((a, b) => String(a).localeCompare(String(b))),
        [[null], ['stale']],
      );
    }),
  );
}
