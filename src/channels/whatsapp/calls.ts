// Calls of a WhatsApp number, where the channel asks for them. Source: developers.facebook.com/documentation/business-messaging/
// whatsapp/calling, "Call webhooks", read in November 2026.
import { toEventIdentity } from '../../domain/identity.ts';
import type { ChannelEvent, EndUser, Route } from '../../domain/receipt.ts';
import { toDigest } from '../kit/gatherer.ts';
import type { Unread } from '../kit/gatherer.ts';
import { toCanonicalJson, toText } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import type { Reader } from '../kit/reader.ts';
import type { Contacts } from './contacts.ts';
import { toUser } from './end-users.ts';

/**
 * Reads one of `calls`: it begins (`connect`), ends (`terminate`), or something of it is ready. `ownNumber` is that of the business,
 * `errors` what stands beside the calls.
 */
export function readCall(
  index: number,
  route: Route,
  call: Reader,
  contacts: Contacts,
  now: number,
  { ownNumber, errors }: { readonly ownNumber: string | undefined; readonly errors: Json | undefined },
): ChannelEvent | Unread {
  const from = toText(call.peek('from'));
  const isOwn = call.peek('direction') === 'BUSINESS_INITIATED' || (from !== undefined && from === ownNumber);
  const user = isOwn
    ? toUser(call, contacts, ['to', 'to_user_id', 'to_parent_user_id'])
    : toUser(call, contacts);
  if (user === undefined) return { reason: 'wrong_shape', detail: 'call without a user' };
  // The business, which is the sender of the receipt; where it is no number that we know, it is told as it came.
  call.skipSame(isOwn ? 'from' : 'to', ownNumber);
  const event = toText(call.peek('event')) ?? '';
  // Both are told of a call that was taken, and of no other.
  const isTaken = call.peek('start_time') !== undefined || call.peek('duration') !== undefined;
  const missed = event === 'terminate' && !isOwn ? { missed: !isTaken } : {};
  const beside = errors === undefined ? {} : { errors };
  return toEvent({ index, route, now }, call, user, event, { ...beside, ...missed });
}

/** Reads a status of a call that the business makes: RINGING, ACCEPTED, REJECTED. It is none of a message. */
export function readCallStatus(
  index: number,
  route: Route,
  status: Reader,
  contacts: Contacts,
  now: number,
): ChannelEvent | Unread {
  const user = toUser(status, contacts, ['recipient_id', 'recipient_user_id', 'recipient_parent_user_id']);
  if (user === undefined) return { reason: 'wrong_shape', detail: 'status of a call without a user' };
  status.skip('type');
  const word = `status ${toText(status.peek('status')) ?? ''}`;
  return toEvent({ index, route, now }, status, user, word, { event: 'status' });
}

/** What the channel told, as it came, beside what is made of it. */
function toEvent(
  { index, route, now }: { readonly index: number; readonly route: Route; readonly now: number },
  told: Reader,
  user: EndUser,
  word: string,
  made: Readonly<Record<string, unknown>>,
): ChannelEvent {
  const digest = toDigest(toCanonicalJson(told.source));
  const callId = told.text('id') ?? `none-${digest}`;
  const occurredAt = told.time('timestamp') ?? now;
  return {
    index,
    route,
    identity: toEventIdentity('call', callId, word, digest),
    occurredAt,
    facts: { type: 'ChatAppInbound', messageId: `${callId}#${digest.slice(0, 12)}`, kind: 'call', user },
    // An id that is none stays as it came.
    content: { data: { id: callId, ...told.others(...Object.keys(made)), ...made } },
  };
}
