// What the API answers of what happened: notices, and who changed what.
import { Type } from '@fastify/type-provider-typebox';
import { noticeCodes, severities } from '../../domain/notice.ts';
import { FindingParams, NoticeFindingAnswer } from './schemas-findings.ts';
import { Time } from './schemas.ts';

export const NoticeAnswer = Type.Object(
  {
    id: Type.String(),
    at: Time,
    code: Type.Enum([...noticeCodes]),
    severity: Type.Enum([...severities]),
    isOver: Type.Boolean({
      description: 'Whether it tells that what an earlier one of the same code and subject told of is over.',
    }),
    subject: Type.String(),
    text: Type.String(),
    params: FindingParams,
    findings: Type.Array(NoticeFindingAnswer),
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
