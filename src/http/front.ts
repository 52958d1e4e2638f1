// The paths that carry nearly all traffic, served without the framework, which costs as much again as reading the request.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { GatewayError } from '../domain/errors.ts';
import { toTrusted } from './addresses.ts';
import type { IsTrusted } from './addresses.ts';
import type { Bodies } from './bodies.ts';
import { hasBody, readBody } from './bodies.ts';
import { discardRest, leavesBody } from './early-answer.ts';
import { giveBack } from './pieces.ts';
import { isRequestProven, proveRequest } from './trust.ts';

/** A browser takes no answer for another type than the one it says. */
const nosniff = { 'x-content-type-options': 'nosniff' };

/** A request whose head has come; its body is read when it is asked for. */
export class FrontRequest {
  readonly method: string;
  /** The target as it was sent; in absolute form when the client sent it so. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly response: ServerResponse;
  readonly raw: IncomingMessage;
  readonly #isTrusted: IsTrusted;
  readonly #read: () => Promise<Buffer>;
  #body: Buffer | undefined;

  constructor(
    raw: IncomingMessage,
    response: ServerResponse,
    target: string,
    isTrusted: IsTrusted,
    read: () => Promise<Buffer>,
  ) {
    this.method = raw.method ?? 'GET';
    this.target = target;
    this.headers = raw.headers;
    this.response = response;
    this.raw = raw;
    this.#isTrusted = isTrusted;
    this.#read = read;
  }

  /**
   * Reads the body, which costs memory: whoever can tell by the head that the request is refused does so first. Rejects as
   * {@link readBody} does. To be called once.
   */
  async read(): Promise<Buffer> {
    this.#body = await this.#read();
    return this.#body;
  }

  /** Gives the memory of a body back that was refused before its sender had shown a key. */
  dropUnproven(): void {
    if (this.#body !== undefined && !isRequestProven(this.raw)) giveBack(this.#body);
    this.#body = undefined;
  }

  /** Notes that the sender has shown a key. */
  prove(): void {
    proveRequest(this.raw);
  }

  /** Whether there is a body to read. */
  get hasBody(): boolean {
    return hasBody(this.raw);
  }

  /** Where it came from, behind trusted proxies. */
  get remoteAddress(): string {
    return proxyAddr(this.raw, this.#isTrusted);
  }

  /** `scheme://authority` as the client sees it, by what a trusted proxy says. */
  get origin(): string {
    const { socket, headers } = this.raw;
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
  /** Answers what `serve` rejected with. Must not throw. */
  readonly fail: (error: unknown, request: FrontRequest) => FrontAnswer;
}

/** The front of one listener: looks at each request first, and leaves to the framework what no route of its own takes. */
export class Front {
  readonly #routes: { readonly path: string; readonly route: FrontRoute }[] = [];
  readonly isTrusted: IsTrusted;
  readonly #bodies: Bodies;

  /** `trustProxy`: addresses and CIDR ranges. */
  constructor(trustProxy: readonly string[], bodies: Bodies) {
    this.#bodies = bodies;
    this.isTrusted = toTrusted(trustProxy);
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

  /** Answers by the route. A request that breaks off is answered by nobody. */
  serve(route: FrontRoute, raw: IncomingMessage, response: ServerResponse, target: string): void {
    const read = (): Promise<Buffer> => readBody(this.#bodies, raw, response, route.maxBodyBytes);
    const request = new FrontRequest(raw, response, target, this.isTrusted, read);
    const isTooLarge = Number(raw.headers['content-length'] ?? 0) > route.maxBodyBytes;
    if (isTooLarge) write(request, route.fail(new GatewayError('payload_too_large'), request));
    else answerWith(route, request);
  }
}

const frontKey = 'front';

/** Gives a server its front. */
export function setFront(app: FastifyInstance, front: Front): void {
  app.decorate(frontKey, front);
}

/**
 * Serves a route before the framework sees the request. What reaches the framework all the same, in absolute form or without a
 * socket, is left to whoever serves the path there (`serveAsFront`).
 */
export function offerFront(app: FastifyInstance, route: FrontRoute): void {
  app.getDecorator<Front>(frontKey).add(route);
}

/**
 * Serves a route before the framework sees the request. The framework knows it too, for requests that come without a socket
 * and for scopes that share its paths.
 */
export function serveFront(app: FastifyInstance, route: FrontRoute): void {
  offerFront(app, route);
  app.register(async (scope) => {
    for (const path of route.paths) {
      for (const url of [path, `${path}/*`]) {
        scope.route({
          method: [...route.methods],
          exposeHeadRoute: false,
          url,
          onRequest: (request, reply) => serveAsFront(app, route, request, reply),
          // Never reached: the hook above has taken the request.
          handler: () => undefined,
        });
      }
    }
  });
}

/** Serves by a front route a request whose head alone has come to the framework; to be called in its first hook. */
export function serveAsFront(
  app: FastifyInstance,
  route: FrontRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const front = app.getDecorator<Front>(frontKey);
  reply.hijack();
  front.serve(route, request.raw, reply.raw, request.originalUrl);
}

function answerWith(route: FrontRoute, request: FrontRequest): void {
  const answerAs = (answer: FrontAnswer): void => {
    write(request, answer);
    if (answer.status >= 400) request.dropUnproven();
  };
  route.serve(request).then(answerAs, (error: unknown) => answerAs(route.fail(error, request)));
}

function write({ raw, response }: FrontRequest, { status, headers, body }: FrontAnswer): void {
  if (response.destroyed) return;
  const length = body === null ? '0' : String(Buffer.byteLength(body));
  const all: Record<string, string> = { ...headers, ...nosniff };
  if (body !== null || status !== 204) all['content-length'] = length;
  if (leavesBody(raw)) {
    response.writeHead(status, { ...all, connection: 'close' });
    if (body === null) response.flushHeaders();
    else response.write(body);
    void discardRest(raw).then(() => response.end());
    return;
  }
  response.writeHead(status, all);
  response.end(body ?? undefined);
}

/** Whether a target's path is `path` or lies below it. An absolute form is left to the framework. */
function isBelow(target: string, path: string): boolean {
  if (path === '/') return target === '/' || target.startsWith('/?');
  if (!target.startsWith(path)) return false;
  const next = target.charCodeAt(path.length);
  // The end, `/`, `?`.
  return Number.isNaN(next) || next === 47 || next === 63;
}
