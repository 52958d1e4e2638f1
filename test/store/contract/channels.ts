import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { noChannelWebhook, noSenderWebhook } from '../../../src/domain/channel.ts';
import type { ChannelWebhook, SenderWebhook } from '../../../src/domain/channel.ts';
import { toDestinationSettings } from '../../../src/domain/delivery.ts';
import { receiptQueueAttributes } from '../../../src/domain/queue.ts';
import { need, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

const page = {
  id: 'fb',
  type: 'messenger',
  name: 'Page',
  wabaId: null,
  credentials: { token: 't1' },
} as const;

export function channelContract(open: OpenStore): void {
  test(
    'putChannel: a channel is made, then replaced, and keeps its webhook settings and senders',
    withStore(open, async ({ store, accountId, channelId, clock }) => {
      const webhook = { ...noChannelWebhook, queue: true, auditVersion: 'V2' } as const;
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
      assert.deepEqual(after, { ...before, ...changed, updatedAt: clock.now() });
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
      assert.deepEqual((await store.findChannel(channelId))?.options, { echoes: true, appId: '7' });
      await store.putChannel(accountId, { ...channel, options: {} }, system);
      assert.deepEqual((await store.findChannel(channelId))?.options, {});
      await store.putChannel(accountId, { ...channel, id: 'made', options: { history: true } }, system);
      assert.deepEqual((await store.findChannel('made'))?.options, { history: true });
    }),
  );

  test(
    "putChannel: another account's channel id is taken, and nothing of it changes",
    withStore(open, async ({ store, accountId, otherId, channelId }) => {
      assert.equal(await store.putChannel(otherId, { ...page, id: channelId }, system), 'taken');
      assert.equal((await store.findChannel(channelId))?.name, 'Main');
      assert.equal(await store.deleteChannel(otherId, channelId, system), false);
      assert.equal(
        await store.setChannelWebhook(otherId, channelId, noChannelWebhook, 'standard', system),
        'missing',
      );
      assert.equal((await store.listChannels(accountId)).length, 2);
      assert.equal((await store.listChannels(otherId)).length, 1);
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
      const twin = { id: 'wa-twin', type: 'whatsapp', name: 'Twin', wabaId: '501', credentials: {} } as const;
      await store.putChannel(otherId, twin, system);
      const found = await store.findChannelsByWaba('whatsapp', '501');
      assert.deepEqual(found.map(({ id }) => id).toSorted(), [channelId, 'wa-twin']);
      assert.deepEqual(await store.findChannelsByWaba('messenger', '501'), []);
      assert.deepEqual(await store.findChannelsByWaba('whatsapp', '999'), []);
    }),
  );

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
    withStore(open, async ({ store, otherId, channelId, senderId }) => {
      const sender = { id: '1', type: 'whatsapp', name: 'S', routeId: '1' } as const;
      assert.equal(await store.putSender(otherId, channelId, sender, system), 'no_channel');
      assert.equal(await store.putSender(otherId, 'nowhere', sender, system), 'no_channel');
      assert.equal(await store.deleteSender(otherId, channelId, senderId, system), false);
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
    'deleteSender: a deleted sender is gone and its route is free',
    withStore(open, async ({ store, accountId, channelId, senderId }) => {
      assert.equal(await store.deleteSender(accountId, channelId, senderId, system), true);
      assert.equal(await store.deleteSender(accountId, channelId, senderId, system), false);
      const next = { id: '2', type: 'whatsapp', name: 'Next', routeId: '7001' } as const;
      assert.equal(await store.putSender(accountId, channelId, next, system), 'created');
    }),
  );

  test(
    "setSenderWebhook: a sender's settings make its destinations, one for each URL, with a secret and the preset",
    withStore(open, async ({ store, accountId, otherId, channelId, senderId, clock }) => {
      const webhook = {
        ...noSenderWebhook,
        http: true,
        statusUrl: 'https://shop.example/status',
        inboundUrl: 'https://shop.example/inbound',
      };
      assert.deepEqual(
        await store.setSenderWebhook(accountId, channelId, senderId, webhook, 'cams', system),
        webhook,
      );
      assert.deepEqual((await store.findSender(channelId, senderId))?.webhook, webhook);
      const [first, second, ...others] = await store.listDestinations(accountId);
      assert.equal(others.length, 0);
      assert.deepEqual([first?.url, second?.url], [webhook.statusUrl, webhook.inboundUrl]);
      const destination = need(first);
      assert.deepEqual(destination.settings, toDestinationSettings('cams'));
      assert.equal(destination.state, 'active');
      assert.equal(destination.createdAt, clock.now());
      assert.equal(destination.secrets.length, 1);
      assert.match(destination.secrets[0]?.secret ?? '', /^whsec_[A-Za-z0-9+/]{32}$/);
      assert.notEqual(destination.secrets[0]?.secret, second?.secrets[0]?.secret);
      assert.deepEqual(await store.findDestination(accountId, destination.id), destination);
      assert.deepEqual(await store.findDestinationByUrl(accountId, destination.url), destination);
      assert.equal(await store.findDestination(otherId, destination.id), undefined);
      assert.equal(await store.findDestinationByUrl(otherId, destination.url), undefined);
    }),
  );

  test(
    'setSenderWebhook: a URL that is named again is the same destination with its own settings',
    withStore(open, async ({ store, accountId, channelId, senderId }) => {
      const url = 'https://shop.example/all';
      const webhook = { ...noSenderWebhook, http: true, statusUrl: url, inboundUrl: url };
      await store.setSenderWebhook(accountId, channelId, senderId, webhook, 'cams', system);
      const audits = { ...noChannelWebhook, http: true, auditUrl: url };
      await store.setChannelWebhook(accountId, channelId, audits, 'standard', system);
      const destinations = await store.listDestinations(accountId);
      assert.deepEqual(
        destinations.map(({ settings }) => settings.preset),
        ['cams'],
      );
      assert.deepEqual((await store.findChannel(channelId))?.webhook, audits);
    }),
  );

  test(
    'setSenderWebhook: switching the queue on makes the queue of each subscribed type, and only those',
    withStore(open, async ({ store, accountId, channelId, senderId }) => {
      const webhook = { ...noSenderWebhook, queue: true, types: ['ChatAppStatus'] } as const;
      await store.setSenderWebhook(accountId, channelId, senderId, webhook, 'standard', system);
      const names = async (): Promise<string[]> =>
        (await store.listQueues(accountId, '', '', 10)).map(({ name }) => name);
      assert.deepEqual(await names(), [`Alicom-Queue-${accountId}-ChatAppStatus`]);
      const queue = need(await store.findQueue(accountId, `Alicom-Queue-${accountId}-ChatAppStatus`));
      assert.deepEqual(queue.attributes, receiptQueueAttributes);
      const audits = { ...noChannelWebhook, queue: true };
      await store.setChannelWebhook(accountId, channelId, audits, 'standard', system);
      assert.deepEqual(await names(), [
        `Alicom-Queue-${accountId}-ChatAppAudit`,
        `Alicom-Queue-${accountId}-ChatAppStatus`,
      ]);
    }),
  );

  test(
    'setSenderWebhook: a receipt queue that is there already keeps what it holds and how it is set',
    withStore(open, async ({ store, accountId, channelId, senderId, clock }) => {
      const name = `Alicom-Queue-${accountId}-ChatAppInbound`;
      await store.createQueue(accountId, name, { ...receiptQueueAttributes, visibilitySeconds: 99 });
      const before = need(await store.findQueue(accountId, name));
      await store.sendMessages(before, [{ body: 'kept', priority: 8 }], clock.now());
      const webhook = { ...noSenderWebhook, queue: true };
      await store.setSenderWebhook(accountId, channelId, senderId, webhook, 'standard', system);
      assert.deepEqual(await store.findQueue(accountId, name), before);
      assert.equal((await store.countMessages(before)).active, 1);
    }),
  );

  test(
    'setSenderWebhook: settings of a sender that is not there make nothing',
    withStore(open, async ({ store, accountId, otherId, channelId, senderId }) => {
      const webhook = { ...noSenderWebhook, queue: true, statusUrl: 'https://shop.example/' };
      assert.equal(
        await store.setSenderWebhook(accountId, channelId, '1', webhook, 'standard', system),
        'missing',
      );
      assert.equal(
        await store.setSenderWebhook(otherId, channelId, senderId, webhook, 'standard', system),
        'missing',
      );
      for (const id of [accountId, otherId]) {
        assert.deepEqual(await store.listDestinations(id), []);
        assert.deepEqual(await store.listQueues(id, '', '', 10), []);
      }
    }),
  );

  test(
    "setDestinationSettings: a destination's settings, state and secrets are its account's alone to change",
    withStore(open, async ({ store, accountId, otherId, channelId, senderId, clock }) => {
      const url = 'https://shop.example/';
      const webhook = { ...noSenderWebhook, http: true, statusUrl: url };
      await store.setSenderWebhook(accountId, channelId, senderId, webhook, 'standard', system);
      const { id } = need(await store.findDestinationByUrl(accountId, url));
      const settings = { ...toDestinationSettings('cams'), batchSize: 50, concurrency: 2 };
      const secrets = [
        { secret: 'whsec_bmV3', expiresAt: null },
        { secret: 'whsec_b2xk', expiresAt: clock.now() + 1000 },
      ];
      assert.equal(await store.setDestinationSettings(otherId, id, settings, system), false);
      assert.equal(await store.setDestinationState(otherId, id, 'off', 'x', system), false);
      assert.equal(await store.setDestinationSecrets(otherId, id, secrets, system), false);
      assert.equal(await store.setDestinationSettings(accountId, id, settings, system), true);
      assert.equal(await store.setDestinationSecrets(accountId, id, secrets, system), true);
      clock.advance(5000);
      assert.equal(await store.setDestinationState(accountId, id, 'off', 'It answered 410.', system), true);
      const found = need(await store.findDestination(accountId, id));
      assert.deepEqual(found.settings, settings);
      assert.deepEqual(found.secrets, secrets);
      assert.equal(found.state, 'off');
      assert.equal(found.stateReason, 'It answered 410.');
      assert.equal(found.stateSince, clock.now());
    }),
  );

  test(
    'setSenderWebhook: changes of different settings of a sender, a channel and its webhook made at once are all kept',
    withStore(open, async ({ store, accountId, channelId, senderId }) => {
      const urls = { statusUrl: 'https://a.example/s', inboundUrl: 'https://a.example/i' };
      const set = (change: Partial<SenderWebhook>) =>
        store.setSenderWebhook(accountId, channelId, senderId, change, 'cams', system);
      const audit = (change: Partial<ChannelWebhook>) =>
        store.setChannelWebhook(accountId, channelId, change, 'cams', system);
      await Promise.all([
        set({ statusUrl: urls.statusUrl }),
        set({ inboundUrl: urls.inboundUrl }),
        set({ queue: true }),
        set({ lateStatuses: 'drop' }),
        audit({ auditUrl: 'https://a.example/a' }),
        audit({ queue: true }),
        store.changeChannel(accountId, channelId, { name: 'Renamed' }, system),
        store.changeChannel(accountId, channelId, { credentials: { appSecret: 't' } }, system),
      ]);
      assert.deepEqual((await store.findSender(channelId, senderId))?.webhook, {
        ...noSenderWebhook,
        ...urls,
        queue: true,
        lateStatuses: 'drop',
      });
      const channel = need(await store.findChannel(channelId));
      assert.deepEqual(
        [channel.name, channel.credentials, channel.wabaId, channel.webhook],
        [
          'Renamed',
          { appSecret: 't' },
          '501',
          { ...noChannelWebhook, queue: true, auditUrl: 'https://a.example/a' },
        ],
      );
      const replace = (name: string) =>
        store.changeChannel(accountId, channelId, { credentials: { name } }, system, { appSecret: 't' });
      assert.deepEqual((await Promise.all([replace('one'), replace('two')])).toSorted(), [false, true]);
    }),
  );

  test(
    'setSenderWebhook: settings that would leave HTTP on with nowhere to go, and those of nobody, change nothing',
    withStore(open, async ({ store, accountId, otherId, channelId, senderId }) => {
      const set = (change: Partial<SenderWebhook>, id = senderId, owner = accountId) =>
        store.setSenderWebhook(owner, channelId, id, change, 'cams', system);
      assert.equal(await set({ http: true }), 'no_url');
      assert.equal(await set({ queue: true }, '1'), 'missing');
      assert.equal(await set({ queue: true }, senderId, otherId), 'missing');
      assert.deepEqual((await store.findSender(channelId, senderId))?.webhook, noSenderWebhook);
      const audits = (owner: number) =>
        store.setChannelWebhook(owner, channelId, { http: true }, 'cams', system);
      assert.deepEqual([await audits(accountId), await audits(otherId)], ['no_url', 'missing']);
      assert.deepEqual((await store.findChannel(channelId))?.webhook, noChannelWebhook);
      assert.equal(await store.changeChannel(otherId, channelId, { name: 'Mine' }, system), false);
      assert.equal(await store.changeChannel(accountId, 'none', { name: 'Mine' }, system), false);
      assert.equal((await store.findChannel(channelId))?.name, 'Main');
    }),
  );
}
