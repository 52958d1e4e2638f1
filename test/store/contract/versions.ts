import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { Expected } from '../../../src/domain/version.ts';
import { versionOfChannel, versionOfQueue, versionOfSender } from '../../../src/domain/version.ts';
import { isGatewayError } from '../../support/errors.ts';
import { need, queueOf, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

const absent: Expected = { kind: 'absent' };

/** Settles all, and tells how many were made and with which codes the others were refused. */
async function race(calls: readonly Promise<unknown>[]): Promise<string[]> {
  const ends = await Promise.allSettled(calls);
  return ends
    .map((end) => (end.status === 'fulfilled' ? 'done' : String((end.reason as { code: string }).code)))
    .toSorted();
}

/** Makes a queue, deletes it and makes it again just as it was; resolves to what is expected by whoever saw the first. */
async function makeAgain(fixture: Fixture): Promise<Expected> {
  const first = await queueOf(fixture);
  await fixture.store.deleteQueue(fixture.accountId, first.name);
  await queueOf(fixture);
  return { kind: 'versions', versions: [versionOfQueue(first)] };
}

export function versionContract(open: OpenStore): void {
  test(
    'putChannel: of makers at once who expect nothing there, one makes',
    withStore(open, async ({ store, accountId }) => {
      const channel = { id: 'new', type: 'messenger', name: 'Page' } as const;
      assert.deepEqual(
        await race([0, 1, 2].map(() => store.putChannel(accountId, channel, system, absent))),
        ['already_exists', 'already_exists', 'done'],
      );
    }),
  );

  test(
    'putSender: of makers at once who expect nothing there, one makes',
    withStore(open, async ({ store, accountId, channelId }) => {
      const sender = { id: '77', type: 'whatsapp', name: '77', routeId: '77' } as const;
      assert.deepEqual(
        await race([0, 1, 2].map(() => store.putSender(accountId, channelId, sender, system, absent))),
        ['already_exists', 'already_exists', 'done'],
      );
    }),
  );

  test(
    'putChannel: of changes at once of one version one is made, also when the clock stands still, and no version comes back',
    withStore(open, async ({ store, accountId, channelId }) => {
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
    }),
  );

  test(
    'deleteSender: a sender that was changed since it was seen stays',
    withStore(open, async ({ store, accountId, channelId, senderId }) => {
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
    'setQueueAttributes: whoever means a queue that was made again since does not change the new one',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const expected = await makeAgain(fixture);
      await assert.rejects(
        store.setQueueAttributes(accountId, 'orders', { delaySeconds: 1 }, undefined, expected),
        isGatewayError('changed_meanwhile'),
      );
      assert.equal((await store.findQueue(accountId, 'orders'))?.attributes.delaySeconds, 0);
    }),
  );

  test(
    'deleteQueue: what is not there is missing, whatever version of it is expected (RFC 9110, 13.2.1), and so are templates and destinations',
    withStore(open, async ({ store, accountId, channelId }) => {
      for (const expected of [{ kind: 'present' }, { kind: 'versions', versions: ['x'] }] as const) {
        assert.equal(await store.deleteQueue(accountId, 'none', undefined, expected), false);
        assert.equal(await store.setQueueAttributes(accountId, 'none', {}, undefined, expected), false);
        assert.equal(await store.deleteTemplate(accountId, channelId, 'none', 'en', system, expected), 0);
        assert.equal(await store.removeDestination(accountId, 99, system, expected), 'missing');
        assert.equal(
          await store.changeDestination(accountId, 99, { name: 'x' }, system, expected),
          'missing',
        );
        assert.equal(await store.deleteChannel(accountId, 'none', system, expected), false);
        assert.equal(await store.deleteSender(accountId, channelId, '9', system, expected), false);
      }
    }),
  );

  test(
    'deleteQueue: whoever means a queue that was made again since does not delete the new one',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const expected = await makeAgain(fixture);
      await assert.rejects(
        store.deleteQueue(accountId, 'orders', undefined, expected),
        isGatewayError('changed_meanwhile'),
      );
      assert.ok(await store.findQueue(accountId, 'orders'));
    }),
  );
}
