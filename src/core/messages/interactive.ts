// Interactive messages of WhatsApp: Meta's own object goes through as it is; what Meta refuses is refused before it is taken.
import { contentError, limits, within } from './limits.ts';
import type { Limit } from './limits.ts';
import { isObject, member, textMember } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';

const maxButtons = 3;
const maxRows = 10;
const maxSections = 10;
const maxProducts = 30;
const { whatsapp } = limits;
/** Kinds that are nothing without a text. */
const needBody = ['button', 'list', 'product_list', 'cta_url', 'flow', 'location_request_message'];

/** Checks an interactive object, and gives it back as it is. Throws ContentError. */
export function readInteractive(content: JsonObject): JsonObject {
  const type = textMember(content, 'type');
  if (type === undefined) throw contentError('Content needs type.');
  const action = objectOf(content, 'action');
  if (action === undefined) throw contentError('An interactive message needs an action.');
  checkTexts(type, content);
  if (type === 'button') checkButtons(action);
  checkSections(type, action);
  if (type === 'cta_url') {
    const parameters = objectOf(action, 'parameters') ?? {};
    checkText(
      parameters,
      'display_text',
      'action.parameters.display_text',
      whatsapp['display_text of a link'],
    );
    if (textMember(parameters, 'url') === undefined) throw contentError('action.parameters needs url.');
  }
  return content;
}

/** The same for the members of a carousel, whose type is known. */
export function readCarousel(content: JsonObject): JsonObject {
  checkTexts('carousel', content);
  return content;
}

function checkTexts(type: string, content: JsonObject): void {
  const body = objectOf(content, 'body');
  if (body === undefined && needBody.includes(type))
    throw contentError(`An interactive message of type ${type} needs a body with its text.`);
  if (body !== undefined)
    checkText(body, 'text', 'body.text', type === 'list' ? whatsapp['body of a list'] : whatsapp.body);
  const header = objectOf(content, 'header');
  const headerType = header === undefined ? undefined : textMember(header, 'type');
  if (header !== undefined && (headerType ?? 'text') === 'text')
    checkText(header, 'text', 'header.text', whatsapp.header);
  if (type === 'list' && header !== undefined && headerType !== 'text')
    throw contentError('The header of a list has to be of type text.');
  const footer = objectOf(content, 'footer');
  if (footer !== undefined) checkText(footer, 'text', 'footer.text', whatsapp.footer);
}

function checkButtons(action: JsonObject): void {
  const buttons = listOf(action, 'buttons');
  if (buttons.length === 0 || buttons.length > maxButtons)
    throw contentError(`action.buttons has to hold 1 to ${maxButtons} buttons.`);
  const titles = buttons.map((button, n) => {
    const at = `action.buttons[${n}].reply`;
    const reply = isObject(button) ? objectOf(button, 'reply') : undefined;
    if (reply === undefined) throw contentError(`${at} has to be an object with id and title.`);
    checkText(reply, 'id', `${at}.id`, whatsapp['id of a reply button']);
    return checkText(reply, 'title', `${at}.title`, whatsapp['title of a reply button']);
  });
  if (new Set(titles).size < titles.length)
    throw contentError('Each title of action.buttons may be there once only.');
}

function checkSections(type: string, action: JsonObject): void {
  const sections = listOf(action, 'sections').filter(isObject);
  if (sections.length > maxSections)
    throw contentError(`action.sections holds more than ${maxSections} sections.`);
  sections.forEach((section, n) => {
    const title = textMember(section, 'title');
    const at = `action.sections[${n}].title`;
    if (title === undefined && sections.length > 1)
      throw contentError(`${at} is missing; every section needs one where there are several.`);
    if (title !== undefined) checkText(section, 'title', at, whatsapp['title of a section']);
  });
  if (type === 'list') {
    checkText(action, 'button', 'action.button', whatsapp['button of a list']);
    checkRows(sections);
  }
  if (type === 'product_list') {
    const products = sections.flatMap((section) => listOf(section, 'product_items'));
    if (products.length === 0 || products.length > maxProducts)
      throw contentError(`The sections have to hold 1 to ${maxProducts} products in all.`);
  }
}

function checkRows(sections: readonly JsonObject[]): void {
  const rows = sections.flatMap((section, at) =>
    listOf(section, 'rows').map((row, n) => ({ row, where: `action.sections[${at}].rows[${n}]` })),
  );
  if (rows.length === 0 || rows.length > maxRows)
    throw contentError(`The sections of a list have to hold 1 to ${maxRows} rows in all.`);
  for (const { row, where } of rows) {
    if (!isObject(row)) throw contentError(`${where} has to be an object with id and title.`);
    checkText(row, 'id', `${where}.id`, whatsapp['id of a row']);
    checkText(row, 'title', `${where}.title`, whatsapp['title of a row']);
    if (textMember(row, 'description') !== undefined)
      checkText(row, 'description', `${where}.description`, whatsapp['description of a row']);
  }
}

/** A text that has to be there, not blank and not longer than it may be. */
function checkText(object: JsonObject, name: string, where: string, limit: Limit): string {
  const value = textMember(object, name);
  if (value === undefined || value.trim() === '') throw contentError(`${where} is missing or blank.`);
  return within(where, value, limit);
}

function objectOf(object: JsonObject, name: string): JsonObject | undefined {
  const value = member(object, name);
  if (value === undefined || isObject(value)) return value;
  throw contentError(`${name} has to be a JSON object.`);
}

function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = member(object, name);
  return Array.isArray(value) ? (value as unknown[]) : [];
}
