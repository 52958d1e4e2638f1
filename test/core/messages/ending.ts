// Messages that end without their sender, over a real store: what waits, and the receipts that tell what became of it.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { ChannelEvent } from '../../../src/domain/receipt.ts';
import { recordOf } from '../../../src/core/receipts/record.ts';
import type { Target } from '../../../src/core/receipts/targets.ts';
import { createReceiptRenderer } from '../../../src/core/receipts/rendering.ts';
import { system } from '../../../src/domain/account.ts';
import { noSenderWebhook } from '../../../src/domain/channel.ts';
import type { NewOutboundMessage } from '../../../src/domain/message.ts';
import { toReceiptQueueName } from '../../../src/domain/subscription.ts';
import { openTestStore } from '../../support/store.ts';

/** A store with a WhatsApp channel of these senders, whose receipts go into the account's queue. */
export async function openEnding(t: TestContext, senders: readonly [string, ...string[]]) {
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
  return {
    ...test,
    record: (owner: Target, body: Buffer, events: readonly ChannelEvent[]) =>
      recordOf(recording, owner, body, events),
    /** Puts a text of the first sender in, for an hour unless said otherwise; resolves to its row's id. */
    add: async (to: string, changes: Partial<NewOutboundMessage> = {}): Promise<number> => {
      const message = {
        channelId: 'wa',
        channelType: 'whatsapp',
        senderId: senders[0],
        to,
        groupId: null,
        taskId: null,
        envelope: { frame: 'message', messageType: 'text', content: { text: 'x' } },
        expiresAt: clock.now() + 3_600_000,
        oncePerTask: false,
        ...changes,
      } as const;
      return (await store.addOutbound(accountId, [message]))[0]?.id ?? 0;
    },
    /** The receipts in the account's queue, in the order in which they came. */
    told: async (): Promise<readonly Readonly<Record<string, string>>[]> => {
      const queue = await directory.queue(accountId, toReceiptQueueName(accountId, 'ChatAppStatus'));
      assert.ok(queue !== undefined);
      const messages = await store.peekMessages(queue, 16, clock.now());
      return messages.map(
        ({ body }) => JSON.parse(Buffer.from(body, 'base64').toString()) as Readonly<Record<string, string>>,
      );
    },
  };
}
