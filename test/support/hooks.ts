import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createReceiptRenderer } from '../../src/core/receipts/rendering.ts';
import { createInstagramConnector } from '../../src/channels/instagram/connector.ts';
import { createMessengerConnector } from '../../src/channels/messenger/connector.ts';
import { createSandboxConnector } from '../../src/channels/sandbox/connector.ts';
import { createViberConnector } from '../../src/channels/viber/connector.ts';
import { createWhatsappConnector } from '../../src/channels/whatsapp/connector.ts';
import { system } from '../../src/domain/account.ts';
import { noSenderWebhook } from '../../src/domain/channel.ts';
import type { ChannelType } from '../../src/domain/channel.ts';
import { toReceiptQueueName } from '../../src/domain/subscription.ts';
import type { ReceiptType } from '../../src/domain/receipt.ts';
import { Lockout } from '../../src/http/lockout.ts';
import { openHttpServer } from '../../src/http/server.ts';
import type { RecordingDeps } from '../../src/core/receipts/record.ts';
import { Holding } from '../../src/core/receipts/hold.ts';
import { sandboxRoutes } from '../../src/protocols/hooks/sandbox.ts';
import { webhookRoutes } from '../../src/protocols/hooks/server.ts';
import type { NewNotice } from '../../src/domain/notice.ts';
import { openTestStore } from './store.ts';
import type { TestStore, TestStoreOptions } from './store.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

export const appSecret = 'the-app-secret';

export interface HookApp extends TestStore {
  readonly app: FastifyInstance;
  readonly recording: RecordingDeps;
  readonly notices: readonly NewNotice[];
  /** Ids of the media whose files were to be removed. */
  readonly removed: readonly string[];
  /** Posts bytes to a channel's webhook with the right signature; resolves to the HTTP status. */
  readonly post: (
    body: string | Buffer,
    channelId?: string,
    secret?: string,
    type?: ChannelType,
  ) => Promise<number>;
  /** Connects a Messenger or Instagram channel with senders whose queue is on. */
  readonly addPages: (
    type: 'messenger' | 'instagram',
    channelId: string,
    senderIds: readonly string[],
  ) => Promise<void>;
  /** Adds a WhatsApp number to a channel and turns its queue on. */
  readonly addNumber: (senderId: string, phoneNumberId: string, channelId?: string) => Promise<void>;
  /** Lets all timers ring, whatever the time. */
  readonly ringTimers: () => void;
  /** Takes everything out of the queue of a type. */
  readonly drain: (type: ReceiptType) => Promise<Record<string, unknown>[]>;
}

/** The hooks over the test store, with WhatsApp channel `wa` of WABA 100000000000001 and its audits going to their queue. */
export async function openHookApp(
  options: TestStoreOptions & { readonly mediaUrl?: () => string } = {},
): Promise<HookApp> {
  const test = await openTestStore(options);
  const { store, directory, clock, accountId } = test;
  const emit = options.emit ?? (() => undefined);
  const nowhere = {
    request: async () => ({ outcome: 'failed', reason: 'tests stay here', wasSent: false }) as const,
    get: async () => ({ outcome: 'failed', reason: 'tests stay here', wasSent: false }) as const,
  };
  const time = { now: clock.now, monotonic: clock.monotonic };
  const meta = {
    client: nowhere,
    ...time,
    graphUrl: 'http://graph.invalid',
    graphVersion: 'v25.0',
    instagramUrl: 'http://instagram.invalid',
  };
  const removed: string[] = [];
  const notices: NewNotice[] = [];
  const recording: RecordingDeps = {
    store,
    directory,
    connectors: {
      whatsapp: createWhatsappConnector({
        client: nowhere,
        ...time,
        random: () => 0,
        graphUrl: 'http://graph.invalid',
        graphVersion: 'v25.0',
      }),
      messenger: createMessengerConnector(meta),
      instagram: createInstagramConnector(meta),
      viber: createViberConnector({
        client: { ...nowhere, post: nowhere.get },
        now: clock.now,
        botUrl: 'http://viber.invalid',
        businessUrl: 'http://viber.invalid',
      }),
      sandbox: createSandboxConnector({ client: nowhere, now: clock.now }),
    },
    renderReceipt: createReceiptRenderer({
      groupIds: false,
      mediaUrl: options.mediaUrl ?? ((_accountId, mediaId) => `https://media.example/${mediaId}`),
    }),
    emit,
    ...time,
    raiseNotice: (notice) => notices.push(notice),
    onHeld: (channelType, senderPath) => holding.hold(channelType, senderPath),
    removeMedia: async ({ id }) => void removed.push(id),
  };
  const timers = new Set<() => void>();
  const setTimer = (callback: () => void) => {
    timers.add(callback);
    return () => timers.delete(callback);
  };
  const holding = new Holding({ ...recording, store, holdMs: 10_000, setTimer });
  holding.start();
  const app = openHttpServer({ emit, monotonic: monotonicNow });
  const guesses = new Lockout(clock.monotonic);
  webhookRoutes(app, { ...recording, guesses });
  sandboxRoutes(app, { ...recording, store, guesses });
  await store.putChannel(
    accountId,
    {
      id: 'wa',
      type: 'whatsapp',
      name: 'WhatsApp',
      wabaId: '100000000000001',
      credentials: { appSecret, verifyToken: 'verify-me', accessToken: 'token' },
    },
    system,
  );
  await store.setChannelWebhook(
    accountId,
    'wa',
    { http: false, queue: true, auditUrl: null, auditVersion: 'V2' },
    'standard',
    system,
  );
  return {
    ...test,
    app,
    recording,
    removed,
    notices,
    post: async (body, channelId = 'wa', secret = appSecret, type = 'whatsapp') => {
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
      const answer = await app.inject({
        method: 'POST',
        url: `/hooks/${type}/${channelId}`,
        headers: { 'x-hub-signature-256': signature, 'content-type': 'application/json' },
        payload: body,
      });
      return answer.statusCode;
    },
    addNumber: async (senderId, phoneNumberId, channelId = 'wa') => {
      await store.putSender(
        accountId,
        channelId,
        { id: senderId, type: 'whatsapp', name: senderId, routeId: phoneNumberId },
        system,
      );
      await store.setSenderWebhook(
        accountId,
        channelId,
        senderId,
        { ...noSenderWebhook, queue: true },
        'standard',
        system,
      );
    },
    addPages: async (type, channelId, senderIds) => {
      const credentials = { appSecret, verifyToken: 'verify-me', accessToken: 'page-token' };
      const channel = { id: channelId, type, name: type, wabaId: null, credentials };
      const webhook = { http: false, queue: true, auditUrl: null, auditVersion: 'V2' } as const;
      await store.putChannel(accountId, channel, system);
      await store.setChannelWebhook(accountId, channelId, webhook, 'standard', system);
      for (const id of senderIds) {
        await store.putSender(accountId, channelId, { id, type, name: id, routeId: id }, system);
        const settings = { ...noSenderWebhook, queue: true };
        await store.setSenderWebhook(accountId, channelId, id, settings, 'standard', system);
      }
    },
    drain: async (type) => {
      const queue = await store.findQueue(accountId, toReceiptQueueName(accountId, type));
      const receipts: Record<string, unknown>[] = [];
      while (queue !== undefined) {
        const messages = await store.receiveMessages(queue, 16, clock.now());
        if (messages.length === 0) break;
        receipts.push(
          ...messages.map(
            ({ body }) => JSON.parse(Buffer.from(body, 'base64').toString('utf8')) as Record<string, unknown>,
          ),
        );
      }
      return receipts;
    },
    ringTimers: () => {
      for (const callback of [...timers]) {
        timers.delete(callback);
        callback();
      }
    },
    close: async () => {
      await holding.stop();
      await app.close();
      await test.close();
    },
  };
}

/** One WhatsApp webhook body with messages and statuses of one number. */
export function toWebhook(value: {
  messages?: readonly unknown[];
  statuses?: readonly unknown[];
  phoneNumberId?: string;
}): string {
  const { messages, statuses, phoneNumberId = '200000000000001' } = value;
  const metadata = { display_phone_number: '15550001111', phone_number_id: phoneNumberId };
  const users = (messages ?? []).map((message) => (message as { readonly from?: unknown } | null)?.from);
  const contacts = [...new Set(users)]
    .filter((user) => typeof user === 'string')
    .map((user) => ({ profile: { name: 'Pat Example' }, wa_id: user }));
  const body = {
    messaging_product: 'whatsapp',
    metadata,
    ...(messages === undefined ? {} : { contacts, messages }),
    ...(statuses === undefined ? {} : { statuses }),
  };
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '100000000000001', changes: [{ field: 'messages', value: body }] }],
  });
}

export function toText(id: string, text = 'hello'): object {
  return { from: '15550002222', id, timestamp: '1780000000', type: 'text', text: { body: text } };
}

export function toStatus(id: string, status: string): object {
  return { id, status, timestamp: '1780000001', recipient_id: '15550002222' };
}
