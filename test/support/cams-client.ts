// Signs CAMS requests by the documents alone, independent of the product's own code.
import { createHash, createHmac, randomUUID } from 'node:crypto';

export interface CamsKey {
  readonly id: string;
  readonly secret: string;
}

export interface SignedCall {
  readonly method: 'GET' | 'POST';
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface CallOptions {
  readonly version?: string;
  readonly time?: number;
  readonly nonce?: string;
  readonly host?: string;
  /** Whether the parameters go into a form body. */
  readonly form?: boolean;
  readonly method?: 'GET' | 'POST';
  readonly format?: string | null;
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const toForm = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');

function toTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** A call as the current SDKs make it: ACS3-HMAC-SHA256 in the headers. */
export function signAcs3(
  key: CamsKey,
  action: string,
  values: Readonly<Record<string, string>>,
  options: CallOptions = {},
): SignedCall {
  const {
    version = '2020-06-06',
    time = Date.now(),
    nonce = randomUUID(),
    host = 'localhost',
    form = false,
  } = options;
  const method = options.method ?? 'POST';
  const body = form ? toForm(values) : '';
  const query = form ? '' : toForm(values);
  const hash = createHash('sha256').update(body).digest('hex');
  const headers: Record<string, string> = {
    host,
    'x-acs-action': action,
    'x-acs-version': version,
    'x-acs-date': toTime(time),
    'x-acs-signature-nonce': nonce,
    'x-acs-content-sha256': hash,
    ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
  };
  const names = Object.keys(headers).toSorted();
  const canonicalQuery = Object.entries(form ? {} : values)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const canonical = [
    method,
    '/',
    canonicalQuery,
    names.map((name) => `${name}:${headers[name] ?? ''}\n`).join(''),
    names.join(';'),
    hash,
  ].join('\n');
  const signature = createHmac('sha256', key.secret)
    .update(`ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`)
    .digest('hex');
  headers['authorization'] =
    `ACS3-HMAC-SHA256 Credential=${key.id},SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { method, target: query === '' ? '/' : `/?${query}`, headers, body };
}

/** A call as older clients make it: HMAC-SHA1 in the parameters. */
export function signRpc(
  key: CamsKey,
  action: string,
  values: Readonly<Record<string, string>>,
  options: CallOptions = {},
): SignedCall {
  const {
    version = '2020-06-06',
    time = Date.now(),
    nonce = randomUUID(),
    form = false,
    format = 'JSON',
  } = options;
  const method = options.method ?? (form ? 'POST' : 'GET');
  const parameters: Record<string, string> = {
    ...values,
    Action: action,
    Version: version,
    AccessKeyId: key.id,
    SignatureMethod: 'HMAC-SHA1',
    SignatureVersion: '1.0',
    SignatureNonce: nonce,
    Timestamp: toTime(time),
    ...(format === null ? {} : { Format: format }),
  };
  const canonical = Object.entries(parameters)
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  const signature = createHmac('sha1', `${key.secret}&`)
    .update(`${method}&%2F&${encode(canonical)}`)
    .digest('base64');
  const text = toForm({ ...parameters, Signature: signature });
  return {
    method,
    target: form ? '/' : `/?${text}`,
    headers: form ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
    body: form ? text : '',
  };
}
