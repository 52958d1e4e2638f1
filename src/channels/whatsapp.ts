// WhatsApp Cloud API (channels 2). Webhook reference: developers.facebook.com/docs/whatsapp/cloud-api/webhooks.
import { createHash } from 'node:crypto';
import type {
  AuditFacts,
  AuditStatus,
  ChannelEvent,
  ChannelRemark,
  EndUser,
  InboundFacts,
  InboundKind,
  MediaSource,
  MessageStatus,
  RemarkReason,
  Route,
  StatusFacts,
} from '../domain/receipt.ts';
import type { Client, StreamedAnswer } from '../http/client.ts';
import { isFailure } from '../http/client.ts';
import type { Connector, FetchedMedia, MediaFault, ParsedWebhook } from './channel.ts';
import {
  answerChallenge,
  isObject,
  isSigned,
  parseJson,
  toCanonicalJson,
  toObjects,
  toText,
  toTime,
  without,
} from './meta.ts';
import type { Json, JsonObject } from './meta.ts';

export interface WhatsappDeps {
  readonly client: Pick<Client, 'get'>;
  readonly now: () => number;
  /** Base of the Graph API without its version. */
  readonly graphUrl: string;
  readonly graphVersion: string;
}

/** Fields that are known and give no receipt: kept raw. */
const keptFields = new Set([
  'account_alerts',
  'account_settings_update',
  'automatic_events',
  'business_capability_update',
  'business_username_update',
  'business_username_updates',
  'calls',
  'flows',
  'group_lifecycle_update',
  'group_participant_update',
  'group_participants_update',
  'group_settings_update',
  'group_status_update',
  'history',
  'message_template_components_update',
  'partner_solutions',
  'payment_configuration_update',
  'security',
  'smb_app_state_sync',
  'smb_message_echoes',
  'user_id_update',
  'user_preferences',
]);

const mediaKinds: Readonly<Record<string, InboundKind>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  voice: 'audio',
  document: 'document',
  sticker: 'sticker',
};

const statusOf: Readonly<Record<string, MessageStatus>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
  deleted: 'deleted',
};

/** A flagged template may still be sent; an archived, locked or deleted one may not. */
const auditStatusOf: Readonly<Record<string, AuditStatus>> = {
  APPROVED: 'pass',
  REINSTATED: 'pass',
  UNARCHIVED: 'pass',
  FLAGGED: 'pass',
  REJECTED: 'fail',
  PENDING: 'auditing',
  IN_APPEAL: 'auditing',
  PAUSED: 'paused',
  DISABLED: 'disabled',
  LOCKED: 'disabled',
  LIMIT_EXCEEDED: 'disabled',
  ARCHIVED: 'disabled',
  PENDING_DELETION: 'disabled',
  DELETED: 'disabled',
};

/** Time for the whole of a media file: 100 MB at 1 MB a second. */
const mediaTimeoutMs = 120_000;

export function createWhatsappConnector(deps: WhatsappDeps): Connector {
  return {
    challenge: answerChallenge,
    verify: isSigned,
    parse: (body) => parse(body, deps.now()),
    fetchMedia: (channel, mediaId) => fetchMedia(deps, channel.credentials['accessToken'] ?? '', mediaId),
  };
}

/** Gathers what a webhook holds; `index` counts every event, so that it names the same one when the bytes are read again. */
class Gatherer {
  readonly events: ChannelEvent[] = [];
  readonly remarks: ChannelRemark[] = [];
  #index = 0;

  /** Adds what `read` makes of one event; if it fails, the event is remarked on and its neighbours are unharmed. */
  add(read: (index: number) => ChannelEvent | { reason: RemarkReason; detail: string }): void {
    const index = this.#index;
    this.#index += 1;
    try {
      const result = read(index);
      if ('reason' in result) this.remarks.push({ index, ...result });
      else this.events.push(result);
    } catch (error) {
      this.remarks.push({
        index,
        reason: 'parse_failed',
        detail: error instanceof Error ? error.name : 'unknown',
      });
    }
  }

  remark(reason: RemarkReason, detail: string): void {
    this.add(() => ({ reason, detail }));
  }
}

function parse(body: Buffer, now: number): ParsedWebhook {
  const gatherer = new Gatherer();
  const root = tryParse(body);
  if (root === undefined) gatherer.remark('not_json', '');
  else if (!isObject(root) || !Array.isArray(root['entry'])) gatherer.remark('wrong_shape', '');
  else if (root['object'] !== 'whatsapp_business_account')
    gatherer.remark('unknown_object', toWord(root['object']));
  else for (const entry of toObjects(root['entry'])) readEntry(gatherer, entry, now);
  return gatherer;
}

function tryParse(body: Buffer): Json | undefined {
  try {
    return parseJson(body);
  } catch {
    // Whatever it is, it is kept raw under a remark.
    return undefined;
  }
}

function readEntry(gatherer: Gatherer, entry: JsonObject, now: number): void {
  const changes = toObjects(entry['changes']);
  if (changes.length === 0) gatherer.remark('wrong_shape', 'entry without changes');
  for (const change of changes) {
    const field = toText(change['field']) ?? '';
    const value = change['value'];
    if (!isObject(value)) gatherer.remark('wrong_shape', toWord(field));
    else if (field === 'messages') readMessages(gatherer, value, now);
    else if (keptFields.has(field)) gatherer.remark('not_a_receipt', toWord(field));
    else
      gatherer.add(
        (index) =>
          readAudit(index, entry, field, value, now) ?? { reason: 'unknown_field', detail: toWord(field) },
      );
  }
}

function readMessages(gatherer: Gatherer, value: JsonObject, now: number): void {
  const metadata = value['metadata'];
  const phoneNumberId = isObject(metadata) ? toText(metadata['phone_number_id']) : undefined;
  const messages = toItems(value['messages']);
  const statuses = toItems(value['statuses']);
  if (messages.length + statuses.length === 0) {
    gatherer.remark('not_a_receipt', value['errors'] === undefined ? 'empty value' : 'value.errors');
    return;
  }
  if (phoneNumberId === undefined) {
    gatherer.remark('wrong_shape', 'no phone_number_id');
    return;
  }
  const route: Route = { by: 'sender', id: phoneNumberId };
  const contacts = toObjects(value['contacts']);
  for (const message of messages) {
    gatherer.add((index) =>
      isObject(message) ? readInbound(index, route, message, contacts, now) : noObject('message'),
    );
  }
  for (const status of statuses) {
    gatherer.add((index) =>
      isObject(status) ? readStatus(index, route, status, contacts, now) : noObject('status'),
    );
  }
}

// Inbound

type InboundBody = Pick<ChannelEvent, 'content' | 'media'> & { readonly kind: InboundKind };

function readInbound(
  index: number,
  route: Route,
  message: JsonObject,
  contacts: readonly JsonObject[],
  now: number,
): ChannelEvent | { reason: RemarkReason; detail: string } {
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

/** Who wrote it: by phone digits, or by the business-scoped id where the channel gives no number (channels 2.6). */
function toUser(message: JsonObject, contacts: readonly JsonObject[]): EndUser | undefined {
  const from = toText(message['from']);
  const contact = findContact(contacts, from, toText(message['from_user_id']));
  const waId = toText(contact?.['wa_id']);
  const userId = toText(message['from_user_id']) ?? toText(contact?.['user_id']);
  return toEndUser(
    from ?? waId ?? userId,
    userId,
    toText(message['from_parent_user_id']) ?? toText(contact?.['parent_user_id']),
    contact,
  );
}

function toEndUser(
  id: string | undefined,
  userId: string | undefined,
  parentUserId: string | undefined,
  contact: JsonObject | undefined,
): EndUser | undefined {
  if (id === undefined) return undefined;
  const profile = isObject(contact?.['profile']) ? contact['profile'] : {};
  const name = toText(profile['name']);
  const userName = toText(profile['username'])?.replace(/^@/, '');
  const digits = id.replace(/^\+/, '');
  const isPhone = /^\d{5,15}$/.test(digits);
  return {
    id: isPhone ? digits : id,
    ...(isPhone ? { phone: digits } : {}),
    ...(userId === undefined ? {} : { userId }),
    ...(parentUserId === undefined ? {} : { parentUserId }),
    ...(userName === undefined ? {} : { userName }),
    ...(name === undefined ? {} : { name }),
  };
}

/** Contacts are not in the order of the messages; with a single one there is nothing to choose. */
function findContact(
  contacts: readonly JsonObject[],
  phone: string | undefined,
  userId: string | undefined,
): JsonObject | undefined {
  const found = contacts.find(
    (contact) =>
      (phone !== undefined && toText(contact['wa_id']) === phone) ||
      (userId !== undefined && toText(contact['user_id']) === userId),
  );
  return found ?? (contacts.length === 1 ? contacts[0] : undefined);
}

// Statuses

function readStatus(
  index: number,
  route: Route,
  status: JsonObject,
  contacts: readonly JsonObject[],
  now: number,
): ChannelEvent | { reason: RemarkReason; detail: string } {
  const messageId = toText(status['id']);
  const word = toText(status['status']) ?? '';
  const known = Object.hasOwn(statusOf, word) ? statusOf[word] : undefined;
  if (messageId === undefined) return { reason: 'wrong_shape', detail: 'status without an id' };
  if (known === undefined) return { reason: 'unknown_event', detail: toWord(`status ${word}`) };
  const participant =
    toText(status['recipient_participant_id']) ?? toText(status['recipient_participant_user_id']);
  const userId = toText(status['recipient_participant_user_id']) ?? toText(status['recipient_user_id']);
  const parentUserId =
    toText(status['recipient_participant_parent_user_id']) ??
    toText(status['recipient_parent_user_id']) ??
    toText(status['parent_recipient_user_id']);
  const isGroup = status['recipient_type'] === 'group';
  const recipient = isGroup ? participant : toText(status['recipient_id']);
  const contact = findContact(contacts, recipient, userId);
  const user = toEndUser(
    recipient ?? userId ?? toText(contact?.['wa_id']) ?? '',
    userId,
    parentUserId,
    contact,
  ) ?? { id: '' };
  const groupId = isGroup ? toText(status['recipient_id']) : undefined;
  const conversation = isObject(status['conversation']) ? status['conversation'] : {};
  const pricing = isObject(status['pricing']) ? status['pricing'] : {};
  const origin = isObject(conversation['origin']) ? conversation['origin'] : {};
  const facts: StatusFacts = {
    type: 'ChatAppStatus',
    messageId,
    status: known,
    user,
    ...readError(toObjects(status['errors'])[0]),
    ...defined('conversationId', toText(conversation['id'])),
    ...defined('conversationType', toText(pricing['category']) ?? toText(origin['type'])),
    ...defined('conversationExpiresAt', toTime(conversation['expiration_timestamp'])),
    ...defined('groupId', groupId),
    ...defined('participant', participant),
    ...(word === 'played' ? { played: true } : {}),
    ...defined('callbackData', toText(status['biz_opaque_callback_data'])),
  };
  return {
    index,
    route,
    identity: ['status', messageId, word, participant ?? ''],
    occurredAt: toTime(status['timestamp']) ?? now,
    facts,
  };
}

/** The error in the words of the documented receipt: `<code>:<title>(<details>.)`. */
function readError(error: JsonObject | undefined): Pick<StatusFacts, 'errorCode' | 'errorDescription'> {
  const errorCode = toText(error?.['code']);
  if (error === undefined || errorCode === undefined) return {};
  const title = toText(error['title']) ?? toText(error['message']) ?? '';
  const details = isObject(error['error_data']) ? toText(error['error_data']['details']) : undefined;
  const suffix = details === undefined ? '' : `(${details.replace(/\.$/, '')}.)`;
  return { errorCode, errorDescription: `${errorCode}:${title}${suffix}` };
}

// Templates, numbers and accounts

function readAudit(
  index: number,
  entry: JsonObject,
  field: string,
  value: JsonObject,
  now: number,
): ChannelEvent | { reason: RemarkReason; detail: string } | undefined {
  const wabaId = toText(entry['id']);
  if (wabaId === undefined) return { reason: 'wrong_shape', detail: 'entry without an id' };
  const facts = toAuditFacts(wabaId, field, value);
  if (facts === undefined || 'reason' in facts) return facts;
  const time = toText(entry['time']) ?? '';
  return {
    index,
    route: { by: 'waba', id: wabaId },
    identity: ['audit', time, field, toDigest(toCanonicalJson(value))],
    occurredAt: toTime(entry['time']) ?? now,
    facts: facts.facts,
  };
}

function toAuditFacts(
  wabaId: string,
  field: string,
  value: JsonObject,
): { facts: AuditFacts } | { reason: RemarkReason; detail: string } | undefined {
  const base = { type: 'ChatAppAudit', wabaId } as const;
  const template = {
    ...defined('templateCode', toText(value['message_template_id'])),
    ...defined('templateName', toText(value['message_template_name'])),
    ...defined('language', toText(value['message_template_language'])?.replace('-', '_')),
  };
  const phone = defined('phoneNumber', toText(value['display_phone_number'])?.replace(/\D/g, ''));
  // One documentation sample carries a quality update under the field of status updates.
  if (
    field === 'message_template_quality_update' ||
    (field === 'message_template_status_update' && value['new_quality_score'] !== undefined)
  ) {
    const quality = {
      ...defined('status', toText(value['new_quality_score'])),
      ...defined('previous', toText(value['previous_quality_score'])),
    };
    return { facts: { ...base, event: 'templateQualityUpdate', ...template, ...quality } };
  }
  switch (field) {
    case 'message_template_status_update': {
      const event = toText(value['event']) ?? '';
      const auditStatus = Object.hasOwn(auditStatusOf, event) ? auditStatusOf[event] : undefined;
      if (auditStatus === undefined) return { reason: 'unknown_event', detail: toWord(`template ${event}`) };
      const reason = auditStatus === 'fail' ? toRejection(value) : undefined;
      return {
        facts: { ...base, event: 'template', ...template, auditStatus, ...defined('reason', reason) },
      };
    }
    case 'template_category_update': {
      const category = {
        ...defined('status', toText(value['new_category'])),
        ...defined('previous', toText(value['previous_category'])),
      };
      return { facts: { ...base, event: 'templateCategoryUpdate', ...template, ...category } };
    }
    case 'phone_number_name_update':
      return {
        facts: {
          ...base,
          event: 'phoneNameUpdate',
          ...phone,
          ...defined('status', toText(value['decision'])),
          ...defined('reason', toText(value['rejection_reason'])),
        },
      };
    case 'phone_number_quality_update': {
      const limit = toText(value['current_limit']) ?? toText(value['max_daily_conversations_per_business']);
      return {
        facts: {
          ...base,
          event: 'phoneQualityUpdate',
          ...phone,
          ...defined('status', toText(value['event'])),
          ...defined('currentLimit', limit),
        },
      };
    }
    case 'account_review_update':
      return {
        facts: { ...base, event: 'wabaReviewUpdate', ...defined('status', toText(value['decision'])) },
      };
    case 'account_update':
      return {
        facts: {
          ...base,
          event: 'wabaAccountUpdate',
          ...phone,
          ...defined('status', toText(value['event'])),
        },
      };
    default:
      return undefined;
  }
}

function toRejection(value: JsonObject): string {
  const info = isObject(value['rejection_info']) ? toText(value['rejection_info']['reason']) : undefined;
  const reason = toText(value['reason']) ?? '';
  return info === undefined ? reason : `${reason}: ${info}`;
}

// Media

/** Asks for the file's address, which lives five minutes, and then for the file; asks once more when the address has died. */
async function fetchMedia(
  { client, graphUrl, graphVersion }: WhatsappDeps,
  token: string,
  mediaId: string,
): Promise<FetchedMedia | MediaFault> {
  const headers = { authorization: `Bearer ${token}` };
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const found = await client.get(
      `${graphUrl}/${graphVersion}/${encodeURIComponent(mediaId)}`,
      headers,
      30_000,
    );
    if (isFailure(found))
      return { fault: 'later', reason: `The Graph API cannot be reached: ${found.reason}.` };
    if (found.status !== 200) return await toFault(found);
    const object = tryParse(await readAll(found, 64 * 1024));
    const url = isObject(object) ? toText(object['url']) : undefined;
    if (url === undefined) return { fault: 'later', reason: 'The Graph API gave no address for the media.' };
    const file = await client.get(url, headers, mediaTimeoutMs);
    if (isFailure(file)) return { fault: 'later', reason: `The media cannot be fetched: ${file.reason}.` };
    if (file.status === 200)
      return { mimeType: toText(file.headers['content-type']) ?? null, bytes: file.body };
    if (file.status !== 404) return await toFault(file);
    await readAll(file, 64 * 1024);
  }
  return { fault: 'later', reason: 'The media was not at the address that the Graph API gave.' };
}

async function toFault(answer: StreamedAnswer): Promise<MediaFault> {
  const object = tryParse(await readAll(answer, 64 * 1024));
  const error = isObject(object) && isObject(object['error']) ? object['error'] : {};
  const code = Number(error['code'] ?? 0);
  const said = `The channel answered ${answer.status}${code === 0 ? '' : ` with code ${code}`}.`;
  if (
    answer.status === 401 ||
    answer.status === 403 ||
    code === 190 ||
    code === 10 ||
    (code >= 200 && code < 300)
  )
    return { fault: 'auth', reason: said };
  // Code 100 on a media id means that there is none, or none any more.
  if (answer.status === 404 || code === 100 || code === 33)
    return { fault: 'gone', reason: `The channel no longer has it. ${said}` };
  return { fault: 'later', reason: said };
}

async function readAll({ body }: StreamedAnswer, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// Small readers

function toItems(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function noObject(what: string): { reason: RemarkReason; detail: string } {
  return { reason: 'wrong_shape', detail: `${what} is no object` };
}

function defined<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  // The computed key is K itself.
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

/** The named members that are there, empty ones left out. */
function pick(object: JsonObject, ...names: readonly string[]): Record<string, Json> {
  return Object.fromEntries(
    names.flatMap((name): [string, Json][] => {
      const value = object[name];
      return value === undefined || value === null || value === '' ? [] : [[name, value]];
    }),
  );
}

/** A vendor's word, fit for a log: short, and nothing but a word. */
function toWord(value: Json | undefined): string {
  return (typeof value === 'string' ? value : typeof value).replace(/[^A-Za-z0-9_. -]/g, '?').slice(0, 60);
}

function toDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
