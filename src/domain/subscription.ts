import type { ChannelWebhook, SenderReceiptType, SenderWebhook } from './channel.ts';
import type { AuditFacts, ReceiptType } from './receipt.ts';

/** Where one receipt goes: to a callback URL, to the account's queue of its type, to both, or nowhere. */
interface Match {
  readonly callbackUrl: string | null;
  readonly queue: boolean;
}

const nowhere: Match = { callbackUrl: null, queue: false };

/** Finds where a status or inbound receipt goes by its sender's settings. */
export function matchSender(webhook: SenderWebhook, type: ReceiptType): Match {
  if (type === 'ChatAppAudit' || !webhook.types.includes(type)) return nowhere;
  const url = type === 'ChatAppStatus' ? webhook.statusUrl : webhook.inboundUrl;
  return { callbackUrl: webhook.http ? url : null, queue: webhook.queue };
}

/** What of a receipt's facts settings choose by. */
type SubscribedFacts = Pick<AuditFacts, 'type' | 'event'> | { readonly type: SenderReceiptType };

/** Finds where an audit receipt goes by its channel's settings. Account and number events exist in V2 only. */
export function matchChannel(webhook: ChannelWebhook, facts: SubscribedFacts): Match {
  if (facts.type !== 'ChatAppAudit') return nowhere;
  if (webhook.auditVersion === 'V1' && facts.event !== 'template') return nowhere;
  return { callbackUrl: webhook.http ? webhook.auditUrl : null, queue: webhook.queue };
}

/** What settings choose receipts by: their types, where audits that V2 alone knows are a kind of their own. */
export type ReceiptKind = ReceiptType | 'ChatAppAuditV2';

/** Receipts of a sender, or of a channel as a whole (null), that settings choose together. */
export interface Subscribed {
  readonly channelId: string;
  readonly senderId: string | null;
  readonly kind: ReceiptKind;
}

/** What settings choose a receipt by. */
export function toSubscribed({
  channelId,
  senderId,
  facts,
}: {
  readonly channelId: string;
  readonly senderId: string | null;
  readonly facts: SubscribedFacts;
}): Subscribed {
  if (facts.type !== 'ChatAppAudit') return { channelId, senderId, kind: facts.type };
  const kind = facts.event === 'template' ? facts.type : 'ChatAppAuditV2';
  return { channelId, senderId: null, kind };
}

/** Whether settings want receipts of a kind pushed, to whatever address. */
export function isPushed(kind: ReceiptKind, webhook: SenderWebhook | ChannelWebhook): boolean {
  if (!('auditUrl' in webhook))
    return kind !== 'ChatAppAuditV2' && matchSender(webhook, kind).callbackUrl !== null;
  const event = kind === 'ChatAppAuditV2' ? 'wabaAccountUpdate' : 'template';
  return matchChannel(webhook, { type: 'ChatAppAudit', event }).callbackUrl !== null;
}

/** Whether settings say that HTTP is on and give no address; none may. */
export function isNowhere(webhook: SenderWebhook | ChannelWebhook): boolean {
  if (!webhook.http) return false;
  if ('auditUrl' in webhook) return webhook.auditUrl === null;
  return webhook.statusUrl === null && webhook.inboundUrl === null;
}

/** The name of the queue that all receipts of one type of an account go to. */
export function toReceiptQueueName(accountId: number, type: ReceiptType): string {
  return `Alicom-Queue-${accountId}-${type}`;
}
