// What becomes of a message on WhatsApp (channels 2.4).
import type { ChannelEvent, MessageStatus, Route, StatusFacts } from '../domain/receipt.ts';
import { defined, toWord } from './gatherer.ts';
import type { Unread } from './gatherer.ts';
import { isObject, toObjects, toText, toTime } from './meta.ts';
import type { JsonObject } from './meta.ts';
import { findContact, toEndUser } from './whatsapp-users.ts';

const statusOf: Readonly<Record<string, MessageStatus>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
  deleted: 'deleted',
};

/** Reads one of `statuses`. */
export function readStatus(
  index: number,
  route: Route,
  status: JsonObject,
  contacts: readonly JsonObject[],
  now: number,
): ChannelEvent | Unread {
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
export function readError(
  error: JsonObject | undefined,
): Pick<StatusFacts, 'errorCode' | 'errorDescription'> {
  const errorCode = toText(error?.['code']);
  if (error === undefined || errorCode === undefined) return {};
  const title = toText(error['title']) ?? toText(error['message']) ?? '';
  const details = isObject(error['error_data']) ? toText(error['error_data']['details']) : undefined;
  const suffix = details === undefined ? '' : `(${details.replace(/\.$/, '')}.)`;
  return { errorCode, errorDescription: `${errorCode}:${title}${suffix}` };
}
