// What the API answers of receipts, and of what became of each.
import { Type } from '@fastify/type-provider-typebox';
import { channelTypes } from '../../domain/channel.ts';
import { receiptTypes, remarkReasons } from '../../domain/receipt.ts';
import { AttemptAnswer, deliveryMembers } from './schemas-deliveries.ts';
import { closed, DigitsId, NullableString, NullableTime, period, Time } from './schemas.ts';

/** What receipts are listed by. */
export const receiptFilters = {
  type: Type.Optional(Type.Enum([...receiptTypes])),
  channelId: Type.Optional(Type.String({ maxLength: 128 })),
  senderId: Type.Optional(Type.String({ maxLength: 128 })),
  messageId: Type.Optional(
    Type.String({
      maxLength: 300,
      description: "The channel's id of the message; a template's code for audits.",
    }),
  ),
  ...period,
};
export const ReceiptFilters = Type.Object(receiptFilters, closed);

export const ReceiptAnswer = Type.Object(
  {
    receiptId: Type.String(),
    type: Type.Enum([...receiptTypes]),
    channelId: Type.String(),
    channelType: Type.Enum([...channelTypes]),
    senderId: NullableString,
    occurredAt: Time,
    recordedAt: Time,
    superseded: Type.Boolean({ description: 'Came after a higher status of the same message.' }),
    unmatched: Type.Boolean({ description: 'Of a message that was not sent through here.' }),
    facts: Type.Record(Type.String(), Type.Unknown()),
    content: Type.Unknown({
      description: 'What the user sent; null when there was nothing or it is erased.',
    }),
  },
  { title: 'Receipt' },
);

export const TimelineAnswer = Type.Object(
  {
    receipt: ReceiptAnswer,
    rawEvent: Type.Object({ id: DigitsId, index: Type.Integer() }),
    deliveries: Type.Array(
      Type.Object({ ...deliveryMembers, url: Type.String(), tries: Type.Array(AttemptAnswer) }),
    ),
    queue: Type.Union([
      Type.Object({
        queueName: Type.String(),
        messageId: Type.String(),
        state: Type.Enum(['queued', 'held', 'deleted', 'expired', 'unknown']),
        dequeueCount: Type.Integer(),
        endedAt: NullableTime,
      }),
      Type.Null(),
    ]),
    media: Type.Union([
      Type.Object({
        id: Type.String(),
        state: Type.Enum(['pending', 'stored', 'gone', 'erased']),
        reason: Type.String(),
        bytes: Type.Union([Type.Integer(), Type.Null()]),
        mimeType: Type.String(),
        attempts: Type.Integer(),
      }),
      Type.Null(),
    ]),
  },
  { title: 'Timeline' },
);

const PushPayloadAnswer = Type.Object(
  {
    deliveryId: DigitsId,
    destinationId: Type.Integer(),
    url: Type.String(),
    of: Type.Enum(['last', 'next'], {
      description: '`last`: as the last try had it. `next`: as the next one will have it.',
    }),
    at: Type.Union([Time, Type.Null()], {
      description: 'When the last try was; null for one to come, and where that is not kept any more.',
    }),
    headers: Type.Record(Type.String(), Type.String(), {
      description: 'Of the POST, but for those that HTTP itself adds and those in `leftOut`.',
    }),
    leftOut: Type.Array(Type.Object({ name: Type.String(), reason: Type.Enum(['secret', 'not_kept']) }), {
      description: 'Headers that the POST has, or may have, and that are not told here.',
    }),
    body: Type.String({ description: 'The body of the POST, to the byte, with this receipt alone in it.' }),
    batchSize: Type.Union([Type.Integer(), Type.Null()], {
      description:
        'Receipts that this URL may get in one POST, which then has them all in its body and another `webhook-id`; null where the URL was removed.',
    }),
  },
  { title: 'PushPayload' },
);

export const PayloadAnswer = Type.Object(
  {
    pushes: Type.Array(PushPayloadAnswer, {
      description: 'One for each callback URL that the receipt goes to.',
    }),
    queue: Type.Union([
      Type.Object({
        queueName: Type.String(),
        messageId: Type.String(),
        body: Type.String({ description: 'JSON; the queue hands it out in Base64.' }),
      }),
      Type.Null(),
    ]),
    media: Type.Union(
      [
        Type.Object({
          url: Type.String(),
          mimeType: Type.String(),
          state: Type.Enum(['pending', 'stored', 'gone']),
        }),
        Type.Null(),
      ],
      {
        description:
          'The file that a user sent, by a link that is signed anew each time, here and in the bodies; null where there is none.',
      },
    ),
  },
  { title: 'Payload' },
);

const RemarkAnswer = Type.Object({
  index: Type.Integer({ description: 'Which of the events of the POST.' }),
  reason: Type.Enum([...remarkReasons]),
  detail: Type.String({ description: "The channel's word for what it was." }),
  mayBeMessage: Type.Boolean({ description: 'Nothing that is known says that no user wrote it.' }),
});

export const RawEventAnswer = Type.Object(
  {
    rawEventId: DigitsId,
    channelId: Type.String(),
    receivedAt: Time,
    remarks: Type.Array(RemarkAnswer, { description: 'What gave no receipt, and why.' }),
    reader: Type.String({ description: 'The version of the readers that made the remarks.' }),
  },
  { title: 'RawEvent' },
);

const rereadMembers = {
  fresh: Type.Integer({ description: 'Receipts that came of it now.' }),
  repeats: Type.Integer({ description: 'Receipts that were there already.' }),
  unrouted: Type.Integer({ description: 'Events of senders that are not registered.' }),
};

export const RereadAnswer = Type.Object(
  {
    outcome: Type.Enum(['read', 'erased', 'gone', 'no_channel', 'too_old'], {
      description:
        '`too_old`: from before the oldest receipt that is kept, so that nothing says what was told already.',
    }),
    ...rereadMembers,
    remarks: Type.Array(RemarkAnswer, { description: 'What is still not understood.' }),
  },
  { title: 'Reread' },
);

export const RereadManyAnswer = Type.Object(
  {
    events: Type.Integer({ description: 'Raw events of this page.' }),
    ...rereadMembers,
    notRead: Type.Integer({ description: 'Those that were erased, are too old, or whose channel is gone.' }),
    remarks: Type.Integer({ description: 'What is still not understood.' }),
    next: NullableString,
  },
  { title: 'RereadMany' },
);

export const UnroutedAnswer = Type.Object(
  {
    rawEventId: DigitsId,
    index: Type.Integer(),
    channelId: Type.String(),
    by: Type.Enum(['sender', 'waba', 'send'], {
      description: 'What it waits for: `send` is the answer to a send call under way.',
    }),
    id: Type.String(),
    receivedAt: Time,
  },
  { title: 'Unrouted' },
);
