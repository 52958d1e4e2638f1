import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { noChannelWebhook } from '../../../src/domain/channel.ts';
import { need, page, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function channelContract(open: OpenStore): void {
  test(
    'putChannel: a channel is made, then replaced, and keeps its webhook settings and senders',
    withStore(open, async ({ store, accountId, channelId, clock }) => {
      const webhook = {
        ...noChannelWebhook,
        queue: true,
        auditVersion: 'V2',
      } as const;
      await store.setChannelWebhook(accountId, channelId, webhook, 'standard', system);
      const before = need(await store.findChannel(channelId));
      clock.advance(1000);
      const changed = {
        id: channelId,
        type: 'whatsapp',
        name: 'Renamed',
        wabaId: '502',
        credentials: { appSecret: 'new' },
      } as const;
      assert.equal(await store.putChannel(accountId, changed, system), 'replaced');
      const after = need(await store.findChannel(channelId));
      assert.deepEqual(after, {
        ...before,
        ...changed,
        updatedAt: clock.now(),
      });
      assert.deepEqual(after.webhook, webhook);
      assert.equal((await store.listSenders(accountId, channelId)).length, 1);
    }),
  );

  test(
    'putChannel: the options of a channel stay when they are left out, and are replaced when they are given',
    withStore(open, async ({ store, accountId, channelId }) => {
      const channel = {
        id: channelId,
        type: 'whatsapp',
        name: 'Main',
        wabaId: '501',
        credentials: {},
      } as const;
      assert.deepEqual((await store.findChannel(channelId))?.options, {});
      await store.putChannel(accountId, { ...channel, options: { echoes: true, appId: '7' } }, system);
      await store.putChannel(accountId, channel, system);
      assert.deepEqual((await store.findChannel(channelId))?.options, {
        echoes: true,
        appId: '7',
      });
      await store.putChannel(accountId, { ...channel, options: {} }, system);
      assert.deepEqual((await store.findChannel(channelId))?.options, {});
      await store.putChannel(accountId, { ...channel, id: 'made', options: { history: true } }, system);
      assert.deepEqual((await store.findChannel('made'))?.options, {
        history: true,
      });
    }),
  );

  test(
    'bindWaba: of several who bind one WABA at once one makes its channel, and all get it',
    withStore(open, async ({ store, accountId, channelId, otherId }) => {
      const bind = (id: string, wabaId = '9001', by = accountId) =>
        store.bindWaba(by, { id, type: 'whatsapp', name: wabaId, wabaId }, system);
      // The later rounds find a database's connections open, so that all are at it together.
      const rounds = ['9000', '9001', '9002', '9003'];
      for (const wabaId of rounds) {
        const ids = ['w1', 'w2', 'w3', 'w4'].map((id) => `${id}-${wabaId}`);
        const bound = await Promise.all(ids.map((id) => bind(id, wabaId)));
        const made = (await store.listChannels(accountId)).filter((channel) => channel.wabaId === wabaId);
        assert.equal(made.length, 1);
        assert.deepEqual(
          bound,
          ids.map((id) => ({ id: made[0]?.id, isNew: id === made[0]?.id })),
        );
      }
      const made = need(await store.findChannelsByWaba('whatsapp', '9001').then(([first]) => first));
      assert.deepEqual(await bind('w5'), { id: made.id, isNew: false });
      assert.equal(await bind(channelId, '9009'), 'taken', 'the id is that of another channel');
      assert.equal(await bind(made.id, '9001', otherId), 'taken', 'the id is that of another account');
      assert.deepEqual(await bind('theirs', '9001', otherId), {
        id: 'theirs',
        isNew: true,
      });
    }),
  );

  test(
    "putChannel: another account's channel id is taken, and nothing of it changes",
    withStore(open, async ({ store, accountId, otherId, channelId }) => {
      const before = need(await store.findChannel(channelId));
      assert.equal(await store.putChannel(otherId, { ...page, id: channelId }, system), 'taken');
      assert.deepEqual(await store.findChannel(channelId), before);
      assert.equal((await store.listChannels(accountId)).length, 2);
      assert.equal((await store.listChannels(otherId)).length, 1);
    }),
  );

  test(
    "setChannelWebhook: another account's channel is as good as none",
    withStore(open, async ({ store, otherId, channelId }) => {
      const webhook = { ...noChannelWebhook, queue: true };
      assert.equal(await store.setChannelWebhook(otherId, channelId, webhook, 'standard', system), 'missing');
      assert.deepEqual((await store.findChannel(channelId))?.webhook, noChannelWebhook);
    }),
  );

  test(
    "deleteChannel: another account's channel stays",
    withStore(open, async ({ store, accountId, otherId, channelId }) => {
      assert.equal(await store.deleteChannel(otherId, channelId, system), false);
      assert.equal((await store.listChannels(accountId)).length, 2);
    }),
  );

  test(
    'deleteChannel: a channel that is deleted takes its senders along, and its ids are free again',
    withStore(open, async ({ store, accountId, otherId, channelId, senderId }) => {
      assert.equal(await store.deleteChannel(accountId, channelId, system), true);
      assert.equal(await store.findChannel(channelId), undefined);
      assert.equal(await store.findSender(channelId, senderId), undefined);
      assert.equal(await store.findSenderByRoute('whatsapp', '7001'), undefined);
      assert.equal(await store.deleteChannel(accountId, channelId, system), false);
      assert.equal(await store.putChannel(otherId, { ...page, id: channelId }, system), 'created');
    }),
  );

  test(
    'findChannelsByWaba: channels are found by WABA across accounts',
    withStore(open, async ({ store, otherId, channelId }) => {
      const twin = {
        id: 'wa-twin',
        type: 'whatsapp',
        name: 'Twin',
        wabaId: '501',
        credentials: {},
      } as const;
      await store.putChannel(otherId, twin, system);
      const found = await store.findChannelsByWaba('whatsapp', '501');
      assert.deepEqual(found.map(({ id }) => id).toSorted(), [channelId, 'wa-twin']);
      assert.deepEqual(await store.findChannelsByWaba('messenger', '501'), []);
      assert.deepEqual(await store.findChannelsByWaba('whatsapp', '999'), []);
    }),
  );
}
