// Which columns hold ids and times that a clock which was wrong may have put ahead, in both stores.
export const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;
/** What was done lies ahead by no more than clocks differ; what is due by no more than the longest delay; what ends by a year. */
export const doneLimitMs = minuteMs;
const dueLimitMs = 7 * dayMs;
const endLimitMs = 366 * dayMs;
/** What ends later ends a day from now. */
const endMs = dayMs;

const dueColumns: ReadonlySet<string> = new Set(['due_at', 'visible_at', 'review_at', 'lease_ends_at']);
const endColumns: ReadonlySet<string> = new Set(['expires_at', 'ends_at', 'password_ends_at']);

/** Columns that hold ids which grow with time; those of the first list are where such ids are made. */
export const idColumns = [
  ['raw_event', 'id'],
  ['receipt', 'id'],
  ['delivery', 'id'],
  ['delivery', 'place'],
  ['message', 'id'],
  ['outbound', 'id'],
  ['notice', 'id'],
  ['change', 'id'],
] as const;
/** Columns that name them. */
export const idReferences = [
  ['receipt', 'raw_event_id'],
  ['receipt', 'queue_message_id'],
  ['unrouted', 'raw_event_id'],
  ['seen', 'receipt_id'],
  ['seen_lately', 'receipt_id'],
  ['content', 'receipt_id'],
  ['media', 'receipt_id'],
  ['delivery', 'batch'],
  ['attempt', 'delivery_id'],
  ['send_attempt', 'outbound_id'],
  ['fallback', 'outbound_id'],
  ['fallback_attempt', 'outbound_id'],
  ['message', 'receipt_id'],
  ['ready', 'id'],
  ['waiting', 'id'],
  ['moved', 'id'],
  ['queue_trace', 'receipt_id'],
  ['unwanted', 'delivery_id'],
  ['remarked', 'raw_event_id'],
  ['notice_standing', 'notice_id'],
] as const;

export interface Column {
  readonly table: string;
  readonly column: string;
}

/** Whether a column holds a time, by its name. */
export function isTime({ column }: Column): boolean {
  return /^(at|since|until)$|_at$/.test(column);
}

/** Beyond what a column's times cannot be, and what such a time becomes. */
export function toBound(column: string, now: number): { readonly limit: number; readonly to: number } {
  if (dueColumns.has(column)) return { limit: now + dueLimitMs, to: now };
  if (endColumns.has(column)) return { limit: now + endLimitMs, to: now + endMs };
  return { limit: now + doneLimitMs, to: now };
}

export function hasColumn(columns: readonly Column[], table: string, column: string): boolean {
  return columns.some((one) => one.table === table && one.column === column);
}
