// What becomes of a message on WhatsApp (docs/protocols/whatsapp.md).
import { toStatusIdentity } from '../../domain/identity.ts';
import { parseOutboundId } from '../../domain/ids.ts';
import type { ChannelEvent, EndUser, MessageStatus, Route, StatusFacts } from '../../domain/receipt.ts';
import { defined, nothing, toWord } from '../kit/gatherer.ts';
import type { Unread } from '../kit/gatherer.ts';
import { toText } from '../kit/json.ts';
import type { Reader } from '../kit/reader.ts';
import type { Contacts } from './contacts.ts';
import { toEndUser } from './end-users.ts';

const statusOf: Readonly<Record<string, MessageStatus>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  played: 'read',
  failed: 'failed',
  deleted: 'deleted',
};

/** Whether a status is of a message: it says so, or says nothing of what it is of, and tells of no payment. */
export function isOfMessage(status: Reader): boolean {
  const type = status.peek('type');
  if ((status.peek('payment') ?? null) !== null) return false;
  return type === undefined || type === null || type === '' || type === 'message';
}

/** Reads one of `statuses` that is of a message. */
export function readStatus(
  index: number,
  route: Route,
  status: Reader,
  contacts: Contacts,
  now: number,
): ChannelEvent | Unread {
  const messageId = status.text('id');
  status.skipSame('type', 'message');
  const word = toText(status.peek('status')) ?? '';
  const known = Object.hasOwn(statusOf, word) ? statusOf[word] : undefined;
  if (messageId === undefined) return { reason: 'wrong_shape', detail: 'status without an id' };
  if (known === undefined) return { reason: 'unknown_event', detail: toWord(`status ${word}`) };
  // That a voice message was listened to is told as Read, and by its own word in what travels along.
  if (word !== 'played') status.skip('status');
  const callbackData = toText(status.peek('biz_opaque_callback_data'));
  if (parseOutboundId(callbackData ?? '') !== undefined) status.skip('biz_opaque_callback_data');
  const { user, groupId, participant } = readRecipient(status, contacts);
  const facts: StatusFacts = {
    type: 'ChatAppStatus',
    messageId,
    status: known,
    user,
    ...readError(status.list('errors')[0]),
    ...readConversation(status.object('conversation'), status.object('pricing')),
    ...defined('groupId', groupId),
    ...defined('participant', participant),
    ...defined('callbackData', callbackData),
  };
  return {
    index,
    route,
    identity: toStatusIdentity(messageId, word, participant),
    occurredAt: status.time('timestamp') ?? now,
    facts,
  };
}

/** The conversation that a message was counted to, and what it was charged as. */
function readConversation(
  conversation: Reader | undefined,
  pricing: Reader | undefined,
): Pick<StatusFacts, 'conversationId' | 'conversationType' | 'conversationExpiresAt'> {
  if (conversation === undefined && pricing === undefined) return nothing;
  const conversationType = readCategory(pricing, conversation?.object('origin'));
  return {
    ...defined('conversationId', conversation?.text('id')),
    ...defined('conversationType', conversationType),
    ...defined('conversationExpiresAt', conversation?.time('expiration_timestamp')),
  };
}

/** The category, of which the receipt tells some by a wider word; those are left to be told by their own as well. */
function readCategory(pricing: Reader | undefined, origin: Reader | undefined): string | undefined {
  const category = toText(pricing?.peek('category')) ?? toText(origin?.peek('type'));
  if (!wideCategories.has(category ?? '')) {
    pricing?.skipSame('category', category);
    origin?.skipSame('type', category);
  }
  return category;
}

const wideCategories: ReadonlySet<string> = new Set([
  'marketing_lite',
  'authentication_international',
  'authentication-international',
  'referral_conversion',
]);

/** Who got it: a user, or a member of a group. */
function readRecipient(
  status: Reader,
  contacts: Contacts,
): {
  readonly user: EndUser;
  readonly groupId: string | undefined;
  readonly participant: string | undefined;
} {
  const participantUserId = status.text('recipient_participant_user_id');
  const participant = status.text('recipient_participant_id') ?? participantUserId;
  const userId = participantUserId ?? status.text('recipient_user_id');
  const parentUserId =
    status.text('recipient_participant_parent_user_id') ??
    status.text('recipient_parent_user_id') ??
    status.text('parent_recipient_user_id');
  const isGroup = status.peek('recipient_type') === 'group';
  if (isGroup || status.peek('recipient_type') === 'individual') status.skip('recipient_type');
  const recipientId = status.text('recipient_id');
  const recipient = isGroup ? participant : recipientId;
  const contact = contacts.find(recipient, userId);
  status.join(contact);
  contact?.skipSame('wa_id', recipient);
  contact?.skipSame('user_id', userId);
  // Receipts of statuses have no member for a name, so that it travels along.
  const name = toText(contact?.object('profile')?.peek('name'));
  const id = recipient ?? userId ?? contact?.text('wa_id') ?? '';
  return {
    user: toEndUser(id, userId, parentUserId, name, contact) ?? { id: '' },
    groupId: isGroup ? recipientId : undefined,
    participant,
  };
}

/** The error in the words of the documented receipt: `<code>:<title>(<details>.)`. */
function readError(error: Reader | undefined): Pick<StatusFacts, 'errorCode' | 'errorDescription'> {
  const errorCode = error?.text('code');
  if (error === undefined || errorCode === undefined) return nothing;
  const title = error.text('title') ?? error.text('message') ?? '';
  error.skipSame('message', title);
  const details = error.object('error_data')?.text('details');
  const suffix = details === undefined ? '' : `(${details.replace(/\.$/, '')}.)`;
  return { errorCode, errorDescription: `${errorCode}:${title}${suffix}` };
}
