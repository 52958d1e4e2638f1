// Channel Webhook Settings: where the receipts of a sender, and the audits of a channel, go.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { readCallbackUrl } from '../../core/channels/callback-urls.ts';
import type { AccountId } from '../../domain/account.ts';
import { isOpen, noChannelWebhook, noSenderWebhook } from '../../domain/channel.ts';
import type { ChannelWebhook, SenderWebhook } from '../../domain/channel.ts';
import { FieldError, GatewayError, notFound } from '../../domain/errors.ts';
import type { ReceiptType } from '../../domain/receipt.ts';
import { toReceiptQueueName } from '../../domain/subscription.ts';
import { versionOfWebhook } from '../../domain/version.ts';
import type { ApiDeps } from './deps.ts';
import { makeCodes, makeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { findChannel, findSender } from '../../core/channels/ownership.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import {
  ChannelWebhookAnswer,
  ChannelWebhookBody,
  SenderWebhookAnswer,
  SenderWebhookBody,
} from './schemas-webhooks.ts';
import type { UrlWarnings } from './schemas-webhooks.ts';
import { Id, SenderId } from './schemas.ts';

type UrlWarning = NonNullable<Static<typeof UrlWarnings>>[number];

const channelParams = Type.Object({ channelId: Id });
const senderParams = Type.Object({ channelId: Id, senderId: SenderId });

/** Reads and sets webhook settings. What a PUT leaves out has its default, not what it had before. */
export function webhookApi(api: Api, deps: ApiDeps): void {
  const { store } = deps;

  api.get(
    '/channels/:channelId/senders/:senderId/webhook',
    {
      ...needs('viewer'),
      schema: describe(
        "Read where a sender's receipts go",
        'webhooks',
        { params: senderParams },
        { 200: SenderWebhookAnswer },
        'not_found',
      ),
    },
    async (request, reply) => {
      const { accountId } = callerOf(request);
      const { channelId, senderId } = request.params;
      const { webhook } = await findSender(store, accountId, channelId, senderId);
      return tell(reply, versionOfWebhook({ webhook })).send(await toSenderWebhook(deps, accountId, webhook));
    },
  );

  api.put(
    '/channels/:channelId/senders/:senderId/webhook',
    {
      ...needs('operator'),
      schema: describe(
        "Set where a sender's receipts go",
        'webhooks',
        { params: senderParams, body: SenderWebhookBody, headers: makeHeaders },
        { 200: SenderWebhookAnswer },
        'not_found',
        'bad_callback_url',
        'not_verified',
        ...makeCodes,
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { channelId, senderId } = request.params;
      const sender = await findSender(store, accountId, channelId, senderId);
      if (!isOpen(sender))
        throw new GatewayError(
          'not_verified',
          `WhatsApp has not verified ${sender.id}. Verify it there, then check the channel; its settings open once it is verified.`,
        );
      const { preset = 'standard', ...body } = request.body;
      const given: SenderWebhook = { ...noSenderWebhook, ...body };
      const { statusUrl, inboundUrl } = given;
      const urls = await readUrls(deps, accountId, given.http, { statusUrl, inboundUrl });
      const webhook: SenderWebhook = { ...given, ...urls };
      const expected = readExpected(request);
      const outcome = await store.setSenderWebhook(
        accountId,
        channelId,
        sender.id,
        webhook,
        preset,
        actor,
        expected,
      );
      if (outcome === 'missing') throw notFound('sender');
      return tell(reply, versionOfWebhook({ webhook })).send({
        ...(await toSenderWebhook(deps, accountId, webhook)),
        ...(await warn(deps, urls)),
      });
    },
  );

  api.get(
    '/channels/:channelId/webhook',
    {
      ...needs('viewer'),
      schema: describe(
        "Read where a channel's audit receipts go",
        'webhooks',
        { params: channelParams },
        { 200: ChannelWebhookAnswer },
        'not_found',
      ),
    },
    async (request, reply) => {
      const { accountId } = callerOf(request);
      const { webhook } = await findChannel(store, accountId, request.params.channelId);
      return tell(reply, versionOfWebhook({ webhook })).send(
        await toChannelWebhook(deps, accountId, webhook),
      );
    },
  );

  api.put(
    '/channels/:channelId/webhook',
    {
      ...needs('operator'),
      schema: describe(
        "Set where a channel's audit receipts go",
        'webhooks',
        { params: channelParams, body: ChannelWebhookBody, headers: makeHeaders },
        { 200: ChannelWebhookAnswer },
        'not_found',
        'bad_callback_url',
        ...makeCodes,
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { id } = await findChannel(store, accountId, request.params.channelId);
      const { preset = 'standard', ...body } = request.body;
      const given: ChannelWebhook = { ...noChannelWebhook, ...body };
      const { auditUrl } = given;
      const urls = await readUrls(deps, accountId, given.http, { auditUrl });
      const webhook = { ...given, ...urls };
      const expected = readExpected(request);
      if ((await store.setChannelWebhook(accountId, id, webhook, preset, actor, expected)) === 'missing')
        throw notFound('channel');
      return tell(reply, versionOfWebhook({ webhook })).send({
        ...(await toChannelWebhook(deps, accountId, webhook)),
        ...(await warn(deps, urls)),
      });
    },
  );
}

/**
 * The callback URLs by their members, in the spelling that they are kept in. Refuses those that could never be pushed to, and HTTP
 * switched on with nowhere to go.
 */
async function readUrls<Name extends string>(
  deps: ApiDeps,
  accountId: AccountId,
  http: boolean,
  urls: Readonly<Record<Name, string | null>>,
): Promise<Record<Name, string | null>> {
  const kept: Record<Name, string | null> = { ...urls };
  const fields = Object.keys(urls) as Name[];
  for (const field of fields) {
    const given = urls[field];
    if (given === null) continue;
    const read = await readCallbackUrl(deps, accountId, given);
    if ('fault' in read) throw new FieldError('bad_callback_url', field, `${field}: ${read.fault}`);
    kept[field] = read.url;
  }
  if (http && fields.every((field) => urls[field] === null))
    throw new FieldError(
      'bad_callback_url',
      fields[0] ?? '',
      `http is on, but there is no ${fields.join(' and no ')}.`,
    );
  return kept;
}

/** What keeps receipts from being taken at these URLs for now, by their members. */
export async function warn(
  { findHostWithoutAddress }: Pick<ApiDeps, 'findHostWithoutAddress'>,
  urls: Readonly<Record<string, string | null>>,
): Promise<{ warnings?: UrlWarning[] }> {
  const warnings: UrlWarning[] = [];
  for (const [field, url] of Object.entries(urls)) {
    const host = url === null ? null : await findHostWithoutAddress(url);
    if (host === null) continue;
    const text = `${field}: ${host} has no address yet. It is kept; receipts for it fail, and are tried again, until it has one.`;
    warnings.push({ field, code: 'unresolved', params: { host }, text });
  }
  return warnings.length === 0 ? {} : { warnings };
}

async function toTargets(
  { store }: ApiDeps,
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
  deps: ApiDeps,
  accountId: AccountId,
  webhook: SenderWebhook,
): Promise<Static<typeof SenderWebhookAnswer>> {
  const urls = [webhook.statusUrl, webhook.inboundUrl];
  const types = webhook.queue ? webhook.types : [];
  return {
    ...webhook,
    types: [...webhook.types],
    ...(await toTargets(deps, accountId, urls, types)),
  };
}

async function toChannelWebhook(
  deps: ApiDeps,
  accountId: AccountId,
  webhook: ChannelWebhook,
): Promise<Static<typeof ChannelWebhookAnswer>> {
  const types: ReceiptType[] = webhook.queue ? ['ChatAppAudit'] : [];
  return { ...webhook, ...(await toTargets(deps, accountId, [webhook.auditUrl], types)) };
}
