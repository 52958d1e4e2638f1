// Messages of both directions: search, the whole way of one, and sending one by hand.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { AccountId } from '../../domain/account.ts';
import { isOfUser, isToUser, toHappened } from '../../domain/alias.ts';
import type { Spelling } from '../../domain/alias.ts';
import type { SenderType } from '../../domain/channel.ts';
import { clip } from '../../domain/cut.ts';
import type { Destination } from '../../domain/delivery.ts';
import { parseOutboundId } from '../../domain/ids.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { Receipt } from '../../domain/receipt.ts';
import { acceptMessage } from '../../core/messages/acceptance.ts';
import type { GivenMessage, GivenSender } from '../../core/messages/given.ts';
import { requireStorable } from '../../domain/json.ts';
import { FieldError, notFound } from '../../domain/errors.ts';
import type { OutboundFilter, Page, PageRequest, Timeline } from '../../store/store.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { findChannel, toBareDigits } from '../../core/channels/ownership.ts';
import { toTimeline } from './receipts.ts';
import { toTime } from '../../domain/time.ts';
import { describe, toPageRequest, toPeriod } from './route.ts';
import type { Api } from './route.ts';
import { pageOf } from './schemas.ts';
import {
  MessageAnswer,
  MessageQuery,
  MessageStoryAnswer,
  NewMessageAnswer,
  NewMessageBody,
} from './schemas-messages.ts';
import { tell } from '../../core/messages/story.ts';
import type { FallbackStory } from '../../core/messages/story.ts';
import { explain } from '../../core/messages/diagnosis.ts';

type Message = Static<typeof MessageAnswer>;
type Query = Static<typeof MessageQuery>;

/** Rows that one page looks at for what no index finds; the page then ends, and its cursor goes on. */
const maxScanned = 2000;
const stepRows = 500;
/** Statuses of one message that its way shows. */
const maxReceipts = 50;
const previewLength = 200;

export function messageApi(api: Api, deps: ApiDeps): void {
  const { store } = deps;

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
    async (request) => {
      const { accountId } = callerOf(request);
      const { query } = request;
      const page = toPageRequest(query);
      if (query.direction === 'mo') {
        const filter = {
          type: 'ChatAppInbound' as const,
          ...pick(query, 'channelId', 'senderId', 'messageId'),
          ...toPeriod(query),
        };
        const spellings = await findSpellings(accountId, query);
        return scan(
          page,
          (step) => store.listReceipts(accountId, filter, step),
          ({ id }) => String(id),
          toInbound,
          (message, { facts, occurredAt, recordedAt }) =>
            isWanted(message, query) &&
            (spellings === null ||
              (facts.type === 'ChatAppInbound' &&
                isOfUser(spellings, facts.user, toHappened(occurredAt, recordedAt)))),
        );
      }
      if (query.messageId !== undefined) {
        const spellings = await findSpellings(accountId, query);
        const found = (await findMessages(accountId, query.messageId)).filter(
          ({ to, acceptedAt }) => spellings === null || isToUser(spellings, to, acceptedAt),
        );
        return { items: found.map(toOutbound).filter((message) => isWanted(message, query)), next: null };
      }
      return scan(
        page,
        (step) => store.listOutbound(accountId, toFilter(query), step),
        ({ id }) => String(id),
        toOutbound,
        (message) => isWanted(message, query),
      );
    },
  );

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
      const { accountId } = callerOf(request);
      const [message] = await findMessages(accountId, request.params.messageId);
      const timelines = await findTimelines(accountId, message, request.params.messageId);
      if (message === undefined && timelines.length === 0) throw notFound('message');
      const attempts = message === undefined ? [] : await store.findSendAttempts(accountId, message.id);
      const fallback = message === undefined ? null : await findFallback(accountId, message.id);
      const destinations = await findDestinations(accountId, timelines);
      const reasons = explain({ message: message ?? null, attempts, timelines, fallback, destinations });
      const inbound = timelines.find(({ receipt }) => receipt.facts.type === 'ChatAppInbound')?.receipt;
      return {
        message:
          message !== undefined ? toOutbound(message) : inbound !== undefined ? toInbound(inbound) : null,
        content:
          message === undefined
            ? (inbound?.content ?? null)
            : (message.envelope.content ?? message.envelope.templateParams ?? null),
        expiresAt: message === undefined ? null : toTime(message.expiresAt),
        why: reasons[0],
        reasons: [...reasons],
        events: tell(message ?? null, attempts, timelines, fallback).map(({ at, ...event }) => ({
          at: toTime(at),
          ...event,
        })),
        receipts: timelines.map(toTimeline),
      };
    },
  );

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
      ),
    },
    async (request, reply) => {
      const { accountId } = callerOf(request);
      const { channelId, senderId, type, text, content } = request.body;
      const channel = await findChannel(store, accountId, channelId);
      const sender = await store.findSender(channel.id, toBareDigits(senderId));
      if (sender === undefined) throw notFound('sender');
      refuseForeign(sender.type, request.body);
      if (type === 'text' && text === undefined && content === undefined)
        throw new FieldError('bad_request', 'text', 'text: is missing.');
      const given = toGiven(request.body, { from: sender.id, channelType: sender.type, channel });
      const messageId = await acceptMessage(deps.acceptance, accountId, given);
      return reply.code(201).send({ messageId });
    },
  );

  /** The ids of the user whose messages are asked for; null for everybody's. */
  async function findSpellings(
    accountId: AccountId,
    { number, channelId }: Query,
  ): Promise<readonly Spelling[] | null> {
    if (number === undefined) return null;
    const channel = channelId === undefined ? {} : { channelId };
    return store.findSpellings(accountId, { userId: toBareDigits(number), ...channel });
  }

  /** By our id or the channel's. */
  async function findMessages(accountId: AccountId, messageId: string): Promise<readonly OutboundMessage[]> {
    const id = parseOutboundId(messageId);
    return store.findOutbound(
      accountId,
      id === undefined ? { channelMessageIds: [messageId] } : { ids: [id] },
    );
  }

  /** Of a message of ours its statuses; else whatever carries that message id or is the receipt of that id. Oldest first. */
  async function findTimelines(
    accountId: AccountId,
    message: OutboundMessage | undefined,
    messageId: string,
  ): Promise<Timeline[]> {
    const filter = { messageId: message?.messageId ?? messageId };
    const { items } = await store.listReceipts(accountId, filter, { limit: maxReceipts });
    const ids = items.map(({ receiptId }) => receiptId).reverse();
    if (ids.length === 0 && /^[0-9a-f]{32}$/.test(messageId)) ids.push(messageId);
    const timelines = await Promise.all(ids.map((id) => store.findTimeline(accountId, id)));
    return timelines.filter((timeline) => timeline !== undefined);
  }

  async function findFallback(accountId: AccountId, outboundId: number): Promise<FallbackStory | null> {
    const [fallback] = await store.findFallbacks(accountId, [outboundId]);
    if (fallback === undefined) return null;
    return { fallback, attempts: await store.findFallbackAttempts(accountId, outboundId) };
  }

  async function findDestinations(
    accountId: AccountId,
    timelines: readonly Timeline[],
  ): Promise<Map<number, Destination>> {
    const ids = new Set(
      timelines.flatMap(({ deliveries }) => deliveries.map((delivery) => delivery.destinationId)),
    );
    const found = await Promise.all([...ids].map((id) => store.findDestination(accountId, id)));
    return new Map(
      found.flatMap((destination) => (destination === undefined ? [] : [[destination.id, destination]])),
    );
  }
}

/** Members that not every channel has a place for, with the channels that have. */
const membersOfSome = {
  label: ['viber'],
  trackingData: ['viber'],
  tag: ['messenger', 'instagram', 'viber'],
  recipientType: ['whatsapp', 'messenger'],
  contextMessageId: ['whatsapp', 'messenger', 'instagram'],
} as const satisfies Partial<Record<keyof Static<typeof NewMessageBody>, readonly SenderType[]>>;

/** Throws `bad_request` for a member that would not be sent. */
function refuseForeign(senderType: SenderType, body: Static<typeof NewMessageBody>): void {
  for (const [name, types] of Object.entries(membersOfSome) as [
    keyof typeof membersOfSome,
    readonly SenderType[],
  ][])
    if (body[name] !== undefined && body[name] !== 'individual' && !types.includes(senderType))
      throw new FieldError(
        'bad_request',
        name,
        `${name}: there is no place for it on ${senderType}; leave it out. It is for ${types.join(', ')}.`,
      );
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

/** Fills a page from a listing of which only some are wanted, looking at a bounded number of rows. */
async function scan<Row, T>(
  page: PageRequest,
  list: (step: PageRequest) => Promise<Page<Row>>,
  toCursor: (row: Row) => string,
  toItem: (row: Row) => T,
  isItem: (item: T, row: Row) => boolean,
): Promise<{ items: T[]; next: string | null }> {
  const items: T[] = [];
  let cursor = page.cursor;
  for (let scanned = 0; scanned < maxScanned; scanned += stepRows) {
    const limit = scanned === 0 ? page.limit : stepRows;
    const rows = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    for (const row of rows.items) {
      const item = toItem(row);
      if (!isItem(item, row)) continue;
      items.push(item);
      if (items.length >= page.limit) {
        const isLast = row === rows.items.at(-1) && rows.next === null;
        return { items, next: isLast ? null : toCursor(row) };
      }
    }
    if (rows.next === null) return { items, next: null };
    cursor = rows.next;
  }
  return { items, next: cursor ?? null };
}

/** What an index of the store finds; the rest is looked at row by row. */
function toFilter(query: Query): OutboundFilter {
  const { number, taskId, channelId, senderId } = query;
  return {
    ...toPeriod(query),
    ...(number === undefined ? {} : { to: toBareDigits(number) }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(channelId === undefined || senderId === undefined
      ? {}
      : { channelId, senderId: toBareDigits(senderId) }),
  };
}

/** Whether a message is what is asked for, but for whose it is. */
function isWanted(message: Message, query: Query): boolean {
  const { templateCode, status, channelId, senderId, taskId } = query;
  return (
    (templateCode === undefined || message.templateCode === templateCode) &&
    (taskId === undefined || message.taskId === taskId) &&
    (channelId === undefined || message.channelId === channelId) &&
    (senderId === undefined || message.senderId === toBareDigits(senderId)) &&
    (status === undefined || (message.status ?? message.state) === status)
  );
}

function pick<K extends keyof Query>(
  query: Query,
  ...names: readonly K[]
): { [N in K]?: Exclude<Query[N], undefined> } {
  return Object.fromEntries(
    names.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
  ) as { [N in K]?: Exclude<Query[N], undefined> };
}

function toOutbound(message: OutboundMessage): Message {
  const { messageId, channelMessageId, channelId, channelType, senderId, envelope, taskId, groupId } =
    message;
  return {
    direction: 'mt',
    messageId,
    channelMessageId,
    channelId,
    channelType,
    senderId,
    number: message.to,
    at: toTime(message.acceptedAt),
    type: envelope.messageType,
    text: toPreview(envelope.content),
    templateCode: envelope.templateCode ?? null,
    templateName: envelope.templateName ?? null,
    language: envelope.language ?? null,
    taskId,
    groupId,
    state: message.state,
    status: message.status,
    receiptId: null,
  };
}

function toInbound(receipt: Receipt): Message {
  const { facts, content, channelId, channelType, senderId, receiptId } = receipt;
  const isInbound = facts.type === 'ChatAppInbound';
  const messageId = facts.type === 'ChatAppAudit' ? receiptId : facts.messageId;
  return {
    direction: 'mo',
    messageId,
    channelMessageId: messageId,
    channelId,
    channelType,
    senderId,
    number: facts.type === 'ChatAppAudit' ? '' : facts.user.id,
    at: toTime(receipt.recordedAt),
    type: isInbound ? facts.kind : facts.type,
    text: clip(content?.text ?? '', previewLength),
    templateCode: null,
    templateName: null,
    language: null,
    taskId: null,
    groupId: null,
    state: 'received',
    status: null,
    receiptId,
  };
}

function toPreview(content: unknown): string {
  if (typeof content !== 'object' || content === null) return '';
  for (const name of ['text', 'Text', 'body', 'caption', 'Caption']) {
    const value: unknown = Reflect.get(content, name);
    if (typeof value === 'string') return clip(value, previewLength);
  }
  return '';
}
