// What people write in public below what an Instagram account shows, where the channel asks for it. Source:
// developers.facebook.com/docs/instagram-platform/webhooks, read in November 2026.
import { toEventIdentity } from '../../domain/identity.ts';
import type { ChannelEvent, EndUser } from '../../domain/receipt.ts';
import { defined, toRemark } from '../kit/gatherer.ts';
import type { Found } from '../kit/gatherer.ts';
import { toDigest } from '../messaging/parse.ts';
import type { Change } from '../messaging/parse.ts';
import { isObject, toText } from '../kit/json.ts';

/** Reads a comment, also one below a live video. What the account writes itself is no message to it. */
export function readComment(change: Change): Found {
  const { field, value, entryId } = change;
  const author = readAuthor(change);
  if (author === undefined) return toRemark('wrong_shape', 'comment without an author');
  if (author.id === entryId) return toRemark('not_a_receipt', 'own comment');
  const digest = toDigest(value.source);
  const commentId = toText(value.peek('id')) ?? `none-${digest}`;
  // Its text may be another one later, under the same id.
  const identity = toEventIdentity('comment', commentId, digest);
  return { events: [toEvent(change, 'comment', commentId, identity, author, field)] };
}

/** Reads that somebody named the account in a post or a comment. Meta tells where, and not who. */
export function readMention(change: Change): Found {
  const digest = toDigest(change.value.source);
  const author = readAuthor(change) ?? { id: '' };
  const identity = toEventIdentity('mention', digest);
  const event = toEvent(change, 'mention', `mention-${digest}`, identity, author, change.field);
  return { events: [event] };
}

function readAuthor({ value }: Change): EndUser | undefined {
  const from = value.peek('from');
  const id = isObject(from) ? toText(from['id']) : undefined;
  if (!isObject(from) || id === undefined) return undefined;
  return { id, ...defined('userName', toText(from['username'])) };
}

function toEvent(
  { index, entryId, at, value }: Change,
  kind: 'comment' | 'mention',
  messageId: string,
  identity: readonly string[],
  user: EndUser,
  field: string,
): ChannelEvent {
  return {
    index,
    route: { by: 'sender', id: entryId },
    identity,
    occurredAt: value.time('timestamp') ?? at,
    facts: { type: 'ChatAppInbound', messageId, kind, user },
    content: { data: { ...value.others('type'), type: field } },
  };
}
