import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import { inWords, toDestinationSettings } from '../../../src/domain/delivery.ts';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { maxWalked } from '../../../src/store/rows/paging.ts';
import type { ChangeFilter } from '../../../src/store/store.ts';
import { need, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

const actor = { kind: 'key', id: 'first-key' } as const;

export function journalContract(open: OpenStore): void {
  test(
    'recordChange: every change by a person is recorded: who, when, what, and no secret',
    withStore(open, async ({ store, accountId, otherId, channelId, senderId, clock }) => {
      const known = (await store.listChanges(accountId, { limit: 100 })).items.length;
      await store.createKey({ id: 'k2', accountId, secret: 'hush-1' }, actor);
      await store.setKeyState(accountId, 'k2', 'disabled', actor);
      const credentials = { appSecret: 'hush-2', accessToken: 'hush-3' };
      await store.putChannel(
        accountId,
        { id: channelId, type: 'whatsapp', name: 'N', wabaId: '1', credentials },
        actor,
      );
      await store.putSender(
        accountId,
        channelId,
        { id: '5', type: 'whatsapp', name: 'S', routeId: '5' },
        actor,
      );
      const url = 'https://shop.example/';
      await store.setSenderWebhook(
        accountId,
        channelId,
        senderId,
        { ...noSenderWebhook, statusUrl: url },
        'standard',
        actor,
      );
      const { id } = need(await store.findDestinationByUrl(accountId, url));
      await store.setDestinationSettings(accountId, id, toDestinationSettings('cams'), actor);
      await store.setDestinationState(accountId, id, 'off', inWords('Maintenance.'), actor);
      await store.setDestinationSecrets(accountId, id, [{ secret: 'whsec_hush-4', expiresAt: null }], actor);
      await store.createQueue(accountId, 'q', defaultQueueAttributes, actor);
      await store.setQueueAttributes(accountId, 'q', { delaySeconds: 1 }, actor);
      await store.deleteQueue(accountId, 'q', actor);
      await store.deleteSender(accountId, channelId, '5', actor);
      clock.advance(1);
      await store.deleteChannel(accountId, channelId, actor);
      const { items } = await store.listChanges(accountId, { limit: 100 });
      const changes = items.slice(0, items.length - known);
      assert.deepEqual(changes.map(({ action, subject }) => `${action} ${subject}`).toReversed(), [
        'key.created key/k2',
        'key.disabled key/k2',
        `channel.put channel/${channelId}`,
        `sender.put channel/${channelId}/sender/5`,
        `destination.created destination/${id}`,
        `webhook.set channel/${channelId}/sender/${senderId}`,
        `destination.set destination/${id}`,
        `destination.off destination/${id}`,
        `destination.secret_rotated destination/${id}`,
        'queue.created queue/q',
        'queue.set queue/q',
        'queue.deleted queue/q',
        `sender.deleted channel/${channelId}/sender/5`,
        `channel.deleted channel/${channelId}`,
      ]);
      assert.ok(
        changes.every((change) => change.actor === 'key/first-key' && change.accountId === accountId),
      );
      assert.equal(changes[0]?.at, clock.now());
      assert.doesNotMatch(JSON.stringify(changes), /hush/);
      assert.ok(
        !(await store.listChanges(otherId, { limit: 100 })).items.some(
          (change) => change.actor === 'key/first-key',
        ),
      );
    }),
  );

  test(
    'listChanges: a filter finds changes by who, what, the thing and its parts, and time, however many others there are',
    withStore(open, async ({ store, accountId, clock }) => {
      const other = { kind: 'user', id: 'ana' } as const;
      const begun = clock.now();
      await store.recordChange(accountId, other, 'channel.tried', 'channel/a', {});
      await store.recordChange(accountId, actor, 'sender.put', 'channel/a/sender/1', {});
      await store.recordChange(accountId, actor, 'channel.tried', 'channel/ab', {});
      clock.advance(60_000);
      await store.recordChange(accountId, actor, 'channel.tried', 'channel/c', {});
      const find = async (filter: ChangeFilter): Promise<string[]> =>
        (await store.listChanges(accountId, { limit: 100 }, filter)).items.map(({ subject }) => subject);
      assert.deepEqual(await find({ subject: 'channel/a' }), ['channel/a/sender/1', 'channel/a']);
      assert.deepEqual(await find({ subject: 'a' }), ['channel/a/sender/1', 'channel/a']);
      assert.deepEqual(await find({ subject: 'sender/1' }), ['channel/a/sender/1']);
      assert.deepEqual(await find({ subject: '%' }), []);
      assert.deepEqual(await find({ actor: 'user/ana' }), ['channel/a']);
      assert.deepEqual(await find({ action: 'channel.tried', since: begun + 1 }), ['channel/c']);
      assert.deepEqual(await find({ action: 'channel.tried', until: begun + 1 }), [
        'channel/ab',
        'channel/a',
      ]);
      for (let at = 0; at < maxWalked + 10; at += 100)
        await Promise.all(
          Array.from({ length: 100 }, () => store.recordChange(accountId, actor, 'queue.set', 'queue/q', {})),
        );
      const first = await store.listChanges(accountId, { limit: 10 }, { actor: 'user/ana' });
      assert.deepEqual(first.items, []);
      const page = { limit: 10, cursor: need(first.next) };
      const rest = await store.listChanges(accountId, page, { actor: 'user/ana' });
      assert.deepEqual([rest.items.map(({ subject }) => subject), rest.next], [['channel/a'], null]);
    }),
  );

  test(
    'listChanges: a change that was refused, and what the SMQ protocol does, are not recorded',
    withStore(open, async ({ store, accountId, otherId, channelId }) => {
      const before = await store.listChanges(accountId, { limit: 100 });
      await store.deleteChannel(accountId, 'none', actor);
      await store.setKeyState(accountId, 'none', 'disabled', actor);
      await store.deleteQueue(accountId, 'none', actor);
      await store.putChannel(
        otherId,
        { id: channelId, type: 'whatsapp', name: 'N', wabaId: '1', credentials: {} },
        actor,
      );
      await store.createQueue(accountId, 'q', defaultQueueAttributes);
      await store.setQueueAttributes(accountId, 'q', { delaySeconds: 1 });
      await store.deleteQueue(accountId, 'q');
      assert.deepEqual(await store.listChanges(accountId, { limit: 100 }), before);
    }),
  );
}
