// What users write to a WhatsApp number (docs/protocols/whatsapp.md).
import { toEchoIdentity, toEventIdentity, toMessageIdentity } from '../../domain/identity.ts';
import type { ChannelEvent, InboundFacts, InboundKind, Route } from '../../domain/receipt.ts';
import { toEcho } from '../kit/echoes.ts';
import { defined, toDigest } from '../kit/gatherer.ts';
import type { Unread } from '../kit/gatherer.ts';
import { isObject, toCanonicalJson, toText } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { Reader } from '../kit/reader.ts';
import type { Contacts } from './contacts.ts';
import { toEndUser, toUser } from './end-users.ts';
import type { UserMembers } from './end-users.ts';

const mediaKinds: Readonly<Record<string, InboundKind>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'audio',
  document: 'document',
  sticker: 'sticker',
};

type InboundBody = Pick<ChannelEvent, 'content' | 'media'> & { readonly kind: InboundKind };

/** Reads one of `messages`. `ends` names the members that tell its user: who wrote it, unless they say otherwise. */
export function readInbound(
  index: number,
  route: Route,
  message: Reader,
  contacts: Contacts,
  now: number,
  ends?: UserMembers,
): ChannelEvent | Unread {
  if (tellsUserId(message)) {
    message.join(contacts.find(toText(message.peek('from')), undefined));
    return readSystemOfUserId(index, route, message, now);
  }
  const user = toUser(message, contacts, ends);
  if (user === undefined) return { reason: 'wrong_shape', detail: 'message without a sender' };
  const messageId = message.text('id') ?? `none-${toDigest(toCanonicalJson(message.source))}`;
  const occurredAt = message.time('timestamp') ?? now;
  const context = message.object('context');
  const groupId = message.text('group_id');
  // That it was passed on often says more than `forwarded`, and is left for it.
  const isForwarded = context?.peek('frequently_forwarded') === true || context?.flag('forwarded') === true;
  const extras = { ...message.pick('referral'), ...context?.pick('referred_product') };
  const body = readBody(message);
  const replyTo = context?.text('id') ?? (body.kind === 'edit' ? readQuotedByEdit(message) : undefined);
  const facts: InboundFacts = {
    type: 'ChatAppInbound',
    messageId,
    kind: body.kind,
    user,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(isForwarded ? { forwarded: true } : {}),
    ...(groupId === undefined ? {} : { groupId }),
  };
  const data = { ...body.content?.data, ...extras };
  return {
    index,
    route,
    identity: toMessageIdentity(messageId),
    occurredAt,
    facts,
    content: { ...body.content, ...(Object.keys(data).length === 0 ? {} : { data }) },
    ...(body.media === undefined ? {} : { media: body.media }),
  };
}

/** Whether a message of the system tells of a user's new id, which a field tells as well. */
function tellsUserId(message: Reader): boolean {
  const system = message.peek('system');
  return isObject(system) && system['type'] === 'user_changed_user_id' && system['user_id'] !== undefined;
}

/** Reads a message of the system in the form of the field that tells the same. */
function readSystemOfUserId(
  index: number,
  route: Route,
  message: Reader,
  now: number,
): ChannelEvent | Unread {
  const system = message.object('system') ?? new Reader({});
  message.skipSame('type', 'system');
  system.skip('type');
  const current = system.take('user_id');
  const parent = system.take('parent_user_id');
  const detail = system.take('body');
  const [from, previous] = [message.take('from'), message.take('from_user_id')];
  const isSame = previous === undefined || previous === current;
  return readUserIdUpdate(index, route, message, now, {
    ...defined('wa_id', from),
    user_id: { ...(isSame ? {} : { previous }), ...defined('current', current) },
    ...(parent === undefined ? {} : { parent_user_id: { current: parent } }),
    ...defined('detail', detail),
  });
}

/** Reads a message that the business wrote elsewhere, e.g. in the WhatsApp Business app; its user is who got it. */
export function readEcho(
  index: number,
  route: Route,
  echo: Reader,
  contacts: Contacts,
  now: number,
): ChannelEvent | Unread {
  // The business, which the receipt tells as who it is from.
  echo.text('from');
  const read = readInbound(index, route, echo, contacts, now, ['to', 'to_user_id', 'to_parent_user_id']);
  if ('reason' in read || read.facts.type !== 'ChatAppInbound') return read;
  return toEcho(read, toEchoIdentity(toMessageIdentity(read.facts.messageId)));
}

/** Reads a user's wish to get marketing messages or none. */
export function readPreference(
  index: number,
  route: Route,
  preference: Reader,
  contacts: Contacts,
  now: number,
): ChannelEvent | Unread {
  const user = toUser(preference, contacts, ['wa_id', 'user_id', 'parent_user_id']);
  if (user === undefined) return { reason: 'wrong_shape', detail: 'preference without a user' };
  const { source } = preference;
  const identity = toEventIdentity(
    'preference',
    user.id,
    toText(source['value']) ?? '',
    toText(source['timestamp']) ?? '',
  );
  return {
    index,
    route,
    identity,
    occurredAt: preference.time('timestamp') ?? now,
    facts: { type: 'ChatAppInbound', messageId: toDigest(identity.join(' ')), kind: 'system', user },
    content: {
      data: { type: 'user_preferences', ...preference.pick('category', 'value', 'detail', 'signup_id') },
    },
  };
}

/**
 * Reads that a user has another business-scoped id now; the user is known by the new one. Meta may tell it twice, in this field
 * and as a message of the system, which are one receipt: a new id is told of once (docs/protocols/whatsapp.md). `told` is what the message told.
 */
export function readUserIdUpdate(
  index: number,
  route: Route,
  update: Reader,
  now: number,
  told: JsonObject = update.pick('wa_id', 'user_id', 'parent_user_id', 'detail'),
): ChannelEvent | Unread {
  const current = toText(currentOf(told['user_id']));
  const parent = toText(currentOf(told['parent_user_id']));
  const user = toEndUser(toText(told['wa_id']) ?? current, current, parent, undefined, undefined);
  if (user === undefined) return { reason: 'wrong_shape', detail: 'update without a user' };
  const identity = toEventIdentity('user_id', current ?? toCanonicalJson(told));
  return {
    index,
    route,
    identity,
    occurredAt: update.time('timestamp') ?? now,
    facts: { type: 'ChatAppInbound', messageId: toDigest(identity.join(' ')), kind: 'system', user },
    content: { data: { type: 'user_id_update', ...told } },
  };
}

function currentOf(value: Json | undefined): Json | undefined {
  return isObject(value) ? value['current'] : undefined;
}

/** Reads what the user wrote. A type that is not known, or whose own member is missing, is `unsupported` with what was readable. */
function readBody(message: Reader): InboundBody {
  const type = message.text('type') ?? '';
  const body = message.peek(type);
  if (type === 'contacts' && Array.isArray(body))
    return { kind: 'contacts', content: { data: { contacts: message.take(type) } } };
  const isReadable = isObject(body) && (Object.hasOwn(bodyReaders, type) || hasFile(type, body));
  const read = isReadable ? readKnown(type, message) : undefined;
  return read ?? { kind: 'unsupported', content: { data: { type, ...message.others() } } };
}

function hasFile(type: string, body: JsonObject): boolean {
  return Object.hasOwn(mediaKinds, type) && toText(body['id']) !== undefined;
}

function readKnown(type: string, message: Reader): InboundBody | undefined {
  const kind = Object.hasOwn(mediaKinds, type) ? mediaKinds[type] : undefined;
  if (kind === undefined) return bodyReaders[type]?.(message);
  const body = message.object(type);
  return body && readMedia(kind, type, body);
}

/** Reads what a message of a type has under its own name, which is an object; undefined where that has not the documented shape. */
type ReadBody = (message: Reader) => InboundBody | undefined;

const bodyReaders: Readonly<Record<string, ReadBody>> = {
  text: toReader('text', ['body'], (body) => {
    const text = body.text('body');
    return { kind: 'text', content: { text: text ?? '' } };
  }),
  location: toReader('location', ['latitude', 'longitude'], (body) => ({
    kind: 'location',
    content: { data: body.scalars('latitude', 'longitude', 'name', 'address') },
  })),
  button: toReader('button', ['text', 'payload'], (body) => ({
    kind: 'reply',
    content: { data: { text: body.text('text') ?? '', payload: body.text('payload') ?? '' } },
  })),
  interactive: readInteractive,
  order: toReader('order', [], (body) => ({ kind: 'order', content: { data: body.others() } })),
  reaction: toReader('reaction', ['message_id'], (body) => ({
    kind: 'reaction',
    content: { data: { messageId: body.text('message_id') ?? '', emoji: body.text('emoji') ?? '' } },
  })),
  edit: toReader('edit', ['original_message_id'], readEdit),
  revoke: toReader('revoke', ['original_message_id'], (body) => ({
    kind: 'revoke',
    content: { data: { messageId: body.text('original_message_id') ?? '' } },
  })),
  system: (message) => {
    const identity = message.pick('identity');
    const told = message.object('system')?.others(...Object.keys(identity));
    return { kind: 'system', content: { data: { ...told, ...identity } } };
  },
};

/** Reads what has one of the members that make it what its type says; its word alone tells nothing. */
function toReader(type: string, members: readonly string[], read: (body: Reader) => InboundBody): ReadBody {
  return (message) => {
    const raw = message.peek(type);
    if (!isObject(raw) || (members.length > 0 && !members.some((name) => isScalar(raw[name]))))
      return undefined;
    const body = message.object(type);
    return body && read(body);
  };
}

function isScalar(value: Json | undefined): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

function readMedia(kind: InboundKind, type: string, body: Reader): InboundBody {
  // What leads to Meta's copy for a while, and its digest: receipts lead to ours, which was compared with it.
  body.text('url');
  const sha256 = body.text('sha256');
  // The name is told of documents and sounds alone.
  const fileName = hasName(kind) ? body.text('filename') : toText(body.peek('filename'));
  const caption = kind === 'sticker' ? undefined : body.text('caption');
  const isVoice = kind === 'audio' && (body.flag('voice') || type === 'voice');
  return {
    kind,
    content: {
      data: {
        ...defined('caption', caption),
        ...(typeof body.peek('animated') === 'boolean' && kind === 'sticker' ? body.pick('animated') : {}),
        ...(isVoice ? { voice: true } : {}),
      },
    },
    media: {
      channelMediaId: body.text('id') ?? '',
      mimeType: body.text('mime_type') ?? 'application/octet-stream',
      ...defined('sha256', sha256),
      ...defined('fileName', fileName),
    },
  };
}

function hasName(kind: InboundKind): boolean {
  return kind === 'document' || kind === 'audio';
}

function readInteractive(message: Reader): InboundBody | undefined {
  const raw = message.peek('interactive');
  const type = isObject(raw) ? (toText(raw['type']) ?? '') : '';
  if (!isObject(raw) || !Object.hasOwn(raw, type) || !isObject(raw[type])) return undefined;
  const body = message.object('interactive');
  body?.skip('type');
  const { title, id } = raw[type];
  const isReply = type === 'button_reply' || type === 'list_reply';
  if (!isReply || !(isScalar(title) || isScalar(id)))
    return { kind: 'interactive', content: { data: { interactive: { type, [type]: body?.take(type) } } } };
  const inner = body?.object(type);
  const data = {
    text: inner?.text('title') ?? '',
    payload: inner?.text('id') ?? '',
    ...inner?.pick('description'),
  };
  return { kind: 'reply', content: { data } };
}

/** What the edited message answers stands in it, and not beside the edit. Meta's samples have `M0` there, which is no message. */
function readQuotedByEdit(message: Reader): string | undefined {
  const context = message.object('edit')?.object('message')?.object('context');
  return toText(context?.peek('id'))?.startsWith('wamid.') === true ? context?.text('id') : undefined;
}

function readEdit(body: Reader): InboundBody {
  const message = body.object('message');
  const type = message?.text('type') ?? '';
  const inner = message?.object(type);
  const text = inner?.text('body') ?? inner?.text('caption');
  const messageId = body.text('original_message_id') ?? '';
  return { kind: 'edit', content: { data: { messageId, type, ...(text === undefined ? {} : { text }) } } };
}
