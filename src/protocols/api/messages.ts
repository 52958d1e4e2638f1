// Messages of both directions: search, the whole way of one, and sending one by hand.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { findChannel, toBareDigits } from '../../core/channels/ownership.ts';
import { acceptMessage } from '../../core/messages/acceptance.ts';
import { explain } from '../../core/messages/diagnosis.ts';
import type { GivenMessage, GivenSender } from '../../core/messages/given-message.ts';
import { requirePlaces } from '../../core/messages/optional-members.ts';
import { tell } from '../../core/messages/story.ts';
import { findTrace } from '../../core/messages/trace.ts';
import type { Trace } from '../../core/messages/trace.ts';
import { FieldError, notFound } from '../../domain/errors.ts';
import { faultOf } from '../../domain/faults.ts';
import { requireStorable } from '../../domain/json.ts';
import { toTime } from '../../domain/time.ts';
import { needs } from './access.ts';
import { callerOf, requesterOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { toInbound, toOutbound } from './message-answers.ts';
import { search } from './message-search.ts';
import { toTimeline } from './receipts.ts';
import { describe } from './route.ts';
import { originOf } from './spans.ts';
import type { Api } from './route.ts';
import { pageOf } from './schemas.ts';
import {
  MessageAnswer,
  MessageQuery,
  MessageStoryAnswer,
  NewMessageAnswer,
  NewMessageBody,
} from './schemas-messages.ts';

/** What these routes work with. */
type MessageApiDeps = ApiDeps<
  | 'findChannel'
  | 'findDestination'
  | 'findFallbackAttempts'
  | 'findFallbacks'
  | 'findOutbound'
  | 'findSendAttempts'
  | 'findSender'
  | 'findSpellings'
  | 'findTimeline'
  | 'listOutbound'
  | 'listReceipts'
>;

export function messageApi(api: Api, deps: MessageApiDeps): void {
  listMessages(api, deps);
  readMessage(api, deps);
  sendMessage(api, deps);
}

function listMessages(api: Api, { store }: MessageApiDeps): void {
  api.get(
    '/messages',
    {
      ...needs('viewer'),
      schema: describe(
        'Search messages, newest first; a page may hold fewer than asked for, and still lead on',
        'messages',
        { querystring: MessageQuery },
        { 200: pageOf(MessageAnswer) },
      ),
    },
    (request) => search(store, callerOf(request).accountId, request.query),
  );
}

function readMessage(api: Api, { store }: MessageApiDeps): void {
  api.get(
    '/messages/:messageId',
    {
      ...needs('viewer'),
      schema: describe(
        'Read the whole way of a message, and why it is not delivered if it is not',
        'messages',
        { params: Type.Object({ messageId: Type.String({ minLength: 1, maxLength: 256 }) }) },
        { 200: MessageStoryAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const trace = await findTrace(store, callerOf(request).accountId, request.params.messageId);
      if (trace === undefined) throw notFound('message');
      return toStory(trace);
    },
  );
}

function sendMessage(api: Api, { store, acceptance, messageQuota }: MessageApiDeps): void {
  api.post(
    '/messages',
    {
      ...needs('operator', 'send'),
      schema: describe(
        'Send a message; it goes the way of SendChatappMessage',
        'messages',
        { body: NewMessageBody },
        { 201: NewMessageAnswer },
        'not_found',
        'quota_reached',
      ),
    },
    async (request, reply) => {
      const { accountId } = callerOf(request);
      await messageQuota.requireRoom(requesterOf(request));
      const { channelId, senderId, type, text, content } = request.body;
      const channel = await findChannel(store, accountId, channelId);
      const sender = await store.findSender(channel.id, toBareDigits(senderId));
      if (sender === undefined) throw notFound('sender');
      requirePlaces(sender.type, request.body);
      if (type === 'text' && text === undefined && content === undefined)
        throw new FieldError('bad_request', 'text', 'text: is missing.', faultOf('missing'));
      const given = toGiven(request.body, { from: sender.id, channelType: sender.type, channel });
      const asked = { ...acceptance, ...originOf(request) };
      return reply.code(201).send({ messageId: await acceptMessage(asked, accountId, given) });
    },
  );
}

function toStory(trace: Trace): Static<typeof MessageStoryAnswer> {
  const { message, attempts, timelines, fallback } = trace;
  const reasons = explain(trace);
  const events = tell(message, attempts, timelines, fallback);
  return {
    ...toHead(trace),
    why: reasons[0],
    reasons: [...reasons],
    events: events.map(({ at, ...event }) => ({ at: toTime(at), ...event })),
    receipts: timelines.map(toTimeline),
  };
}

/** What was sent, by whomever; a status of a message that is not known here has only its receipts. */
function toHead({
  message,
  timelines,
}: Trace): Pick<Static<typeof MessageStoryAnswer>, 'message' | 'content' | 'expiresAt'> {
  if (message !== null)
    return {
      message: toOutbound(message),
      content: message.envelope.content ?? message.envelope.templateParams ?? null,
      expiresAt: toTime(message.expiresAt),
    };
  const inbound = timelines.find(({ receipt }) => receipt.facts.type === 'ChatAppInbound')?.receipt;
  return {
    message: inbound === undefined ? null : toInbound(inbound),
    content: inbound?.content ?? null,
    expiresAt: null,
  };
}

/** What the rules call members whose texts have to be such as can be kept; `Content` is looked at by its own rule. */
const ruleNames = {
  to: 'To',
  type: 'MessageType',
  templateCode: 'TemplateCode',
  language: 'Language',
  params: 'TemplateParams',
  payload: 'Payload',
  flowAction: 'FlowAction',
  productAction: 'ProductAction',
} as const satisfies Partial<Record<keyof Static<typeof NewMessageBody>, string>>;

/** What the rules of a message are given. Throws their refusal of a text that cannot be kept. */
function toGiven(body: Static<typeof NewMessageBody>, sender: GivenSender): GivenMessage {
  for (const [member, name] of Object.entries(ruleNames) as [keyof typeof ruleNames, string][])
    requireStorable(name, body[member]);
  const { type, text, templateCode, language, params, payload, flowAction, productAction } = body;
  const isTemplate = type === 'template';
  const { label, tag, trackingData, taskId, ttlSeconds, contextMessageId } = body;
  return {
    sender,
    frame: isTemplate ? 'template' : 'message',
    recipient: { to: body.to, recipientType: body.recipientType },
    ...(isTemplate
      ? { template: { code: templateCode, language } }
      : { template: {}, messageType: type, content: body.content ?? { text } }),
    values: isTemplate ? { templateParams: params, payload, flowAction, productAction } : {},
    fallBack: {},
    label,
    tag,
    trackingData,
    taskId,
    ttlSeconds,
    contextMessageId,
  };
}
