// What a holder of a portal link does: the senders that it opens, where their receipts go, and how far these are. Each path names its
// sender, which access.ts compares with the link before anything else.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { findSender } from '../../core/channels/ownership.ts';
import { refusal } from '../../core/channels/refusals.ts';
import { setSenderWebhook } from '../../core/channels/webhook-settings.ts';
import { findDestination, rotateSecret } from '../../core/deliveries/destinations.ts';
import { replayOne } from '../../core/deliveries/replay.ts';
import type { Principal } from '../../domain/account.ts';
import { parseCallbackUrl, toKeptUrl } from '../../domain/callback-url.ts';
import { noSenderWebhook } from '../../domain/channel.ts';
import type { Channel, Sender, SenderWebhook } from '../../domain/channel.ts';
import type { Destination } from '../../domain/delivery.ts';
import { GatewayError, notFound } from '../../domain/errors.ts';
import { opensSender } from '../../domain/portal-link.ts';
import type { PortalScope, PortalSender } from '../../domain/portal-link.ts';
import { toTime } from '../../domain/time.ts';
import { versionOfWebhook } from '../../domain/version.ts';
import type { Timeline } from '../../store/store.ts';
import { needsPortal } from './access.ts';
import { callerOf } from './auth.ts';
import { toAttempt } from './deliveries.ts';
import type { ApiDeps } from './deps.ts';
import { toSecrets } from './destination-secrets.ts';
import { describe, toPageRequest } from './route.ts';
import type { Api } from './route.ts';
import { ReplayAnswer, RotateSecretBody, SecretsAnswer, TestEventAnswer } from './schemas-deliveries.ts';
import { ofSender, PortalAnswer, PortalReceiptAnswer } from './schemas-portal.ts';
import { SenderWebhookAnswer, SenderWebhookBody } from './schemas-webhook-settings.ts';
import { closed, cursor, DigitsId, pageOf } from './schemas.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';
import { toSenderWebhook, toWarnings } from './webhook-settings.ts';

/** What these routes work with. */
type PortalApiDeps = ApiDeps<
  | 'countDeliveries'
  | 'findChannel'
  | 'findDestination'
  | 'findDestinationByUrl'
  | 'findSender'
  | 'findTimeline'
  | 'listChannels'
  | 'listDeliveries'
  | 'listDestinations'
  | 'listReceipts'
  | 'replayDeliveries'
  | 'setDestinationSecrets'
  | 'setChannelWebhook'
  | 'setSenderWebhook'
>;

const path = '/portal/channels/:channelId/senders/:senderId';
const ofDelivery = Type.Object({ ...ofSender.properties, deliveryId: DigitsId });
const ofDestination = Type.Object({ ...ofSender.properties, destinationId: DigitsId });

/** Callback URLs that an account may have for a holder to add one more: each POST could name another one. */
const maxUrls = 5000;

/** How long an old secret signs along unless something else is said. */
const overlapSeconds = 86_400;

export function portalApi(api: Api, deps: PortalApiDeps): void {
  readPortal(api, deps);
  readWebhook(api, deps);
  setWebhook(api, deps);
  listDeliveries(api, deps);
  replayDelivery(api, deps);
  postTestEvent(api, deps);
  showSecrets(api, deps);
  replaceSecret(api, deps);
}

function readPortal(api: Api, { store, directory }: PortalApiDeps): void {
  api.get(
    '/portal',
    {
      ...needsPortal('read'),
      schema: describe('What the portal link opens', 'portal', {}, { 200: PortalAnswer }, 'not_found'),
    },
    async (request) => {
      const scope = scopeOf(request);
      const { accountId, linkId, access } = scope;
      const link = await directory.portalLink(accountId, linkId);
      if (link === undefined) throw notFound('portal link');
      // What was taken away since the link was made is not among them.
      const there = await directory.senders(accountId);
      const channels = new Map((await store.listChannels(accountId)).map((channel) => [channel.id, channel]));
      const items = there
        .map(({ channelId, id: senderId, name }) => ({ channelId, senderId, name }))
        .filter((sender) => opensSender(scope, sender))
        .map((sender) => toPortalSender(sender, channels.get(sender.channelId)))
        .filter((sender) => sender !== undefined);
      const { name, colour, expiresAt } = link;
      return { name, colour, access, expiresAt: toTime(expiresAt), senders: items };
    },
  );
}

function readWebhook(api: Api, deps: PortalApiDeps): void {
  api.get(
    `${path}/webhook`,
    {
      ...needsPortal('read'),
      schema: describe(
        "Read where the sender's receipts go, as a holder of a portal link",
        'portal',
        { params: ofSender },
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

function setWebhook(api: Api, deps: PortalApiDeps): void {
  api.post(
    `${path}/webhook`,
    {
      ...needsPortal('manage'),
      schema: describe(
        "Set where the sender's receipts go, as a holder of a portal link",
        'portal',
        { params: ofSender, body: SenderWebhookBody, headers: changeHeaders },
        { 200: SenderWebhookAnswer },
        'not_found',
        'bad_callback_url',
        'limit_reached',
        'not_verified',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { accountId, actor } = caller;
      const { channelId, senderId } = request.params;
      const sender = await findSender(deps.store, accountId, channelId, senderId);
      const owner = { accountId, actor, expected: readExpected(request) };
      const { preset = 'standard', ...body } = request.body;
      const whole = { ...noSenderWebhook, ...body };
      await prepareUrls(deps, { ...scopeOf(request), actor }, sender, whole);
      const { webhook, unresolved } = await setSenderWebhook(deps, owner, sender, whole, preset);
      return tell(reply, versionOfWebhook({ webhook })).send({
        ...(await toSenderWebhook(deps, accountId, webhook)),
        ...toWarnings(unresolved),
      });
    },
  );
}

function listDeliveries(api: Api, { store }: PortalApiDeps): void {
  api.get(
    `${path}/deliveries`,
    {
      ...needsPortal('read'),
      schema: describe(
        'List the receipts of the sender with how far their deliveries are, newest first',
        'portal',
        {
          params: ofSender,
          querystring: Type.Object(
            {
              limit: Type.Optional(
                Type.Integer({ minimum: 1, maximum: 50, description: '20 when left out.' }),
              ),
              cursor,
            },
            closed,
          ),
        },
        { 200: pageOf(PortalReceiptAnswer) },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { channelId, senderId } = request.params;
      await findSender(store, accountId, channelId, senderId);
      const page = toPageRequest({ limit: 20, ...request.query });
      const { items, next } = await store.listReceipts(accountId, { channelId, senderId }, page);
      const timelines = await Promise.all(
        items.map(({ receiptId }) => store.findTimeline(accountId, receiptId)),
      );
      return { items: timelines.filter((one) => one !== undefined).map(toPortalReceipt), next };
    },
  );
}

function replayDelivery(api: Api, deps: PortalApiDeps): void {
  api.post(
    `${path}/deliveries/:deliveryId/replay`,
    {
      ...needsPortal('manage'),
      schema: describe(
        'Replay a delivery of a receipt of the sender',
        'portal',
        { params: ofDelivery },
        { 200: ReplayAnswer },
        'not_found',
        'wrong_state',
      ),
    },
    async (request) => {
      const caller = callerOf(request);
      const deliveryId = Number(request.params.deliveryId);
      await requireOfSender(deps, caller.accountId, request.params, deliveryId);
      return replayOne(deps, caller, deliveryId);
    },
  );
}

function postTestEvent(api: Api, deps: PortalApiDeps): void {
  api.post(
    `${path}/destinations/:destinationId/test`,
    {
      ...needsPortal('manage'),
      schema: describe(
        'Post a test event to a callback URL of the sender and show the answer',
        'portal',
        { params: ofDestination },
        { 200: TestEventAnswer },
        'not_found',
        'too_many',
      ),
    },
    async (request) => {
      const { request: sent, attempt } = await deps.sendTestEvent(await findOwnDestination(deps, request));
      return { request: { ...sent, headers: { ...sent.headers } }, attempt: toAttempt(attempt) };
    },
  );
}

function showSecrets(api: Api, deps: PortalApiDeps): void {
  api.get(
    `${path}/destinations/:destinationId/secrets`,
    {
      ...needsPortal('manage'),
      schema: describe(
        'Show the signing secrets of a callback URL of the sender',
        'portal',
        { params: ofDestination },
        { 200: SecretsAnswer },
        'not_found',
      ),
    },
    async (request) => toSecrets(await findOwnDestination(deps, request), deps.now()),
  );
}

function replaceSecret(api: Api, deps: PortalApiDeps): void {
  api.post(
    `${path}/destinations/:destinationId/secrets/rotate`,
    {
      ...needsPortal('manage'),
      schema: describe(
        'Make a new signing secret for a callback URL of the sender',
        'portal',
        { params: ofDestination, body: RotateSecretBody },
        { 200: SecretsAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { id } = await findOwnDestination(deps, request);
      const overlapMs = (request.body.overlapSeconds ?? overlapSeconds) * 1000;
      return toSecrets(await rotateSecret(deps, callerOf(request), id, overlapMs), deps.now());
    },
  );
}

function toPortalSender(
  sender: PortalSender & Pick<Sender, 'name'>,
  channel: Channel | undefined,
): Static<typeof PortalAnswer>['senders'][number] | undefined {
  return channel && { ...sender, channelType: channel.type, channelName: channel.name };
}

/** What the link of a request opens. */
function scopeOf(request: FastifyRequest): PortalScope {
  const { portal } = callerOf(request);
  if (portal === null) throw new GatewayError('forbidden');
  return portal;
}

/** Throws `not_found` for a delivery whose receipt is not of the sender, or whose sender is not there any more. */
async function requireOfSender(
  { store }: PortalApiDeps,
  accountId: number,
  { channelId, senderId }: PortalSender,
  deliveryId: number,
): Promise<void> {
  await findSender(store, accountId, channelId, senderId);
  const [known] = (await store.listDeliveries(accountId, { deliveryIds: [deliveryId] }, { limit: 1 })).items;
  const timeline = known && (await store.findTimeline(accountId, known.receiptId));
  const { receipt } = timeline ?? {};
  if (receipt?.channelId !== channelId || receipt.senderId !== senderId) throw notFound('delivery');
}

/**
 * A callback URL that settings of the sender name, and no others but of senders that the link opens: its secret signs for all that name
 * it. Throws `not_found` for any other.
 */
async function findOwnDestination(
  deps: PortalApiDeps,
  request: FastifyRequest<{ Params: Static<typeof ofDestination> }>,
): Promise<Destination> {
  const scope = scopeOf(request);
  const { channelId, senderId, destinationId } = request.params;
  const destination = await findDestination(deps.store, scope.accountId, Number(destinationId));
  const { senders, isOfChannel } = await findNaming(deps, scope.accountId, destination.url);
  const isShared = isOfChannel || !senders.every((sender) => opensSender(scope, sender));
  if (isShared || !opensSender({ senders }, { channelId, senderId })) throw notFound('callback URL');
  return destination;
}

/**
 * Looks at the callback URLs that a holder is about to name, as a secret signs for all that name its URL, and may be read by whoever is
 * the last of them. One that settings beyond the link name is refused; one that none name any more gets a new secret, for the one that it
 * has may still sign for others somewhere. What the sender names already stays. Throws `bad_callback_url`, `limit_reached`.
 */
async function prepareUrls(
  deps: PortalApiDeps,
  holder: PortalScope & Principal,
  { webhook }: Pick<Sender, 'webhook'>,
  given: Pick<SenderWebhook, 'statusUrl' | 'inboundUrl'>,
): Promise<void> {
  const { accountId } = holder;
  const known = await deps.store.listDestinations(accountId);
  for (const member of ['statusUrl', 'inboundUrl'] as const) {
    const parsed = parseCallbackUrl(given[member] ?? '');
    if ('fault' in parsed) continue;
    const url = toKeptUrl(parsed.url, known);
    if (names(webhook, url)) continue;
    const { senders, isOfChannel } = await findNaming(deps, accountId, url);
    if (isOfChannel || !senders.every((sender) => opensSender(holder, sender)))
      throw refusal('bad_callback_url', member, 'url_of_others');
    const destination = known.find((one) => one.url === url);
    if (destination === undefined && known.length >= maxUrls)
      throw new GatewayError(
        'limit_reached',
        `There are ${maxUrls} callback URLs already. Ask for some to be removed.`,
      );
    if (destination !== undefined && senders.length === 0)
      await rotateSecret(deps, holder, destination.id, 0);
  }
}

/** The senders whose settings name a callback URL, and whether those of a channel do. */
async function findNaming({ store, directory }: PortalApiDeps, accountId: number, url: string) {
  const [senders, channels] = await Promise.all([
    directory.senders(accountId),
    store.listChannels(accountId),
  ]);
  return {
    senders: senders
      .filter(({ webhook }) => names(webhook, url))
      .map(({ channelId, id: senderId }) => ({ channelId, senderId })),
    isOfChannel: channels.some(({ webhook }) => webhook.auditUrl === url),
  };
}

function names({ statusUrl, inboundUrl }: SenderWebhook, url: string): boolean {
  return statusUrl === url || inboundUrl === url;
}

function toPortalReceipt({ receipt, deliveries }: Timeline): Static<typeof PortalReceiptAnswer> {
  return {
    receiptId: receipt.receiptId,
    type: receipt.facts.type,
    recordedAt: toTime(receipt.recordedAt),
    deliveries: deliveries.map(({ id, destinationId, url, state, dueAt, attempts, tries }) => {
      const last = tries.at(-1);
      return {
        id: String(id),
        destinationId,
        url,
        state,
        dueAt: toTime(dueAt),
        attempts,
        lastStatus: last?.status ?? null,
        lastAt: last === undefined ? null : toTime(last.at),
      };
    }),
  };
}
