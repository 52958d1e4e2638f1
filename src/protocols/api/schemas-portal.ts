// What the API takes and answers of portal links, and what it answers their holders.
import { Type } from '@fastify/type-provider-typebox';
import { channelTypes } from '../../domain/channel.ts';
import { portalAccesses } from '../../domain/portal-link.ts';
import { receiptTypes } from '../../domain/receipt.ts';
import { closed, Id, NullableString, NullableTime, SenderId, Time } from './schemas.ts';

const Access = Type.Enum([...portalAccesses], {
  description: '`read`: look. `manage`: set where receipts go, try, replay, see and change signing secrets.',
});

export const NewPortalLinkBody = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: '^[^\\u0000-\\u001f\\u007f]*$',
      description: 'What the page is called.',
    }),
    colour: Type.Optional(
      Type.String({
        pattern: '^#[0-9a-fA-F]{6}$',
        description: 'Of the page, as `#0b5cd6`; ours when left out.',
      }),
    ),
    access: Type.Optional(Access),
    senders: Type.Union(
      [
        Type.Array(Type.Object({ channelId: Id, senderId: SenderId }, closed), { minItems: 1, maxItems: 50 }),
        Type.Null(),
      ],
      { description: 'The senders that it opens, and no others. Null: all of the account, also later ones.' },
    ),
    hours: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 168, description: 'How long it is good; 24 when left out.' }),
    ),
  },
  {
    ...closed,
    examples: [{ name: 'Shop', senders: [{ channelId: 'shop', senderId: '15550107777' }], access: 'manage' }],
  },
);

const linkMembers = {
  id: Type.String(),
  name: Type.String(),
  colour: NullableString,
  access: Access,
  senders: Type.Union(
    [Type.Array(Type.Object({ channelId: Type.String(), senderId: Type.String() })), Type.Null()],
    { description: 'Null: all of the account, also those that it gets later.' },
  ),
  createdAt: Time,
  createdBy: Type.String({ examples: ['user/ana'] }),
  expiresAt: Time,
  revokedAt: NullableTime,
  usedAt: Type.Union([Time, Type.Null()], {
    description: 'About when a call last came with it, to ten seconds or so; null when none did.',
  }),
};

export const PortalLinkAnswer = Type.Object(linkMembers, { title: 'PortalLink' });

export const NewPortalLinkAnswer = Type.Object(
  {
    ...linkMembers,
    token: Type.String({ description: 'Opens what the link opens; told this once.' }),
    url: Type.String({
      description: 'The page, with the token behind `#`, where no server and no log sees it.',
    }),
  },
  { title: 'NewPortalLink' },
);

export const PortalAnswer = Type.Object(
  {
    name: Type.String(),
    colour: NullableString,
    access: Access,
    expiresAt: Time,
    senders: Type.Array(
      Type.Object({
        channelId: Type.String(),
        senderId: Type.String(),
        channelType: Type.Enum([...channelTypes]),
        channelName: Type.String(),
        name: Type.String(),
      }),
    ),
  },
  { title: 'Portal' },
);

/** A receipt without what a user wrote and who he is, and how far its deliveries are. */
export const PortalReceiptAnswer = Type.Object(
  {
    receiptId: Type.String(),
    type: Type.Enum([...receiptTypes]),
    recordedAt: Time,
    deliveries: Type.Array(
      Type.Object({
        id: Type.String(),
        destinationId: Type.Integer(),
        url: Type.String(),
        state: Type.Enum(['waiting', 'blocked', 'unwanted', 'done', 'dead']),
        dueAt: Time,
        attempts: Type.Integer(),
        lastStatus: Type.Union([Type.Integer(), Type.Null()], {
          description: 'Of the last try; null where no answer came, or none was made.',
        }),
        lastAt: NullableTime,
      }),
    ),
  },
  { title: 'PortalReceipt' },
);

export const ofSender = Type.Object({ channelId: Id, senderId: SenderId });
