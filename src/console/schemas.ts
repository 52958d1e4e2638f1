// The JSON that the API takes and answers. An object with a title is a named type of the OpenAPI document.
import { Type } from '@fastify/type-provider-typebox';
import type { TSchema } from '@fastify/type-provider-typebox';
import { channelTypes } from '../domain/channel.ts';
import { destinationRanges, presets } from '../domain/delivery.ts';
import { errorTable } from '../domain/errors.ts';
import { noticeCodes } from '../domain/notice.ts';
import { queueAttributeRanges } from '../domain/queue.ts';
import { receiptTypes } from '../domain/receipt.ts';

/** An object that takes the named members and no others. */
export const closed = { additionalProperties: false } as const;

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Enum(Object.keys(errorTable)),
    field: Type.Optional(Type.String({ description: 'The member of the request that is wrong.' })),
  },
  { title: 'Problem', description: 'RFC 9457; docs/errors.md lists the codes.' },
);

export const Time = Type.String({ format: 'date-time', examples: ['2026-11-01T09:30:00.000Z'] });
export const NullableTime = Type.Union([Time, Type.Null()]);
export const NullableString = Type.Union([Type.String(), Type.Null()]);
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });
const Secret = Type.String({ minLength: 1, maxLength: 4096, pattern: '^[\\u0021-\\u007e]+$' });
/** Ids of channels. */
export const Id = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' });
/** Ids of senders; a phone number may be written with its plus. */
export const SenderId = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^([+][0-9]+|[A-Za-z0-9][A-Za-z0-9._-]*)$',
});
/** Numbers that the store gives, as text where they are larger than other languages' usual integers. */
export const DigitsId = Type.String({ pattern: '^[0-9]{1,16}$' });
export const QueueName = Type.String({
  minLength: 1,
  maxLength: 120,
  pattern: '^[A-Za-z0-9][A-Za-z0-9-]*$',
  description: 'Letters, digits and hyphens, not beginning with a hyphen.',
});

export const period = {
  since: Type.Optional(Type.String({ format: 'date-time', description: 'From this time on.' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Before this time.' })),
};

const cursor = Type.Optional(
  Type.String({
    maxLength: 200,
    pattern: '^[A-Za-z0-9][A-Za-z0-9-]*$',
    description: '`next` of the page before.',
  }),
);

/** A listing's query: its page, and the filters given. */
export function listQuery<T extends Record<string, TSchema>>(filters: T) {
  return Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: '50 when left out.' })),
      cursor,
      ...filters,
    },
    closed,
  );
}

/** One page of a listing, as answered. */
export function pageOf<T extends TSchema>(item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Cursor of the next page, or null.' }),
  });
}

export const NoticeAnswer = Type.Object(
  {
    id: Type.String(),
    at: Time,
    code: Type.Enum([...noticeCodes]),
    subject: Type.String(),
    text: Type.String(),
  },
  { title: 'Notice' },
);

export const ChangeAnswer = Type.Object(
  {
    id: Type.String(),
    at: Time,
    actor: Type.String({ examples: ['key/LTAI5tExample'] }),
    action: Type.String({ examples: ['channel.put'] }),
    subject: Type.String(),
    detail: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'Change' },
);

const furtherCredentials = {
  appSecretPreviousUntil: Type.Optional(Time),
  authTokenPrevious: Type.Optional(Secret),
  authTokenPreviousUntil: Type.Optional(Time),
  pathSecret: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{16,128}$' })),
  pathSecretPrevious: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{16,128}$' })),
  pathSecretPreviousUntil: Type.Optional(Time),
  allowedAddresses: Type.Optional(
    Type.String({
      maxLength: 2000,
      pattern: '^[0-9A-Fa-f.:/, ]+$',
      description: 'Addresses and CIDR ranges, separated by commas, that Viber Business Messages come from.',
    }),
  ),
  serviceId: Type.Optional(
    Type.String({ pattern: '^[0-9]{1,32}$', description: 'For callbacks of Viber that name none.' }),
  ),
  welcomeText: Type.Optional(
    Type.String({ minLength: 1, maxLength: 7000, description: 'What a Viber bot says at first.' }),
  ),
};

const ChannelOptionsBody = Type.Object(
  {
    echoes: Type.Optional(
      Type.Boolean({ description: 'WhatsApp: receipts of what the business wrote in its own app.' }),
    ),
    history: Type.Optional(Type.Boolean({ description: 'WhatsApp: receipts of chats from before.' })),
    mediaBy: Type.Optional(
      Type.Enum(['link', 'upload'], {
        description: 'WhatsApp: whether Meta fetches the links of media, or gets an upload.',
      }),
    ),
    appId: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,32}$',
        description:
          'Meta: id of the app, which samples of templates are uploaded to; asked of Meta when left out.',
      }),
    ),
    appSecretProof: Type.Optional(
      Type.Boolean({ description: 'Meta: send appsecret_proof with every call.' }),
    ),
    marketingMessages: Type.Optional(
      Type.Boolean({ description: 'WhatsApp: send marketing templates by the Marketing Messages API.' }),
    ),
  },
  { ...closed, description: 'Replaces all of them; left out, they stay.' },
);

export const ChannelBody = Type.Object(
  {
    type: Type.Enum([...channelTypes]),
    name: Type.Optional(Name),
    wabaId: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,32}$', description: 'WhatsApp Business Account.' }),
    ),
    credentials: Type.Optional(
      Type.Object(
        {
          appSecret: Type.Optional(Secret),
          appSecretPrevious: Type.Optional(Secret),
          verifyToken: Type.Optional(Secret),
          accessToken: Type.Optional(Secret),
          authToken: Type.Optional(Secret),
          ...furtherCredentials,
        },
        { ...closed, description: 'Replaces all of them; left out, they stay. Never read back.' },
      ),
    ),
    options: Type.Optional(ChannelOptionsBody),
  },
  {
    ...closed,
    examples: [
      {
        type: 'whatsapp',
        wabaId: '102290129340398',
        credentials: { appSecret: 'app-secret', verifyToken: 'verify-token', accessToken: 'access-token' },
      },
    ],
  },
);

export const ChannelAnswer = Type.Object(
  {
    id: Type.String(),
    type: Type.Enum([...channelTypes]),
    name: Type.String(),
    wabaId: NullableString,
    credentials: Type.Array(Type.String(), { description: 'Names of those that are set.' }),
    options: Type.Record(Type.String(), Type.Union([Type.String(), Type.Boolean()])),
    hookUrl: Type.String({ description: 'Where the channel posts its events to.' }),
    createdAt: Time,
    updatedAt: Time,
  },
  { title: 'Channel' },
);

export const CheckAnswer = Type.Object(
  {
    ok: Type.Boolean(),
    checks: Type.Array(
      Type.Object({
        name: Type.String(),
        ok: Type.Boolean(),
        text: Type.String({ description: 'What is so, or what is wrong and what to do.' }),
        endsAt: Type.Optional(Time),
      }),
    ),
  },
  { title: 'ChannelCheck' },
);

export const RotateCredentialsBody = Type.Object(
  {
    credentials: Type.Object(
      {
        appSecret: Type.Optional(Secret),
        verifyToken: Type.Optional(Secret),
        accessToken: Type.Optional(Secret),
        authToken: Type.Optional(Secret),
        pathSecret: furtherCredentials.pathSecret,
      },
      { ...closed, description: 'The new ones; the others stay.' },
    ),
    overlapSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2_592_000,
        description: 'How long the old secret is taken as well; a day when left out.',
      }),
    ),
  },
  closed,
);

export const RotatedCredentialsAnswer = Type.Object(
  {
    rotated: Type.Array(Type.String()),
    kept: Type.Array(Type.String(), { description: 'Of which the old one is taken as well.' }),
    keptUntil: NullableTime,
  },
  { title: 'RotatedCredentials' },
);

export const SignBody = Type.Object(
  {
    kind: Type.Enum(['read', 'typing']),
    to: Type.String({ minLength: 1, maxLength: 128, description: 'The user, as `From` of a receipt.' }),
    messageId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        description: "The user's message, as `MessageId` of its receipt; WhatsApp needs it.",
      }),
    ),
  },
  closed,
);

export const SenderBody = Type.Object(
  {
    name: Type.Optional(Name),
    phoneNumberId: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,32}$', description: "Meta's id of a WhatsApp number." }),
    ),
  },
  { ...closed, examples: [{ phoneNumberId: '106540352242922' }] },
);

export const SenderAnswer = Type.Object(
  {
    id: Type.String(),
    channelId: Type.String(),
    type: Type.Enum(channelTypes.filter((type) => type !== 'sandbox')),
    name: Type.String(),
    phoneNumberId: Type.Optional(Type.String()),
    createdAt: Time,
    updatedAt: Time,
  },
  { title: 'Sender' },
);

export const FoundSenderAnswer = Type.Object(
  {
    id: Type.String(),
    type: Type.Enum(channelTypes.filter((type) => type !== 'sandbox')),
    name: Type.String(),
    phoneNumberId: Type.Optional(Type.String()),
    added: Type.Boolean({ description: 'Whether it is a sender of the channel already.' }),
  },
  { title: 'FoundSender' },
);

const CallbackUrl = Type.Union([Type.String({ minLength: 1, maxLength: 2000 }), Type.Null()]);
const switches = {
  http: Type.Boolean({ description: 'Push to the callback URLs.' }),
  queue: Type.Boolean({ description: "Put into the account's queue of each type." }),
};
const preset = Type.Optional(
  Type.Enum(Object.keys(presets) as (keyof typeof presets)[], {
    description: 'How a callback URL that is new here is pushed to; `standard` when left out.',
  }),
);
const targets = {
  queues: Type.Record(Type.String(), Type.String(), { description: 'Queue name by receipt type.' }),
  destinations: Type.Record(Type.String(), Type.Integer(), { description: 'Destination id by URL.' }),
};
const SenderReceiptTypes = Type.Array(Type.Enum(['ChatAppInbound', 'ChatAppStatus']), {
  uniqueItems: true,
  maxItems: 2,
  description: 'All when left out.',
});
const LateStatuses = Type.Enum(['mark', 'drop'], {
  description: 'A status after a higher one is handed on and marked superseded, or dropped.',
});
const AuditVersion = Type.Enum(['V1', 'V2']);

export const SenderWebhookBody = Type.Object(
  {
    http: Type.Optional(switches.http),
    queue: Type.Optional(switches.queue),
    statusUrl: Type.Optional(CallbackUrl),
    inboundUrl: Type.Optional(CallbackUrl),
    types: Type.Optional(SenderReceiptTypes),
    lateStatuses: Type.Optional(LateStatuses),
    preset,
  },
  {
    ...closed,
    examples: [
      {
        http: true,
        queue: true,
        statusUrl: 'https://example.com/status',
        inboundUrl: 'https://example.com/inbound',
      },
    ],
  },
);

export const SenderWebhookAnswer = Type.Object(
  {
    ...switches,
    statusUrl: NullableString,
    inboundUrl: NullableString,
    types: SenderReceiptTypes,
    lateStatuses: LateStatuses,
    ...targets,
  },
  { title: 'SenderWebhook' },
);

export const ChannelWebhookBody = Type.Object(
  {
    http: Type.Optional(switches.http),
    queue: Type.Optional(switches.queue),
    auditUrl: Type.Optional(CallbackUrl),
    auditVersion: Type.Optional(AuditVersion),
    preset,
  },
  { ...closed, examples: [{ http: true, queue: true, auditUrl: 'https://example.com/audit' }] },
);

export const ChannelWebhookAnswer = Type.Object(
  { ...switches, auditUrl: NullableString, auditVersion: AuditVersion, ...targets },
  { title: 'ChannelWebhook' },
);

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

const DeliveryState = Type.Enum(['waiting', 'blocked', 'done', 'dead']);
const deliveryMembers = {
  id: DigitsId,
  destinationId: Type.Integer(),
  receiptId: Type.String(),
  state: DeliveryState,
  dueAt: Time,
  attempts: Type.Integer(),
  createdAt: Time,
};
export const DeliveryAnswer = Type.Object(deliveryMembers, { title: 'Delivery' });

export const AttemptAnswer = Type.Object(
  {
    at: Time,
    durationMs: Type.Integer(),
    status: Type.Union([Type.Integer(), Type.Null()]),
    outcome: Type.String(),
    answer: Type.String({ description: 'First bytes of the answer, or what went wrong.' }),
  },
  { title: 'Attempt' },
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

export const deliveryFilters = {
  state: Type.Optional(DeliveryState),
  destinationId: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  ...period,
};

export const ReplayBody = Type.Object(
  {
    deliveryIds: Type.Optional(Type.Array(DigitsId, { minItems: 1, maxItems: 500 })),
    ...deliveryFilters,
    state: Type.Optional(Type.Enum(['done', 'dead'], { description: '`dead` when left out.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: '500 when left out.' })),
    cursor,
    dryRun: Type.Optional(Type.Boolean({ description: 'Only counts, up to 100,000.' })),
  },
  { ...closed, examples: [{ destinationId: 1, since: '2026-11-01T00:00:00Z' }] },
);

export const ReplayAnswer = Type.Object(
  {
    replayed: Type.Integer({ description: 'Made due again; with dryRun, those that match.' }),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'Give it as `cursor` to go on; null when all that match have been replayed.',
    }),
  },
  { title: 'Replay' },
);

const { batchSize, concurrency, timeoutMs, scheduleSteps, scheduleStepMs } = destinationRanges;
const settings = {
  preset: Type.Enum(Object.keys(presets) as (keyof typeof presets)[]),
  batchSize: Type.Integer({ minimum: batchSize.min, maximum: batchSize.max }),
  concurrency: Type.Integer({ minimum: concurrency.min, maximum: concurrency.max }),
  timeoutMs: Type.Integer({ minimum: timeoutMs.min, maximum: timeoutMs.max }),
  scheduleMs: Type.Array(Type.Integer({ minimum: scheduleStepMs.min, maximum: scheduleStepMs.max }), {
    minItems: scheduleSteps.min,
    maxItems: scheduleSteps.max,
    description: 'The wait before each try.',
  }),
};

export const DestinationBody = Type.Object(
  {
    preset: Type.Optional(settings.preset),
    batchSize: Type.Optional(settings.batchSize),
    concurrency: Type.Optional(settings.concurrency),
    timeoutMs: Type.Optional(settings.timeoutMs),
    scheduleMs: Type.Optional(settings.scheduleMs),
    state: Type.Optional(Type.Enum(['active', 'off'])),
  },
  { ...closed, examples: [{ batchSize: 100 }, { state: 'active' }] },
);

export const DestinationAnswer = Type.Object(
  {
    id: Type.Integer(),
    url: Type.String(),
    state: Type.Enum(['active', 'opened', 'off']),
    stateReason: Type.String(),
    stateSince: Time,
    ...settings,
    secrets: Type.Integer({ description: 'Signing secrets that are valid now.' }),
    createdAt: Time,
  },
  { title: 'Destination' },
);

export const RotateSecretBody = Type.Object(
  {
    overlapSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 604_800,
        description: 'How long the old secret signs along; a day when left out.',
      }),
    ),
  },
  closed,
);

export const SecretsAnswer = Type.Object(
  { secrets: Type.Array(Type.Object({ secret: Type.String(), expiresAt: NullableTime })) },
  { title: 'SigningSecrets' },
);

export const PreflightAnswer = Type.Object(
  {
    grade: Type.Enum(['A', 'B', 'C', 'D', 'F']),
    text: Type.String(),
    checks: Type.Array(
      Type.Object({
        name: Type.String(),
        result: Type.Enum(['ok', 'warning', 'failed']),
        text: Type.String({ description: 'What came back, and what to do about it.' }),
      }),
    ),
  },
  { title: 'Preflight' },
);

export const TestEventAnswer = Type.Object(
  {
    request: Type.Object({
      url: Type.String(),
      headers: Type.Record(Type.String(), Type.String()),
      body: Type.String(),
    }),
    attempt: AttemptAnswer,
  },
  { title: 'TestEvent' },
);

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
    attributes: Type.Object(attributes, { title: 'QueueAttributes' }),
    createdAt: Time,
    modifiedAt: Time,
  },
  { title: 'Queue' },
);

export const QueueMessageBody = Type.Object(
  { body: Type.String({ minLength: 1, maxLength: 65_536 }) },
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
