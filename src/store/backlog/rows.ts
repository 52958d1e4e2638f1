import type { AuditFacts, ReceiptType } from '../../domain/receipt.ts';
import { toSubscribed } from '../../domain/subscription.ts';
import type { ReceiptKind } from '../../domain/subscription.ts';
import type { BacklogFilter, BacklogItem, Page, PageRequest } from '../store.ts';
import { readObject } from '../rows/json-column.ts';
import { maxWalked } from '../rows/paging.ts';
import { isUnreadable } from '../rows/corruption.ts';

/** A delivery that is not over, as both stores select it. */
export interface BacklogRow {
  readonly id: number;
  readonly destination_id: number;
  readonly channel_id: string;
  readonly sender_id: string | null;
  readonly type: ReceiptType;
  readonly facts: string;
  readonly since: number | null;
}

/** What settings choose unwanted deliveries by. */
export interface UnwantedRow {
  readonly account_id: number;
  readonly channel_id: string;
  readonly sender_id: string;
  readonly kind: ReceiptKind;
}

/**
 * The columns of {@link BacklogRow}, of `delivery d JOIN receipt r` with what is unwanted as `u`. The facts of audits alone say what
 * settings choose by.
 */
export const backlogColumns = `d.id, d.destination_id, r.channel_id, r.sender_id, r.type,
  CASE WHEN r.type = 'ChatAppAudit' THEN r.facts ELSE '' END AS facts, u.since`;

/** Of `maxWalked` rows at most, those that are meant; the cursor is the id of the last row that was looked at. */
export function toBacklogPage(
  rows: readonly BacklogRow[],
  filter: BacklogFilter,
  { limit }: PageRequest,
): Page<BacklogItem> {
  const items: BacklogItem[] = [];
  let last = 0;
  for (const row of rows) {
    if (items.length === limit) return { items, next: String(last) };
    last = row.id;
    const item = toItem(row);
    if (isMeant(item, filter)) items.push(item);
  }
  return { items, next: rows.length < maxWalked ? null : String(last) };
}

function toItem(row: BacklogRow): BacklogItem {
  const facts = row.type === 'ChatAppAudit' ? readFacts(row.facts) : { type: row.type };
  return {
    deliveryId: row.id,
    destinationId: row.destination_id,
    ...toSubscribed({ channelId: row.channel_id, senderId: row.sender_id, facts }),
    isUnwanted: row.since !== null,
  };
}

/** Facts that cannot be read are those of a template's audit, which all settings know. */
function readFacts(text: string): Pick<AuditFacts, 'type' | 'event'> {
  try {
    return { ...(readObject(text) as AuditFacts), type: 'ChatAppAudit' };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { type: 'ChatAppAudit', event: 'template' };
  }
}

function isMeant(item: BacklogItem, { destinationId, owner, kind }: BacklogFilter): boolean {
  if (destinationId !== undefined && item.destinationId !== destinationId) return false;
  if (kind !== undefined && item.kind !== kind) return false;
  return owner === undefined || (item.channelId === owner.channelId && item.senderId === owner.senderId);
}
