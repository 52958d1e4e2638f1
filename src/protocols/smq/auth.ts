// Signatures of the SMQ protocol, versions 2 and 4 (docs/protocols/smq.md). Pure: who the key belongs to is the caller's business.
import { createHmac, createSecretKey, hash } from 'node:crypto';
import { isEqual } from '../../domain/equality.ts';
import { SmqError } from './errors.ts';
import { decode, foldSlashes, listSpellings, splitOnce } from './target.ts';

/** The parts of a request that are signed. Header names are in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** The request target as it came: `/path?query`, undecoded; the authority of an absolute-form target cut off. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What an Authorization header claims. */
type Claim =
  | { readonly version: 2; readonly keyId: string; readonly signature: string }
  | {
      readonly version: 4;
      readonly keyId: string;
      readonly day: string;
      readonly region: string;
      readonly signature: string;
    };

/** Requests older or newer than this are refused. */
const skewMs = 15 * 60 * 1000;

/** Reads an Authorization header. Throws InvalidAuthorizationHeader. */
export function parseAuthorization(header: string): Claim {
  const v2 = /^MNS\s+([^:\s]{1,200}):(\S{1,200})$/.exec(header);
  if (v2 !== null) return { version: 2, keyId: v2[1] ?? '', signature: v2[2] ?? '' };
  const v4 =
    /^MNS4-HMAC-SHA256\s+Credential=([^/,\s]{1,200})\/(\d{8})\/([^/,\s]{1,100})\/mns\/aliyun_v4_request,\s*Signature=([0-9a-fA-F]{64})$/.exec(
      header,
    );
  if (v4 !== null) {
    return {
      version: 4,
      keyId: v4[1] ?? '',
      day: v4[2] ?? '',
      region: v4[3] ?? '',
      signature: (v4[4] ?? '').toLowerCase(),
    };
  }
  throw new SmqError('InvalidAuthorizationHeader');
}

/** Checks that the request's date is within 15 minutes of `now`. Throws MissingDateHeader, InvalidDateHeader, TimeExpired. */
export function checkDate(request: SignedRequest, now: number): void {
  const text = header(request, 'date') ?? header(request, 'x-mns-date');
  if (text === undefined) throw new SmqError('MissingDateHeader');
  const date = /GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(date)) throw new SmqError('InvalidDateHeader');
  if (Math.abs(now - date) > skewMs) throw new SmqError('TimeExpired');
}

/** Whether `secret` made the claim's signature of this request. Compares in constant time. */
export function isSignedBy(claim: Claim, request: SignedRequest, secret: string): boolean {
  // Every candidate is tried, so that the time taken does not tell which of them came close.
  if (claim.version === 4) {
    return [...new Set([request.target, foldSlashes(request.target)])]
      .map((target) => signV4({ ...request, target }, secret, claim.day, claim.region) ?? '')
      .map((signature) => isEqual(signature, claim.signature))
      .includes(true);
  }
  return toCandidates(request)
    .map((text) => isEqual(createHmac('sha1', secret).update(text).digest('base64'), claim.signature))
    .includes(true);
}

/** Whether a Content-MD5, if there is one, fits the body: Base64 of the digest or of its hex text, as clients send both. */
export function isContentMd5(value: string | undefined, body: Uint8Array): boolean {
  if (value === undefined || value === '') return true;
  const digest = hash('md5', body);
  return (
    isEqual(value, Buffer.from(digest, 'hex').toString('base64')) ||
    isEqual(value, Buffer.from(digest).toString('base64'))
  );
}

/** The V2 string to sign, for one spelling of the date and of the resource. */
function toStringToSignV2(request: SignedRequest, date: string, resource: string): string {
  const extra = Object.keys(request.headers)
    .filter((name) => name.startsWith('x-mns-'))
    .sort()
    .map((name) => `${name}:${header(request, name) ?? ''}\n`)
    .join('');
  const md5 = header(request, 'content-md5') ?? '';
  const type = header(request, 'content-type') ?? '';
  return `${request.method}\n${md5}\n${type}\n${date}\n${extra}${resource}`;
}

/** What a client may have signed: each date with each spelling of the resource, at most 16. */
function toCandidates(request: SignedRequest): string[] {
  const dates = new Set(
    [header(request, 'date'), header(request, 'x-mns-date')].filter((date) => date !== undefined),
  );
  const resources = listSpellings(request.target);
  return [...dates].flatMap((date) => resources.map((resource) => toStringToSignV2(request, date, resource)));
}

/** The V4 signature in hex; undefined when the date is not of the scope's day. The canonical form is signed unhashed. */
export function signV4(
  request: SignedRequest,
  secret: string,
  day: string,
  region: string,
): string | undefined {
  const date = new Date(Date.parse(header(request, 'date') ?? header(request, 'x-mns-date') ?? ''));
  if (Number.isNaN(date.getTime())) return undefined;
  const timestamp = date
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d{3}/, '');
  if (!timestamp.startsWith(day)) return undefined;
  const [path, query] = splitOnce(request.target, '?');
  const names = Object.keys(request.headers).filter(
    (name) => name === 'content-type' || name === 'content-md5' || name.startsWith('x-mns-'),
  );
  const lines = names.sort().map((name) => `${name}:${header(request, name) ?? ''}\n`);
  const canonical = `${request.method}\n${encode(decode(path)).replaceAll('%2F', '/')}\n${toCanonicalQuery(query)}\n${lines.join('')}\n`;
  const scope = `${day}/${region}/mns/aliyun_v4_request`;
  // Key objects, because a key in bytes costs a call of Node 24 four times as much (of Node 26 the same).
  const key = [day, region, 'mns', 'aliyun_v4_request'].reduce(
    (previous, part) => createSecretKey(createHmac('sha256', previous).update(part).digest()),
    createSecretKey(`aliyun_v4${secret}`, 'utf8'),
  );
  return createHmac('sha256', key)
    .update(`MNS4-HMAC-SHA256\n${timestamp}\n${scope}\n${canonical}`)
    .digest('hex');
}

function toCanonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [key, value] = splitOnce(part, '=');
      return [encode(decode(key).trim().toLowerCase()), encode(decode(value).trim())] as const;
    });
  return pairs
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join('&');
}

/** Percent-encodes all but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function header(request: SignedRequest, name: string): string | undefined {
  const value = request.headers[name];
  if (value === undefined) return undefined;
  return (typeof value === 'string' ? value : value.join(',')).trim();
}
