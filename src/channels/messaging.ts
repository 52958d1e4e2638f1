// The events that Messenger and Instagram share: one envelope, one event for each thing that happened (channels 3.2, 4.2).
import { createHash } from 'node:crypto';
import { parseOutboundId } from '../domain/message.ts';
import { toStatusIdentity } from '../domain/receipt.ts';
import type {
  AuditFacts,
  ChannelEvent,
  ChannelMark,
  EndUser,
  InboundFacts,
  InboundKind,
  Route,
  StatusFacts,
} from '../domain/receipt.ts';
import { readAttachments } from './attachments.ts';
import type { MessagePart } from './attachments.ts';
import type { ParsedWebhook } from './channel.ts';
import { pick, toItems, toWord, tryParse } from './gatherer.ts';
import { Findings, toRemark } from './messaging-findings.ts';
import type { Finding } from './messaging-findings.ts';
import { isObject, toCanonicalJson, toText, toTime, without } from './meta.ts';
import type { Json, JsonObject } from './meta.ts';

/** In what the two channels differ when they are read. */
export interface Dialect {
  /** The `object` of the envelope. */
  readonly object: 'page' | 'instagram';
  /** Whether the address of something shared leads to a file rather than to a page for people. */
  readonly sharesAreFiles: boolean;
  /** Reads a change that is no messaging event; undefined when the field is not known. */
  readonly readChange: (change: Change) => Finding | undefined;
}

/** A member of `entry.changes` with where it stood. */
export interface Change {
  readonly index: number;
  readonly field: string;
  readonly value: JsonObject;
  readonly entryId: string;
  readonly at: number;
  /** The time that the platform told; null when it told none, and `at` is ours. What names an event must not hold ours. */
  readonly told: number | null;
}

/** Attachments of one message, with its text, and edits of it, at most; Meta allows fewer of both. */
const partsAtMost = 31;
const editsAtMost = 10;

/** A messaging event with what all its kinds need. */
interface Happening {
  readonly index: number;
  readonly event: JsonObject;
  readonly route: Route;
  /** Undefined where the event has no user: what a Page is told of itself. */
  readonly user: EndUser | undefined;
  readonly at: number;
  /** As of a {@link Change}. */
  readonly told: number | null;
  readonly isStandby: boolean;
  readonly dialect: Dialect;
}

/** Reads a webhook of Messenger or Instagram. Never throws: an event that cannot be read is a remark, and its neighbours are unharmed. */
export function parseMessaging(dialect: Dialect, body: Buffer, now: number): ParsedWebhook {
  const findings = new Findings();
  const root = tryParse(body);
  if (root === undefined) findings.remark('not_json', '');
  else if (!isObject(root) || !Array.isArray(root['entry'])) findings.remark('wrong_shape', '');
  else if (root['object'] !== dialect.object) findings.remark('unknown_object', toWord(root['object']));
  else if (toItems(root['entry']).length === 0) findings.remark('not_a_receipt', 'no entries');
  else
    for (const entry of root['entry'] as readonly Json[]) {
      if (isObject(entry)) readEntry(findings, dialect, entry, now);
      else findings.remark('wrong_shape', 'entry is no object');
    }
  return findings;
}

function readEntry(findings: Findings, dialect: Dialect, entry: JsonObject, now: number): void {
  const entryId = toText(entry['id']);
  const entryTime = toTime(entry['time']) ?? null;
  const lists = [
    { items: toItems(entry['messaging']), isStandby: false },
    { items: toItems(entry['standby']), isStandby: true },
  ];
  const changes = toItems(entry['changes']);
  if (lists.every(({ items }) => items.length === 0) && changes.length === 0)
    findings.remark('wrong_shape', 'entry without events');
  for (const { items, isStandby } of lists) {
    for (const item of items)
      findings.add((index) =>
        isObject(item)
          ? readHappening(dialect, { index, event: item, entryId, entryTime, now, isStandby })
          : toRemark('wrong_shape', 'event is no object'),
      );
  }
  for (const change of changes)
    findings.add((index) => readChange(dialect, { index, change, entryId, entryTime, now }));
}

interface Place {
  readonly index: number;
  readonly entryId: string | undefined;
  readonly entryTime: number | null;
  readonly now: number;
}

/** Some versions of the platform, and its Test button, put messaging events into `changes` (channels 4.2). */
function readChange(dialect: Dialect, { change, ...place }: Place & { readonly change: Json }): Finding {
  const value = isObject(change) ? change['value'] : undefined;
  const field = isObject(change) ? (toText(change['field']) ?? '') : '';
  if (!isObject(value)) return toRemark('wrong_shape', toWord(field));
  if (isObject(value['sender']) && isObject(value['recipient']))
    return readHappening(dialect, { ...place, event: value, isStandby: field === 'standby' });
  if (place.entryId === undefined) return toRemark('wrong_shape', 'entry without an id');
  const { index, entryId, entryTime: told, now } = place;
  const at = told ?? now;
  return (
    dialect.readChange({ index, field, value, entryId, at, told }) ?? toRemark('unknown_field', toWord(field))
  );
}

type Read = (happening: Happening, value: JsonObject) => Finding;

/** The kinds of events by the member that holds them; the first that is there decides. */
const readers: Readonly<Record<string, Read>> = {
  message: readMessage,
  message_edit: readEdit,
  delivery: readDelivery,
  read: readRead,
  reaction: readReaction,
  postback: readPostback,
  referral: (happening, value) => toOther(happening, 'referral', 'referral', without(value)),
  optin: (happening, value) => toOther(happening, 'optin', 'optin', without(value)),
  messaging_feedback: (happening, value) =>
    toOther(happening, 'feedback', 'messaging_feedback', without(value)),
  order: (happening, value) => toOther(happening, 'order', 'order', without(value)),
  account_linking: toSystem('account_linking'),
  pass_thread_control: toSystem('pass_thread_control'),
  take_thread_control: toSystem('take_thread_control'),
  request_thread_control: toSystem('request_thread_control'),
  response_feedback: toSystem('response_feedback'),
  policy_enforcement: readPolicy,
  'policy-enforcement': readPolicy,
  app_roles: keepAs('app_roles'),
  payment: keepAs('payment'),
  checkout_update: keepAs('checkout_update'),
  pre_checkout: keepAs('pre_checkout'),
  game_play: keepAs('game_play'),
};

const notKinds = new Set(['sender', 'recipient', 'timestamp', 'prior_message', '__proto__']);

function readHappening(
  dialect: Dialect,
  {
    index,
    event,
    entryId,
    entryTime,
    now,
    isStandby,
  }: Place & { readonly event: JsonObject; readonly isStandby: boolean },
): Finding {
  const kind = Object.keys(readers).find((name) => Object.hasOwn(event, name));
  if (kind === undefined) {
    const names = Object.keys(event).filter((name) => !notKinds.has(name));
    return toRemark('unknown_event', toWord(names[0] ?? 'event without a kind'));
  }
  const value = event[kind];
  const read = readers[kind];
  if (!isObject(value) || read === undefined) return toRemark('wrong_shape', toWord(kind));
  const isEcho = kind === 'message' && value['is_echo'] === true;
  const [own, other] = isEcho ? ['sender', 'recipient'] : ['recipient', 'sender'];
  const ownId = toId(event[own ?? ''], 'id') ?? entryId;
  if (ownId === undefined) return toRemark('wrong_shape', `${kind} without a recipient`);
  const userId =
    toId(event[other ?? ''], 'id') ?? toId(event[other ?? ''], 'user_ref') ?? toText(value['user_ref']);
  const told = toTime(event['timestamp']) ?? entryTime;
  return read(
    {
      index,
      event,
      route: { by: 'sender', id: ownId },
      user: userId === undefined ? undefined : { id: userId },
      at: told ?? now,
      told,
      isStandby,
      dialect,
    },
    value,
  );
}

// Messages

function readMessage(happening: Happening, message: JsonObject): Finding {
  const { user, dialect } = happening;
  if (user === undefined) return withoutUser('message');
  if (message['is_echo'] === true) return readEcho(happening, user, message);
  if (message['is_self'] === true) return toRemark('not_a_receipt', 'is_self');
  const mid = toText(message['mid']) ?? `none-${toDigest(happening.event)}`;
  if (message['is_deleted'] === true) {
    const revoke = toEvent(happening, user, {
      ...toRevoke(mid),
      part: { kind: 'revoke', data: { messageId: mid } },
    });
    // Platform terms, read 2026-11: what a user takes back may not be kept (channels 4.3).
    return { kind: 'events', events: [{ ...revoke, erases: toAllIds(mid) }] };
  }
  const parts = readParts(mid, message, dialect.sharesAreFiles);
  const replyTo = isObject(message['reply_to']) ? message['reply_to'] : {};
  const context = {
    ...pick(message, 'referral'),
    ...pick(replyTo, 'story'),
    ...pick(happening.event, 'prior_message'),
  };
  return {
    kind: 'events',
    // What stands behind the first has its place as part of its id: consumers know a message by its id.
    events: parts.map((part, n) => ({
      ...toEvent(happening, user, {
        messageId: n === 0 ? mid : `${mid}#${n + 1}`,
        identity: n === 0 ? ['mo', mid] : ['mo', mid, 'part', String(n + 1)],
        part: n === 0 ? { ...part, data: { ...part.data, ...context } } : part,
        replyTo: toText(replyTo['mid']),
      }),
      takenBackBy: toRevoke(mid),
    })),
  };
}

/** What names the taking back of a message. */
function toRevoke(mid: string): NonNullable<ChannelEvent['takenBackBy']> {
  return { messageId: `${mid}#deleted`, identity: ['mo', mid, 'deleted'] };
}

/** The ids of all receipts that a message can have given: of its parts, and of its edits. */
function toAllIds(mid: string): readonly string[] {
  const parts = Array.from({ length: partsAtMost - 1 }, (_, n) => `${mid}#${n + 2}`);
  const edits = Array.from({ length: editsAtMost }, (_, n) => `${mid}#edit-${n + 1}`);
  return [mid, ...parts, ...edits];
}

/** The parts of a message in their order: its text, then its attachments. There is always one. */
function readParts(mid: string, message: JsonObject, sharesAreFiles: boolean): readonly MessagePart[] {
  if (message['is_unsupported'] === true) return [{ kind: 'unsupported', data: { type: 'unsupported' } }];
  const text = toText(message['text']);
  const quickReply = message['quick_reply'];
  const attachments = readAttachments(toItems(message['attachments']), {
    mid,
    before: text !== undefined || isObject(quickReply) ? 1 : 0,
    sharesAreFiles,
  });
  if (isObject(quickReply))
    return [
      { kind: 'reply', data: { text: text ?? '', payload: toText(quickReply['payload']) ?? '' } },
      ...attachments,
    ];
  if (text !== undefined) return [{ kind: 'text', text, data: {} }, ...attachments];
  if (attachments.length > 0) return attachments;
  const rest = without(message, 'mid', 'seq', 'reply_to', 'referral', 'nlp');
  return [{ kind: 'unsupported', data: { type: '', ...rest } }];
}

/** An echo that carries our own id says that the channel has taken that message; any other was written elsewhere. */
function readEcho(happening: Happening, user: EndUser, message: JsonObject): Finding {
  const mid = toText(message['mid']);
  const metadata = toText(message['metadata']);
  if (mid === undefined || metadata === undefined || parseOutboundId(metadata) === undefined)
    return toRemark('not_a_receipt', 'echo');
  const { at } = happening;
  return {
    kind: 'events',
    events: [{ ...toStatusEvent(happening, user, mid, 'sent', { callbackData: metadata }), sentAt: at }],
  };
}

function readEdit(happening: Happening, edit: JsonObject): Finding {
  const mid = toText(edit['mid']);
  if (happening.user === undefined) return withoutUser('message_edit');
  if (mid === undefined) return toRemark('wrong_shape', 'message_edit without a mid');
  const number = toText(edit['num_edit']) ?? toDigest(edit);
  const text = toText(edit['text']);
  const event = toEvent(happening, happening.user, {
    messageId: `${mid}#edit-${number}`,
    identity: ['mo', mid, 'edit', number],
    part: { kind: 'edit', data: { messageId: mid, type: 'text', ...(text === undefined ? {} : { text }) } },
  });
  return { kind: 'events', events: [{ ...event, takenBackBy: toRevoke(mid) }] };
}

function readReaction(happening: Happening, reaction: JsonObject): Finding {
  const { user, told } = happening;
  const mid = toText(reaction['mid']);
  if (user === undefined) return withoutUser('reaction');
  if (mid === undefined) return toRemark('wrong_shape', 'reaction without a mid');
  const action = toText(reaction['action']) ?? 'react';
  const emoji = action === 'unreact' ? '' : (toText(reaction['emoji']) ?? '');
  const identity = ['reaction', user.id, mid, action, emoji, String(told ?? '')];
  return toInbound(happening, user, {
    messageId: `${mid}#reaction-${toDigest(identity).slice(0, 12)}`,
    identity,
    part: { kind: 'reaction', data: { messageId: mid, emoji, ...pick(reaction, 'reaction') } },
  });
}

function readPostback(happening: Happening, postback: JsonObject): Finding {
  const { user, told, event } = happening;
  if (user === undefined) return withoutUser('postback');
  const mid = toText(postback['mid']);
  const payload = toText(postback['payload']) ?? '';
  const title = toText(postback['title']) ?? '';
  return toInbound(happening, user, {
    messageId: mid ?? `postback-${toDigest([user.id, told, payload, title])}`,
    identity: ['postback', mid ?? toDigest([user.id, told, payload, title])],
    part: {
      kind: 'reply',
      data: { text: title, payload, ...pick(postback, 'referral'), ...pick(event, 'prior_message') },
    },
  });
}

/** An event without an id of its own: it is the same when user, time and value are. */
function toOther(
  happening: Happening,
  kind: InboundKind,
  key: string,
  data: Readonly<Record<string, unknown>>,
): Finding {
  const { user, told, event } = happening;
  if (user === undefined) return withoutUser(key);
  const digest = toDigest([user.id, told, event[key] ?? null]);
  return toInbound(happening, user, {
    messageId: `${key}-${digest}`,
    identity: [key, digest],
    part: { kind, data },
  });
}

function toSystem(key: string): Read {
  return (happening, value) => toOther(happening, 'system', key, { ...without(value), type: key });
}

function keepAs(key: string): Read {
  return () => toRemark('not_a_receipt', key);
}

interface Inbound {
  readonly messageId: string;
  readonly identity: readonly string[];
  readonly part: MessagePart;
  readonly replyTo?: string | undefined;
}

function toInbound(happening: Happening, user: EndUser, inbound: Inbound): Finding {
  return { kind: 'events', events: [toEvent(happening, user, inbound)] };
}

function toEvent(
  { index, route, at, isStandby }: Happening,
  user: EndUser,
  { messageId, identity, part, replyTo }: Inbound,
): ChannelEvent {
  const { kind, text, data, media } = part;
  const facts: InboundFacts = {
    type: 'ChatAppInbound',
    messageId,
    kind,
    user,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(isStandby ? { standby: true } : {}),
  };
  return {
    index,
    route,
    identity,
    occurredAt: at,
    facts,
    content: {
      ...(text === undefined ? {} : { text }),
      ...(Object.keys(data).length === 0 ? {} : { data }),
    },
    ...(media === undefined ? {} : { media }),
  };
}

// What became of messages of the business

/** `mids` may be missing; the watermark means every message up to it (channels 3.4). */
function readDelivery(happening: Happening, delivery: JsonObject): Finding {
  const { user } = happening;
  if (user === undefined) return withoutUser('delivery');
  const mids = toItems(delivery['mids']).flatMap((mid) => toText(mid) ?? []);
  const marks = toMarks(happening, user, 'delivered', delivery['watermark']);
  if (mids.length + marks.length === 0) return toRemark('wrong_shape', 'delivery of nothing');
  const events = [...new Set(mids)].map((mid) => toStatusEvent(happening, user, mid, 'delivered'));
  return { kind: 'events', events, marks };
}

/** Messenger tells a watermark, Instagram one message. */
function readRead(happening: Happening, read: JsonObject): Finding {
  const { user } = happening;
  if (user === undefined) return withoutUser('read');
  const mid = toText(read['mid']);
  const marks = toMarks(happening, user, 'read', read['watermark']);
  if (mid === undefined && marks.length === 0) return toRemark('wrong_shape', 'read of nothing');
  const events = mid === undefined ? [] : [toStatusEvent(happening, user, mid, 'read')];
  return { kind: 'events', events, marks };
}

function toMarks(
  { index, route, at }: Happening,
  user: EndUser,
  status: ChannelMark['status'],
  watermark: Json | undefined,
): ChannelMark[] {
  const upTo = toTime(watermark);
  return upTo === undefined ? [] : [{ index, route, userId: user.id, status, upTo, occurredAt: at }];
}

function toStatusEvent(
  { index, route, at }: Happening,
  user: EndUser,
  messageId: string,
  status: StatusFacts['status'],
  more: Pick<StatusFacts, 'callbackData'> = {},
): ChannelEvent {
  return {
    index,
    route,
    identity: toStatusIdentity(messageId, status),
    occurredAt: at,
    facts: { type: 'ChatAppStatus', messageId, status, user, ...more },
  };
}

// The account

function readPolicy({ index, route, at, told }: Happening, policy: JsonObject): Finding {
  const action = toText(policy['action']);
  if (action === undefined) return toRemark('wrong_shape', 'policy_enforcement without an action');
  const reason = toText(policy['reason']);
  const facts: AuditFacts = {
    type: 'ChatAppAudit',
    event: 'wabaAccountUpdate',
    wabaId: '',
    phoneNumber: route.id,
    status: action,
    ...(reason === undefined ? {} : { reason }),
  };
  const identity = ['audit', 'policy_enforcement', String(told ?? ''), toDigest(policy)];
  return { kind: 'events', events: [{ index, route, identity, occurredAt: at, facts }] };
}

// Small readers

function withoutUser(kind: string): Finding {
  return toRemark('wrong_shape', `${kind} without a user`);
}

function toId(value: Json | undefined, name: string): string | undefined {
  return isObject(value) ? toText(value[name]) : undefined;
}

export function toDigest(value: Json): string {
  return createHash('sha256').update(toCanonicalJson(value)).digest('hex').slice(0, 32);
}
