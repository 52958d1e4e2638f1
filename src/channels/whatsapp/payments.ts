// What a status tells that is of no message: a payment, and whatever else Meta may put there under a type of its own. Source:
// developers.facebook.com/docs/whatsapp/cloud-api/payments-api, "Payment status", read in November 2026.
import { toEventIdentity } from '../../domain/identity.ts';
import type { ChannelEvent, InboundKind, Route } from '../../domain/receipt.ts';
import { defined, toDigest, toWord } from '../kit/gatherer.ts';
import type { Unread } from '../kit/gatherer.ts';
import { isObject, toCanonicalJson, toText } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import type { Reader } from '../kit/reader.ts';
import type { Contacts } from './contacts.ts';
import { toUser } from './end-users.ts';

/**
 * Reads a status whose type says that it is of no message. Its word means something else then: a payment that failed is no message
 * that failed. A type that is not known is remarked on, and told as it came.
 */
export function readOtherStatus(
  index: number,
  route: Route,
  status: Reader,
  contacts: Contacts,
  now: number,
): ChannelEvent | Unread {
  const hasPayment = (status.peek('type') ?? '') === '' && isObject(status.peek('payment'));
  const type = hasPayment ? 'payment' : (toText(status.peek('type')) ?? typeof status.peek('type'));
  const place = { index, route, occurredAt: status.time('timestamp') ?? now };
  if (type === 'payment') return readPayment(place, status, contacts);
  const about = readAbout(status, contacts, 'status_type', type);
  // Nothing that a user wrote: what answers to users' messages has to leave it alone.
  const event = toEvent(place, 'system', about, { type: 'status', status: status.others() });
  return { reason: 'unknown_event', detail: toWord(`status of type ${type}`), event };
}

type Place = Pick<ChannelEvent, 'index' | 'route' | 'occurredAt'>;

/** What became of the payment that an order asked for; its members as Meta has them, those of `payment` one level up. */
function readPayment(place: Place, status: Reader, contacts: Contacts): ChannelEvent {
  const about = readAbout(status, contacts, 'payment');
  status.skip('type');
  const word = status.take('status');
  const own = ['messageId', 'other', ...(word === undefined ? [] : ['status'])];
  const payment = isObject(status.peek('payment')) ? status.object('payment')?.others(...own) : undefined;
  const others = status.others();
  return toEvent(place, 'payment', about, {
    ...payment,
    ...defined<'status', Json>('status', word),
    ...(Object.keys(others).length === 0 ? {} : { other: others }),
  });
}

/** What a receipt speaks of: the message of the business, who got it, and all that makes it the same. */
function readAbout(status: Reader, contacts: Contacts, kind: string, ...names: readonly string[]) {
  const messageId = status.text('id') ?? '';
  const id = toText(status.peek('recipient_id')) === undefined ? 'from' : 'recipient_id';
  const user = toUser(status, contacts, [id, 'recipient_user_id', 'recipient_parent_user_id']);
  const digest = toDigest(toCanonicalJson(status.source));
  const word = toText(status.peek('status')) ?? '';
  return {
    messageId,
    user: user ?? { id: '' },
    identity: toEventIdentity(kind, ...names, messageId, word, digest),
    ownId: `${messageId === '' ? 'none' : messageId}#${kind}-${digest.slice(0, 12)}`,
  };
}

/** A receipt about a message of the business that is none of its statuses. */
function toEvent(
  place: Place,
  kind: InboundKind,
  { messageId, user, identity, ownId }: ReturnType<typeof readAbout>,
  data: Readonly<Record<string, unknown>>,
): ChannelEvent {
  const about = messageId === '' ? {} : { messageId };
  return {
    ...place,
    identity,
    facts: {
      type: 'ChatAppInbound',
      messageId: ownId,
      kind,
      user,
      ...(messageId === '' ? {} : { replyTo: messageId }),
    },
    content: { data: { ...data, ...about } },
  };
}
