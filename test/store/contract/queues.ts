import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { need, queueOf, receive, receiveOne, send, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

export function queueContract(open: OpenStore): void {
  test(
    'sampleQueues: a sample of the queues of all accounts is bounded, and the same each time',
    withStore(open, async ({ store, accountId, otherId }) => {
      for (const owner of [otherId, accountId])
        for (const name of ['b', 'a', 'c']) await store.createQueue(owner, name, defaultQueueAttributes);
      const sample = (await store.sampleQueues(4)).map((queue) => [queue.accountId, queue.name]);
      assert.deepEqual(sample, [
        [accountId, 'a'],
        [accountId, 'b'],
        [accountId, 'c'],
        [otherId, 'a'],
      ]);
    }),
  );

  test(
    'createQueue: a queue is made once: again with equal attributes it is the same, with others it stays as it is',
    withStore(open, async ({ store, accountId, clock }) => {
      assert.equal(await store.createQueue(accountId, 'q', defaultQueueAttributes), 'created');
      const made = need(await store.findQueue(accountId, 'q'));
      assert.deepEqual(made, {
        accountId,
        id: made.id,
        name: 'q',
        attributes: defaultQueueAttributes,
        createdAt: clock.now(),
        modifiedAt: clock.now(),
      });
      assert.equal(await store.createQueue(accountId, 'q', { ...defaultQueueAttributes }), 'same');
      const others = { ...defaultQueueAttributes, delaySeconds: 1 };
      assert.equal(await store.createQueue(accountId, 'q', others), 'different');
      assert.deepEqual(await store.findQueue(accountId, 'q'), made);
    }),
  );

  test(
    'createQueue: queues of one name made at once are one queue',
    withStore(open, async ({ store, accountId }) => {
      const made = await Promise.all(
        [1, 2, 3].map(() => store.createQueue(accountId, 'q', defaultQueueAttributes)),
      );
      assert.deepEqual(made.toSorted(), ['created', 'same', 'same']);
    }),
  );

  test(
    "createQueue: another account's queue of the same name is another queue",
    withStore(open, async (fixture) => {
      const { store, otherId } = fixture;
      const mine = await queueOf(fixture);
      assert.equal(await store.findQueue(otherId, 'orders'), undefined);
      assert.equal(await store.createQueue(otherId, 'orders', defaultQueueAttributes), 'created');
      const theirs = need(await store.findQueue(otherId, 'orders'));
      assert.notEqual(theirs.id, mine.id);
    }),
  );

  test(
    "setQueueAttributes: another account's queue is as good as none",
    withStore(open, async (fixture) => {
      const { store, accountId, otherId } = fixture;
      const mine = await queueOf(fixture);
      assert.equal(await store.setQueueAttributes(otherId, 'orders', { delaySeconds: 9 }), false);
      assert.deepEqual(await store.findQueue(accountId, 'orders'), mine);
    }),
  );

  test(
    "deleteQueue: another account's queue stays",
    withStore(open, async (fixture) => {
      const { store, accountId, otherId } = fixture;
      const mine = await queueOf(fixture);
      assert.equal(await store.deleteQueue(otherId, 'orders'), false);
      assert.deepEqual(await store.findQueue(accountId, 'orders'), mine);
    }),
  );

  test(
    "receiveMessages: a queue has nothing of another account's of the same name",
    withStore(open, async (fixture) => {
      const { store, otherId, clock } = fixture;
      await send(fixture, await queueOf(fixture), 'mine');
      await store.createQueue(otherId, 'orders', defaultQueueAttributes);
      const theirs = need(await store.findQueue(otherId, 'orders'));
      assert.deepEqual(await store.receiveMessages(theirs, 16, clock.now()), []);
    }),
  );

  test(
    'setQueueAttributes: a change of attributes changes what is named and the time of change',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const before = await queueOf(fixture);
      clock.advance(1000);
      assert.equal(await store.setQueueAttributes(accountId, 'orders', { visibilitySeconds: 99 }), true);
      assert.equal(await store.setQueueAttributes(accountId, 'none', {}), false);
      assert.deepEqual(await store.findQueue(accountId, 'orders'), {
        ...before,
        attributes: { ...before.attributes, visibilitySeconds: 99 },
        modifiedAt: clock.now(),
      });
    }),
  );

  test(
    'listQueues: queues are listed by name in code unit order, by prefix and from a marker on',
    withStore(open, async ({ store, accountId, otherId }) => {
      for (const name of ['b1', 'a2', 'B1', 'a1', 'a-1', 'a10'])
        await store.createQueue(accountId, name, defaultQueueAttributes);
      await store.createQueue(otherId, 'a0', defaultQueueAttributes);
      const list = async (prefix: string, after: string, limit: number): Promise<string[]> =>
        (await store.listQueues(accountId, prefix, after, limit)).map(({ name }) => name);
      assert.deepEqual(await list('', '', 10), ['B1', 'a-1', 'a1', 'a10', 'a2', 'b1']);
      assert.deepEqual(await list('a', '', 2), ['a-1', 'a1']);
      assert.deepEqual(await list('a', 'a1', 10), ['a10', 'a2']);
      assert.deepEqual(await list('a', 'a2', 10), []);
      assert.deepEqual(await list('c', '', 10), []);
      assert.deepEqual(await list('a', 'A', 10), ['a-1', 'a1', 'a10', 'a2']);
    }),
  );

  test(
    'deleteQueue: a deleted queue is gone with all that was in it, also for those who still hold it',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'm1', 'm2');
      await receiveOne(fixture, queue);
      assert.equal(await store.deleteQueue(accountId, 'orders'), true);
      assert.equal(await store.deleteQueue(accountId, 'orders'), false);
      assert.equal(await store.findQueue(accountId, 'orders'), undefined);
      assert.deepEqual(await receive(fixture, queue), []);
      assert.deepEqual(await store.peekMessages(queue, 16, clock.now()), []);
    }),
  );

  test(
    'sendMessages: whoever still holds a queue that was deleted sends nothing to it',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const queue = await queueOf(fixture);
      await store.deleteQueue(accountId, 'orders');
      assert.equal(await store.sendMessages(queue, [{ body: 'x', priority: 8 }], clock.now()), undefined);
    }),
  );

  test(
    'createQueue: a queue made again under its name is another and empty one, and old handles mean nothing in it',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const first = await queueOf(fixture);
      await send(fixture, first, 'm1', 'm2');
      const { handle } = await receiveOne(fixture, first);
      await store.deleteQueue(accountId, 'orders');
      const second = await queueOf(fixture);
      assert.notEqual(second.id, first.id);
      assert.deepEqual(await receive(fixture, second), []);
      assert.deepEqual(await store.countMessages(second), { active: 0, inactive: 0, delayed: 0 });
      assert.deepEqual(await store.deleteMessages(second, [handle], clock.now()), ['garbage']);
      assert.equal(await store.findNextReady(second), undefined);
      assert.equal(await store.findNextReady(first), 'gone');
    }),
  );

  test(
    'deleteQueue: of a send to a queue and its deletion at once either both messages are sent or none',
    withStore(open, async (fixture: Fixture) => {
      const { store, accountId, clock } = fixture;
      const queue = await queueOf(fixture);
      const messages = [
        { body: 'a', priority: 8 },
        { body: 'b', priority: 8 },
      ];
      const [sent, deleted, late] = await Promise.all([
        store.sendMessages(queue, messages, clock.now()),
        store.deleteQueue(accountId, 'orders'),
        store.sendMessages(queue, messages, clock.now()),
      ]);
      assert.equal(deleted, true);
      assert.ok(sent === undefined || sent.length === 2);
      assert.equal(late, undefined);
    }),
  );
}
