// What the API takes and answers of deliveries and the callback URLs that they go to.
import { Type } from '@fastify/type-provider-typebox';
import { attemptOutcomes, destinationRanges, presets } from '../../domain/delivery.ts';
import { standstillTexts, stateTexts } from '../../domain/findings.ts';
import type { StandstillCode, StateCode } from '../../domain/findings.ts';
import { receiptTypes } from '../../domain/receipt.ts';
import { FindingParams, PreflightCodeAnswer } from './schemas-findings.ts';
import { UrlWarnings } from './schemas-webhook-settings.ts';
import { closed, cursor, DigitsId, NullableString, NullableTime, period, Time } from './schemas.ts';

const DeliveryState = Type.Enum(['waiting', 'blocked', 'unwanted', 'done', 'dead']);

export const deliveryMembers = {
  id: DigitsId,
  destinationId: Type.Integer(),
  receiptId: Type.String(),
  state: DeliveryState,
  dueAt: Time,
  unwantedSince: Type.Union([Time, Type.Null()], {
    description: 'Since when settings do not want it pushed; null unless its state is `unwanted`.',
  }),
  attempts: Type.Integer(),
  createdAt: Time,
};

/** What a list tells of each besides. */
const listedMembers = {
  type: Type.Union([Type.Enum([...receiptTypes]), Type.Null()], {
    description: 'Of its receipt; null where that cannot be read.',
  }),
  what: Type.String({
    description: 'Which status, kind of message or event it is; empty where the receipt cannot be read.',
    examples: ['delivered'],
  }),
  user: Type.Union([Type.String(), Type.Null()], {
    description: 'The user that it is of, as the channel writes it; null where there is none.',
  }),
  channelId: Type.String(),
  senderId: NullableString,
  lastTry: Type.Union(
    [
      Type.Object({
        at: Time,
        durationMs: Type.Integer(),
        status: Type.Union([Type.Integer(), Type.Null()]),
        outcome: Type.Enum([...attemptOutcomes]),
      }),
      Type.Null(),
    ],
    { description: 'How its last try ended; null where none is recorded.' },
  ),
};

export const ListedDeliveryAnswer = Type.Object(
  { ...deliveryMembers, ...listedMembers },
  { title: 'Delivery' },
);

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

export const DeliveryDetailAnswer = Type.Object(
  { ...deliveryMembers, ...listedMembers, url: Type.String(), tries: Type.Array(AttemptAnswer) },
  { title: 'DeliveryDetail' },
);

/** What deliveries are listed by. */
export const deliveryFilters = {
  state: Type.Optional(DeliveryState),
  destinationId: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  type: Type.Optional(Type.Enum([...receiptTypes])),
  channelId: Type.Optional(Type.String({ maxLength: 128 })),
  user: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: "The user's id or number; of a number its plus, blanks, brackets and dashes do not count.",
    }),
  ),
  outcome: Type.Optional(Type.Enum([...attemptOutcomes], { description: 'How the last try ended.' })),
  status: Type.Optional(
    Type.Integer({ minimum: 100, maximum: 999, description: 'What the last try was answered.' }),
  ),
  ...period,
};

export const ReplayBody = Type.Object(
  {
    deliveryIds: Type.Optional(Type.Array(DigitsId, { minItems: 1, maxItems: 500 })),
    ...deliveryFilters,
    state: Type.Optional(Type.Enum(['done', 'dead'], { description: '`dead` when left out.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: '500 when left out.' })),
    cursor,
    dryRun: Type.Optional(
      Type.Boolean({
        description:
          'Only counts, up to 100,000; done deliveries among the newest 100,000. Those of callback URLs that were removed count, and are left alone by a replay.',
      }),
    ),
  },
  { ...closed, examples: [{ destinationId: 1, since: '2026-11-01T00:00:00Z' }] },
);

export const ReplayAnswer = Type.Object(
  {
    replayed: Type.Integer({ description: 'Made due again; with dryRun, those that match.' }),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'Give it as `cursor` to go on; null when all that match have been replayed.',
    }),
    more: Type.Optional(
      Type.Boolean({ description: 'With dryRun: more may match than were counted. Absent when not.' }),
    ),
    until: Type.Optional(
      Type.String({
        format: 'date-time',
        description:
          'With dryRun, unless deliveryIds were given: the end of what was counted. Give it as `until`, and nothing is replayed that came later.',
      }),
    ),
  },
  { title: 'Replay' },
);

export const TryNowBody = Type.Object(
  { deliveryIds: Type.Array(DigitsId, { minItems: 1, maxItems: 500 }) },
  { ...closed, examples: [{ deliveryIds: ['7340032000000001'] }] },
);

const tried = Type.Integer({ description: 'Deliveries that are due now.' });

export const TryNowAnswer = Type.Object(
  {
    tried,
    refused: Type.Array(
      Type.Object({
        deliveryId: DigitsId,
        code: Type.Enum(Object.keys(standstillTexts) as StandstillCode[]),
        text: Type.String({ description: 'Why it is not tried, and what to do.' }),
      }),
    ),
  },
  { title: 'TriedNow' },
);

export const TryDestinationAnswer = Type.Object(
  { tried, more: Type.Boolean({ description: 'More waits: call it again.' }) },
  { title: 'DestinationTriedNow' },
);

export const GiveUpBody = Type.Object(
  {
    deliveryIds: Type.Optional(Type.Array(DigitsId, { minItems: 1, maxItems: 500 })),
    destinationId: deliveryFilters.destinationId,
    ...period,
    state: Type.Optional(
      Type.Enum(['unwanted', 'open'], {
        description:
          'Those that settings do not want (when left out), or `open`: all of a destination that are not over.',
      }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: '500 when left out.' })),
    cursor,
    dryRun: Type.Optional(Type.Boolean({ description: 'Only counts.' })),
  },
  { ...closed, examples: [{ destinationId: 1, dryRun: true }] },
);

const goesOn = Type.Union([Type.String(), Type.Null()], {
  description: 'Give it as `cursor` to go on; null when there are no more.',
});

export const GiveUpAnswer = Type.Object(
  {
    givenUp: Type.Integer({ description: 'Given up; with dryRun, those that would be.' }),
    next: goesOn,
  },
  { title: 'GivenUp' },
);

export const HandOverBody = Type.Object(
  {
    to: Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'The destination that gets what waits for this one.',
    }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: '500 when left out.' })),
    cursor,
    dryRun: Type.Optional(Type.Boolean({ description: 'Only counts.' })),
  },
  { ...closed, examples: [{ to: 2, dryRun: true }] },
);

export const HandOverAnswer = Type.Object(
  {
    handedOver: Type.Integer({ description: 'Handed over; with dryRun, those that would be.' }),
    next: goesOn,
  },
  { title: 'HandedOver' },
);

export const RemovalAnswer = Type.Object(
  {
    givenUp: Type.Integer({
      description: 'Deliveries that were given up with it; with dryRun, that would be.',
    }),
    dead: Type.Integer({
      description:
        'Deliveries that were given up before, which cannot be replayed any more; counted up to 1000.',
    }),
  },
  { title: 'Removal' },
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
    name: Type.Optional(
      Type.String({ maxLength: 100, description: 'What people call it; empty takes the name away.' }),
    ),
    url: Type.Optional(
      Type.String({
        maxLength: 4000,
        description:
          'Another address in its place: what waits, the secrets and all settings that name the old one go with it.',
      }),
    ),
  },
  { ...closed, examples: [{ batchSize: 100 }, { state: 'active' }] },
);

/** Deliveries of a callback URL are counted no further than this. */
export const maxCounted = 1000;

export const DestinationAnswer = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String({ description: 'What people call it; empty when it has no name.' }),
    url: Type.String(),
    state: Type.Enum(['active', 'opened', 'off']),
    stateReason: Type.String({ description: 'Why it is in its state, in words.' }),
    stateReasonCode: Type.Union([Type.Enum(Object.keys(stateTexts) as StateCode[]), Type.Null()], {
      description: 'The same for a client to tell in its own words; null where an older version said so.',
    }),
    stateReasonParams: FindingParams,
    stateSince: Time,
    pause: Type.Union(
      [
        Type.Object({
          until: Time,
          status: Type.Integer({
            description: 'What the receiver answered: 429, or 503 with `Retry-After`.',
          }),
          askedSeconds: Type.Union([Type.Number(), Type.Null()], {
            description: 'The wait that its `Retry-After` named; null when it named none.',
          }),
          reason: Type.String(),
        }),
        Type.Null(),
      ],
      {
        description:
          'Until when nothing is pushed because the receiver said that it is too much, and why; null when nothing is. Setting `state` to `active` ends it.',
      },
    ),
    ...settings,
    secrets: Type.Integer({ description: 'Signing secrets that are valid now.' }),
    waiting: Type.Integer({
      description: `Deliveries that wait, for their time or their turn, counted up to ${maxCounted}.`,
    }),
    blocked: Type.Integer({
      description: `Those of them that wait for their turn, behind another of the same message or user; counted among ${maxCounted}.`,
    }),
    unwanted: Type.Integer({
      description: `Deliveries that settings do not want any more, counted among the oldest ${maxCounted} of the account.`,
    }),
    dead: Type.Integer({ description: `Deliveries that were given up, counted up to ${maxCounted}.` }),
    createdAt: Time,
    warnings: UrlWarnings,
  },
  { title: 'Destination' },
);

const figures = {
  tries: Type.Integer({ description: 'POSTs.' }),
  accepted: Type.Integer({ description: 'Those of them that were taken.' }),
  p50Ms: Type.Union([Type.Integer(), Type.Null()], {
    description:
      'How long the middle one of a hundred took, as closely as is kept; null of none that was answered or timed out.',
  }),
  p95Ms: Type.Union([Type.Integer(), Type.Null()], {
    description: 'How long 95 of a hundred took at most, as closely as is kept.',
  }),
};

/** How pushes to a destination went, and of the receipts of each channel. */
export const figureMembers = {
  ...figures,
  channels: Type.Array(
    Type.Object(
      {
        channelId: Type.Union([Type.String(), Type.Null()], {
          description: 'Null for POSTs that held receipts of several.',
        }),
        ...figures,
      },
      { title: 'ChannelFigures' },
    ),
    { description: 'The busiest first.' },
  ),
};

export const DestinationRatesAnswer = Type.Object(
  {
    span: Type.Enum(['hour', 'day']),
    ...figureMembers,
    points: Type.Array(
      Type.Object({
        at: Time,
        codes: Type.Record(Type.String(), Type.Integer(), {
          description: 'How often each came back: the status, or why there was none.',
          examples: [{ '200': 12, timeout: 1 }],
        }),
      }),
      { description: 'One for each five minutes of the last hour, or half hour of the last day.' },
    ),
  },
  { title: 'DestinationRates' },
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
        code: PreflightCodeAnswer,
        params: FindingParams,
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

/** Every path of a callback URL. */
export const ofDestination = { params: Type.Object({ destinationId: DigitsId }) };

export function toDestinationId({ destinationId }: { destinationId: string }): number {
  return Number(destinationId);
}
