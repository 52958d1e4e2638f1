import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { receiptQueueAttributes } from '../../../src/domain/queue.ts';
import type { MessageStatus, Receipt, Route, WaitingRoute } from '../../../src/domain/receipt.ts';
import type { Page, PageRequest, RouteToReread } from '../../../src/store/store.ts';
import {
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

const queueName = 'Alicom-Queue-1000000000000001-ChatAppInbound';

export function receiptContract(open: OpenStore): void {
  test(
    'listReceipts: a listing of what is rare looks at a bounded number of rows a page, and comes to it in the end',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id: destinationId } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'rare', { destinationId }));
      const others = Array.from({ length: 4500 }, (_, n) => status(fixture, `m${n}`, 'sent', 1));
      for (let n = 0; n < others.length; n += 500) await record(fixture, ...others.slice(n, n + 500));
      const readAll = async <T>(
        list: (page: PageRequest) => Promise<Page<T>>,
      ): Promise<readonly number[]> => {
        const found: number[] = [];
        let next: string | null = null;
        do {
          const page: Page<T> = await list({ limit: 10, ...(next === null ? {} : { cursor: next }) });
          found.push(page.items.length);
          next = page.next;
        } while (next !== null);
        return found;
      };
      assert.deepEqual(
        await readAll((page) => store.listReceipts(accountId, { type: 'ChatAppInbound' }, page)),
        [0, 0, 1],
      );
      assert.equal((await readAll((page) => store.listReceipts(accountId, {}, page))).length, 451);
      assert.deepEqual(
        await readAll((page) => store.listDeliveries(accountId, { destinationId }, page)),
        [1],
      );
    }),
  );

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
    'findTimeline: the timeline follows the queue message of a receipt to its end',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const queueOfReceipt = async (name: string) =>
        need((await store.findTimeline(accountId, toId(name)))?.queue);
      for (const name of ['m1', 'm2'])
        await record(fixture, inbound(fixture, name, { queue: { name: queueName, body: name } }));
      const queue = need(await store.findQueue(accountId, queueName));
      const { handle } = await receiveOne(fixture, queue);
      assert.equal((await queueOfReceipt('m1')).state, 'held');
      assert.equal((await queueOfReceipt('m1')).dequeueCount, 1);
      clock.advance(1000);
      await store.deleteMessages(queue, [handle], clock.now());
      const { state, dequeueCount, endedAt } = await queueOfReceipt('m1');
      assert.deepEqual(
        { state, dequeueCount, endedAt },
        { state: 'deleted', dequeueCount: 1, endedAt: clock.now() },
      );
      assert.equal((await queueOfReceipt('m2')).state, 'queued');
      clock.advance(receiptQueueAttributes.retentionSeconds * 1000);
      assert.deepEqual(await store.receiveMessages(queue, 1, clock.now()), []);
      assert.equal((await queueOfReceipt('m2')).state, 'expired');
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

  test(
    'findUnrouted: events that wait for the answer to a send are found again, and a reread says which go on waiting',
    withStore(open, async (fixture) => {
      const { store, channelId, senderId } = fixture;
      const send: WaitingRoute = { by: 'send', id: `${channelId}/${senderId}` };
      const unrouted = [0, 1, 2].map((index) => ({ route: send, index }));
      const [kept] = await store.recordIntake([intake(fixture, [], { unrouted })]);
      const { rawEventId } = need(kept);
      assert.deepEqual(await store.findRoutesToReread(10), [{ type: 'whatsapp', route: send }]);
      const left = [{ route: send, index: 1 }];
      const reread = { rawEventId, route: send };
      const receipts = [status(fixture, 'mt1', 'sent', 1)];
      await store.recordIntake([intake(fixture, receipts, { reread, unrouted: left })]);
      const waiting = await store.findUnrouted('whatsapp', send, 0, 10);
      assert.deepEqual(
        waiting.map((entry) => [entry.rawEventId, entry.index]),
        [[rawEventId, 1]],
      );
      await store.recordIntake([intake(fixture, receipts, { reread })]);
      assert.deepEqual(await store.findUnrouted('whatsapp', send, 0, 10), []);
      assert.deepEqual(await store.findRoutesToReread(10), []);
    }),
  );

  test(
    'findRoutesToReread: routes to reread come page by page, each once',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId } = fixture;
      const routes: WaitingRoute[] = [{ by: 'send', id: `${channelId}/${senderId}` }];
      for (let n = 0; n < 6; n += 1) {
        const routeId = String(9000 + n);
        const owner = { id: `1555${routeId}`, type: 'whatsapp', name: '', routeId } as const;
        await store.putSender(accountId, channelId, owner, system);
        routes.push({ by: 'sender', id: routeId });
      }
      const unrouted = routes.map((route, index) => ({ route, index }));
      await store.recordIntake([intake(fixture, [], { unrouted })]);
      const found: RouteToReread[] = [];
      for (let pages = 0; pages < 4; pages += 1)
        found.push(...(await store.findRoutesToReread(2, found.at(-1))));
      assert.deepEqual(found.map(({ route: { by, id } }) => `${by} ${id}`).toSorted(), [
        `send ${channelId}/${senderId}`,
        ...[0, 1, 2, 3, 4, 5].map((n) => `sender ${9000 + n}`),
      ]);
      assert.deepEqual(await store.findRoutesToReread(2, found.at(-1)), []);
    }),
  );

  test(
    'findUnrouted: events of a route that nobody has wait for it, and a reread drops just those of that route',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId, clock } = fixture;
      const late: Route = { by: 'sender', id: '8001' };
      const never: Route = { by: 'waba', id: '8001' };
      const unrouted = [
        { route: late, index: 0 },
        { route: never, index: 1 },
        { route: late, index: 2 },
      ];
      const [first] = await store.recordIntake([intake(fixture, [], { unrouted })]);
      clock.advance(1000);
      const [second] = await store.recordIntake([
        intake(fixture, [], { unrouted: [{ route: late, index: 0 }] }),
      ]);
      const rawEventId = need(first).rawEventId;
      assert.deepEqual(
        (await store.findUnrouted('whatsapp', late, 0, 10)).map((entry) => [entry.rawEventId, entry.index]),
        [
          [rawEventId, 0],
          [rawEventId, 2],
          [need(second).rawEventId, 0],
        ],
      );
      assert.equal((await store.findUnrouted('whatsapp', late, 0, 1)).length, 1);
      assert.deepEqual(
        (await store.findUnrouted('whatsapp', late, rawEventId, 10)).map((entry) => entry.rawEventId),
        [need(second).rawEventId],
      );
      assert.deepEqual(await store.findUnrouted('messenger', late, 0, 10), []);
      assert.deepEqual(await store.findRoutesToReread(10), []);
      const owner = { id: '15558001', type: 'whatsapp', name: '', routeId: '8001' } as const;
      await store.putSender(accountId, channelId, owner, system);
      assert.deepEqual(await store.findRoutesToReread(10), [{ type: 'whatsapp', route: late }]);
      assert.deepEqual((await store.listUnrouted(otherId, { limit: 10 })).items, []);
      const [shown] = (await store.listUnrouted(accountId, { limit: 10 })).items;
      assert.deepEqual(shown, {
        accountId,
        channelId,
        rawEventId,
        index: 0,
        route: late,
        receivedAt: clock.now() - 1000,
      });

      const [reread] = await store.recordIntake([
        intake(fixture, [inbound(fixture, 'm1')], {
          body: Buffer.from('ignored'),
          reread: { rawEventId, route: late },
        }),
      ]);
      assert.deepEqual(reread, { rawEventId, receipts: ['fresh'] });
      assert.deepEqual(
        (await store.listUnrouted(accountId, { limit: 10 })).items.map((entry) => [
          entry.rawEventId,
          entry.index,
        ]),
        [
          [rawEventId, 1],
          [need(second).rawEventId, 0],
        ],
      );
      assert.equal((await store.findTimeline(accountId, toId('m1')))?.rawEventId, rawEventId);
      assert.notEqual(
        Buffer.from(need(await store.findRawEvent(accountId, rawEventId)).body).toString(),
        'ignored',
      );
    }),
  );

  test(
    'listUnrouted: unrouted events are listed page by page',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const route: Route = { by: 'sender', id: '8001' };
      for (let i = 0; i < 3; i += 1) {
        await store.recordIntake([
          intake(fixture, [], {
            unrouted: [
              { route, index: 0 },
              { route, index: 1 },
            ],
          }),
        ]);
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.listUnrouted(accountId, {
          limit: 4,
          ...(cursor === undefined ? {} : { cursor }),
        });
        seen.push(...page.items.map((entry) => `${entry.rawEventId}.${entry.index}`));
        cursor = page.next ?? undefined;
      } while (cursor !== undefined);
      assert.equal(seen.length, 6);
      assert.equal(new Set(seen).size, 6);
    }),
  );

  test(
    'listReceipts: receipts are listed newest first in pages that new ones do not shift',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      for (let i = 0; i < 7; i += 1) {
        await record(fixture, inbound(fixture, `m${i}`));
        clock.advance(1);
      }
      const first = await store.listReceipts(accountId, {}, { limit: 3 });
      await record(fixture, inbound(fixture, 'late'));
      const second = await store.listReceipts(accountId, {}, { limit: 3, cursor: need(first.next) });
      const third = await store.listReceipts(accountId, {}, { limit: 3, cursor: need(second.next) });
      assert.deepEqual([first, second, third].map(toNames), [['m6', 'm5', 'm4'], ['m3', 'm2', 'm1'], ['m0']]);
      assert.equal(third.next, null);
      const whole = await store.listReceipts(accountId, {}, { limit: 8 });
      assert.equal(whole.next, null);
    }),
  );

  test(
    'listReceipts: receipts are found by type, channel, sender, message and time',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const start = clock.now();
      await record(fixture, inbound(fixture, 'm1'));
      clock.advance(1000);
      await record(fixture, status(fixture, 'mt1', 'sent', 1), status(fixture, 'mt1', 'read', 4));
      clock.advance(1000);
      await record(fixture, inbound(fixture, 'm2', { channelId: 'sandbox', senderId: '10001' }));
      const count = async (filter: Parameters<typeof store.listReceipts>[1]): Promise<number> =>
        (await store.listReceipts(accountId, filter, { limit: 10 })).items.length;
      assert.equal(await count({}), 4);
      assert.equal(await count({ type: 'ChatAppStatus' }), 2);
      assert.equal(await count({ channelId: 'sandbox' }), 1);
      assert.equal(await count({ senderId: '10001' }), 1);
      assert.equal(await count({ messageId: 'mt1' }), 2);
      assert.equal(await count({ messageId: 'mt1', type: 'ChatAppInbound' }), 0);
      assert.equal(await count({ since: start + 1000 }), 3);
      assert.equal(await count({ until: start + 1000 }), 1);
      assert.equal(await count({ since: start + 1000, until: start + 2000 }), 2);
      assert.equal(await count({ messageId: 'mt1', since: start + 2000 }), 0);
    }),
  );

  test(
    'findTimeline: a receipt id that is none is not found',
    withStore(open, async ({ store, accountId }) => {
      for (const id of ['', 'x', toId('never'), `${toId('never')}00`, "' OR 1=1 --"])
        assert.equal(await store.findTimeline(accountId, id), undefined);
    }),
  );

  test(
    'findTimeline: a receipt with a sender that has been deleted can still be read',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId } = fixture;
      await record(fixture, inbound(fixture, 'm1'));
      await store.deleteChannel(accountId, channelId, system);
      assert.equal((await store.findTimeline(accountId, toId('m1')))?.receipt.channelId, channelId);
    }),
  );
}

function toNames({ items }: Page<Receipt>): string[] {
  return items.map(({ facts }) => (facts.type === 'ChatAppInbound' ? facts.messageId : ''));
}

/** Gives every receipt of a call its targets. */
function aim(
  { store }: Parameters<typeof record>[0],
  target: Partial<Parameters<typeof inbound>[2] & object>,
): typeof store.recordIntake {
  return (intakes) =>
    store.recordIntake(
      intakes.map((one) => ({
        ...one,
        receipts: one.receipts.map((receipt) => ({ ...receipt, ...target })),
      })),
    );
}
