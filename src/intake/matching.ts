// Finds which statuses belong to messages that were sent through here.
import type { AccountId } from '../domain/account.ts';
import { parseOutboundId } from '../domain/message.ts';
import type { OutboundMessage } from '../domain/message.ts';
import type { ChannelEvent, ReceiptFacts, StatusFacts } from '../domain/receipt.ts';
import type { Store } from '../store/store.ts';

/** The messages of one account that some events are of. */
export interface SentMessages {
  /** By our ids and by the channel's. */
  readonly byId: ReadonlyMap<string, OutboundMessage>;
  /** Senders with a message that may have reached the channel and has no id of the channel's yet, by {@link toSenderPath}. */
  readonly unanswered: ReadonlySet<string>;
}

export const noneSent: SentMessages = { byId: new Map(), unanswered: new Set() };

/** An event and the sender that it is of. */
export interface OwnedEvent {
  readonly event: Pick<ChannelEvent, 'facts'>;
  readonly channelId: string;
  readonly senderId: string | null;
}

/**
 * Looks up the messages whose statuses are among the events: by our own id, where the channel gives back what the send call
 * gave it, else by the channel's; and whether the answer to a send call of their senders is still to come. One read of the
 * store, and none when there are no statuses.
 */
export async function findSent(
  store: Pick<Store, 'findOutbound'>,
  accountId: AccountId,
  events: readonly OwnedEvent[],
): Promise<SentMessages> {
  const ids = new Set<number>();
  const channelMessageIds = new Set<string>();
  const senders = new Map<string, { channelId: string; senderId: string }>();
  for (const { event, channelId, senderId } of events) {
    const { facts } = event;
    if (facts.type !== 'ChatAppStatus') continue;
    const id = parseOutboundId(facts.callbackData ?? '');
    if (id === undefined) {
      channelMessageIds.add(facts.messageId);
      if (senderId !== null) senders.set(toSenderPath(channelId, senderId), { channelId, senderId });
    } else ids.add(id);
  }
  if (ids.size + channelMessageIds.size === 0) return noneSent;
  const found = await store.findOutbound(accountId, {
    ids: [...ids],
    channelMessageIds: [...channelMessageIds],
    unanswered: [...senders.values()],
  });
  const byId = new Map<string, OutboundMessage>();
  const unanswered = new Set<string>();
  for (const message of found) {
    byId.set(message.messageId, message);
    if (message.channelMessageId !== null) byId.set(message.channelMessageId, message);
    else if (message.state === 'queued' || message.state === 'unknown')
      unanswered.add(toSenderPath(message.channelId, message.senderId));
  }
  return { byId, unanswered };
}

/** How the unrouted entries of held statuses name the sender whose send they wait for. */
export function toSenderPath(channelId: string, senderId: string): string {
  return `${channelId}/${senderId}`;
}

/** The message that a status is of; it has to be of the same sender, whatever the channel gives back. */
export function matchSent(
  facts: ReceiptFacts,
  owner: { readonly channelId: string; readonly senderId: string | null },
  sent: SentMessages,
): OutboundMessage | undefined {
  if (facts.type !== 'ChatAppStatus') return undefined;
  const message = sent.byId.get(facts.callbackData ?? '') ?? sent.byId.get(facts.messageId);
  if (message?.channelId !== owner.channelId || message.senderId !== owner.senderId) return undefined;
  return message;
}

/**
 * Whether a status may be of a message that was just sent, and whose channel id is not known yet because the channel's
 * answer to the send call is slower than the status (channels 7.3).
 */
export function mayBeSent({ event, channelId, senderId }: OwnedEvent, sent: SentMessages): boolean {
  const { facts } = event;
  return (
    facts.type === 'ChatAppStatus' &&
    senderId !== null &&
    parseOutboundId(facts.callbackData ?? '') === undefined &&
    matchSent(facts, { channelId, senderId }, sent) === undefined &&
    sent.unanswered.has(toSenderPath(channelId, senderId))
  );
}

/** The facts of a status under our own MessageId, with what its receipt tells of the message. */
export function withSent(facts: StatusFacts, message: OutboundMessage): StatusFacts {
  const { envelope, messageId, taskId, groupId, to } = message;
  const { frame, messageType, templateCode, templateName, language } = envelope;
  return {
    ...facts,
    messageId,
    sent: {
      to,
      frame,
      messageType,
      ...(facts.messageId === messageId ? {} : { channelMessageId: facts.messageId }),
      ...(taskId === null ? {} : { taskId }),
      ...(groupId === null ? {} : { groupId }),
      ...(templateCode === undefined ? {} : { templateCode }),
      ...(templateName === undefined ? {} : { templateName }),
      ...(language === undefined ? {} : { language }),
    },
  };
}
