// What the API answers of what happened: notices, and who changed what.
import { Type } from '@fastify/type-provider-typebox';
import { noticeCodes, severities } from '../../domain/notice.ts';
import { FindingParams, NoticeFindingAnswer } from './schemas-findings.ts';
import { listQuery, period, Time } from './schemas.ts';

export const NoticeAnswer = Type.Object(
  {
    id: Type.String(),
    at: Time,
    code: Type.Enum([...noticeCodes]),
    severity: Type.Enum([...severities]),
    scope: Type.Enum(['account', 'service'], {
      description: 'Whether it is about this account, or about the service as a whole.',
    }),
    since: Type.Union([Time, Type.Null()], {
      description: 'With `standing`: when it was told first since it last was over. Else null.',
    }),
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

export const NoticeQuery = listQuery({
  standing: Type.Optional(
    Type.Boolean({
      description:
        'Only what was told and is not over, all at once: there is no `next`, and no other filter narrows it.',
    }),
  ),
  code: Type.Optional(
    Type.Enum([...noticeCodes], { description: 'Only of this kind, the ends of it among them.' }),
  ),
  severity: Type.Optional(Type.Enum([...severities], { description: 'The least that is listed.' })),
  ...period,
});

export const ChangeQuery = listQuery({
  actor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Who, as told: `user/ana`, `key/LTAI5tExample`.',
    }),
  ),
  action: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'What, as `channel.put`.' })),
  subject: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 400,
      description:
        'What was changed, or what that belongs to: `channel/shop` finds changes of its senders too.',
    }),
  ),
  ...period,
});

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
