// The template that a message names, and what the message gives to it.
import type { AccountId } from '../../domain/account.ts';
import type { Sender } from '../../domain/channel.ts';
import { cut } from '../../domain/cut.ts';
import { toTexts } from '../../domain/json.ts';
import type { Envelope } from '../../domain/message.ts';
import { invalid, Refusal } from '../../domain/refusal.ts';
import { fillVariables, findTemplateVariables } from '../../domain/template.ts';
import type { Template } from '../../domain/template.ts';
import type { Directory } from '../../store/directory.ts';
import { readFlowAction, readProductAction } from './actions.ts';
import type { Surface } from './content.ts';
import { short } from './given-message.ts';
import type { GivenTemplateName, GivenValues } from './given-message.ts';
import { limits, within } from './limits.ts';

/** What a mass send writes once for each recipient is short. */
const maxNameLength = 512;
const maxPayloadLength = 1024;

/** The template that a message of a sender names, if it may be sent. Throws the refusal of the rule that is broken. */
export async function findSendableTemplate(
  directory: Pick<Directory, 'template'>,
  accountId: AccountId,
  { channelId }: Sender,
  named: GivenTemplateName,
): Promise<Template> {
  const code = short('TemplateCode', named.code, maxNameLength);
  const name = short('TemplateName', named.name, maxNameLength);
  if (code === undefined && name === undefined) throw nameless();
  const language = short('Language', named.language, maxNameLength);
  if (language === undefined) throw new Refusal('language_empty', 'Language is required for a template.');
  const template = await directory.template(accountId, channelId, code ?? name ?? '', language);
  if (template === undefined || (name !== undefined && template.name !== name))
    throw new Refusal(
      'template_not_found',
      `${channelId} has no template ${code ?? name ?? ''} in ${language}.`,
    );
  if (template.status !== 'pass')
    throw new Refusal(
      'template_not_passed',
      `The template's review stands at ${template.status}; only one that has passed may be sent.`,
    );
  if (!template.allowSend)
    throw new Refusal('template_not_passed', 'Sending this template has been switched off.');
  return template;
}

/** Throws a refusal where no template is named, whatever else is asked for. */
export function requireNamed({ code, name, language }: GivenTemplateName): void {
  if (code === undefined && name === undefined) throw nameless();
  if (language === undefined) throw new Refusal('language_empty', 'Language is required.');
}

function nameless(): Refusal {
  return new Refusal('template_code_empty', 'TemplateCode or TemplateName is required.');
}

/** What takes a message, and where it stands: `at` names the recipient in a list. */
export interface Place {
  readonly surface: Surface;
  readonly at: string;
}

/** What a message of a template carries, with every variable given. */
export function toTemplateMembers(template: Template, given: GivenValues, place: Place): Partial<Envelope> {
  const { at } = place;
  const templateParams = toTexts(`${at}TemplateParams`, given.templateParams);
  const absent = findTemplateVariables(template.components).filter(
    (name) => (templateParams[name] ?? '') === '',
  );
  if (absent.length > 0)
    throw new Refusal('template_values', `${at}TemplateParams gives no value for ${absent.join(', ')}.`);
  if (template.type === 'WHATSAPP') checkValues(template, templateParams, at);
  else checkFilled(template, templateParams, place);
  const payload = given.payload?.map((value) => {
    if (typeof value === 'string' && value.length <= maxPayloadLength) return value;
    throw invalid(`${at}Payload`, 'has to hold texts of up to 1,024 characters');
  });
  const flowAction = readFlowAction(`${at}FlowAction`, given.flowAction);
  const productAction = readProductAction(`${at}ProductAction`, given.productAction);
  const { code: templateCode, name: templateName, language } = template;
  return {
    templateCode,
    templateName,
    language,
    templateParams,
    ...(payload === undefined ? {} : { payload }),
    ...(flowAction === undefined ? {} : { flowAction }),
    ...(productAction === undefined ? {} : { productAction }),
  };
}

/**
 * Throws a refusal for a text of Viber that its values make longer than Viber takes. A bot's picture or video with a text may have its
 * address in that text, as such a message without a template.
 */
function checkFilled(
  { components, category }: Template,
  values: Readonly<Record<string, string>>,
  { surface, at }: Place,
): void {
  const filled = (type: string, member: 'Text' | 'Url'): string => {
    const value = components.find(({ Type }) => Type === type)?.[member];
    return typeof value === 'string' ? fillVariables(value, values) : '';
  };
  const text = filled('BODY', 'Text');
  const hasLink = surface === 'viberBot' && /^text_(image|video)/.test(category);
  within(
    `${at}TemplateParams: the filled text${hasLink ? ' with its address' : ''}`,
    hasLink ? `${text}\n${filled('HEADER', 'Url')}` : text,
    limits[surface].text,
    (message) => new Refusal('template_values', message),
  );
}

/**
 * Throws a refusal for a value that Meta refuses: "Param text cannot have new-line/tab characters or more than 4 consecutive
 * spaces", and one that is blank.
 */
function checkValues(
  { components, category }: Template,
  values: Readonly<Record<string, string>>,
  at: string,
): void {
  const names = findTemplateVariables(components);
  // The code of such a template is a value without a variable.
  const used = category === 'AUTHENTICATION' ? Object.keys(values) : names;
  for (const name of used) {
    const fault = findFault(values[name] ?? '');
    if (fault !== undefined)
      throw new Refusal(
        'template_values',
        `${at}TemplateParams: ${cut(name, 64)} ${fault}, which WhatsApp refuses in a template.`,
      );
  }
}

function findFault(value: string): string | undefined {
  if (value.trim() === '') return 'is blank';
  if (/[\n\r\t]/.test(value)) return 'holds a line break or a tab';
  return / {5}/.test(value) ? 'holds more than four spaces on end' : undefined;
}
