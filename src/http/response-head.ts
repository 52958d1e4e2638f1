// Writes the heads of answers anew where they are not quite HTTP/1.1, before the strict parser sees them.
import type { Socket } from 'node:net';
import { LooseChunks } from './loose-chunks.ts';

/** Bytes of a head that are kept while its end is waited for; of a longer one only what somebody reads. */
const maxHeadBytes = 64 * 1024;
/** Bytes of a head that are waited for; what is longer counts as cut off. */
const maxLongHeadBytes = 1024 * 1024;
/** Informational answers before the one that counts; whoever sends more means no answer. */
const maxInformational = 50;
/** From here on only the headers that somebody reads are handed on; undici refuses heads of more than 16 KiB. */
const slimHeadBytes = 12 * 1024;
const readHeaders = new Set([
  'content-disposition',
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'date',
  'etag',
  'last-modified',
  'location',
  'retry-after',
  'transfer-encoding',
  'x-app-usage',
  'x-business-use-case-usage',
  'x-page-usage',
]);

/** A head as any parser takes it: one status line, headers on a line each, nothing that contradicts the length. */
const strictHead =
  /^HTTP\/1\.[01] [2-5]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n$/;
const headEnd = /\r?\n\r?\n/;
const saysChunked = /\r\ntransfer-encoding:[^\r\n]*chunked[ \t]*\r\n/i;
/** As people write a number of bytes that are sure to mean it. */
const looseLength = /^\+?"?(\d{1,15})(?:\.0+)?"?[ \t]*(?:;.*|bytes?)?$/i;
const statusLine = /^http(?:\/\d+(?:\.\d+)?)?[ \t]+(\d{3})(?!\d)([^\r\n]*)/i;

/**
 * Lets a socket take answers that every browser and curl take, and that the strict parser of undici (llhttp without its
 * lenient forms, which undici has no option for) ends the connection over: 1xx answers that nobody asked for, folded
 * headers, lines without a colon, bare line feeds, a status line in lower case, a length beside `Transfer-Encoding: chunked`
 * or at 204. Heads that are strict pass untouched. One that had to be written anew ends its connection, because what
 * follows it may be as odd. Expects one request at a time on the socket.
 */
export function takeLooseHeads(socket: Socket): void {
  const push = socket.push.bind(socket);
  let bytesAsked = -1;
  let pending: Buffer | null = null;
  /** Of the head that is pending, with what is not kept of it. */
  let headBytes = 0;
  let chunks: LooseChunks | undefined;

  /** Hands on what has come of a head that does not end, or whose end is not waited for. */
  function cut(head: Buffer): void {
    pending = null;
    push(completeCut(head));
    push(null);
  }

  function takeHead(chunk: Buffer): boolean {
    const head = pending === null ? chunk : Buffer.concat([pending, chunk]);
    headBytes = pending === null ? chunk.byteLength : headBytes + chunk.byteLength;
    const rewritten = rewrite(head);
    if (rewritten === 'flood') {
      pending = null;
      socket.destroy(new Error(`More than ${maxInformational} informational answers came before any other.`));
      return false;
    }
    if (rewritten === null) {
      pending = head.byteLength < maxHeadBytes ? head : toSlim(head);
      if (pending.byteLength < maxHeadBytes && headBytes < maxLongHeadBytes) return true;
      cut(pending);
      socket.destroy();
      return false;
    }
    pending = null;
    bytesAsked = socket.bytesWritten;
    const length = rewritten.indexOf('\r\n\r\n') + 4;
    chunks = saysChunked.test(rewritten.toString('latin1', 0, length)) ? new LooseChunks() : undefined;
    if (chunks === undefined) return push(rewritten);
    return push(Buffer.concat([rewritten.subarray(0, length), chunks.take(rewritten.subarray(length))]));
  }

  // Node's socket hands on what it has read by calling its own `push`; a stream around it would cost each answer more than the parsing.
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null) {
      if (pending !== null) {
        cut(pending);
        return false;
      }
      const last = chunks?.end();
      if (last !== undefined && last.byteLength > 0) push(last);
      return push(null);
    }
    if (pending !== null || socket.bytesWritten !== bytesAsked) return takeHead(chunk);
    if (chunks === undefined) return push(chunk, encoding);
    const taken = chunks.take(chunk);
    return taken.byteLength === 0 ? true : push(taken);
  };
}

/**
 * The bytes of an answer's beginning with a strict head; null when more is needed to tell, `flood` when no other answer comes
 * among the informational ones.
 */
function rewrite(bytes: Buffer): Buffer | null | 'flood' {
  const simpleEnd = bytes.indexOf('\r\n\r\n');
  if (simpleEnd >= 0 && simpleEnd < slimHeadBytes && isStrict(bytes.toString('latin1', 0, simpleEnd + 4)))
    return bytes;
  let rest = bytes;
  for (let informational = 0; informational <= maxInformational; informational += 1) {
    const text = rest.toString('latin1');
    if (!mayBeHead(text)) return rest;
    const end = headEnd.exec(text);
    if (end === null) return null;
    const length = end.index + end[0].length;
    const head = text.slice(0, length);
    if (head.length < slimHeadBytes && isStrict(head)) return rest;
    const status = statusOf(head);
    if (status === null) return rest;
    if (status >= 200) return Buffer.concat([toStrict(head, status), rest.subarray(length)]);
    rest = rest.subarray(length);
    if (rest.byteLength === 0) return null;
  }
  return 'flood';
}

function isStrict(head: string): boolean {
  return strictHead.test(head) && !hasOddLength(head);
}

function mayBeHead(text: string): boolean {
  return 'http'.startsWith(text.slice(0, 256).trimStart().slice(0, 4).toLowerCase());
}

function statusOf(head: string): number | null {
  const found = statusLine.exec(head.trimStart())?.[1];
  return found === undefined ? null : Number(found);
}

/** Whether a head says more than one thing about its body's length, or speaks of a body where there is none. */
function hasOddLength(head: string): boolean {
  const said = head.match(/\n(?:content-length|transfer-encoding)[ \t]*:[^\r\n]*/gi);
  if (said === null) return false;
  const [first = ''] = said;
  if (said.length > 1 || /^\S+ (?:204|304)/.test(head)) return true;
  return /^\nc/i.test(first) && !/:[ \t]*\d{1,15}[ \t]*$/.test(first);
}

function toStrict(head: string, status: number): Buffer {
  const headers = readLines(head).filter(([name]) => name !== 'connection' && name !== 'keep-alive');
  const isBodiless = status === 204 || status === 304;
  const isChunked = headers.some(
    ([name, value]) => name === 'transfer-encoding' && /(?:^|,)\s*chunked\s*$/i.test(value),
  );
  const lengths = new Set(
    headers
      .filter(([name]) => name === 'content-length')
      .flatMap(([, value]) => value.split(/\s*,\s*/))
      .map((said) => looseLength.exec(said)?.[1] ?? said),
  );
  const [length] = lengths;
  // Two different lengths say nothing: the body then ends with the connection.
  const isSized = lengths.size === 1 && length !== undefined && /^\d{1,15}$/.test(length);
  const kept = headers.filter(([name]) => {
    if (name === 'content-length') return false;
    if (name === 'transfer-encoding') return isChunked && !isBodiless;
    return head.length < slimHeadBytes || readHeaders.has(name);
  });
  if (!isBodiless && !isChunked && isSized) kept.push(['content-length', length]);
  const lines = kept.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`HTTP/1.1 ${status} \r\n${lines}connection: close\r\n\r\n`, 'latin1');
}

/** What has come of a head without the headers that nobody reads; of a line without an end no more than ends one. */
function toSlim(head: Buffer): Buffer {
  const lines = head.toString('latin1').split('\n');
  const last = lines.pop() ?? '';
  // A folded line goes with the header that it belongs to, which may be gone already.
  let isRead = false;
  const kept = lines.filter((line) => {
    if (/^[ \t]+\S/.test(line)) return isRead;
    const name = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:/.exec(line)?.[1]?.toLowerCase();
    isRead = name !== undefined && readHeaders.has(name);
    return isRead || name === undefined;
  });
  const rest = last.length < slimHeadBytes ? last : `${last.slice(0, 100)}${last.endsWith('\r') ? '\r' : ''}`;
  return Buffer.from([...kept, rest].join('\n'), 'latin1');
}

/** The headers of a head, folded ones on one line; what is no header is left out. */
function readLines(head: string): [name: string, value: string][] {
  const unfolded = head.trimStart().replace(/\r?\n[ \t]+(?=\S)/g, ' ');
  return unfolded
    .split(/\r?\n/)
    .slice(1)
    .flatMap((line): [string, string][] => {
      const parts = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:(.*)$/s.exec(line);
      const [, name, value] = parts ?? [];
      if (name === undefined || value === undefined) return [];
      return [[name.toLowerCase(), value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim()]];
    });
}

/**
 * What stands for a head that the end of the connection cut. A whole status line that says there is no body is all that
 * there was to say; any other is told with a body that never comes, so that the answer counts as cut off.
 */
function completeCut(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const end = text.trimStart().indexOf('\n');
  const status = end < 0 ? null : statusOf(text);
  if (status === null || status < 200) return bytes;
  const lines = text.slice(0, text.lastIndexOf('\n') + 1);
  const head = toStrict(`${lines}\r\n`, status).toString('latin1');
  if (status === 204 || status === 304) return Buffer.from(head, 'latin1');
  const withoutBody = head.replace(/^(?:content-length|transfer-encoding):.*\r\n/gm, '');
  return Buffer.from(withoutBody.replace(/\r\n\r\n$/, '\r\ncontent-length: 1\r\n\r\n'), 'latin1');
}
