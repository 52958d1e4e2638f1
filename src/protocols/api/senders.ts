import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { Sender } from '../../domain/channel.ts';
import { GatewayError, notFound } from '../../domain/errors.ts';
import { versionOfSender } from '../../domain/version.ts';
import { checkSenderId, toRouteId, toSenderType } from '../../core/channels/sender-rules.ts';
import type { ApiDeps } from './deps.ts';
import { changeHeaders, makeCodes, makeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { findChannel, findSender, toBareDigits } from '../../core/channels/ownership.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { SenderAnswer, SenderBody } from './schemas-channels.ts';
import { Id, pageOf, SenderId } from './schemas.ts';

const channelParams = Type.Object({ channelId: Id });
const params = Type.Object({ channelId: Id, senderId: SenderId });

/** The business identities of a channel. */
export function senderApi(api: Api, { store, onRouteAdded }: ApiDeps): void {
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
      const channel = await findChannel(store, accountId, request.params.channelId);
      const id = toBareDigits(request.params.senderId);
      const known = await store.findSender(channel.id, id);
      const type = toSenderType(channel.type, known);
      checkSenderId(type, id);
      const { name, phoneNumberId } = request.body;
      const routeId = toRouteId(channel, id, phoneNumberId, known);
      const sender = { id, type, name: name ?? known?.name ?? id, routeId };
      const outcome = await store.putSender(accountId, channel.id, sender, actor, readExpected(request));
      if (outcome === 'no_channel') throw notFound('channel');
      if (outcome === 'taken')
        throw new GatewayError(
          'conflict',
          routeId === channel.id
            ? 'A Viber bot is one sender; its channel has it already.'
            : 'Another sender on this server has that id at the channel.',
        );
      await onRouteAdded(type, { by: 'sender', id: routeId });
      const made = await findSender(store, accountId, channel.id, id);
      return tell(reply, versionOfSender(made))
        .code(outcome === 'created' ? 201 : 200)
        .send(toAnswer(made));
    },
  );

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
      const { channelId } = request.params;
      const senderId = toBareDigits(request.params.senderId);
      if (!(await store.deleteSender(accountId, channelId, senderId, actor, readExpected(request))))
        throw notFound('sender');
      return reply.code(204).send(null);
    },
  );
}

function toAnswer(sender: Sender): Static<typeof SenderAnswer> {
  const { id, channelId, type, name, routeId, verification, createdAt, updatedAt } = sender;
  const phone = type === 'whatsapp' ? { phoneNumberId: routeId, verification } : {};
  return { id, channelId, type, name, ...phone, createdAt: toTime(createdAt), updatedAt: toTime(updatedAt) };
}
