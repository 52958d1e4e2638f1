import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Stopwatch } from '../runtime/clock.ts';
import type { Emit } from '../telemetry/events.ts';
import { Bodies } from './bodies.ts';
import { readCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { Connections, withinFileLimit } from './connections.ts';
import { noteWaiting } from './expectation.ts';
import { Front, setFront } from './front.ts';
import { gatherRequests } from './gathered-request.ts';
import { Handshakes } from './handshakes.ts';
import { findHeadFault, maxHeaderBytes, maxLongTargetBytes } from './heads.ts';
import { readJsonBodies } from './parsers.ts';
import { answerProblems, sendProblem, toGatewayError, toProblem } from './problem.ts';

export interface HttpSettings extends Stopwatch {
  readonly emit: Emit;
  /** Addresses and CIDR ranges whose `X-Forwarded-*` headers count. */
  readonly trustProxy?: readonly string[];
  /** PEM files of the certificate chain and its key; both or none. */
  readonly tlsCertFile?: string | null;
  readonly tlsKeyFile?: string | null;
  /** Called with each server of the listener, of which there is one for each address that its host has. */
  readonly onServer?: (server: Server) => void;
  /** Bytes of a body where a route does not say otherwise. */
  readonly bodyLimit?: number;
  /** The bodies under way in this process, where several listeners share its memory. */
  readonly bodies?: Bodies;
  /** Lowered to what the process may open. */
  readonly maxConnections?: number;
  /** Of those, the ones on which nobody has shown a key yet. */
  readonly maxStrangers?: number;
  /** The part of the files that the process may open for connections which this listener has. */
  readonly fileShare?: number;
  /** Connections of one address, trusted proxies aside; any number when 0. */
  readonly maxPerAddress?: number;
  /** Of a TLS listener: connections that have not shaken hands yet. */
  readonly maxHandshakes?: number;
  /** Bytes of answers that have not left, over all connections. */
  readonly maxUnsentBytes?: number;
  /** Whoever takes less than `leastBytesPerSecond` of what waits for him, so long, is closed. */
  readonly stallMs?: number;
  readonly leastBytesPerSecond?: number;
  /** The time within which all headers must be there. Counts from the connect, so a silent connection ends by it too. */
  readonly headersTimeoutMs?: number;
  /** The time within which a request must be there as a whole, its body too. */
  readonly requestTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  /** After so long without a byte either way a connection ends; longer than the longest poll. */
  readonly silenceTimeoutMs?: number;
  /** How long requests under way may go on once the listener closes. */
  readonly closeGraceMs?: number;
  /** How often the timeouts are looked at. */
  readonly checkIntervalMs?: number;
}

const defaults = {
  trustProxy: [],
  bodyLimit: 128 * 1024,
  maxConnections: 8192,
  fileShare: 1,
  maxPerAddress: 0,
  maxHandshakes: 1024,
  maxUnsentBytes: 128 * 1024 * 1024,
  stallMs: 10_000,
  leastBytesPerSecond: 4096,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 60_000,
  // A little longer than the 60 s of the usual reverse proxies, so that it is they who let go first.
  idleTimeoutMs: 65_000,
  silenceTimeoutMs: 120_000,
  closeGraceMs: 5_000,
  checkIntervalMs: 5_000,
} as const;

/** What takes 80 MB: 10 KB for a connection that says nothing, and 54 KB over TLS (measured on Node 24). */
const maxStrangers = { plain: 8192, tls: 1536 } as const;
/** Long targets of requests under way together; each is read into several copies of itself. */
const maxLongTargetsBytes = 32 * 1024 * 1024;

/**
 * Makes the listener that all surfaces share, not listening yet. Error answers are problems (RFC 9457); a surface with
 * its own form registers itself in a scope with its own handlers and body parsers. An absolute-form target is routed by
 * its path, and slashes in front count as one; `request.originalUrl` is the target as it was sent. `close()` drops idle connections at once and the rest
 * after `closeGraceMs`. Throws `bad_settings` when the TLS files will not do.
 */
export function openHttpServer(settings: HttpSettings): FastifyInstance {
  const limits = { ...defaults, ...omitUndefined(settings) };
  const tls = readTls(settings);
  const bodies = settings.bodies ?? new Bodies({ monotonic: settings.monotonic });
  const front = new Front(limits.trustProxy, bodies);
  const files = Math.floor(withinFileLimit(Number.POSITIVE_INFINITY) * limits.fileShare);
  const maxHandshakes = tls === undefined ? 0 : Math.min(limits.maxHandshakes, Math.floor(files / 4));
  const handshakes =
    tls === undefined ? undefined : new Handshakes(maxHandshakes, limits.headersTimeoutMs, settings);
  const connections = new Connections({
    ...limits,
    maxConnections: Math.min(limits.maxConnections, files - maxHandshakes),
    maxStrangers: settings.maxStrangers ?? maxStrangers[tls === undefined ? 'plain' : 'tls'],
    isProxy: (address) => front.isTrusted(address, 0),
    handshakes,
  });
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyLimit,
    trustProxy: limits.trustProxy.length > 0 ? [...limits.trustProxy] : false,
    requestIdHeader: false,
    rewriteUrl: (request) => toPath(request.url ?? '/'),
    routerOptions: { caseSensitive: true, maxParamLength: 1024 },
    // Members that a schema does not know are refused, not taken away, and a body's types are not guessed.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: true } },
    forceCloseConnections: false,
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, toGatewayError(error)),
    clientErrorHandler: (error, socket) => {
      if (connections.isOver(socket)) return;
      // Nothing can be said to a peer that has not shaken hands, nor waited for.
      if (connections.has(socket)) answerBrokenRequest(error, socket);
      else socket.destroy();
    },
    serverFactory: (handler) => {
      const server = openServer(handler, front, limits, tls, connections);
      settings.onServer?.(server);
      return server;
    },
  });
  setFront(app, front);
  readJsonBodies(app, bodies);
  answerProblems(app, settings.emit);
  app.addHook('preClose', (done) => {
    connections.drain();
    const timer = setTimeout(() => {
      connections.destroyAll();
    }, limits.closeGraceMs);
    // Connections that are left keep the process up by themselves; a server that never listened tells no end.
    timer.unref();
    app.server.once('close', () => {
      clearTimeout(timer);
    });
    done();
  });
  return app;
}

/** Adds the headers that keep a browser from doing anything with an answer but show it to the page that asked. */
export function hardenAnswers(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    done();
  });
}

interface Limits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly silenceTimeoutMs: number;
  readonly checkIntervalMs: number;
}

function openServer(
  handler: RequestListener,
  front: Front,
  limits: Limits,
  tls: Pick<Certificate, 'cert' | 'key'> | undefined,
  connections: Connections,
): Server {
  const options: ServerOptions = {
    IncomingMessage: gatherRequests(),
    maxHeaderSize: maxLongTargetBytes + maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    noDelay: true,
    // Said in our own form instead, with the other faults of a head.
    requireHostHeader: false,
  };
  let longBytes = 0;
  const serve: RequestListener = (request, response) => {
    const bytes = request.url?.length ?? 0;
    // Whatever came in one piece with a request that offers another protocol, and behind it, Node's parser drops unread: who is told
    // that nothing follows asks for it on another connection (RFC 9112, 9.3.1), and nobody reads the rest of it as a request.
    if (request.headers.upgrade !== undefined) response.setHeader('connection', 'close');
    const fault = findHeadFault(request);
    if (fault !== undefined) refuse(response, fault);
    else if (connections.isFull(request.socket)) refuse(response, 'TOO_MUCH_UNSENT');
    else if (bytes <= maxHeaderBytes) take(request, response);
    else if (longBytes + bytes > maxLongTargetsBytes) refuse(response, 'TOO_MANY_LONG');
    else {
      longBytes += bytes;
      response.once('close', () => (longBytes -= bytes));
      take(request, response);
    }
  };
  const take: RequestListener = (request, response) => {
    if (!front.take(request, response)) handler(request, response);
  };
  const guarded: RequestListener = (request, response) => {
    connections.begin(request, response, () => serve(request, response));
  };
  const server =
    tls === undefined
      ? createServer(options, guarded)
      : createTlsServer(
          { ...options, cert: tls.cert, key: tls.key, handshakeTimeout: limits.headersTimeoutMs },
          guarded,
        );
  server.setTimeout(limits.silenceTimeoutMs);
  // Node would tell the client to send its body before anybody has seen the head.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    noteWaiting(request);
    server.emit('request', request, response);
  });
  // What Node would answer itself is counted too.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    connections.begin(request, response, () => refuse(response, 'EXPECTATION'));
  });
  connections.attach(server);
  return server;
}

function readTls(settings: HttpSettings): Certificate | undefined {
  const { tlsCertFile = null, tlsKeyFile = null } = settings;
  if (tlsCertFile === null && tlsKeyFile === null) return undefined;
  if (tlsCertFile === null || tlsKeyFile === null)
    throw new GatewayError('bad_settings', 'TLS needs both a certificate file and a key file.');
  return readCertificate({ tlsCertFile, tlsKeyFile });
}

/** Has a server with TLS show another certificate from the next connection on; those that are there go on. */
export function showCertificate(server: Server, { cert, key }: Certificate): void {
  if (server instanceof TlsServer) server.setSecureContext({ cert, key });
}

/**
 * Takes scheme and host off an absolute-form target (`GET http://host/path`), as clients behind a proxy setting send it, and the
 * slashes too many in front that an endpoint with a slash at its end makes.
 */
export function toPath(target: string): string {
  if (target.startsWith('/')) return target.replace(/^\/(?:\.?\/)+/, '/');
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target);
  if (authority === null) return '/';
  const rest = target.slice(authority[0].length);
  return `/${rest.replace(/^\/+/, '')}`;
}

interface Refusal {
  readonly line: string;
  readonly code: ErrorCode;
  readonly detail: string;
}

const refusals = {
  HPE_HEADER_OVERFLOW: {
    line: '431 Request Header Fields Too Large',
    code: 'bad_request',
    detail: 'The address and headers are larger than 16 KiB.',
  },
  TOO_MANY_LONG: {
    line: '503 Service Unavailable',
    code: 'too_many',
    detail:
      'Too many requests with long addresses are under way. Try again later, or send the parameters as a form.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    line: '413 Content Too Large',
    code: 'payload_too_large',
    detail: 'The chunk extensions are larger than 16 KiB.',
  },
  TOO_MUCH_UNSENT: {
    line: '503 Service Unavailable',
    code: 'overloaded',
    detail: 'Too many answers wait for clients that do not read them. Try again later.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    line: '408 Request Timeout',
    code: 'bad_request',
    detail: 'The request did not come in time.',
  },
  EXPECTATION: {
    line: '417 Expectation Failed',
    code: 'bad_request',
    detail: 'The only expectation that is met is 100-continue.',
  },
  HOST: {
    line: '400 Bad Request',
    code: 'bad_request',
    detail: 'The request needs one Host header that names a host, and a port if it likes (RFC 9112, 3.2).',
  },
  REPEATED: {
    line: '400 Bad Request',
    code: 'bad_request',
    detail: 'The Authorization header came more than once.',
  },
  CODING: {
    line: '400 Bad Request',
    code: 'bad_request',
    detail: 'The only Transfer-Encoding is chunked, in HTTP/1.1 (RFC 9112, 6.1).',
  },
  VERSION: {
    line: '505 HTTP Version Not Supported',
    code: 'bad_request',
    detail: 'This listener speaks HTTP/1.1 and HTTP/1.0.',
  },
} as const satisfies Record<string, Refusal>;

/** Answers a request that is not served, in its turn, and closes. */
function refuse(response: ServerResponse, reason: keyof typeof refusals): void {
  const refusal: Refusal = refusals[reason];
  const body = toBody(refusal);
  response.writeHead(toStatus(refusal), {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    ...(toStatus(refusal) === 503 ? { 'retry-after': '1' } : {}),
    connection: 'close',
  });
  response.end(body);
}

function toStatus({ line }: Refusal): number {
  return Number(line.slice(0, 3));
}

function toBody(refusal: Refusal): string {
  const problem = toProblem(new GatewayError(refusal.code, refusal.detail));
  return JSON.stringify({ ...problem, status: toStatus(refusal) });
}

const notHttp = { line: '400 Bad Request', code: 'bad_request', detail: 'This is not HTTP.' } as const;

/** Answers what the HTTP parser gave up on, and closes. */
function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // As Node's own handler does: an answer that has begun cannot become another one.
  const answer = Reflect.get(socket, '_httpMessage') as { headersSent?: boolean } | null | undefined;
  if (socket.writable && answer?.headersSent !== true) {
    const known: Readonly<Record<string, Refusal>> = refusals;
    const refusal = known[error.code ?? ''] ?? notHttp;
    const body = toBody(refusal);
    socket.write(
      `HTTP/1.1 ${refusal.line}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
        `X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

function omitUndefined<T extends object>(settings: T): T {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T;
}
