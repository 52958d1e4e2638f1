// Calls of Meta's Graph API (docs/protocols/meta.md): one request, one answer, no repeats; whoever calls decides what follows.
import { createHmac } from 'node:crypto';
import { clip } from '../../domain/cut.ts';
import type { Answer, Client, ClientRequest } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import { readRetryAfter } from '../../http/retry-after.ts';
import { isObject, toText, tryParseJson } from './json.ts';
import type { Json, JsonObject } from './json.ts';

export interface GraphDeps {
  readonly client: Pick<Client, 'request'>;
  /** Base of the Graph API without its version. */
  readonly graphUrl: string;
  readonly graphVersion: string;
  readonly now: () => number;
}

export interface GraphCall {
  readonly method: ClientRequest['method'];
  /** What stands behind the version, segment by segment; each is escaped here. */
  readonly path: readonly string[];
  readonly token: string;
  /** Given, the call carries its proof (`appsecret_proof`), which Meta refuses when the secret is not the app's. */
  readonly appSecret?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: JsonObject;
  /** A body that is not JSON, with the headers that say what it is. */
  readonly raw?: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: NonNullable<ClientRequest['body']>;
  };
  /** Another base, e.g. `https://graph.instagram.com`. */
  readonly baseUrl?: string;
  /** Leaves the version out of the path, for the few calls that have none. */
  readonly isUnversioned?: boolean;
  /** For all of it; 20 s when left out. */
  readonly timeoutMs?: number;
}

/** What the Graph API said was wrong. */
export interface GraphError {
  readonly status: number;
  /** Null when the answer was not in Graph's form: the status alone has to tell. */
  readonly code: number | null;
  readonly subcode: number | null;
  /** For people: message and details, shortened, without the token. */
  readonly text: string;
  readonly isTransient: boolean;
  /** Milliseconds that the headers ask to wait. */
  readonly retryAfterMs: number | undefined;
  /** Meta's `fbtrace_id`, for its support; empty when there is none. */
  readonly traceId: string;
}

/**
 * `ok`: a 2xx with JSON. `refused`: Graph said no. `unsent`: the request surely was not taken. `unknown`: it may have been.
 */
export type GraphAnswer =
  | {
      readonly kind: 'ok';
      readonly body: JsonObject;
      /** The highest of the used shares of Meta's limits, in percent; 0 when no header tells. */
      readonly usedPercent: number;
      /** Length of the answer. */
      readonly bytes: number;
    }
  | { readonly kind: 'refused'; readonly error: GraphError }
  | { readonly kind: 'unsent'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string };

export type Graph = (call: GraphCall) => Promise<GraphAnswer>;

const defaultTimeoutMs = 20_000;
const maxAnswerBytes = 2 * 1024 * 1024;
const maxTextLength = 500;
const minute = 60_000;
/** The longest wait that Meta names anywhere. */
const maxWaitMs = 72 * 60 * minute;

/** Makes the function that calls the Graph API. It never throws. */
export function createGraph({ client, graphUrl, graphVersion, now }: GraphDeps): Graph {
  return async (call) => {
    const { method, path, token, body, raw, timeoutMs = defaultTimeoutMs } = call;
    const version = call.isUnversioned === true ? [] : [graphVersion];
    const segments = [...version, ...path.map(encodeURIComponent)].join('/');
    const url = `${call.baseUrl ?? graphUrl}/${segments}${toQuery(call)}`;
    const answer = await client.request(url, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...raw?.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(raw === undefined ? {} : { body: raw.body }),
      timeoutMs,
      maxBytes: maxAnswerBytes,
    });
    if (isFailure(answer))
      return {
        kind: answer.wasSent ? 'unknown' : 'unsent',
        text: `The Graph API did not answer: ${answer.reason}.`,
      };
    return read(answer, token, now());
  };
}

/**
 * The answer to a call that changes something at Meta and that Meta documents to answer with `{"success": true}`: a good status
 * without it tells nothing, so what became of the call is unknown.
 */
export function withSuccess(answer: GraphAnswer): GraphAnswer {
  if (answer.kind !== 'ok' || answer.body['success'] === true) return answer;
  const said = clip(JSON.stringify(answer.body), 200);
  return {
    kind: 'unknown',
    text: `The Graph API did not answer that it was done ("success": true): ${said}`,
  };
}

/** The proof that whoever holds the token holds the app's secret too. */
export function toAppSecretProof(appSecret: string, token: string): string {
  return createHmac('sha256', appSecret).update(token).digest('hex');
}

/**
 * Whether a call was refused because the proof of the app secret is missing or that of another secret. Graph says so with code
 * 100, as of a wrong parameter; but it is the settings that are wrong and not the message.
 */
export function isAboutProof({ text }: Pick<GraphError, 'text'>): boolean {
  return /appsecret_proof/i.test(text);
}

function toQuery({ query, appSecret, token }: GraphCall): string {
  const proof = appSecret === undefined ? {} : { appsecret_proof: toAppSecretProof(appSecret, token) };
  const text = new URLSearchParams({ ...query, ...proof }).toString();
  return text === '' ? '' : `?${text}`;
}

function read(answer: Answer, token: string, now: number): GraphAnswer {
  const json = tryParseJson(answer.body);
  const isGood = answer.status >= 200 && answer.status < 300;
  const error = isObject(json) ? (json['error'] ?? null) : null;
  if (isGood && isObject(json) && error === null)
    return {
      kind: 'ok',
      body: json,
      usedPercent: readUsage(answer.headers).percent,
      bytes: answer.body.byteLength,
    };
  // A good status without Graph's JSON: a proxy on the way, or an answer cut short. The request may have been carried out.
  if (isGood && !isObject(json))
    return { kind: 'unknown', text: `The Graph API answered ${answer.status} without JSON.` };
  if (isGood && !isObject(error))
    return {
      kind: 'unknown',
      text: `The Graph API answered ${answer.status} with an error in no form of its own.`,
    };
  return { kind: 'refused', error: toGraphError(answer, json, now, token) };
}

/** What an answer that is not good says, in Graph's form or not. */
export function toGraphError(
  answer: Pick<Answer, 'status' | 'headers'>,
  json: Json | undefined,
  now: number,
  token = '',
): GraphError {
  const error = isObject(json) && isObject(json['error']) ? json['error'] : {};
  const data = isObject(error['error_data']) ? error['error_data'] : {};
  const said = [
    toText(error['message']),
    toText(error['error_user_msg']),
    toText(data['details']),
    toText(error['error_data']),
  ].filter((part) => part !== undefined);
  const text = [...new Set(said)].join(' – ');
  return {
    status: answer.status,
    code: toNumber(error['code']),
    subcode: toNumber(error['error_subcode']),
    text: redact(text === '' ? `The Graph API answered ${answer.status}.` : text, token),
    isTransient: error['is_transient'] === true,
    retryAfterMs: toRetryAfter(answer.headers, now),
    traceId: toText(error['fbtrace_id']) ?? '',
  };
}

/** Some of Meta's messages quote the token that they refuse. */
function redact(text: string, token: string): string {
  const without = token === '' ? text : text.replaceAll(token, '…');
  return clip(without.replace(/\b(EAA|IG)[A-Za-z0-9_-]{20,}/g, '…'), maxTextLength);
}

function toRetryAfter(headers: Answer['headers'], now: number): number | undefined {
  const waitMs = Math.max(readRetryAfter(headers, now) ?? 0, readUsage(headers).regainMs);
  return waitMs > 0 ? Math.min(waitMs, maxWaitMs) : undefined;
}

const usageHeaders = ['x-app-usage', 'x-page-usage', 'x-business-use-case-usage'];
const shares = ['call_count', 'total_cputime', 'total_time'];

/** What Meta's usage headers tell, taken together: the highest share, and the longest time until access is regained. */
function readUsage(headers: Answer['headers']): { percent: number; regainMs: number } {
  let percent = 0;
  let regainMs = 0;
  const look = (value: Json | undefined): void => {
    if (Array.isArray(value)) (value as readonly Json[]).forEach(look);
    if (!isObject(value)) return;
    for (const name of shares) percent = Math.max(percent, toNumber(value[name]) ?? 0);
    regainMs = Math.max(regainMs, (toNumber(value['estimated_time_to_regain_access']) ?? 0) * minute);
    Object.values(value).forEach(look);
  };
  for (const name of usageHeaders) {
    const header = headers[name];
    if (typeof header === 'string') look(tryParseJson(Buffer.from(header)));
  }
  return { percent, regainMs };
}

/** A number, or its decimal digits: blanks are not 0, which is a code. */
function toNumber(value: Json | undefined): number | null {
  const number = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
