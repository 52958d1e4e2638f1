// The two signature schemes of the RPC gateway (docs/protocols/cams.md). Pure: who the key belongs to is the caller's business.
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { cutFrom, maxSaid } from '../../domain/cut.ts';
import { CamsError } from './errors.ts';
import type { Pair } from './parameters.ts';

/** What of a request is signed. Header names are in lower case. */
export interface CamsRequest {
  readonly method: string;
  readonly query: readonly Pair[];
  readonly form: readonly Pair[];
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Who a request says it is from, and what it has to prove. */
export interface Credentials {
  readonly scheme: 'acs3' | 'rpc';
  readonly keyId: string;
  readonly nonce: string;
  /** As written by the caller. */
  readonly time: string;
  readonly securityToken: string | null;
  /**
   * What the secret has to have signed, in pieces, and the signature given for it. It is longer than the request: made only for who
   * names a key that is there, and never held as a whole. A piece in bytes is good until the next one is asked for.
   */
  readonly stringToSign: () => Iterable<string | Buffer>;
  readonly algorithm: 'sha1' | 'sha256';
  readonly signature: Buffer;
}

/** Requests older or newer than this are refused. */
const skewMs = 15 * 60 * 1000;

const contentHash = 'x-acs-content-sha256';

/** Headers without which a signature would leave the request open to change. */
const signedAtLeast = [
  'host',
  'x-acs-action',
  'x-acs-version',
  'x-acs-date',
  'x-acs-signature-nonce',
  contentHash,
];

/** Whether the request is of the RPC scheme, which carries its signature in its parameters. */
export function isRpc(request: Pick<CamsRequest, 'headers'>): boolean {
  return header(request, 'authorization') === undefined;
}

/** Whether the body is the one whose hash the head of an ACS3 request gives, which its signature covers. */
export function isBodyOf(request: Pick<CamsRequest, 'headers'>, body: Uint8Array): boolean {
  return hash('sha256', body, 'hex') === header(request, contentHash);
}

/** Reads what a request claims. Throws IncompleteSignature, InvalidSignatureMethod, IllegalTimestamp, MissingParameter. */
export function readCredentials(request: CamsRequest): Credentials {
  return isRpc(request) ? readRpc(request) : readAcs3(request);
}

/** Whether `secret` made the signature, in constant time, and the string that it has to be of as it is told to the caller. */
export function checkSignature(
  secret: string,
  { scheme, algorithm, stringToSign, signature }: Credentials,
): { readonly isSigned: boolean; readonly told: string } {
  const key = scheme === 'rpc' ? `${secret}&` : secret;
  const hmac = createHmac(algorithm, key);
  let beginning = '';
  let length = 0;
  for (const piece of stringToSign()) {
    hmac.update(piece);
    length += piece.length;
    if (beginning.length <= maxSaid) beginning += piece.toString();
  }
  const expected = hmac.digest();
  const isSigned = expected.byteLength === signature.byteLength && timingSafeEqual(expected, signature);
  return { isSigned, told: cutFrom(beginning, length) };
}

/** Throws InvalidTimeStamp.Format and InvalidTimeStamp.Expired. */
export function checkTime(text: string, now: number): void {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) throw CamsError.gateway('InvalidTimeStamp.Format');
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw CamsError.gateway('InvalidTimeStamp.Format');
  if (Math.abs(now - time) > skewMs) throw CamsError.gateway('InvalidTimeStamp.Expired');
}

function readAcs3(request: CamsRequest): Credentials {
  const authorization = header(request, 'authorization') ?? '';
  const [algorithm = ''] = authorization.split(/\s/, 1);
  if (/^(ACS3-|acs )/i.test(authorization) && algorithm !== 'ACS3-HMAC-SHA256')
    throw CamsError.gateway('InvalidSignatureMethod', `${algorithm} is not supported; use ACS3-HMAC-SHA256.`);
  const claim =
    /^ACS3-HMAC-SHA256\s+Credential=([^,\s]{1,200}),\s*SignedHeaders=([a-z0-9;-]{1,4000}),\s*Signature=([0-9a-fA-F]{64})$/.exec(
      authorization,
    );
  if (claim === null)
    throw CamsError.gateway(
      'IncompleteSignature',
      'The Authorization header has not the form of ACS3-HMAC-SHA256.',
    );
  const [, keyId = '', list = '', signature = ''] = claim;
  const signed = list.split(';');
  const unsigned = signedAtLeast.filter((name) => !signed.includes(name));
  // Meta-data that changes what is done has to be covered when it is there.
  const loose = Object.keys(request.headers).filter(
    (name) =>
      name.startsWith('x-acs-') &&
      name !== 'x-acs-retry-attempts' &&
      name !== 'x-acs-retry-delay' &&
      !signed.includes(name),
  );
  const absent = signedAtLeast.filter((name) => header(request, name) === undefined);
  if (unsigned.length + loose.length + absent.length > 0)
    throw CamsError.gateway(
      'IncompleteSignature',
      `These headers have to be there and signed: ${[...new Set([...unsigned, ...loose, ...absent])].join(', ')}.`,
    );
  const lines = signed.map((name) => `${name}:${header(request, name) ?? ''}\n`).join('');
  const toStringToSign = (): string[] => {
    const query = request.query
      .toSorted(([a], [b]) => compare(a, b))
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .join('&');
    const canonical = [request.method, '/', query, lines, list, header(request, contentHash) ?? ''].join(
      '\n',
    );
    return [`ACS3-HMAC-SHA256\n${hash('sha256', canonical, 'hex')}`];
  };
  return {
    scheme: 'acs3',
    keyId,
    nonce: header(request, 'x-acs-signature-nonce') ?? '',
    time: header(request, 'x-acs-date') ?? '',
    securityToken: header(request, 'x-acs-security-token') ?? null,
    stringToSign: toStringToSign,
    algorithm: 'sha256',
    signature: Buffer.from(signature, 'hex'),
  };
}

function readRpc(request: CamsRequest): Credentials {
  const parameters = [...request.query, ...request.form];
  const values = new Map(parameters);
  const value = (name: string): string | undefined => {
    const text = values.get(name);
    return text === '' ? undefined : text;
  };
  if (value('SignatureType')?.toUpperCase() === 'BEARERTOKEN')
    throw CamsError.gateway(
      'InvalidSignatureMethod',
      'Bearer tokens are not supported; sign with an access key.',
    );
  const signature = value('Signature');
  const keyId = value('AccessKeyId');
  if (signature === undefined || keyId === undefined)
    throw CamsError.gateway('IncompleteSignature', 'AccessKeyId and Signature have to be given.');
  const method = value('SignatureMethod') ?? 'HMAC-SHA1';
  const algorithm = ({ 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' } as const)[method];
  if (algorithm === undefined)
    throw CamsError.gateway('InvalidSignatureMethod', `${method} is not supported; use HMAC-SHA1.`);
  const time = value('Timestamp');
  if (time === undefined) throw CamsError.gateway('IllegalTimestamp', 'Timestamp is missing.');
  const nonce = value('SignatureNonce');
  if (nonce === undefined) throw CamsError.gateway('MissingParameter', 'SignatureNonce is required.');
  function* toStringToSign(): Generator<string | Buffer> {
    const sorted = parameters
      .filter(([name]) => name !== 'Signature')
      .map(([name, text]) => [encode(name), text] as const)
      .sort(([a], [b]) => compare(a, b));
    yield `${request.method}&%2F&`;
    for (const [index, [name, text]] of sorted.entries()) {
      yield encode(`${index === 0 ? '' : '&'}${name}=`);
      if (text.length <= pieceLength) yield encode(encode(text));
      else for (const piece of toPieces(text)) yield encodeTwice(piece);
    }
  }
  return {
    scheme: 'rpc',
    keyId,
    nonce,
    time,
    securityToken: value('SecurityToken') ?? null,
    stringToSign: toStringToSign,
    algorithm,
    signature: decodeBase64(signature),
  };
}

/** The bytes of a text that is spelt as Base64 spells them; none for any other. */
function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : Buffer.alloc(0);
}

function header(request: Pick<CamsRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name];
  if (value === undefined) return undefined;
  const text = (typeof value === 'string' ? value : value.toSorted(compare).join(',')).trim();
  return text === '' ? undefined : text;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What encodeURIComponent leaves as it is, and RFC 3986 does not. */
const leftOut = [...`!'()*`].map(
  (char) => [char, `%${char.charCodeAt(0).toString(16).toUpperCase()}`] as const,
);

/** Percent-encodes all but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  let encoded = encodeURIComponent(text);
  // Parted and joined, which for a text of nothing else takes a fraction of what a replacement does.
  for (const [char, code] of leftOut) if (encoded.includes(char)) encoded = encoded.split(char).join(code);
  return encoded;
}

const pieceLength = 16 * 1024;
/** A character of a piece, and the one that may follow it so that none is torn, takes three bytes at most, each of them five encoded twice. */
const scratch = { plain: Buffer.alloc(3 * (pieceLength + 1)), encoded: Buffer.alloc(15 * (pieceLength + 1)) };
/** What each byte is when it is encoded twice. */
const twice = Array.from({ length: 256 }, (_, byte) => {
  const isUnreserved = byte < 128 && /[\w.~-]/.test(String.fromCharCode(byte));
  return isUnreserved ? [byte] : [...Buffer.from(`%25${byte.toString(16).toUpperCase().padStart(2, '0')}`)];
});

/** A piece encoded twice, in bytes that the next one writes over: what strings of a form of megabytes leave behind takes more memory than it. */
function encodeTwice(piece: string): Buffer {
  const { plain, encoded } = scratch;
  const length = plain.write(piece);
  let end = 0;
  for (let at = 0; at < length; at += 1)
    for (const byte of twice[plain[at] ?? 0] ?? []) encoded[end++] = byte;
  return encoded.subarray(0, end);
}

/** Parts a long text so that what is made of it never stands in memory as a whole; no character is torn. */
function* toPieces(text: string): Generator<string> {
  for (let at = 0, end; at < text.length; at = end) {
    end = Math.min(text.length, at + pieceLength);
    const isTorn = end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
    if (isTorn) end += 1;
    yield text.slice(at, end);
  }
}
