import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receiptQueueAttributes } from '../../../src/domain/queue.ts';
import type { MessageStatus } from '../../../src/domain/receipt.ts';
import {
  aim,
  queueName,
  destinationOf,
  inbound,
  intake,
  need,
  receiveOne,
  record,
  status,
  toId,
  toStatusId,
  withStore,
} from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function intakeContract(open: OpenStore): void {
  test(
    'recordIntake: a receipt comes back as it was recorded',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId, senderId, clock } = fixture;
      assert.deepEqual(await record(fixture, inbound(fixture, 'm1')), ['fresh']);
      const { items } = await store.listReceipts(accountId, {}, { limit: 10 });
      assert.equal(items.length, 1);
      const { id, ...receipt } = need(items[0]);
      assert.ok(Number.isSafeInteger(id));
      assert.deepEqual(receipt, {
        accountId,
        receiptId: toId('m1'),
        channelId,
        channelType: 'whatsapp',
        senderId,
        senderType: 'whatsapp',
        facts: { type: 'ChatAppInbound', messageId: 'm1', kind: 'text', user: { id: '4915112345678' } },
        content: { text: 'text of m1' },
        occurredAt: 1_700_000_000_000,
        recordedAt: clock.now(),
        superseded: false,
        unmatched: false,
      });
      assert.deepEqual((await store.listReceipts(otherId, {}, { limit: 10 })).items, []);
      assert.equal(await store.findTimeline(otherId, toId('m1')), undefined);
    }),
  );

  test(
    'recordIntake: the raw event is kept byte for byte, with its remarks, whatever its size',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock, channelId } = fixture;
      const remarks = [{ reason: 'unknown_field', detail: 'flows', index: 3, mayBeMessage: false }] as const;
      for (const body of [
        Buffer.alloc(0),
        Buffer.from([0, 255, 1, 254]),
        Buffer.alloc(300_000, 'chasqui '),
      ]) {
        const [recorded] = await store.recordIntake([intake(fixture, [], { body, remarks })]);
        const { rawEventId } = need(recorded);
        const raw = need(await store.findRawEvent(accountId, rawEventId));
        assert.deepEqual(Buffer.from(raw.body), body);
        assert.deepEqual(
          { ...raw, body: null },
          {
            accountId,
            id: rawEventId,
            channelId,
            receivedAt: clock.now(),
            body: null,
          },
        );
        assert.equal(await store.findRawEvent(otherId, rawEventId), undefined);
      }
    }),
  );

  for (const [name, run] of [
    [
      'in one POST',
      async (fixture) => record(fixture, ...Array.from({ length: 5 }, () => inbound(fixture, 'm1'))),
    ],
    [
      'in several POSTs of one call',
      async (fixture) => {
        const call = Array.from({ length: 5 }, () => intake(fixture, [inbound(fixture, 'm1')]));
        return (await fixture.store.recordIntake(call)).flatMap(({ receipts }) => receipts);
      },
    ],
    [
      'in calls one after the other',
      async (fixture) => {
        const results = [];
        for (let i = 0; i < 5; i += 1) results.push(...(await record(fixture, inbound(fixture, 'm1'))));
        return results;
      },
    ],
    [
      'in calls at once',
      async (fixture) =>
        (await Promise.all(Array.from({ length: 5 }, () => record(fixture, inbound(fixture, 'm1'))))).flat(),
    ],
  ] satisfies [string, (fixture: Parameters<typeof record>[0]) => Promise<readonly string[]>][]) {
    test(
      `recordIntake: an event that comes five times ${name} is one receipt, delivered and queued once`,
      withStore(open, async (fixture) => {
        const { store, accountId } = fixture;
        const destination = await destinationOf(fixture);
        const target = { destinationId: destination.id, queue: { name: queueName, body: 'm1' } };
        // Every repeat carries its targets too, as the intake gives them.
        const targeted = { ...fixture, store: { ...store, recordIntake: aim(fixture, target) } };
        const results = await run(targeted);
        assert.deepEqual(results.toSorted(), ['fresh', 'repeat', 'repeat', 'repeat', 'repeat']);
        assert.equal((await store.listReceipts(accountId, {}, { limit: 10 })).items.length, 1);
        assert.equal((await store.listDeliveries(accountId, {}, { limit: 10 })).items.length, 1);
        const queue = need(await store.findQueue(accountId, queueName));
        assert.equal((await store.countMessages(queue)).active, 1);
      }),
    );
  }

  test(
    'recordIntake: the same event of two accounts is a receipt of each',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId } = fixture;
      const receipts = [inbound(fixture, 'm1', { content: { text: 'mine' } })];
      const theirs = [inbound(fixture, 'm1', { content: { text: 'theirs' } })];
      const recorded = await store.recordIntake([
        intake(fixture, receipts),
        intake(fixture, theirs, { accountId: otherId, channelId: `sandbox-${otherId}` }),
      ]);
      assert.deepEqual(
        recorded.map(({ receipts: results }) => results),
        [['fresh'], ['fresh']],
      );
      assert.equal((await store.findTimeline(accountId, toId('m1')))?.receipt.content?.text, 'mine');
      assert.equal((await store.findTimeline(otherId, toId('m1')))?.receipt.content?.text, 'theirs');
    }),
  );

  test(
    'recordIntake: nothing of a call that fails stays, and other calls at the same time are not harmed',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const queue = { name: queueName, body: 'm1' };
      const [failed, good] = await Promise.allSettled([
        store.recordIntake([
          intake(fixture, [inbound(fixture, 'm1', { queue })], {
            unrouted: [{ route: { by: 'sender', id: '9' }, index: 0 }],
          }),
          intake(fixture, [inbound(fixture, 'm2', { destinationId: 424_242 })]),
        ]),
        record(fixture, inbound(fixture, 'm3')),
      ]);
      assert.equal(failed.status, 'rejected');
      assert.deepEqual(good, { status: 'fulfilled', value: ['fresh'] });
      const { items } = await store.listReceipts(accountId, {}, { limit: 10 });
      assert.deepEqual(
        items.map(({ receiptId }) => receiptId),
        [toId('m3')],
      );
      assert.equal(await store.findQueue(accountId, queueName), undefined);
      assert.deepEqual((await store.listUnrouted(accountId, { limit: 10 })).items, []);
      // What failed can come again and is then no repeat.
      assert.deepEqual(await record(fixture, inbound(fixture, 'm1')), ['fresh']);
    }),
  );

  test(
    'recordIntake: a receipt goes to its destination and to its queue in the same transaction',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const destination = await destinationOf(fixture);
      await record(
        fixture,
        inbound(fixture, 'm1', {
          destinationId: destination.id,
          queue: { name: queueName, body: 'Qk9EWQ==' },
        }),
      );
      const timeline = need(await store.findTimeline(accountId, toId('m1')));
      const [delivery, ...others] = timeline.deliveries;
      assert.equal(others.length, 0);
      const { id: deliveryId, ...facts } = need(delivery);
      assert.deepEqual(facts, {
        accountId,
        destinationId: destination.id,
        receiptId: toId('m1'),
        state: 'waiting',
        dueAt: clock.now(),
        unwantedSince: null,
        attempts: 0,
        createdAt: clock.now(),
        url: destination.url,
        tries: [],
        roundStart: 0,
        cause: null,
      });
      assert.ok(Number.isSafeInteger(deliveryId));
      const queue = need(await store.findQueue(accountId, queueName));
      const [message] = await store.peekMessages(queue, 1, clock.now());
      assert.equal(message?.body, 'Qk9EWQ==');
      assert.equal(message?.priority, 8);
      assert.deepEqual(timeline.queue, {
        queueName,
        messageId: message?.messageId,
        state: 'queued',
        dequeueCount: 0,
        endedAt: null,
      });
    }),
  );

  test(
    'recordIntake: the queue of a receipt is made when it is missing, and made again when it was deleted',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      await record(fixture, inbound(fixture, 'm1', { queue: { name: queueName, body: 'one' } }));
      const first = need(await store.findQueue(accountId, queueName));
      assert.deepEqual(first.attributes, receiptQueueAttributes);
      await store.deleteQueue(accountId, queueName);
      await record(
        fixture,
        inbound(fixture, 'm2', { queue: { name: queueName, body: 'two' } }),
        inbound(fixture, 'm3', { queue: { name: queueName, body: 'three' } }),
      );
      const again = need(await store.findQueue(accountId, queueName));
      assert.notEqual(again.id, first.id);
      assert.equal((await receiveOne(fixture, again)).body, 'two');
      assert.equal((await receiveOne(fixture, again)).body, 'three');
    }),
  );

  test(
    'recordIntake: a status is superseded when a higher one of its message was there before',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      for (const [value, rank] of [
        ['read', 4],
        ['delivered', 3],
        ['sent', 1],
      ] as const)
        assert.deepEqual(await record(fixture, status(fixture, 'mt1', value, rank)), ['fresh']);
      await record(fixture, status(fixture, 'mt2', 'sent', 1));
      const marks: Record<string, boolean> = {};
      for (const { facts, superseded } of (await store.listReceipts(accountId, {}, { limit: 10 })).items)
        if (facts.type === 'ChatAppStatus') marks[`${facts.messageId} ${facts.status}`] = superseded;
      assert.deepEqual(marks, {
        'mt1 read': false,
        'mt1 delivered': true,
        'mt1 sent': true,
        'mt2 sent': false,
      });
    }),
  );

  test(
    'recordIntake: a message that went to many keeps the progress of each',
    withStore(open, async (fixture) => {
      const members = Array.from({ length: 12 }, (_, n) => `0000000${n.toString(16)}`);
      const of = (party: string, value: 'read' | 'sent', rank: number) => {
        const receipt = status(fixture, 'mt1', value, rank);
        const receiptId = receipt.receiptId.slice(0, 12) + party + receipt.receiptId.slice(20);
        return { ...receipt, receiptId, progress: { key: receiptId.slice(0, 20), rank, dropLate: true } };
      };
      for (const party of members.slice(0, 11)) await record(fixture, of(party, 'read', 4));
      const outcomes = await record(fixture, ...members.map((party) => of(party, 'sent', 1)));
      assert.deepEqual(outcomes, [...members.slice(0, 11).map(() => 'dropped'), 'fresh']);
    }),
  );

  test(
    'recordIntake: a failure stands below a delivery, and a status of rank 0 takes no part',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const isSuperseded = async (messageId: string, value: MessageStatus): Promise<boolean | undefined> =>
        (await store.findTimeline(accountId, toStatusId(messageId, value)))?.receipt.superseded;
      await record(fixture, status(fixture, 'a', 'delivered', 3), status(fixture, 'a', 'failed', 2));
      await record(fixture, status(fixture, 'b', 'failed', 2), status(fixture, 'b', 'delivered', 3));
      await record(fixture, status(fixture, 'c', 'read', 4), status(fixture, 'c', 'deleted', 0));
      await record(fixture, status(fixture, 'd', 'deleted', 0), status(fixture, 'd', 'sent', 1));
      assert.equal(await isSuperseded('a', 'failed'), true);
      assert.equal(await isSuperseded('b', 'failed'), false);
      assert.equal(await isSuperseded('b', 'delivered'), false);
      assert.equal(await isSuperseded('c', 'deleted'), false);
      assert.equal(await isSuperseded('d', 'sent'), false);
    }),
  );

  test(
    'recordIntake: a late status that is to be dropped is recorded but goes nowhere',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const destination = await destinationOf(fixture);
      const target = {
        destinationId: destination.id,
        queue: { name: queueName, body: 'late' },
        dropLate: true,
      };
      await record(fixture, status(fixture, 'mt1', 'read', 4));
      assert.deepEqual(await record(fixture, status(fixture, 'mt1', 'sent', 1, target)), ['dropped']);
      const timeline = need(await store.findTimeline(accountId, toStatusId('mt1', 'sent')));
      assert.equal(timeline.receipt.superseded, true);
      assert.deepEqual(timeline.deliveries, []);
      assert.equal(timeline.queue, null);
      assert.equal(await store.findQueue(accountId, queueName), undefined);
      assert.deepEqual(await record(fixture, status(fixture, 'mt1', 'sent', 1, target)), ['repeat']);
    }),
  );

  test(
    'recordIntake: a status of a message from elsewhere is unmatched',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      await record(fixture, status(fixture, 'mt1', 'sent', 1), inbound(fixture, 'm1'));
      assert.equal((await store.findTimeline(accountId, toStatusId('mt1', 'sent')))?.receipt.unmatched, true);
      assert.equal((await store.findTimeline(accountId, toId('m1')))?.receipt.unmatched, false);
    }),
  );
}
