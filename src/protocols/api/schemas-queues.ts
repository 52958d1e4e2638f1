// What the API takes and answers of queues and what waits in them.
import { Type } from '@fastify/type-provider-typebox';
import { queueAttributeRanges, queueLimits, queueNamePattern } from '../../domain/queue.ts';
import { closed, NullableTime, Time } from './schemas.ts';

const QueueName = Type.String({
  minLength: 1,
  maxLength: queueLimits.nameLength,
  pattern: queueNamePattern,
  description: 'Letters, digits and hyphens, not beginning with a hyphen.',
});

/** Every path of a queue. */
export const ofQueue = { params: Type.Object({ name: QueueName }) };

function rangeOf({ min, max }: { readonly min: number; readonly max: number }) {
  return Type.Integer({ minimum: min, maximum: max });
}

const attributes = {
  delaySeconds: rangeOf(queueAttributeRanges.delaySeconds),
  maximumMessageBytes: rangeOf(queueAttributeRanges.maximumMessageBytes),
  retentionSeconds: rangeOf(queueAttributeRanges.retentionSeconds),
  visibilitySeconds: rangeOf(queueAttributeRanges.visibilitySeconds),
  pollingWaitSeconds: rangeOf(queueAttributeRanges.pollingWaitSeconds),
  loggingEnabled: Type.Boolean(),
};

export const QueueBody = Type.Partial(Type.Object(attributes), {
  ...closed,
  description: 'What is left out stays, or has its default in a new queue.',
  examples: [{ visibilitySeconds: 60, pollingWaitSeconds: 20 }],
});

export const QueueAnswer = Type.Object(
  {
    name: Type.String(),
    active: Type.Integer({ description: 'Messages ready to be received.' }),
    inactive: Type.Integer({ description: 'Messages received and not yet deleted.' }),
    delayed: Type.Integer({ description: 'Messages not due yet.' }),
    oldestAt: NullableTime,
    lastMinutes: Type.Object(
      {
        put: Type.Integer({ description: 'Messages that came in.' }),
        deleted: Type.Integer({ description: 'Messages that were deleted by who received them.' }),
      },
      { title: 'QueueFlow', description: 'In this minute and the four before; counted every ten seconds.' },
    ),
    attributes: Type.Object(attributes, { title: 'QueueAttributes' }),
    createdAt: Time,
    modifiedAt: Time,
  },
  { title: 'Queue' },
);

export const QueueRateAnswer = Type.Object(
  { at: Time, put: Type.Integer(), deleted: Type.Integer() },
  { title: 'QueueRate' },
);

export const QueueMessageBody = Type.Object(
  { body: Type.String({ minLength: 1, maxLength: queueLimits.bodyBytes }) },
  { ...closed, examples: [{ body: 'aGVsbG8=' }] },
);

export const QueueMessageAnswer = Type.Object(
  {
    messageId: Type.String(),
    body: Type.String(),
    decoded: Type.Unknown({ description: 'The receipt, when the body is one in Base64; else null.' }),
    priority: Type.Integer(),
    enqueuedAt: Time,
    dequeueCount: Type.Integer(),
  },
  { title: 'QueueMessage' },
);

export const TokenBody = Type.Object(
  {
    seconds: Type.Optional(
      Type.Integer({ minimum: 60, maximum: 43_200, description: 'An hour when left out.' }),
    ),
  },
  closed,
);

export const TokenAnswer = Type.Object(
  {
    accessKeyId: Type.String(),
    accessKeySecret: Type.String(),
    securityToken: Type.String(),
    expiresAt: Time,
  },
  { title: 'QueueToken' },
);
