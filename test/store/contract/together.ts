import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReceivedMessage } from '../../../src/domain/queue.ts';
import { inbound, intake, need, queueOf, send, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

const bodiesOf = (messages: readonly { readonly body: string }[]): string[] =>
  messages.map(({ body }) => body);

/** Calls that come in at one time: a store may serve them together, but each gets what is its own. */
export function togetherContract(open: OpenStore): void {
  test(
    'sendMessages: sends to several queues at once are each told their own ids, in order',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const one = await queueOf(fixture, {}, 'one');
      const two = await queueOf(fixture, { delaySeconds: 60 }, 'two');
      const sent = await Promise.all(
        [one, two, one, two, one].map((queue, call) =>
          store.sendMessages(
            queue,
            [`${call}a`, `${call}b`].map((body) => ({ body, priority: 8 })),
            clock.now(),
          ),
        ),
      );
      assert.deepEqual(
        sent.map((call) => need(call).map(({ handle }) => handle !== null)),
        [one, two, one, two, one].map((queue) => [queue === two, queue === two]),
      );
      const received = await store.receiveMessages(one, 16, clock.now());
      assert.deepEqual(
        received.map(({ messageId, body }) => [messageId, body]),
        [0, 2, 4].flatMap((call) =>
          ['a', 'b'].map((name, n) => [need(need(sent[call])[n]).messageId, `${call}${name}`]),
        ),
      );
    }),
  );

  test(
    'receiveMessages: receives at once share what there is: nobody gets more than was asked for, nothing is given twice',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const one = await queueOf(fixture, {}, 'one');
      const two = await queueOf(fixture, {}, 'two');
      await send(fixture, one, 'a', 'b', 'c', 'd', 'e');
      await send(fixture, two, 'x');
      const limits = [1, 3, 16, 1];
      const received = await Promise.all([
        ...limits.map((limit) => store.receiveMessages(one, limit, clock.now())),
        store.receiveMessages(two, 16, clock.now()),
      ]);
      received.slice(0, 4).forEach((own, n) => assert.ok(own.length <= need(limits[n])));
      assert.deepEqual(bodiesOf(received.slice(0, 4).flat()).toSorted(), ['a', 'b', 'c', 'd', 'e']);
      assert.deepEqual(bodiesOf(need(received[4])), ['x']);
    }),
  );

  test(
    'deleteMessages: deletes at once are each answered for their own handles, also when two name one message',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const queue = await queueOf(fixture);
      await send(fixture, queue, 'a', 'b', 'c');
      const early = await store.receiveMessages(queue, 1, clock.now());
      clock.advance(5);
      const late = await store.receiveMessages(queue, 16, clock.now());
      const [a, b, c] = [...early, ...late].map(({ handle }: ReceivedMessage) => handle);
      const faults = await Promise.all([
        store.deleteMessages(queue, [need(b), 'nonsense'], clock.now()),
        store.deleteMessages(queue, [need(a), need(b)], clock.now()),
        store.deleteMessages(queue, [need(c)], clock.now()),
      ]);
      assert.deepEqual(faults, [[null, 'garbage'], [null, 'stale'], [null]]);
      assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 0, delayed: 0 });
    }),
  );

  test(
    'recordIntake: one receipt that several calls record at once is fresh in one of them',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const calls = ['a', 'b', 'a', 'a'].map((name) =>
        store.recordIntake([intake(fixture, [inbound(fixture, name), inbound(fixture, `only ${name}`)])]),
      );
      const outcomes = (await Promise.all(calls)).map(([recorded]) => need(recorded).receipts.join());
      assert.deepEqual(outcomes.toSorted(), ['fresh,fresh', 'fresh,fresh', 'repeat,repeat', 'repeat,repeat']);
      const { items } = await store.listReceipts(accountId, {}, { limit: 10 });
      assert.equal(items.length, 4);
      const raw = await Promise.all(
        (await Promise.all(calls)).map(([recorded]) =>
          store.findRawEvent(accountId, need(recorded).rawEventId),
        ),
      );
      assert.ok(
        raw.every((event) => event !== undefined),
        'the bytes of a repeat are kept too',
      );
    }),
  );
}
