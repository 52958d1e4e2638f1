// The JSON that the API takes and answers, and what its schemas have in common. An object with a title is a named type of the OpenAPI document.
import { Type } from '@fastify/type-provider-typebox';
import type { TSchema } from '@fastify/type-provider-typebox';
import { errorTable } from '../../domain/errors.ts';
import { faultTexts } from '../../domain/faults.ts';
import { refusalCodes } from '../../domain/refusal.ts';
import { FindingParams } from './schemas-findings.ts';

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
    fault: Type.Optional(
      Type.Object(
        { code: Type.Enum(Object.keys(faultTexts)), params: FindingParams },
        {
          description:
            'What is wrong with it, or without a field why it is not done, to tell it in another language than `detail`.',
        },
      ),
    ),
    refusal: Type.Optional(
      Type.Object(
        { code: Type.Enum(Object.keys(refusalCodes)), params: FindingParams },
        {
          description:
            'Which rule of messages and templates refuses it, to tell it in another language than `detail`.',
        },
      ),
    ),
    reason: Type.Optional(
      Type.String({
        description: 'Of some `wrong_state`: a code for what stands in the way, which `detail` tells.',
      }),
    ),
  },
  { title: 'Problem', description: 'RFC 9457; docs/errors.md lists the codes.' },
);

export const Time = Type.String({ format: 'date-time', examples: ['2026-11-01T09:30:00.000Z'] });

export const NullableTime = Type.Union([Time, Type.Null()]);

export const NullableString = Type.Union([Type.String(), Type.Null()]);

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

export const period = {
  since: Type.Optional(Type.String({ format: 'date-time', description: 'From this time on.' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Before this time.' })),
};

export const cursor = Type.Optional(
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
