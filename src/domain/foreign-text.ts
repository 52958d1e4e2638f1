// What strangers write, made such that every store and every consumer of JSON can hold it.
import { hash } from 'node:crypto';

/** What an id is cut to begins with this many of its characters; the longest that a channel documents has 256. */
const keptIdChars = 440;
/** The longest id that is kept as it is; longer ones do not fit into a database's index. */
export const maxIdChars = 512;

/**
 * JSON text whose strings and names have U+FFFD in the place of `\u0000` and of each half of a surrogate pair: no text column
 * of PostgreSQL holds the first, no UTF-8 the second, and parsers of some languages refuse the whole document for either.
 */
export function toWellFormedJson(json: string): string {
  // Most text has no such escape at all, and looking for two characters costs a fifth.
  if (!json.includes('\\u') || !/\\u(?:0000|[dD][89a-fA-F])/.test(json)) return json;
  // Escapes are taken one by one, so that one that is itself escaped stays.
  return json.replace(
    /\\(?:u0000|u[dD][89abAB][\da-fA-F]{2}(\\u[dD][c-fC-F][\da-fA-F]{2})?|u[dD][c-fC-F][\da-fA-F]{2}|[^])/g,
    (escape: string, low?: string) => (escape.length === 2 || low !== undefined ? escape : '\\ufffd'),
  );
}

/** The id as it is, or its beginning and a digest of the whole where it is too long: two that differ stay two. */
export function toKeptId(id: string): string {
  if (id.length <= maxIdChars) return id;
  return `${id.slice(0, keptIdChars).toWellFormed()}#${hash('sha256', id)}`;
}
