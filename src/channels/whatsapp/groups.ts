// What happens to groups of a WhatsApp number, where the channel asks for it. Source: developers.facebook.com/documentation/
// business-messaging/whatsapp/groups/webhooks, read in November 2026.
import { toEventIdentity } from '../../domain/identity.ts';
import type { ChannelEvent, EndUser, Route } from '../../domain/receipt.ts';
import { defined, isSharable, toDigest, toItems } from '../kit/gatherer.ts';
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
  /** What stands in a list of people and is none. */
  const odd: Record<string, Json> = {};
  const people = Object.keys(group.source).flatMap((change) => {
    const { found, others } = toPeople(group.peek(change));
    if (found.length === 0) return [];
    group.skip(change);
    if (others.length > 0) odd[change] = others;
    return found.map((one) => ({ change, ...one }));
  });
  // Somebody who asks to be let in stands in the event itself.
  const own = people.length === 0 ? toPerson(group.source) : undefined;
  const common = { ...group.others('groupId', 'change', 'participant'), ...odd };
  if (people.length === 0) return { events: [toEvent(own ?? { id: groupId ?? '' }, 0, common)] };
  const isForEach = people.length === 1 || isSharable(common);
  return {
    events: people.map(({ change, user, participant }, number) =>
      toEvent(user, number, { ...(number === 0 || isForEach ? common : {}), change, participant }),
    ),
  };
}

interface People {
  readonly found: readonly { readonly user: EndUser; readonly participant: JsonObject }[];
  /** What is nobody, in its order. */
  readonly others: readonly Json[];
}

/** The people of a list: those that came, left, could not come, and whatever lists there will be. Nobody for what is no such list. */
function toPeople(value: Json | undefined): People {
  const items = toItems(value);
  const read = items.map((participant) => {
    const user = isObject(participant) ? toPerson(participant) : undefined;
    return isObject(participant) && user !== undefined ? { user, participant } : undefined;
  });
  return {
    found: read.filter((one) => one !== undefined),
    others: items.filter((_, n) => read[n] === undefined),
  };
}

function toPerson(person: JsonObject): EndUser | undefined {
  const id = person['wa_id'] === undefined ? 'input' : 'wa_id';
  return toUser(new Reader(person), undefined, [id, 'user_id', 'parent_user_id']);
}
