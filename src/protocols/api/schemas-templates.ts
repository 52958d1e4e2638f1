// What the API takes and answers of templates.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { auditStatuses } from '../../domain/receipt.ts';
import { parameterFormats, templateTypes } from '../../domain/template.ts';
import type { Template } from '../../domain/template.ts';
import { toTime } from '../../domain/time.ts';
import { closed, Id, NullableString, NullableTime, Time } from './schemas.ts';

const Text = Type.String({ minLength: 1, maxLength: 512 });
const Components = Type.Array(Type.Record(Type.String(), Type.Unknown()), {
  minItems: 1,
  maxItems: 20,
  description: 'In the words of the CAMS API: `Type`, `Text`, `Buttons`, …; variables are `$(name)`.',
});
const Example = Type.Record(Type.String(), Type.String(), { description: 'A sample for each variable.' });

export const TemplateAnswer = Type.Object(
  {
    channelId: Type.String(),
    code: Type.String(),
    language: Type.String(),
    name: Type.String(),
    type: Type.Enum([...templateTypes]),
    category: Type.String(),
    components: Type.Array(Type.Record(Type.String(), Type.Unknown())),
    example: Example,
    status: Type.Enum([...auditStatuses]),
    reason: Type.String(),
    quality: Type.String(),
    allowSend: Type.Boolean(),
    vendorId: NullableString,
    parameterFormat: Type.Enum([...parameterFormats], {
      description:
        'How the vendor knows the variables: by their names, by the places where they first appear, or by the numbers that their names end in.',
    }),
    isEdited: Type.Boolean({ description: 'Whether a change is still to be made at the vendor.' }),
    reviewAt: NullableTime,
    createdAt: Time,
    updatedAt: Time,
  },
  { title: 'Template' },
);

export const NewTemplateBody = Type.Object(
  {
    name: Text,
    language: Type.String({ minLength: 2, maxLength: 16 }),
    type: Type.Optional(Type.Enum([...templateTypes])),
    category: Text,
    components: Components,
    example: Type.Optional(Example),
  },
  {
    ...closed,
    examples: [
      {
        name: 'order_shipped',
        language: 'en',
        category: 'UTILITY',
        components: [{ Type: 'BODY', Text: 'Your order $(order) is on its way.' }],
        example: { order: '4711' },
      },
    ],
  },
);
export const TemplateBody = Type.Object(
  { category: Type.Optional(Text), components: Components, example: Type.Optional(Example) },
  closed,
);
export const DecisionBody = Type.Object(
  {
    decision: Type.Enum(['pass', 'fail']),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { ...closed, examples: [{ decision: 'pass' }] },
);
export const HistoryAnswer = Type.Object(
  {
    at: Time,
    event: Type.String(),
    status: NullableString,
    reason: Type.String(),
    receiptId: Type.String(),
  },
  { title: 'TemplateEvent' },
);

export const ofChannel = Type.Object({ channelId: Id });
export const ofTemplate = Type.Object({
  channelId: Id,
  code: Type.String({ maxLength: 64 }),
  language: Type.String({ maxLength: 16 }),
});

export const templatePath = '/channels/:channelId/templates/:code/:language';

export function toTemplateAnswer(template: Template): Static<typeof TemplateAnswer> {
  const { channelId, code, language, name, type, category, components, example, status, reason, quality } =
    template;
  return {
    channelId,
    code,
    language,
    name,
    type,
    category,
    components: components.map((component) => ({ ...component })),
    example: { ...example },
    status,
    reason,
    quality,
    allowSend: template.allowSend,
    vendorId: template.vendorId,
    parameterFormat: template.parameterFormat,
    isEdited: template.isEdited,
    reviewAt: template.reviewAt === null ? null : toTime(template.reviewAt),
    createdAt: toTime(template.createdAt),
    updatedAt: toTime(template.updatedAt),
  };
}
