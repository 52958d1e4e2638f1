const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/** JSON with its members on lines of their own and every value as it is written: a large number keeps all its digits. Else as it is. */
export function indent(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    // Not JSON.
    return text;
  }
  let out = '';
  let depth = 0;
  let last = '';
  const line = (): string => `\n${'  '.repeat(depth)}`;
  for (const [token] of text.matchAll(tokens)) {
    const isEnd = token === '}' || token === ']';
    if (isEnd) depth -= 1;
    const isEmpty = isEnd && (last === '{' || last === '[');
    const isFirst = !isEnd && (last === '{' || last === '[');
    if ((isEnd && !isEmpty) || isFirst || last === ',') out += line();
    out += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth += 1;
    last = token;
  }
  return out;
}
