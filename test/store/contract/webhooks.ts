import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { noChannelWebhook, noSenderWebhook } from '../../../src/domain/channel.ts';
import type { ChannelWebhook, SenderWebhook } from '../../../src/domain/channel.ts';
import { inWords, toDestinationSettings } from '../../../src/domain/delivery.ts';
import { reasoned } from '../../../src/domain/findings.ts';
import { receiptQueueAttributes } from '../../../src/domain/queue.ts';
import { destinationOf, need, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

export function webhookContract(open: OpenStore): void {
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
    "setDestinationSettings: a destination's settings are its account's alone to change",
    withStore(open, async (fixture) => {
      const { store, accountId, otherId } = fixture;
      const before = await destinationOf(fixture);
      const settings = { ...toDestinationSettings('cams'), batchSize: 50, concurrency: 2 };
      assert.equal(await store.setDestinationSettings(otherId, before.id, settings, system), false);
      assert.deepEqual(await store.findDestination(accountId, before.id), before);
      assert.equal(await store.setDestinationSettings(accountId, before.id, settings, system), true);
      assert.deepEqual(await store.findDestination(accountId, before.id), { ...before, settings });
    }),
  );

  test(
    "setDestinationSecrets: a destination's secrets are its account's alone to change",
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const before = await destinationOf(fixture);
      const secrets = [
        { secret: 'whsec_bmV3', expiresAt: null },
        { secret: 'whsec_b2xk', expiresAt: clock.now() + 1000 },
      ];
      assert.equal(await store.setDestinationSecrets(otherId, before.id, secrets, system), false);
      assert.deepEqual(await store.findDestination(accountId, before.id), before);
      assert.equal(await store.setDestinationSecrets(accountId, before.id, secrets, system), true);
      assert.deepEqual(await store.findDestination(accountId, before.id), { ...before, secrets });
    }),
  );

  test(
    "setDestinationState: a destination's state is its account's alone to change, and kept with its reason and since when",
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const before = await destinationOf(fixture);
      clock.advance(5000);
      assert.equal(await store.setDestinationState(otherId, before.id, 'off', inWords('x'), system), false);
      assert.deepEqual(await store.findDestination(accountId, before.id), before);
      const stateReason = reasoned('gone', { host: 'shop.example' });
      assert.equal(await store.setDestinationState(accountId, before.id, 'off', stateReason, system), true);
      const found = need(await store.findDestination(accountId, before.id));
      assert.equal(found.state, 'off');
      assert.deepEqual(found.stateReason, stateReason);
      assert.equal(found.stateSince, clock.now());
    }),
  );

  test(
    'setSenderWebhook, setChannelWebhook, changeChannel: changes of different settings of a sender, a channel and its webhook made at once are all kept',
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
    }),
  );

  test(
    'changeChannel: of changes at once of the credentials that each has seen, one is made',
    withStore(open, async ({ store, accountId, channelId }) => {
      await store.changeChannel(accountId, channelId, { credentials: { appSecret: 't' } }, system);
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
    }),
  );

  test(
    'setChannelWebhook: settings that would leave HTTP on with nowhere to go, and those of nobody, change nothing',
    withStore(open, async ({ store, accountId, otherId, channelId }) => {
      const audits = (owner: number) =>
        store.setChannelWebhook(owner, channelId, { http: true }, 'cams', system);
      assert.deepEqual([await audits(accountId), await audits(otherId)], ['no_url', 'missing']);
      assert.deepEqual((await store.findChannel(channelId))?.webhook, noChannelWebhook);
    }),
  );

  test(
    'changeChannel: a channel that is not there, or is of another account, is not changed',
    withStore(open, async ({ store, accountId, otherId, channelId }) => {
      assert.equal(await store.changeChannel(otherId, channelId, { name: 'Mine' }, system), false);
      assert.equal(await store.changeChannel(accountId, 'none', { name: 'Mine' }, system), false);
      assert.equal((await store.findChannel(channelId))?.name, 'Main');
    }),
  );
}
