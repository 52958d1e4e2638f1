// What the target of a request asks for, read in one place for those who route it and those who check its signature.

/** The parts of a target. Slashes that stand together count as one, and so do steps to where one is (`/./`); an empty query is none. */
interface Target {
  /** The path's parts, decoded. */
  readonly segments: readonly string[];
  /** By name in lower case, decoded; of a name that comes twice the last. */
  readonly query: ReadonlyMap<string, string>;
}

/** Reads a target without scheme and authority. Text that is not percent-encoded is taken as it is; a plus stays one. */
export function readTarget(target: string): Target {
  const [path, search] = splitOnce(target, '?');
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  const pairs = search.split('&').filter((part) => part !== '');
  return {
    segments: segments.map(decode),
    query: new Map(
      pairs
        .map((part) => splitOnce(part, '='))
        .map(([key, value]) => [decode(key).toLowerCase(), decode(value)]),
    ),
  };
}

/**
 * The spellings of a target that its sender may have signed, the one sent first; never more than eight. Clients differ from what
 * they send in three ways: they sign the query unescaped, without the slash or `/.` that an endpoint ending in one adds, and without the
 * `?` of an empty query or the `&` of an empty part of it. A spelling that would ask for something else is none of them, so that nobody can use a signature for
 * one resource on another.
 */
export function listSpellings(target: string): string[] {
  const spellings = new Set([target]);
  for (const change of [decode, foldSlashes, dropEmptyParts])
    for (const spelling of [...spellings]) spellings.add(change(spelling));
  if (spellings.size === 1) return [target];
  const meaning = toMeaning(target);
  return [...spellings].filter((spelling) => spelling === target || toMeaning(spelling) === meaning);
}

/** A path with one slash wherever several stand together, or with a dot alone between them; the query stays as it is. */
export function foldSlashes(target: string): string {
  const end = target.indexOf('?');
  const path = end < 0 ? target : target.slice(0, end);
  if (!path.includes('//') && !path.includes('/./')) return target;
  return path.replace(/\/(?:\.?\/)+/g, '/') + target.slice(path.length);
}

/** Percent-decodes; a literal plus stays one. Text that is not percent-encoded is taken as it is. */
export function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: no name or number contains one, so it will be refused as what it is.
    return text;
  }
}

export function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function dropEmptyParts(target: string): string {
  const at = target.indexOf('?');
  if (at < 0) return target;
  const query = target.slice(at + 1);
  if (query !== '' && !/^&|&&|&$/.test(query)) return target;
  const parts = query.split('&').filter((part) => part !== '');
  return target.slice(0, at) + (parts.length === 0 ? '' : `?${parts.join('&')}`);
}

function toMeaning(target: string): string {
  const { segments, query } = readTarget(target);
  return JSON.stringify([segments, [...query]]);
}
