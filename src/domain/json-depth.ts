/** No request has a reason to nest deeper; what does would exhaust the stack of whatever walks over it. */
export const maxJsonDepth = 64;

const quote = 0x22;
const escape = 0x5c;

/** Whether JSON text nests deeper than `max` levels. Looks at brackets alone, in one pass and without recursion, so the text may be anything. */
export function isDeeper(text: string, max: number): boolean {
  // Every level has a bracket that opens it.
  if (text.length <= max) return false;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === escape) at += 1;
      else if (code === quote) isInString = false;
    } else if (code === quote) isInString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > max) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}
