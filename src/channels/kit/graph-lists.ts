// Lists of the Graph API, page by page to a bound (developers.facebook.com/docs/graph-api/results, read 2026-11).
import type { GraphAnswer, GraphCall } from './graph.ts';
import { isObject, toObjects, toText } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

/** What bounds a list, whatever Meta answers: pages, bytes of all of them together, and the time for all of them. */
export const listBounds = { pages: 200, bytes: 64 * 1024 * 1024, timeMs: 180_000 } as const;

/** What is said where something was not found in as much of a list as was read. */
export const cutShort = 'The list of the Graph API does not end.';

/** A list as far as it was read, or why it was not. */
export type Listed<T> =
  | Exclude<GraphAnswer, { kind: 'ok' }>
  | {
      readonly kind: 'ok';
      readonly items: readonly T[];
      /**
       * Whether what is not among the items is not in the list either; false where the bound or `isEnough` ended it, and where something
       * stands in it that is no item.
       */
      readonly isWhole: boolean;
    };

export interface ListCall<T> extends Pick<GraphCall, 'query'>, Stopwatch {
  /** Makes one call for the list; what it is given beside the query of the list is that of the page. */
  readonly ask: (query: Readonly<Record<string, string>>) => Promise<GraphAnswer>;
  /** What is kept of an item; undefined keeps nothing of it. */
  readonly pick: (item: JsonObject) => T | undefined;
  /** Ends the list early. */
  readonly isEnough?: (items: readonly T[]) => boolean;
}

/**
 * Reads all pages of a list. Each is asked for at the address of the first, with the cursor that the page before named: an
 * address that an answer names is followed nowhere else. Meta says of the last page that it has no `next`; a page that was
 * named before ends the list too. Never throws.
 */
export async function listAll<T>({
  ask,
  query = {},
  pick,
  isEnough = () => false,
  monotonic,
}: ListCall<T>): Promise<Listed<T>> {
  const items: T[] = [];
  const seen = new Set<string>();
  const endsAt = monotonic() + listBounds.timeMs;
  let page: Readonly<Record<string, string>> = {};
  let bytes = 0;
  let isRead = true;
  for (let n = 0; n < listBounds.pages; n += 1) {
    const answer = await ask({ ...query, ...page });
    if (answer.kind !== 'ok') return answer;
    if (!Array.isArray(answer.body['data']))
      return { kind: 'unknown', text: 'The Graph API answered without the list that was asked for.' };
    const data = answer.body['data'] as readonly Json[];
    const objects = toObjects(data);
    isRead &&= objects.length === data.length && hasPaging(answer.body);
    for (const item of objects) {
      const kept = pick(item);
      if (kept !== undefined) items.push(kept);
    }
    const next = readNext(answer.body);
    if (next === undefined) return { kind: 'ok', items, isWhole: isRead };
    const key = JSON.stringify(next);
    bytes += answer.bytes;
    if (seen.has(key) || isEnough(items) || bytes > listBounds.bytes || monotonic() > endsAt) break;
    seen.add(key);
    page = next;
  }
  return { kind: 'ok', items, isWhole: false };
}

/** Members of a `next` address that are the caller's own. */
const ownMembers = new Set(['access_token', 'appsecret_proof']);

/** Whether a page tells in the documented form what stands behind it; most last pages tell nothing. */
function hasPaging({ paging }: JsonObject): boolean {
  if (paging === undefined || paging === null) return true;
  if (!isObject(paging)) return false;
  const next = paging['next'] ?? null;
  return next === null || typeof next === 'string';
}

/** What asks for the page behind this one; undefined where there is none. */
function readNext(body: JsonObject): Readonly<Record<string, string>> | undefined {
  const paging = isObject(body['paging']) ? body['paging'] : {};
  const next = toText(paging['next']);
  if (next === undefined) return undefined;
  const cursors = isObject(paging['cursors']) ? paging['cursors'] : {};
  const after = toText(cursors['after']);
  if (after !== undefined) return { after };
  // Lists by time or by offset name no cursor; their place is in the address alone.
  const query = next.includes('?') ? next.slice(next.indexOf('?') + 1).replace(/#.*$/, '') : '';
  return Object.fromEntries([...new URLSearchParams(query)].filter(([name]) => !ownMembers.has(name)));
}
