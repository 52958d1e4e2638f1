// Marks: what a channel says of all messages to a user up to a time becomes a status of each message that it means.
import type { AccountId } from '../../domain/account.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import { toStatusIdentity } from '../../domain/identity.ts';
import type { ChannelEvent, ChannelMark } from '../../domain/receipt.ts';
import type { Engine } from '../../store/store.ts';
import { noneSent } from './match.ts';
import type { SentMessages } from './match.ts';

/** What a mark means so far. */
interface MeantStatuses {
  readonly events: readonly ChannelEvent[];
  /** The messages that the events are of. */
  readonly sent: SentMessages;
  /** There are more such messages than were asked for. */
  readonly hasMore: boolean;
  /** A message that is being sent may turn out to be meant too. */
  readonly isEarly: boolean;
}

/**
 * Finds up to `limit` messages that a mark means and that are not known to have come so far. It reads what is open and
 * nothing that was read long ago.
 */
export async function findMeant(
  store: Pick<Engine, 'findOpenOutbound'>,
  owner: { readonly accountId: AccountId; readonly channelId: string; readonly senderId: string },
  mark: ChannelMark,
  limit: number,
): Promise<MeantStatuses> {
  const { accountId, ...sender } = owner;
  const found = await store.findOpenOutbound(accountId, { ...sender, to: mark.userId }, mark, limit);
  const messages = found.messages.filter(hasName);
  return {
    events: messages.map((message) => toStatusEvent(mark, message.channelMessageId)),
    sent: { ...noneSent, byId: new Map(messages.map((message) => [message.channelMessageId, message])) },
    hasMore: found.messages.length === limit,
    isEarly: found.unanswered,
  };
}

type Named = OutboundMessage & { readonly channelMessageId: string };

function hasName(message: OutboundMessage): message is Named {
  return message.channelMessageId !== null;
}

function toStatusEvent(
  { index, route, userId, status, occurredAt }: ChannelMark,
  messageId: string,
): ChannelEvent {
  return {
    index,
    route,
    identity: toStatusIdentity(messageId, status),
    occurredAt,
    facts: { type: 'ChatAppStatus', messageId, status, user: { id: userId } },
  };
}
