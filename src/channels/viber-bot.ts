// Events of the Viber bot REST API (channels 5). Reference: developers.viber.com/docs/api/rest-bot-api.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Channel } from '../domain/channel.ts';
import { clip } from '../domain/cut.ts';
import type { ChannelEvent, EndUser, InboundFacts, InboundKind, MediaSource } from '../domain/receipt.ts';
import type { ParsedWebhook, WebhookHead, WebhookRequest } from './channel.ts';
import { isObject, parseJson, toCanonicalJson, toText, toTime, without } from './meta.ts';
import type { Json, JsonObject } from './meta.ts';
import { readFile, toRemark, toWord } from './viber-media.ts';
import type { Remark } from './viber-media.ts';

/** What a bot's events are routed by. They name no bot, so the only sender of a bot's channel answers to the channel's id. */
export function toBotRoute(channel: Pick<Channel, 'id'>): { readonly by: 'sender'; readonly id: string } {
  return { by: 'sender', id: channel.id };
}

/** Whether there is an X-Viber-Content-Signature in its form. Some libraries of Viber put it into the query as `sig`. */
export function hasViberSignature({ headers, query }: WebhookHead): boolean {
  const given = headers['x-viber-content-signature'] ?? query['sig'];
  return typeof given === 'string' && /^[0-9a-f]{64}$/i.test(given);
}

/** Whether the signature was made over these bytes with the bot's token, or with the one before it. */
export function isSignedByViber(channel: Channel, { headers, query, body }: WebhookRequest): boolean {
  const given = headers['x-viber-content-signature'] ?? query['sig'];
  if (typeof given !== 'string' || !/^[0-9a-f]{64}$/i.test(given) || body.byteLength === 0) return false;
  const signature = Buffer.from(given, 'hex');
  const { authToken, authTokenPrevious } = channel.credentials;
  return [authToken, authTokenPrevious]
    .filter((token) => token !== undefined && token !== '')
    .map((token) => timingSafeEqual(signAsViber(token ?? '', body), signature))
    .includes(true);
}

/** The signature of an event's bytes; Viber sends it in hex. */
export function signAsViber(token: string, body: Buffer | string): Buffer {
  return createHmac('sha256', token).update(body).digest();
}

/** Reads a bot's event; a POST holds one. Never throws. */
export function parseBotEvent(body: Buffer, channel: Pick<Channel, 'id'>, now: number): ParsedWebhook {
  let result: ChannelEvent | Remark;
  try {
    const root = parseJson(body);
    result = isObject(root) ? readEvent(root, channel, now) : toRemark('wrong_shape', '');
  } catch (error) {
    result =
      error instanceof SyntaxError
        ? toRemark('not_json', '')
        : toRemark('parse_failed', error instanceof Error ? error.name : 'unknown');
  }
  return 'reason' in result
    ? { events: [], remarks: [{ index: 0, ...result }] }
    : { events: [result], remarks: [] };
}

/** The welcome that answers `conversation_started`; undefined for every other event. */
export function toWelcome(channel: Channel, body: Buffer): string | undefined {
  const { welcomeText } = channel.credentials;
  if (welcomeText === undefined || !body.includes('conversation_started')) return undefined;
  const root = tryParse(body);
  if (!isObject(root) || root['event'] !== 'conversation_started') return undefined;
  return JSON.stringify({ sender: { name: toSenderName(channel.name) }, type: 'text', text: welcomeText });
}

/** A name as Viber takes it: up to 28 characters (REST bot API, sender.name). */
export function toSenderName(name: string): string {
  return clip(name, 28);
}

function tryParse(body: Buffer): Json | undefined {
  try {
    return parseJson(body);
  } catch {
    // It has been remarked on already.
    return undefined;
  }
}

function readEvent(root: JsonObject, channel: Pick<Channel, 'id'>, now: number): ChannelEvent | Remark {
  const event = toText(root['event']) ?? '';
  const token = toText(root['message_token']);
  const common = { index: 0, route: toBotRoute(channel), occurredAt: toTime(root['timestamp']) ?? now };
  switch (event) {
    case 'message':
      return readMessage(root, token, common);
    case 'delivered':
    case 'seen':
    case 'failed':
      return readReceipt(root, event, token, common);
    case 'subscribed':
    case 'unsubscribed':
      return readSubscription(root, event, token, common);
    case 'conversation_started':
      return readStart(root, token, common);
    case 'webhook':
    case 'client_status':
      return toRemark('not_a_receipt', event);
    default:
      return toRemark('unknown_event', toWord(root['event']));
  }
}

type Common = Pick<ChannelEvent, 'index' | 'route' | 'occurredAt'>;

function readMessage(root: JsonObject, token: string | undefined, common: Common): ChannelEvent | Remark {
  const user = toUser(root['sender']);
  if (user === undefined) return toRemark('wrong_shape', 'message without a sender');
  const message = isObject(root['message']) ? root['message'] : {};
  const messageId = token ?? `none-${toDigest(toCanonicalJson(root))}`;
  const body = readBody(message, messageId);
  const groupId = toText(root['chat_id']);
  const trackingData = toText(message['tracking_data']);
  const data = { ...body.data, ...(trackingData === undefined ? {} : { trackingData }) };
  const facts: InboundFacts = {
    type: 'ChatAppInbound',
    messageId,
    kind: body.kind,
    user,
    ...(groupId === undefined ? {} : { groupId }),
  };
  return {
    ...common,
    identity: ['mo', messageId],
    facts,
    content: {
      ...(body.text === undefined ? {} : { text: body.text }),
      ...(Object.keys(data).length === 0 ? {} : { data }),
    },
    ...(body.media === undefined ? {} : { media: body.media }),
  };
}

interface Body {
  readonly kind: InboundKind;
  readonly text?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly media?: MediaSource;
}

const mediaKinds: Readonly<Record<string, InboundKind>> = {
  picture: 'image',
  video: 'video',
  file: 'document',
  sticker: 'sticker',
};

function readBody(message: JsonObject, messageId: string): Body {
  const type = toText(message['type']) ?? '';
  const mediaKind = Object.hasOwn(mediaKinds, type) ? mediaKinds[type] : undefined;
  if (mediaKind !== undefined) return readMedia(mediaKind, type, message, messageId);
  switch (type) {
    case 'text':
      return typeof message['text'] === 'string' || typeof message['text'] === 'number'
        ? { kind: 'text', text: String(message['text']) }
        : toUnsupported(type, message);
    case 'location': {
      const { lat, lon, address } = isObject(message['location']) ? message['location'] : {};
      if (toText(lat) === undefined || toText(lon) === undefined) return toUnsupported(type, message);
      const data = { latitude: lat, longitude: lon, ...(address === undefined ? {} : { address }) };
      return { kind: 'location', data };
    }
    case 'contact': {
      const contact = isObject(message['contact']) ? message['contact'] : {};
      const name = toText(contact['name']) ?? '';
      const phone = toText(contact['phone_number']) ?? '';
      // In the form of a WhatsApp contact, so that a consumer reads one form.
      const shared = { name: { formatted_name: name, first_name: name }, phones: [{ phone }] };
      return { kind: 'contacts', data: { contacts: [shared] } };
    }
    case 'url': {
      const link = toText(message['media']);
      return link === undefined ? toUnsupported(type, message) : { kind: 'share', data: { type, link } };
    }
    case 'rich_media':
      return {
        kind: 'interactive',
        data: { interactive: { type, [type]: message['rich_media'] ?? null } },
      };
    default:
      return toUnsupported(type, message);
  }
}

function readMedia(kind: InboundKind, type: string, message: JsonObject, messageId: string): Body {
  const caption = toText(message['text']);
  const stickerId = toText(message['sticker_id']);
  const data = {
    ...(caption === undefined ? {} : { caption }),
    ...(stickerId === undefined ? {} : { stickerId }),
  };
  const media = readFile(kind, message, messageId);
  if (media !== undefined) return { kind, data, media };
  // Viber's own stickers may come by their number alone.
  return stickerId === undefined ? toUnsupported(type, message) : { kind, data };
}

function toUnsupported(type: string, message: JsonObject): Body {
  return { kind: 'unsupported', data: { type, ...without(message, 'type', 'tracking_data') } };
}

function readReceipt(
  root: JsonObject,
  event: 'delivered' | 'seen' | 'failed',
  token: string | undefined,
  common: Common,
): ChannelEvent | Remark {
  if (token === undefined) return toRemark('wrong_shape', `${event} without a token`);
  const userId = toText(root['user_id']) ?? '';
  const groupId = toText(root['chat_id']);
  return {
    ...common,
    identity: ['status', token, event, userId],
    facts: {
      type: 'ChatAppStatus',
      messageId: token,
      status: event === 'seen' ? 'read' : event,
      user: { id: userId },
      ...(event === 'failed'
        ? { errorCode: 'failed', errorDescription: `failed:${toText(root['desc']) ?? ''}` }
        : {}),
      ...(groupId === undefined ? {} : { groupId, participant: userId }),
    },
  };
}

function readSubscription(
  root: JsonObject,
  event: 'subscribed' | 'unsubscribed',
  token: string | undefined,
  common: Common,
): ChannelEvent | Remark {
  const userId = toText(root['user_id']);
  const user = toUser(root['user']) ?? (userId === undefined ? undefined : { id: userId });
  if (user === undefined) return toRemark('wrong_shape', `${event} without a user`);
  const messageId = token ?? `none-${toDigest(toCanonicalJson(root))}`;
  return {
    ...common,
    identity: ['subscription', messageId, event],
    facts: {
      type: 'ChatAppStatus',
      messageId,
      status: event === 'subscribed' ? 'subscribe' : 'unsubscribe',
      user,
    },
  };
}

function readStart(root: JsonObject, token: string | undefined, common: Common): ChannelEvent | Remark {
  const user = toUser(root['user']);
  if (token === undefined || user === undefined)
    return toRemark('wrong_shape', 'conversation_started without a user');
  const ref = toText(root['context']);
  const referral = {
    source: 'conversation_started',
    type: toText(root['type']) ?? 'open',
    ...(ref === undefined ? {} : { ref }),
    subscribed: root['subscribed'] === true,
  };
  return {
    ...common,
    identity: ['mo', token, 'conversation_started'],
    facts: { type: 'ChatAppInbound', messageId: token, kind: 'referral', user },
    content: { data: referral },
  };
}

function toUser(value: Json | undefined): EndUser | undefined {
  if (!isObject(value)) return undefined;
  const id = toText(value['id']);
  const name = toText(value['name']);
  return id === undefined ? undefined : { id, ...(name === undefined ? {} : { name }) };
}

function toDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
