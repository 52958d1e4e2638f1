import type { Page, PageRequest } from '../store.ts';

/** Pages through rows that are listed newest first: the cursor is the id of the last row shown. */
export function toPage<Row extends { readonly id: number }, T>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(toItem),
    next: rows.length > limit && last !== undefined ? String(last.id) : null,
  };
}

/** The id that a newest-first listing goes on below; everything for one without or with an unreadable cursor. */
export function toBefore(page: PageRequest): number {
  const id = Number(page.cursor ?? Number.MAX_SAFE_INTEGER);
  return Number.isSafeInteger(id) ? id : Number.MAX_SAFE_INTEGER;
}

/** An id is given a moment before its row's time is, and never behind the clock of its node. */
const sinceSlackMs = 10_000;
/** After a clock was set back, ids run ahead of it by as much. */
const untilSlackMs = 60 * 60_000;

/** The range of ids in which the rows of a period are, so that a listing walks over no others. */
export function toIdRange(
  page: PageRequest,
  { since, until }: { readonly since?: number; readonly until?: number },
): { readonly from: number; readonly before: number } {
  const before = toBefore(page);
  return {
    from: since === undefined ? 0 : Math.max(0, Math.floor(since - sinceSlackMs) * 4096),
    before:
      until === undefined ? before : Math.min(before, Math.max(0, Math.ceil(until + untilSlackMs) * 4096)),
  };
}
