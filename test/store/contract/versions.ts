import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { Expected } from '../../../src/domain/version.ts';
import { versionOfChannel, versionOfQueue, versionOfSender } from '../../../src/domain/version.ts';
import { isGatewayError } from '../../support/errors.ts';
import { need, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

const absent: Expected = { kind: 'absent' };

/** Settles all, and tells how many were made and with which codes the others were refused. */
async function race(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const ends = await Promise.allSettled(calls);
  return ends
    .map((end) => (end.status === 'fulfilled' ? 'done' : String((end.reason as { code: string }).code)))
    .toSorted();
}

export function versionContract(open: OpenStore): void {
  test(
    'putChannel: of makers at once who expect nothing there, one makes',
    withStore(open, async ({ store, accountId, channelId }) => {
      const channel = { id: 'new', type: 'messenger', name: 'Page' } as const;
      const sender = { id: '77', type: 'whatsapp', name: '77', routeId: '77' } as const;
      const refused = ['already_exists', 'already_exists', 'done'];
      const three = [0, 1, 2];
      assert.deepEqual(
        await race(three.map(() => store.putChannel(accountId, channel, system, absent))),
        refused,
      );
      assert.deepEqual(
        await race(three.map(() => store.putSender(accountId, channelId, sender, system, absent))),
        refused,
      );
    }),
  );

  test(
    'putChannel: of changes at once of one version one is made, also when the clock stands still, and no version comes back',
    withStore(open, async ({ store, accountId, channelId, senderId }) => {
      const seen = new Set<string>();
      for (let at = 0; at < 3; at += 1) {
        const version = versionOfChannel(need(await store.findChannel(channelId)));
        assert.ok(!seen.has(version));
        seen.add(version);
        const expected: Expected = { kind: 'versions', versions: [version] };
        const change = { id: channelId, type: 'whatsapp', credentials: { appSecret: `s${at}` } } as const;
        const ends = await race([0, 1, 2].map(() => store.putChannel(accountId, change, system, expected)));
        assert.deepEqual(ends, ['changed_meanwhile', 'changed_meanwhile', 'done']);
      }
      const sender = need(await store.findSender(channelId, senderId));
      const expected: Expected = { kind: 'versions', versions: [versionOfSender(sender)] };
      await store.setSenderVerification(accountId, channelId, senderId, 'verified');
      await assert.rejects(
        store.deleteSender(accountId, channelId, senderId, system, expected),
        isGatewayError('changed_meanwhile'),
      );
      assert.equal((await store.listSenders(accountId, channelId)).length, 1);
    }),
  );

  test(
    'createQueue: a queue that was made again is another one',
    withStore(open, async ({ store, accountId }) => {
      const attributes = {
        delaySeconds: 0,
        maximumMessageBytes: 65_536,
        retentionSeconds: 345_600,
        visibilitySeconds: 30,
        pollingWaitSeconds: 0,
        loggingEnabled: false,
      };
      await store.createQueue(accountId, 'orders', attributes);
      const version = versionOfQueue(need(await store.findQueue(accountId, 'orders')));
      const expected: Expected = { kind: 'versions', versions: [version] };
      await store.deleteQueue(accountId, 'orders');
      await store.createQueue(accountId, 'orders', attributes);
      await assert.rejects(
        store.setQueueAttributes(accountId, 'orders', { delaySeconds: 1 }, undefined, expected),
        isGatewayError('changed_meanwhile'),
      );
      await assert.rejects(
        store.deleteQueue(accountId, 'orders', undefined, expected),
        isGatewayError('changed_meanwhile'),
      );
    }),
  );
}
