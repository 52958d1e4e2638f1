// Finds which statuses belong to messages that were sent through here.
import type { AccountId } from '../domain/account.ts';
import { parseOutboundId } from '../domain/message.ts';
import type { OutboundMessage } from '../domain/message.ts';
import type { ChannelEvent, ReceiptFacts, StatusFacts } from '../domain/receipt.ts';
import type { Store } from '../store/store.ts';

/** The messages of one account that some events are of, by our ids and by the channel's. */
export type SentMessages = ReadonlyMap<string, OutboundMessage>;

/**
 * Looks up the messages whose statuses are among the events: by our own id, where the channel gives back what the send call
 * gave it, else by the channel's. One read of the store, and none when there are no statuses.
 */
export async function findSent(
  store: Pick<Store, 'findOutbound'>,
  accountId: AccountId,
  events: readonly Pick<ChannelEvent, 'facts'>[],
): Promise<SentMessages> {
  const ids = new Set<number>();
  const channelMessageIds = new Set<string>();
  for (const { facts } of events) {
    if (facts.type !== 'ChatAppStatus') continue;
    const id = parseOutboundId(facts.callbackData ?? '');
    if (id === undefined) channelMessageIds.add(facts.messageId);
    else ids.add(id);
  }
  if (ids.size + channelMessageIds.size === 0) return new Map();
  const found = await store.findOutbound(accountId, {
    ids: [...ids],
    channelMessageIds: [...channelMessageIds],
  });
  const messages = new Map<string, OutboundMessage>();
  for (const message of found) {
    messages.set(message.messageId, message);
    if (message.channelMessageId !== null) messages.set(message.channelMessageId, message);
  }
  return messages;
}

/** The message that a status is of; it has to be of the same sender, whatever the channel gives back. */
export function matchSent(
  facts: ReceiptFacts,
  owner: { readonly channelId: string; readonly senderId: string | null },
  sent: SentMessages,
): OutboundMessage | undefined {
  if (facts.type !== 'ChatAppStatus') return undefined;
  const message = sent.get(facts.callbackData ?? '') ?? sent.get(facts.messageId);
  if (message?.channelId !== owner.channelId || message.senderId !== owner.senderId) return undefined;
  return message;
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
