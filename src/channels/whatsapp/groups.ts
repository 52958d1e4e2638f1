// What happens to groups of a WhatsApp number, where the channel asks for it. Source: developers.facebook.com/documentation/
// business-messaging/whatsapp/groups/webhooks, read in November 2026.
import { toEventIdentity } from '../../domain/identity.ts';
import type { ChannelEvent, EndUser, Route } from '../../domain/receipt.ts';
import { defined, isSharable, toDigest } from '../kit/gatherer.ts';
import { isObject, toCanonicalJson } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { Reader } from '../kit/reader.ts';
import { toUser } from './end-users.ts';

/**
 * Reads one of `groups`. Each person that it names has a receipt, so that what is told of one can be found by, and erased with, that
 * one; an event that names nobody is of the group itself.
 */
export function readGroup(
  index: number,
  route: Route,
  group: Reader,
  now: number,
): { readonly events: readonly ChannelEvent[] } {
  const digest = toDigest(toCanonicalJson(group.source));
  // One that could not be made has none, and is known by the request for it.
  const groupId = group.text('group_id');
  const occurredAt = group.time('timestamp') ?? now;
  const toEvent = (user: EndUser, number: number, data: Readonly<Record<string, unknown>>): ChannelEvent => ({
    index,
    route,
    identity: toEventIdentity('group', groupId ?? '', digest, String(number)),
    occurredAt,
    facts: {
      type: 'ChatAppInbound',
      messageId: number === 0 ? `group-${digest}` : `group-${digest}#${number + 1}`,
      kind: 'group',
      user,
      ...defined('groupId', groupId),
    },
    content: { data: { ...data, ...defined('groupId', groupId) } },
  });
  const people = Object.keys(group.source).flatMap((change) => {
    const found = toPeople(group.peek(change));
    if (found === undefined) return [];
    group.skip(change);
    return found.map((one) => ({ change, ...one }));
  });
  // Somebody who asks to be let in stands in the event itself.
  const own = people.length === 0 ? toPerson(group.source) : undefined;
  const common = group.others('groupId', 'change', 'participant');
  if (people.length === 0) return { events: [toEvent(own ?? { id: groupId ?? '' }, 0, common)] };
  const isForEach = people.length === 1 || isSharable(common);
  return {
    events: people.map(({ change, user, participant }, number) =>
      toEvent(user, number, { ...(number === 0 || isForEach ? common : {}), change, participant }),
    ),
  };
}

/** The people of a list: those that came, left, could not come, and whatever lists there will be. Undefined for what is no such list. */
function toPeople(
  value: Json | undefined,
): readonly { readonly user: EndUser; readonly participant: JsonObject }[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const items = value as readonly Json[];
  const people = items.flatMap((participant) => {
    const user = isObject(participant) ? toPerson(participant) : undefined;
    return isObject(participant) && user !== undefined ? [{ user, participant }] : [];
  });
  return people.length === items.length ? people : undefined;
}

function toPerson(person: JsonObject): EndUser | undefined {
  const id = person['wa_id'] === undefined ? 'input' : 'wa_id';
  return toUser(new Reader(person), undefined, [id, 'user_id', 'parent_user_id']);
}
