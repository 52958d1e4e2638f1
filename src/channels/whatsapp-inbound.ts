// What users write to a WhatsApp number (channels 2.3).
import type { ChannelEvent, InboundFacts, InboundKind, MediaSource, Route } from '../domain/receipt.ts';
import { defined, pick, toDigest } from './gatherer.ts';
import type { Unread } from './gatherer.ts';
import { isObject, toCanonicalJson, toText, toTime, without } from './meta.ts';
import type { JsonObject } from './meta.ts';
import { toEndUser, toUser } from './whatsapp-users.ts';

const mediaKinds: Readonly<Record<string, InboundKind>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'audio',
  document: 'document',
  sticker: 'sticker',
};

type InboundBody = Pick<ChannelEvent, 'content' | 'media'> & { readonly kind: InboundKind };

/** Reads one of `messages`. */
export function readInbound(
  index: number,
  route: Route,
  message: JsonObject,
  contacts: readonly JsonObject[],
  now: number,
): ChannelEvent | Unread {
  const update = findUserIdUpdate(message);
  if (update !== undefined) return readUserIdUpdate(index, route, update, now);
  const user = toUser(message, contacts);
  if (user === undefined) return { reason: 'wrong_shape', detail: 'message without a sender' };
  const messageId = toText(message['id']) ?? `none-${toDigest(toCanonicalJson(message))}`;
  const body = readBody(message);
  const context = isObject(message['context']) ? message['context'] : {};
  const replyTo = toText(context['id']);
  const groupId = toText(message['group_id']);
  const facts: InboundFacts = {
    type: 'ChatAppInbound',
    messageId,
    kind: body.kind,
    user,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(context['forwarded'] === true || context['frequently_forwarded'] === true ? { forwarded: true } : {}),
    ...(groupId === undefined ? {} : { groupId }),
  };
  const extras = { ...pick(message, 'referral'), ...pick(context, 'referred_product') };
  const data = { ...body.content?.data, ...extras };
  return {
    index,
    route,
    identity: ['mo', messageId],
    occurredAt: toTime(message['timestamp']) ?? now,
    facts,
    content: { ...body.content, ...(Object.keys(data).length === 0 ? {} : { data }) },
    ...(body.media === undefined ? {} : { media: body.media }),
  };
}

/** What a message of the system tells of a user's new id, in the form of the field that tells the same. */
function findUserIdUpdate(message: JsonObject): JsonObject | undefined {
  const system = isObject(message['system']) ? message['system'] : {};
  const current = system['user_id'];
  if (system['type'] !== 'user_changed_user_id' || current === undefined) return undefined;
  const { from, from_user_id: previous, timestamp } = message;
  const parent = system['parent_user_id'];
  return {
    ...(from === undefined ? {} : { wa_id: from }),
    user_id: { ...(previous === undefined || previous === current ? {} : { previous }), current },
    ...(parent === undefined ? {} : { parent_user_id: { current: parent } }),
    ...(system['body'] === undefined ? {} : { detail: system['body'] }),
    ...(timestamp === undefined ? {} : { timestamp }),
  };
}

/** Reads a message that the business wrote elsewhere, e.g. in the WhatsApp Business app; its user is who got it. */
export function readEcho(
  index: number,
  route: Route,
  echo: JsonObject,
  contacts: readonly JsonObject[],
  now: number,
): ChannelEvent | Unread {
  const turned = {
    ...without(echo, 'from', 'from_user_id', 'from_parent_user_id'),
    from: echo['to'],
    from_user_id: echo['to_user_id'],
    from_parent_user_id: echo['to_parent_user_id'],
  };
  const read = readInbound(index, route, turned, contacts, now);
  if ('reason' in read || read.facts.type !== 'ChatAppInbound') return read;
  const { facts, content } = read;
  const text = content?.text === undefined ? {} : { text: content.text };
  // An edit tells what it is an edit of as its type, and so does what is not supported.
  const { type: of, ...data } = content?.data ?? {};
  return {
    ...read,
    identity: ['echo', facts.messageId],
    facts: { ...facts, kind: 'echo' },
    content: { data: { type: facts.kind, ...defined('of', of), ...text, ...data } },
  };
}

/** Reads a user's wish to get marketing messages or none. */
export function readPreference(
  index: number,
  route: Route,
  preference: JsonObject,
  contacts: readonly JsonObject[],
  now: number,
): ChannelEvent | Unread {
  const from = { from: preference['wa_id'], from_user_id: preference['user_id'] };
  const user = toUser({ ...from, from_parent_user_id: preference['parent_user_id'] }, contacts);
  if (user === undefined) return { reason: 'wrong_shape', detail: 'preference without a user' };
  const time = toText(preference['timestamp']) ?? '';
  const identity = ['preference', user.id, toText(preference['value']) ?? '', time];
  return {
    index,
    route,
    identity,
    occurredAt: toTime(preference['timestamp']) ?? now,
    facts: { type: 'ChatAppInbound', messageId: toDigest(identity.join(' ')), kind: 'system', user },
    content: {
      data: { type: 'user_preferences', ...pick(preference, 'category', 'value', 'detail', 'signup_id') },
    },
  };
}

/**
 * Reads that a user has another business-scoped id now; the user is known by the new one. Meta may tell it twice, in this field
 * and as a message of the system, which are one receipt: a new id is told of once (channels 2.6).
 */
export function readUserIdUpdate(
  index: number,
  route: Route,
  update: JsonObject,
  now: number,
): ChannelEvent | Unread {
  const ids = isObject(update['user_id']) ? update['user_id'] : {};
  const parents = isObject(update['parent_user_id']) ? update['parent_user_id'] : {};
  const current = toText(ids['current']);
  const user = toEndUser(toText(update['wa_id']) ?? current, current, toText(parents['current']), undefined);
  if (user === undefined) return { reason: 'wrong_shape', detail: 'update without a user' };
  const identity = ['user_id', current ?? toCanonicalJson(update)];
  return {
    index,
    route,
    identity,
    occurredAt: toTime(update['timestamp']) ?? now,
    facts: { type: 'ChatAppInbound', messageId: toDigest(identity.join(' ')), kind: 'system', user },
    content: {
      data: { type: 'user_id_update', ...pick(update, 'wa_id', 'user_id', 'parent_user_id', 'detail') },
    },
  };
}

/** Reads what the user wrote. A type that is not known, or whose own member is missing, is `unsupported` with what was readable. */
function readBody(message: JsonObject): InboundBody {
  const type = toText(message['type']) ?? '';
  const body = message[type];
  if (type === 'contacts' && Array.isArray(body))
    return { kind: 'contacts', content: { data: { contacts: body } } };
  if (!isObject(body)) return toUnsupported(type, message);
  const mediaKind = mediaKinds[type];
  if (mediaKind !== undefined) return readMedia(mediaKind, type, body) ?? toUnsupported(type, message);
  switch (type) {
    case 'text':
      return { kind: 'text', content: { text: toText(body['body']) ?? '' } };
    case 'location':
      return { kind: 'location', content: { data: without(body) } };
    case 'button':
      return {
        kind: 'reply',
        content: { data: { text: toText(body['text']) ?? '', payload: toText(body['payload']) ?? '' } },
      };
    case 'interactive':
      return readInteractive(body) ?? toUnsupported(type, message);
    case 'order':
      return { kind: 'order', content: { data: without(body) } };
    case 'reaction':
      return {
        kind: 'reaction',
        content: {
          data: { messageId: toText(body['message_id']) ?? '', emoji: toText(body['emoji']) ?? '' },
        },
      };
    case 'edit':
      return readEdit(body);
    case 'revoke':
      return { kind: 'revoke', content: { data: { messageId: toText(body['original_message_id']) ?? '' } } };
    case 'system':
      return { kind: 'system', content: { data: { ...without(body), ...pick(message, 'identity') } } };
    default:
      return toUnsupported(type, message);
  }
}

function readMedia(kind: InboundKind, type: string, body: JsonObject): InboundBody | undefined {
  const channelMediaId = toText(body['id']);
  if (channelMediaId === undefined) return undefined;
  const sha256 = toText(body['sha256']);
  const fileName = toText(body['filename']);
  const media: MediaSource = {
    channelMediaId,
    mimeType: toText(body['mime_type']) ?? 'application/octet-stream',
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(fileName === undefined ? {} : { fileName }),
  };
  const data = {
    ...pick(body, 'caption', 'animated'),
    ...(body['voice'] === true || type === 'voice' ? { voice: true } : {}),
  };
  return { kind, content: { data }, media };
}

function readInteractive(body: JsonObject): InboundBody | undefined {
  const type = toText(body['type']) ?? '';
  const inner = body[type];
  if (!isObject(inner)) return undefined;
  if (type !== 'button_reply' && type !== 'list_reply')
    return { kind: 'interactive', content: { data: { interactive: { type, [type]: inner } } } };
  const data = {
    text: toText(inner['title']) ?? '',
    payload: toText(inner['id']) ?? '',
    ...pick(inner, 'description'),
  };
  return { kind: 'reply', content: { data } };
}

function readEdit(body: JsonObject): InboundBody {
  const message = isObject(body['message']) ? body['message'] : {};
  const type = toText(message['type']) ?? '';
  const inner = isObject(message[type]) ? message[type] : {};
  const text = toText(inner['body']) ?? toText(inner['caption']);
  return {
    kind: 'edit',
    content: {
      data: {
        messageId: toText(body['original_message_id']) ?? '',
        type,
        ...(text === undefined ? {} : { text }),
      },
    },
  };
}

function toUnsupported(type: string, message: JsonObject): InboundBody {
  const rest = without(
    message,
    'from',
    'from_user_id',
    'from_parent_user_id',
    'id',
    'timestamp',
    'type',
    'context',
    'referral',
    'group_id',
  );
  return { kind: 'unsupported', content: { data: { type, ...rest } } };
}
