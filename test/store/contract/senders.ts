import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { need, page, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function senderContract(open: OpenStore): void {
  test(
    'putSender: a sender is made, then replaced, and is found by its id and by its route',
    withStore(open, async ({ store, accountId, channelId, senderId, clock }) => {
      const before = need(await store.findSender(channelId, senderId));
      clock.advance(1000);
      const changed = { id: senderId, type: 'whatsapp', name: 'Shop 2', routeId: '7002' } as const;
      assert.equal(await store.putSender(accountId, channelId, changed, system), 'replaced');
      const after = { ...before, ...changed, updatedAt: clock.now() };
      assert.deepEqual(await store.findSender(channelId, senderId), after);
      assert.deepEqual(await store.findSenderByRoute('whatsapp', '7002'), after);
      assert.equal(await store.findSenderByRoute('whatsapp', '7001'), undefined);
      assert.equal(await store.findSenderByRoute('messenger', '7002'), undefined);
    }),
  );

  test(
    'listSenders: senders are listed in the order in which they were made',
    withStore(open, async ({ store, accountId, channelId, senderId }) => {
      for (const id of ['9', '5', '7'])
        await store.putSender(
          accountId,
          channelId,
          { id, type: 'whatsapp', name: id, routeId: `r${id}` },
          system,
        );
      await store.putSender(
        accountId,
        channelId,
        { id: '9', type: 'whatsapp', name: 'Renamed', routeId: 'r9' },
        system,
      );
      const ids = (await store.listSenders(accountId, channelId)).map(({ id }) => id);
      assert.deepEqual(ids, [senderId, '9', '5', '7']);
    }),
  );

  test(
    'putSender: a route belongs to one sender of a channel type on the whole server',
    withStore(open, async ({ store, accountId, otherId, channelId, senderId }) => {
      const twin = { id: 'wa-twin', type: 'whatsapp', name: 'Twin', wabaId: '501', credentials: {} } as const;
      await store.putChannel(otherId, twin, system);
      await store.putChannel(otherId, page, system);
      const sender = { id: '1', type: 'whatsapp', name: 'Thief', routeId: '7001' } as const;
      assert.equal(await store.putSender(otherId, 'wa-twin', sender, system), 'taken');
      assert.equal(await store.putSender(accountId, channelId, sender, system), 'taken');
      assert.deepEqual(await store.listSenders(otherId, 'wa-twin'), []);
      assert.equal((await store.findSenderByRoute('whatsapp', '7001'))?.id, senderId);
      const onPage = { ...sender, type: 'messenger' } as const;
      assert.equal(await store.putSender(otherId, page.id, onPage, system), 'created');
    }),
  );

  test(
    "putSender: a sender needs a channel of its account's own",
    withStore(open, async ({ store, otherId, channelId }) => {
      const sender = { id: '1', type: 'whatsapp', name: 'S', routeId: '1' } as const;
      assert.equal(await store.putSender(otherId, channelId, sender, system), 'no_channel');
      assert.equal(await store.putSender(otherId, 'nowhere', sender, system), 'no_channel');
      assert.deepEqual(await store.listSenders(otherId, channelId), []);
    }),
  );

  test(
    "setSenderVerification: what the channel says of a sender's verification is kept through changes of the sender, until it says otherwise",
    withStore(open, async ({ store, accountId, otherId, channelId, senderId }) => {
      const verification = async () => (await store.findSender(channelId, senderId))?.verification;
      assert.equal(await verification(), 'unknown');
      assert.equal(await store.setSenderVerification(otherId, channelId, senderId, 'verified'), false);
      assert.equal(await store.setSenderVerification(accountId, channelId, '1', 'verified'), false);
      assert.equal(await store.setSenderVerification(accountId, channelId, senderId, 'pending'), true);
      const sender = { id: senderId, type: 'whatsapp', name: 'New name', routeId: '7001' } as const;
      await store.putSender(accountId, channelId, sender, system);
      assert.equal(await verification(), 'pending');
      await store.putSender(accountId, channelId, { ...sender, verification: 'verified' }, system);
      assert.equal(await verification(), 'verified');
    }),
  );

  test(
    "deleteSender: another account's sender stays",
    withStore(open, async ({ store, accountId, otherId, channelId, senderId }) => {
      assert.equal(await store.deleteSender(otherId, channelId, senderId, system), false);
      assert.deepEqual(
        (await store.listSenders(accountId, channelId)).map(({ id }) => id),
        [senderId],
      );
    }),
  );

  test(
    'deleteSender: a deleted sender is gone and its route is free',
    withStore(open, async ({ store, accountId, channelId, senderId }) => {
      assert.equal(await store.deleteSender(accountId, channelId, senderId, system), true);
      assert.equal(await store.deleteSender(accountId, channelId, senderId, system), false);
      const next = { id: '2', type: 'whatsapp', name: 'Next', routeId: '7001' } as const;
      assert.equal(await store.putSender(accountId, channelId, next, system), 'created');
    }),
  );
}
