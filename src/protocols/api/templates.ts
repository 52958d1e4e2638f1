// Templates as the console sees them; what may be in one is decided in core/templates alone.
import { Type } from '@fastify/type-provider-typebox';
import { findChannel } from '../../core/channels/ownership.ts';
import { toTemplateType } from '../../core/templates/rules.ts';
import { modifyTemplate, submitTemplate } from '../../core/templates/submission.ts';
import { findTemplate, removeTemplate } from '../../core/templates/templates.ts';
import { notFound } from '../../domain/errors.ts';
import { auditStatuses } from '../../domain/receipt.ts';
import { templateTypes } from '../../domain/template.ts';
import { requireExpected, versionOfTemplate } from '../../domain/version.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import {
  NewTemplateBody,
  ofChannel,
  ofTemplate,
  TemplateAnswer,
  TemplateBody,
  templatePath,
  toTemplateAnswer,
} from './schemas-templates.ts';
import { listQuery, pageOf } from './schemas.ts';
import { changeHeaders, makeCodes, makeHeaders, readExpected, tell } from './versions.ts';

/** What these routes work with. */
type TemplateApiDeps = ApiDeps<
  'createTemplate' | 'deleteTemplate' | 'findChannel' | 'findTemplates' | 'updateTemplate'
>;

export function templateApi(api: Api, deps: TemplateApiDeps): void {
  listTemplates(api, deps);
  readTemplate(api, deps);
  makeTemplate(api, deps);
  putTemplate(api, deps);
  deleteTemplate(api, deps);
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
        items: wanted.slice(start, end).map(toTemplateAnswer),
        next: end < wanted.length ? String(end) : null,
      };
    },
  );
}

function readTemplate(api: Api, { store }: TemplateApiDeps): void {
  api.get(
    templatePath,
    {
      ...needs('viewer', 'send'),
      schema: describe(
        'Read a template',
        'templates',
        { params: ofTemplate },
        { 200: TemplateAnswer },
        'not_found',
      ),
    },
    async (request, reply) => {
      const template = await findTemplate(store, callerOf(request).accountId, request.params);
      return tell(reply, versionOfTemplate(template)).send(toTemplateAnswer(template));
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
        { params: ofChannel, body: NewTemplateBody },
        { 201: TemplateAnswer },
        'not_found',
        'operation_refused',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const channel = await findChannel(store, accountId, request.params.channelId);
      const { name, language, type = toTemplateType(channel), category, components, example } = request.body;
      const given = { name, language, type, category, components, example };
      const code = await submitTemplate(deps, { accountId, actor }, channel, given);
      return reply
        .code(201)
        .send(
          toTemplateAnswer(await findTemplate(store, accountId, { channelId: channel.id, code, language })),
        );
    },
  );
}

function putTemplate(api: Api, deps: TemplateApiDeps): void {
  const { store } = deps;
  api.put(
    templatePath,
    {
      ...needs('operator'),
      schema: describe(
        'Replace what a template that has not passed says; it is reviewed again',
        'templates',
        { params: ofTemplate, body: TemplateBody, headers: makeHeaders },
        { 200: TemplateAnswer },
        'not_found',
        'operation_refused',
        ...makeCodes,
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const template = await findTemplate(store, accountId, request.params);
      const expected = readExpected(request);
      requireExpected(expected, versionOfTemplate(template));
      await modifyTemplate(deps, { accountId, actor, expected }, template, request.body);
      const changed = await findTemplate(store, accountId, request.params);
      return tell(reply, versionOfTemplate(changed)).send(toTemplateAnswer(changed));
    },
  );
}

function deleteTemplate(api: Api, { store }: TemplateApiDeps): void {
  api.delete(
    templatePath,
    {
      ...needs('operator'),
      schema: describe(
        'Take a language of a template away',
        'templates',
        { params: ofTemplate, headers: changeHeaders },
        { 204: NoContent },
        'not_found',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const owner = { ...callerOf(request), expected: readExpected(request) };
      if (!(await removeTemplate({ store }, owner, request.params))) throw notFound('template');
      return reply.code(204).send(null);
    },
  );
}
