// Files that a channel gives an address for, good for a while and for whoever knows it.
import { clip } from '../../domain/cut.ts';
import type { Client, Failure, StreamedAnswer } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import { filePace } from '../../http/least-pace.ts';
import { readRetryAfter } from '../../http/retry-after.ts';
import type { ExpectedMedia, FetchedMedia, MediaFault } from '../channel.ts';

/** Time for the whole of a file that comes at a pace. */
const fileTimeoutMs = 15 * 60_000;
const maxRedirects = 3;

/** Where an answer came from in the end. */
interface Followed {
  readonly answer: StreamedAnswer;
  /** Whether it came from another host than the one that was asked. */
  readonly hasMoved: boolean;
}

/**
 * Gets what stands at an address. Redirects are followed past the same guard, at most three of them; headers, which may hold
 * credentials, go to the origin that they were meant for and to no other. Resolves to the last answer, or to why there is none; an
 * address that leads on and on is answered by its last redirect.
 */
export async function follow(
  client: Pick<Client, 'get'>,
  address: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Followed | Failure> {
  const { origin } = toPlace(address);
  let url = address;
  let given = headers;
  for (let hop = 0; ; hop += 1) {
    const answer = await client.get(url, given, fileTimeoutMs, filePace);
    if (isFailure(answer)) return answer;
    const next = toTarget(answer, url);
    if (next === undefined || hop === maxRedirects)
      return { answer, hasMoved: toPlace(url).host !== toPlace(address).host };
    await drop(answer.body);
    url = next;
    // What has left its origin once does not come back to it with credentials.
    if (toPlace(url).origin !== origin) given = {};
  }
}

/** Opens the file at an address. An address that has run out is `gone`, and so is a page for people. Never throws. */
export async function fetchFile(
  { client, now }: { readonly client: Pick<Client, 'get'>; readonly now: () => number },
  address: string,
  expected?: ExpectedMedia,
): Promise<FetchedMedia | MediaFault> {
  const followed = await follow(client, address);
  if (isFailure(followed)) {
    const { outcome, reason } = followed;
    return {
      fault: outcome === 'guarded' ? 'gone' : 'later',
      reason: `The file cannot be fetched: ${reason}.`,
    };
  }
  const { answer } = followed;
  const { status } = answer;
  if (status === 200 && !isPage(followed, expected)) return toFetched(answer);
  await drop(answer.body);
  if (status === 200)
    return { fault: 'gone', reason: 'The address leads to a page for people, not to a file.' };
  if (toTarget(answer, address) !== undefined)
    return { fault: 'gone', reason: `The address of the file led on more than ${maxRedirects} times.` };
  // A signed address that has run out is answered 403, at some edges 404 or 410.
  const isGone = [401, 403, 404, 410].includes(status);
  const retryAfterMs = readRetryAfter(answer.headers, now());
  return {
    fault: isGone ? 'gone' : 'later',
    reason: `The address of the file answered ${status}.`,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  };
}

/** The file of an answer, with what its head tells of type and name. */
export function toFetched({ headers, body }: StreamedAnswer): FetchedMedia {
  const type = headers['content-type'];
  return {
    mimeType: typeof type === 'string' ? type : null,
    fileName: readFileName(headers['content-disposition']),
    bytes: body,
  };
}

/**
 * Whether HTML is a page for people in the place of a file. It is the user's own file where the vendor gives it as one, or where a
 * document was announced and stands where it was said to be; a sign-in page stands elsewhere, or in the place of a picture.
 */
function isPage({ answer, hasMoved }: Followed, expected: ExpectedMedia | undefined): boolean {
  const { 'content-type': type, 'content-disposition': disposition } = answer.headers;
  if (typeof type !== 'string' || !/^(text\/html|application\/xhtml\+xml)\b/i.test(type)) return false;
  if (typeof disposition === 'string' && /^\s*attachment\b/i.test(disposition)) return false;
  if (expected === undefined) return true;
  if (/^text\/html\b/i.test(expected.mimeType)) return false;
  return hasMoved || /^(image|video|audio)\//i.test(expected.mimeType);
}

/** The name that a Content-Disposition gives a file (RFC 6266), without any folders; null where it gives none. */
export function readFileName(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string') return null;
  const extended = /;\s*filename\*\s*=\s*utf-8''([^;\s]+)/i.exec(header)?.[1];
  const plain = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header);
  const text = decodeName(extended) ?? toText(plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2]);
  // Whatever a name holds, it is one of a file and not of a place.
  const name = text
    ?.replace(/^.*[/\\]/s, '')
    .replace(/[\p{Cc}\p{Cs}]/gu, '')
    .trim();
  return name === undefined || /^\.*$/.test(name) ? null : clip(name, 200);
}

function decodeName(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that begins no escape: the other form may say it better.
    return undefined;
  }
}

/** Bytes of a header come as Latin-1; most servers write UTF-8. */
function toText(latin: string | undefined): string | undefined {
  if (latin === undefined) return undefined;
  const text = Buffer.from(latin, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? latin : text;
}

/** Where an answer sends on; undefined when it does not. */
function toTarget({ status, headers }: StreamedAnswer, url: string): string | undefined {
  const { location } = headers;
  const isRedirect = [301, 302, 303, 307, 308].includes(status);
  if (!isRedirect || typeof location !== 'string' || !URL.canParse(location, url)) return undefined;
  return new URL(location, url).href;
}

function toPlace(url: string): { readonly origin: string; readonly host: string } {
  return URL.canParse(url) ? new URL(url) : { origin: '', host: '' };
}

/** Leaving a body early gives its connection back. */
async function drop(body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of body) if (chunk.byteLength >= 0) break;
  } catch {
    // It broke off by itself, which is as good.
  }
}
