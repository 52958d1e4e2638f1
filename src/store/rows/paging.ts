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
