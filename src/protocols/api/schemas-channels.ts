// What the API takes and answers of channels, their credentials and their senders.
import { Type } from '@fastify/type-provider-typebox';
import type { TSchema } from '@fastify/type-provider-typebox';
import { channelTypes, senderVerifications } from '../../domain/channel.ts';
import { CheckCodeAnswer, FindingParams } from './schemas-findings.ts';
import { closed, NullableString, NullableTime, Time } from './schemas.ts';

const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });

const Secret = Type.String({ minLength: 1, maxLength: 4096, pattern: '^[\\u0021-\\u007e]+$' });

const PathSecret = Type.String({ pattern: '^[A-Za-z0-9_-]{16,128}$' });

/** What may be given, or taken away by null. */
function orNone<T extends TSchema>(schema: T) {
  return Type.Optional(Type.Union([schema, Type.Null()]));
}

const furtherCredentials = {
  appSecretPreviousUntil: orNone(Time),
  authTokenPrevious: orNone(Secret),
  authTokenPreviousUntil: orNone(Time),
  pathSecret: orNone(PathSecret),
  pathSecretPrevious: orNone(PathSecret),
  pathSecretPreviousUntil: orNone(Time),
  allowedAddresses: orNone(
    Type.String({
      maxLength: 2000,
      pattern: '^[0-9A-Fa-f.:/, ]+$',
      description: 'Addresses and CIDR ranges, separated by commas, that Viber Business Messages come from.',
    }),
  ),
  serviceId: orNone(
    Type.String({ pattern: '^[0-9]{1,32}$', description: 'For callbacks of Viber that name none.' }),
  ),
  welcomeText: orNone(
    Type.String({ minLength: 1, maxLength: 7000, description: 'What a Viber bot says at first.' }),
  ),
};

const ChannelOptionsBody = Type.Object(
  {
    echoes: Type.Optional(
      Type.Boolean({
        description:
          'WhatsApp, Messenger, Instagram: receipts of what the business wrote elsewhere: in its own app, in the inbox, by another app.',
      }),
    ),
    calls: Type.Optional(Type.Boolean({ description: 'WhatsApp: receipts of calls, missed ones as well.' })),
    groups: Type.Optional(Type.Boolean({ description: 'WhatsApp: receipts of what happens to groups.' })),
    usernames: Type.Optional(
      Type.Boolean({ description: 'WhatsApp: receipts of changes of the user name of the business.' }),
    ),
    comments: Type.Optional(
      Type.Boolean({ description: 'Instagram: receipts of comments, below live videos as well.' }),
    ),
    mentions: Type.Optional(
      Type.Boolean({ description: 'Instagram: receipts of mentions in posts and comments.' }),
    ),
    clientStatus: Type.Optional(
      Type.Boolean({ description: "Viber bots: receipts of what a user's device tells, e.g. of a payment." }),
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
    businessUrl: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s/?#@]+(/[^\\s?#]*[^\\s?#/])?$',
        maxLength: 500,
        description:
          "Viber Business Messages: base of this channel's partner API, in the place of CHASQUI_VIBER_BUSINESS_URL.",
      }),
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
          appSecret: orNone(Secret),
          appSecretPrevious: orNone(Secret),
          verifyToken: orNone(Secret),
          accessToken: orNone(Secret),
          authToken: orNone(Secret),
          ...furtherCredentials,
        },
        {
          ...closed,
          description:
            'Those that are given are set, null takes one away, what is left out stays. Secrets are never read back.',
        },
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
    openCredentials: Type.Record(Type.String(), Type.String(), {
      description:
        'Those of them that are no secrets, as they are set: allowedAddresses, serviceId, welcomeText, and until when old secrets are taken.',
    }),
    options: Type.Record(Type.String(), Type.Union([Type.String(), Type.Boolean()])),
    hookUrl: Type.String({ description: 'Where the channel posts its events to.' }),
    createdAt: Time,
    updatedAt: Time,
  },
  { title: 'Channel' },
);

/** Messages that wait are counted no further. */
export const maxWaitingCounted = 1000;

export const DependentsAnswer = Type.Object(
  {
    senders: Type.Integer(),
    templates: Type.Integer(),
    messagesWaiting: Type.Integer({
      description: `Messages that wait to be sent, counted up to ${maxWaitingCounted}.`,
    }),
  },
  { title: 'Dependents' },
);

export const CheckAnswer = Type.Object(
  {
    ok: Type.Boolean(),
    checks: Type.Array(
      Type.Object({
        name: Type.String(),
        ok: Type.Boolean(),
        code: CheckCodeAnswer,
        params: FindingParams,
        text: Type.String({ description: 'What is so, or what is wrong and what to do.' }),
        senderId: Type.Optional(
          Type.String({ description: 'The sender that it is about; the text has it in front.' }),
        ),
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
        pathSecret: Type.Optional(PathSecret),
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

/** What only a WhatsApp number has. */
const number = {
  phoneNumberId: Type.Optional(Type.String()),
  verification: Type.Optional(
    Type.Enum([...senderVerifications], {
      description: 'Whether Meta has the number as verified; `unknown` until it was asked by a check.',
    }),
  ),
};

export const SenderAnswer = Type.Object(
  {
    id: Type.String(),
    channelId: Type.String(),
    type: Type.Enum(channelTypes.filter((type) => type !== 'sandbox')),
    name: Type.String(),
    ...number,
    http: Type.Boolean({ description: 'Whether its receipts go to callback URLs, by its webhook settings.' }),
    queue: Type.Boolean({ description: 'Whether its receipts go to queues, by its webhook settings.' }),
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
    ...number,
    added: Type.Boolean({ description: 'Whether it is a sender of the channel already.' }),
  },
  { title: 'FoundSender' },
);
