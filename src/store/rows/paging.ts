import type { DeliveryState } from '../../domain/delivery.ts';
import { maxId, toFirstId } from '../../domain/ids.ts';
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
  const id = Number(page.cursor ?? maxId);
  return Number.isSafeInteger(id) ? id : maxId;
}

/**
 * By how much the ids of a period reach beyond it: an id is given a moment before its row's time is, and ids run ahead of a clock
 * that was set back. A wider reach would make a listing that ends at some time walk over all that came after it.
 */
const slackMs = 10_000;

/** The lowest id that deliveries of a period have: ids grow with time, so a range of time is a range of ids. */
export function toSinceId({ since }: { readonly since?: number }): number {
  return since === undefined ? 0 : toFirstId(since);
}

/** The id that deliveries of a period are below; null without an end. */
export function toUntilId({ until }: { readonly until?: number }): number | null {
  return until === undefined ? null : toFirstId(until);
}

/** The range of ids in which the rows of a period are, so that a listing walks over no others. */
export function toIdRange(
  page: PageRequest,
  { since, until }: { readonly since?: number; readonly until?: number },
): { readonly from: number; readonly before: number } {
  const before = toBefore(page);
  return {
    from: since === undefined ? 0 : toFirstId(since - slackMs),
    before: until === undefined ? before : Math.min(before, toFirstId(Math.ceil(until + slackMs))),
  };
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
