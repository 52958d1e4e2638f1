// Ids of strangers, made such that an index can hold them, before anything is looked up or recorded by them.
import type { ParsedWebhook } from '../../channels/channel.ts';
import type { ChannelEvent, ChannelMark, EndUser, ReceiptFacts } from '../../domain/receipt.ts';
import { maxIdChars, toKeptId } from '../../domain/foreign-text.ts';

/** Members of facts that are sentences and stand in no index. A name goes with each message of its user, and is kept like an id. */
const texts: ReadonlySet<string> = new Set(['errorDescription', 'reason']);

/** What a webhook held, with every id of {@link toKeptId}; what was not too long is the very same object. */
export function withKeptIds(parsed: ParsedWebhook): ParsedWebhook {
  const { events, marks } = parsed;
  return {
    ...parsed,
    events: events.map(toKeptEvent),
    ...(marks === undefined ? {} : { marks: marks.map(toKeptMark) }),
  };
}

/** An event with every id of {@link toKeptId}. */
export function toKeptEvent(event: ChannelEvent): ChannelEvent {
  const { route, facts, erases, takenBackBy, ifSent } = event;
  const ids = [route.id, ...(erases ?? []), takenBackBy?.messageId];
  if (!hasLong(facts) && !(ifSent !== undefined && hasLong(ifSent.facts)) && !ids.some(isLong)) return event;
  return {
    ...event,
    route: { ...route, id: toKeptId(route.id) },
    // The same event is told under its id by marks and answers too, which know the kept one.
    identity: event.identity.map((part) => toKeptPart(part, facts)),
    facts: toKept(facts),
    ...(ifSent === undefined
      ? {}
      : {
          ifSent: {
            ...ifSent,
            identity: ifSent.identity.map((part) => toKeptPart(part, ifSent.facts)),
            facts: toKept(ifSent.facts),
          },
        }),
    ...(erases === undefined ? {} : { erases: erases.map(toKeptId) }),
    ...(takenBackBy === undefined
      ? {}
      : {
          takenBackBy: {
            messageId: toKeptId(takenBackBy.messageId),
            identity: takenBackBy.identity.map((part) =>
              part === takenBackBy.messageId ? toKeptId(part) : part,
            ),
          },
        }),
  };
}

function toKeptPart(part: string, facts: ReceiptFacts): string {
  return facts.type !== 'ChatAppAudit' && part === facts.messageId ? toKeptId(part) : part;
}

function toKeptMark(mark: ChannelMark): ChannelMark {
  const { route, userId } = mark;
  if (!isLong(route.id) && !isLong(userId)) return mark;
  return { ...mark, route: { ...route, id: toKeptId(route.id) }, userId: toKeptId(userId) };
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && value.length > maxIdChars;
}

function hasLong(facts: object): boolean {
  // By names: pairs would be an array for each member of each event.
  for (const name of Object.keys(facts)) {
    const value: unknown = (facts as Readonly<Record<string, unknown>>)[name];
    if (typeof value === 'object' && value !== null ? hasLong(value) : isLong(value) && !texts.has(name))
      return true;
  }
  return false;
}

function toKept<F extends ReceiptFacts | EndUser>(facts: F): F {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'object' && value !== null
        ? toKept(value as EndUser)
        : typeof value === 'string' && !texts.has(name)
          ? toKeptId(value)
          : value,
    ]),
  ) as unknown as F;
}
