// The one way out: every request that leaves this service goes through here, past the egress guard.
import { lookup } from 'node:dns/promises';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { LookupAddress } from 'node:dns';
import ipaddr from 'ipaddr.js';
import { Pool, buildConnector, errors } from 'undici';
import type { Dispatcher } from 'undici';
import type { AttemptOutcome } from '../domain/delivery.ts';
import { parseCallbackUrl } from '../domain/callback-url.ts';
import { GatewayError } from '../domain/errors.ts';
import { decode, decodePieces, isEncoded, isNamedEncoded } from './decoding.ts';
import { exchange } from './exchange.ts';
import type { Exchanged } from './exchange.ts';
import { takeLooseHeads } from './response-head.ts';
import { keepPace, toTooSlow } from './pace.ts';
import type { Pace } from './pace.ts';

export interface ClientOptions {
  /** Addresses and CIDR ranges inside that may be reached all the same. */
  readonly egressAllow: readonly string[];
  /** Looks a host name up; the system's resolver when left out. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

export interface PostRequest {
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
  /** Says why a URL cannot be a callback, or null when it can be. Looks its host up. */
  readonly checkUrl: (url: string) => Promise<string | null>;
  readonly close: () => Promise<void>;
}

/** Origins with connections at once; the least recently used is closed first. */
const maxPools = 2000;
const connectionsPerPool = 128;

export function isFailure(result: object): result is Failure {
  return 'outcome' in result;
}

export function openClient(options: ClientOptions): Client {
  const allowed = options.egressAllow.map(toRange);
  const resolve = options.resolve ?? ((host: string) => lookup(host, { all: true, verbatim: true }));
  const pools = new Map<string, Pool>();
  const connectDirectly = buildConnector({ timeout: 10_000 });

  /** The addresses of a host that may be connected to. Throws when it has none, or when any of them points inside. */
  async function resolveGuarded(host: string): Promise<string> {
    const name = host.replace(/^\[(.*)\]$/, '$1');
    const addresses = ipaddr.isValid(name) ? [name] : await lookUp(name);
    const [first] = addresses;
    if (first === undefined) throw new EgressError('unresolved', `${name} has no address`);
    // One name with addresses on both sides of the wall is how a rebinding begins, so all have to be outside.
    if (!addresses.every((address) => isAllowed(address, allowed)))
      throw new EgressError('guarded', `${name} points inside a private network`);
    return first;
  }

  async function lookUp(name: string): Promise<string[]> {
    try {
      return (await resolve(name)).map(({ address }) => address);
    } catch (cause) {
      throw new EgressError('unresolved', `${name} cannot be resolved`, { cause });
    }
  }

  /** Connects to the address that was checked, under the name that was asked for. */
  const connect: buildConnector.connector = (target, callback) => {
    resolveGuarded(target.hostname).then(
      (address) => {
        const servername = ipaddr.isValid(target.hostname)
          ? undefined
          : (target.servername ?? target.hostname);
        connectDirectly(
          { ...target, hostname: address, ...(servername === undefined ? {} : { servername }) },
          (...connected) => {
            const [, socket] = connected;
            if (socket instanceof Socket) takeLooseHeads(socket);
            callback(...connected);
          },
        );
      },
      (error: Error) => callback(error, null),
    );
  };

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
      try {
        await resolveGuarded(new URL(parsed.url).hostname);
        return null;
      } catch (error) {
        if (!(error instanceof EgressError)) return 'The host cannot be looked up.';
        return error.outcome === 'guarded'
          ? `${error.message}. If callbacks are meant to go there, let EGRESS_ALLOW name its address.`
          : `${error.message}.`;
      }
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

/** Origin and path of an absolute URL. Throws `TypeError` for what is none. */
function toPlace(url: string): { readonly origin: string; readonly path: string } {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

class EgressError extends Error {
  readonly outcome: Failure['outcome'];

  constructor(outcome: Failure['outcome'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EgressError';
    this.outcome = outcome;
  }
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

function toRange(text: string): Range {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text))
    throw new GatewayError('bad_settings', `EGRESS_ALLOW: ${text} is neither an address nor a range.`);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** Whether an address may be connected to: it is public unicast, or one of the ranges names it. */
function isAllowed(text: string, ranges: readonly Range[]): boolean {
  const address = unwrap(ipaddr.parse(text));
  if (ranges.some((range) => range[0].kind() === address.kind() && address.match(range))) return true;
  return address.range() === 'unicast';
}

/** The IPv4 address inside an IPv6 one, however it is wrapped: it is where the packets would go. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  const prefix = address.toNormalizedString();
  // ::a.b.c.d, NAT64 64:ff9b::/96, and 6to4 2002:abcd::/16.
  if (
    bytes.slice(0, 12).every((byte) => byte === 0) &&
    !['0:0:0:0:0:0:0:0', '0:0:0:0:0:0:0:1'].includes(prefix)
  )
    return toIpv4(bytes.slice(12));
  if (prefix.startsWith('64:ff9b:0:0:0:0:')) return toIpv4(bytes.slice(12));
  if (bytes[0] === 0x20 && bytes[1] === 0x02) return toIpv4(bytes.slice(2, 6));
  return address;
}

function toIpv4(bytes: readonly number[]): ipaddr.IPv4 {
  return new ipaddr.IPv4([...bytes]);
}

const unreachedCodes = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'];
const refusedCodes = [...unreachedCodes, 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

function toFailure(error: unknown, isLate: boolean): Failure {
  // A deadline may pass in the middle of everything, so the request may have gone out.
  if (error instanceof EgressError)
    return { outcome: error.outcome, reason: error.message, wasSent: error.outcome === 'timeout' };
  if (isLate) return { outcome: 'timeout', reason: 'no answer in time', wasSent: true };
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (refusedCodes.includes(code)) {
    if (unreachedCodes.includes(code))
      return { outcome: 'refused', reason: `the connection was refused (${code})`, wasSent: false };
    const reason = `the connection was broken off before an answer came (${code})`;
    return { outcome: 'refused', reason, wasSent: true, isCutOff: true };
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return { outcome: 'timeout', reason: 'no connection in time', wasSent: code === 'ETIMEDOUT' };
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
