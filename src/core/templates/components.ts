// The components of a template and their rules (docs/protocols/cams.md), brought to the API's own spelling.
import { findVariables } from '../../domain/template.ts';
import type { TemplateComponent, TemplateType } from '../../domain/template.ts';
import { Refusal } from '../../domain/refusal.ts';
import { limits, within } from '../messages/limits.ts';
import type { Limit } from '../messages/limits.ts';
import { isObject, member, textMember, toScalar } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';

const { whatsapp, viber, viberBot } = limits;
const maxButtons = 10;
const maxCards = 10;
const maxCardButtons = 2;
const maxDurationSeconds = 600;
const maxExpirationMinutes = 90;
const maxApps = 5;

const whatsappTypes = ['HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'CAROUSEL', 'LIMITED_TIME_OFFER'];
const viberTypes = ['HEADER', 'BODY', 'BUTTONS'];
const formats = ['TEXT', 'IMAGE', 'DOCUMENT', 'VIDEO', 'LOCATION'];
const buttonTypes = [
  'PHONE_NUMBER',
  'URL',
  'QUICK_REPLY',
  'COPY_CODE',
  'ONE_TAP',
  'ZERO_TAP',
  'MPM',
  'CATALOG',
  'FLOW',
];
const cardButtons = ['PHONE_NUMBER', 'URL', 'QUICK_REPLY'];
const codeButtons = ['COPY_CODE', 'ONE_TAP', 'ZERO_TAP'];

type Made = TemplateComponent;
type Button = Readonly<Record<string, unknown>> & { readonly Type: string };

/** Reads the components of a template. Throws the business error of the rule that is broken. */
export function readComponents(type: TemplateType, category: string, list: readonly unknown[]): Made[] {
  const components = list.map((item) => {
    if (!isObject(item)) throw new Refusal('template', 'Every component has to be a JSON object.');
    return readComponent(type, category, item);
  });
  const seen = new Set<string>();
  for (const { Type } of components) {
    if (seen.has(Type)) throw new Refusal('template', `There may be one ${Type} only.`);
    seen.add(Type);
  }
  if (!seen.has('BODY') && type === 'WHATSAPP') throw new Refusal('template', 'A template needs a BODY.');
  if (type === 'WHATSAPP' && category === 'AUTHENTICATION') checkAuthentication(components);
  if (seen.has('LIMITED_TIME_OFFER')) checkOffer(category, components);
  return components;
}

function readComponent(type: TemplateType, category: string, item: JsonObject): Made {
  const given = textMember(item, 'Type')?.toUpperCase() ?? '';
  const known = type === 'VIBER' ? viberTypes : whatsappTypes;
  if (!known.includes(given))
    throw new Refusal('template', `The Type of a component has to be one of ${known.join(', ')}.`);
  switch (given) {
    case 'HEADER':
      return readHeader(item);
    case 'BODY':
      return readBody(type, category, item);
    case 'FOOTER':
      return readFooter(type, category, item);
    case 'BUTTONS':
      return { Type: given, Buttons: readButtons(type, category, item, maxButtons) };
    case 'CAROUSEL':
      return { Type: given, Cards: readCards(type, category, item) };
    default:
      return { Type: given, ...text(item, whatsapp['offer of a template']), ...flag(item, 'HasExpiration') };
  }
}

function readHeader(item: JsonObject): Made {
  const format = textMember(item, 'Format')?.toUpperCase() ?? 'TEXT';
  if (!formats.includes(format))
    throw new Refusal('header_type', `Format has to be one of ${formats.join(', ')}.`);
  if (format === 'TEXT') {
    const header = text(item, whatsapp['header of a template']);
    if (header.Text === undefined) throw new Refusal('template', 'A HEADER of text needs Text.');
    if (findVariables(header.Text).length > 1)
      throw new Refusal('header_variables', 'A HEADER takes one variable at most.');
    return { Type: 'HEADER', Format: format, ...header };
  }
  const duration = whole(item, 'Duration', 0, maxDurationSeconds);
  return {
    Type: 'HEADER',
    Format: format,
    ...optional(item, 'Url'),
    ...optional(item, 'Caption'),
    ...optional(item, 'FileName'),
    ...optional(item, 'FileType'),
    ...optional(item, 'ThumbUrl'),
    ...(duration === undefined ? {} : { Duration: duration }),
    // What a message shows that gives no place of its own.
    ...(format === 'LOCATION' ? place(item) : {}),
  };
}

function place(item: JsonObject): Readonly<Record<string, string>> {
  return {
    ...optional(item, 'Latitude'),
    ...optional(item, 'Longitude'),
    ...optional(item, 'LocationName'),
    ...optional(item, 'LocationAddress'),
  };
}

function readBody(type: TemplateType, category: string, item: JsonObject): Made {
  // Whether a bot or a service sends it is known when it is sent; a bot takes more.
  const body = text(item, type === 'VIBER' ? viberBot.text : whatsapp['body of a template']);
  const generated = type === 'WHATSAPP' && category === 'AUTHENTICATION';
  if (generated && body.Text !== undefined)
    throw new Refusal('template', 'The BODY of an AUTHENTICATION template is generated; leave Text out.');
  if (!generated && body.Text === undefined && type === 'WHATSAPP')
    throw new Refusal('template', 'A BODY needs Text.');
  return { Type: 'BODY', ...body, ...flag(item, 'AddSecretRecommendation') };
}

function readFooter(type: TemplateType, category: string, item: JsonObject): Made {
  const footer = text(item, whatsapp['footer of a template']);
  if (footer.Text !== undefined && type === 'WHATSAPP' && category === 'AUTHENTICATION')
    throw new Refusal('template', 'The FOOTER of an AUTHENTICATION template is generated; leave Text out.');
  if (footer.Text !== undefined && findVariables(footer.Text).length > 0)
    throw new Refusal('footer_variables', 'A FOOTER takes no variables.');
  const minutes = whole(item, 'CodeExpirationMinutes', 1, maxExpirationMinutes);
  return { Type: 'FOOTER', ...footer, ...(minutes === undefined ? {} : { CodeExpirationMinutes: minutes }) };
}

function readButtons(type: TemplateType, category: string, item: JsonObject, max: number): Button[] {
  const list = member(item, 'Buttons');
  if (!Array.isArray(list) || list.length === 0) throw new Refusal('template', 'BUTTONS needs Buttons.');
  if (list.length > max) throw new Refusal('template', `There may be ${max} buttons at most.`);
  const buttons = (list as unknown[]).map((button) => {
    if (!isObject(button)) throw new Refusal('template', 'Every button has to be a JSON object.');
    return readButton(type, category, button);
  });
  const count = (wanted: string): number => buttons.filter((button) => button.Type === wanted).length;
  if (type === 'VIBER') {
    if (buttons.length > 1 || count('URL') !== 1)
      throw new Refusal('template', 'A Viber template takes one URL button.');
    return buttons;
  }
  if (count('PHONE_NUMBER') > 1) throw new Refusal('template', 'There may be one PHONE_NUMBER button only.');
  if (count('URL') > 2) throw new Refusal('template', 'There may be two URL buttons only.');
  // Quick replies stand together: from one kind to the other there is one change at most.
  const changes = buttons.filter(
    (button, n) => n > 0 && (button.Type === 'QUICK_REPLY') !== (buttons[n - 1]?.Type === 'QUICK_REPLY'),
  );
  if (changes.length > 1) throw new Refusal('template', 'QUICK_REPLY buttons have to stand together.');
  return buttons;
}

function readButton(templateType: TemplateType, category: string, item: JsonObject): Button {
  const type = textMember(item, 'Type')?.toUpperCase() ?? '';
  if (!buttonTypes.includes(type))
    throw new Refusal('template', `The Type of a button has to be one of ${buttonTypes.join(', ')}.`);
  const label = textMember(item, 'Text');
  if (label !== undefined && findVariables(label).length > 0)
    throw new Refusal('button_variables', 'The text of a button takes no variables.');
  if (label === undefined && !codeButtons.includes(type))
    throw new Refusal('template', `A ${type} button needs Text.`);
  const limit = templateType === 'VIBER' ? viber.caption : whatsapp['text of a template button'];
  within('Text of a button', label ?? '', limit, createError);
  const url = textMember(item, 'Url');
  if (type === 'URL') {
    if (url === undefined) throw new Refusal('template', 'A URL button needs Url.');
    within('Url of a button', url, whatsapp['url of a template button'], createError);
    if (isNumbered(url)) throw new Refusal('template_variables', 'Variables are written $(name), not {{1}}.');
    if (findVariables(url).length > 1)
      throw new Refusal('url_variables', 'A Url takes one variable at most.');
    const urlType = textMember(item, 'UrlType')?.toLowerCase();
    if (urlType !== undefined && urlType !== 'static' && urlType !== 'dynamic')
      throw new Refusal('template', 'UrlType has to be static or dynamic.');
  }
  const phone = textMember(item, 'PhoneNumber');
  if (type === 'PHONE_NUMBER' && !/^\+?\d{5,20}$/.test(phone ?? ''))
    throw new Refusal('phone_number', 'A PHONE_NUMBER button needs a PhoneNumber of 5 to 20 digits.');
  const optOut = flag(item, 'IsOptOut');
  if (optOut['IsOptOut'] === true && !(category === 'MARKETING' && type === 'QUICK_REPLY'))
    throw new Refusal('template', 'IsOptOut is for a QUICK_REPLY of a MARKETING template.');
  if (type === 'FLOW' && textMember(item, 'FlowId') === undefined)
    throw new Refusal('template', 'A FLOW button needs FlowId.');
  const flowAction = textMember(item, 'FlowAction');
  if (flowAction !== undefined && flowAction !== 'NAVIGATE' && flowAction !== 'DATA_EXCHANGE')
    throw new Refusal('template', 'FlowAction has to be NAVIGATE or DATA_EXCHANGE.');
  const coupon = textMember(item, 'CouponCode');
  if (coupon !== undefined && !/^([A-Za-z0-9]{1,15}|\$\([^()]{1,64}\))$/.test(coupon))
    throw new Refusal('template', 'CouponCode has to be up to 15 letters and digits, or one variable.');
  if ((type === 'ONE_TAP' || type === 'ZERO_TAP') && category !== 'AUTHENTICATION')
    throw new Refusal('template', `A ${type} button is for AUTHENTICATION templates.`);
  if (flowAction === 'NAVIGATE' && textMember(item, 'NavigateScreen') === undefined)
    throw new Refusal('template', 'FlowAction NAVIGATE needs NavigateScreen.');
  const apps = readApps(item);
  if (
    (type === 'ONE_TAP' || type === 'ZERO_TAP') &&
    apps === undefined &&
    textMember(item, 'PackageName') === undefined
  )
    throw new Refusal('template', `A ${type} button needs SupportedApps.`);
  return {
    Type: type,
    ...optional(item, 'Text'),
    ...optional(item, 'Url'),
    ...optional(item, 'UrlType'),
    ...optional(item, 'PhoneNumber'),
    ...optional(item, 'CouponCode'),
    ...optional(item, 'FlowId'),
    ...optional(item, 'FlowAction'),
    ...optional(item, 'NavigateScreen'),
    ...optional(item, 'AutofillText'),
    ...optional(item, 'PackageName'),
    ...optional(item, 'SignatureHash'),
    ...optOut,
    ...(apps === undefined ? {} : { SupportedApps: apps }),
  };
}

function readApps(item: JsonObject): object[] | undefined {
  const list = member(item, 'SupportedApps');
  if (!Array.isArray(list)) return undefined;
  if (list.length === 0 || list.length > maxApps)
    throw new Refusal('template', `SupportedApps has to hold 1 to ${maxApps} apps.`);
  return (list as unknown[]).map((app) => {
    const PackageName = isObject(app) ? textMember(app, 'PackageName') : undefined;
    const SignatureHash = isObject(app) ? textMember(app, 'SignatureHash') : undefined;
    if (PackageName === undefined || SignatureHash === undefined)
      throw new Refusal('template', 'Every one of SupportedApps needs PackageName and SignatureHash.');
    return { PackageName, SignatureHash };
  });
}

function readCards(type: TemplateType, category: string, item: JsonObject): object[] {
  const list = member(item, 'Cards');
  if (!Array.isArray(list) || list.length === 0 || list.length > maxCards)
    throw new Refusal('template', `A CAROUSEL has 1 to ${maxCards} Cards.`);
  const shapes = new Set<string>();
  const cards = (list as unknown[]).map((card) => {
    const parts = isObject(card) ? member(card, 'CardComponents') : undefined;
    if (!Array.isArray(parts)) throw new Refusal('template', 'Every card needs CardComponents.');
    const components = (parts as unknown[]).map((part): Made => {
      if (!isObject(part))
        throw new Refusal('template', 'Every component of a card has to be a JSON object.');
      const kind = textMember(part, 'Type')?.toUpperCase() ?? '';
      if (kind === 'BUTTONS') {
        const made = readButtons(type, category, part, maxCardButtons);
        if (!made.every((button) => cardButtons.includes(button.Type)))
          throw new Refusal('template', `The buttons of a card are ${cardButtons.join(', ')}.`);
        return { Type: kind, Buttons: made };
      }
      if (kind !== 'HEADER' && kind !== 'BODY')
        throw new Refusal('template', 'A card holds HEADER, BODY and BUTTONS.');
      const made = readComponent(type, '', part);
      if (kind === 'BODY') text(part, whatsapp['body of a template card']);
      if (kind === 'HEADER' && made['Format'] !== 'IMAGE' && made['Format'] !== 'VIDEO')
        throw new Refusal('header_type', 'The HEADER of a card is an IMAGE or a VIDEO.');
      return made;
    });
    const buttons = components.flatMap(({ Buttons }) =>
      Array.isArray(Buttons) ? (Buttons as Button[]) : [],
    );
    shapes.add(
      `${String(components.find((part) => part.Type === 'HEADER')?.['Format'])}/${buttons.map((button) => button.Type).join()}`,
    );
    return { CardComponents: components };
  });
  if (shapes.size > 1)
    throw new Refusal(
      'template',
      'All cards need the same format of header and the same buttons in the same order.',
    );
  return cards;
}

function checkAuthentication(components: readonly Made[]): void {
  if (components.some(({ Type }) => Type === 'HEADER'))
    throw new Refusal('template', 'An AUTHENTICATION template takes no HEADER.');
  const buttons = components.find(({ Type }) => Type === 'BUTTONS')?.['Buttons'] as
    readonly Button[] | undefined;
  if (buttons?.length !== 1 || !codeButtons.includes(buttons[0]?.Type ?? ''))
    throw new Refusal('template', `An AUTHENTICATION template has one button: ${codeButtons.join(', ')}.`);
}

/** Meta's rules of such a template: limited-time offer templates, "Limitations" and "Request parameters". */
function checkOffer(category: string, components: readonly Made[]): void {
  if (category !== 'MARKETING')
    throw new Refusal('template', 'A LIMITED_TIME_OFFER is for MARKETING templates.');
  for (const component of components) {
    if (component.Type === 'FOOTER')
      throw new Refusal('template', 'A template with a LIMITED_TIME_OFFER takes no FOOTER.');
    if (component.Type === 'BODY') text(component, whatsapp['body of a template with an offer']);
    if (component.Type === 'LIMITED_TIME_OFFER' && component['Text'] === undefined)
      throw new Refusal('template', 'A LIMITED_TIME_OFFER needs Text.');
  }
}

function text(item: JsonObject, limit: Limit): { Text?: string } {
  const value = textMember(item, 'Text');
  if (value === undefined) return {};
  if (value.trim() === '') throw createError('Text is blank.');
  within('Text', value, limit, createError);
  if (isNumbered(value)) throw new Refusal('template_variables', 'Variables are written $(name), not {{1}}.');
  return { Text: value };
}

/** Whether a text holds variables in the spelling of WhatsApp, which this API does not take. */
function isNumbered(value: string): boolean {
  return /\{\{[^{}]*\}\}/.test(value);
}

function optional(item: JsonObject, name: string): Record<string, string> {
  const value = textMember(item, name);
  return value === undefined ? {} : { [name]: value };
}

function flag(item: JsonObject, name: string): Record<string, boolean> {
  const value = member(item, name);
  if (value === undefined) return {};
  if (typeof value === 'boolean') return { [name]: value };
  const word = toScalar(value)?.toLowerCase();
  if (word === 'true' || word === 'false') return { [name]: word === 'true' };
  throw new Refusal('template', `${name} has to be true or false.`);
}

function whole(item: JsonObject, name: string, min: number, max: number): number | undefined {
  const value = textMember(item, name);
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  throw new Refusal('template', `${name} has to be a whole number from ${min} to ${max}.`);
}

function createError(message: string): Refusal {
  return new Refusal('template', message);
}
