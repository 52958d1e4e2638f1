import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inbound, intake, need, record, toId, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';
import { outbound } from './outbound-fixture.ts';

const system = { kind: 'system', id: 'test' } as const;
const userId = '4915112345678';
const page = { limit: 100 };

const textOf = async ({ store, accountId }: Fixture, name: string) =>
  need(await store.findTimeline(accountId, toId(name))).receipt.content;

const rawOf = async ({ store, accountId }: Fixture, name: string): Promise<string> => {
  const { rawEventId } = need(await store.findTimeline(accountId, toId(name)));
  return Buffer.from(need(await store.findRawEvent(accountId, rawEventId)).body).toString();
};

export function erasureContract(open: OpenStore): void {
  test(
    'eraseContent: the content of one user is erased, the facts and everybody else stay',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId } = fixture;
      await record(fixture, inbound(fixture, 'm1'));
      const scoped = { id: '15550009999', userId } as const;
      const facts = { type: 'ChatAppInbound', messageId: 'm2', kind: 'text', user: scoped } as const;
      await record(fixture, inbound(fixture, 'm2', { facts }));
      const other = { ...facts, messageId: 'm3', user: { id: '15550001234' } };
      await record(fixture, inbound(fixture, 'm3', { facts: other }));
      assert.equal((await store.eraseContent(otherId, { userId }, page, system)).receipts, 0);
      const erased = await store.eraseContent(accountId, { userId }, page, system);
      assert.deepEqual(erased, { receipts: 2, messages: 0, media: [], apart: 0, unreadable: 0, next: null });
      assert.equal(await textOf(fixture, 'm1'), null);
      assert.equal(await textOf(fixture, 'm2'), null);
      assert.deepEqual(await textOf(fixture, 'm3'), { text: 'text of m3' });
      assert.equal(
        need(await store.findTimeline(accountId, toId('m1'))).receipt.facts.type,
        'ChatAppInbound',
      );
      assert.equal(await rawOf(fixture, 'm1'), '');
      assert.notEqual(await rawOf(fixture, 'm3'), '');
      const again = await store.eraseContent(accountId, { userId }, page, system);
      assert.equal(again.receipts, 0);
      const { items } = await store.listChanges(accountId, page);
      assert.equal(items[0]?.action, 'content.erased');
      assert.ok(!JSON.stringify(items).includes(userId));
    }),
  );

  test(
    'eraseContent: what a channel told of a user beside a status is erased, the facts stay',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const extra = { contact: { profile: { name: 'Ana Example' } } };
      const facts = { type: 'ChatAppStatus', messageId: 'm1', status: 'read', user: { id: userId } } as const;
      await record(fixture, inbound(fixture, 'm1', { facts: { ...facts, extra }, content: null }));
      await record(fixture, inbound(fixture, 'm2', { facts: { ...facts, messageId: 'm2' }, content: null }));
      const others = { ...facts, messageId: 'm3', user: { id: '15550001234' }, extra };
      await record(fixture, inbound(fixture, 'm3', { facts: others, content: null }));
      assert.equal((await store.countErasable(accountId, { userId }, page)).receipts, 1);
      assert.equal((await store.eraseContent(accountId, { userId }, page, system)).receipts, 1);
      const factsOf = async (name: string) =>
        need(await store.findTimeline(accountId, toId(name))).receipt.facts;
      assert.deepEqual(await factsOf('m1'), facts);
      assert.deepEqual(await factsOf('m2'), { ...facts, messageId: 'm2' });
      assert.deepEqual(await factsOf('m3'), others);
      assert.equal(await rawOf(fixture, 'm1'), '');
      assert.notEqual(await rawOf(fixture, 'm2'), '');
      assert.equal((await store.eraseContent(accountId, { userId }, page, system)).receipts, 0);
    }),
  );

  test(
    'eraseMessages: what a user took back is erased by the ids of its messages, of that user and channel alone',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId } = fixture;
      const media = { id: toId('picture'), channelMediaId: 'graph-1', mimeType: 'image/jpeg' };
      await record(fixture, inbound(fixture, 'm1', { media, content: { media } }));
      await record(fixture, inbound(fixture, 'm2'));
      await record(fixture, inbound(fixture, 'm3'));
      const request = { userId, channelId };
      const ids = ['m1', 'm2', 'never'];
      assert.deepEqual(await store.eraseMessages(otherId, request, ids), []);
      assert.deepEqual(await store.eraseMessages(accountId, { userId, channelId: 'another' }, ids), []);
      assert.deepEqual(await store.eraseMessages(accountId, { userId: '1', channelId }, ids), []);
      assert.notEqual(await textOf(fixture, 'm1'), null);
      assert.deepEqual(await store.eraseMessages(accountId, request, ids), [{ accountId, id: media.id }]);
      assert.equal(await textOf(fixture, 'm1'), null);
      assert.equal(await textOf(fixture, 'm2'), null);
      assert.notEqual(await textOf(fixture, 'm3'), null);
      assert.equal(need(await store.findMedia(accountId, media.id)).state, 'erased');
      assert.equal(await rawOf(fixture, 'm2'), '');
      assert.deepEqual(await store.eraseMessages(accountId, request, ids), []);
    }),
  );

  test(
    'eraseContent: an erasure goes through all receipts in steps, newest first',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      for (const name of ['m1', 'm2', 'm3', 'm4', 'm5']) await record(fixture, inbound(fixture, name));
      let erased = 0;
      let steps = 0;
      for (let cursor: string | null | undefined; cursor !== null; steps += 1) {
        const step = await store.eraseContent(
          accountId,
          { userId },
          { limit: 2, ...(cursor === undefined ? {} : { cursor }) },
          system,
        );
        erased += step.receipts;
        cursor = step.next;
      }
      assert.deepEqual([erased, steps], [5, 3]);
      for (const name of ['m1', 'm5']) assert.equal(await textOf(fixture, name), null);
    }),
  );

  test(
    'eraseContent: an erasure takes media, and leaves raw bytes in which something waits for its owner',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const id = toId('picture');
      const media = { id, channelMediaId: 'graph-1', mimeType: 'image/jpeg' };
      const picture = inbound(fixture, 'm1', { media, content: { media } });
      const route = { by: 'sender', id: 'nobody' } as const;
      await store.recordIntake([intake(fixture, [picture], { unrouted: [{ route, index: 1 }] })]);
      const erased = await store.eraseContent(accountId, { userId }, page, system);
      assert.deepEqual(erased.media, [{ accountId, id }]);
      assert.equal(need(await store.findMedia(accountId, id)).state, 'erased');
      assert.equal(await store.findNextMediaDue(0), undefined);
      assert.notEqual(await rawOf(fixture, 'm1'), '');
    }),
  );

  test(
    'eraseContent: an erasure takes what was written to the user once it is over, on one channel if asked',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId } = fixture;
      const [added] = await store.addOutbound(accountId, [outbound(fixture, userId)]);
      const { id } = need(added);
      const erase = async (channel: string) =>
        (await store.eraseContent(accountId, { userId, channelId: channel }, page, system)).messages;
      const envelope = async () => need((await store.findOutbound(accountId, { ids: [id] }))[0]).envelope;
      assert.equal(await erase(channelId), 0, 'one that is still to be sent stays');
      const next = { kind: 'accepted', channelMessageId: 'wamid.1', nextStepAt: null } as const;
      await store.settleOutbound([{ accountId, id, attempt: null, next }]);
      assert.equal(await erase('another'), 0);
      assert.equal(await erase(channelId), 1);
      assert.deepEqual(await envelope(), { frame: 'message', messageType: 'text' });
      assert.equal(await erase(channelId), 0);
    }),
  );
}
