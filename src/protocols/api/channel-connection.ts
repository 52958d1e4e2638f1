import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { Check } from '../../channels/channel.ts';
import { rotateCredentials } from '../../core/channels/credential-rotation.ts';
import { findChannel, findSender } from '../../core/channels/ownership.ts';
import { checkTemplates } from './template-import.ts';
import type { ApiDeps } from './deps.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import {
  CheckAnswer,
  FoundSenderAnswer,
  RotateCredentialsBody,
  RotatedCredentialsAnswer,
  SignBody,
} from './schemas-channels.ts';
import { Id, pageOf, SenderId } from './schemas.ts';

/** What these routes work with. */
type ConnectApiDeps = ApiDeps<'changeChannel' | 'findChannel' | 'findSender' | 'listSenders'>;

const params = Type.Object({ channelId: Id });
const senderParams = Type.Object({ channelId: Id, senderId: SenderId });

/** What is asked of a channel's vendor: a check, its senders, its webhook, signs to users; and new secrets for it. */
export function connectApi(api: Api, deps: ConnectApiDeps): void {
  checkChannel(api, deps);
  listAvailableSenders(api, deps);
  subscribeChannel(api, deps);
  showSign(api, deps);
  rotateSecrets(api, deps);
}

function checkChannel(api: Api, deps: ConnectApiDeps): void {
  const { store, connections } = deps;
  api.post(
    '/channels/:channelId/check',
    {
      ...needs('operator'),
      schema: describe(
        'Look whether a channel can work, in its settings and at the vendor',
        'channels',
        { params },
        { 200: CheckAnswer },
        'not_found',
        'too_many',
      ),
    },
    async (request): Promise<Static<typeof CheckAnswer>> => {
      const { accountId, actor } = callerOf(request);
      const channel = await findChannel(store, accountId, request.params.channelId);
      const checks = [...(await connections.check(channel)), ...(await checkTemplates(deps, channel, actor))];
      return { ok: checks.every(({ ok }) => ok), checks: checks.map(toCheckAnswer) };
    },
  );
}

function listAvailableSenders(api: Api, { store, connections }: ConnectApiDeps): void {
  api.get(
    '/channels/:channelId/available-senders',
    {
      ...needs('operator'),
      schema: describe(
        'Ask the vendor which senders the credentials may use',
        'channels',
        { params },
        { 200: pageOf(FoundSenderAnswer) },
        'not_found',
        'channel_refused',
        'channel_unavailable',
        'too_many',
      ),
    },
    async (request) => {
      const channel = await findChannel(store, callerOf(request).accountId, request.params.channelId);
      const known = new Set((await store.listSenders(channel.accountId, channel.id)).map(({ id }) => id));
      const found = await connections.findSenders(channel);
      const items = found.map(({ id, type, name, routeId, verification = 'unknown' as const }) => ({
        id,
        type,
        name,
        ...(type === 'whatsapp' ? { phoneNumberId: routeId, verification } : {}),
        added: known.has(id),
      }));
      return { items, next: null };
    },
  );
}

function subscribeChannel(api: Api, deps: ConnectApiDeps): void {
  const { store, connections } = deps;
  api.post(
    '/channels/:channelId/subscribe',
    {
      ...needs('operator'),
      schema: describe(
        'Have the vendor post the events of a channel here',
        'channels',
        { params },
        { 204: NoContent },
        'not_found',
        'channel_refused',
        'channel_unavailable',
        'too_many',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const channel = await findChannel(store, accountId, request.params.channelId);
      await connections.subscribe(channel);
      await checkTemplates(deps, channel, actor);
      return reply.code(204).send(null);
    },
  );
}

function showSign(api: Api, { store, connections }: ConnectApiDeps): void {
  api.post(
    '/channels/:channelId/senders/:senderId/signs',
    {
      ...needs('operator'),
      schema: describe(
        'Show a user that a message has been read, or that somebody is writing',
        'senders',
        { params: senderParams, body: SignBody },
        { 204: NoContent },
        'not_found',
        'channel_refused',
        'channel_unavailable',
        'too_many',
      ),
    },
    async (request, reply) => {
      const { accountId } = callerOf(request);
      const { channelId, senderId } = request.params;
      const channel = await findChannel(store, accountId, channelId);
      const sender = await findSender(store, accountId, channelId, senderId);
      const { kind, to, messageId } = request.body;
      await connections.show(channel, sender, { kind, userId: to, channelMessageId: messageId ?? null });
      return reply.code(204).send(null);
    },
  );
}

function rotateSecrets(api: Api, deps: ConnectApiDeps): void {
  api.post(
    '/channels/:channelId/credentials/rotate',
    {
      ...needs('operator'),
      schema: describe(
        'Change credentials; an old secret that verifies webhooks is taken along for a while',
        'channels',
        { params, body: RotateCredentialsBody },
        { 200: RotatedCredentialsAnswer },
        'not_found',
        'changed_meanwhile',
      ),
    },
    async (request) => {
      const caller = callerOf(request);
      const channel = await findChannel(deps.store, caller.accountId, request.params.channelId);
      const { credentials, overlapSeconds = 86_400 } = request.body;
      const { rotated, kept, keptUntil } = await rotateCredentials(deps, caller, channel, {
        credentials,
        overlapMs: overlapSeconds * 1000,
      });
      return { rotated: [...rotated], kept: [...kept], keptUntil };
    },
  );
}

function toCheckAnswer(check: Check): Static<typeof CheckAnswer>['checks'][number] {
  const { name, ok, code, params: values, text, senderId, endsAt } = check;
  return {
    name,
    ok,
    code,
    params: values,
    text,
    ...(senderId === undefined ? {} : { senderId }),
    ...(endsAt === undefined ? {} : { endsAt: toTime(endsAt) }),
  };
}
