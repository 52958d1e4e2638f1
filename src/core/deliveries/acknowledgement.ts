// What the body of an answer says of the receipts: its `code`, and the `failed` ones of a batch.

/**
 * `none`: no JSON object, or one without `code` and `failed`. `yes`: `code` is 0, with the receipts that are to be sent again.
 * `no`: the receiver says no, or says something that is not understood. `unreadable`: it looks like JSON, or cannot be told
 * from it, and was not read.
 */
type Acknowledgement =
  | { readonly kind: 'none' }
  | { readonly kind: 'yes'; readonly hasCode: boolean; readonly failed: readonly string[] }
  | { readonly kind: 'no'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly why: string };

/** The name of a member in lower case, and its value as it is written. */
type Member = readonly [name: string, value: string];

/** Only these spellings are the number 0; what a parser rounds to 0 is not. */
const zero = /^-?0(?:\.0+)?(?:[eE][+-]?\d+)?$/;
/** A JSON object, or one wrapped in lists or in texts. */
const looksLikeObject = /^\s*(?:[["\\]\s*)*\{/;
/** A member that counts, in an answer that is no JSON as a whole: behind a warning of PHP, or in a call of a script. */
const holdsMember = /[{,]\s*\\*"(?:code|failed)\\*"\s*:/i;
/** A page, whose scripts may hold anything. */
const isPage = /^\s*<(?:!doctype|html|\?xml)/i;
/** Lists and texts that are taken off an object, at most. */
const maxWraps = 4;

/**
 * Reads the body of an answer. `unread` says why it is not all there, if it is not: then only a clear no is taken from its
 * beginning. The names of members count in any case, as frameworks write them (`Code`). An object that is the only one of a
 * list, or that was written as JSON twice, is read as itself; of several in a list, each has to say yes.
 */
export function readAcknowledgement(body: Buffer, unread: string | undefined): Acknowledgement {
  if (body.byteLength === 0 && unread === undefined) return { kind: 'none' };
  const text = body.toString('utf8').replace(/^\ufeff+/, '');
  if (unread !== undefined) return readBeginning(text, unread);
  // UTF-16 and UTF-32 have a zero among the first bytes of any JSON, marked or not; so has nothing that is text.
  if (body.subarray(0, 4).includes(0) || isMarkedUtf16(body))
    return { kind: 'unreadable', why: 'the answer is not UTF-8' };
  return readWrapped(text, maxWraps);
}

/** Text that is no object and none that is wrapped. */
function readPlain(text: string): Acknowledgement {
  return hasMember(text) ? { kind: 'unreadable', why: 'the answer is more than JSON' } : { kind: 'none' };
}

function hasMember(text: string): boolean {
  return holdsMember.test(text) && !isPage.test(text);
}

function isMarkedUtf16(body: Buffer): boolean {
  return (body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff);
}

/** Text of which the end was not read, or that could not be decoded. */
function readBeginning(text: string, unread: string): Acknowledgement {
  const why = `the answer cannot be read: ${unread}`;
  if (!looksLikeObject.test(text)) {
    // Plain text is no object, however long it is. What is not even text may be anything.
    const isPlain = text.trim() !== '' && isText(text.slice(0, 256)) && !hasMember(text);
    return isPlain ? { kind: 'none' } : { kind: 'unreadable', why };
  }
  const start = text.indexOf('{');
  const said = judgeMembers(readMembers(text.slice(start)));
  return said.kind === 'no' ? said : { kind: 'unreadable', why };
}

function isText(text: string): boolean {
  return !/[^\t\n\f\r\x20-\x7e\u0080-\ufffc]/.test(text);
}

/** Reads the object of a JSON text, or what is wrapped in it. */
function readWrapped(text: string, wraps: number): Acknowledgement {
  const parsed = /^\s*["[{]/.test(text) ? parse(text) : undefined;
  if (parsed === undefined) {
    if (!looksLikeObject.test(text)) return readPlain(text);
    return { kind: 'unreadable', why: 'the answer looks like JSON and is none' };
  }
  const { value } = parsed;
  const isWrap = typeof value === 'string' || Array.isArray(value);
  if (!isWrap) return judgeMembers(readMembers(text));
  if (wraps === 0) return { kind: 'unreadable', why: 'the answer is wrapped too often' };
  if (Array.isArray(value) && value.length > 1) return readSeveral(value, wraps - 1);
  const inner = Array.isArray(value) ? text.trim().slice(1, -1) : value;
  return readWrapped(inner, wraps - 1);
}

/** A list of several says nothing unless one of them says no: which receipt each speaks of is not known. */
function readSeveral(values: readonly unknown[], wraps: number): Acknowledgement {
  for (const value of values) {
    const said = readWrapped(JSON.stringify(value), wraps);
    if (said.kind === 'yes' && said.failed.length > 0)
      return { kind: 'no', why: '"failed" stands in a list of several' };
    if (said.kind === 'no' || said.kind === 'unreadable') return said;
  }
  return { kind: 'none' };
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // Why it is none is of no use to anybody: the attempt keeps the text.
    return undefined;
  }
}

function judgeMembers(members: readonly Member[]): Acknowledgement {
  const codes = members.filter(([name]) => name === 'code');
  const lists = members.filter(([name]) => name === 'failed');
  if (codes.length > 1 || lists.length > 1)
    return { kind: 'no', why: `"${codes.length > 1 ? 'code' : 'failed'}" is there more than once` };
  const code = codes[0]?.[1];
  if (code !== undefined && !zero.test(code) && parse(code)?.value !== '0')
    return { kind: 'no', why: '"code" ≠ 0' };
  const failed = toIds(lists[0]?.[1]);
  if (failed === undefined) return { kind: 'no', why: '"failed" is no list of ReceiptIds' };
  if (code === undefined && failed.length === 0) return { kind: 'none' };
  return { kind: 'yes', hasCode: code !== undefined, failed };
}

/** The ids of a `failed`; none when it is absent, null or empty, undefined when it is not understood. */
function toIds(value: string | undefined): readonly string[] | undefined {
  if (value === undefined || value === 'null') return [];
  const list = parse(value)?.value;
  return Array.isArray(list) && list.every((id) => typeof id === 'string') ? list : undefined;
}

/**
 * The members of the outermost object of a JSON text, in their order, repeated ones and all: a parser would keep the last
 * alone. Of a text without an end, those that are whole.
 */
function readMembers(text: string): readonly Member[] {
  const members: Member[] = [];
  // A text that does not end takes all the rest, so that each character is looked at once.
  const token = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|[{}[\]:,]|[^\s"{}[\]:,]+/gs;
  let depth = 0;
  let name: string | undefined;
  let valueAt = -1;
  const end = (at: number): void => {
    if (name !== undefined && valueAt >= 0)
      members.push([name.toLowerCase(), text.slice(valueAt, at).trim()]);
    name = undefined;
    valueAt = -1;
  };
  for (const { 0: part, index } of text.matchAll(token)) {
    if (depth === 1 && (part === ',' || part === '}')) end(index);
    if (part === '{' || part === '[') depth += 1;
    else if (part === '}' || part === ']') depth -= 1;
    else if (depth === 1 && part === ':' && valueAt < 0) valueAt = index + 1;
    else if (depth === 1 && valueAt < 0 && part.startsWith('"')) name = String(parse(part)?.value);
    if (depth <= 0) break;
  }
  return members;
}
