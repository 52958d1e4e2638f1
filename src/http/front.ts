// The paths that carry nearly all traffic, served without the framework, which costs as much again as reading the request.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { GatewayError } from '../domain/errors.ts';
import { prove } from './trust.ts';

/** Whether an address is one of a proxy whose `X-Forwarded-*` headers count; `hop` counts from our own socket. */
export type IsTrusted = (address: string, hop: number) => boolean;

/** A request with its body, as a whole. */
export class FrontRequest {
  readonly method: string;
  /** The target as it was sent; in absolute form when the client sent it so. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly response: ServerResponse;
  readonly #raw: IncomingMessage;
  readonly #isTrusted: IsTrusted;

  constructor(
    raw: IncomingMessage,
    response: ServerResponse,
    target: string,
    body: Buffer,
    isTrusted: IsTrusted,
  ) {
    this.method = raw.method ?? 'GET';
    this.target = target;
    this.headers = raw.headers;
    this.body = body;
    this.response = response;
    this.#raw = raw;
    this.#isTrusted = isTrusted;
  }

  /** Where it came from, behind trusted proxies. */
  get remoteAddress(): string {
    return proxyAddr(this.#raw, this.#isTrusted);
  }

  /** Notes that the request is proven: its signature or key is right. From then on its connection counts as trusted. */
  prove(): void {
    prove(this.#raw.socket);
  }

  /** `scheme://authority` as the client sees it, by what a trusted proxy says. */
  get origin(): string {
    const { socket, headers } = this.#raw;
    const isTrusted = this.#isTrusted(socket.remoteAddress ?? '', 0);
    const said = (name: string): string | undefined => {
      const value = headers[name];
      return isTrusted && value !== undefined ? value.toString().split(',').at(-1)?.trim() : undefined;
    };
    const own = 'encrypted' in socket ? 'https' : 'http';
    return `${said('x-forwarded-proto') ?? own}://${said('x-forwarded-host') ?? headers.host ?? ''}`;
  }
}

export interface FrontAnswer {
  readonly status: number;
  /** Their names go out in this very spelling, which some clients insist on. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface FrontRoute {
  /** Without a slash at the end; whatever lies below belongs to it too. `/` is the root and nothing below. */
  readonly paths: readonly string[];
  /** Where the route shares its paths with others: whether this request is its own. */
  readonly takes?: (raw: IncomingMessage) => boolean;
  readonly methods: readonly HTTPMethods[];
  readonly maxBodyBytes: number;
  /** May reject; `fail` then answers. */
  readonly serve: (request: FrontRequest) => Promise<FrontAnswer>;
  /** Answers what could not be served: `payload_too_large`, or what `serve` rejected with. Must not throw. */
  readonly fail: (error: unknown, request: FrontRequest) => FrontAnswer;
}

/** The front of one listener: looks at each request first, and leaves to the framework what no route of its own takes. */
export class Front {
  readonly #routes: { readonly path: string; readonly route: FrontRoute }[] = [];
  readonly isTrusted: IsTrusted;

  /** `trustProxy`: addresses and CIDR ranges. */
  constructor(trustProxy: readonly string[]) {
    this.isTrusted = trustProxy.length === 0 ? () => false : proxyAddr.compile([...trustProxy]);
  }

  add(route: FrontRoute): void {
    for (const path of route.paths) this.#routes.push({ path, route });
  }

  /** Serves a request if it is for one of the routes; returns whether it is. */
  take(raw: IncomingMessage, response: ServerResponse): boolean {
    const { url = '', method = '' } = raw;
    for (const { path, route } of this.#routes) {
      if (!isBelow(url, path) || !(route.methods as readonly string[]).includes(method)) continue;
      if (route.takes?.(raw) === false) continue;
      this.serve(route, raw, response, url);
      return true;
    }
    return false;
  }

  /** Reads the body and answers by the route. A request that breaks off is answered by nobody. */
  serve(route: FrontRoute, raw: IncomingMessage, response: ServerResponse, target: string): void {
    const toRequest = (body: Buffer): FrontRequest =>
      new FrontRequest(raw, response, target, body, this.isTrusted);
    const refuse = (): void => {
      const request = toRequest(Buffer.alloc(0));
      const { headers, ...answer } = route.fail(new GatewayError('payload_too_large'), request);
      write(response, { ...answer, headers: { ...headers, connection: 'close' } });
    };
    if (Number(raw.headers['content-length'] ?? 0) > route.maxBodyBytes) {
      refuse();
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.byteLength;
      if (bytes <= route.maxBodyBytes) {
        chunks.push(chunk);
        return;
      }
      raw.off('data', onData);
      raw.off('end', onEnd);
      refuse();
    };
    const onEnd = (): void => {
      const [only] = chunks;
      answerWith(route, toRequest(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)));
    };
    raw.on('data', onData);
    raw.on('end', onEnd);
    // The peer is gone; its close ends the response too.
    raw.on('error', () => undefined);
  }
}

const frontKey = 'front';

/** Gives a server its front. */
export function setFront(app: FastifyInstance, front: Front): void {
  app.decorate(frontKey, front);
}

/**
 * Serves a route before the framework sees the request. What reaches the framework all the same, in absolute form or without a
 * socket, is left to whoever serves the path there (`answerAsFront`).
 */
export function offerFront(app: FastifyInstance, route: FrontRoute): Front {
  const front = app.getDecorator<Front>(frontKey);
  front.add(route);
  return front;
}

/**
 * Serves a route before the framework sees the request. The framework knows it too, for requests that come without a socket
 * and for scopes that share its paths.
 */
export function serveFront(app: FastifyInstance, route: FrontRoute): void {
  const front = offerFront(app, route);
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    for (const path of route.paths) {
      for (const url of [path, `${path}/*`]) {
        scope.route({
          method: [...route.methods],
          exposeHeadRoute: false,
          url,
          onRequest: (request, reply) => {
            reply.hijack();
            front.serve(route, request.raw, reply.raw, request.originalUrl);
          },
          // Never reached: the hook above has taken the request.
          handler: () => undefined,
        });
      }
    }
  });
}

/** Serves by a front route a request that the framework has read already. */
export function answerAsFront(
  app: FastifyInstance,
  route: FrontRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const front = app.getDecorator<Front>(frontKey);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  reply.hijack();
  answerWith(route, new FrontRequest(request.raw, reply.raw, request.originalUrl, body, front.isTrusted));
  return reply;
}

function answerWith(route: FrontRoute, request: FrontRequest): void {
  const { response } = request;
  route.serve(request).then(
    (answer) => write(response, answer),
    (error: unknown) => write(response, route.fail(error, request)),
  );
}

function write(response: ServerResponse, { status, headers, body }: FrontAnswer): void {
  if (response.destroyed) return;
  if (body === null) {
    response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': '0' });
    response.end();
    return;
  }
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.end(body);
}

/** Whether a target's path is `path` or lies below it. An absolute form is left to the framework. */
function isBelow(target: string, path: string): boolean {
  if (path === '/') return target === '/' || target.startsWith('/?');
  if (!target.startsWith(path)) return false;
  const next = target.charCodeAt(path.length);
  // The end, `/`, `?`.
  return Number.isNaN(next) || next === 47 || next === 63;
}
