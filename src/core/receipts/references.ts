// Which other messages a user's message answers or is about, and how those that were sent through here are told.
import type { OutboundMessage } from '../../domain/message.ts';
import type { ChannelEvent, InboundFacts, InboundKind, SentReference } from '../../domain/receipt.ts';
import { toKeptId } from '../../domain/foreign-text.ts';

/** The member of a message's data that names the message which it is about, for the kinds that have one. */
const namedBy: Readonly<Partial<Record<InboundKind, string>>> = {
  reaction: 'messageId',
  edit: 'messageId',
  revoke: 'messageId',
  echo: 'messageId',
  payment: 'messageId',
  // A reaction with a word that is not known yet.
  unsupported: 'messageId',
  feedback: 'mid',
  // What a user thinks of an answer that the business gave (Messenger's `response_feedback`).
  system: 'mid',
};

/**
 * The channel's ids of the messages that an event answers or is about, as they are kept; hardly any event has one. Meta does not
 * say whether the `mid` of a postback is its own or that of the message with the button, so it is looked for as well.
 */
export function toReferenced({
  facts,
  content,
  identity,
}: Pick<ChannelEvent, 'facts' | 'content' | 'identity'>): readonly string[] {
  if (facts.type !== 'ChatAppInbound') return [];
  const member = namedBy[facts.kind];
  const about = member === undefined ? undefined : content?.data?.[member];
  const tapped = identity[0] === 'postback' ? facts.messageId : undefined;
  if (facts.replyTo === undefined && tapped === undefined && typeof about !== 'string') return [];
  const ids = [facts.replyTo, tapped, about].filter((id) => typeof id === 'string' && id !== '');
  return [...new Set(ids.map((id) => toKeptId(String(id))))];
}

/** The facts of a user's message with our own ids of the messages of ours that it names. */
export function withReferences(facts: InboundFacts, messages: readonly OutboundMessage[]): InboundFacts {
  if (messages.length === 0) return facts;
  return { ...facts, references: messages.flatMap(toReference) };
}

function toReference({ messageId, taskId, groupId, channelMessageId }: OutboundMessage): SentReference[] {
  if (channelMessageId === null) return [];
  return [
    {
      channelMessageId,
      messageId,
      ...(taskId === null ? {} : { taskId }),
      ...(groupId === null ? {} : { groupId }),
    },
  ];
}
