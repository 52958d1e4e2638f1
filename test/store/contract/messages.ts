import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { bodiesOf, minute, need, queueOf, receive, receiveOne, send, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function messageContract(open: OpenStore): void {
  test(
    'sendMessages: a message comes back as it was sent',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 45 });
      const message = {
        body: 'Grüße <&> 🛒\n\u0085\ufffd end',
        priority: 3,
        userProperties: [{ name: 'k', value: 'välue', type: 'STRING' }],
        systemProperties: [{ name: 's', value: '1', type: 'NUMBER' }],
        groupId: 'group-1',
      };
      const [sent] = need(await store.sendMessages(queue, [message], clock.now()));
      const enqueuedAt = clock.now();
      clock.advance(1000);
      const received = await receiveOne(fixture, queue);
      const { handle, ...facts } = received;
      assert.match(handle, /^[A-Za-z0-9-]+$/);
      assert.deepEqual(facts, {
        ...message,
        messageId: sent?.messageId,
        bodyMd5: createHash('md5').update(message.body).digest('hex').toUpperCase(),
        enqueuedAt,
        firstDequeuedAt: clock.now(),
        dequeueCount: 1,
        nextVisibleAt: clock.now() + 45_000,
      });
      assert.match(received.messageId, /^[0-9A-F]{32}$/);
      assert.deepEqual(sent, { messageId: received.messageId, bodyMd5: received.bodyMd5, handle: null });
    }),
  );

  test(
    'receiveMessages: messages of one priority come in the order in which they were sent, higher ones before lower ones',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      for (const [body, priority] of [
        ['c1', 16],
        ['b1', 8],
        ['b2', 8],
        ['a1', 1],
        ['b3', 8],
        ['a2', 1],
      ] as const)
        await store.sendMessages(queue, [{ body, priority }], clock.now());
      assert.deepEqual(bodiesOf(await receive(fixture, queue, 4)), ['a1', 'a2', 'b1', 'b2']);
      assert.deepEqual(bodiesOf(await receive(fixture, queue)), ['b3', 'c1']);
      assert.deepEqual(await receive(fixture, queue), []);
    }),
  );

  test(
    'sendMessages: the messages of one call keep their order even when the clock goes back',
    withStore(open, async (fixture) => {
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'one', 'two');
      fixture.clock.advance(-5000);
      await send(fixture, queue, 'three', 'four');
      assert.deepEqual(bodiesOf(await receive(fixture, queue)), ['one', 'two', 'three', 'four']);
    }),
  );

  test(
    'receiveMessages: receivers at once get different messages',
    withStore(open, async (fixture) => {
      const queue = await queueOf(fixture);
      await send(fixture, queue, ...Array.from({ length: 20 }, (_, i) => `m${i}`));
      const received = await Promise.all(Array.from({ length: 10 }, () => receive(fixture, queue, 3)));
      const ids = received.flat().map(({ messageId }) => messageId);
      assert.equal(ids.length, 20);
      assert.equal(new Set(ids).size, 20);
    }),
  );

  test(
    "sendMessages: a message waits for its queue's delay, or for its own",
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { delaySeconds: 10 });
      await store.sendMessages(
        queue,
        [
          { body: 'by queue', priority: 8 },
          { body: 'own', priority: 8, delayMs: 3000 },
          { body: 'now', priority: 8, delayMs: 0 },
        ],
        clock.now(),
      );
      assert.deepEqual(bodiesOf(await receive(fixture, queue)), ['now']);
      assert.equal(await store.findNextReady(queue), clock.now() + 3000);
      clock.advance(2999);
      assert.deepEqual(await receive(fixture, queue), []);
      clock.advance(1);
      const [own] = await receive(fixture, queue);
      assert.equal(own?.body, 'own');
      assert.equal(own?.enqueuedAt, clock.now() - 3000);
      clock.advance(7000);
      assert.deepEqual(bodiesOf(await receive(fixture, queue)), ['by queue']);
    }),
  );

  test(
    'receiveMessages: a received message is held for the visibility of its queue, then comes again, counted',
    withStore(open, async (fixture) => {
      const { clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      await send(fixture, queue, 'm1');
      const first = await receiveOne(fixture, queue);
      clock.advance(29_999);
      assert.deepEqual(await receive(fixture, queue), []);
      clock.advance(1);
      const second = await receiveOne(fixture, queue);
      assert.equal(second.messageId, first.messageId);
      assert.equal(second.dequeueCount, 2);
      assert.equal(second.firstDequeuedAt, first.firstDequeuedAt);
      assert.notEqual(second.handle, first.handle);
    }),
  );

  test(
    'receiveMessages: a receive goes by the attributes of now, whatever its caller remembers of the queue',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const remembered = await queueOf(fixture, { visibilitySeconds: 30 });
      await store.setQueueAttributes(accountId, 'orders', { visibilitySeconds: 300 });
      await send(fixture, remembered, 'm1');
      assert.equal((await receiveOne(fixture, remembered)).nextVisibleAt, clock.now() + 300_000);
    }),
  );

  test(
    'receiveMessages: a message that has outlived its retention is not handed out, and neither counted after that',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { retentionSeconds: 60 });
      await send(fixture, queue, 'old 1', 'old 2', 'old 3');
      clock.advance(30_000);
      await send(fixture, queue, 'young');
      clock.advance(29_999);
      assert.deepEqual(bodiesOf(await store.peekMessages(queue, 1, clock.now())), ['old 1']);
      clock.advance(1);
      assert.deepEqual(bodiesOf(await store.peekMessages(queue, 1, clock.now())), ['young']);
      assert.deepEqual(bodiesOf(await receive(fixture, queue, 2)), ['young']);
      assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 1, delayed: 0 });
    }),
  );

  test(
    'peekMessages: a peek shows what a receive would give next and holds nothing',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'm1', 'm2');
      const peeked = await store.peekMessages(queue, 1, clock.now());
      assert.deepEqual(await store.peekMessages(queue, 1, clock.now()), peeked);
      assert.equal(peeked[0]?.dequeueCount, 0);
      assert.equal(peeked[0]?.firstDequeuedAt, peeked[0]?.enqueuedAt);
      assert.equal((await receiveOne(fixture, queue)).messageId, peeked[0]?.messageId);
      assert.deepEqual(bodiesOf(await store.peekMessages(queue, 16, clock.now())), ['m2']);
    }),
  );

  test(
    'unreceiveMessages: a receive that is taken back leaves no trace',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'm1', 'm2', 'm3');
      const before = await store.peekMessages(queue, 16, clock.now());
      clock.advance(1000);
      const taken = await receive(fixture, queue, 2);
      await store.unreceiveMessages(
        queue,
        taken.map(({ handle }) => handle),
      );
      assert.deepEqual(await store.peekMessages(queue, 16, clock.now()), before);
      assert.deepEqual(await store.countMessages(queue), { active: 3, inactive: 0, delayed: 0 });
      assert.deepEqual(
        await store.deleteMessages(
          queue,
          taken.map(({ handle }) => handle),
          clock.now(),
        ),
        ['stale', 'stale'],
      );
    }),
  );

  test(
    'unreceiveMessages: taking back a second receive keeps the first',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      await send(fixture, queue, 'm1');
      const first = await receiveOne(fixture, queue);
      clock.advance(30_000);
      const second = await receiveOne(fixture, queue);
      await store.unreceiveMessages(queue, [second.handle]);
      const [seen] = await store.peekMessages(queue, 1, clock.now());
      assert.equal(seen?.dequeueCount, 1);
      assert.equal(seen?.firstDequeuedAt, first.firstDequeuedAt);
    }),
  );

  test(
    'countQueuedMessages: messages in all queues that an account has count, in whatever state, and none of another',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      assert.equal(await store.countQueuedMessages(accountId), 0);
      const make = async (owner: number, name: string) => {
        await store.createQueue(owner, name, defaultQueueAttributes);
        return need(await store.findQueue(owner, name));
      };
      const [one, two, foreign] = [
        await make(accountId, 'one'),
        await make(accountId, 'two'),
        await make(otherId, 'one'),
      ];
      const message = { body: 'x', priority: 8 };
      await store.sendMessages(one, [message, message, { ...message, delayMs: minute }], clock.now());
      await store.sendMessages(two, [message, message], clock.now());
      await store.sendMessages(foreign, [message], clock.now());
      assert.equal(await store.countQueuedMessages(accountId), 5);
      const [held] = await store.receiveMessages(one, 1, clock.now());
      assert.equal(await store.countQueuedMessages(accountId), 5);
      await store.deleteMessages(one, [need(held).handle], clock.now());
      assert.equal(await store.countQueuedMessages(accountId), 4);
      // What is in a queue that is gone is nobody's, though it is swept later.
      await store.deleteQueue(accountId, 'two');
      assert.equal(await store.countQueuedMessages(accountId), 2);
      assert.equal(await store.countQueuedMessages(otherId), 1);
    }),
  );

  test(
    'countMessages: messages are counted by state, as seen now',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 0, delayed: 0 });
      await send(fixture, queue, 'm1', 'm2', 'm3');
      await store.sendMessages(queue, [{ body: 'later', priority: 8, delayMs: 60_000 }], clock.now());
      const [held] = await receive(fixture, queue, 1);
      assert.deepEqual(await store.countMessages(queue), { active: 2, inactive: 1, delayed: 1 });
      clock.advance(30_000);
      assert.deepEqual(await store.countMessages(queue), { active: 3, inactive: 0, delayed: 1 });
      clock.advance(30_000);
      assert.deepEqual(await store.countMessages(queue), { active: 4, inactive: 0, delayed: 0 });
      const again = await receive(fixture, queue);
      assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 4, delayed: 0 });
      await store.deleteMessages(
        queue,
        [need(held).handle, ...again.map(({ handle }) => handle)],
        clock.now(),
      );
      assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 0, delayed: 0 });
    }),
  );

  test(
    'findOldestMessage: the oldest message is the oldest that is ready, of any priority',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      assert.equal(await store.findOldestMessage(queue), undefined);
      const start = clock.now();
      await store.sendMessages(queue, [{ body: 'old', priority: 16 }], start);
      clock.advance(1000);
      await store.sendMessages(queue, [{ body: 'urgent', priority: 1 }], clock.now());
      assert.equal(await store.findOldestMessage(queue), start);
      await receive(fixture, queue);
      assert.equal(await store.findOldestMessage(queue), undefined);
    }),
  );

  test(
    'findOldestMessage: a message whose receiver never came back is ready again, and so may be the oldest',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      const start = clock.now();
      await send(fixture, queue, 'm1');
      await receive(fixture, queue);
      clock.advance(60_000);
      await send(fixture, queue, 'm2');
      assert.equal(await store.findOldestMessage(queue), start);
    }),
  );

  test(
    'findNextReady: the next ready time is that of the first that is delayed or held',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture, { visibilitySeconds: 30 });
      assert.equal(await store.findNextReady(queue), undefined);
      await send(fixture, queue, 'm1');
      assert.equal(await store.findNextReady(queue), undefined);
      const { handle } = await receiveOne(fixture, queue);
      assert.equal(await store.findNextReady(queue), clock.now() + 30_000);
      await store.changeVisibility(queue, handle, 5, clock.now());
      assert.equal(await store.findNextReady(queue), clock.now() + 5000);
      await store.deleteMessages(queue, [handle], clock.now());
      assert.equal(await store.findNextReady(queue), undefined);
    }),
  );
}
