// Templates as the console sees them; what may be in one is decided in core/templates alone.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { AccountId } from '../../domain/account.ts';
import { modifyTemplate, submitTemplate } from '../../core/templates/submission.ts';
import { GatewayError, notFound } from '../../domain/errors.ts';
import { auditStatuses } from '../../domain/receipt.ts';
import { parameterFormats, templateTypes } from '../../domain/template.ts';
import type { Template } from '../../domain/template.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { requireExpected, versionOfTemplate } from '../../domain/version.ts';
import type { ApiDeps } from './deps.ts';
import { changeHeaders, makeCodes, makeHeaders, readExpected, tell } from './versions.ts';
import { findChannel } from '../../core/channels/ownership.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { closed, Id, listQuery, NullableString, NullableTime, pageOf, Time } from './schemas.ts';
import type { Store } from '../../store/store.ts';

/** What these routes work with. */
type TemplateApiDeps = ApiDeps<
  | 'createTemplate'
  | 'deleteTemplate'
  | 'findChannel'
  | 'findTemplates'
  | 'listReceipts'
  | 'recordChange'
  | 'updateTemplate'
>;

const Text = Type.String({ minLength: 1, maxLength: 512 });
const Components = Type.Array(Type.Record(Type.String(), Type.Unknown()), {
  minItems: 1,
  maxItems: 20,
  description: 'In the words of the CAMS API: `Type`, `Text`, `Buttons`, …; variables are `$(name)`.',
});
const Example = Type.Record(Type.String(), Type.String(), { description: 'A sample for each variable.' });

const TemplateAnswer = Type.Object(
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

const NewTemplateBody = Type.Object(
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
const TemplateBody = Type.Object(
  { category: Type.Optional(Text), components: Components, example: Type.Optional(Example) },
  closed,
);
const DecisionBody = Type.Object(
  {
    decision: Type.Enum(['pass', 'fail']),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { ...closed, examples: [{ decision: 'pass' }] },
);
const HistoryAnswer = Type.Object(
  {
    at: Time,
    event: Type.String(),
    status: NullableString,
    reason: Type.String(),
    receiptId: Type.String(),
  },
  { title: 'TemplateEvent' },
);

const channelParams = Type.Object({ channelId: Id });
const params = Type.Object({
  channelId: Id,
  code: Type.String({ maxLength: 64 }),
  language: Type.String({ maxLength: 16 }),
});

export function templateApi(api: Api, deps: TemplateApiDeps): void {
  listTemplates(api, deps);
  readTemplate(api, deps);
  readHistory(api, deps);
  makeTemplate(api, deps);
  putTemplate(api, deps);
  deleteTemplate(api, deps);
  review(api, deps);
}

function listTemplates(api: Api, { store }: TemplateApiDeps): void {
  api.get(
    '/templates',
    {
      ...needs('viewer', 'send'),
      schema: describe(
        'List templates by name and language',
        'templates',
        {
          querystring: listQuery({
            channelId: Type.Optional(Type.String({ maxLength: 64 })),
            name: Type.Optional(Type.String({ maxLength: 512, description: 'A part of the name.' })),
            status: Type.Optional(Type.Enum([...auditStatuses])),
            type: Type.Optional(Type.Enum([...templateTypes])),
          }),
        },
        { 200: pageOf(TemplateAnswer) },
      ),
    },
    async (request) => {
      const { channelId, name, status, type, limit = 50, cursor = '0' } = request.query;
      const all = await store.findTemplates(
        callerOf(request).accountId,
        channelId === undefined ? {} : { channelId },
      );
      const wanted = all.filter(
        (template) =>
          (name === undefined || template.name.includes(name)) &&
          (status === undefined || template.status === status) &&
          (type === undefined || template.type === type),
      );
      const start = Number(/^\d{1,9}$/.exec(cursor)?.[0] ?? 0);
      const end = start + limit;
      return {
        items: wanted.slice(start, end).map(toAnswer),
        next: end < wanted.length ? String(end) : null,
      };
    },
  );
}

function readTemplate(api: Api, { store }: TemplateApiDeps): void {
  api.get(
    path,
    {
      ...needs('viewer', 'send'),
      schema: describe('Read a template', 'templates', { params }, { 200: TemplateAnswer }, 'not_found'),
    },
    async (request, reply) => {
      const template = await find(store, callerOf(request).accountId, request.params);
      return tell(reply, versionOfTemplate(template)).send(toAnswer(template));
    },
  );
}

function readHistory(api: Api, { store }: TemplateApiDeps): void {
  api.get(
    `${path}/history`,
    {
      ...needs('viewer'),
      schema: describe(
        'List what became of a template, newest first',
        'templates',
        { params },
        { 200: pageOf(HistoryAnswer) },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { code, language, vendorId } = await find(store, accountId, request.params);
      // What a vendor tells is filed under its own id.
      const found = await Promise.all(
        [code, ...(vendorId === null ? [] : [vendorId])].map((messageId) =>
          store.listReceipts(accountId, { type: 'ChatAppAudit', messageId }, { limit: 500 }),
        ),
      );
      const items = found.flatMap((page) => page.items).toSorted((a, b) => b.recordedAt - a.recordedAt);
      return {
        items: items.flatMap(({ facts, receiptId, recordedAt }) =>
          facts.type === 'ChatAppAudit' && facts.language === language
            ? [
                {
                  at: toTime(recordedAt),
                  event: facts.event,
                  status: facts.auditStatus ?? facts.status ?? null,
                  reason: facts.reason ?? '',
                  receiptId,
                },
              ]
            : [],
        ),
        next: null,
      };
    },
  );
}

function makeTemplate(api: Api, deps: TemplateApiDeps): void {
  const { store } = deps;
  api.post(
    '/channels/:channelId/templates',
    {
      ...needs('operator'),
      schema: describe(
        'Make a template and hand it in for review',
        'templates',
        { params: channelParams, body: NewTemplateBody },
        { 201: TemplateAnswer },
        'not_found',
        'operation_refused',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const channel = await findChannel(store, accountId, request.params.channelId);
      const {
        name,
        language,
        type = channel.type === 'viber' ? 'VIBER' : 'WHATSAPP',
        category,
        components,
        example,
      } = request.body;
      const given = { name, language, type, category, components, example };
      const code = await submitTemplate(deps, { accountId, actor }, channel, given);
      return reply
        .code(201)
        .send(toAnswer(await find(store, accountId, { channelId: channel.id, code, language })));
    },
  );
}

function putTemplate(api: Api, deps: TemplateApiDeps): void {
  const { store } = deps;
  api.put(
    path,
    {
      ...needs('operator'),
      schema: describe(
        'Replace what a template that has not passed says; it is reviewed again',
        'templates',
        { params, body: TemplateBody, headers: makeHeaders },
        { 200: TemplateAnswer },
        'not_found',
        'operation_refused',
        ...makeCodes,
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const template = await find(store, accountId, request.params);
      const expected = readExpected(request);
      requireExpected(expected, versionOfTemplate(template));
      await modifyTemplate(deps, { accountId, actor, expected }, template, request.body);
      const changed = await find(store, accountId, request.params);
      return tell(reply, versionOfTemplate(changed)).send(toAnswer(changed));
    },
  );
}

function deleteTemplate(api: Api, { store }: TemplateApiDeps): void {
  api.delete(
    path,
    {
      ...needs('operator'),
      schema: describe(
        'Take a language of a template away',
        'templates',
        { params, headers: changeHeaders },
        { 204: NoContent },
        'not_found',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { channelId, code, language } = request.params;
      const expected = readExpected(request);
      if ((await store.deleteTemplate(accountId, channelId, code, language, actor, expected)) === 0)
        throw notFound('template');
      return reply.code(204).send(null);
    },
  );
}

function review(api: Api, deps: TemplateApiDeps): void {
  const { store } = deps;
  api.post(
    `${path}/review`,
    {
      ...needs('operator'),
      schema: describe(
        'Let a template pass or fail, where no channel reviews it',
        'templates',
        { params, body: DecisionBody },
        { 200: TemplateAnswer },
        'not_found',
        'wrong_state',
      ),
    },
    async (request) => {
      const { accountId, actor } = callerOf(request);
      const template = await find(store, accountId, request.params);
      if (template.status !== 'auditing')
        throw new GatewayError(
          'wrong_state',
          `Its review stands at ${template.status}; it is not waiting for one.`,
        );
      const { decision, reason = '' } = request.body;
      if (!(await deps.decideReview(template, decision, reason)))
        throw new GatewayError('wrong_state', 'The channel reviews this template; nobody else can.');
      await store.recordChange(accountId, actor, 'template.reviewed', `template/${template.code}`, {
        language: template.language,
        decision,
      });
      return toAnswer(await find(store, accountId, request.params));
    },
  );
}

const path = '/channels/:channelId/templates/:code/:language';

async function find(
  store: Pick<Store, 'findTemplates'>,
  accountId: AccountId,
  { channelId, code, language }: Static<typeof params>,
): Promise<Template> {
  const [template] = await store.findTemplates(accountId, { channelId, code, language });
  if (template === undefined) throw notFound('template');
  return template;
}

function toAnswer(template: Template): Static<typeof TemplateAnswer> {
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
