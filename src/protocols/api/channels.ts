import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { toOpenCredentials } from '../../domain/channel.ts';
import type { Channel } from '../../domain/channel.ts';
import { versionOfChannel } from '../../domain/version.ts';
import { connectChannel, removeChannel } from '../../core/channels/channels.ts';
import { findChannel, findSender } from '../../core/channels/ownership.ts';
import type { ApiDeps } from './deps.ts';
import { changeHeaders, makeCodes, makeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { ChannelAnswer, ChannelBody, DependentsAnswer, maxWaitingCounted } from './schemas-channels.ts';
import { Id, pageOf, SenderId } from './schemas.ts';

/** What these routes work with. */
type ChannelApiDeps = ApiDeps<
  | 'countWaitingOutbound'
  | 'deleteChannel'
  | 'findChannel'
  | 'findSender'
  | 'findTemplates'
  | 'listChannels'
  | 'listSenders'
  | 'putChannel'
>;

const params = Type.Object({ channelId: Id });

/** Channels: connected, changed, taken away. */
export function channelApi(api: Api, deps: ChannelApiDeps): void {
  listChannels(api, deps);
  putChannel(api, deps);
  readChannel(api, deps);
  countDependents(api, deps);
  deleteChannel(api, deps);
}

function listChannels(api: Api, { store, publicUrl }: ChannelApiDeps): void {
  api.get(
    '/channels',
    { ...needs('viewer'), schema: describe('List channels', 'channels', {}, { 200: pageOf(ChannelAnswer) }) },
    async (request) => {
      const channels = await store.listChannels(callerOf(request).accountId);
      return { items: channels.map((channel) => toAnswer(channel, publicUrl())), next: null };
    },
  );
}

function putChannel(api: Api, deps: ChannelApiDeps): void {
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
      const owner = { accountId, actor, expected: readExpected(request) };
      const given = { ...request.body, id: request.params.channelId };
      const { channel, isNew } = await connectChannel(deps, owner, given);
      return tell(reply, versionOfChannel(channel))
        .code(isNew ? 201 : 200)
        .send(toAnswer(channel, deps.publicUrl()));
    },
  );
}

function readChannel(api: Api, { store, publicUrl }: ChannelApiDeps): void {
  api.get(
    '/channels/:channelId',
    {
      ...needs('viewer'),
      schema: describe('Read a channel', 'channels', { params }, { 200: ChannelAnswer }, 'not_found'),
    },
    async (request, reply) => {
      const channel = await findChannel(store, callerOf(request).accountId, request.params.channelId);
      return tell(reply, versionOfChannel(channel)).send(toAnswer(channel, publicUrl()));
    },
  );
}

function countDependents(api: Api, { store }: ChannelApiDeps): void {
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
}

function deleteChannel(api: Api, deps: ChannelApiDeps): void {
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
      const owner = { accountId, actor, expected: readExpected(request) };
      await removeChannel(deps, owner, request.params.channelId);
      return reply.code(204).send(null);
    },
  );
}

function toAnswer(channel: Channel, publicUrl: string): Static<typeof ChannelAnswer> {
  const { id, type, name, wabaId, credentials, options, createdAt, updatedAt } = channel;
  const path = type === 'sandbox' ? '/sandbox' : `/hooks/${type}/${id}`;
  return {
    id,
    type,
    name,
    wabaId,
    credentials: Object.keys(credentials).sort(),
    openCredentials: toOpenCredentials(channel),
    options: { ...options },
    hookUrl: publicUrl + path,
    createdAt: toTime(createdAt),
    updatedAt: toTime(updatedAt),
  };
}
