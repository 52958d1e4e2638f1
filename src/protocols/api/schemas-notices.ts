// What the API takes and answers of who is told of notices.
import { Type } from '@fastify/type-provider-typebox';
import { noticeCodes, severities } from '../../domain/notice.ts';
import { maxMail, targetKinds, targetLanguages } from '../../domain/notice-target.ts';
import { closed, NullableTime } from './schemas.ts';

export const ofTarget = { params: Type.Object({ targetId: Type.String({ maxLength: 64 }) }) };

const Codes = Type.Array(Type.Enum([...noticeCodes]), {
  uniqueItems: true,
  description: 'The kinds that are told; empty: all. An end is told with its kind.',
});
const Severity = Type.Enum([...severities], { description: 'The least that is told.' });
const Language = Type.Enum([...targetLanguages]);
const State = Type.Enum(['active', 'off']);
const Kind = Type.Enum([...targetKinds]);

const common = {
  url: Type.Optional(
    Type.String({
      maxLength: 4000,
      description: 'Of a webhook. PagerDuty has one for all, but for accounts elsewhere, as in Europe.',
    }),
  ),
  addresses: Type.Optional(
    Type.Array(Type.String({ maxLength: 254 }), { maxItems: maxMail, description: 'Of e-mail.' }),
  ),
  secret: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 256,
      description:
        "DingTalk's signing secret, PagerDuty's routing key, or the secret that signs a `webhook`, which is made where it is left out.",
    }),
  ),
  language: Type.Optional(Language),
  severity: Type.Optional(Severity),
  codes: Type.Optional(Codes),
  state: Type.Optional(State),
};

const Name = Type.String({ minLength: 1, maxLength: 100, examples: ['On call'] });

export const NewTargetBody = Type.Object(
  { name: Name, kind: Kind, ...common },
  { ...closed, title: 'NewNoticeTarget' },
);

export const TargetBody = Type.Object(
  { name: Type.Optional(Name), ...common },
  { ...closed, title: 'NoticeTargetChange' },
);

const told = {
  waiting: Type.Integer({ minimum: 0, description: 'Notices that wait to be told.' }),
  toldAt: NullableTime,
  failingSince: NullableTime,
  lastError: Type.String({ description: 'Why the last try failed; empty when it did not.' }),
  givenUp: Type.Integer({ minimum: 0, description: 'Messages that were never taken.' }),
};

const answer = {
  id: Type.String(),
  name: Type.String(),
  kind: Kind,
  to: Type.Array(Type.String(), {
    description: 'Addresses of e-mail, or the host of a URL, whose rest may be a secret.',
  }),
  hasSecret: Type.Boolean(),
  language: Language,
  severity: Severity,
  codes: Codes,
  state: State,
  ...told,
};

export const TargetAnswer = Type.Object({ ...answer, createdAt: NullableTime }, { title: 'NoticeTarget' });

export const NewTargetAnswer = Type.Object(
  {
    ...answer,
    createdAt: NullableTime,
    secret: Type.Optional(Type.String({ description: 'The secret that was made; told this once.' })),
  },
  { title: 'MadeNoticeTarget' },
);

export const TargetTestAnswer = Type.Object(
  {
    outcome: Type.Enum(['told', 'later', 'refused'], {
      description: '`later`: it may be taken at another try; `refused`: never, as it is.',
    }),
    reason: Type.String({ description: 'Why it was not told, or not to everybody; empty otherwise.' }),
  },
  { title: 'NoticeTargetTest' },
);
