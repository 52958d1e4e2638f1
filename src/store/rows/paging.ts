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

/**
 * Of the rows that indexes found, by their ids, newest first and one more than fit, those that a page looks at, and where the next one
 * goes on.
 */
export function toFoundPage(
  ids: readonly number[],
  limit: number,
): { readonly ids: readonly number[]; readonly next: string | null } {
  const shown = ids.slice(0, limit);
  return { ids: shown, next: ids.length > limit ? String(shown.at(-1)) : null };
}

/** How many rows a count looked at, one more than it may count where there are more, and how many of them are wanted. */
export interface WalkedRow {
  readonly seen: number;
  readonly found: number | null;
}

/** What a count of `atMost` rows came to. */
export function toCounted(
  { seen, found }: WalkedRow = { seen: 0, found: 0 },
  atMost: number,
): { readonly count: number; readonly isMore: boolean } {
  return { count: Math.min(found ?? 0, atMost), isMore: seen > atMost };
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
export function isPartial({ type, channelId, senderId, messageId, user }: ReceiptFilter): boolean {
  return messageId === undefined && user === undefined && (type ?? channelId ?? senderId) !== undefined;
}

/** The same of deliveries. Those dead have an index of their own; those that wait and those blocked share one. */
export function isPartialOfDeliveries(filter: DeliveryFilter): boolean {
  const { state, destinationId, deliveryIds } = filter;
  if (deliveryIds !== undefined) return false;
  if (isNarrowed(filter)) return true;
  return state === undefined ? destinationId !== undefined : state !== 'dead';
}

/** Whether a filter asks for something of the receipt or of the last try, which no index of deliveries knows. */
export function isNarrowed({ type, channelId, user, outcome, status }: DeliveryFilter): boolean {
  return (type ?? channelId ?? user ?? outcome ?? status) !== undefined;
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
