import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { Sender } from '../../domain/channel.ts';
import { versionOfSender } from '../../domain/version.ts';
import { findChannel, findSender } from '../../core/channels/ownership.ts';
import { registerSender, removeSender } from '../../core/channels/senders.ts';
import type { ApiDeps } from './deps.ts';
import { changeHeaders, makeCodes, makeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { SenderAnswer, SenderBody } from './schemas-channels.ts';
import { Id, pageOf, SenderId } from './schemas.ts';

/** What these routes work with. */
type SenderApiDeps = ApiDeps<'deleteSender' | 'findChannel' | 'findSender' | 'listSenders' | 'putSender'>;

const channelParams = Type.Object({ channelId: Id });
const params = Type.Object({ channelId: Id, senderId: SenderId });

/** The business identities of a channel. */
export function senderApi(api: Api, deps: SenderApiDeps): void {
  listSenders(api, deps);
  putSender(api, deps);
  readSender(api, deps);
  deleteSender(api, deps);
}

function listSenders(api: Api, { store }: SenderApiDeps): void {
  api.get(
    '/channels/:channelId/senders',
    {
      ...needs('viewer'),
      schema: describe(
        'List the senders of a channel',
        'senders',
        { params: channelParams },
        { 200: pageOf(SenderAnswer) },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const channel = await findChannel(store, accountId, request.params.channelId);
      return { items: (await store.listSenders(accountId, channel.id)).map(toAnswer), next: null };
    },
  );
}

function putSender(api: Api, deps: SenderApiDeps): void {
  api.put(
    '/channels/:channelId/senders/:senderId',
    {
      ...needs('operator'),
      schema: describe(
        'Add a sender, or change it; what came for it before is recorded then',
        'senders',
        { params, body: SenderBody, headers: makeHeaders },
        { 200: SenderAnswer, 201: SenderAnswer },
        'not_found',
        'conflict',
        'wrong_state',
        ...makeCodes,
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { channelId, senderId } = request.params;
      const channel = await findChannel(deps.store, accountId, channelId);
      const owner = { accountId, actor, expected: readExpected(request) };
      const given = { ...request.body, id: senderId };
      const { sender, isNew } = await registerSender(deps, owner, channel, given);
      return tell(reply, versionOfSender(sender))
        .code(isNew ? 201 : 200)
        .send(toAnswer(sender));
    },
  );
}

function readSender(api: Api, { store }: SenderApiDeps): void {
  api.get(
    '/channels/:channelId/senders/:senderId',
    {
      ...needs('viewer'),
      schema: describe('Read a sender', 'senders', { params }, { 200: SenderAnswer }, 'not_found'),
    },
    async (request, reply) => {
      const { channelId, senderId } = request.params;
      const sender = await findSender(store, callerOf(request).accountId, channelId, senderId);
      return tell(reply, versionOfSender(sender)).send(toAnswer(sender));
    },
  );
}

function deleteSender(api: Api, deps: SenderApiDeps): void {
  api.delete(
    '/channels/:channelId/senders/:senderId',
    {
      ...needs('operator'),
      schema: describe(
        'Take a sender away; its receipts stay',
        'senders',
        { params, headers: changeHeaders },
        { 204: NoContent },
        'not_found',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { channelId, senderId } = request.params;
      await removeSender(deps, { accountId, actor, expected: readExpected(request) }, channelId, senderId);
      return reply.code(204).send(null);
    },
  );
}

function toAnswer(sender: Sender): Static<typeof SenderAnswer> {
  const { id, channelId, type, name, routeId, verification, webhook, createdAt, updatedAt } = sender;
  const phone = type === 'whatsapp' ? { phoneNumberId: routeId, verification } : {};
  const { http, queue } = webhook;
  const times = { createdAt: toTime(createdAt), updatedAt: toTime(updatedAt) };
  return { id, channelId, type, name, ...phone, http, queue, ...times };
}
