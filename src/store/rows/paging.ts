import type { DeliveryState } from '../../domain/delivery.ts';
import { maxId, parseId, toIdRange } from '../../domain/ids.ts';
import type { IdRange, Period } from '../../domain/ids.ts';
import type { DeliveryFilter, Page, PageRequest, ReceiptFilter } from '../store.ts';

/**
 * Rows that one page of a listing looks at when not all of them are wanted and no index knows which: some milliseconds, however
 * many there are.
 */
export const maxWalked = 2000;

/**
 * Pages through rows that are listed newest first: the cursor is the id of the last row shown. `walkedTo` is the last row
 * looked at when there may be more behind it.
 */
export function toPage<Row extends { readonly id: number }, T>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => T,
  walkedTo?: number,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    next: rows.length > limit && last !== undefined ? String(last.id) : (walkedTo?.toString() ?? null),
  };
}

/** The id that a newest-first listing goes on below; everything for one without or with an unreadable cursor. */
export function toBefore(page: PageRequest): number {
  return parseId(page.cursor ?? '') ?? maxId;
}

/** The range of ids in which the rows of a period are, from where a listing goes on. */
export function toPageRange(page: PageRequest, period: Period): IdRange {
  return toIdRange(period, toBefore(page));
}

/** Whether a listing of receipts wants only some of the rows that it walks over. */
export function isPartial({ type, channelId, senderId, messageId }: ReceiptFilter): boolean {
  return messageId === undefined && (type ?? channelId ?? senderId) !== undefined;
}

/** The same of deliveries. Those dead have an index of their own; those that wait and those blocked share one. */
export function isPartialOfDeliveries({ state, destinationId, deliveryIds }: DeliveryFilter): boolean {
  if (deliveryIds !== undefined) return false;
  return state === undefined ? destinationId !== undefined : state !== 'dead';
}

/** Whether deliveries of a state are not over. */
export function isOpen(state: DeliveryState | undefined): boolean {
  return state === 'waiting' || state === 'blocked' || state === 'unwanted';
}

/** Which statement lists the deliveries of a filter: those dead of one destination have an index of their own. */
export function toListing({ state, destinationId }: DeliveryFilter): DeliveryState | 'any' | 'deadOfOne' {
  return state === 'dead' && destinationId !== undefined ? 'deadOfOne' : (state ?? 'any');
}

/** The same for deliveries that are over; undefined when the filter wants none of them. */
export function toOverListing(filter: DeliveryFilter): 'any' | 'done' | 'dead' | 'deadOfOne' | undefined {
  const listing = toListing(filter);
  return listing === 'waiting' || listing === 'blocked' || listing === 'unwanted' ? undefined : listing;
}
