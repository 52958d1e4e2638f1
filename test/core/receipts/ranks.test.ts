// What a message's statuses come to, whatever their order: the answer to its send call and every webhook of it, each twice.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toStatusIdentity } from '../../../src/domain/identity.ts';
import { toRank } from '../../../src/domain/receipt.ts';
import { record } from '../../../src/core/receipts/record.ts';
import type { ChannelType } from '../../../src/domain/channel.ts';
import { appSecret, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { waitUntil } from '../../support/service.ts';
import { botId, openViberHooks, serviceId } from '../../support/viber.ts';
import type { ViberHooks } from '../../support/viber.ts';

/** What times of the channel are counted from. */
const base = 1_780_000_000_000;
const page = '300000000000001';
const account = '17840000000000001';
const number = '15550001111';

interface Sent {
  readonly id: number;
  readonly messageId: string;
  readonly channelMessageId: string;
  readonly to: string;
}

interface Case {
  readonly type: ChannelType;
  readonly channelId: string;
  readonly senderId: string;
  readonly routeId: string;
  /** Whether the answer to a send call is all that tells of the sending. */
  readonly isSentByAnswer: boolean;
  /** Posts of one message, each of which may come at any time. */
  readonly posts: Readonly<Record<string, (hooks: ViberHooks, sent: Sent) => Promise<unknown>>>;
  /** The statuses that are told in the end, in any order. */
  readonly statuses: readonly string[];
  readonly toUser: (turn: number) => string;
  readonly toId: (turn: number) => string;
}

const postMeta =
  (type: 'messenger' | 'instagram', object: string, senderId: string, toEvent: (sent: Sent) => object) =>
  (hooks: HookApp, sent: Sent): Promise<number> => {
    const common = { sender: { id: sent.to }, recipient: { id: senderId }, timestamp: base + 5000 };
    const messaging = [{ ...common, ...toEvent(sent) }];
    const body = JSON.stringify({ object, entry: [{ id: senderId, time: base, messaging }] });
    return hooks.post(body, type, appSecret, type);
  };

const postWhatsapp =
  (status: string) =>
  (hooks: HookApp, { channelMessageId: id, messageId, to }: Sent): Promise<number> => {
    const failure = status === 'failed' ? { errors: [{ code: 131026, title: 'Undeliverable' }] } : {};
    const event = {
      id,
      status,
      timestamp: '1780000001',
      recipient_id: to,
      biz_opaque_callback_data: messageId,
    };
    return hooks.post(toWebhook({ statuses: [{ ...event, ...failure }] }));
  };

const postBot =
  (event: string) =>
  (hooks: ViberHooks, { channelMessageId, to }: Sent): Promise<unknown> =>
    hooks.postBot(
      `{"event":"${event}","timestamp":${base},"message_token":${channelMessageId},"user_id":"${to}","desc":"d"}`,
    );

const postBusiness =
  (status: number) =>
  (hooks: ViberHooks, { channelMessageId, to }: Sent): Promise<unknown> =>
    hooks.postBusiness(
      `{"message_token":${channelMessageId},"message_status":${status},"message_time":${base},"phone_number":"${to}","service_id":${serviceId}}`,
    );

const toToken = (turn: number): string => String(5_741_311_803_571_721_087n + BigInt(turn));

const cases: Readonly<Record<string, Case>> = {
  WhatsApp: {
    type: 'whatsapp',
    channelId: 'wa',
    senderId: number,
    routeId: '200000000000001',
    isSentByAnswer: false,
    posts: {
      sent: postWhatsapp('sent'),
      delivered: postWhatsapp('delivered'),
      read: postWhatsapp('read'),
      failed: postWhatsapp('failed'),
    },
    statuses: ['Delivered', 'Failed', 'Read', 'Sent'],
    toUser: (turn) => `1777${1_000_000 + turn}`,
    toId: (turn) => `wamid.${turn}`,
  },
  Messenger: {
    type: 'messenger',
    channelId: 'messenger',
    senderId: page,
    routeId: page,
    isSentByAnswer: true,
    posts: {
      delivery: postMeta('messenger', 'page', page, ({ channelMessageId }) => ({
        delivery: { mids: [channelMessageId], watermark: base + 2000 },
      })),
      watermark: postMeta('messenger', 'page', page, () => ({ delivery: { watermark: base + 2000 } })),
      read: postMeta('messenger', 'page', page, () => ({ read: { watermark: base + 2000 } })),
    },
    statuses: ['Delivered', 'Read', 'Sent'],
    toUser: (turn) => `24${1_000_000_000_000 + turn}`,
    toId: (turn) => `m_${turn}`,
  },
  Instagram: {
    type: 'instagram',
    channelId: 'instagram',
    senderId: account,
    routeId: account,
    isSentByAnswer: true,
    posts: {
      read: postMeta('instagram', 'instagram', account, ({ channelMessageId: mid }) => ({ read: { mid } })),
    },
    statuses: ['Read', 'Sent'],
    toUser: (turn) => `9${1_000_000_000 + turn}`,
    toId: (turn) => `ig_${turn}`,
  },
  'a Viber bot': {
    type: 'viber',
    channelId: 'bot',
    senderId: botId,
    routeId: 'bot',
    isSentByAnswer: true,
    posts: { delivered: postBot('delivered'), seen: postBot('seen'), failed: postBot('failed') },
    statuses: ['Delivered', 'Failed', 'Read', 'Sent'],
    toUser: (turn) => `user${turn}+/==`,
    toId: toToken,
  },
  'Viber Business Messages': {
    type: 'viber',
    channelId: 'vbm',
    senderId: serviceId,
    routeId: serviceId,
    isSentByAnswer: true,
    posts: { delivered: postBusiness(0), seen: postBusiness(1), expired: postBusiness(2) },
    statuses: ['Delivered', 'Failed', 'Read', 'Sent'],
    toUser: (turn) => `1555${2_000_000 + turn}`,
    toId: toToken,
  },
};

async function openHooks(): Promise<ViberHooks> {
  const hooks = await openViberHooks();
  await hooks.addNumber(number, '200000000000001');
  await hooks.addPages('messenger', 'messenger', [page]);
  await hooks.addPages('instagram', 'instagram', [account]);
  return hooks;
}

/** A message in the middle of its send call. */
async function beginSend(hooks: HookApp, one: Case, turn: number): Promise<Sent> {
  const { store, clock, accountId } = hooks;
  const { type, channelId, senderId } = one;
  const to = one.toUser(turn);
  const [added] = await store.addOutbound(accountId, [
    {
      channelId,
      channelType: type,
      senderId,
      to,
      groupId: null,
      taskId: null,
      envelope: { frame: 'message', messageType: 'text', content: { text: 'hello' } },
      expiresAt: clock.now() + 60_000,
      oncePerTask: false,
    },
  ]);
  await store.claimOutbound({ accountId, channelId, senderId, limit: 10, now: clock.now(), leaseMs: 60_000 });
  const [message] = await store.findOutbound(accountId, { ids: [added?.id ?? 0] });
  assert.ok(message);
  return { id: message.id, messageId: message.messageId, channelMessageId: one.toId(turn), to };
}

/** What the sending does with the answer to a send call. */
async function answer(hooks: HookApp, one: Case, sent: Sent): Promise<void> {
  const { store, clock, accountId } = hooks;
  const { id, messageId, channelMessageId, to } = sent;
  const channel = await store.findChannel(one.channelId);
  assert.ok(channel);
  if (one.isSentByAnswer) {
    const event = {
      index: 0,
      route: { by: 'sender', id: one.routeId },
      identity: toStatusIdentity(channelMessageId, 'sent'),
      occurredAt: clock.now(),
      sentAt: base + 1000,
      facts: {
        type: 'ChatAppStatus',
        messageId: channelMessageId,
        status: 'sent',
        user: { id: to },
        callbackData: messageId,
      },
    } as const;
    await record(hooks.recording, channel, Buffer.from('{}'), { events: [event], remarks: [] });
  }
  const attempt = { at: clock.now(), durationMs: 1, outcome: 'accepted', code: '', text: '' } as const;
  await store.settleOutbound([
    { accountId, id, attempt, next: { kind: 'accepted', channelMessageId, nextStepAt: null } },
  ]);
}

function permute<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permute(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

describe('in every order of its statuses, a message', () => {
  for (const [name, one] of Object.entries(cases))
    it(`of ${name} never goes back, ends read, and has each status once`, async (t) => {
      const hooks = await openHooks();
      t.after(() => hooks.close());
      const steps = ['answer', ...Object.keys(one.posts)];
      for (const [turn, order] of permute(steps).entries()) {
        const sent = await beginSend(hooks, one, turn);
        const find = async () => {
          const [message] = await hooks.store.findOutbound(hooks.accountId, { ids: [sent.id] });
          return message?.status ?? null;
        };
        let rank = 0;
        const look = async (): Promise<number> => {
          const status = await find();
          const next = status === null ? 0 : toRank(status);
          assert.ok(next >= rank, `${order.join()}: ${rank} became ${next}`);
          rank = next;
          return rank;
        };
        const play = async (step: string): Promise<void> => {
          if (step === 'answer') await answer(hooks, one, sent);
          else await one.posts[step]?.(hooks, sent);
          await look();
        };
        for (const step of order) await play(step);
        // What was faster than the answer has waited for it, and comes by itself.
        await waitUntil(`${order.join()} ends read`, 60_000, async () => (await look()) === 4);
        const told: string[] = [];
        await waitUntil(`${order.join()} is told`, 60_000, async () => {
          for (const receipt of await hooks.drain('ChatAppStatus')) {
            assert.equal(receipt['MessageId'], sent.messageId, order.join());
            told.push(String(receipt['Status']));
          }
          return told.length >= one.statuses.length;
        });
        // All of it again, the other way round.
        for (const step of order.toReversed()) await play(step);
        told.push(...(await hooks.drain('ChatAppStatus')).map((receipt) => String(receipt['Status'])));
        assert.deepEqual(told.sort(), one.statuses, order.join());
        assert.equal(rank, 4);
      }
    });
});
