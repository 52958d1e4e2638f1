import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import type { OutboundNext } from '../../../src/domain/message.ts';
import { minute, need, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';
import { add, outbound } from './outbound-fixture.ts';

const claim = ({ store, clock }: Fixture) => store.claimRemovedSenders(10, clock.now(), minute);

const idsOf = async (fixture: Fixture) => (await claim(fixture)).map(({ sender }) => sender.id);

const webhook = { ...noSenderWebhook, queue: true, http: true, statusUrl: 'https://a.example/s' };

async function addMessages(fixture: Fixture, ...to: string[]) {
  const added = await add(fixture, ...to.map((recipient) => outbound(fixture, recipient)));
  return added.map(({ id }) => id);
}

export function removedSenderContract(open: OpenStore): void {
  test(
    'claimRemovedSenders: a deleted sender is noted with where its receipts went, leased, and looked at until it is forgotten',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId, clock } = fixture;
      await store.setSenderWebhook(accountId, channelId, senderId, webhook, 'standard', system);
      assert.deepEqual(await claim(fixture), []);
      assert.equal(await store.deleteSender(fixture.otherId, channelId, senderId, system), false);
      assert.deepEqual(await claim(fixture), []);
      assert.equal(await store.deleteSender(accountId, channelId, senderId, system), true);
      const [removed] = await claim(fixture);
      const { sender, channel, removedAt } = need(removed);
      assert.deepEqual(
        [sender.accountId, sender.channelId, sender.id, sender.type, sender.routeId, sender.webhook],
        [accountId, channelId, senderId, 'whatsapp', '7001', webhook],
      );
      assert.deepEqual(
        [channel.id, channel.accountId, channel.type, channel.wabaId, removedAt],
        [channelId, accountId, 'whatsapp', '501', clock.now()],
      );
      assert.deepEqual(await claim(fixture), []);
      clock.advance(minute);
      assert.deepEqual(await idsOf(fixture), [senderId]);
      await store.settleRemovedSender(need(removed), clock.now());
      assert.deepEqual(await idsOf(fixture), [senderId]);
      await store.settleRemovedSender(need(removed), null);
      clock.advance(60 * minute);
      assert.deepEqual(await claim(fixture), []);
    }),
  );

  test(
    'claimRemovedSenders: all senders of a deleted channel are noted; one that is put back is not, until it is deleted again',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId, clock } = fixture;
      const second = { id: '4915550101', type: 'whatsapp', name: 'B', routeId: '7002' } as const;
      await store.putSender(accountId, channelId, second, system);
      await store.deleteChannel(accountId, channelId, system);
      const [first] = (await claim(fixture)).filter(({ sender }) => sender.id === senderId);
      clock.advance(minute);
      const channel = { id: channelId, type: 'whatsapp', name: 'A', wabaId: '501', credentials: {} } as const;
      await store.putChannel(accountId, channel, system);
      const sender = { id: senderId, type: 'whatsapp', name: 'Shop', routeId: '7001' } as const;
      await store.putSender(accountId, channelId, sender, system);
      assert.deepEqual(await idsOf(fixture), [second.id]);
      await store.deleteSender(accountId, channelId, senderId, system);
      // Who still holds it from before does not forget the newer one.
      await store.settleRemovedSender(need(first), null);
      assert.deepEqual(await idsOf(fixture), [senderId]);
    }),
  );

  test(
    'claimOutbound: an early claim takes what is planned for later, but nothing under way, unknown or behind another',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, senderId, clock } = fixture;
      const [later = 0, unknown = 0, accepted = 0, leased = 0, , fresh = 0] = await addMessages(
        fixture,
        '1001',
        '1002',
        '1003',
        '1004',
        '1001',
        '1005',
      );
      const leaseMs = minute;
      const key = { accountId, channelId, senderId };
      await store.claimOutbound({ ...key, limit: 4, now: clock.now(), leaseMs });
      const at = clock.now() + 5 * minute;
      const settle = (id: number, next: OutboundNext) =>
        store.settleOutbound([{ accountId, id, attempt: null, next }]);
      await settle(later, { kind: 'retry', dueAt: at });
      await settle(unknown, { kind: 'unknown', until: at });
      await settle(accepted, { kind: 'accepted', channelMessageId: 'w1', nextStepAt: at });
      const early = async () =>
        (await store.claimOutbound({ ...key, limit: 10, now: clock.now(), leaseMs, early: true }))
          .map(({ message, lapsed }) => [message.id, lapsed] as const)
          .toSorted(([a], [b]) => a - b);
      const planned = [
        [later, false],
        [accepted, false],
        [fresh, false],
      ] as const;
      assert.deepEqual(await early(), planned);
      // Who sends leaves them alone, and whoever ends them instead finds them again.
      assert.deepEqual(await store.claimOutbound({ ...key, limit: 10, now: clock.now(), leaseMs }), []);
      assert.deepEqual(await early(), planned);
      clock.advance(minute);
      assert.deepEqual(
        await early(),
        [...planned, [leased, true] as const].toSorted(([a], [b]) => a - b),
      );
      clock.advance(4 * minute);
      assert.ok((await early()).some(([id]) => id === unknown));
    }),
  );
}
