// Messages that wait past their time, over a real store, for a sender that nobody sends for.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { endExpired } from '../../../src/core/messages/expiry.ts';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import { recordOf } from '../../../src/core/receipts/record.ts';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import type { NewOutboundMessage } from '../../../src/domain/message.ts';
import { toReceiptQueueName } from '../../../src/domain/subscription.ts';
import { openTestStore } from '../../support/store.ts';

const second = 1000;
const senders = ['15550001111', '15550001112'] as const;

async function open(t: TestContext) {
  const test = await openTestStore();
  t.after(() => test.close());
  const { store, directory, clock, accountId } = test;
  const channel = { id: 'wa', type: 'whatsapp', name: 'WA', wabaId: '501', credentials: {} } as const;
  await store.putChannel(accountId, channel, system);
  for (const [n, id] of senders.entries()) {
    const sender = { id, type: 'whatsapp', name: 'Shop', routeId: `700${n}` } as const;
    await store.putSender(accountId, 'wa', sender, system);
    const webhook = { ...noSenderWebhook, queue: true };
    await store.setSenderWebhook(accountId, 'wa', id, webhook, 'cams', system);
  }
  const recording = {
    store,
    directory,
    connectors: {},
    renderReceipt: createReceiptRenderer({ mediaUrl: () => '', groupIds: false }),
    emit: () => undefined,
    now: clock.now,
    monotonic: clock.monotonic,
    raiseNotice: () => undefined,
    onHeld: () => undefined,
    removeMedia: async () => undefined,
  };
  const ended: unknown[] = [];
  return {
    ...test,
    ended,
    add: async (to: string, ttlMs: number, changes: Partial<NewOutboundMessage> = {}): Promise<string> => {
      const message = {
        channelId: 'wa',
        channelType: 'whatsapp',
        senderId: senders[0],
        to,
        groupId: null,
        taskId: null,
        envelope: { frame: 'message', messageType: 'text', content: { text: 'x' } },
        expiresAt: clock.now() + ttlMs,
        oncePerTask: false,
        ...changes,
      } as const;
      await store.addOutbound(accountId, [message]);
      const [newest] = (await store.listOutbound(accountId, { to }, { limit: 1 })).items;
      return newest?.messageId ?? '';
    },
    /** `fails` says for whose messages nothing can be recorded. */
    look: (fails: (senderId: string) => boolean = () => false) =>
      endExpired(
        {
          store,
          directory,
          emit: (name, fields) => {
            if (name === 'messages.expired' && 'messages' in fields) ended.push(fields.messages);
          },
          now: clock.now,
          monotonic: clock.monotonic,
          record: async (owner, body, events) => {
            if (fails(owner.sender.id)) throw new Error('Not this one.');
            return recordOf(recording, owner, body, events);
          },
        },
        undefined,
        async (work) => void (await work().catch(() => undefined)),
      ),
    /** MessageId and code of each Failed receipt, in the order in which they came. */
    told: async () => {
      const queue = await directory.queue(accountId, toReceiptQueueName(accountId, 'ChatAppStatus'));
      assert.ok(queue !== undefined);
      const messages = await store.peekMessages(queue, 16, clock.now());
      return messages.map(({ body }) => {
        const receipt = JSON.parse(Buffer.from(body, 'base64').toString()) as Record<string, string>;
        return [receipt['MessageId'], receipt['Status'], receipt['ErrorCode']];
      });
    },
  };
}

it('ends what waits when its time is over, also behind another whose time is not, and once', async (t) => {
  const { store, accountId, clock, ended, add, look, told } = await open(t);
  const first = await add('1001', 3600 * second);
  const behind = await add('1001', 30 * second);
  const next = await add('1001', 3600 * second);
  const alone = await add('1002', 30 * second);
  clock.advance(30 * second);
  await look();
  assert.deepEqual(await told(), [], 'who claimed it at its last moment may be at it');
  clock.advance(second + 1);
  await look();
  await look();
  assert.deepEqual(await told(), [
    [behind, 'Failed', 'expired'],
    [alone, 'Failed', 'expired'],
  ]);
  assert.deepEqual(ended, [2]);
  const key = { accountId, channelId: 'wa', senderId: senders[0] };
  const claim = async () =>
    (await store.claimOutbound({ ...key, limit: 9, now: clock.now(), leaseMs: 60 * second })).map(
      ({ message }) => message,
    );
  const [one, ...rest] = await claim();
  assert.deepEqual([one?.messageId, rest.length], [first, 0]);
  const taken = { kind: 'accepted', channelMessageId: 'w1', nextStepAt: null } as const;
  await store.settleOutbound([{ accountId, id: one?.id ?? 0, attempt: null, next: taken }]);
  assert.deepEqual(
    (await claim()).map(({ messageId }) => messageId),
    [next],
    'the one between them is out of the way',
  );
});

it('leaves a message alone for which a try may be under way', async (t) => {
  const { store, accountId, clock, add, look, told } = await open(t);
  await add('1001', 30 * second);
  const key = { accountId, channelId: 'wa', senderId: senders[0] };
  await store.claimOutbound({ ...key, limit: 9, now: clock.now(), leaseMs: 60 * second });
  clock.advance(3600 * second);
  await look();
  assert.deepEqual(await told(), []);
});

it('goes on past messages that it cannot end, however many they are', async (t) => {
  const { clock, add, look, told } = await open(t);
  for (let n = 0; n < 100; n += 1) await add(`2${n}`, 10 * second);
  const other = await add('1001', 20 * second, { senderId: senders[1] });
  clock.advance(22 * second);
  await look((senderId) => senderId === senders[0]);
  assert.deepEqual(await told(), [[other, 'Failed', 'expired']]);
});

it('tells of a message that was refused when it was accepted why that was', async (t) => {
  const { clock, add, look, told } = await open(t);
  const refusal = { code: 'Refused.Here', text: 'No.' };
  const refused = await add('1001', 10 * second, {
    envelope: { frame: 'template', messageType: 'template', refusal },
  });
  clock.advance(12 * second);
  await look();
  assert.deepEqual(await told(), [[refused, 'Failed', 'Refused.Here']]);
});
