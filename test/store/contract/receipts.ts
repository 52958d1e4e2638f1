import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { receiptQueueAttributes } from '../../../src/domain/queue.ts';
import { forever } from '../../../src/domain/alias.ts';
import type { EndUser, Receipt, Route, WaitingRoute } from '../../../src/domain/receipt.ts';
import type { Page, PageRequest, ReceiptFilter, RouteToReread } from '../../../src/store/store.ts';
import {
  day,
  destinationOf,
  inbound,
  intake,
  minute,
  need,
  receiveOne,
  record,
  status,
  toId,
  withStore,
  queueName,
} from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

/** A route that nobody has yet. */
const late: Route = { by: 'sender', id: '8001' };

/** Records an event with two of that route and one of another, and a second later another one with one; resolves to the raw events. */
async function recordUnrouted(fixture: Fixture): Promise<readonly [number, number]> {
  const never: Route = { by: 'waba', id: '8001' };
  const record = async (...routes: Route[]): Promise<number> => {
    const unrouted = routes.map((route, index) => ({ route, index }));
    return need((await fixture.store.recordIntake([intake(fixture, [], { unrouted })]))[0]).rawEventId;
  };
  const first = await record(late, never, late);
  fixture.clock.advance(1000);
  return [first, await record(late)];
}

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
    'listReceipts: what a user wrote is found by each id that its receipt tells, page by page, whatever lies between',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId } = fixture;
      const user = {
        id: 'US.1',
        phone: '4915100000001',
        otherId: '4915100000002',
        userId: 'US.1',
        parentUserId: 'US.ENT.1',
      };
      const write = (name: string, of: EndUser) =>
        inbound(fixture, name, {
          facts: { type: 'ChatAppInbound', messageId: name, kind: 'text', user: of },
        });
      await record(fixture, write('first', user), write('of another', { id: '4915100000009' }));
      const others = Array.from({ length: 2500 }, (_, n) => status(fixture, `m${n}`, 'sent', 1));
      for (let n = 0; n < others.length; n += 500) await record(fixture, ...others.slice(n, n + 500));
      // Words that look like an id, and an id that is another's as a whole, are no match.
      await record(
        fixture,
        write('second', user),
        write('longer', { id: '49151000000012', name: '4915100000001' }),
      );
      const list = (
        ids: readonly string[],
        filter: ReceiptFilter = {},
        page: PageRequest = { limit: 10 },
        of = accountId,
      ) =>
        store.listReceipts(
          of,
          { ...filter, user: ids.map((id) => ({ id, isOwn: true, since: 0, until: forever })) },
          page,
        );
      const namesOf = ({ items }: Page<Receipt>) =>
        items.map(({ facts }) => ('messageId' in facts ? facts.messageId : ''));
      for (const id of new Set(Object.values(user))) {
        const found = await list([id]);
        assert.deepEqual([namesOf(found), found.next], [['second', 'first'], null], id);
      }
      assert.deepEqual(namesOf(await list(['4915100000009', 'US.1', '4915100000001'])), [
        'second',
        'of another',
        'first',
      ]);
      const newest = await list(['US.1'], {}, { limit: 1 });
      const rest = await list(['US.1'], {}, { limit: 1, cursor: need(newest.next) });
      assert.deepEqual([namesOf(newest), namesOf(rest), rest.next], [['second'], ['first'], null]);
      assert.deepEqual(namesOf(await list(['US.1'], { messageId: 'first' })), ['first']);
      assert.deepEqual(namesOf(await list(['4915100000009'], { messageId: 'first' })), []);
      assert.deepEqual(namesOf(await list(['US.1'], { channelId })), ['second', 'first']);
      assert.deepEqual(namesOf(await list(['US.1'], { channelId: 'elsewhere' })), []);
      assert.deepEqual(namesOf(await list(['US.1'], {}, { limit: 10 }, otherId)), []);
      assert.deepEqual(namesOf(await list([])), []);
    }),
  );

  test(
    'countReceipts: a list is counted by its filter, of a user and a message too, and no further than was asked',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId } = fixture;
      for (let n = 0; n < 4; n += 1) await record(fixture, inbound(fixture, `in ${n}`));
      for (let n = 0; n < 3; n += 1)
        await record(fixture, status(fixture, 'm', 'sent', 1, { receiptId: toId(`s${n}`) }));
      const user = [{ id: '4915112345678', isOwn: true, since: 0, until: forever }];
      const count = (filter: ReceiptFilter, atMost = 100) => store.countReceipts(accountId, filter, atMost);
      const type = 'ChatAppInbound';
      assert.deepEqual(await count({}), { count: 7, isMore: false });
      assert.deepEqual(await count({}, 7), { count: 7, isMore: false });
      assert.deepEqual(await count({}, 6), { count: 6, isMore: true });
      assert.deepEqual(await count({ type, channelId }), { count: 4, isMore: false });
      // The newest five are looked at, of which three are statuses.
      assert.deepEqual(await count({ type }, 4), { count: 2, isMore: true });
      assert.deepEqual(await count({ channelId: 'elsewhere' }), { count: 0, isMore: false });
      assert.deepEqual(await count({ user }), { count: 4, isMore: false });
      assert.deepEqual(await count({ user }, 3), { count: 3, isMore: true });
      assert.deepEqual(await count({ user, messageId: 'in 1' }), { count: 1, isMore: false });
      assert.deepEqual(await count({ since: fixture.clock.now() + minute }), { count: 0, isMore: false });
      assert.deepEqual(await store.countReceipts(otherId, {}, 100), { count: 0, isMore: false });
    }),
  );

  test(
    'listReceipts: what was written under an id while it was another user’s is not found, and what was erased or has gone is as it is in every list',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const start = clock.now();
      for (const name of ['early', 'late']) {
        await record(fixture, inbound(fixture, name, { occurredAt: clock.now() }));
        clock.advance(day);
      }
      const list = async (since = 0) => {
        const user = [{ id: '4915112345678', isOwn: false, since, until: forever }];
        const { items } = await store.listReceipts(accountId, { user }, { limit: 10 });
        return items.map(({ facts, content }) => [
          'messageId' in facts ? facts.messageId : '',
          content?.text,
        ]);
      };
      assert.deepEqual(await list(), [
        ['late', 'text of late'],
        ['early', 'text of early'],
      ]);
      assert.deepEqual(await list(start + day), [['late', 'text of late']]);
      await store.eraseContent(accountId, { userId: '4915112345678' }, { limit: 10 }, system);
      assert.deepEqual(await list(), [
        ['late', undefined],
        ['early', undefined],
      ]);
      const retention = { rawEventMs: minute, receiptMs: 1.5 * day, attemptMs: minute, unreadableMs: minute };
      while ((await store.sweep(retention, clock.now())).rows > 0);
      assert.deepEqual(await list(), [['late', undefined]]);
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
    'listUnrouted: a page goes on behind the cursor, and a cursor that no page gave begins anew or ends, and breaks nothing',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const [first, second] = await recordUnrouted(fixture);
      const list = async (cursor: string): Promise<readonly string[]> =>
        (await store.listUnrouted(accountId, { limit: 9, cursor })).items.map(
          (entry) => `${entry.rawEventId}.${entry.index}`,
        );
      const all = [`${first}.0`, `${first}.1`, `${first}.2`, `${second}.0`];
      assert.deepEqual(await list(`${first}.1`), all.slice(2));
      for (const cursor of [
        '',
        '.',
        'x.y',
        '9'.repeat(22),
        `${'9'.repeat(22)}.1`,
        '1e400.0',
        'Infinity',
        '1.5.2',
      ])
        assert.deepEqual(await list(cursor), all, cursor);
      for (const position of ['99999999999', '2147483648', '9007199254740991'])
        assert.deepEqual(await list(`${first}.${position}`), all.slice(3), position);
      assert.deepEqual(await list('9007199254740991.1'), []);
    }),
  );

  test(
    'findUnrouted: events of a route that nobody has are found by it, in their order, in steps',
    withStore(open, async (fixture) => {
      const { store } = fixture;
      const [first, second] = await recordUnrouted(fixture);
      assert.deepEqual(
        (await store.findUnrouted('whatsapp', late, 0, 10)).map((entry) => [entry.rawEventId, entry.index]),
        [
          [first, 0],
          [first, 2],
          [second, 0],
        ],
      );
      assert.equal((await store.findUnrouted('whatsapp', late, 0, 1)).length, 1);
      assert.deepEqual(
        (await store.findUnrouted('whatsapp', late, first, 10)).map((entry) => entry.rawEventId),
        [second],
      );
      assert.deepEqual(await store.findUnrouted('messenger', late, 0, 10), []);
    }),
  );

  test(
    'findRoutesToReread: a route is to be reread once somebody has it',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId } = fixture;
      await recordUnrouted(fixture);
      assert.deepEqual(await store.findRoutesToReread(10), []);
      const owner = { id: '15558001', type: 'whatsapp', name: '', routeId: '8001' } as const;
      await store.putSender(accountId, channelId, owner, system);
      assert.deepEqual(await store.findRoutesToReread(10), [{ type: 'whatsapp', route: late }]);
    }),
  );

  test(
    'listUnrouted: an unrouted event is shown with its route and its time to its account alone',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId, clock } = fixture;
      const [rawEventId] = await recordUnrouted(fixture);
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
    }),
  );

  test(
    'recordIntake: a reread drops just the unrouted events of its route, and keeps the raw event as it came',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const [rawEventId, second] = await recordUnrouted(fixture);
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
          [second, 0],
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
