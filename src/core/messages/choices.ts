// Messages of Messenger and Instagram with choices and cards, in our short form or in Meta's own (docs/channel-messenger.md). Here the
// names are taken as they are written, because they go on so.
import { Refusal } from '../../domain/refusal.ts';
import { contentError, limits, refuseOthers, within } from './limits.ts';
import type { Limit } from './limits.ts';
import { isObject, toScalar } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';

type Surface = 'messenger' | 'instagram';
interface ChoiceShape {
  readonly members: readonly string[];
  readonly read: (content: JsonObject) => JsonObject;
}

const maxQuickReplies = 13;
const maxButtons = 3;
const maxCards = 10;

/** What a choice and a card hold, in either spelling. */
const choiceMembers = ['title', 'text', 'payload', 'id', 'imageUrl', 'image_url'];
const buttonMembers = ['title', 'text', 'url', 'payload'];
const cardMembers = [
  'title',
  'text',
  'subtitle',
  'imageUrl',
  'image_url',
  'link',
  'default_action',
  'buttons',
];

/** Readers of the types that have choices or cards; each gives the content back as it is, and throws ContentError. */
export function choiceShapes(surface: Surface): Readonly<Record<string, ChoiceShape>> {
  const shape = (read: (content: JsonObject) => void): ChoiceShape => ({
    members: [],
    read: (content) => {
      if (isObject(content['attachment']) || Array.isArray(content['quick_replies']))
        checkOwnForm(surface, content);
      else read(content);
      return content;
    },
  });
  return {
    interactive: shape((content) => checkInteractive(surface, content)),
    quickReply: shape((content) => checkQuickReplies(surface, content)),
    buttonTemplate: shape((content) => checkButtonTemplate(surface, content)),
    regularTemplate: shape((content) => checkCards(surface, content)),
    // Meta's members as they are.
    couponTemplate: shape(() => undefined),
  };
}

/** Whoever knows Meta's form may use it: no member is refused, and what Meta limits is measured all the same. */
function checkOwnForm(surface: Surface, content: JsonObject): void {
  const text = textOf(content, 'text');
  if (text !== undefined) within('text', text, limits[surface].text);
  if (content['attachment'] === undefined && (text ?? '').trim() === '') throw blank();
  const replies = objectsOf(content, 'quick_replies');
  if (replies.length > maxQuickReplies)
    throw contentError(`quick_replies may hold ${maxQuickReplies} choices at most.`);
  for (const [n, reply] of replies.entries()) {
    const at = `quick_replies[${n}]`;
    measure(`${at}.title`, textOf(reply, 'title'), limits[surface]['title of a choice']);
    measure(`${at}.payload`, textOf(reply, 'payload'), limits[surface]['payload of a choice']);
  }
  const attachment = isObject(content['attachment']) ? content['attachment'] : {};
  const payload = isObject(attachment['payload']) ? attachment['payload'] : {};
  const templateType = textOf(payload, 'template_type');
  if (templateType === 'button') checkOwnButtons(surface, payload);
  if (templateType === 'generic') checkOwnCards(surface, payload);
}

function checkOwnButtons(surface: Surface, template: JsonObject): void {
  measure('text', textOf(template, 'text'), limits[surface]['text of buttonTemplate']);
  checkButtons(surface, objectsOf(template, 'buttons'), measureButton);
}

function checkOwnCards(surface: Surface, template: JsonObject): void {
  const cards = objectsOf(template, 'elements');
  if (cards.length > maxCards) throw contentError(`elements has to hold 1 to ${maxCards} cards.`);
  for (const [n, card] of cards.entries()) {
    const where = `card ${n + 1}`;
    measure(`title of ${where}`, textOf(card, 'title'), limits[surface]['title of a card']);
    measure(`subtitle of ${where}`, textOf(card, 'subtitle'), limits[surface]['subtitle of a card']);
    checkButtons(surface, objectsOf(card, 'buttons'), measureButton);
  }
}

function checkQuickReplies(surface: Surface, content: JsonObject): void {
  refuseOthers(content, ['text', 'quickReplies', 'buttons'], 'Content of a quickReply message');
  checkText(surface, textOf(content, 'text'));
  checkChoices(
    surface,
    [...objectsOf(content, 'quickReplies'), ...objectsOf(content, 'buttons')],
    choiceMembers,
  );
}

/** An interactive message of WhatsApp, of which Messenger and Instagram have the text and the choices. */
function checkInteractive(surface: Surface, content: JsonObject): void {
  const where = 'On this channel an interactive message';
  refuseOthers(content, ['type', 'text', 'body', 'action', 'quickReplies', 'buttons'], where);
  const body = objectOf(content, 'body');
  refuseOthers(body, ['text'], 'body');
  checkText(surface, textOf(content, 'text') ?? textOf(body, 'text'));
  const action = objectOf(content, 'action');
  refuseOthers(action, ['buttons', 'sections', 'button'], 'On this channel action');
  const sections = objectsOf(action, 'sections');
  for (const section of sections) refuseOthers(section, ['title', 'rows'], 'On this channel a section');
  const choices = [
    ...objectsOf(content, 'quickReplies'),
    ...objectsOf(content, 'buttons'),
    ...objectsOf(action, 'buttons').map((button) => objectOf(button, 'reply')),
    ...sections.flatMap((section) => objectsOf(section, 'rows')),
  ];
  checkChoices(surface, choices, choiceMembers);
}

function checkChoices(surface: Surface, choices: readonly JsonObject[], members: readonly string[]): void {
  if (choices.length === 0 || choices.length > maxQuickReplies)
    throw contentError(
      `A message with choices has 1 to ${maxQuickReplies} of them; this one has ${choices.length}.`,
    );
  choices.forEach((choice, n) => {
    const where = `choice ${n + 1}`;
    refuseOthers(choice, members, `On this channel ${where}`);
    const title = textOf(choice, 'title') ?? textOf(choice, 'text');
    checkTitle(`title of ${where}`, title, limits[surface]['title of a choice']);
    const payload = textOf(choice, 'payload') ?? textOf(choice, 'id') ?? '';
    within(`payload of ${where}`, payload, limits[surface]['payload of a choice']);
  });
}

function checkButtonTemplate(surface: Surface, content: JsonObject): void {
  refuseOthers(content, ['text', 'body', 'buttons'], 'Content of a buttonTemplate message');
  const text = textOf(content, 'text') ?? textOf(objectOf(content, 'body'), 'text');
  if ((text ?? '').trim() === '') throw blank();
  within('text', text ?? '', limits[surface]['text of buttonTemplate']);
  const buttons = objectsOf(content, 'buttons');
  if (buttons.length === 0) throw contentError(`buttons has to hold 1 to ${maxButtons} buttons.`);
  checkButtons(surface, buttons);
}

function checkCards(surface: Surface, content: JsonObject): void {
  const cards = objectsOf(content, 'elements');
  if (cards.length > maxCards) throw contentError(`elements has to hold 1 to ${maxCards} cards.`);
  if (cards.length > 0) refuseOthers(content, ['elements'], 'Content with elements');
  for (const [n, card] of (cards.length > 0 ? cards : [content]).entries()) {
    const where = `card ${n + 1}`;
    refuseOthers(card, cardMembers, where);
    const title = textOf(card, 'title') ?? textOf(card, 'text');
    checkTitle(`title of ${where}`, title, limits[surface]['title of a card']);
    within(`subtitle of ${where}`, textOf(card, 'subtitle') ?? '', limits[surface]['subtitle of a card']);
    checkButtons(surface, objectsOf(card, 'buttons'));
  }
}

function checkButtons(surface: Surface, buttons: readonly JsonObject[], check = checkButton): void {
  if (buttons.length > maxButtons) throw contentError(`There may be ${maxButtons} buttons at most.`);
  buttons.forEach((button, n) => check(surface, button, `button ${n + 1}`));
}

function checkButton(surface: Surface, button: JsonObject, where: string): void {
  // One that has Meta's type is in Meta's form.
  if (textOf(button, 'type') !== undefined) return measureButton(surface, button, where);
  refuseOthers(button, buttonMembers, where);
  const title = textOf(button, 'title') ?? textOf(button, 'text');
  checkTitle(`title of ${where}`, title, limits[surface]['title of a button']);
  if (textOf(button, 'url') !== undefined && textOf(button, 'payload') !== undefined)
    throw contentError(`${where} has a url and a payload; it can have one of them.`);
  measure(`payload of ${where}`, textOf(button, 'payload'), limits[surface]['payload of a button']);
}

function measureButton(surface: Surface, button: JsonObject, where: string): void {
  measure(`title of ${where}`, textOf(button, 'title'), limits[surface]['title of a button']);
  // A button that calls has a number there, which is shorter.
  measure(`payload of ${where}`, textOf(button, 'payload'), limits[surface]['payload of a button']);
}

function measure(where: string, text: string | undefined, limit: Limit): void {
  if (text !== undefined) within(where, text, limit);
}

function checkText(surface: Surface, text: string | undefined): void {
  if (text === undefined || text.trim() === '') throw blank();
  within('text', text, limits[surface].text);
}

function checkTitle(where: string, title: string | undefined, limit: Limit): void {
  if (title === undefined || title.trim() === '') throw contentError(`The ${where} is missing or blank.`);
  within(where, title, limit);
}

function blank(): Refusal {
  return new Refusal('text_empty', 'Content needs a text that is not blank.');
}

function textOf(object: JsonObject, name: string): string | undefined {
  const value = toScalar(object[name]);
  return value === '' ? undefined : value;
}

function objectOf(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  if (value === undefined || value === null) return {};
  if (isObject(value)) return value;
  throw contentError(`${name} has to be a JSON object.`);
}

function objectsOf(object: JsonObject, name: string): readonly JsonObject[] {
  const value = object[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && (value as unknown[]).every(isObject)) return value as readonly JsonObject[];
  throw contentError(`${name} has to be a JSON array of objects.`);
}
