import type { ChannelType, SenderType } from '../../domain/channel.ts';
import type { InboundContent, Receipt, ReceiptFacts } from '../../domain/receipt.ts';

/** A receipt with its content, as `receiptColumns` selects it. */
export interface ReceiptRow {
  readonly id: number;
  readonly account_id: number;
  readonly key: Uint8Array;
  readonly channel_id: string;
  readonly channel_type: ChannelType;
  readonly sender_id: string | null;
  readonly sender_type: SenderType | null;
  readonly occurred_at: number;
  readonly recorded_at: number;
  readonly superseded: number;
  readonly unmatched: number;
  readonly facts: string;
  readonly content: string | null;
}

/** The columns of a receipt as every reader wants them; `c` is its content. */
export const receiptColumns =
  'r.id, r.account_id, r.key, r.channel_id, r.channel_type, r.sender_id, r.sender_type, r.occurred_at, r.recorded_at, r.superseded, r.unmatched, r.facts, c.body AS content';

/** A receipt from its row. */
export function toReceipt(row: ReceiptRow): Receipt {
  return {
    accountId: row.account_id,
    id: row.id,
    receiptId: toHex(row.key),
    channelId: row.channel_id,
    channelType: row.channel_type,
    senderId: row.sender_id,
    senderType: row.sender_type,
    facts: JSON.parse(row.facts) as ReceiptFacts,
    content: row.content === null ? null : (JSON.parse(row.content) as InboundContent),
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    superseded: row.superseded === 1,
    unmatched: row.unmatched === 1,
  };
}

/** Bytes in lower-case hex, as ids are written. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
