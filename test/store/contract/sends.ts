import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute, need, record, second, status, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';
import {
  accepted,
  add,
  claimOutbound,
  find,
  ids,
  leaseMs,
  outbound,
  settleOutbound,
} from './outbound-fixture.ts';

export function sendContract(open: OpenStore): void {
  test(
    'claimOutbound: messages to one recipient are claimed one after the other, to others at once',
    withStore(open, async (fixture) => {
      const added = await add(
        fixture,
        outbound(fixture, 'a'),
        outbound(fixture, 'a'),
        outbound(fixture, 'b'),
      );
      const [a1, a2, b1] = added.map(({ id }) => id);
      assert.deepEqual(ids(await claimOutbound(fixture)), [a1, b1]);
      assert.deepEqual(await claimOutbound(fixture), []);
      await settleOutbound(fixture, need(a1), accepted('w1'));
      assert.deepEqual(ids(await claimOutbound(fixture)), [a2]);
      const [later] = await add(fixture, outbound(fixture, 'a'));
      assert.equal((await find(fixture, need(later).id)).blocked, true);
      await settleOutbound(fixture, need(a2), { kind: 'unknown', until: fixture.clock.now() + minute });
      assert.deepEqual(ids(await claimOutbound(fixture)), [need(later).id]);
    }),
  );

  test(
    'claimOutbound: messages to one recipient are claimed in the order in which they were added, though the clock goes back',
    withStore(open, async (fixture) => {
      const [first] = await add(fixture, outbound(fixture, 'a'));
      fixture.clock.advance(-60 * minute);
      const [second, other] = await add(fixture, outbound(fixture, 'a'), outbound(fixture, 'b'));
      const claimed = await claimOutbound(fixture);
      // What waits behind a time that is to come waits with it, where the store goes by that.
      assert.ok(!ids(claimed).includes(need(second).id) || ids(claimed).includes(need(first).id));
      assert.ok(ids(claimed).includes(need(other).id));
      fixture.clock.advance(60 * minute);
      const rest = [...claimed, ...(await claimOutbound(fixture))];
      assert.deepEqual(new Set(ids(rest)), new Set([need(first).id, need(other).id]));
      await settleOutbound(fixture, need(first).id, accepted('w1'));
      assert.deepEqual(ids(await claimOutbound(fixture)), [need(second).id]);
    }),
  );

  test(
    'claimOutbound: whoever waits behind many to one recipient is claimed, and those in their order',
    withStore(open, async (fixture) => {
      const many = await add(fixture, ...Array.from({ length: 100 }, () => outbound(fixture, 'a')));
      const [other] = await add(fixture, outbound(fixture, 'b'));
      assert.deepEqual(ids(await claimOutbound(fixture, 2)), [need(many[0]).id, need(other).id]);
      for (const [index, { id }] of many.slice(0, 3).entries()) {
        await settleOutbound(fixture, id, accepted(String(id)));
        assert.deepEqual(ids(await claimOutbound(fixture, 2)), [need(many[index + 1]).id]);
      }
    }),
  );

  test(
    'settleOutbound: a retry keeps its place before the next of its recipient',
    withStore(open, async (fixture) => {
      const [first] = (await add(fixture, outbound(fixture, 'a'), outbound(fixture, 'a'))).map(
        ({ id }) => id,
      );
      await claimOutbound(fixture);
      await settleOutbound(
        fixture,
        need(first),
        { kind: 'retry', dueAt: fixture.clock.now() + minute },
        'transient',
      );
      assert.deepEqual(await claimOutbound(fixture), []);
      const { accountId, channelId, senderId } = fixture;
      assert.equal(
        await fixture.store.findNextOutboundDue({ accountId, channelId, senderId }),
        fixture.clock.now() + minute,
      );
      fixture.clock.advance(minute);
      const [again] = await claimOutbound(fixture);
      assert.equal(need(again).message.id, first);
      assert.equal(need(again).lapsed, false);
      assert.equal(need(again).message.attempts, 1);
      assert.deepEqual(await fixture.store.findSendAttempts(accountId, need(first)), [
        { at: fixture.clock.now() - minute, durationMs: 5, outcome: 'transient', code: '', text: '' },
      ]);
    }),
  );

  test(
    'claimOutbound: a claim that is never settled falls due again and says so',
    withStore(open, async (fixture) => {
      const [added] = await add(fixture, outbound(fixture, 'a'));
      assert.equal((await claimOutbound(fixture))[0]?.lapsed, false);
      fixture.clock.advance(leaseMs);
      const [again] = await claimOutbound(fixture);
      assert.equal(again?.message.id, need(added).id);
      assert.equal(again?.lapsed, true);
    }),
  );

  test(
    'settleOutbound: a status lets its message follow, and the next of the recipient go',
    withStore(open, async (fixture) => {
      const [first, second] = (await add(fixture, outbound(fixture, 'a'), outbound(fixture, 'a'))).map(
        ({ id }) => id,
      );
      await claimOutbound(fixture);
      await settleOutbound(
        fixture,
        need(first),
        { kind: 'unknown', until: fixture.clock.now() + minute },
        'unknown',
      );
      await claimOutbound(fixture);
      await record(fixture, status(fixture, 'w1', 'delivered', 3, { outboundId: need(first) }));
      const followed = await find(fixture, need(first));
      assert.deepEqual([followed.state, followed.status, followed.dueAt], ['accepted', 'delivered', null]);
      await record(fixture, status(fixture, 'w1', 'sent', 1, { outboundId: need(first) }));
      assert.equal((await find(fixture, need(first))).status, 'delivered');
      await record(fixture, status(fixture, 'w2', 'failed', 2, { outboundId: need(second) }));
      const failed = await find(fixture, need(second));
      assert.deepEqual([failed.state, failed.status], ['failed', 'failed']);
      // An answer that comes after the status changes nothing but the channel's id.
      await settleOutbound(fixture, need(second), accepted('w2'));
      const named = await find(fixture, need(second));
      assert.deepEqual([named.state, named.channelMessageId], ['failed', 'w2']);
      const [receipt] = (await fixture.store.listReceipts(fixture.accountId, {}, { limit: 1 })).items;
      assert.equal(need(receipt).unmatched, false);
    }),
  );

  test(
    'settleOutbound: a failure lets the next of its recipient go',
    withStore(open, async (fixture) => {
      const [first, second] = (await add(fixture, outbound(fixture, 'a'), outbound(fixture, 'a'))).map(
        ({ id }) => id,
      );
      await claimOutbound(fixture);
      await record(fixture, status(fixture, 'x', 'failed', 2, { outboundId: need(first) }));
      assert.deepEqual(ids(await claimOutbound(fixture)), [second]);
    }),
  );

  test(
    'claimOutbound: steps of a simulated channel are claimed when they fall due, until there is none',
    withStore(open, async (fixture) => {
      const [added] = await add(fixture, outbound(fixture, 'a'));
      const id = need(added).id;
      await claimOutbound(fixture);
      const nextStepAt = fixture.clock.now() + second;
      await settleOutbound(fixture, id, { kind: 'accepted', channelMessageId: 's1', nextStepAt });
      assert.deepEqual(await claimOutbound(fixture), []);
      fixture.clock.advance(second);
      const [step] = await claimOutbound(fixture);
      assert.equal(step?.message.state, 'accepted');
      const { accountId, channelId, senderId } = fixture;
      await fixture.store.settleOutbound([
        { accountId, id, attempt: null, next: { kind: 'step', dueAt: null } },
      ]);
      assert.equal(await fixture.store.findNextOutboundDue({ accountId, channelId, senderId }), undefined);
      assert.deepEqual(await fixture.store.findBusySenders(), []);
      const [byChannel] = await fixture.store.findOutbound(accountId, { channelMessageIds: ['s1', 's2'] });
      assert.equal(byChannel?.id, id);
    }),
  );

  test(
    'settleOutbound: a sender has an unanswered message from its claim until the channel has named it or it has failed',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId, clock } = fixture;
      const unanswered = async (sender = senderId) => {
        const found = await store.findOutbound(accountId, { unanswered: [{ channelId, senderId: sender }] });
        return ids(found.map((message) => ({ message, lapsed: false })));
      };
      const [first, second] = (await add(fixture, outbound(fixture, 'a'), outbound(fixture, 'b'))).map(
        ({ id }) => id,
      );
      assert.deepEqual(await unanswered(), []);
      await claimOutbound(fixture, 1);
      assert.deepEqual(await unanswered(), [first]);
      assert.deepEqual(await unanswered('15550009999'), []);
      await settleOutbound(fixture, need(first), accepted('w1'));
      assert.deepEqual(await unanswered(), []);
      await claimOutbound(fixture, 1);
      await settleOutbound(
        fixture,
        need(second),
        { kind: 'unknown', until: clock.now() + minute },
        'unknown',
      );
      assert.deepEqual(await unanswered(), [second]);
      clock.advance(minute);
      await claimOutbound(fixture, 1);
      await settleOutbound(
        fixture,
        need(second),
        { kind: 'retry', dueAt: clock.now() + minute },
        'transient',
      );
      assert.deepEqual(await unanswered(), [second]);
      clock.advance(minute);
      await claimOutbound(fixture, 1);
      await settleOutbound(fixture, need(second), accepted('w2'));
      assert.deepEqual(await unanswered(), []);
    }),
  );
}
