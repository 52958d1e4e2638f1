// Messages of both directions as answered.
import type { Static } from '@fastify/type-provider-typebox';
import { clip } from '../../domain/cut.ts';
import type { OutboundMessage } from '../../domain/message.ts';
import type { Receipt } from '../../domain/receipt.ts';
import { toTime } from '../../domain/time.ts';
import type { MessageAnswer } from './schemas-messages.ts';

export type Message = Static<typeof MessageAnswer>;

const previewLength = 200;

/** What the business sends, as answered, with so much of its text. */
export function toOutbound(message: OutboundMessage, maxText = previewLength): Message {
  const { messageId, channelMessageId, channelId, channelType, senderId, envelope, taskId, groupId } =
    message;
  return {
    direction: 'mt',
    messageId,
    channelMessageId,
    channelId,
    channelType,
    senderId,
    number: message.to,
    at: toTime(message.acceptedAt),
    type: envelope.messageType,
    text: toPreview(envelope.content, maxText),
    templateCode: envelope.templateCode ?? null,
    templateName: envelope.templateName ?? null,
    language: envelope.language ?? null,
    taskId,
    groupId,
    state: message.state,
    status: message.status,
    receiptId: null,
  };
}

/** What a user sends, as answered, with so much of its text. */
export function toInbound(receipt: Receipt, maxText = previewLength): Message {
  const { facts, content, channelId, channelType, senderId, receiptId } = receipt;
  const isInbound = facts.type === 'ChatAppInbound';
  const messageId = facts.type === 'ChatAppAudit' ? receiptId : facts.messageId;
  return {
    direction: 'mo',
    messageId,
    channelMessageId: messageId,
    channelId,
    channelType,
    senderId,
    number: facts.type === 'ChatAppAudit' ? '' : facts.user.id,
    at: toTime(receipt.recordedAt),
    type: isInbound ? facts.kind : facts.type,
    text: clip(content?.text ?? '', maxText),
    templateCode: null,
    templateName: null,
    language: null,
    taskId: null,
    groupId: null,
    state: 'received',
    status: null,
    receiptId,
  };
}

function toPreview(content: unknown, maxText: number): string {
  if (typeof content !== 'object' || content === null) return '';
  for (const name of ['text', 'Text', 'body', 'caption', 'Caption']) {
    const value: unknown = Reflect.get(content, name);
    if (typeof value === 'string') return clip(value, maxText);
  }
  return '';
}
