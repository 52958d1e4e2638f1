// Callbacks of Viber Business Messages (docs/protocols/viber.md). The partner document is not public; every shape that was seen is read.
import { createHash, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Channel } from '../../domain/channel.ts';
import { toMessageIdentity, toStatusIdentity, toSubscriptionIdentity } from '../../domain/identity.ts';
import type { ChannelEvent, EndUser, MessageStatus } from '../../domain/receipt.ts';
import type { ParsedWebhook, WebhookHead } from '../channel.ts';
import { Gatherer, defined, toDigest, toRemark, toWord } from '../kit/gatherer.ts';
import type { Unread } from '../kit/gatherer.ts';
import { toCanonicalJson, toText, tryParseJson } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import type { Reader } from '../kit/reader.ts';
import { readFile, toFileKind } from '../viber/attachments.ts';

/** By number as the partner API has them, by word as an aggregator does (Route Mobile). 3 is not documented. */
const statusOf: Readonly<Record<string, MessageStatus>> = {
  '0': 'delivered',
  '1': 'read',
  '2': 'failed',
  '4': 'subscribe',
  '5': 'unsubscribe',
  delivered: 'delivered',
  seen: 'read',
  expired: 'failed',
  subscribe: 'subscribe',
  unsubscribe: 'unsubscribe',
};

/**
 * Whether a callback comes the way that was agreed: nothing is signed, so it has to know the secret in the path and, where a
 * list is set, to come from an address of it. With neither set nothing is believed.
 */
export function isFromPartner({ credentials }: Channel, { pathSecret, remoteAddress }: WebhookHead): boolean {
  const secrets = [credentials['pathSecret'], credentials['pathSecretPrevious']].filter(
    (secret) => secret !== undefined && secret !== '',
  );
  const ranges = toRanges(credentials['allowedAddresses']);
  if (secrets.length === 0 && ranges.length === 0) return false;
  const knowsSecret =
    secrets.length === 0 || secrets.map((secret) => isEqual(secret ?? '', pathSecret ?? '')).includes(true);
  return knowsSecret && (ranges.length === 0 || isWithin(remoteAddress, ranges));
}

/** Reads a callback: one event, or a list of them. Never throws; one that cannot be read leaves the others alone. */
export function parseCallback(body: Buffer, channel: Channel, now: number): ParsedWebhook {
  const gatherer = new Gatherer();
  const root = tryParseJson(body);
  if (root === undefined) gatherer.remark('not_json', '');
  else
    for (const item of Array.isArray(root) ? (root as readonly Json[]) : [root])
      gatherer.add(item, 'event', (event, index) => readItem(event, index, channel, now));
  return gatherer;
}

function readItem(item: Reader, index: number, { credentials }: Channel, now: number): ChannelEvent | Unread {
  const serviceId = item.text('service_id') ?? credentials['serviceId'];
  if (serviceId === undefined) return toRemark('wrong_shape', 'no service_id');
  const route = { by: 'sender', id: serviceId } as const;
  const token = item.text('message_token') ?? item.text('request_id');
  if (item.peek('message_status') !== undefined) {
    const occurredAt = item.time('message_time') ?? now;
    return readStatus(item, token, { index, route, occurredAt });
  }
  const message = item.object('message');
  if (message !== undefined) {
    const occurredAt = item.time('time') ?? item.time('message_time') ?? now;
    return readMessage(item, message, token, { index, route, occurredAt });
  }
  return toRemark('unknown_event', 'neither a status nor a message');
}

type Common = Pick<ChannelEvent, 'index' | 'route' | 'occurredAt'>;

function readStatus(item: Reader, token: string | undefined, common: Common): ChannelEvent | Unread {
  const word = (item.text('message_status') ?? '').toLowerCase();
  const status = Object.hasOwn(statusOf, word) ? statusOf[word] : undefined;
  if (token === undefined) return toRemark('wrong_shape', 'status without a token');
  if (status === undefined) return toRemark('unknown_event', toWord(`status ${word}`));
  const isSubscription = status === 'subscribe' || status === 'unsubscribe';
  return {
    ...common,
    identity: isSubscription ? toSubscriptionIdentity(token, status) : toStatusIdentity(token, status, null),
    facts: {
      type: 'ChatAppStatus',
      messageId: token,
      status,
      user: toUser(item),
      ...(status === 'failed'
        ? {
            errorCode: 'expired',
            errorDescription: 'expired:The message could not be delivered within its ttl.',
          }
        : {}),
    },
  };
}

function readMessage(
  item: Reader,
  message: Reader,
  token: string | undefined,
  common: Common,
): ChannelEvent | Unread {
  const user = toUser(item);
  if (user.id === '') return toRemark('wrong_shape', 'message without a phone_number');
  const messageId = token ?? `none-${toDigest(toCanonicalJson(item.source))}`;
  const context = {
    ...defined('trackingData', message.text('tracking_data')),
    ...defined('sessionId', item.text('session_id')),
  };
  const event = { ...common, identity: toMessageIdentity(messageId) };
  const facts = { type: 'ChatAppInbound', messageId, user } as const;
  const text = message.text('text');
  const kind = toFileKind(
    toText(message.peek('file_name')),
    toText(message.peek('media'))?.replace(/[?#].*$/, ''),
  );
  const media = readFile(kind, message, messageId);
  if (media !== undefined)
    return {
      ...event,
      facts: { ...facts, kind },
      content: { data: { ...defined('caption', text), ...context } },
      media,
    };
  if (text !== undefined) {
    const data = Object.keys(context).length === 0 ? {} : { data: context };
    return { ...event, facts: { ...facts, kind: 'text' }, content: { text, ...data } };
  }
  const data = { type: '', ...message.others(...Object.keys(context)), ...context };
  return { ...event, facts: { ...facts, kind: 'unsupported' }, content: { data } };
}

function toUser(item: Reader): EndUser {
  const digits = (item.text('phone_number') ?? '').replace(/^\+/, '');
  return /^\d{5,15}$/.test(digits) ? { id: digits, phone: digits } : { id: digits };
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The ranges of a list; what is none is left out, and a check of the channel says so. */
export function toRanges(list: string | undefined): readonly Range[] {
  return (list ?? '')
    .split(',')
    .map((part) => part.trim())
    .flatMap((part): Range[] => {
      if (ipaddr.isValidCIDR(part)) return [ipaddr.parseCIDR(part)];
      if (!ipaddr.isValid(part)) return [];
      const address = ipaddr.parse(part);
      return [[address, address.kind() === 'ipv4' ? 32 : 128]];
    });
}

function isWithin(text: string, ranges: readonly Range[]): boolean {
  if (!ipaddr.isValid(text)) return false;
  // ::ffff:192.0.2.1 is how a listener on both families writes an IPv4 address.
  const address = ipaddr.process(text);
  return ranges.some((range) => range[0].kind() === address.kind() && address.match(range));
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
