// What the API answers of what the service found: a code that a client can translate, what it speaks of, and an English text.
import { Type } from '@fastify/type-provider-typebox';
import { checkTexts, preflightTexts } from '../../domain/findings.ts';
import type { CheckCode, PreflightCode } from '../../domain/findings.ts';

export const FindingParams = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
  description: 'What the code speaks of, to tell it in another language than the text.',
});

export const CheckCodeAnswer = Type.Enum(Object.keys(checkTexts) as CheckCode[], {
  description: 'What was found, for a client to tell in its own words.',
});

export const PreflightCodeAnswer = Type.Enum(Object.keys(preflightTexts) as PreflightCode[], {
  description: 'What came back, for a client to tell in its own words.',
});

export const NoticeFindingAnswer = Type.Object(
  {
    name: Type.String({ examples: ['token'] }),
    code: CheckCodeAnswer,
    params: FindingParams,
    senderId: Type.Optional(Type.String({ description: 'The sender that it is about.' })),
  },
  { title: 'NoticeFinding', description: "What a check of a channel found, in the notice's text." },
);
