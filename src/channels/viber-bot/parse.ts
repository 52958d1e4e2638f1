// Events of the Viber bot REST API (docs/protocols/viber.md). Reference: developers.viber.com/docs/api/rest-bot-api.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Channel } from '../../domain/channel.ts';
import { clip } from '../../domain/cut.ts';
import {
  toEventIdentity,
  toMessageIdentity,
  toStatusIdentity,
  toSubscriptionIdentity,
} from '../../domain/identity.ts';
import type { ChannelEvent, EndUser, InboundFacts, InboundKind, MediaSource } from '../../domain/receipt.ts';
import type { ParsedWebhook, WebhookHead, WebhookRequest } from '../channel.ts';
import { Gatherer, defined, toDigest, toRemark, toWord } from '../kit/gatherer.ts';
import type { Unread } from '../kit/gatherer.ts';
import { isObject, toCanonicalJson, toText, tryParseJson } from '../kit/json.ts';
import { Reader } from '../kit/reader.ts';
import { readFile } from '../viber/attachments.ts';

/** What a bot's events are routed by. They name no bot, so the only sender of a bot's channel answers to the channel's id. */
function toBotRoute(channel: Pick<Channel, 'id'>): { readonly by: 'sender'; readonly id: string } {
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
export function parseBotEvent(
  body: Buffer,
  channel: Pick<Channel, 'id' | 'options'>,
  now: number,
): ParsedWebhook {
  const gatherer = new Gatherer();
  const root = tryParseJson(body);
  if (root === undefined) gatherer.remark('not_json', '');
  else gatherer.add(root, 'event', (event) => readEvent(event, channel, now));
  return gatherer;
}

/** The welcome that answers `conversation_started`; undefined for every other event. */
export function toWelcome(channel: Channel, body: Buffer): string | undefined {
  const { welcomeText } = channel.credentials;
  if (welcomeText === undefined || !body.includes('conversation_started')) return undefined;
  const root = tryParseJson(body);
  if (!isObject(root) || root['event'] !== 'conversation_started') return undefined;
  return JSON.stringify({ sender: { name: toSenderName(channel.name) }, type: 'text', text: welcomeText });
}

/** A name as Viber takes it: up to 28 characters (REST bot API, sender.name). */
export function toSenderName(name: string): string {
  return clip(name, 28);
}

function readEvent(
  root: Reader,
  channel: Pick<Channel, 'id' | 'options'>,
  now: number,
): ChannelEvent | Unread {
  const event = root.text('event') ?? '';
  const token = root.text('message_token');
  // The name of a machine of Viber's.
  root.text('chat_hostname');
  const common = { index: 0, route: toBotRoute(channel), occurredAt: root.time('timestamp') ?? now };
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
    case 'client_status':
      return channel.options['clientStatus'] === true
        ? readClientStatus(root, token, common)
        : toRemark('not_a_receipt', event);
    case 'webhook':
      return toRemark('not_a_receipt', event);
    default:
      return toRemark('unknown_event', toWord(root.peek('event')));
  }
}

type Common = Pick<ChannelEvent, 'index' | 'route' | 'occurredAt'>;

function readMessage(root: Reader, token: string | undefined, common: Common): ChannelEvent | Unread {
  const user = readUser(root, 'sender');
  if (user === undefined) return toRemark('wrong_shape', 'message without a sender');
  const message = root.object('message') ?? new Reader({});
  const messageId = token ?? `none-${toDigest(toCanonicalJson(root.source))}`;
  const trackingData = message.text('tracking_data');
  const groupId = root.text('chat_id');
  const body = readBody(message, messageId);
  const data = { ...body.data, ...defined('trackingData', trackingData) };
  const facts: InboundFacts = {
    type: 'ChatAppInbound',
    messageId,
    kind: body.kind,
    user,
    ...defined('groupId', groupId),
  };
  return {
    ...common,
    identity: toMessageIdentity(messageId),
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

function readBody(message: Reader, messageId: string): Body {
  const type = message.text('type') ?? '';
  const mediaKind = Object.hasOwn(mediaKinds, type) ? mediaKinds[type] : undefined;
  const read = Object.hasOwn(bodyReaders, type) ? bodyReaders[type] : undefined;
  const body = mediaKind === undefined ? read?.(message) : readMedia(mediaKind, message, messageId);
  return body ?? { kind: 'unsupported', data: { type, ...message.others('trackingData') } };
}

/** What is no file by its type; undefined where it has not the documented shape. */
const bodyReaders: Readonly<Record<string, (message: Reader) => Body | undefined>> = {
  text: (message) => {
    const text = message.peek('text');
    if (typeof text !== 'string' && typeof text !== 'number') return undefined;
    message.skip('text');
    return { kind: 'text', text: String(text) };
  },
  location: (message) => {
    const place = message.peek('location');
    const hasPlace =
      isObject(place) && [place['lat'], place['lon']].every((part) => toText(part) !== undefined);
    if (!hasPlace) return undefined;
    const location = message.object('location');
    const { lat, lon, address } = location?.scalars('lat', 'lon', 'address') ?? {};
    return { kind: 'location', data: { latitude: lat, longitude: lon, ...defined('address', address) } };
  },
  contact: (message) => {
    const shape = message.peek('contact');
    const members = isObject(shape) ? [shape['name'], shape['phone_number']] : [];
    if (members.every((member) => toText(member) === undefined)) return undefined;
    const contact = message.object('contact');
    const name = contact?.text('name') ?? '';
    const phone = contact?.text('phone_number') ?? '';
    // In the form of a WhatsApp contact, so that a consumer reads one form.
    const shared = { name: { formatted_name: name, first_name: name }, phones: [{ phone }] };
    return { kind: 'contacts', data: { contacts: [shared] } };
  },
  url: (message) => {
    const link = message.text('media');
    return link === undefined ? undefined : { kind: 'share', data: { type: 'url', link } };
  },
  rich_media: (message) => ({
    kind: 'interactive',
    data: { interactive: { type: 'rich_media', rich_media: message.take('rich_media') ?? null } },
  }),
};

function readMedia(kind: InboundKind, message: Reader, messageId: string): Body | undefined {
  const media = readFile(kind, message, messageId);
  // Viber's own stickers may come by their number alone.
  if (media === undefined && toText(message.peek('sticker_id')) === undefined) return undefined;
  const isSticker = kind === 'sticker' || media === undefined;
  const data = {
    ...(isSticker
      ? defined('stickerId', message.text('sticker_id'))
      : defined('caption', message.text('text'))),
  };
  return { kind, data, ...defined('media', media) };
}

function readReceipt(
  root: Reader,
  event: 'delivered' | 'seen' | 'failed',
  token: string | undefined,
  common: Common,
): ChannelEvent | Unread {
  if (token === undefined) return toRemark('wrong_shape', `${event} without a token`);
  const userId = root.text('user_id') ?? '';
  const groupId = root.text('chat_id');
  return {
    ...common,
    identity: toStatusIdentity(token, event, userId),
    facts: {
      type: 'ChatAppStatus',
      messageId: token,
      status: event === 'seen' ? 'read' : event,
      user: { id: userId },
      ...(event === 'failed'
        ? { errorCode: 'failed', errorDescription: `failed:${root.text('desc') ?? ''}` }
        : {}),
      ...(groupId === undefined ? {} : { groupId, participant: userId }),
    },
  };
}

function readSubscription(
  root: Reader,
  event: 'subscribed' | 'unsubscribed',
  token: string | undefined,
  common: Common,
): ChannelEvent | Unread {
  // Receipts of statuses have no member for a name, so that it travels along.
  const named = readUser(root, 'user', (user) => toText(user.peek('name')));
  const userId = named?.id ?? root.text('user_id');
  root.skipSame('user_id', named?.id);
  const user = named ?? (userId === undefined ? undefined : { id: userId });
  if (user === undefined) return toRemark('wrong_shape', `${event} without a user`);
  const messageId = token ?? `none-${toDigest(toCanonicalJson(root.source))}`;
  return {
    ...common,
    identity: toSubscriptionIdentity(messageId, event),
    facts: {
      type: 'ChatAppStatus',
      messageId,
      status: event === 'subscribed' ? 'subscribe' : 'unsubscribe',
      user,
    },
  };
}

function readStart(root: Reader, token: string | undefined, common: Common): ChannelEvent | Unread {
  const user = readUser(root, 'user');
  if (token === undefined || user === undefined)
    return toRemark('wrong_shape', 'conversation_started without a user');
  const referral = {
    source: 'conversation_started',
    type: root.text('type') ?? 'open',
    ...defined('ref', root.text('context')),
    subscribed: root.flag('subscribed'),
  };
  return {
    ...common,
    identity: toMessageIdentity(token, 'conversation_started'),
    facts: { type: 'ChatAppInbound', messageId: token, kind: 'referral', user },
    content: { data: referral },
  };
}

/** What became of something on the user's device, e.g. a payment; its words as Viber has them. */
function readClientStatus(root: Reader, token: string | undefined, common: Common): ChannelEvent | Unread {
  const named = readUser(root, 'user');
  const userId = named?.id ?? root.text('user_id');
  root.skipSame('user_id', named?.id);
  const user = named ?? (userId === undefined ? undefined : { id: userId });
  if (user === undefined) return toRemark('wrong_shape', 'client_status without a user');
  const digest = toDigest(toCanonicalJson(root.source));
  return {
    ...common,
    identity: toEventIdentity('client_status', token ?? '', digest),
    facts: {
      type: 'ChatAppInbound',
      messageId: `${token ?? 'none'}#client_status-${digest.slice(0, 12)}`,
      kind: 'client_status',
      user,
      ...defined('replyTo', token),
    },
    content: { data: root.object('status')?.others() ?? { status: root.take('status') ?? null } },
  };
}

function readUser(
  root: Reader,
  member: string,
  readName = (user: Reader) => user.text('name'),
): EndUser | undefined {
  const user = root.object(member);
  const id = user?.text('id');
  return user === undefined || id === undefined ? undefined : { id, ...defined('name', readName(user)) };
}
