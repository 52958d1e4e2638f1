// Messages of users that name messages of ours: both spaces of ids are told.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { parseOutboundId } from '../../../src/domain/ids.ts';
import type { Store } from '../../../src/store/store.ts';
import { record } from '../../../src/core/receipts/record.ts';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import { rereadUnrouted } from '../../../src/core/receipts/route-reread.ts';
import { appSecret, openHookApp, toStatus, toText, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';

const number = '15550001111';
const page = '300000000000001';
const user = '15550002222';

let hooks: HookApp;

beforeEach(async () => {
  hooks = await openHookApp();
  await hooks.addNumber(number, '200000000000001');
});
afterEach(() => hooks.close());

/** Adds a message that the channel has taken; resolves to our MessageId. */
async function send(
  channelMessageId: string | null,
  changes: { channelId?: string; senderId?: string; taskId?: string | null; groupId?: string | null } = {},
): Promise<string> {
  const { store, clock, accountId } = hooks;
  const { channelId = 'wa', senderId = number, taskId = 'order-7', groupId = null } = changes;
  const [added] = await store.addOutbound(accountId, [
    {
      channelId,
      channelType: channelId === 'wa' ? 'whatsapp' : 'messenger',
      senderId,
      to: user,
      groupId,
      taskId,
      envelope: { frame: 'message', messageType: 'text', content: { text: 'hello' } },
      expiresAt: clock.now() + 60_000,
      oncePerTask: false,
    },
  ]);
  const id = added?.id ?? 0;
  await store.claimOutbound({ accountId, channelId, senderId, limit: 1, now: clock.now(), leaseMs: 60_000 });
  if (channelMessageId !== null) {
    const attempt = { at: clock.now(), durationMs: 1, outcome: 'accepted', code: '', text: '' } as const;
    const next = { kind: 'accepted', channelMessageId, nextStepAt: null } as const;
    await store.settleOutbound([{ accountId, id, attempt, next }]);
  }
  const [message] = await store.findOutbound(accountId, { ids: [id] });
  assert.ok(message);
  return message.messageId;
}

async function tell(...messages: readonly object[]): Promise<Record<string, unknown>[]> {
  assert.equal(await hooks.post(toWebhook({ messages })), 200);
  return hooks.drain('ChatAppInbound');
}

const toMessage = (receipt: Record<string, unknown> | undefined): unknown =>
  JSON.parse(String(receipt?.['Message']));

const about = (id: string, type: string, members: object): object => ({
  from: user,
  id,
  timestamp: '1780000000',
  type,
  [type]: members,
});

describe('a message of a user that names one of ours', () => {
  it('tells our MessageId and TaskId of what it quotes, with the channel’s id beside them', async () => {
    const messageId = await send('wamid.ours');
    const context = { from: number, id: 'wamid.ours' };
    const [quote] = await tell({ ...toText('wamid.1'), context });
    const told = { messageId, taskId: 'order-7', channelMessageId: 'wamid.ours' };
    assert.deepEqual(quote?.['Context'], told);
    const button = { payload: 'YES', text: 'Yes' };
    const [tap] = await tell({ ...about('wamid.2', 'button', button), context });
    assert.deepEqual(tap?.['Context'], told);
    const choice = { type: 'list_reply', list_reply: { id: 'a', title: 'A' } };
    const [listed] = await tell({ ...about('wamid.3', 'interactive', choice), context });
    assert.deepEqual(listed?.['Context'], told);
  });

  it('tells them of what it reacts to, edits or takes back', async () => {
    const messageId = await send('wamid.ours', { taskId: null });
    const told = { messageId, channelMessageId: 'wamid.ours' };
    const receipts = await tell(
      about('wamid.1', 'reaction', { message_id: 'wamid.ours', emoji: '👍' }),
      about('wamid.2', 'edit', {
        original_message_id: 'wamid.ours',
        message: { type: 'text', text: { body: 'so' } },
      }),
      about('wamid.3', 'revoke', { original_message_id: 'wamid.ours' }),
    );
    assert.deepEqual(receipts.map(toMessage), [
      { ...told, emoji: '👍' },
      { ...told, type: 'text', text: 'so' },
      told,
    ]);
  });

  it('tells them of what a message answers that is edited, and nothing of a placeholder', async () => {
    const messageId = await send('wamid.ours');
    const toEdit = (id: string, quoted: string): object =>
      about(id, 'edit', {
        original_message_id: 'wamid.theirs',
        message: { type: 'text', text: { body: 'so' }, context: { id: quoted } },
      });
    const [known, other, none] = await tell(
      toEdit('wamid.1', 'wamid.ours'),
      toEdit('wamid.2', 'wamid.unknown'),
      toEdit('wamid.3', 'M0'),
    );
    assert.deepEqual(known?.['Context'], { messageId, taskId: 'order-7', channelMessageId: 'wamid.ours' });
    assert.equal(known['Extra'], undefined);
    assert.deepEqual(other?.['Context'], { messageId: 'wamid.unknown' });
    assert.equal(none?.['Context'], undefined);
    assert.deepEqual(none?.['Extra'], { event: { edit: { message: { context: { id: 'M0' } } } } });
  });

  it('tells the channel’s id alone where the message is not known or is another sender’s', async () => {
    await hooks.addNumber('15550003333', '200000000000003');
    await send('wamid.other', { senderId: '15550003333' });
    const unknown = { from: number, id: 'wamid.unknown' };
    const [quote] = await tell({ ...toText('wamid.1'), context: unknown });
    assert.deepEqual(quote?.['Context'], { messageId: 'wamid.unknown' });
    const [reaction] = await tell(about('wamid.2', 'reaction', { message_id: 'wamid.other', emoji: '' }));
    assert.deepEqual(toMessage(reaction), { messageId: 'wamid.other', emoji: '' });
    const own = await tell({ ...toText('wamid.3'), context: { from: user, id: 'wamid.1' } });
    assert.deepEqual(own[0]?.['Context'], { messageId: 'wamid.1' });
  });

  it('knows a message that only a status of the same webhook names', async () => {
    const messageId = await send(null);
    const status = { ...toStatus('wamid.late', 'delivered'), biz_opaque_callback_data: messageId };
    const reaction = about('wamid.1', 'reaction', { message_id: 'wamid.late', emoji: '👍' });
    assert.equal(await hooks.post(toWebhook({ messages: [reaction], statuses: [status] })), 200);
    const [told] = await hooks.drain('ChatAppInbound');
    assert.deepEqual(toMessage(told), {
      messageId,
      taskId: 'order-7',
      channelMessageId: 'wamid.late',
      emoji: '👍',
    });
  });

  it('is told so when it is read again for a sender that came late', async () => {
    const { store, accountId, recording } = hooks;
    const messageId = await send('wamid.ours');
    await store.deleteSender(accountId, 'wa', number, system);
    await hooks.post(toWebhook({ messages: [{ ...toText('wamid.1'), context: { id: 'wamid.ours' } }] }));
    assert.deepEqual(await hooks.drain('ChatAppInbound'), []);
    await hooks.addNumber(number, '200000000000001');
    await rereadUnrouted(recording, 'whatsapp', { by: 'sender', id: '200000000000001' });
    const [quote] = await hooks.drain('ChatAppInbound');
    assert.equal((quote?.['Context'] as Record<string, unknown>)['messageId'], messageId);
  });

  it('is found under an id that is too long for an index', async () => {
    const long = `wamid.${'x'.repeat(2000)}`;
    const messageId = await send(null);
    const status = { ...toStatus(long, 'sent'), biz_opaque_callback_data: messageId };
    await hooks.post(toWebhook({ statuses: [status] }));
    const [reaction] = await tell(about('wamid.1', 'reaction', { message_id: long, emoji: '👍' }));
    assert.equal((toMessage(reaction) as Record<string, unknown>)['messageId'], messageId);
  });

  it('is told by the id of its mass send where statuses are', async () => {
    const messageId = await send('wamid.ours', { groupId: 'mass-1', taskId: null });
    await tell({ ...toText('wamid.1'), context: { id: 'wamid.ours' } });
    const { items } = await hooks.store.listReceipts(hooks.accountId, {}, { limit: 1 });
    assert.ok(items[0]);
    const contextOf = (groupIds: boolean) =>
      createReceiptRenderer({ groupIds, mediaUrl: () => '' })(items[0] ?? assert.fail(), undefined)[
        'Context'
      ];
    const ids = { groupMessageId: 'mass-1', channelMessageId: 'wamid.ours' };
    assert.deepEqual(contextOf(false), { messageId, ...ids });
    assert.deepEqual(contextOf(true), { messageId: 'mass-1', ...ids });
  });
});

describe('on Messenger', () => {
  const toEvent = (members: object) => ({
    sender: { id: user },
    recipient: { id: page },
    timestamp: 1_780_000_000_000,
    ...members,
  });

  it('tells our ids of what is answered, reacted to and judged', async () => {
    await hooks.addPages('messenger', 'fb', [page]);
    const messageId = await send('m_ours', { channelId: 'fb', senderId: page });
    const body = JSON.stringify({
      object: 'page',
      entry: [
        {
          id: page,
          time: 1_780_000_000_000,
          messaging: [
            toEvent({ message: { mid: 'm_1', text: 'this one', reply_to: { mid: 'm_ours' } } }),
            toEvent({ reaction: { mid: 'm_ours', action: 'react', emoji: '❤', reaction: 'love' } }),
            toEvent({ response_feedback: { mid: 'm_ours', feedback: 'Good response' } }),
            toEvent({ postback: { mid: 'm_ours', title: 'Yes', payload: 'YES' } }),
            toEvent({ postback: { mid: 'm_2', title: 'No', payload: 'NO' } }),
            toEvent({ reaction: { mid: 'm_ours', action: 'superreact', emoji: '❤' } }),
            toEvent({ messaging_feedback: { mid: 'm_ours', feedback_screens: [] } }),
          ],
        },
      ],
    });
    assert.equal(await hooks.post(body, 'fb', appSecret, 'messenger'), 200);
    const [reply, reaction, feedback, tap, other, odd, form] = await hooks.drain('ChatAppInbound');
    const told = { messageId, taskId: 'order-7', channelMessageId: 'm_ours' };
    assert.deepEqual(reply?.['Context'], told);
    assert.deepEqual(toMessage(reaction), { ...told, emoji: '❤', reaction: 'love' });
    assert.deepEqual(toMessage(feedback), {
      mid: 'm_ours',
      feedback: 'Good response',
      type: 'response_feedback',
      ...told,
    });
    assert.deepEqual([tap?.['Context'], other?.['Context']], [told, undefined]);
    assert.deepEqual(toMessage(odd), { type: 'reaction', emoji: '❤', action: 'superreact', ...told });
    assert.deepEqual(toMessage(form), { mid: 'm_ours', feedback_screens: [], ...told });
  });
});

describe('the cost', () => {
  it('is one read of the store for a webhook whose messages name others, and none for any other', async () => {
    const messageId = await send('wamid.ours');
    let reads = 0;
    const counted: Pick<Store, 'findOutbound'> = {
      findOutbound: (...values) => {
        reads += 1;
        return hooks.store.findOutbound(...values);
      },
    };
    const { recording, store } = hooks;
    const channel = await store.findChannel('wa');
    const connector = recording.connectors.whatsapp;
    assert.ok(channel && connector);
    const take = async (value: Parameters<typeof toWebhook>[0]): Promise<number> => {
      const before = reads;
      const body = Buffer.from(toWebhook(value));
      const deps = { ...recording, store: { ...store, ...counted } };
      await record(deps, channel, body, connector.parse(body, channel));
      return reads - before;
    };
    assert.equal(await take({ messages: [toText('wamid.1'), toText('wamid.2')] }), 0);
    const reaction = about('wamid.3', 'reaction', { message_id: 'wamid.ours', emoji: '👍' });
    const quote = { ...toText('wamid.4'), context: { id: 'wamid.ours' } };
    const status = { ...toStatus('wamid.ours', 'read'), biz_opaque_callback_data: messageId };
    assert.equal(await take({ messages: [reaction, quote, toText('wamid.5')], statuses: [status] }), 1);
  });
});

describe('a status', () => {
  it('tells the channel’s id of its message beside our own', async () => {
    const messageId = await send('wamid.ours');
    await hooks.post(
      toWebhook({ statuses: [toStatus('wamid.ours', 'delivered'), toStatus('wamid.x', 'read')] }),
    );
    const told = (await hooks.drain('ChatAppStatus')).map((receipt) => [
      receipt['MessageId'],
      receipt['ChannelMessageId'],
    ]);
    assert.deepEqual(told, [
      [messageId, 'wamid.ours'],
      ['wamid.x', undefined],
    ]);
    assert.notEqual(parseOutboundId(messageId), undefined);
  });
});
