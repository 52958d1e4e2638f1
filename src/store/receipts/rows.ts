// Rows of receipts and raw events as both stores select them, and what becomes of them.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { isOfUser, toHappened } from '../../domain/alias.ts';
import type { ChannelType, SenderType } from '../../domain/channel.ts';
import type { WaitingRoute, Receipt, ReceiptFacts } from '../../domain/receipt.ts';
import { parseId } from '../../domain/ids.ts';
import type { PageRequest, RawEvent, ReceiptFilter, Unrouted } from '../store.ts';
import { readObject } from '../rows/json-column.ts';

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
    facts: readObject(row.facts) as ReceiptFacts,
    content: row.content === null ? null : readObject(row.content),
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

/** A receipt with where it came from and which queue message carries it. */
export interface TimelineRow extends ReceiptRow {
  readonly raw_event_id: number;
  readonly raw_index: number;
  readonly queue_id: number | null;
  readonly queue_message_id: number | null;
}

export interface UnroutedRow {
  readonly account_id: number;
  readonly channel_id: string;
  readonly raw_event_id: number;
  readonly position: number;
  readonly route_by: WaitingRoute['by'];
  readonly route_id: string;
  readonly received_at: number;
}

export interface RawEventRow {
  readonly id: number;
  readonly account_id: number;
  readonly channel_id: string;
  readonly received_at: number;
  readonly packed: number;
  readonly body: Uint8Array;
}

/** Smaller bodies than this gain nothing from compression and cost its time (13 us for a status of 500 bytes). */
const packFromBytes = 1024;

/** A body as it is kept. */
export function packBody(body: Uint8Array): { readonly packed: 0 | 1; readonly stored: Uint8Array } {
  return body.byteLength >= packFromBytes
    ? { packed: 1, stored: deflateRawSync(body, { level: 1 }) }
    : { packed: 0, stored: body };
}

/** A raw event from its row. */
export function toRawEvent(row: RawEventRow): RawEvent {
  return {
    accountId: row.account_id,
    id: row.id,
    channelId: row.channel_id,
    receivedAt: row.received_at,
    body: row.packed === 1 ? inflateRawSync(row.body) : row.body,
  };
}

/** An unrouted event from its row. */
export function toUnrouted(row: UnroutedRow): Unrouted {
  return {
    accountId: row.account_id,
    channelId: row.channel_id,
    rawEventId: row.raw_event_id,
    index: row.position,
    route: { by: row.route_by, id: row.route_id },
    receivedAt: row.received_at,
  };
}

/** The part of a raw event that a page begins after: its event's id and its position; the very first where the cursor names none. */
export function toPlace({ cursor = '' }: PageRequest): [rawEventId: number, position: number] {
  const [rawEventId = '', position = ''] = cursor.split('.');
  return [parseId(rawEventId) ?? 0, parseId(position) ?? -1];
}

/**
 * The members of a user by which receipts are found, each with the index that holds those that have it (sql/, 008); the embedded store's
 * leaves out those of which it is the id (sql/, 017).
 */
export const userIndexes = [
  { name: 'receipt_user', member: 'id', mayBeId: false },
  { name: 'receipt_user_phone', member: 'phone', mayBeId: true },
  { name: 'receipt_user_other', member: 'otherId', mayBeId: false },
  { name: 'receipt_user_own', member: 'userId', mayBeId: true },
  { name: 'receipt_user_parent', member: 'parentUserId', mayBeId: false },
] as const;

/** Whether a receipt is a message of the user that a filter asks for, at a time when the ids were this user's. */
export function isOfFilteredUser(
  { facts, occurredAt, recordedAt }: Receipt,
  user: ReceiptFilter['user'],
): boolean {
  if (user === undefined) return true;
  return facts.type === 'ChatAppInbound' && isOfUser(user, facts.user, toHappened(occurredAt, recordedAt));
}
