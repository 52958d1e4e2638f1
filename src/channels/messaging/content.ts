// Messages of the CAMS API in the words of the Send API of Messenger and Instagram
// (docs/protocols/messenger-instagram.md, docs/protocols/cams.md).
import type { Envelope } from '../../domain/message.ts';
import { orderVariables } from '../../domain/template-content.ts';
import { findTexts } from '../../domain/template.ts';
import type { Template } from '../../domain/template.ts';
import { isObject, toObjects, toText } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';

/** What stands under `message` of a send call, or why there can be none. */
export type Composed =
  | {
      readonly message: JsonObject;
      readonly messagingType: string;
      readonly tag?: string;
      readonly fileUrl?: string;
    }
  | { readonly fault: string };

/** Meta's limit; lengths are looked at when a message is taken. */
const maxQuickReplies = 13;

const fileTypes: Readonly<Record<string, string>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  document: 'file',
};

/** Composes a message of free form, or of a template that the channel has approved. */
export function compose(
  type: 'messenger' | 'instagram',
  envelope: Envelope,
  template: Template | null,
): Composed {
  if (envelope.frame === 'template') return composeTemplate(type, envelope, template);
  const composed = composeFree(type, envelope.messageType, toJson(envelope.content));
  if ('fault' in composed || envelope.tag === undefined) return composed;
  return { ...composed, messagingType: 'MESSAGE_TAG', tag: envelope.tag };
}

function composeFree(type: 'messenger' | 'instagram', messageType: string, content: JsonObject): Composed {
  if (messageType === 'text') return toResponse({ text: toText(content['text']) ?? '' });
  const fileType = Object.hasOwn(fileTypes, messageType) ? fileTypes[messageType] : undefined;
  if (fileType === 'file' && type === 'instagram')
    return { fault: 'Instagram takes no documents; send a link in a text.' };
  if (fileType !== undefined) {
    const url = toText(content['link']) ?? '';
    return { ...toResponse({ attachment: { type: fileType, payload: { url } } }), fileUrl: url };
  }
  // Whoever knows Meta's own form may use it.
  if (isObject(content['attachment']) || Array.isArray(content['quick_replies'])) return toResponse(content);
  switch (messageType) {
    case 'quickReply':
    case 'interactive':
      return composeQuickReplies(content);
    case 'buttonTemplate':
      return toTemplate('button', { text: textOf(content), buttons: buttonsOf(content) });
    case 'regularTemplate':
      return toTemplate('generic', { elements: elementsOf(content) });
    case 'couponTemplate':
      return toTemplate('coupon', content);
    default:
      return { fault: `${type} takes no messages of type ${messageType}.` };
  }
}

function toResponse(message: JsonObject): { readonly message: JsonObject; readonly messagingType: string } {
  return { message, messagingType: 'RESPONSE' };
}

function toTemplate(templateType: string, payload: JsonObject): Composed {
  return toResponse({
    attachment: { type: 'template', payload: { template_type: templateType, ...payload } },
  });
}

/** Choices below a text: our own short form, or the buttons and rows of WhatsApp's interactive messages. */
function composeQuickReplies(content: JsonObject): Composed {
  const action = isObject(content['action']) ? content['action'] : {};
  const choices = [
    ...toObjects(content['quickReplies']),
    ...toObjects(content['buttons']),
    ...toObjects(action['buttons']).flatMap(({ reply }) => (isObject(reply) ? [reply] : [])),
    ...toObjects(action['sections']).flatMap(({ rows }) => toObjects(rows)),
  ];
  if (choices.length === 0 || choices.length > maxQuickReplies)
    return {
      fault: `A message with choices has 1 to ${maxQuickReplies} of them; this one has ${choices.length}.`,
    };
  const quickReplies = choices.map((choice): JsonObject => {
    const title = toText(choice['title']) ?? toText(choice['text']) ?? '';
    const image = toText(choice['imageUrl']) ?? toText(choice['image_url']);
    return {
      content_type: 'text',
      title,
      payload: toText(choice['payload']) ?? toText(choice['id']) ?? title,
      ...(image === undefined ? {} : { image_url: image }),
    };
  });
  return toResponse({ text: textOf(content), quick_replies: quickReplies });
}

function textOf(content: JsonObject): string {
  const body = isObject(content['body']) ? content['body'] : {};
  return toText(content['text']) ?? toText(body['text']) ?? '';
}

/** Buttons of our short form; those that have Meta's `type` already stay as they are. */
function buttonsOf(content: JsonObject): readonly JsonObject[] {
  return toObjects(content['buttons']).map((button) => {
    if (toText(button['type']) !== undefined) return button;
    const title = toText(button['title']) ?? toText(button['text']) ?? '';
    const url = toText(button['url']);
    if (url !== undefined) return { type: 'web_url', title, url };
    return { type: 'postback', title, payload: toText(button['payload']) ?? title };
  });
}

/** Cards side by side; a single one may stand in the content itself. */
function elementsOf(content: JsonObject): readonly JsonObject[] {
  const cards = toObjects(content['elements']);
  return (cards.length > 0 ? cards : [content]).map((card) => {
    const image = toText(card['image_url']) ?? toText(card['imageUrl']) ?? toText(card['link']);
    const subtitle = toText(card['subtitle']);
    const buttons = buttonsOf(card);
    return {
      title: toText(card['title']) ?? toText(card['text']) ?? '',
      ...(subtitle === undefined ? {} : { subtitle }),
      ...(image === undefined ? {} : { image_url: image }),
      ...(isObject(card['default_action']) ? { default_action: card['default_action'] } : {}),
      ...(buttons.length === 0 ? {} : { buttons }),
    };
  });
}

/** A utility template of Messenger: its name and language, and the values of its texts in their order. */
function composeTemplate(
  type: 'messenger' | 'instagram',
  { templateParams = {} }: Envelope,
  template: Template | null,
): Composed {
  if (type === 'instagram') return { fault: 'Instagram has no templates.' };
  if (template === null) return { fault: 'The template is not there any more.' };
  const components = template.components.flatMap((component): JsonObject[] => {
    const names = [
      ...new Set(findTexts(component).flatMap((text) => orderVariables(text, template.parameterFormat))),
    ];
    if (names.length === 0) return [];
    const parameters = names.map((name) => ({
      type: 'text',
      text: templateParams[name] ?? '',
      ...(template.parameterFormat === 'NAMED' ? { parameter_name: name } : {}),
    }));
    return [{ type: component.Type.toLowerCase(), parameters }];
  });
  return {
    message: {
      template: {
        name: template.name,
        language: { code: template.language },
        ...(components.length === 0 ? {} : { components }),
      },
    },
    messagingType: 'UTILITY',
  };
}

/** Content was checked when it was taken and has been through JSON since. */
function toJson(content: unknown): JsonObject {
  const value = JSON.parse(JSON.stringify(content ?? {})) as Json;
  return isObject(value) ? value : {};
}
