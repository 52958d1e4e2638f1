// The `Content` of a free-form message by channel and MessageType (cams-openapi 4.2), checked and brought to one spelling.
import type { SenderType } from '../domain/channel.ts';
import { CamsError } from './errors.ts';
import { isObject, member, parseDocument, textMember } from './parameters.ts';
import type { JsonObject } from './parameters.ts';

const maxContentBytes = 64 * 1024;
const maxText: Readonly<Record<SenderType, number>> = {
  whatsapp: 4096,
  messenger: 2000,
  instagram: 1000,
  viber: 1000,
};
const maxCaption = 1024;
const viberExtensions: readonly string[] =
  'doc docx rtf dot dotx odt odf fodt txt info pdf xps pdax eps xls xlsx ods fods csv xlsm xltx'.split(' ');
const maxButtons = 3;
const maxRows = 10;
const maxSections = 10;
const maxProducts = 30;
const maxDurationSeconds = 600;
const maxFileBytes = 200 * 1024 * 1024;

type Read = (content: JsonObject, channelType: SenderType) => unknown;

const media: Readonly<Record<string, Read>> = {
  image: (content) => ({ ...link(content), ...caption(content) }),
  video: (content) => ({ ...link(content), ...caption(content) }),
  audio: (content) => link(content),
  document: (content) => ({ ...link(content), fileName: needed(content, 'fileName'), ...caption(content) }),
  sticker: (content) => link(content),
};

const anyObject: Read = (content) => content;

/** The types of each channel. A type that only is listed, without a documented shape, takes any object. */
const types: Readonly<Record<SenderType, Readonly<Record<string, Read>>>> = {
  whatsapp: {
    text,
    ...media,
    location,
    reaction: (content) => {
      // An empty one takes the reaction back, so it has to be there to be meant.
      if (!Object.keys(content).some((name) => name.toLowerCase() === 'emoji')) missingMember('emoji');
      return { messageId: needed(content, 'messageId'), emoji: textMember(content, 'emoji') ?? '' };
    },
    interactive,
    typing_indicator: anyObject,
    pin: anyObject,
    carousel: anyObject,
  },
  viber: {
    text,
    image: (content) => link(content),
    video: (content) => ({ ...link(content), ...video(content) }),
    document: (content) => {
      const fileName = needed(content, 'fileName');
      const extension = /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? '';
      if (!viberExtensions.includes(extension))
        throw contentError(`fileName has to end in one of .${viberExtensions.join(', .')}.`);
      return { ...link(content), fileName, ...optionalText(content, 'fileType') };
    },
    text_image: (content, type) => ({ ...text(content, type), ...link(content) }),
    text_button: (content, type) => ({ ...text(content, type), ...button(content) }),
    text_image_button: (content, type) => ({ ...text(content, type), ...link(content), ...button(content) }),
    text_video: (content, type) => ({ ...text(content, type), ...link(content), ...video(content) }),
    text_video_button: (content, type) => {
      if (member(content, 'action') !== undefined)
        throw contentError('action has to be left out: the button plays the video.');
      return {
        ...text(content, type),
        ...link(content),
        ...video(content),
        caption: needed(content, 'caption'),
      };
    },
  },
  messenger: {
    text,
    image: link,
    video: link,
    audio: link,
    document: link,
    interactive: anyObject,
    couponTemplate: anyObject,
    regularTemplate: anyObject,
    quickReply: anyObject,
    buttonTemplate: anyObject,
  },
  instagram: {
    text,
    image: link,
    video: link,
    audio: link,
    document: link,
    interactive: anyObject,
    couponTemplate: anyObject,
    regularTemplate: anyObject,
    quickReply: anyObject,
    buttonTemplate: anyObject,
  },
};

/** Message types of a channel whose `Content` is a list. */
const lists: Readonly<Record<string, (content: readonly unknown[]) => unknown>> = { contacts };

/** A message type as the API names it, in any case. Throws MessageTypeNotSupport. */
export function readMessageType(channelType: SenderType, value: string): string {
  const known = [
    ...Object.keys(types[channelType]),
    ...(channelType === 'whatsapp' ? Object.keys(lists) : []),
  ];
  const found = known.find((name) => name.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  throw CamsError.business(
    'InvalidParameter.MessageTypeNotSupport',
    `MessageType ${value} is not one of ${channelType}: ${known.join(', ')}.`,
  );
}

/** Reads `Content` for a type. Throws ContentError, TextNotEmpty and LinkNotEmpty. */
export function readContent(channelType: SenderType, messageType: string, value: string): unknown {
  if (Buffer.byteLength(value) > maxContentBytes) throw contentError('Content is larger than 64 KiB.');
  let content: unknown;
  try {
    content = parseDocument('Content', value);
  } catch (error) {
    throw contentError(error instanceof Error ? error.message : 'Content is not JSON.');
  }
  const readList = channelType === 'whatsapp' ? lists[messageType] : undefined;
  if (readList !== undefined) {
    if (!Array.isArray(content)) throw contentError(`Content of a ${messageType} message is a JSON array.`);
    return readList(content as unknown[]);
  }
  if (!isObject(content)) throw contentError(`Content of a ${messageType} message is a JSON object.`);
  const read = types[channelType][messageType];
  if (read === undefined) throw new Error(`There is no reader of ${messageType}.`);
  return read(content, channelType);
}

function text(content: JsonObject, channelType: SenderType): { text: string } {
  const value = textMember(content, 'text');
  if (value === undefined) throw CamsError.business('InvalidParameter.TextNotEmpty', 'Content needs a text.');
  if (channelType === 'whatsapp' && member(content, 'caption') !== undefined)
    throw contentError('A text takes no caption.');
  if ([...value].length > maxText[channelType])
    throw contentError(
      `text is longer than the ${maxText[channelType]} characters that ${channelType} takes.`,
    );
  return { text: value };
}

function link(content: JsonObject): { link: string } {
  const value = textMember(content, 'link');
  if (value === undefined) throw CamsError.business('InvalidParameter.LinkNotEmpty', 'Content needs a link.');
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value))
    throw contentError('link has to be an http or https address.');
  return { link: value };
}

function caption(content: JsonObject): { caption?: string } {
  const value = textMember(content, 'caption');
  if (value === undefined) return {};
  if ([...value].length > maxCaption) throw contentError(`caption is longer than ${maxCaption} characters.`);
  return { caption: value };
}

function button(content: JsonObject) {
  return { caption: needed(content, 'caption'), action: needed(content, 'action') };
}

function video(content: JsonObject) {
  const duration = number(content, 'duration', 0, maxDurationSeconds);
  const fileSize = number(content, 'fileSize', 0, maxFileBytes);
  return {
    thumbnail: needed(content, 'thumbnail'),
    ...(duration === undefined ? {} : { duration }),
    ...(fileSize === undefined ? {} : { fileSize }),
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
  if (list.length === 0 || list.length > 257) throw contentError('Content has to hold 1 to 257 contacts.');
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

/** Meta's interactive object goes through as it is; what it must have is looked at. */
function interactive(content: JsonObject) {
  const type = needed(content, 'type');
  const action = member(content, 'action');
  if (!isObject(action)) throw contentError('An interactive message needs an action.');
  const listOf = (object: JsonObject, name: string): readonly unknown[] => {
    const value = member(object, name);
    return Array.isArray(value) ? (value as unknown[]) : [];
  };
  if (
    type === 'button' &&
    (listOf(action, 'buttons').length === 0 || listOf(action, 'buttons').length > maxButtons)
  )
    throw contentError(`action.buttons has to hold 1 to ${maxButtons} buttons.`);
  const sections = listOf(action, 'sections').filter(isObject);
  if (sections.length > maxSections)
    throw contentError(`action.sections holds more than ${maxSections} sections.`);
  if (type === 'list') {
    const rows = sections.flatMap((section) => listOf(section, 'rows'));
    if (rows.length === 0 || rows.length > maxRows)
      throw contentError(`The sections of a list have to hold 1 to ${maxRows} rows in all.`);
  }
  if (type === 'product_list') {
    const products = sections.flatMap((section) => listOf(section, 'product_items'));
    if (products.length === 0 || products.length > maxProducts)
      throw contentError(`The sections have to hold 1 to ${maxProducts} products in all.`);
  }
  return content;
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

function number(content: JsonObject, name: string, min: number, max: number): number | undefined {
  const value = textMember(content, name);
  if (value === undefined) return undefined;
  const read = Number(value);
  if (/^-?\d+(\.\d+)?$/.test(value) && read >= min && read <= max) return read;
  throw contentError(`${name} has to be a number from ${min} to ${max}.`);
}

function contentError(message: string): CamsError {
  return CamsError.business('InvalidParameter.ContentError', message);
}
