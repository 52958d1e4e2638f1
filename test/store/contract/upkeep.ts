import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import type { Signal } from '../../../src/store/store.ts';
import { isGatewayError } from '../../support/errors.ts';
import { createClock } from '../../support/store.ts';
import { claim, settle } from './delivery-fixture.ts';
import {
  day,
  destinationOf,
  inbound,
  intake,
  minute,
  need,
  queueOf,
  receiveOne,
  record,
  send,
  status,
  toId,
  withStore,
} from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

const retention = { rawEventMs: 7 * day, receiptMs: 30 * day, attemptMs: 14 * day, unreadableMs: 14 * day };

/** Sweeps until there is no more to do; resolves to how many rows each step took. */
async function sweepAll({ store, clock }: Fixture): Promise<number[]> {
  const steps: number[] = [];
  for (;;) {
    const { rows } = await store.sweep(retention, clock.now());
    if (rows === 0) return steps;
    steps.push(rows);
    if (steps.length > 1000) throw new Error('The sweep does not end.');
  }
}

export function upkeepContract(open: OpenStore): void {
  test(
    'sweep: refused sign-ins go with the receipts of their time, and all else of the journal stays',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const refuse = () => store.recordChange(accountId, system, 'session.refused', 'user/ana', {});
      const actionsOf = async () =>
        (await store.listChanges(accountId, { limit: 1000 })).items.map(({ action }) => action);
      const others = (await actionsOf()).length;
      for (let n = 0; n < 300; n += 1) await refuse();
      clock.advance(30 * day + minute);
      await refuse();
      await sweepAll(fixture);
      const left = await actionsOf();
      assert.equal(left.filter((action) => action === 'session.refused').length, 1);
      assert.equal(left.length, others + 1);
    }),
  );

  test(
    'sweep: a sweep of a young store finds nothing',
    withStore(open, async (fixture) => {
      const { id } = await destinationOf(fixture);
      await record(fixture, inbound(fixture, 'm1', { destinationId: id }));
      fixture.clock.advance(6 * day);
      assert.equal((await fixture.store.sweep(retention, fixture.clock.now())).rows, 0);
    }),
  );

  test(
    'sweep: raw events go first, with what of them was unrouted; then tries; then receipts',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const { id } = await destinationOf(fixture);
      const unrouted = [{ route: { by: 'sender', id: '9' } as const, index: 0 }];
      const call = [intake(fixture, [inbound(fixture, 'm1', { destinationId: id })], { unrouted })];
      const rawEventId = need((await store.recordIntake(call))[0]).rawEventId;
      await settle(fixture, await claim(fixture, id), { kind: 'done' });

      clock.advance(8 * day);
      await sweepAll(fixture);
      assert.equal(await store.findRawEvent(accountId, rawEventId), undefined);
      assert.deepEqual((await store.listUnrouted(accountId, { limit: 10 })).items, []);
      assert.equal((await store.findTimeline(accountId, toId('m1')))?.deliveries[0]?.tries.length, 1);

      clock.advance(7 * day);
      await sweepAll(fixture);
      const kept = need(await store.findTimeline(accountId, toId('m1')));
      assert.deepEqual(kept.deliveries[0]?.tries, []);
      assert.equal(kept.receipt.content?.text, 'text of m1');

      clock.advance(16 * day);
      await sweepAll(fixture);
      assert.equal(await store.findTimeline(accountId, toId('m1')), undefined);
      assert.equal((await store.countDeliveries(accountId, {}, 10)).count, 0);
    }),
  );

  test(
    'sweep: a receipt with a delivery that is not over stays, and goes once it is',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const { id } = await destinationOf(fixture);
      const target = { destinationId: id };
      await record(fixture, status(fixture, 'a', 'sent', 1, target), status(fixture, 'a', 'read', 4, target));
      await record(fixture, inbound(fixture, 'm1'));
      clock.advance(31 * day);
      await sweepAll(fixture);
      const left = async (): Promise<number> =>
        (await store.listReceipts(accountId, {}, { limit: 10 })).items.length;
      assert.equal(await left(), 2);
      await settle(fixture, await claim(fixture, id), { kind: 'done' });
      await sweepAll(fixture);
      assert.equal(await left(), 1);
      await settle(fixture, await claim(fixture, id), { kind: 'dead' });
      await sweepAll(fixture);
      assert.equal(await left(), 0);
    }),
  );

  test(
    'sweep: a sweep takes a bounded bite and tells when it is done',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const names = Array.from({ length: 1500 }, (_, i) => `m${i}`);
      await record(fixture, ...names.map((name) => inbound(fixture, name)));
      clock.advance(31 * day);
      const steps = await sweepAll(fixture);
      assert.ok(steps.every((rows) => rows <= 1000));
      assert.ok(steps.length >= 2);
      assert.deepEqual((await store.listReceipts(accountId, {}, { limit: 10 })).items, []);
    }),
  );

  test('sweep: a step tells how long it held up others', async () => {
    let reading = 0;
    const clock = createClock();
    const store = await open({ now: clock.now, monotonic: () => (reading += 1) });
    try {
      const { heldMs } = await store.sweep(retention, clock.now());
      assert.ok(heldMs > 0);
    } finally {
      await store.close();
    }
  });

  test(
    'sweep: messages that have outlived their retention are swept from queues that nobody reads',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const short = await queueOf(fixture, { retentionSeconds: 60 }, 'short');
      const long = await queueOf(fixture, { retentionSeconds: 600 }, 'long');
      await send(fixture, short, 'm1', 'm2');
      await send(fixture, long, 'm3');
      clock.advance(2 * minute);
      await sweepAll(fixture);
      assert.equal((await store.countMessages(short)).active, 0);
      assert.equal((await store.countMessages(long)).active, 1);
    }),
  );

  test(
    'sweep: what a deleted queue held is swept, and the queue of that name stays untouched',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const old = await queueOf(fixture);
      await send(fixture, old, ...Array.from({ length: 300 }, (_, i) => `m${i}`));
      await receiveOne(fixture, old);
      await store.deleteQueue(accountId, 'orders');
      const made = await queueOf(fixture);
      await send(fixture, made, 'kept');
      const steps = await sweepAll(fixture);
      assert.ok(steps.reduce((sum, rows) => sum + rows, 0) >= 300);
      assert.equal((await receiveOne(fixture, made)).body, 'kept');
    }),
  );

  test(
    'sweep: notices and temporary keys go when their time is over',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      await store.recordNotice({
        accountId,
        code: 'destination_off',
        subject: 'destination/1',
        text: 't',
        params: {},
      });
      await store.createTemporaryKey({
        id: 'STS.1',
        accountId,
        secret: 's',
        securityToken: 't',
        queueName: 'q',
        createdAt: clock.now(),
        expiresAt: clock.now() + minute,
      });
      clock.advance(2 * minute);
      await sweepAll(fixture);
      assert.equal(await store.findTemporaryKey('STS.1'), undefined);
      assert.equal((await store.listNotices(accountId, { limit: 10 })).items.length, 1);
      clock.advance(31 * day);
      await sweepAll(fixture);
      assert.deepEqual((await store.listNotices(accountId, { limit: 10 })).items, []);
    }),
  );

  test(
    'watch: a watcher hears of what concerns it, after the commit, until it stops listening',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { id: destinationId } = await destinationOf(fixture);
      const queue = await queueOf(fixture);
      const heard: Signal[] = [];
      const stop = store.watch((signal) => heard.push(signal));
      const during = async (work: () => Promise<unknown>): Promise<Signal[]> => {
        heard.length = 0;
        await work();
        return [...heard];
      };
      const of = { accountId, queueId: queue.id, kind: 'queue' } as const;
      assert.deepEqual(await during(() => send(fixture, queue, 'm1', 'm2')), [of]);
      assert.deepEqual(await during(() => record(fixture, inbound(fixture, 'm1', { destinationId }))), [
        { kind: 'deliveries', accountId, destinationId },
      ]);
      const media = { id: toId('x'), channelMediaId: '1', mimeType: 'image/png' };
      assert.deepEqual(await during(() => record(fixture, inbound(fixture, 'm2', { media }))), [
        { kind: 'media' },
      ]);
      const makeQueue = () => store.createQueue(accountId, 'new', defaultQueueAttributes);
      assert.deepEqual(await during(makeQueue), [{ kind: 'directory', accountId }]);
      assert.deepEqual(await during(() => store.setKeyState(accountId, 'first-key', 'disabled', system)), [
        { kind: 'directory', accountId },
      ]);
      assert.deepEqual(await during(() => record(fixture, inbound(fixture, 'm1', { destinationId }))), []);
      stop();
      assert.deepEqual(await during(() => send(fixture, queue, 'm3')), []);
    }),
  );

  test(
    'watch: a call that fails signals nothing',
    withStore(open, async (fixture) => {
      const { store } = fixture;
      const heard: Signal[] = [];
      store.watch((signal) => heard.push(signal));
      const queue = { name: 'Alicom-Queue-1-ChatAppInbound', body: 'b' };
      await assert.rejects(record(fixture, inbound(fixture, 'm1', { destinationId: 424_242, queue })));
      assert.deepEqual(heard, []);
    }),
  );

  test(
    'probe: a probe commits, and is the newest that is kept unless its time is not sound',
    withStore(open, async ({ store, clock }) => {
      await store.probe();
      const at = clock.now();
      assert.equal(await store.findNewestTime(), at);
      clock.advance(40 * 24 * 3_600_000);
      await store.probe(false);
      assert.equal(await store.findNewestTime(), at);
    }),
  );

  test('close: what was begun before the close is done, and every later call is refused', async () => {
    const clock = createClock();
    const store = await open(clock);
    const first = store.createFirstAccount({ account: { id: 5, name: 'A' }, key: { id: 'k', secret: 's' } });
    await store.close();
    assert.equal(await first, true);
    const refused = isGatewayError('store_unavailable');
    await assert.rejects(store.findKey('k'), refused);
    await assert.rejects(store.createQueue(5, 'q', defaultQueueAttributes), refused);
    await assert.rejects(store.releaseDeliveries(5, 1, []), refused);
    await assert.rejects(store.probe(), refused);
    await store.close();
  });
}
