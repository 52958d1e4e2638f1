// What the API takes and answers of webhook settings: which receipts go where.
import { Type } from '@fastify/type-provider-typebox';
import { presets } from '../../domain/delivery.ts';
import { closed, NullableString } from './schemas.ts';

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

/** What is wrong for now with a URL that was taken all the same. */
export const UrlWarnings = Type.Optional(
  Type.Array(
    Type.Object({
      field: Type.String(),
      code: Type.Enum(['unresolved'], { description: '`unresolved`: the host has no address yet.' }),
      params: Type.Object({ host: Type.String() }),
      text: Type.String(),
    }),
    { description: 'Of a change alone: what keeps receipts from being taken there for now.' },
  ),
);

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
    warnings: UrlWarnings,
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
  { ...switches, auditUrl: NullableString, auditVersion: AuditVersion, ...targets, warnings: UrlWarnings },
  { title: 'ChannelWebhook' },
);
