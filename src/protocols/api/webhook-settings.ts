// Channel Webhook Settings: where the receipts of a sender, and the audits of a channel, go.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { findUnresolved } from '../../core/channels/callback-urls.ts';
import type { Unresolved } from '../../core/channels/callback-urls.ts';
import { findChannel, findSender } from '../../core/channels/ownership.ts';
import { setChannelWebhook, setSenderWebhook } from '../../core/channels/webhook-settings.ts';
import type { AccountId } from '../../domain/account.ts';
import { noChannelWebhook, noSenderWebhook } from '../../domain/channel.ts';
import type { ChannelWebhook, SenderWebhook } from '../../domain/channel.ts';
import type { ReceiptType } from '../../domain/receipt.ts';
import { toReceiptQueueName } from '../../domain/subscription.ts';
import { versionOfWebhook } from '../../domain/version.ts';
import type { ApiDeps } from './deps.ts';
import { makeCodes, makeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import {
  ChannelWebhookAnswer,
  ChannelWebhookBody,
  SenderWebhookAnswer,
  SenderWebhookBody,
} from './schemas-webhook-settings.ts';
import type { UrlWarnings } from './schemas-webhook-settings.ts';
import { Id, SenderId } from './schemas.ts';

/** What these routes work with. */
type WebhookApiDeps = ApiDeps<
  | 'findChannel'
  | 'findDestinationByUrl'
  | 'findSender'
  | 'listDestinations'
  | 'setChannelWebhook'
  | 'setSenderWebhook'
>;

type UrlWarning = NonNullable<Static<typeof UrlWarnings>>[number];

const channelParams = Type.Object({ channelId: Id });
const senderParams = Type.Object({ channelId: Id, senderId: SenderId });

/** Reads and sets webhook settings. What a PUT leaves out has its default, not what it had before. */
export function webhookApi(api: Api, deps: WebhookApiDeps): void {
  readSenderWebhook(api, deps);
  putSenderWebhook(api, deps);
  readChannelWebhook(api, deps);
  putChannelWebhook(api, deps);
}

function readSenderWebhook(api: Api, deps: WebhookApiDeps): void {
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
      const { webhook } = await findSender(deps.store, accountId, channelId, senderId);
      return tell(reply, versionOfWebhook({ webhook })).send(await toSenderWebhook(deps, accountId, webhook));
    },
  );
}

function putSenderWebhook(api: Api, deps: WebhookApiDeps): void {
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
      const sender = await findSender(deps.store, accountId, channelId, senderId);
      const owner = { accountId, actor, expected: readExpected(request) };
      const { preset = 'standard', ...body } = request.body;
      const whole = { ...noSenderWebhook, ...body };
      const { webhook, unresolved } = await setSenderWebhook(deps, owner, sender, whole, preset);
      return tell(reply, versionOfWebhook({ webhook })).send({
        ...(await toSenderWebhook(deps, accountId, webhook)),
        ...toWarnings(unresolved),
      });
    },
  );
}

function readChannelWebhook(api: Api, deps: WebhookApiDeps): void {
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
      const { webhook } = await findChannel(deps.store, accountId, request.params.channelId);
      return tell(reply, versionOfWebhook({ webhook })).send(
        await toChannelWebhook(deps, accountId, webhook),
      );
    },
  );
}

function putChannelWebhook(api: Api, deps: WebhookApiDeps): void {
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
      const channel = await findChannel(deps.store, accountId, request.params.channelId);
      const owner = { accountId, actor, expected: readExpected(request) };
      const { preset = 'standard', ...body } = request.body;
      const whole = { ...noChannelWebhook, ...body };
      const { webhook, unresolved } = await setChannelWebhook(deps, owner, channel, whole, preset);
      return tell(reply, versionOfWebhook({ webhook })).send({
        ...(await toChannelWebhook(deps, accountId, webhook)),
        ...toWarnings(unresolved),
      });
    },
  );
}

/** What keeps receipts from being taken at these URLs for now, by their members. */
export async function warn(
  { findHostWithoutAddress }: Pick<ApiDeps, 'findHostWithoutAddress'>,
  urls: Readonly<Record<string, string | null>>,
): Promise<{ warnings?: UrlWarning[] }> {
  return toWarnings(await findUnresolved(findHostWithoutAddress, urls));
}

/** What of a change keeps receipts from being taken for now, as answered. */
export function toWarnings(unresolved: readonly Unresolved[]): { warnings?: UrlWarning[] } {
  if (unresolved.length === 0) return {};
  const warnings = unresolved.map(({ member: field, host }): UrlWarning => {
    const text = `${field}: ${host} has no address yet. It is kept; receipts for it fail, and are tried again, until it has one.`;
    return { field, code: 'unresolved', params: { host }, text };
  });
  return { warnings };
}

async function toTargets(
  { store }: { readonly store: Pick<WebhookApiDeps['store'], 'findDestinationByUrl'> },
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

/** A sender's settings as answered, with the names of its queues and the ids of its callback URLs. */
export async function toSenderWebhook(
  deps: { readonly store: Pick<WebhookApiDeps['store'], 'findDestinationByUrl'> },
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
  deps: WebhookApiDeps,
  accountId: AccountId,
  webhook: ChannelWebhook,
): Promise<Static<typeof ChannelWebhookAnswer>> {
  const types: ReceiptType[] = webhook.queue ? ['ChatAppAudit'] : [];
  return { ...webhook, ...(await toTargets(deps, accountId, [webhook.auditUrl], types)) };
}
