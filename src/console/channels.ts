import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { AccountId } from '../domain/account.ts';
import { noChannelWebhook, noSenderWebhook } from '../domain/channel.ts';
import type {
  Channel,
  ChannelType,
  ChannelWebhook,
  Sender,
  SenderType,
  SenderWebhook,
} from '../domain/channel.ts';
import { GatewayError } from '../domain/errors.ts';
import type { ReceiptType } from '../domain/receipt.ts';
import { toReceiptQueueName } from '../domain/subscription.ts';
import { FieldError } from '../http/problem.ts';
import { describe, notFound, toTime } from './api.ts';
import type { Api, ApiContext } from './api.ts';
import {
  ChannelAnswer,
  ChannelBody,
  ChannelWebhookAnswer,
  ChannelWebhookBody,
  Id,
  PageOf,
  SenderAnswer,
  SenderBody,
  SenderWebhookAnswer,
  SenderWebhookBody,
} from './schemas.ts';

const ChannelParams = Type.Object({ channelId: Id });
const SenderParams = Type.Object({ channelId: Id, senderId: Id });

/** Channels, their senders, and where their receipts go. */
export function channelApi(api: Api, context: ApiContext): void {
  const { store, who, publicUrl, checkUrl, onRouteAdded } = context;
  const channelParams = { params: ChannelParams };
  const senderParams = { params: SenderParams };

  /** The account's own channel; another account's is as good as none. */
  async function findChannel(accountId: AccountId, channelId: string): Promise<Channel> {
    const channel = await store.findChannel(channelId);
    if (channel?.accountId !== accountId) throw notFound('channel');
    return channel;
  }

  async function findSender(accountId: AccountId, channelId: string, senderId: string): Promise<Sender> {
    await findChannel(accountId, channelId);
    const sender = await store.findSender(channelId, senderId);
    if (sender === undefined) throw notFound('sender');
    return sender;
  }

  api.get(
    '/channels',
    { schema: describe('List channels', 'channels', {}, { 200: PageOf(ChannelAnswer) }) },
    async (request) => ({
      items: (await store.listChannels(who(request).accountId)).map(toChannel),
      next: null,
    }),
  );

  api.put(
    '/channels/:channelId',
    {
      schema: describe(
        'Connect a channel, or change how it is connected',
        'channels',
        { ...channelParams, body: ChannelBody },
        { 200: ChannelAnswer, 201: ChannelAnswer },
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = who(request);
      const { channelId: id } = request.params;
      const { type, name, wabaId, credentials } = request.body;
      const known = await store.findChannel(id);
      if (known !== undefined && known.accountId === accountId && known.type !== type) {
        throw new FieldError(
          'conflict',
          'type',
          `type: the channel is of type ${known.type}; delete it first to connect another.`,
        );
      }
      checkCredentials(type, credentials ?? {}, known === undefined);
      const outcome = await store.putChannel(
        accountId,
        {
          id,
          type,
          name: name ?? known?.name ?? id,
          wabaId: wabaId === undefined ? (known?.wabaId ?? null) : wabaId,
          // Left out means left as it is, so that a change of name needs no secrets.
          credentials: credentials ?? (known?.accountId === accountId ? known.credentials : {}),
        },
        actor,
      );
      if (outcome === 'taken') throw new GatewayError('conflict', 'That channel id is taken.');
      const channel = await findChannel(accountId, id);
      if (channel.wabaId !== null && type !== 'sandbox')
        onRouteAdded(type, { by: 'waba', id: channel.wabaId });
      return reply.code(outcome === 'created' ? 201 : 200).send(toChannel(channel));
    },
  );

  api.get(
    '/channels/:channelId',
    { schema: describe('Read a channel', 'channels', channelParams, { 200: ChannelAnswer }) },
    async (request) => toChannel(await findChannel(who(request).accountId, request.params.channelId)),
  );

  api.delete(
    '/channels/:channelId',
    {
      schema: describe('Disconnect a channel; its receipts stay', 'channels', channelParams, {
        204: Type.Null(),
      }),
    },
    async (request, reply) => {
      const { accountId, actor } = who(request);
      if (!(await store.deleteChannel(accountId, request.params.channelId, actor))) throw notFound('channel');
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/channels/:channelId/senders',
    {
      schema: describe('List the senders of a channel', 'senders', channelParams, {
        200: PageOf(SenderAnswer),
      }),
    },
    async (request) => {
      const { accountId } = who(request);
      const channel = await findChannel(accountId, request.params.channelId);
      return { items: (await store.listSenders(accountId, channel.id)).map(toSender), next: null };
    },
  );

  api.put(
    '/channels/:channelId/senders/:senderId',
    {
      schema: describe(
        'Add a sender, or change it',
        'senders',
        { ...senderParams, body: SenderBody },
        { 200: SenderAnswer, 201: SenderAnswer },
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = who(request);
      const { channelId } = request.params;
      const channel = await findChannel(accountId, channelId);
      const known = await store.findSender(channelId, request.params.senderId);
      const type = toSenderType(channel.type, known);
      const id = toSenderId(type, request.params.senderId);
      const { name, phoneNumberId } = request.body;
      if (channel.type === 'whatsapp' && phoneNumberId === undefined && known === undefined) {
        throw new FieldError(
          'bad_request',
          'phoneNumberId',
          "phoneNumberId: is missing; it is Meta's id of the number, shown beside it in the App Dashboard.",
        );
      }
      const routeId = phoneNumberId ?? known?.routeId ?? id;
      const outcome = await store.putSender(
        accountId,
        channelId,
        { id, type, name: name ?? known?.name ?? id, routeId },
        actor,
      );
      if (outcome === 'no_channel') throw notFound('channel');
      if (outcome === 'taken')
        throw new GatewayError('conflict', 'Another sender on this server has that id at the channel.');
      onRouteAdded(type, { by: 'sender', id: routeId });
      return reply
        .code(outcome === 'created' ? 201 : 200)
        .send(toSender(await findSender(accountId, channelId, id)));
    },
  );

  api.get(
    '/channels/:channelId/senders/:senderId',
    { schema: describe('Read a sender', 'senders', senderParams, { 200: SenderAnswer }) },
    async (request) =>
      toSender(await findSender(who(request).accountId, request.params.channelId, request.params.senderId)),
  );

  api.delete(
    '/channels/:channelId/senders/:senderId',
    {
      schema: describe('Take a sender away; its receipts stay', 'senders', senderParams, {
        204: Type.Null(),
      }),
    },
    async (request, reply) => {
      const { accountId, actor } = who(request);
      const { channelId, senderId } = request.params;
      if (!(await store.deleteSender(accountId, channelId, senderId, actor))) throw notFound('sender');
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/channels/:channelId/senders/:senderId/webhook',
    {
      schema: describe("Read where a sender's receipts go", 'webhooks', senderParams, {
        200: SenderWebhookAnswer,
      }),
    },
    async (request) => {
      const { accountId } = who(request);
      return toSenderWebhook(
        accountId,
        await findSender(accountId, request.params.channelId, request.params.senderId),
      );
    },
  );

  api.put(
    '/channels/:channelId/senders/:senderId/webhook',
    {
      schema: describe(
        "Set where a sender's receipts go",
        'webhooks',
        { ...senderParams, body: SenderWebhookBody },
        { 200: SenderWebhookAnswer },
      ),
    },
    async (request) => {
      const { accountId, actor } = who(request);
      const { channelId, senderId } = request.params;
      await findSender(accountId, channelId, senderId);
      const { preset, ...body } = request.body;
      const webhook: SenderWebhook = { ...noSenderWebhook, ...body };
      await checkUrls(body.http, { statusUrl: webhook.statusUrl, inboundUrl: webhook.inboundUrl });
      await store.setSenderWebhook(accountId, channelId, senderId, webhook, preset ?? 'standard', actor);
      return toSenderWebhook(accountId, await findSender(accountId, channelId, senderId));
    },
  );

  api.get(
    '/channels/:channelId/webhook',
    {
      schema: describe("Read where a channel's audit receipts go", 'webhooks', channelParams, {
        200: ChannelWebhookAnswer,
      }),
    },
    async (request) => {
      const { accountId } = who(request);
      return toChannelWebhook(accountId, await findChannel(accountId, request.params.channelId));
    },
  );

  api.put(
    '/channels/:channelId/webhook',
    {
      schema: describe(
        "Set where a channel's audit receipts go",
        'webhooks',
        { ...channelParams, body: ChannelWebhookBody },
        { 200: ChannelWebhookAnswer },
      ),
    },
    async (request) => {
      const { accountId, actor } = who(request);
      const { channelId } = request.params;
      await findChannel(accountId, channelId);
      const { preset, ...body } = request.body;
      const webhook: ChannelWebhook = { ...noChannelWebhook, ...body };
      await checkUrls(body.http, { auditUrl: webhook.auditUrl });
      await store.setChannelWebhook(accountId, channelId, webhook, preset ?? 'standard', actor);
      return toChannelWebhook(accountId, await findChannel(accountId, channelId));
    },
  );

  /** Refuses URLs that could never be pushed to, and HTTP switched on with nowhere to go. */
  async function checkUrls(http: boolean, urls: Readonly<Record<string, string | null>>): Promise<void> {
    for (const [field, url] of Object.entries(urls)) {
      const fault = url === null ? null : await checkUrl(url);
      if (fault !== null) throw new FieldError('bad_callback_url', field, `${field}: ${fault}`);
    }
    if (http && Object.values(urls).every((url) => url === null)) {
      const fields = Object.keys(urls);
      throw new FieldError(
        'bad_callback_url',
        fields[0] ?? '',
        `http is on, but there is no ${fields.join(' and no ')}.`,
      );
    }
  }

  async function toTargets(
    accountId: AccountId,
    urls: readonly (string | null)[],
    types: readonly ReceiptType[],
  ) {
    const destinations: Record<string, number> = {};
    for (const url of urls) {
      const destination = url === null ? undefined : await store.findDestinationByUrl(accountId, url);
      if (destination !== undefined) destinations[destination.url] = destination.id;
    }
    return {
      queues: Object.fromEntries(types.map((type) => [type, toReceiptQueueName(accountId, type)])),
      destinations,
    };
  }

  async function toSenderWebhook(
    accountId: AccountId,
    { webhook }: Sender,
  ): Promise<Static<typeof SenderWebhookAnswer>> {
    const targets = await toTargets(
      accountId,
      [webhook.statusUrl, webhook.inboundUrl],
      webhook.queue ? webhook.types : [],
    );
    return { ...webhook, types: [...webhook.types], ...targets };
  }

  async function toChannelWebhook(
    accountId: AccountId,
    { webhook }: Channel,
  ): Promise<Static<typeof ChannelWebhookAnswer>> {
    return {
      ...webhook,
      ...(await toTargets(accountId, [webhook.auditUrl], webhook.queue ? ['ChatAppAudit'] : [])),
    };
  }

  function toChannel({
    id,
    type,
    name,
    wabaId,
    credentials,
    createdAt,
    updatedAt,
  }: Channel): Static<typeof ChannelAnswer> {
    const hookUrl = type === 'sandbox' ? `${publicUrl()}/sandbox/` : `${publicUrl()}/hooks/${type}/${id}`;
    return {
      id,
      type,
      name,
      wabaId,
      credentials: Object.keys(credentials).sort(),
      hookUrl,
      createdAt: toTime(createdAt),
      updatedAt: toTime(updatedAt),
    };
  }
}

function toSender({
  id,
  channelId,
  type,
  name,
  routeId,
  createdAt,
  updatedAt,
}: Sender): Static<typeof SenderAnswer> {
  const phone = type === 'whatsapp' ? { phoneNumberId: routeId } : {};
  return { id, channelId, type, name, ...phone, createdAt: toTime(createdAt), updatedAt: toTime(updatedAt) };
}

/** A sandbox's senders are of all types and there from the start; on other channels a sender is of the channel's type. */
function toSenderType(type: ChannelType, known: Sender | undefined): SenderType {
  if (type !== 'sandbox') return type;
  if (known !== undefined) return known.type;
  throw new GatewayError(
    'bad_request',
    'The sandbox has one sender of each type from the start; it takes no others.',
  );
}

/** Phone numbers are kept in bare digits, however they are written. */
function toSenderId(type: SenderType, text: string): string {
  if (type !== 'whatsapp') return text;
  const digits = text.replace(/^\+/, '');
  if (!/^\d{5,15}$/.test(digits))
    throw new FieldError(
      'bad_request',
      'senderId',
      'senderId: a WhatsApp number is 5 to 15 digits with its country code.',
    );
  return digits;
}

/** What a channel cannot work without. */
const neededCredentials: Readonly<Partial<Record<ChannelType, readonly string[]>>> = {
  whatsapp: ['appSecret', 'verifyToken'],
};

function checkCredentials(
  type: ChannelType,
  credentials: Readonly<Record<string, string>>,
  isNew: boolean,
): void {
  if (!isNew && Object.keys(credentials).length === 0) return;
  for (const name of neededCredentials[type] ?? []) {
    if ((credentials[name] ?? '') === '')
      throw new FieldError('bad_request', `credentials.${name}`, `credentials.${name}: is missing.`);
  }
}
