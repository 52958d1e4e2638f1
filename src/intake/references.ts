// Which other messages a user's message answers or is about, and how those that were sent through here are told.
import type { OutboundMessage } from '../domain/message.ts';
import type { ChannelEvent, InboundFacts, InboundKind, SentReference } from '../domain/receipt.ts';
import { toKeptId } from '../domain/well-formed.ts';

/** The member of a message's data that names the message which it is about, for the kinds that have one. */
const namedBy: Readonly<Partial<Record<InboundKind, string>>> = {
  reaction: 'messageId',
  edit: 'messageId',
  revoke: 'messageId',
  echo: 'messageId',
  payment: 'messageId',
  // What a user thinks of an answer that the business gave (Messenger's `response_feedback`).
  system: 'mid',
};

/** The channel's ids of the messages that an event answers or is about, as they are kept; hardly any event has one. */
export function toReferenced({ facts, content }: Pick<ChannelEvent, 'facts' | 'content'>): readonly string[] {
  if (facts.type !== 'ChatAppInbound') return [];
  const member = namedBy[facts.kind];
  const about = member === undefined ? undefined : content?.data?.[member];
  if (facts.replyTo === undefined && typeof about !== 'string') return [];
  return [facts.replyTo, about].flatMap((id) => (typeof id === 'string' && id !== '' ? [toKeptId(id)] : []));
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
