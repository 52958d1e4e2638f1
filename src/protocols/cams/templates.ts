// Templates: create, modify, delete, read, list (cams-openapi 4.5).
import { randomBytes } from 'node:crypto';
import type { Channel } from '../../domain/channel.ts';
import { auditStatuses } from '../../domain/receipt.ts';
import type { AuditStatus } from '../../domain/receipt.ts';
import { templateTypes } from '../../domain/template.ts';
import { cut } from '../../domain/cut.ts';
import { asListed, chooseFormat, findDifferences } from '../../domain/template-content.ts';
import { versionOfTemplate } from '../../domain/version.ts';
import type { ParameterFormat, Template, TemplateComponent, TemplateType } from '../../domain/template.ts';
import { readComponents } from '../../core/templates/components.ts';
import { invalid, missing } from '../../domain/refusal.ts';
import { CamsError } from './errors.ts';
import { listChannels, readPage, requireChannel } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';
import { toTexts } from '../../domain/json.ts';
import type { Parameters } from './parameters.ts';

const maxNameLength = 512;
const maxTemplates = 6000;
const whatsappCategories = ['UTILITY', 'MARKETING', 'AUTHENTICATION'] as const;
const viberCategories = [
  'text',
  'image',
  'text_image_button',
  'text_button',
  'document',
  'video',
  'text_video',
  'text_video_button',
  'text_image',
] as const;
/** Where the review of a template has to stand for the template to be modified. */
const modifiable: readonly AuditStatus[] = ['auditing', 'fail', 'unaudit'];
/** Seconds that a message may wait at the channel, by category. */
const sendTtl: Readonly<Record<string, readonly [min: number, max: number]>> = {
  AUTHENTICATION: [30, 900],
  UTILITY: [30, 43_200],
};

export async function createTemplate(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const name = parameters.required('Name');
  parameters.required('TemplateType');
  const language = readLanguage(parameters);
  const type = readType(parameters) ?? 'WHATSAPP';
  const category = readCategory(type, parameters.required('Category'));
  if (type === 'WHATSAPP' && !/^[a-z0-9_]{1,512}$/.test(name))
    throw business('CreateError', 'Name has to be lower-case letters, digits and underscores.');
  if (name.length > maxNameLength)
    throw business('CreateError', `Name is longer than ${maxNameLength} characters.`);
  const channel = await requireOwnChannel(deps, call, type);
  const content = readBody(parameters, type, category);
  const known = await deps.store.findTemplates(call.accountId, { channelId: channel.id });
  if (known.length >= maxTemplates)
    throw business('CreateError', `The channel has ${maxTemplates} templates already; delete some.`);
  const said = { category, ...content, parameterFormat: chooseFormat(content.components) };
  const made = await deps.store.createTemplate(
    call.accountId,
    {
      channelId: channel.id,
      code: randomBytes(16).toString('hex'),
      language,
      name,
      type,
      ...said,
      status: 'auditing',
      reason: '',
      allowSend: true,
      quality: 'UNKNOWN',
      vendorId: null,
      isEdited: false,
      offered: [],
      asked: null,
      reviewAt: deps.now(),
    },
    call.actor,
  );
  const code =
    made === 'exists' ? await join(deps, call, { channelId: channel.id, name, language }, said) : made.code;
  return { Data: { TemplateCode: code, TemplateName: name } };
}

/**
 * Joins a template to be made to one that was found at the channel and says the same, names of variables aside: those are the
 * caller's from then on. Resolves to its code. Throws `TemplateNameExist` for any other, with what differs.
 */
async function join(
  { store }: OperationDeps,
  { accountId, actor }: Call,
  { channelId, name, language }: Pick<Template, 'channelId' | 'name' | 'language'>,
  said: Pick<Template, 'category' | 'components' | 'example' | 'ttlSeconds' | 'parameterFormat'>,
): Promise<string> {
  const [known] = await store.findTemplates(accountId, { channelId, name, language });
  const there = `There is a template ${name} in ${language} already`;
  if (known === undefined) throw business('TemplateNameExist', `${there}, which is being deleted.`);
  const differences = findDifferences(said, known);
  if (differences.length > 0)
    throw business(
      'TemplateNameExist',
      `${there}, and what it says differs: ${cut(differences.join('; '))}.`,
    );
  // One that was handed in here is made twice.
  if (known.vendorId === null || known.offered.length > 0 || known.isEdited)
    throw business('TemplateNameExist', `${there}.`);
  const { code } = known;
  const { components, example } = said;
  const parameterFormat = asListed(said.parameterFormat, known.parameterFormat);
  const key = { channelId, code, language };
  await store.updateTemplate(accountId, { ...key, components, example, parameterFormat }, actor, undefined, {
    kind: 'versions',
    versions: [versionOfTemplate(known)],
  });
  return code;
}

/** Replaces a template that has not passed; it is reviewed again. */
export async function modifyTemplate(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const language = readLanguage(parameters);
  requireComponents(parameters);
  const [template] = await findOwn(deps, call, language);
  if (template === undefined) throw notThere('DetailError');
  const given = parameters.text('Category');
  const category = given === undefined ? template.category : readCategory(template.type, given);
  if (template.type === 'WHATSAPP' && category !== template.category)
    throw business('CreateError', 'The category of a WhatsApp template cannot be changed.');
  const { channelId, code } = template;
  const { ttlSeconds, categoryChangePaused, ...said } = readBody(parameters, template.type, category);
  const outcome = await deps.store.updateTemplate(
    call.accountId,
    {
      channelId,
      code,
      language,
      ...said,
      ...(parameters.text('MessageSendTtlSeconds') === undefined ? {} : { ttlSeconds }),
      ...(parameters.text('CategoryChangePaused') === undefined ? {} : { categoryChangePaused }),
      // Only the channel changes that of a WhatsApp template, perhaps at this moment.
      ...(template.type === 'WHATSAPP' ? {} : { category }),
      status: 'auditing',
      reason: '',
      // Handed in anew, or changed where the channel has it.
      isEdited: true,
      parameterFormat: chooseChanged(template, said.components),
      reviewAt: deps.now(),
    },
    call.actor,
    modifiable,
    call.expected,
  );
  if (outcome === 'missing') throw notThere('DetailError');
  if (outcome === 'closed')
    throw business(
      'CreateError',
      `Only a template whose review stands at ${modifiable.join(', ')} may be modified. GetChatappTemplateDetail tells where this one stands.`,
    );
  return { Data: { TemplateCode: template.code, TemplateName: template.name } };
}

/** A template that the channel knows by the places of its variables stays so: the format of one that is there is not changed. */
function chooseChanged(
  { vendorId, parameterFormat }: Template,
  components: readonly TemplateComponent[],
): ParameterFormat {
  const chosen = chooseFormat(components);
  return vendorId !== null && parameterFormat !== 'NAMED' && chosen === 'NAMED' ? 'POSITIONAL' : chosen;
}

export async function deleteTemplate(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const language = parameters.text('Language') ?? null;
  parameters.required('TemplateType');
  const [template] = await findOwn(deps, call, language);
  if (template === undefined) throw notThere('DelError');
  await deps.store.deleteTemplate(call.accountId, template.channelId, template.code, language, call.actor);
  return { Success: true };
}

export async function getTemplateDetail(deps: OperationDeps, call: Call): Promise<Answer> {
  const [template] = await findOwn(deps, call, readLanguage(call.parameters));
  if (template === undefined) throw notThere('DetailError');
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

export async function listTemplates(deps: OperationDeps, call: Call): Promise<Answer> {
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

export async function modifyTemplateProperties(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  for (const name of ['CustSpaceId', 'Language', 'TemplateCode', 'TemplateType']) parameters.required(name);
  const [template] = await findOwn(deps, call, readLanguage(parameters));
  if (template === undefined) throw notThere('DetailError');
  const { channelId, code, language } = template;
  const allowSend = parameters.boolean('AllowSend');
  const categoryChangePaused = parameters.boolean('CategoryChangePaused');
  const change = {
    ...(allowSend === undefined ? {} : { allowSend }),
    ...(categoryChangePaused === undefined ? {} : { categoryChangePaused }),
  };
  const key = { channelId, code, language };
  if ((await deps.store.updateTemplate(call.accountId, { ...key, ...change }, call.actor)) === 'missing')
    throw notThere('DetailError');
  return { Success: true, Model: {} };
}

/** The languages of the template that TemplateCode or TemplateName names; all of them where no language is asked for. */
async function findOwn(
  deps: OperationDeps,
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

/**
 * The channel that a new template belongs to: the one that is named, or the account's only one of that type, or the sandbox where
 * the account has none of that type.
 */
async function requireOwnChannel(deps: OperationDeps, call: Call, type: TemplateType): Promise<Channel> {
  if (call.parameters.text('CustSpaceId') !== undefined) {
    const named = await requireChannel(deps, call);
    if (named.type === 'sandbox' || (named.type === 'viber') === (type === 'VIBER')) return named;
    throw business('TemplateTypeNotSupport', `${named.id} is a channel of ${named.type}.`);
  }
  const wanted = type === 'VIBER' ? 'viber' : 'whatsapp';
  const channels = await deps.store.listChannels(call.accountId);
  const ofType = channels.filter((candidate) => candidate.type === wanted);
  const [channel, ...others] =
    ofType.length > 0 ? ofType : channels.filter((candidate) => candidate.type === 'sandbox');
  if (channel === undefined || others.length > 0) throw missing('CustSpaceId');
  return channel;
}

function requireComponents(parameters: Parameters): readonly unknown[] {
  const list = parameters.list('Components');
  if (list === undefined || list.length === 0) throw missing('Components');
  return list;
}

function readBody(
  parameters: Parameters,
  type: TemplateType,
  category: string,
): Pick<Template, 'components' | 'example' | 'ttlSeconds' | 'categoryChangePaused'> {
  const components = readComponents(type, category, requireComponents(parameters));
  const [min, max] = sendTtl[category] ?? [30, 2_592_000];
  return {
    components,
    example: toTexts('Example', parameters.object('Example')),
    ttlSeconds: parameters.number('MessageSendTtlSeconds', min, max) ?? null,
    categoryChangePaused: parameters.boolean('CategoryChangePaused') ?? false,
  };
}

function readLanguage(parameters: Parameters): string {
  const language = parameters.required('Language');
  if (/^[a-z]{2,3}(_[A-Z]{2,3})?$/.test(language)) return language;
  throw business('LanguageNotSupport', `${language} is no language code such as en or pt_BR.`);
}

function readType(parameters: Parameters): TemplateType | undefined {
  const given = parameters.text('TemplateType')?.toUpperCase();
  if (given === undefined) return undefined;
  const found = templateTypes.find((type) => type === given);
  if (found !== undefined) return found;
  throw business('TemplateTypeNotSupport', `TemplateType has to be one of ${templateTypes.join(', ')}.`);
}

function readCategory(type: TemplateType, given: string): string {
  const categories: readonly string[] = type === 'VIBER' ? viberCategories : whatsappCategories;
  const found = categories.find((category) => category.toLowerCase() === given.toLowerCase());
  if (found !== undefined) return found;
  throw invalid('Category', `has to be one of ${categories.join(', ')}`);
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

function notThere(kind: 'DetailError' | 'DelError'): CamsError {
  return CamsError.business(`${kind}.TemplateNotExist`, 'There is no such template in that language.');
}

function business(code: string, message: string): CamsError {
  return CamsError.business(`InvalidParameter.${code}`, message);
}
