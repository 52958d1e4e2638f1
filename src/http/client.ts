// The one way out: every request that leaves this service goes through here, past the egress guard.
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { errors } from 'undici';
import type { Dispatcher, Pool } from 'undici';
import type { AttemptOutcome } from '../domain/delivery.ts';
import { parseCallbackUrl } from '../domain/callback-url.ts';
import { decode, decodePieces, isEncoded, isNamedEncoded } from './content-encoding.ts';
import { openConnector, openSocket } from './egress-connector.ts';
import type { ConnectorDeps } from './egress-connector.ts';
import { exchange } from './exchange.ts';
import type { Exchanged } from './exchange.ts';
import { EgressError, openGuard } from './guard.ts';
import type { Guard, Resolve } from './guard.ts';
import { keepPace, toTooSlow } from './least-pace.ts';
import type { Pace } from './least-pace.ts';
import { Pools } from './pools.ts';
import type { Proxy } from './proxy.ts';
import type { Stopwatch } from '../runtime/clock.ts';

export interface ClientOptions extends Stopwatch {
  /** Addresses and CIDR ranges inside that may be reached all the same. */
  readonly egressAllow: readonly string[];
  /** Looks a host name up; the system's resolver when left out. */
  readonly resolve?: Resolve;
  /** What all connections go through, but those to addresses that `egressAllow` names. */
  readonly proxy?: Proxy;
}

interface PostRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** Pieces are sent as they come, without a length unless the headers name it. */
  readonly body: string | Buffer | AsyncIterable<Uint8Array>;
  /** For everything: look-up, connection, request and answer. */
  readonly timeoutMs: number;
  /** Bytes of the answer that are read; the rest is not waited for. */
  readonly maxBytes: number;
}

export interface ClientRequest extends Omit<PostRequest, 'body'> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly body?: PostRequest['body'];
}

/** An answer whose content encoding, which nobody asked for, is undone. */
export interface Answer extends Omit<Exchanged, 'end'> {
  /** Why the body is not all that there was, or is still encoded; left out when it was read as a whole. */
  readonly unread?: string;
}

/** Why no answer came. The message names no address that the caller did not give. */
export interface Failure {
  readonly outcome: Exclude<
    AttemptOutcome,
    'accepted' | 'rejected' | 'not_acknowledged' | 'gone' | 'throttled'
  >;
  readonly reason: string;
  /** False when the request surely never went out: no address, no connection, no TLS. */
  readonly wasSent: boolean;
  /** Whether the connection ended after the request had gone out and before the answer was whole. */
  readonly isCutOff?: true;
  /** What had come of an answer that was cut off; its status is certain, its body is not. */
  readonly partial?: Answer;
}

/**
 * An answer whose body is still to be read, piece by piece, with any content encoding undone; the headers then say neither encoding
 * nor length.
 */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Client {
  /** Sends one request and reads its answer. Failures are values; redirects are answers like any other. */
  readonly request: (url: string, request: ClientRequest) => Promise<Answer | Failure>;
  /** Posts to a URL that a customer chose. Failures are values; redirects are answers like any other. */
  readonly post: (url: string, request: PostRequest) => Promise<Answer | Failure>;
  /**
   * Gets from a URL that a channel gave, with a streamed body; the time covers the body too. With a pace, an answer that does not
   * begin in its time is a failure, and one that falls below it throws `channel_unavailable` while it is read.
   */
  readonly get: (
    url: string,
    headers: Readonly<Record<string, string>>,
    timeoutMs: number,
    pace?: Pace,
  ) => Promise<StreamedAnswer | Failure>;
  /** Connects to a host for another protocol than HTTP, past the same guard. Rejects with a reason that names no address. */
  readonly connect: (host: string, port: number) => Promise<Socket>;
  /** Says why a URL cannot be a callback, or null when it can be, also when its host has no address yet. Looks its host up. */
  readonly checkUrl: (url: string) => Promise<string | null>;
  /** The host of a URL when nothing can be sent there for now, because it has no address. Looks it up. */
  readonly findHostWithoutAddress: (url: string) => Promise<string | null>;
  readonly close: () => Promise<void>;
}

export function isFailure(result: object): result is Failure {
  return 'outcome' in result;
}

export function openClient({ egressAllow, resolve, proxy, monotonic }: ClientOptions): Client {
  const guard = openGuard(egressAllow, resolve);
  const way = { guard, proxy, monotonic };
  const pools = new Pools(openConnector(way));
  return {
    request: (url, asked) => request(pools, url, asked),
    post: (url, asked) => request(pools, url, { ...asked, method: 'POST' }),
    get: (url, headers, timeoutMs, pace) => get(pools, url, { headers, timeoutMs, pace, monotonic }),
    connect: (host, port) => connect(way, host, port),
    checkUrl: (url) => checkUrl(guard, url),
    // What has no address here may have one where the proxy is.
    findHostWithoutAddress: async (url) =>
      proxy?.names === 'proxy' ? null : findHostWithoutAddress(guard, url),
    close: () => pools.close(),
  };
}

/** Sends one request and reads its answer, of which `maxBytes` are kept, in one span of time for all of it. */
async function request(
  pools: Pools,
  url: string,
  { timeoutMs, maxBytes, ...rest }: ClientRequest,
): Promise<Answer | Failure> {
  const toTimeout = () => new EgressError('timeout', `no answer within ${timeoutMs} ms`);
  try {
    const { pool, options } = toDispatch(pools, url, rest);
    const answer = await exchange(pool, options, { timeoutMs, maxBytes, toTimeout });
    const isPlain = answer.end === 'whole' && !isEncoded(answer.body, answer.headers['content-encoding']);
    return isPlain ? answer : await read(answer, maxBytes);
  } catch (error) {
    return error instanceof TypeError && !URL.canParse(url) ? notUrl : toFailure(error, false);
  }
}

interface GetRequest extends Stopwatch {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly pace: Pace | undefined;
}

/** Gets an answer whose body is read by whoever asked; the time, and the pace, go on to hold while it is. */
async function get(
  pools: Pools,
  url: string,
  { headers, timeoutMs, pace, monotonic }: GetRequest,
): Promise<StreamedAnswer | Failure> {
  if (!URL.canParse(url)) return notUrl;
  const ending = new AbortController();
  const end = (error: Error): void => ending.abort(error);
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ending.signal]);
  const timer = pace && setTimeout(() => end(toTooSlow(pace)), pace.overMs);
  try {
    const { pool, options } = toDispatch(pools, url, { method: 'GET', headers });
    const answer = await pool.request({ ...options, signal });
    const body = pace === undefined ? answer.body : keepPace(answer.body, pace, end, { monotonic });
    return toPlain({ status: answer.statusCode, headers: answer.headers, body });
  } catch (error) {
    return toFailure(error, signal.aborted);
  } finally {
    clearTimeout(timer);
  }
}

async function connect(way: ConnectorDeps, host: string, port: number): Promise<Socket> {
  try {
    return await openSocket(way, host, port);
  } catch (error) {
    const { outcome, reason } = toFailure(error, false);
    throw new EgressError(outcome, reason, { cause: error });
  }
}

/** What every request says besides what its caller has it say. */
export const ownHeaders = { 'user-agent': 'Chasqui/1', 'accept-encoding': 'identity' } as const;

/** What undici is asked, and by which pool. Throws `TypeError` for what is no URL. */
function toDispatch(
  pools: Pools,
  url: string,
  { method, headers, body }: Pick<ClientRequest, 'method' | 'headers' | 'body'>,
): { readonly pool: Pool; readonly options: Dispatcher.DispatchOptions } {
  const { origin, pathname, search } = new URL(url);
  const options = {
    method,
    path: pathname + search,
    headers: { ...ownHeaders, ...headers },
    body: toBody(body),
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  return { pool: pools.of(origin), options };
}

async function checkUrl(guard: Guard, url: string): Promise<string | null> {
  const parsed = parseCallbackUrl(url);
  if ('fault' in parsed) return parsed.fault;
  const fault = await findFault(guard, parsed.url);
  return fault?.outcome === 'guarded'
    ? `${fault.message}. If callbacks are meant to go there, start the service with EGRESS_ALLOW naming its address: EGRESS_ALLOW=127.0.0.0/8 for the service's own machine.`
    : null;
}

async function findHostWithoutAddress(guard: Guard, url: string): Promise<string | null> {
  if (!URL.canParse(url)) return null;
  return (await findFault(guard, url))?.outcome === 'unresolved' ? new URL(url).host : null;
}

/** Why a URL's host cannot be connected to now; undefined when it can be, as far as its addresses tell. */
async function findFault(guard: Guard, url: string): Promise<EgressError | undefined> {
  try {
    await guard.vet(new URL(url).hostname);
    return undefined;
  } catch (error) {
    if (error instanceof EgressError) return error;
    throw error;
  }
}

/** The answer with its encodings undone, or the failure that one is that broke off where a body had to follow. */
async function read({ end, ...answer }: Exchanged, maxBytes: number): Promise<Answer | Failure> {
  const decoded = await decode(answer.body, answer.headers['content-encoding'], maxBytes, end === 'whole');
  const unread = decoded.unread ?? (end === 'bounded' ? `it is longer than ${maxBytes} bytes` : undefined);
  const partial = { ...answer, body: decoded.body, ...(unread === undefined ? {} : { unread }) };
  if (end !== 'broken') return partial;
  return { outcome: 'failed', reason: 'the answer was cut off', wasSent: true, isCutOff: true, partial };
}

function toPlain(answer: StreamedAnswer): StreamedAnswer {
  const { 'content-encoding': encoding, 'content-length': _length, ...headers } = answer.headers;
  if (!isNamedEncoded(encoding)) return answer;
  return { ...answer, headers, body: decodePieces(answer.body, encoding) };
}

const notUrl: Failure = { outcome: 'failed', reason: 'the address is not a URL', wasSent: false };

function toBody(body: ClientRequest['body']): string | Buffer | Readable | null {
  if (body === undefined) return null;
  return typeof body === 'string' || Buffer.isBuffer(body) ? body : Readable.from(body);
}

const unreachedCodes = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'];
const refusedCodes = [...unreachedCodes, 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

function toFailure(error: unknown, isLate: boolean): Failure {
  // A deadline may pass in the middle of everything, so the request may have gone out.
  if (error instanceof EgressError)
    return { outcome: error.outcome, reason: error.message, wasSent: error.outcome === 'timeout' };
  if (isLate) return { outcome: 'timeout', reason: 'no answer in time', wasSent: true };
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  // What never connected was never sent.
  const isUnconnected = error instanceof Error && 'syscall' in error && error.syscall === 'connect';
  if (isUnconnected && code !== 'ETIMEDOUT')
    return { outcome: 'refused', reason: `the connection was refused (${code})`, wasSent: false };
  if (refusedCodes.includes(code)) {
    if (unreachedCodes.includes(code))
      return { outcome: 'refused', reason: `the connection was refused (${code})`, wasSent: false };
    const reason = `the connection was broken off before an answer came (${code})`;
    return { outcome: 'refused', reason, wasSent: true, isCutOff: true };
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return {
      outcome: 'timeout',
      reason: 'no connection in time',
      wasSent: code === 'ETIMEDOUT' && !isUnconnected,
    };
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_SSL/.test(code)) {
    const reason = `the certificate or the TLS connection was refused (${code})`;
    return { outcome: 'tls', reason, wasSent: false };
  }
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError)
    return {
      outcome: 'failed',
      reason: `the answer is no HTTP: ${error.message.slice(0, 200)}`,
      wasSent: true,
    };
  return {
    outcome: 'failed',
    reason: `the request failed (${code === '' ? 'unknown' : code})`,
    wasSent: true,
  };
}
