// Templates: create, modify, delete, read, list (docs/protocols/cams.md).
import type { Channel } from '../../domain/channel.ts';
import { auditStatuses } from '../../domain/receipt.ts';
import type { Template, TemplateComponent, TemplateType } from '../../domain/template.ts';
import { findOnlyChannel } from '../../core/channels/ownership.ts';
import { changeProperties } from '../../core/templates/properties.ts';
import { removeTemplate } from '../../core/templates/templates.ts';
import { readLanguage, readTemplateType } from '../../core/templates/rules.ts';
import { modifyTemplate as modifyOwn, noTemplate, submitTemplate } from '../../core/templates/submission.ts';
import type { GivenContent } from '../../core/templates/submission.ts';
import { missing } from '../../domain/refusal.ts';
import { CamsError } from './errors.ts';
import { listChannels, readPage, requireChannel } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';
import type { Parameters } from './parameters.ts';

/** What these operations work with. */
export type TemplateDeps = OperationDeps<
  'createTemplate' | 'deleteTemplate' | 'findTemplates' | 'listChannels' | 'updateTemplate'
>;

export async function createTemplate(deps: TemplateDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const name = parameters.required('Name');
  const type = readTemplateType(parameters.required('TemplateType'));
  const given = {
    name,
    type,
    language: parameters.required('Language'),
    category: parameters.required('Category'),
    ...readBody(parameters),
  };
  const code = await submitTemplate(deps, call, await requireOwnChannel(deps, call, type), given);
  return { Data: { TemplateCode: code, TemplateName: name } };
}

/** Replaces a template that has not passed; it is reviewed again. */
export async function modifyTemplate(deps: TemplateDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const language = readLanguage(parameters.required('Language'));
  const change = { category: parameters.text('Category'), ...readBody(parameters) };
  const [template] = await findOwn(deps, call, language);
  if (template === undefined) throw noTemplate();
  await modifyOwn(deps, call, template, change);
  return { Data: { TemplateCode: template.code, TemplateName: template.name } };
}

export async function deleteTemplate(deps: TemplateDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const language = parameters.text('Language') ?? null;
  parameters.required('TemplateType');
  const [template] = await findOwn(deps, call, language);
  if (template === undefined || !(await removeTemplate(deps, call, { ...template, language })))
    throw CamsError.business('DelError.TemplateNotExist', 'There is no such template in that language.');
  return { Success: true };
}

export async function getTemplateDetail(deps: TemplateDeps, call: Call): Promise<Answer> {
  const [template] = await findOwn(deps, call, readLanguage(call.parameters.required('Language')));
  if (template === undefined) throw noTemplate();
  return {
    Data: {
      TemplateCode: template.code,
      Name: template.name,
      Language: template.language,
      Category: template.category,
      TemplateType: template.type,
      AuditStatus: template.status,
      QualityScore: template.quality,
      AllowSend: template.allowSend,
      CategoryChangePaused: template.categoryChangePaused,
      ...(template.ttlSeconds === null ? {} : { MessageSendTtlSeconds: template.ttlSeconds }),
      Reason: template.reason,
      Example: template.example,
      Components: template.components.map(toDetail),
    },
  };
}

export async function listTemplates(deps: TemplateDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const page = readPage(call, 10, 100);
  const type = readType(parameters);
  const status = parameters.text('AuditStatus');
  if (status !== undefined && !auditStatuses.some((known) => known === status))
    throw business('AuditStatusNotSupport', `AuditStatus has to be one of ${auditStatuses.join(', ')}.`);
  const category = parameters.text('Category')?.toLowerCase();
  const code = parameters.text('Code');
  const language = parameters.text('Language');
  const name = parameters.text('Name');
  const channels = new Set((await listChannels(deps, call)).map(({ id }) => id));
  const found = await deps.store.findTemplates(call.accountId, {
    ...(code === undefined ? {} : { code }),
    ...(language === undefined ? {} : { language }),
  });
  const matching = found.filter(
    (template) =>
      channels.has(template.channelId) &&
      (type === undefined || template.type === type) &&
      (status === undefined || template.status === status) &&
      (category === undefined || template.category.toLowerCase() === category) &&
      (name === undefined || template.name.includes(name)),
  );
  const start = (page.index - 1) * page.size;
  return {
    Success: true,
    Total: matching.length,
    ListTemplate: matching.slice(start, start + page.size).map((template) => ({
      TemplateCode: template.code,
      TemplateName: template.name,
      TemplateType: template.type,
      Language: template.language,
      Category: template.category,
      AuditStatus: template.status,
      Reason: template.reason,
      LastUpdateTime: template.updatedAt,
    })),
  };
}

export async function modifyTemplateProperties(deps: TemplateDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  for (const name of ['CustSpaceId', 'Language', 'TemplateCode', 'TemplateType']) parameters.required(name);
  const [template] = await findOwn(deps, call, readLanguage(parameters.required('Language')));
  if (template === undefined) throw noTemplate();
  await changeProperties(deps, call, template, {
    allowSend: parameters.boolean('AllowSend'),
    categoryChangePaused: parameters.boolean('CategoryChangePaused'),
  });
  return { Success: true, Model: {} };
}

/** The languages of the template that TemplateCode or TemplateName names; all of them where no language is asked for. */
async function findOwn(
  deps: TemplateDeps,
  call: Call,
  language: string | null,
): Promise<readonly Template[]> {
  const { parameters } = call;
  const code = parameters.text('TemplateCode');
  const name = parameters.text('TemplateName');
  if (code === undefined && name === undefined)
    throw business('TemplateCodeNotEmpty', 'TemplateCode or TemplateName is required.');
  const type = readType(parameters);
  const channels = new Set((await listChannels(deps, call)).map(({ id }) => id));
  const found = await deps.store.findTemplates(call.accountId, {
    ...(code === undefined ? {} : { code }),
    ...(name === undefined ? {} : { name }),
    ...(language === null ? {} : { language }),
  });
  return found.filter(
    (template) => channels.has(template.channelId) && (type === undefined || template.type === type),
  );
}

/** The channel that a new template belongs to: the one that is named, or the only one that can be meant. */
async function requireOwnChannel(deps: TemplateDeps, call: Call, type: TemplateType): Promise<Channel> {
  if (call.parameters.text('CustSpaceId') !== undefined) return requireChannel(deps, call);
  const wanted = type === 'VIBER' ? 'viber' : 'whatsapp';
  const channel = await findOnlyChannel(deps.store, call.accountId, wanted);
  if (channel === undefined) throw missing('CustSpaceId');
  return channel;
}

function readBody(parameters: Parameters): GivenContent {
  const components = parameters.list('Components');
  if (components === undefined || components.length === 0) throw missing('Components');
  return {
    components,
    example: parameters.object('Example'),
    ttlSeconds: parameters.figure('MessageSendTtlSeconds'),
    categoryChangePaused: parameters.boolean('CategoryChangePaused'),
  };
}

function readType(parameters: Parameters): TemplateType | undefined {
  const given = parameters.text('TemplateType');
  return given === undefined ? undefined : readTemplateType(given);
}

/** The detail spells one member differently, and shows the variable that an offer's end is given by. */
function toDetail(component: TemplateComponent): Record<string, unknown> {
  const { HasExpiration, ...rest } = component as TemplateComponent & { readonly HasExpiration?: unknown };
  if (component.Type !== 'LIMITED_TIME_OFFER') return rest;
  const expires = HasExpiration === true;
  return {
    ...rest,
    hasExpiration: expires,
    ...(expires ? { OfferExpirationTimeMs: '$(offerExpirationTimeMs)' } : {}),
  };
}

function business(code: string, message: string): CamsError {
  return CamsError.business(`InvalidParameter.${code}`, message);
}
