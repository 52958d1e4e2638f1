/** No request has a reason to nest deeper; what does would exhaust the stack of whatever walks over it. */
export const maxJsonDepth = 64;

const quote = 0x22;
const escape = 0x5c;

/** Whether JSON text nests deeper than `max` levels. */
export function isDeeper(text: string, max: number): boolean {
  // Every level has a bracket that opens it.
  if (text.length <= max) return false;
  let depth = 0;
  return someBracket(text, (isOpening) => {
    depth += isOpening ? 1 : -1;
    return depth > max;
  });
}

/** JSON text with null in the place of each value that is nested deeper than `max` levels. */
export function cutDeep(text: string, max: number): string {
  let kept = '';
  let from = 0;
  let depth = 0;
  someBracket(text, (isOpening, at) => {
    if (isOpening) depth += 1;
    if (depth === max + 1) {
      if (isOpening) kept += `${text.slice(from, at)}null`;
      else from = at + 1;
    }
    if (!isOpening) depth -= 1;
    return false;
  });
  return depth > max ? kept : kept + text.slice(from);
}

/**
 * Visits the brackets of JSON text, those within strings aside, until a visit returns true; whether one did. Looks at nothing else, in one
 * pass and without recursion, so the text may be anything, megabytes of brackets too.
 */
function someBracket(text: string, visit: (isOpening: boolean, at: number) => boolean): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = findStringEnd(text, at);
    else if (code === 0x7b || code === 0x5b) {
      if (visit(true, at)) return true;
    } else if ((code === 0x7d || code === 0x5d) && visit(false, at)) return true;
  }
  return false;
}

/** Where the string ends that begins at `start`: at its closing quote, or at the end of the text where it has none. */
function findStringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

/** Whether a character is escaped: by a backslash that is not escaped itself. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === escape) first -= 1;
  return (at - first) % 2 === 1;
}
