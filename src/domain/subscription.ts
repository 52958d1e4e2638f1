import type { ChannelWebhook, SenderWebhook } from './channel.ts';
import type { ReceiptFacts, ReceiptType } from './receipt.ts';

/** Where one receipt goes: to a callback URL, to the account's queue of its type, to both, or nowhere. */
export interface Match {
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

/** Finds where an audit receipt goes by its channel's settings. Account and number events exist in V2 only. */
export function matchChannel(webhook: ChannelWebhook, facts: ReceiptFacts): Match {
  if (facts.type !== 'ChatAppAudit') return nowhere;
  if (webhook.auditVersion === 'V1' && facts.event !== 'template') return nowhere;
  return { callbackUrl: webhook.http ? webhook.auditUrl : null, queue: webhook.queue };
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
