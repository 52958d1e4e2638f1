// Finds which messages that were sent through here the events of a webhook are of, or name.
import type { AccountId } from '../../domain/account.ts';
import { parseOutboundId } from '../../domain/ids.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { ChannelEvent, ReceiptFacts, StatusFacts } from '../../domain/receipt.ts';
import type { Engine } from '../../store/store.ts';
import { toReferenced } from './references.ts';

/** The messages of one account that some events are of, or name. */
export interface SentMessages {
  /** By our ids and by the channel's. */
  readonly byId: ReadonlyMap<string, OutboundMessage>;
  /** Senders with a message that may have reached the channel and has no id of the channel's yet, by {@link toSenderPath}. */
  readonly unanswered: ReadonlySet<string>;
}

export const noneSent: SentMessages = { byId: new Map(), unanswered: new Set() };

/** An event and the sender that it is of. */
export interface OwnedEvent {
  readonly event: Pick<ChannelEvent, 'facts' | 'content' | 'identity' | 'ifSent'>;
  readonly channelId: string;
  readonly senderId: string | null;
}

/**
 * Looks up the messages whose statuses are among the events: by our own id, where the channel gives back what the send call
 * gave it, else by the channel's; whether the answer to a send call of their senders is still to come; and the messages that
 * users quote, react to or otherwise name. One read of the store, and none when there is neither status nor such a name.
 */
export async function findSent(
  store: Pick<Engine, 'findOutbound'>,
  accountId: AccountId,
  events: readonly OwnedEvent[],
): Promise<SentMessages> {
  const ids = new Set<number>();
  const channelMessageIds = new Set<string>();
  const senders = new Map<string, { channelId: string; senderId: string }>();
  for (const { event, channelId, senderId } of events) {
    for (const id of toReferenced(event)) channelMessageIds.add(id);
    const facts = toStatusFacts(event);
    if (facts === undefined) continue;
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
  if (found.length === 0) return noneSent;
  const byId = new Map<string, OutboundMessage>();
  const unanswered = new Set<string>();
  for (const message of found) {
    byId.set(message.messageId, message);
    if (message.channelMessageId !== null) byId.set(message.channelMessageId, message);
    else if (message.state === 'queued' || message.state === 'unknown')
      unanswered.add(toSenderPath(message.channelId, message.senderId));
  }
  // One that its status names for the first time is known by that name to the other events of the same webhook.
  for (const { event, channelId, senderId } of events) {
    const { facts } = event;
    if (facts.type !== 'ChatAppStatus' || byId.has(facts.messageId)) continue;
    const message = matchSent(facts, { channelId, senderId }, { byId, unanswered });
    if (message !== undefined && facts.messageId !== message.messageId)
      byId.set(facts.messageId, {
        ...message,
        channelMessageId: message.channelMessageId ?? facts.messageId,
      });
  }
  return { byId, unanswered };
}

/** Whether an event makes {@link findSent} look. */
export function namesSent(event: OwnedEvent['event']): boolean {
  return toStatusFacts(event) !== undefined || toReferenced(event).length > 0;
}

/** What an event tells of a message of the business, or would tell if it was sent through here. */
export function toStatusFacts({ facts, ifSent }: OwnedEvent['event']): StatusFacts | undefined {
  return ifSent?.facts ?? (facts.type === 'ChatAppStatus' ? facts : undefined);
}

/** The event as what it is of a message that was sent through here, where it is of one; else the very same. */
export function asSent(event: ChannelEvent, owner: Owner, sent: SentMessages): ChannelEvent {
  const { index, route, occurredAt, ifSent, extra } = event;
  if (ifSent === undefined || matchSent(ifSent.facts, owner, sent) === undefined) return event;
  return { index, route, occurredAt, ...ifSent, ...(extra === undefined ? {} : { extra }) };
}

/** How the unrouted entries of held statuses name the sender whose send they wait for. */
export function toSenderPath(channelId: string, senderId: string): string {
  return `${channelId}/${senderId}`;
}

/** Whose an event is. */
interface Owner {
  readonly channelId: string;
  readonly senderId: string | null;
}

/** The message that a status is of; it has to be of the same sender, whatever the channel gives back. */
export function matchSent(
  facts: ReceiptFacts,
  owner: Owner,
  sent: SentMessages,
): OutboundMessage | undefined {
  if (facts.type !== 'ChatAppStatus') return undefined;
  return toOwn(sent.byId.get(facts.callbackData ?? '') ?? sent.byId.get(facts.messageId), owner);
}

/** The messages of the same sender that a user's message answers or is about. */
export function matchReferenced(
  event: OwnedEvent['event'],
  owner: Owner,
  sent: SentMessages,
): readonly OutboundMessage[] {
  return toReferenced(event).flatMap((id) => toOwn(sent.byId.get(id), owner) ?? []);
}

function toOwn(message: OutboundMessage | undefined, owner: Owner): OutboundMessage | undefined {
  return message?.channelId === owner.channelId && message.senderId === owner.senderId ? message : undefined;
}

/**
 * Whether a status, or an echo, may be of a message that was just sent, and whose channel id is not known yet because the channel's
 * answer to the send call is slower than the status (docs/protocols/receipts.md).
 */
export function mayBeSent({ event, channelId, senderId }: OwnedEvent, sent: SentMessages): boolean {
  const facts = toStatusFacts(event);
  return (
    facts !== undefined &&
    senderId !== null &&
    parseOutboundId(facts.callbackData ?? '') === undefined &&
    matchSent(facts, { channelId, senderId }, sent) === undefined &&
    sent.unanswered.has(toSenderPath(channelId, senderId))
  );
}

/** The facts of a status under our own MessageId, with what its receipt tells of the message. */
export function withSent(facts: StatusFacts, message: OutboundMessage): StatusFacts {
  const { envelope, messageId, taskId, groupId, to } = message;
  const channelMessageId = facts.messageId === messageId ? message.channelMessageId : facts.messageId;
  const { frame, messageType, templateCode, templateName, language } = envelope;
  return {
    ...facts,
    messageId,
    sent: {
      to,
      frame,
      messageType,
      ...(channelMessageId === null ? {} : { channelMessageId }),
      ...(taskId === null ? {} : { taskId }),
      ...(groupId === null ? {} : { groupId }),
      ...(templateCode === undefined ? {} : { templateCode }),
      ...(templateName === undefined ? {} : { templateName }),
      ...(language === undefined ? {} : { language }),
    },
  };
}
