// Spans of requests, where traces are made.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RequestSpan, Tracing } from '../../telemetry/tracing.ts';
import { accountOf } from './auth.ts';

const spans = new WeakMap<FastifyRequest, RequestSpan>();

/** Makes a span of each request of a scope that was let in. */
export function traceAnswers(scope: FastifyInstance, tracing: Tracing): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    spans.set(request, tracing.request(request.headers['traceparent']));
    done();
  });
  scope.addHook('onResponse', (request, reply, done) => {
    const accountId = accountOf(request);
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? 'unknown';
    const attributes = {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': reply.statusCode,
    };
    if (accountId !== null)
      spans
        .get(request)
        ?.end(
          `${method} ${route}`,
          { 'chasqui.account.id': accountId, ...attributes },
          reply.statusCode >= 500,
        );
    done();
  });
}

/** The span of a request as what comes of it; no member where nothing is traced. */
export function originOf(request: FastifyRequest): { readonly origin?: RequestSpan } {
  const origin = spans.get(request);
  return origin === undefined ? {} : { origin };
}
