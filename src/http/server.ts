import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GatewayError, errorTable } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Emit } from '../telemetry/events.ts';

export interface HttpServerSettings {
  /** Addresses and CIDR ranges whose X-Forwarded-* headers count. */
  readonly trustProxy: readonly string[];
  readonly tlsCertFile: string | null;
  readonly tlsKeyFile: string | null;
  readonly maxConnections: number;
  /** From the first byte of a request to its last. */
  readonly requestTimeoutMs: number;
  /** From the connection, or the end of an answer, to the first byte of the next request. */
  readonly idleTimeoutMs: number;
}

/** Request line and headers together; a signed URL of any client stays far below. */
const maxHeaderBytes = 16 * 1024;

/**
 * Opens the HTTP server that every surface registers with; it does not listen yet. Request targets in absolute form are
 * routed by their path, and `request.originalUrl` keeps the target as it came. A surface with an error form of its own sets
 * it in its own scope; the others answer problems (RFC 9457).
 */
export function openHttpServer(settings: HttpServerSettings, emit: Emit): FastifyInstance {
  const limits = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: settings.requestTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    connectionsCheckingInterval: 5000,
  };
  const options = {
    trustProxy: settings.trustProxy.length > 0 ? [...settings.trustProxy] : false,
    bodyLimit: 1024 * 1024,
    requestTimeout: settings.requestTimeoutMs,
    // A connection that has been answered is kept for the next request for this long.
    keepAliveTimeout: settings.idleTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    rewriteUrl: (request: { url?: string | undefined }) => toPathForm(request.url ?? '/'),
  };
  const tls = readTls(settings);
  // With TLS the instance has another type of socket, which no surface looks at.
  const app =
    tls === undefined
      ? Fastify({ ...options, http: limits })
      : (Fastify({ ...options, https: { ...limits, ...tls } }) as unknown as FastifyInstance);
  app.server.maxConnections = settings.maxConnections;
  app.setErrorHandler((error: FastifyError | GatewayError, request, reply) =>
    sendProblem(emit, error, request, reply),
  );
  app.setNotFoundHandler(async (request, reply) =>
    sendProblem(emit, new GatewayError('not_found', 'There is nothing at this address.'), request, reply),
  );
  return app;
}

/** A problem document (RFC 9457); `code` is a row of docs/errors.md. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
}

export function toProblem(code: ErrorCode, detail: string): Problem {
  const { status, text } = errorTable[code];
  return { type: `/docs/errors#${code}`, title: text, status, detail, code };
}

/** What went wrong, as a row of our own table, whoever threw it. */
export function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  if (isFastifyError(error)) {
    const status = error.statusCode ?? 500;
    if (status === 413) return new GatewayError('payload_too_large', undefined, { cause: error });
    if (status === 415) return new GatewayError('unsupported_media_type', undefined, { cause: error });
    if (error.validation !== undefined || status === 400)
      return new GatewayError('bad_request', error.message, { cause: error });
    if (status === 404) return new GatewayError('not_found', error.message, { cause: error });
  }
  return new GatewayError('internal', undefined, { cause: error });
}

function sendProblem(emit: Emit, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toGatewayError(error);
  if (known.code === 'internal')
    emit('unit.crashed', { unit: `${request.method} ${request.routeOptions.url ?? ''}`, error });
  if (known.code === 'unauthorized')
    reply.header('www-authenticate', 'Basic realm="Chasqui", charset="UTF-8"');
  if (known.retryable) reply.header('retry-after', '1');
  return reply
    .code(known.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(toProblem(known.code, known.message)));
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error;
}

/** `http://host/queues/a?b` becomes `/queues/a?b`: that is what a client behind HTTP_PROXY sends. */
function toPathForm(target: string): string {
  if (target.startsWith('/')) return target.startsWith('//') ? target.slice(1) : target;
  const path = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1] ?? '/';
  return path.startsWith('/') ? path : `/${path}`;
}

function readTls({ tlsCertFile, tlsKeyFile }: HttpServerSettings): { cert: Buffer; key: Buffer } | undefined {
  if (tlsCertFile === null || tlsKeyFile === null) return undefined;
  return { cert: readFileSync(tlsCertFile), key: readFileSync(tlsKeyFile) };
}
