// Lists as Meta's vendors give them: a page at a time, with cursors (developers.facebook.com/docs/graph-api/results).
import type { FastifyRequest } from 'fastify';

/** What Meta gives at once where a call names no `limit`. */
const usualLimit = 25;
const maxLimit = 100;

/**
 * The page of a list that a request asks for by `limit` and `after`. Where more follow, `paging` names the address of the next
 * page as well; the last page has cursors and no `next`.
 */
export function toPage<T>(
  request: FastifyRequest,
  address: string,
  items: readonly T[],
): { readonly data: readonly T[]; readonly paging?: object } {
  const query = request.query as Readonly<Record<string, string | undefined>>;
  const asked = Number(query['limit']);
  const limit = Number.isInteger(asked) && asked > 0 ? Math.min(asked, maxLimit) : usualLimit;
  const start = query['after'] === undefined ? 0 : fromCursor(query['after']);
  const data = items.slice(start, start + limit);
  if (data.length === 0) return { data };
  const cursors = { before: toCursor(start), after: toCursor(start + data.length) };
  if (start + data.length >= items.length) return { data, paging: { cursors } };
  const next = new URL(request.url, address);
  next.searchParams.set('limit', String(limit));
  next.searchParams.set('after', cursors.after);
  return { data, paging: { cursors, next: next.href } };
}

/** Opaque to callers, as Meta's are. */
function toCursor(position: number): string {
  return Buffer.from(`at ${position}`).toString('base64url');
}

function fromCursor(cursor: string): number {
  const position = /^at (\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  return position === undefined ? Number.POSITIVE_INFINITY : Number(position);
}
