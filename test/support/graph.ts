import type { Client } from '../../src/http/client.ts';
import { createWhatsappConnector } from '../../src/channels/whatsapp/connector.ts';
import type { Connector, Outgoing } from '../../src/channels/channel.ts';
import type { Channel, Sender } from '../../src/domain/channel.ts';
import { noChannelWebhook, noSenderWebhook } from '../../src/domain/channel.ts';
import type { Envelope, OutboundMessage } from '../../src/domain/message.ts';
import type { Template } from '../../src/domain/template.ts';
import { openReceiver } from './receiver.ts';
import type { ReceivedCall } from './receiver.ts';
import { openLocalClient } from './client.ts';

/** What a Graph API that a test plays answers to one call. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or bytes as they are; undefined answers nothing at all. */
  readonly body?: unknown;
}

export interface GraphBed {
  readonly connector: Required<Connector>;
  readonly client: Client;
  readonly url: string;
  readonly calls: readonly ReceivedCall[];
  readonly close: () => Promise<void>;
}

/** The WhatsApp connector in front of a Graph API that answers as `answer` says. */
export async function openGraphBed(
  answer: (call: ReceivedCall, url: string) => Reply,
  now: () => number = Date.now,
): Promise<GraphBed> {
  const client = openLocalClient();
  const receiver = await openReceiver((call, response) => {
    const { status = 200, headers = {}, body } = answer(call, receiver.url);
    if (body === undefined) return;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(bytes);
  });
  const connector = createWhatsappConnector({
    client,
    now,
    monotonic: now,
    random: () => 0.5,
    graphUrl: receiver.url,
    graphVersion: 'v25.0',
  });
  return {
    // A test that calls what the connector has not fails by itself.
    connector: connector as Required<Connector>,
    client,
    url: receiver.url,
    calls: receiver.calls,
    close: async () => {
      await client.close();
      await receiver.close();
    },
  };
}

export const channel: Channel = {
  id: 'wa',
  accountId: 1,
  type: 'whatsapp',
  name: 'WhatsApp',
  wabaId: '100000000000001',
  credentials: { appSecret: 'app-secret', verifyToken: 'verify-me', accessToken: 'EAAtoken' },
  options: {},
  webhook: noChannelWebhook,
  createdAt: 0,
  updatedAt: 0,
};

export const sender: Sender = {
  accountId: 1,
  channelId: 'wa',
  id: '15550001111',
  type: 'whatsapp',
  name: 'Shop',
  routeId: '200000000000001',
  verification: 'unknown',
  webhook: noSenderWebhook,
  createdAt: 0,
  updatedAt: 0,
};

/** A message on its way out. */
export function toOutgoing(
  envelope: Partial<Envelope>,
  more: { to?: string; quotedId?: string | null; template?: Template | null } = {},
): Outgoing {
  const message: OutboundMessage = {
    accountId: 1,
    id: 7,
    messageId: '202611261200000000007',
    channelId: 'wa',
    channelType: 'whatsapp',
    senderId: sender.id,
    to: more.to ?? '15550002222',
    groupId: null,
    taskId: null,
    envelope: { frame: 'message', messageType: 'text', ...envelope },
    expiresAt: Number.MAX_SAFE_INTEGER,
    state: 'queued',
    status: null,
    channelMessageId: null,
    attempts: 0,
    step: 0,
    blocked: false,
    dueAt: 0,
    lane: 1,
    acceptedAt: 0,
  };
  return { message, template: more.template ?? null, quotedId: more.quotedId ?? null };
}

/** A template that has passed. */
export function toTemplate(changes: Partial<Template>): Template {
  return {
    accountId: 1,
    channelId: 'wa',
    code: 'c0de',
    language: 'en_US',
    name: 'order_update',
    type: 'WHATSAPP',
    category: 'UTILITY',
    components: [],
    example: {},
    status: 'pass',
    reason: '',
    allowSend: true,
    categoryChangePaused: false,
    ttlSeconds: null,
    quality: 'GREEN',
    vendorId: '900',
    parameterFormat: 'POSITIONAL',
    isEdited: false,
    offered: [],
    asked: null,
    reviewAt: null,
    createdAt: 0,
    updatedAt: 0,
    ...changes,
  };
}
