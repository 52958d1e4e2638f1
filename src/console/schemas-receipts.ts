// What the API answers of receipts, and of what became of each.
import { Type } from '@fastify/type-provider-typebox';
import { channelTypes } from '../domain/channel.ts';
import { receiptTypes } from '../domain/receipt.ts';
import { AttemptAnswer, deliveryMembers } from './schemas-deliveries.ts';
import { DigitsId, NullableString, NullableTime, Time } from './schemas.ts';

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
