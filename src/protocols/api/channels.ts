import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { mergeCredentials } from '../../domain/channel.ts';
import type { Channel } from '../../domain/channel.ts';
import { GatewayError, notFound } from '../../domain/errors.ts';
import { requireExpected, versionOfChannel } from '../../domain/version.ts';
import { checkKind, checkNeeds, checkOptions, checkViberKind, checkWaba } from '../../core/channels/rules.ts';
import type { ApiDeps } from './deps.ts';
import { changeHeaders, makeCodes, makeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { findChannel, findSender } from '../../core/channels/ownership.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { ChannelAnswer, ChannelBody, DependentsAnswer, maxWaitingCounted } from './schemas-channels.ts';
import { Id, pageOf, SenderId } from './schemas.ts';

const params = Type.Object({ channelId: Id });

/** Channels: connected, changed, taken away. */
export function channelApi(api: Api, deps: ApiDeps): void {
  const { store, publicUrl, onRouteAdded } = deps;

  function toAnswer(channel: Channel): Static<typeof ChannelAnswer> {
    const { id, type, name, wabaId, credentials, options, createdAt, updatedAt } = channel;
    const path = type === 'sandbox' ? '/sandbox' : `/hooks/${type}/${id}`;
    return {
      id,
      type,
      name,
      wabaId,
      credentials: Object.keys(credentials).sort(),
      options: { ...options },
      hookUrl: publicUrl() + path,
      createdAt: toTime(createdAt),
      updatedAt: toTime(updatedAt),
    };
  }

  api.get(
    '/channels',
    { ...needs('viewer'), schema: describe('List channels', 'channels', {}, { 200: pageOf(ChannelAnswer) }) },
    async (request) => ({
      items: (await store.listChannels(callerOf(request).accountId)).map(toAnswer),
      next: null,
    }),
  );

  api.put(
    '/channels/:channelId',
    {
      ...needs('operator'),
      schema: describe(
        'Connect a channel, or change how it is connected; never asks the vendor',
        'channels',
        { params, body: ChannelBody, headers: makeHeaders },
        { 200: ChannelAnswer, 201: ChannelAnswer },
        'conflict',
        'wrong_state',
        ...makeCodes,
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { channelId: id } = request.params;
      const { body } = request;
      const { type } = body;
      const known = await store.findChannel(id);
      if (known !== undefined && known.accountId !== accountId) throw taken();
      const expected = readExpected(request);
      // Before the rules of a change: who says that he makes a channel is told that it is there.
      requireExpected(expected, known && versionOfChannel(known));
      // Left out means left as it is, so that a change of name needs no secrets.
      const credentials = mergeCredentials(known?.credentials ?? {}, body.credentials ?? {});
      const wabaId = body.wabaId ?? known?.wabaId ?? null;
      checkKind(id, type, known);
      if (known !== undefined) checkWaba(known, body);
      if (known !== undefined) await checkViberKind(store, known, credentials);
      checkNeeds(type, wabaId, credentials);
      const { options } = body;
      checkOptions(type, options ?? {});
      const outcome = await store.putChannel(
        accountId,
        {
          id,
          type,
          ...(body.name === undefined ? {} : { name: body.name }),
          ...(body.wabaId === undefined ? {} : { wabaId: body.wabaId }),
          ...(body.credentials === undefined ? {} : { credentials: body.credentials }),
          ...(options === undefined ? {} : { options }),
        },
        actor,
        expected,
      );
      if (outcome === 'taken') throw taken();
      if (wabaId !== null && type !== 'sandbox') await onRouteAdded(type, { by: 'waba', id: wabaId });
      const channel = await findChannel(store, accountId, id);
      return tell(reply, versionOfChannel(channel))
        .code(outcome === 'created' ? 201 : 200)
        .send(toAnswer(channel));
    },
  );

  api.get(
    '/channels/:channelId',
    {
      ...needs('viewer'),
      schema: describe('Read a channel', 'channels', { params }, { 200: ChannelAnswer }, 'not_found'),
    },
    async (request, reply) => {
      const channel = await findChannel(store, callerOf(request).accountId, request.params.channelId);
      return tell(reply, versionOfChannel(channel)).send(toAnswer(channel));
    },
  );

  api.get(
    '/channels/:channelId/dependents',
    {
      ...needs('viewer'),
      schema: describe(
        'Count what hangs on a channel, or on one of its senders, before it is taken away',
        'channels',
        { params, querystring: Type.Object({ senderId: Type.Optional(SenderId) }) },
        { 200: DependentsAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { id: channelId } = await findChannel(store, accountId, request.params.channelId);
      const { senderId: asked } = request.query;
      const senderId = asked && (await findSender(store, accountId, channelId, asked)).id;
      const isWhole = senderId === undefined;
      return {
        senders: isWhole ? (await store.listSenders(accountId, channelId)).length : 1,
        templates: isWhole ? (await store.findTemplates(accountId, { channelId })).length : 0,
        messagesWaiting: await store.countWaitingOutbound(
          accountId,
          { channelId, senderId },
          maxWaitingCounted,
        ),
      };
    },
  );

  api.delete(
    '/channels/:channelId',
    {
      ...needs('operator'),
      schema: describe(
        'Disconnect a channel; its receipts stay',
        'channels',
        { params, headers: changeHeaders },
        { 204: NoContent },
        'not_found',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { channelId } = request.params;
      if (!(await store.deleteChannel(accountId, channelId, actor, readExpected(request))))
        throw notFound('channel');
      return reply.code(204).send(null);
    },
  );
}

function taken(): GatewayError {
  return new GatewayError('conflict', 'That channel id is taken.');
}
