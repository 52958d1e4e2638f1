// The JSON of messages and of their whole way.
import { Type } from '@fastify/type-provider-typebox';
import { channelTypes } from '../../domain/channel.ts';
import { recipientTokens } from '../../domain/message.ts';
import { messageStatuses } from '../../domain/receipt.ts';
import { TimelineAnswer } from './schemas-receipts.ts';
import { closed, listQuery, NullableString, period, Time } from './schemas.ts';
import { storyKinds } from '../../core/messages/story.ts';
import { whyCodes } from '../../core/messages/diagnosis.ts';

const states = ['queued', 'accepted', 'failed', 'unknown', 'received'] as const;
const Short = Type.String({ minLength: 1, maxLength: 256 });

/** What messages are searched by. */
export const messageFilters = {
  direction: Type.Optional(
    Type.Enum(['mt', 'mo'], { description: 'To users (`mt`, when left out) or from users.' }),
  ),
  number: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description:
        'The user: a number however it is written, or an id. Found is also what a channel called the same user otherwise, and what was written to or by the other spelling of the number where its country has two.',
    }),
  ),
  messageId: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: 'Ours or the channel’s.' }),
  ),
  taskId: Type.Optional(Short),
  templateCode: Type.Optional(Short),
  status: Type.Optional(
    Type.Enum([...states, ...messageStatuses.filter((status) => status !== 'failed')], {
      description:
        'The highest status that the channel told, or what stands in its place before there is one.',
    }),
  ),
  channelId: Type.Optional(Type.String({ maxLength: 64 })),
  senderId: Type.Optional(Type.String({ maxLength: 64 })),
  ...period,
};
export const MessageQuery = listQuery(messageFilters);

const messageMembers = {
  direction: Type.Enum(['mt', 'mo']),
  messageId: Type.String(),
  channelMessageId: NullableString,
  channelId: Type.String(),
  channelType: Type.Enum([...channelTypes]),
  senderId: NullableString,
  number: Type.String({
    description: 'The user, as this message names it: one user may be named by several numbers and ids.',
  }),
  at: Time,
  type: Type.String({ examples: ['text', 'template', 'image'] }),
  text: Type.String({ description: 'The first 200 characters of its text, if it has any.' }),
  templateCode: NullableString,
  templateName: NullableString,
  language: NullableString,
  taskId: NullableString,
  groupId: NullableString,
  state: Type.Enum([...states]),
  status: Type.Union([Type.Enum([...messageStatuses]), Type.Null()]),
  receiptId: NullableString,
};
export const MessageAnswer = Type.Object(messageMembers, { title: 'Message' });

const WhyAnswer = Type.Object(
  {
    code: Type.Enum([...whyCodes]),
    params: Type.Record(
      Type.String(),
      Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
    ),
    text: Type.String(),
  },
  { title: 'Why', description: 'Why it is not delivered, as a code to translate and as a sentence.' },
);

export const MessageStoryAnswer = Type.Object(
  {
    message: Type.Union([MessageAnswer, Type.Null()]),
    content: Type.Unknown({ description: 'What was sent, in the words of its channel or template.' }),
    expiresAt: Type.Union([Time, Type.Null()]),
    why: WhyAnswer,
    reasons: Type.Array(WhyAnswer, { description: 'All that is the matter, worst first.' }),
    events: Type.Array(
      Type.Object({
        at: Time,
        kind: Type.Enum([...storyKinds]),
        ref: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()])),
      }),
      { description: 'Oldest first, in the same order for everyone.' },
    ),
    receipts: Type.Array(TimelineAnswer),
  },
  { title: 'MessageStory' },
);

export const NewMessageBody = Type.Object(
  {
    channelId: Short,
    senderId: Short,
    to: Type.String({ minLength: 1, maxLength: 512 }),
    type: Type.String({ minLength: 1, maxLength: 64, examples: ['text', 'template', 'image'] }),
    text: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 7000,
        description: 'For type text. How long it may be depends on the channel.',
      }),
    ),
    content: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: '`Content` of the CAMS API, for other types.',
      }),
    ),
    templateCode: Type.Optional(Short),
    language: Type.Optional(Short),
    params: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Values of the variables of the template.' }),
    ),
    taskId: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    label: Type.Optional(
      Type.Enum(['promotion', 'transaction', 'session'], {
        description:
          'Needed for Viber Business Messages: what the message is for; `session` answers a user who has written. A bot has none.',
      }),
    ),
    recipientType: Type.Optional(
      Type.Enum(['individual', 'group', ...recipientTokens], {
        description:
          'What `to` is: the id of a user when left out, of a group (WhatsApp), or what names a user of Messenger who used a plugin or opted in.',
      }),
    ),
    contextMessageId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        description: 'The message that this one quotes: our id or the channel’s.',
      }),
    ),
    tag: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'E.g. `HUMAN_AGENT` on Messenger and Instagram.',
      }),
    ),
    trackingData: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4000,
        description: 'Comes back with what a Viber user answers.',
      }),
    ),
    ttlSeconds: Type.Optional(
      Type.Integer({ minimum: 30, maximum: 1_209_600, description: 'After which it is not sent any more.' }),
    ),
    payload: Type.Optional(
      Type.Array(Type.String({ maxLength: 1024 }), {
        maxItems: 100,
        description: 'Of the quick replies of a template, in their order.',
      }),
    ),
    flowAction: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: '`FlowAction` of the CAMS API.' }),
    ),
    productAction: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: '`ProductAction` of the CAMS API.' }),
    ),
  },
  {
    ...closed,
    examples: [
      { channelId: 'sandbox', senderId: '15550100001', to: '15550002220', type: 'text', text: 'Hello' },
    ],
  },
);
export const NewMessageAnswer = Type.Object({ messageId: Type.String() }, { title: 'NewMessage' });
