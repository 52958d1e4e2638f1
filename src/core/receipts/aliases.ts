// What an event tells of other ids of its user.
import { toAlias, toAliasesOf, toMove } from '../../domain/alias.ts';
import type { Alias } from '../../domain/alias.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { ChannelEvent, InboundContent, InboundFacts, StatusFacts } from '../../domain/receipt.ts';
import { toKeptId } from '../../domain/foreign-text.ts';

/**
 * The ids that an event says are of one user: those told of the user in one breath, and whom a message of ours went to beside
 * what its status calls them. `message` is the one that a status is of. Nothing is taken from likeness: numbers that differ in
 * a digit are one user's only where the channel said so of one message.
 */
export function toAliases(
  channelId: string,
  { facts, content, occurredAt }: ChannelEvent,
  message: OutboundMessage | undefined,
): readonly Alias[] {
  if (facts.type === 'ChatAppAudit') return [];
  const told = toAliasesOf(channelId, facts.user, occurredAt);
  const others =
    facts.type === 'ChatAppInbound' ? findEarlierIds(facts, content) : findRecipient(facts, message);
  const number = facts.type === 'ChatAppInbound' ? findNextNumber(facts, content) : undefined;
  if (number === undefined && others.length === 0) return told;
  // What tells it is told under the number that is left, and names the new one: it is of the same user.
  const move = toMove(channelId, facts.user.phone ?? '', number ?? '', occurredAt + 1);
  // What was told under the number that is left comes first: it is of the user who leaves it.
  return [
    ...told,
    ...others.flatMap(({ id, as }) => toAlias(channelId, id, as, occurredAt) ?? []),
    ...(move === undefined ? [] : [move]),
  ];
}

interface Other {
  readonly id: string;
  readonly as: string;
}

/** Whom a message was sent to, where its status calls them otherwise. A message to a group has statuses of its members. */
function findRecipient(facts: StatusFacts, message: OutboundMessage | undefined): readonly Other[] {
  const { user, groupId, participant } = facts;
  if (message === undefined || groupId !== undefined || participant !== undefined) return [];
  const { to, envelope } = message;
  if (to === user.id || envelope.toGroup === true) return [];
  if ([user.phone, user.otherId, user.userId, user.parentUserId].includes(to)) return [];
  return [{ id: to, as: user.id }];
}

/** What a user was known as before: other business-scoped ids (WhatsApp), or the reference of a plugin (Messenger). */
function findEarlierIds({ kind, user }: InboundFacts, content: ChannelEvent['content']): readonly Other[] {
  const data = content?.data;
  if (data === undefined) return [];
  if (kind === 'system' && data['type'] === 'user_id_update')
    return [data['user_id'], data['parent_user_id']].flatMap((change) => {
      const { previous, current } = toObject(change);
      return typeof previous === 'string' && typeof current === 'string'
        ? [{ id: toKeptId(previous), as: toKeptId(current) }]
        : [];
    });
  const { source, identifier } = toObject(data['prior_message']);
  return source === 'checkbox_plugin' && typeof identifier === 'string'
    ? [{ id: toKeptId(identifier), as: user.id }]
    : [];
}

/** The number that WhatsApp says a user has from now on, and the user's own until then is no more. */
function findNextNumber({ kind }: InboundFacts, content: ChannelEvent['content']): string | undefined {
  const data = content?.data;
  if (kind !== 'system' || data?.['type'] !== 'user_changed_number') return undefined;
  const number = data['wa_id'] ?? data['new_wa_id'];
  return typeof number === 'string' || typeof number === 'number'
    ? String(number).replace(/^\+/, '')
    : undefined;
}

function toObject(value: NonNullable<InboundContent['data']>[string]): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
