// Echoes of what was written elsewhere, beside echoes of what was sent through here: the latter are never told as the former.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { ChannelOptions } from '../../../src/domain/channel.ts';
import { appSecret, openHookApp } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { waitUntil } from '../../support/service.ts';

const page = '300000000000001';
const account = '17840000000000001';
const user = '24000000000000001';
const at = 1_780_000_000_123;

let hooks: HookApp;

type Type = 'messenger' | 'instagram';
const senders = { messenger: page, instagram: account };

beforeEach(async () => {
  hooks = await openHookApp();
  for (const type of ['messenger', 'instagram'] as const) {
    await hooks.addPages(type, type, [senders[type]]);
    await setOptions(type, { echoes: true });
  }
});
afterEach(() => hooks.close());

async function setOptions(type: Type, options: ChannelOptions): Promise<void> {
  await hooks.store.putChannel(hooks.accountId, { id: type, type, name: type, options }, system);
}

/** Leaves a message of the business in the middle of its send call; resolves to its id. */
async function beginSend(type: Type): Promise<number> {
  const { store, clock, accountId } = hooks;
  const sender = { channelId: type, senderId: senders[type] };
  const [added] = await store.addOutbound(accountId, [
    {
      ...sender,
      channelType: type,
      to: user,
      groupId: null,
      taskId: 'order-7',
      envelope: { frame: 'message', messageType: 'text', content: { text: 'hello' } },
      expiresAt: clock.now() + 60_000,
      oncePerTask: false,
    },
  ]);
  await store.claimOutbound({ accountId, ...sender, limit: 1, now: clock.now(), leaseMs: 60_000 });
  return added?.id ?? 0;
}

async function endSend(id: number, channelMessageId: string): Promise<void> {
  const { store, clock, accountId } = hooks;
  const attempt = { at: clock.now(), durationMs: 1, outcome: 'accepted', code: '', text: '' } as const;
  const next = { kind: 'accepted', channelMessageId, nextStepAt: null } as const;
  await store.settleOutbound([{ accountId, id, attempt, next }]);
}

async function postEcho(type: Type, message: object): Promise<void> {
  const object = type === 'messenger' ? 'page' : 'instagram';
  const event = {
    sender: { id: senders[type] },
    recipient: { id: user },
    timestamp: at,
    message: { is_echo: true, ...message },
  };
  const body = JSON.stringify({ object, entry: [{ id: senders[type], time: at, messaging: [event] }] });
  assert.equal(await hooks.post(body, type, appSecret, type), 200);
}

const receipts = async () => (await hooks.store.listReceipts(hooks.accountId, {}, { limit: 50 })).items;
const toKinds = async () =>
  (await receipts())
    .map(({ facts }) =>
      facts.type === 'ChatAppInbound' ? facts.kind : facts.type === 'ChatAppStatus' ? facts.status : '',
    )
    .toReversed();

for (const type of ['messenger', 'instagram'] as const)
  describe(`an echo on ${type}`, () => {
    it('of a message that was sent through here is its Sent, and no echo', async () => {
      await endSend(await beginSend(type), 'm_ours');
      await postEcho(type, { mid: 'm_ours', text: 'hello' });
      await postEcho(type, { mid: 'm_ours', text: 'hello' });
      assert.deepEqual(await toKinds(), ['sent']);
      const [sent] = await hooks.drain('ChatAppStatus');
      assert.equal(sent?.['TaskId'], 'order-7');
      assert.deepEqual(await hooks.drain('ChatAppInbound'), []);
    });

    it('of a message with files that was sent through here is told once, as its Sent', async () => {
      await endSend(await beginSend(type), 'm_ours');
      const image = { type: 'image', payload: { url: 'https://cdn.example/a.jpg' } };
      await postEcho(type, { mid: 'm_ours', text: 'look', attachments: [image, image] });
      assert.deepEqual(await toKinds(), ['sent']);
    });

    it('that is faster than the answer to the send call waits for it', async () => {
      const id = await beginSend(type);
      await postEcho(type, { mid: 'm_ours', text: 'hello' });
      assert.deepEqual(await toKinds(), []);
      await endSend(id, 'm_ours');
      await waitUntil('it is told', 60_000, async () => (await receipts()).length === 1);
      assert.deepEqual(await toKinds(), ['sent']);
    });

    it('of what was written elsewhere meanwhile is an echo once the answer has come', async () => {
      const id = await beginSend(type);
      await postEcho(type, { mid: 'm_inbox', text: 'from a person' });
      assert.deepEqual(await toKinds(), []);
      await endSend(id, 'm_ours');
      await waitUntil('it is told', 60_000, async () => (await receipts()).length === 1);
      assert.deepEqual(await toKinds(), ['echo']);
      await postEcho(type, { mid: 'm_inbox', text: 'from a person' });
      assert.deepEqual(await toKinds(), ['echo']);
    });

    it('of what was written elsewhere is told when the wait for an answer is over', async () => {
      await beginSend(type);
      await postEcho(type, { mid: 'm_inbox', text: 'from a person' });
      hooks.clock.advance(10_000);
      await waitUntil('it is told', 60_000, async () => {
        hooks.ringTimers();
        return (await receipts()).length === 1;
      });
      assert.deepEqual(await toKinds(), ['echo']);
    });

    it('says that a message which was sent through here was taken back in the inbox', async () => {
      await endSend(await beginSend(type), 'm_ours');
      await postEcho(type, { mid: 'm_ours', is_deleted: true });
      assert.deepEqual(await toKinds(), ['deleted']);
    });

    it('of one account does not count as sent by another', async () => {
      await endSend(await beginSend(type), 'm_ours');
      await postEcho(type === 'messenger' ? 'instagram' : 'messenger', { mid: 'm_ours', text: 'hello' });
      assert.deepEqual(await toKinds(), ['echo']);
    });
  });

it('an echo of the own app, by the id that the channel names, is told by nobody', async () => {
  const body = readFileSync(new URL('../../fixtures/messenger/echo-from-own-app.json', import.meta.url));
  await setOptions('messenger', { echoes: true, appId: '1517776481860111' });
  assert.equal(await hooks.post(body, 'messenger', appSecret, 'messenger'), 200);
  assert.deepEqual(await toKinds(), []);
  await setOptions('messenger', { echoes: true, appId: '2' });
  assert.equal(await hooks.post(body, 'messenger', appSecret, 'messenger'), 200);
  assert.deepEqual(await toKinds(), ['echo']);
});

it('what was echoed is erased with the user that it was written to', async () => {
  await postEcho('messenger', { mid: 'm_inbox', text: 'Dear Pat' });
  const { store, accountId } = hooks;
  await store.eraseContent(accountId, { userId: user }, { limit: 100 }, system);
  const [receipt] = await receipts();
  assert.equal(receipt?.content, null);
});
