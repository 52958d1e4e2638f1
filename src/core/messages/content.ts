// The `Content` of a free-form message by channel and MessageType (docs/protocols/cams.md), checked and brought to one spelling.
import type { SenderType } from '../../domain/channel.ts';
import { cut } from '../../domain/cut.ts';
import { choiceShapes } from './choices.ts';
import { Refusal } from '../../domain/refusal.ts';
import { readCarousel, readInteractive } from './interactive.ts';
import { contentError, limits, refuseOthers, within } from './limits.ts';
import { isObject, member, parseDocument, requireStorable, textMember } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';

const maxContentBytes = 64 * 1024;
const viberExtensions: readonly string[] =
  'doc docx rtf dot dotx odt odf fodt txt info pdf xps pdax eps xls xlsx ods fods csv xlsm xltx'.split(' ');
const maxContacts = 257;
const maxPinDays = 30;
/** Seconds and bytes of a file: a Viber service's (CAMS), a bot's video and its document (Viber, REST bot API, send message). */
const serviceFile = { seconds: 600, bytes: 200 * 1024 * 1024 };
const botVideo = { seconds: 180, bytes: 26 * 1024 * 1024 };
const botFileBytes = 50 * 1024 * 1024;

/** What takes messages by rules of its own: a channel, with the two APIs of Viber apart. */
export type Surface = SenderType | 'viberBot';

interface Shape {
  /**
   * The members of `Content`; what is none of them is refused, so that nothing is taken and then not sent. Empty where the object
   * goes on as it is, or its reader looks at every part of it.
   */
  readonly members: readonly string[];
  /** Members that the cloud takes and ignores too. */
  readonly ignored?: readonly string[];
  readonly read: (content: JsonObject, surface: Surface) => unknown;
}

const media: Readonly<Record<string, Shape>> = {
  image: { members: ['link', 'caption'], read: captioned },
  video: { members: ['link', 'caption'], read: captioned },
  audio: {
    members: ['link', 'voice'],
    ignored: ['caption'],
    read: (content) => ({ ...link(content), ...flag(content, 'voice') }),
  },
  document: {
    members: ['link', 'fileName', 'caption'],
    read: (content) => ({ ...link(content), fileName: needed(content, 'fileName'), ...caption(content) }),
  },
  sticker: { members: ['link'], ignored: ['caption', 'fileName'], read: link },
};

const whatsapp: Readonly<Record<string, Shape>> = {
  text: {
    members: ['text', 'previewUrl'],
    read: (content, surface) => ({ ...text(content, surface), ...flag(content, 'previewUrl') }),
  },
  ...media,
  location: { members: ['longitude', 'latitude', 'name', 'address'], read: location },
  reaction: {
    members: ['messageId', 'emoji'],
    read: (content) => {
      // An empty one takes the reaction back, so it has to be there to be meant.
      if (!Object.keys(content).some((name) => name.toLowerCase() === 'emoji')) missingMember('emoji');
      return { messageId: needed(content, 'messageId'), emoji: textMember(content, 'emoji') ?? '' };
    },
  },
  interactive: { members: [], read: readInteractive },
  typing_indicator: { members: ['messageId'], read: (content) => optionalText(content, 'messageId') },
  pin: { members: ['messageId', 'type', 'expiration_days'], read: pin },
  carousel: { members: [], read: readCarousel },
};

const viber: Readonly<Record<string, Shape>> = {
  text: { members: ['text'], read: text },
  image: { members: ['link'], read: link },
  video: {
    members: ['link', 'thumbnail', 'duration', 'fileSize'],
    read: (content) => ({ ...link(content), ...serviceVideo(content) }),
  },
  document: {
    members: ['link', 'fileName', 'fileType', 'fileSize'],
    read: (content) => {
      const fileName = within('fileName', needed(content, 'fileName'), limits.viber.fileName);
      const extension = /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
      if (!viberExtensions.includes(extension))
        throw contentError(`fileName has to end in one of .${viberExtensions.join(', .')}.`);
      const fileSize = optionalNumber(content, 'fileSize', serviceFile.bytes);
      return { ...link(content), fileName, ...optionalText(content, 'fileType'), ...fileSize };
    },
  },
  text_image: {
    members: ['text', 'link'],
    read: (content, surface) => ({ ...text(content, surface), ...link(content) }),
  },
  text_button: {
    members: ['text', 'caption', 'action'],
    read: (content, surface) => ({ ...text(content, surface), ...button(content, surface) }),
  },
  text_image_button: {
    members: ['text', 'link', 'caption', 'action'],
    read: (content, surface) => ({
      ...text(content, surface),
      ...link(content),
      ...button(content, surface),
    }),
  },
  text_video: {
    members: ['text', 'link', 'thumbnail', 'duration', 'fileSize'],
    read: (content, surface) => ({ ...text(content, surface), ...link(content), ...serviceVideo(content) }),
  },
  text_video_button: {
    members: ['text', 'link', 'thumbnail', 'duration', 'fileSize', 'caption'],
    read: (content, surface) => ({
      ...text(content, surface),
      ...link(content),
      ...serviceVideo(content),
      caption: buttonCaption(content, surface),
    }),
  },
};

/** A bot's video beside a text is an address in that text, so it has no members of its own. */
const viberBot: Readonly<Record<string, Shape>> = {
  ...viber,
  video: {
    members: ['link', 'thumbnail', 'duration', 'fileSize'],
    read: (content) => ({
      ...link(content),
      ...optionalText(content, 'thumbnail'),
      ...size(content, botVideo),
    }),
  },
  document: {
    members: ['link', 'fileName', 'fileSize'],
    read: (content) => ({
      ...link(content),
      fileName: within('fileName', needed(content, 'fileName'), limits.viberBot.fileName),
      ...optionalNumber(content, 'fileSize', botFileBytes),
    }),
  },
  text_image: { members: ['text', 'link'], read: textAndLink },
  text_image_button: {
    members: ['text', 'link', 'caption', 'action'],
    read: (content, surface) => ({ ...textAndLink(content, surface), ...button(content, surface) }),
  },
  text_video: { members: ['text', 'link'], read: textAndLink },
  text_video_button: {
    members: ['text', 'link', 'caption'],
    read: (content, surface) => ({ ...textAndLink(content, surface), caption: needed(content, 'caption') }),
  },
};

const messenger: Readonly<Record<string, Shape>> = {
  text: { members: ['text'], read: text },
  image: { members: ['link'], read: link },
  video: { members: ['link'], read: link },
  audio: { members: ['link'], read: link },
  document: { members: ['link'], read: link },
  ...choiceShapes('messenger'),
};

const { document: _noDocument, ...instagramFiles } = messenger;

/** The types of each surface. */
const types: Readonly<Record<Surface, Readonly<Record<string, Shape>>>> = {
  whatsapp,
  messenger,
  instagram: { ...instagramFiles, ...choiceShapes('instagram') },
  viber,
  viberBot,
};

/** Message types of a channel whose `Content` is a list. */
const lists: Readonly<Record<string, (content: readonly unknown[]) => unknown>> = { contacts };

/** A message type as the API names it, in any case. Throws MessageTypeNotSupport. */
export function readMessageType(surface: Surface, value: string): string {
  const known = [...Object.keys(types[surface]), ...(surface === 'whatsapp' ? Object.keys(lists) : [])];
  const found = known.find((name) => name.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  throw new Refusal(
    'message_type_unknown',
    `MessageType ${cut(value, 64)} is not one of ${surface === 'viberBot' ? 'a Viber bot' : surface}: ${known.join(', ')}.`,
  );
}

/** The members that `Content` takes, by surface and MessageType, and in `ignored` those that are taken and not sent. */
export function contentMembers(): Readonly<
  Record<Surface, Readonly<Record<string, Pick<Shape, 'members' | 'ignored'>>>>
> {
  return types;
}

/**
 * Reads `Content` for a type, given as a value or, where it came so, as the JSON text of it. Throws the refusal of the rule that is
 * broken, of its kind or its text.
 */
export function readContent(surface: Surface, messageType: string, given: unknown): unknown {
  const content = typeof given === 'string' ? parseContent(given) : requireKept(given);
  const readList = surface === 'whatsapp' ? lists[messageType] : undefined;
  if (readList !== undefined) {
    if (!Array.isArray(content)) throw contentError(`Content of a ${messageType} message is a JSON array.`);
    return readList(content as unknown[]);
  }
  if (!isObject(content)) throw contentError(`Content of a ${messageType} message is a JSON object.`);
  const shape = types[surface][messageType];
  if (shape === undefined) throw new Error(`There is no reader of ${messageType}.`);
  const { members, ignored = [], read } = shape;
  const known = [...members, ...ignored].map((name) => name.toLowerCase());
  if (members.length > 0)
    refuseOthers(content, members, `Content of a ${messageType} message`, (name) =>
      known.includes(name.toLowerCase()),
    );
  return read(content, surface);
}

function parseContent(text: string): unknown {
  requireSize(Buffer.byteLength(text));
  return asContent(() => parseDocument('Content', text));
}

/** What came as a value is measured as the text that it is kept as. */
function requireKept(value: unknown): unknown {
  requireSize(Buffer.byteLength(JSON.stringify(value)));
  asContent(() => requireStorable('Content', value));
  return value;
}

function requireSize(bytes: number): void {
  if (bytes > maxContentBytes) throw contentError('Content is larger than 64 KiB.');
}

/** What is wrong with the JSON is wrong with the content. */
function asContent<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw contentError(error instanceof Refusal ? error.text : 'Content is not JSON.');
  }
}

function text(content: JsonObject, surface: Surface): { text: string } {
  const value = textMember(content, 'text');
  if (value === undefined || value.trim() === '')
    throw new Refusal('text_empty', 'Content needs a text that is not blank.');
  return { text: within('text', value, limits[surface].text) };
}

/** Where the picture or video has no place of its own beside the text, its address stands in the text. */
function textAndLink(content: JsonObject, surface: Surface): { text: string; link: string } {
  const parts = { ...text(content, surface), ...link(content) };
  within('text with link', `${parts.text}\n${parts.link}`, limits[surface].text);
  return parts;
}

function link(content: JsonObject): { link: string } {
  const value = textMember(content, 'link');
  if (value === undefined) throw new Refusal('link_empty', 'Content needs a link.');
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value))
    throw contentError('link has to be an http or https address.');
  return { link: value };
}

function captioned(content: JsonObject) {
  return { ...link(content), ...caption(content) };
}

function caption(content: JsonObject): { caption?: string } {
  const value = textMember(content, 'caption');
  return value === undefined ? {} : { caption: within('caption', value, limits.whatsapp.caption) };
}

function button(content: JsonObject, surface: Surface) {
  return { caption: buttonCaption(content, surface), action: needed(content, 'action') };
}

/** What a button says. Viber tells no limit for a bot's. */
function buttonCaption(content: JsonObject, surface: Surface): string {
  const value = needed(content, 'caption');
  return surface === 'viber' ? within('caption', value, limits.viber.caption) : value;
}

function serviceVideo(content: JsonObject) {
  return { thumbnail: needed(content, 'thumbnail'), ...size(content, serviceFile) };
}

function size(content: JsonObject, max: { readonly seconds: number; readonly bytes: number }) {
  return {
    ...optionalNumber(content, 'duration', max.seconds),
    ...optionalNumber(content, 'fileSize', max.bytes),
  };
}

function pin(content: JsonObject) {
  const type = textMember(content, 'type') ?? 'pin';
  if (type !== 'pin' && type !== 'unpin') throw contentError('type has to be pin or unpin.');
  const days = number(content, 'expiration_days', 1, maxPinDays);
  return {
    ...optionalText(content, 'messageId'),
    type,
    ...(days === undefined ? {} : { expiration_days: days }),
  };
}

function location(content: JsonObject) {
  return {
    longitude: number(content, 'longitude', -180, 180) ?? missingMember('longitude'),
    latitude: number(content, 'latitude', -90, 90) ?? missingMember('latitude'),
    ...optionalText(content, 'name'),
    ...optionalText(content, 'address'),
  };
}

function contacts(list: readonly unknown[]) {
  if (list.length === 0 || list.length > maxContacts)
    throw contentError(`Content has to hold 1 to ${maxContacts} contacts.`);
  return list.map((contact) => {
    const name = isObject(contact) ? member(contact, 'name') : undefined;
    if (!isObject(contact) || !isObject(name)) throw contentError('Every contact needs a name.');
    const parts = ['first_name', 'last_name', 'middle_name', 'suffix', 'prefix'];
    if (textMember(name, 'formatted_name') === undefined)
      throw contentError('The name of a contact needs a formatted_name.');
    if (!parts.some((part) => textMember(name, part) !== undefined))
      throw contentError(`The name of a contact needs one of ${parts.join(', ')}.`);
    return contact;
  });
}

function needed(content: JsonObject, name: string): string {
  return textMember(content, name) ?? missingMember(name);
}

function missingMember(name: string): never {
  throw contentError(`Content needs ${name}.`);
}

function optionalText(content: JsonObject, name: string): Record<string, string> {
  const value = textMember(content, name);
  return value === undefined ? {} : { [name]: value };
}

function optionalNumber(content: JsonObject, name: string, max: number): Record<string, number> {
  const value = number(content, name, 0, max);
  return value === undefined ? {} : { [name]: value };
}

function flag(content: JsonObject, name: string): Record<string, boolean> {
  const value = textMember(content, name)?.toLowerCase();
  if (value === undefined) return {};
  if (value === 'true' || value === 'false') return { [name]: value === 'true' };
  throw contentError(`${name} has to be true or false.`);
}

function number(content: JsonObject, name: string, min: number, max: number): number | undefined {
  const value = textMember(content, name);
  if (value === undefined) return undefined;
  const read = Number(value);
  if (/^-?\d+(\.\d+)?$/.test(value) && read >= min && read <= max) return read;
  throw contentError(`${name} has to be a number from ${min} to ${max}.`);
}
