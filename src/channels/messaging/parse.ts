// The events that Messenger and Instagram share: one envelope, one event for each thing that happened (docs/protocols/messenger-instagram.md).
import { createHash } from 'node:crypto';
import type { ChannelOptions } from '../../domain/channel.ts';
import {
  toEchoIdentity,
  toEventIdentity,
  toMessageIdentity,
  toStatusIdentity,
} from '../../domain/identity.ts';
import { parseOutboundId } from '../../domain/ids.ts';
import type {
  AuditFacts,
  ChannelEvent,
  ChannelMark,
  EndUser,
  InboundFacts,
  InboundKind,
  Route,
  StatusFacts,
} from '../../domain/receipt.ts';
import { readAttachments } from './attachments.ts';
import type { MessagePart } from './attachments.ts';
import type { ParsedWebhook } from '../channel.ts';
import { toEcho } from '../kit/echoes.ts';
import { Gatherer, defined, toRemark, toWord } from '../kit/gatherer.ts';
import type { Found } from '../kit/gatherer.ts';
import { isObject, toCanonicalJson, toText, tryParseJson } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import { Reader } from '../kit/reader.ts';

/** In what the two channels differ when they are read. */
export interface Dialect {
  /** The `object` of the envelope. */
  readonly object: 'page' | 'instagram';
  /** Whether the address of something shared leads to a file rather than to a page for people. */
  readonly sharesAreFiles: boolean;
  /** Reads a change that is no messaging event; undefined when the field is not known. */
  readonly readChange: (change: Change) => Found | undefined;
}

/** A member of `entry.changes` with where it stood. */
export interface Change {
  readonly index: number;
  readonly field: string;
  readonly value: Reader;
  readonly entryId: string;
  readonly at: number;
  /** The time that the platform told; null when it told none, and `at` is ours. What names an event must not hold ours. */
  readonly told: number | null;
  readonly options: ChannelOptions;
}

/** Attachments of one message, with its text, and edits of it, at most; Meta allows fewer of both. */
const partsAtMost = 31;
const editsAtMost = 10;

/** A messaging event with what all its kinds need. */
interface Happening {
  readonly index: number;
  readonly event: Reader;
  readonly route: Route;
  /** Undefined where the event has no user: what a Page is told of itself. */
  readonly user: EndUser | undefined;
  readonly at: number;
  /** As of a {@link Change}. */
  readonly told: number | null;
  readonly isStandby: boolean;
  readonly dialect: Dialect;
  readonly options: ChannelOptions;
}

/**
 * Reads a webhook of Messenger or Instagram. `options` are the channel's: some events are read only where they ask for them. Never
 * throws: an event that cannot be read is a remark, and its neighbours are unharmed.
 */
export function parseMessaging(
  dialect: Dialect,
  body: Buffer,
  now: number,
  options: ChannelOptions,
): ParsedWebhook {
  const gatherer = new Gatherer();
  const root = tryParseJson(body);
  if (root === undefined) gatherer.remark('not_json', '');
  else if (!isObject(root) || !Array.isArray(root['entry'])) gatherer.remark('wrong_shape', '');
  else if (root['object'] !== dialect.object) gatherer.remark('unknown_object', toWord(root['object']));
  else readPost(gatherer, dialect, new Reader(root), { now, options });
  return gatherer;
}

type Given = Pick<Place, 'now' | 'options'>;

function readPost(gatherer: Gatherer, dialect: Dialect, post: Reader, given: Given): void {
  post.text('object');
  const entries = post.items('entry');
  if (entries.length === 0) gatherer.remark('not_a_receipt', 'no entries');
  gatherer.around('post', post, () => {
    for (const entry of entries) {
      if (isObject(entry)) readEntry(gatherer, dialect, new Reader(entry), given);
      else gatherer.remark('wrong_shape', 'entry');
    }
  });
}

function readEntry(gatherer: Gatherer, dialect: Dialect, entry: Reader, given: Given): void {
  // The Page or account, which receipts tell as the sender, and when the POST was made.
  const place = { entryId: entry.text('id'), entryTime: entry.time('time') ?? null, ...given };
  const lists = [
    { items: entry.items('messaging'), isStandby: false },
    { items: entry.items('standby'), isStandby: true },
  ];
  const changes = entry.items('changes');
  const odd = ['messaging', 'standby', 'changes'].filter((name) => isOdd(entry.peek(name)));
  if (lists.every(({ items }) => items.length === 0) && changes.length === 0)
    gatherer.remark('wrong_shape', 'entry without events');
  gatherer.around('entry', entry, () => {
    for (const { items, isStandby } of lists) {
      for (const item of items)
        gatherer.add(item, 'event', (event, index) =>
          readHappening(dialect, { ...place, index, event, isStandby }),
        );
    }
    for (const change of changes)
      if (isObject(change)) readChange(gatherer, dialect, new Reader(change), place);
      else gatherer.remark('wrong_shape', 'change');
    for (const name of odd) gatherer.remark('wrong_shape', `${name} that is no list`);
  });
}

/** Whether something stands where a list of events should. */
function isOdd(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !Array.isArray(value);
}

interface Place {
  readonly entryId: string | undefined;
  readonly entryTime: number | null;
  readonly now: number;
  readonly options: ChannelOptions;
}

/** Some versions of the platform, and its Test button, put messaging events into `changes` (docs/protocols/messenger-instagram.md). */
function readChange(gatherer: Gatherer, dialect: Dialect, change: Reader, place: Place): void {
  const { entryId, entryTime: told, now, options } = place;
  const field = change.text('field') ?? '';
  if (!isObject(change.peek('value'))) return gatherer.remark('wrong_shape', toWord(field));
  gatherer.around('change', change, () =>
    gatherer.add(change.take('value'), 'value', (value, index) => {
      if (isObject(value.peek('sender')) && isObject(value.peek('recipient')))
        return readHappening(dialect, {
          ...place,
          index,
          event: value,
          isStandby: field === 'standby',
        });
      if (entryId === undefined) return toRemark('wrong_shape', 'entry without an id');
      const found = dialect.readChange({ index, field, value, entryId, at: told ?? now, told, options });
      // Without a user and an account it is no event that can be read; what it is about is told by its field alone.
      const isAboutMessages = field === '' || /^(messag(e|es|ing)(_|$)|standby$)/.test(field);
      return found ?? toRemark(isAboutMessages ? 'wrong_shape' : 'unknown_field', toWord(field));
    }),
  );
}

type Read = (happening: Happening, value: Reader) => Found;

/** The kinds of events by the member that holds them; the first that is an object decides. */
const readers: Readonly<Record<string, Read>> = {
  message: readMessage,
  message_edit: readEdit,
  delivery: readDelivery,
  read: readRead,
  reaction: readReaction,
  postback: readPostback,
  referral: (happening, value) => toOther(happening, 'referral', 'referral', value.others()),
  optin: (happening, value) => toOther(happening, 'optin', 'optin', value.others()),
  messaging_feedback: (happening, value) =>
    toOther(happening, 'feedback', 'messaging_feedback', value.others()),
  order: (happening, value) => toOther(happening, 'order', 'order', value.others()),
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
    options,
  }: Place & { readonly index: number; readonly event: Reader; readonly isStandby: boolean },
): Found {
  const kinds = Object.keys(readers).filter((name) => Object.hasOwn(event.source, name));
  // A member that is null or of another shape must not hide the one that says what happened.
  const kind = kinds.find((name) => isObject(event.peek(name))) ?? kinds[0];
  if (kind === undefined) {
    const names = Object.keys(event.source).filter((name) => !notKinds.has(name));
    return toRemark('unknown_event', toWord(names[0] ?? 'event without a kind'));
  }
  const value = event.object(kind);
  const read = readers[kind];
  if (value === undefined || read === undefined) return toRemark('wrong_shape', toWord(kind));
  const isEcho = kind === 'message' && value.peek('is_echo') === true;
  const [own, other] = isEcho ? (['sender', 'recipient'] as const) : (['recipient', 'sender'] as const);
  const ownId = event.object(own)?.text('id') ?? entryId;
  if (ownId === undefined) return toRemark('wrong_shape', `${kind} without a recipient`);
  const userId =
    event.object(other)?.text('id') ??
    event.object(other)?.text('user_ref') ??
    toText(value.peek('user_ref'));
  const told = event.time('timestamp') ?? entryTime;
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
      options,
    },
    value,
  );
}

// Messages

function readMessage(happening: Happening, message: Reader): Found {
  const { user } = happening;
  if (user === undefined) return withoutUser('message');
  if (message.flag('is_echo')) return readEcho(happening, user, message);
  if (message.flag('is_self')) return toRemark('not_a_receipt', 'is_self');
  return { events: readWritten(happening, user, message) };
}

/** What somebody wrote, or took back: one event for each part. */
function readWritten(happening: Happening, user: EndUser, message: Reader): readonly ChannelEvent[] {
  const { dialect, event } = happening;
  const mid = message.text('mid') ?? `none-${toDigest(event.source)}`;
  if (message.flag('is_deleted')) {
    const revoke = toEvent(happening, user, {
      ...toRevoke(mid),
      part: { kind: 'revoke', data: { messageId: mid } },
    });
    // Platform terms, read 2026-11: what a user takes back may not be kept (docs/protocols/messenger-instagram.md).
    return [{ ...revoke, erases: toAllIds(mid) }];
  }
  const replyTo = message.object('reply_to');
  const context = {
    ...message.pick('referral'),
    ...replyTo?.pick('story'),
    ...event.pick('prior_message'),
  };
  const answered = replyTo?.text('mid');
  const parts = readParts(mid, message, dialect.sharesAreFiles);
  // What stands behind the first has its place as part of its id: consumers know a message by its id.
  return parts.map((part, n) => ({
    ...toEvent(happening, user, {
      messageId: n === 0 ? mid : `${mid}#${n + 1}`,
      identity: n === 0 ? toMessageIdentity(mid) : toMessageIdentity(mid, 'part', String(n + 1)),
      part: n === 0 ? { ...part, data: { ...part.data, ...context } } : part,
      replyTo: answered,
    }),
    takenBackBy: toRevoke(mid),
  }));
}

/** What names the taking back of a message. */
function toRevoke(mid: string): NonNullable<ChannelEvent['takenBackBy']> {
  return { messageId: `${mid}#deleted`, identity: toMessageIdentity(mid, 'deleted') };
}

/** The ids of all receipts that a message can have given: of its parts, and of its edits. */
function toAllIds(mid: string): readonly string[] {
  const parts = Array.from({ length: partsAtMost - 1 }, (_, n) => `${mid}#${n + 2}`);
  const edits = Array.from({ length: editsAtMost }, (_, n) => `${mid}#edit-${n + 1}`);
  return [mid, ...parts, ...edits];
}

/** The parts of a message in their order: its text, then its attachments. There is always one. */
function readParts(mid: string, message: Reader, sharesAreFiles: boolean): readonly MessagePart[] {
  if (message.flag('is_unsupported')) return [{ kind: 'unsupported', data: { type: 'unsupported' } }];
  const text = message.text('text');
  const quickReply = message.object('quick_reply');
  const attachments = readAttachments(message.list('attachments'), {
    mid,
    text: text ?? (quickReply === undefined ? undefined : ''),
    sharesAreFiles,
  });
  if (quickReply !== undefined)
    return [
      { kind: 'reply', data: { text: text ?? '', payload: quickReply.text('payload') ?? '' } },
      ...attachments,
    ];
  if (text !== undefined) return [{ kind: 'text', text, data: {} }, ...attachments];
  if (attachments.length > 0) return attachments;
  return [{ kind: 'unsupported', data: { type: '', ...message.others() } }];
}

/**
 * An echo that carries our own id says that the channel has taken that message; any other was written elsewhere, in the Page's inbox
 * or by another app, unless its message turns out to be one of ours: Instagram gives back nothing that was sent along.
 */
function readEcho(happening: Happening, user: EndUser, message: Reader): Found {
  const { at, options } = happening;
  const mid = toText(message.peek('mid'));
  const metadata = toText(message.peek('metadata'));
  const isDeleted = message.peek('is_deleted') === true;
  if (mid !== undefined && metadata !== undefined && !isDeleted && parseOutboundId(metadata) !== undefined) {
    message.skip('mid', 'metadata');
    const sent = toStatusEvent(happening, user, mid, 'sent', { callbackData: metadata });
    return { events: [{ ...sent, sentAt: at }] };
  }
  if (options['echoes'] !== true) return toRemark('not_a_receipt', 'echo');
  const appId = toText(message.peek('app_id'));
  if (appId !== undefined && appId === options['appId']) return toRemark('not_a_receipt', 'echo of the app');
  const { identity, facts } = toStatusEvent(happening, user, mid ?? '', isDeleted ? 'deleted' : 'sent');
  const ifSent = { identity, facts, ...(isDeleted ? {} : { sentAt: at }) };
  const more = message.pick('app_id', 'metadata');
  const events = readWritten(happening, user, message).map(
    // The business may keep what it took back itself.
    ({ erases: _erases, takenBackBy: _takenBackBy, ...event }) => ({
      ...toEcho(event, toEchoIdentity(event.identity), more),
      ...(mid === undefined ? {} : { ifSent }),
    }),
  );
  return { events };
}

function readEdit(happening: Happening, edit: Reader): Found {
  const mid = edit.text('mid');
  if (happening.user === undefined) return withoutUser('message_edit');
  if (mid === undefined) return toRemark('wrong_shape', 'message_edit without a mid');
  const number = edit.text('num_edit') ?? toDigest(edit.source);
  const text = edit.text('text');
  const event = toEvent(happening, happening.user, {
    messageId: `${mid}#edit-${number}`,
    identity: toMessageIdentity(mid, 'edit', number),
    part: { kind: 'edit', data: { messageId: mid, type: 'text', ...(text === undefined ? {} : { text }) } },
  });
  return { events: [{ ...event, takenBackBy: toRevoke(mid) }] };
}

function readReaction(happening: Happening, reaction: Reader): Found {
  const { user, told } = happening;
  const mid = reaction.text('mid');
  if (user === undefined) return withoutUser('reaction');
  if (mid === undefined) return toRemark('wrong_shape', 'reaction without a mid');
  const action = toText(reaction.peek('action')) ?? 'react';
  reaction.skipSame('action', 'react');
  reaction.skipSame('action', 'unreact');
  const isKnown = action === 'react' || action === 'unreact';
  // An emoji that is taken away is told as none, and which one it was travels along.
  const emoji = action === 'unreact' ? '' : (reaction.text('emoji') ?? '');
  const identity = toEventIdentity('reaction', user.id, mid, action, emoji, String(told ?? ''));
  return toInbound(happening, user, {
    messageId: `${mid}#reaction-${toDigest([...identity]).slice(0, 12)}`,
    identity,
    part: isKnown
      ? { kind: 'reaction', data: { messageId: mid, emoji, ...reaction.pick('reaction') } }
      : { kind: 'unsupported', data: { type: 'reaction', messageId: mid, emoji, ...reaction.others() } },
  });
}

function readPostback(happening: Happening, postback: Reader): Found {
  const { user, told, event } = happening;
  if (user === undefined) return withoutUser('postback');
  const mid = postback.text('mid');
  const isKnown = ['payload', 'title'].some((name) => toText(postback.peek(name)) !== undefined);
  const payload = postback.text('payload') ?? '';
  const title = postback.text('title') ?? '';
  const said = isKnown ? [payload, title] : [postback.source];
  const digest = toDigest([user.id, told, ...said]);
  return toInbound(happening, user, {
    messageId: mid ?? `postback-${digest}`,
    identity: toEventIdentity('postback', mid ?? digest),
    part: isKnown
      ? {
          kind: 'reply',
          data: { text: title, payload, ...postback.pick('referral'), ...event.pick('prior_message') },
        }
      : { kind: 'unsupported', data: { type: 'postback', ...postback.others() } },
  });
}

/** An event without an id of its own: it is the same when user, time and value are. */
function toOther(
  happening: Happening,
  kind: InboundKind,
  key: string,
  data: Readonly<Record<string, unknown>>,
): Found {
  const { user, told, event } = happening;
  if (user === undefined) return withoutUser(key);
  const digest = toDigest([user.id, told, event.peek(key) ?? null]);
  return toInbound(happening, user, {
    messageId: `${key}-${digest}`,
    identity: toEventIdentity(key, digest),
    part: { kind, data },
  });
}

function toSystem(key: string): Read {
  return (happening, value) => {
    const of = value.take('type');
    return toOther(happening, 'system', key, { ...value.others('of'), type: key, ...defined('of', of) });
  };
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

function toInbound(happening: Happening, user: EndUser, inbound: Inbound): Found {
  return { events: [toEvent(happening, user, inbound)] };
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

/** `mids` may be missing; the watermark means every message up to it (docs/protocols/messenger-instagram.md). */
function readDelivery(happening: Happening, delivery: Reader): Found {
  const { user } = happening;
  if (user === undefined) return withoutUser('delivery');
  // A count that Meta has left off (docs/protocols/messenger-instagram.md).
  delivery.text('seq');
  const mids = delivery.texts('mids');
  const marks = toMarks(happening, user, 'delivered', delivery.time('watermark'));
  if (mids.length + marks.length === 0) return toRemark('wrong_shape', 'delivery of nothing');
  const events = [...new Set(mids)].map((mid) => toStatusEvent(happening, user, mid, 'delivered'));
  return { events, marks };
}

/** Messenger tells a watermark, Instagram one message. */
function readRead(happening: Happening, read: Reader): Found {
  const { user } = happening;
  if (user === undefined) return withoutUser('read');
  read.text('seq');
  const mid = read.text('mid');
  const marks = toMarks(happening, user, 'read', read.time('watermark'));
  if (mid === undefined && marks.length === 0) return toRemark('wrong_shape', 'read of nothing');
  const events = mid === undefined ? [] : [toStatusEvent(happening, user, mid, 'read')];
  return { events, marks };
}

function toMarks(
  { index, route, at }: Happening,
  user: EndUser,
  status: ChannelMark['status'],
  upTo: number | undefined,
): ChannelMark[] {
  return upTo === undefined ? [] : [{ index, route, userId: user.id, status, upTo, occurredAt: at }];
}

function toStatusEvent(
  { index, route, at }: Happening,
  user: EndUser,
  messageId: string,
  status: StatusFacts['status'],
  more: Pick<StatusFacts, 'callbackData'> = {},
): ChannelEvent & { readonly facts: StatusFacts } {
  return {
    index,
    route,
    identity: toStatusIdentity(messageId, status),
    occurredAt: at,
    facts: { type: 'ChatAppStatus', messageId, status, user, ...more },
  };
}

// The account

function readPolicy({ index, route, at, told }: Happening, policy: Reader): Found {
  const action = policy.text('action');
  if (action === undefined) return toRemark('wrong_shape', 'policy_enforcement without an action');
  const reason = policy.text('reason');
  const facts: AuditFacts = {
    type: 'ChatAppAudit',
    event: 'wabaAccountUpdate',
    wabaId: '',
    phoneNumber: route.id,
    status: action,
    ...(reason === undefined ? {} : { reason }),
  };
  const identity = toEventIdentity(
    'audit',
    'policy_enforcement',
    String(told ?? ''),
    toDigest(policy.source),
  );
  return { events: [{ index, route, identity, occurredAt: at, facts }] };
}

// Small readers

function withoutUser(kind: string): Found {
  return toRemark('wrong_shape', `${kind} without a user`);
}

export function toDigest(value: Json): string {
  return createHash('sha256').update(toCanonicalJson(value)).digest('hex').slice(0, 32);
}
