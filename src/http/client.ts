// The one way out: every request that leaves this service goes through here, past the egress guard.
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import ipaddr from 'ipaddr.js';
import { Pool, buildConnector, errors } from 'undici';
import type { Dispatcher } from 'undici';
import { monotonicNow } from '../runtime/clock.ts';
import type { AttemptOutcome } from '../domain/delivery.ts';
import { parseCallbackUrl } from '../domain/callback-url.ts';
import { decode, decodePieces, isEncoded, isNamedEncoded } from './content-encoding.ts';
import { exchange } from './exchange.ts';
import type { Exchanged } from './exchange.ts';
import { EgressError, openGuard, toName } from './guard.ts';
import type { Resolve } from './guard.ts';
import { connectThrough } from './proxy.ts';
import type { Proxy } from './proxy.ts';
import { connectToAny } from './race.ts';
import { takeLooseHeads } from './response-head.ts';
import { keepPace, toTooSlow } from './least-pace.ts';
import type { Pace } from './least-pace.ts';

export interface ClientOptions {
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
  /** Says why a URL cannot be a callback, or null when it can be, also when its host has no address yet. Looks its host up. */
  readonly checkUrl: (url: string) => Promise<string | null>;
  /** The host of a URL when nothing can be sent there for now, because it has no address. Looks it up. */
  readonly findHostWithoutAddress: (url: string) => Promise<string | null>;
  readonly close: () => Promise<void>;
}

/** Origins with connections at once; the least recently used is closed first. */
const maxPools = 2000;
const connectionsPerPool = 128;
/** For a connection, and for its TLS, each. */
const connectMs = 10_000;

export function isFailure(result: object): result is Failure {
  return 'outcome' in result;
}

export function openClient(options: ClientOptions): Client {
  const { proxy } = options;
  const guard = openGuard(options.egressAllow, options.resolve);
  const pools = new Map<string, Pool>();
  const secure = buildConnector({ timeout: connectMs });

  /** Connects to one of the addresses that were checked, under the name that was asked for; past the proxy where that is told. */
  const connect: buildConnector.connector = (target, callback) => {
    openSocket(target.hostname, toPort(target)).then(
      (socket) => finish(socket, target, callback),
      (error: Error) => callback(error, null),
    );
  };

  async function openSocket(hostname: string, port: number): Promise<Socket> {
    const name = toName(hostname);
    const vetted = await guard.vet(hostname).catch((error: unknown) => {
      // What has no address here may have one where the proxy is.
      if (proxy?.names === 'proxy' && error instanceof EgressError && error.outcome === 'unresolved')
        return undefined;
      throw error;
    });
    const deadline = monotonicNow() + connectMs;
    if (proxy === undefined || vetted?.isInside === true)
      return connectToAny(vetted?.addresses ?? [], port, connectMs);
    const asked = proxy.names === 'proxy' || vetted === undefined ? [name] : vetted.addresses;
    return connectThrough(proxy, asked, port, deadline);
  }

  function finish(socket: Socket, target: buildConnector.Options, callback: buildConnector.Callback): void {
    if (target.protocol !== 'https:') {
      takeLooseHeads(socket);
      callback(null, socket);
      return;
    }
    const servername = ipaddr.isValid(toName(target.hostname))
      ? undefined
      : (target.servername ?? target.hostname);
    const options = { ...target, httpSocket: socket, ...(servername === undefined ? {} : { servername }) };
    secure(options, (...connected) => {
      const [, secured] = connected;
      if (secured instanceof Socket) takeLooseHeads(secured);
      else socket.destroy();
      callback(...connected);
    });
  }

  function poolOf(origin: string): Pool {
    const known = pools.get(origin);
    const pool =
      known ??
      new Pool(origin, {
        connections: connectionsPerPool,
        connect,
        pipelining: 1,
        keepAliveTimeout: 10_000,
        keepAliveMaxTimeout: 60_000,
      });
    pools.delete(origin);
    pools.set(origin, pool);
    if (pools.size > maxPools) dropOldestPool();
    return pool;
  }

  function dropOldestPool(): void {
    for (const [origin, pool] of pools) {
      // A pool in use is merely older than it looks.
      if (pool.stats.pending + pool.stats.running > 0) continue;
      pools.delete(origin);
      pool.close().catch(() => undefined);
      return;
    }
  }

  function toOptions(
    url: string,
    request: Pick<ClientRequest, 'method' | 'headers' | 'body'>,
  ): { readonly pool: Pool; readonly options: Dispatcher.DispatchOptions } {
    const { origin, path } = toPlace(url);
    const options = {
      method: request.method,
      path,
      headers: { 'user-agent': 'Chasqui/1', 'accept-encoding': 'identity', ...request.headers },
      body: toBody(request.body),
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    return { pool: poolOf(origin), options };
  }

  async function request(
    url: string,
    { timeoutMs, maxBytes, ...rest }: ClientRequest,
  ): Promise<Answer | Failure> {
    const toTimeout = () => new EgressError('timeout', `no answer within ${timeoutMs} ms`);
    try {
      const { pool, options } = toOptions(url, rest);
      const answer = await exchange(pool, options, { timeoutMs, maxBytes, toTimeout });
      const isPlain = answer.end === 'whole' && !isEncoded(answer.body, answer.headers['content-encoding']);
      return isPlain ? answer : await read(answer, maxBytes);
    } catch (error) {
      return error instanceof TypeError && !URL.canParse(url) ? notUrl : toFailure(error, false);
    }
  }

  /** Why a URL's host cannot be connected to now; undefined when it can be, as far as its addresses tell. */
  async function findFault(url: string): Promise<EgressError | undefined> {
    try {
      await guard.vet(new URL(url).hostname);
      return undefined;
    } catch (error) {
      if (error instanceof EgressError) return error;
      throw error;
    }
  }

  return {
    request,
    post: (url, post) => request(url, { ...post, method: 'POST' }),
    get: async (url, headers, timeoutMs, pace) => {
      if (!URL.canParse(url)) return notUrl;
      const ending = new AbortController();
      const end = (error: Error): void => ending.abort(error);
      const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ending.signal]);
      const timer = pace && setTimeout(() => end(toTooSlow(pace)), pace.overMs);
      try {
        const { pool, options } = toOptions(url, { method: 'GET', headers });
        const answer = await pool.request({ ...options, signal });
        const body = pace === undefined ? answer.body : keepPace(answer.body, pace, end);
        return toPlain({ status: answer.statusCode, headers: answer.headers, body });
      } catch (error) {
        return toFailure(error, signal.aborted);
      } finally {
        clearTimeout(timer);
      }
    },
    checkUrl: async (url) => {
      const parsed = parseCallbackUrl(url);
      if ('fault' in parsed) return parsed.fault;
      const fault = await findFault(parsed.url);
      return fault?.outcome === 'guarded'
        ? `${fault.message}. If callbacks are meant to go there, let EGRESS_ALLOW name its address.`
        : null;
    },
    findHostWithoutAddress: async (url) => {
      if (!URL.canParse(url) || proxy?.names === 'proxy') return null;
      return (await findFault(url))?.outcome === 'unresolved' ? new URL(url).host : null;
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
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

function toPort({ port, protocol }: buildConnector.Options): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** Origin and path of an absolute URL. Throws `TypeError` for what is none. */
function toPlace(url: string): { readonly origin: string; readonly path: string } {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
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
