// What an event tells of other ids of its user.
import { toAlias, toAliasesOf } from '../../domain/alias.ts';
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
  const other =
    facts.type === 'ChatAppInbound' ? findEarlierId(facts, content) : findRecipient(facts, message);
  const alias = other === undefined ? undefined : toAlias(channelId, other.id, other.as, occurredAt);
  return alias === undefined ? told : [...told, alias];
}

interface Other {
  readonly id: string;
  readonly as: string;
}

/** Whom a message was sent to, where its status calls them otherwise. A message to a group has statuses of its members. */
function findRecipient(facts: StatusFacts, message: OutboundMessage | undefined): Other | undefined {
  const { user, groupId, participant } = facts;
  if (message === undefined || groupId !== undefined || participant !== undefined) return undefined;
  const { to, envelope } = message;
  if (to === user.id || envelope.toGroup === true) return undefined;
  if ([user.phone, user.otherId, user.userId, user.parentUserId].includes(to)) return undefined;
  return { id: to, as: user.id };
}

/** What a user was known as before: another business-scoped id (WhatsApp), or the reference of a plugin (Messenger). */
function findEarlierId({ kind, user }: InboundFacts, content: ChannelEvent['content']): Other | undefined {
  const data = content?.data;
  if (data === undefined) return undefined;
  if (kind === 'system' && data['type'] === 'user_id_update') {
    const { previous, current } = toObject(data['user_id']);
    return typeof previous === 'string' && typeof current === 'string'
      ? { id: toKeptId(previous), as: toKeptId(current) }
      : undefined;
  }
  const { source, identifier } = toObject(data['prior_message']);
  return source === 'checkbox_plugin' && typeof identifier === 'string'
    ? { id: toKeptId(identifier), as: user.id }
    : undefined;
}

function toObject(value: NonNullable<InboundContent['data']>[string]): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
