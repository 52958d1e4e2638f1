import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { setSystemTimer } from '../../runtime/clock.ts';
import type { Time } from '../../runtime/clock.ts';
import type { AccountId, KeyRole } from '../../domain/account.ts';
import { cut } from '../../domain/cut.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { isWithin } from '../../http/addresses.ts';
import { serveAsFront, serveFront } from '../../http/front.ts';
import { toForeseen } from '../../http/problem.ts';
import type { FrontAnswer, FrontRequest, FrontRoute } from '../../http/front.ts';
import { LimitError } from '../../domain/errors.ts';
import type { RequestRates, Requester } from '../../core/accounts/request-rates.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { RequestSpan, Tracing } from '../../telemetry/tracing.ts';
import type { Directory } from '../../store/directory.ts';
import type { TemporaryKeys } from '../../store/store.ts';
import { checkDate, isContentMd5, isSignedBy, parseAuthorization } from './auth.ts';
import type { SignedRequest } from './auth.ts';
import { fromLimit, fromQueueRefusal, SmqError } from './errors.ts';
import type { SmqErrorCode } from './errors.ts';
import { findOperation } from './operations.ts';
import type { Operation, OperationDeps, SmqAnswer } from './operations.ts';
import { readTarget } from './target.ts';
import { QueueRefusal } from '../../core/queues/rules.ts';
import { Waiting } from '../../core/queues/wait.ts';
import type { PolledStore, Receiver } from '../../core/queues/wait.ts';
import { formatXml } from './xml.ts';

/** A batch of 16 messages with every character escaped and all properties stays below this. */
const maxBodyBytes = 1024 * 1024;

export interface SmqDeps extends Time {
  readonly store: PolledStore & OperationDeps['store'];
  readonly directory: Directory;
  readonly temporaryKeys: Pick<TemporaryKeys, 'find'>;
  readonly rates: Pick<RequestRates, 'take'>;
  readonly messageQuota: OperationDeps['messageQuota'];
  readonly emit: Emit;
  readonly tracing?: Tracing | undefined;
  /** Calls back after `ms`; returns what cancels it. The process's own timers when left out. */
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
  readonly settings: OperationDeps['settings'] & {
    readonly maxWaiting: number;
    readonly maxWaitingPerAccount: number;
    readonly missingAuthorizationStatus: number;
  };
}

/** Whether a request for `/` is meant for SMQ: that is all that tells it from the other protocols there. */
export function isSmqRequest(headers: FastifyRequest['headers']): boolean {
  return headers.authorization?.startsWith('MNS') ?? false;
}

/** Serves SMQ below `/queues` and `/topics`. `handle` serves a request for `/`; `close` answers all that wait. */
export function smqRoutes(
  app: FastifyInstance,
  deps: SmqDeps,
): { handle: (request: FastifyRequest, reply: FastifyReply) => void; close: () => void } {
  const serving = new Serving(deps);
  const route: FrontRoute = {
    paths: ['/queues', '/topics', '/commonbuy'],
    methods: ['GET', 'PUT', 'POST', 'DELETE'],
    maxBodyBytes,
    serve: (request) => serving.serve(request),
    fail: (error, request) => serving.fail(error, request),
  };
  serveFront(app, route);
  return {
    handle: (request, reply) => serveAsFront(app, route, request, reply),
    close: () => serving.close(),
  };
}

/** What is known of a request for the log, as far as it has come. */
interface Served {
  operation: string;
  accountId: AccountId | null;
  queue: string | null;
  /** Undefined where nothing is traced. */
  span?: RequestSpan | undefined;
}

/** Whose request it is. */
interface Signer {
  readonly accountId: AccountId;
  /** The one queue that a temporary key is for. */
  readonly boundTo: string | null;
  readonly role: KeyRole;
  /** For whom the request is counted. */
  readonly requester: Requester;
}

/** Requests on their way: whose each is, what it asks for, and its answer in the protocol's form. */
class Serving {
  readonly #deps: SmqDeps;
  readonly #waiting: Waiting;
  readonly #operationDeps: OperationDeps;

  constructor(deps: SmqDeps) {
    const { store, directory, messageQuota, now, emit, settings } = deps;
    this.#deps = deps;
    this.#waiting = new Waiting({
      store,
      now,
      emit,
      setTimer: deps.setTimer ?? setSystemTimer,
      maxWaiting: settings.maxWaiting,
      maxWaitingPerAccount: settings.maxWaitingPerAccount,
    });
    this.#operationDeps = { store, directory, waiting: this.#waiting, messageQuota, now, settings };
  }

  close(): void {
    this.#waiting.close();
  }

  async serve(request: FrontRequest): Promise<FrontAnswer> {
    const startedAt = this.#deps.monotonic();
    const span = this.#deps.tracing?.request(request.headers['traceparent']);
    const served: Served = { operation: 'Unknown', accountId: null, queue: null, span };
    try {
      const answer = await this.#run(request, served);
      this.#report(served, answer.status, null, answer.messages ?? 0, startedAt);
      const xml = answer.xml === undefined ? null : formatXml(answer.xml);
      return toAnswer(answer.status, xml, toRequestId(), answer.location);
    } catch (error) {
      const known = this.#toSmqError(error, served);
      this.#report(served, known.status, known.code, 0, startedAt);
      return toErrorAnswer(known, request);
    }
  }

  /** The answer to a request that could not even be read. */
  fail(error: unknown, request: FrontRequest): FrontAnswer {
    const unknown = { operation: 'Unknown', accountId: null, queue: null };
    return toErrorAnswer(this.#toSmqError(error, unknown), request);
  }

  async #run(request: FrontRequest, served: Served): Promise<SmqAnswer> {
    const target = toTarget(request.target);
    const { segments, query } = readTarget(target);
    const signed = { method: request.method, target, headers: request.headers };
    const signer = await this.#authenticate(signed, request);
    served.accountId = signer.accountId;
    // The signature covers the head, and the body by the digest in it.
    request.prove();
    this.#deps.rates.take(signer.requester);
    const body = await request.read();
    if (!isContentMd5(toText(request.headers['content-md5']), body)) throw new SmqError('InvalidDegist');
    const operation = findOperation({ method: request.method, segments, query });
    served.operation = operation.name;
    served.queue = segments[1] ?? null;
    requireRight(signer, operation, segments[1]);
    return operation.handle(this.#operationDeps, {
      method: request.method,
      segments,
      query,
      header: (name) => toText(request.headers[name]),
      body,
      origin: () => request.origin,
      accountId: signer.accountId,
      requester: signer.requester,
      caller: toCaller(request.response),
    });
  }

  /** Finds whose request it is. The order of the checks follows docs/protocols/smq.md. */
  async #authenticate(request: SignedRequest, from: Pick<FrontRequest, 'remoteAddress'>): Promise<Signer> {
    const { directory, temporaryKeys, now, settings } = this.#deps;
    const authorization = toText(request.headers['authorization']);
    if (authorization === undefined)
      throw new SmqError('MissingAuthorizationHeader', undefined, settings.missingAuthorizationStatus);
    const claim = parseAuthorization(authorization);
    checkDate(request, now());
    const token = toText(request.headers['security-token']);
    if (token !== undefined && token !== '') {
      const key = await temporaryKeys.find(claim.keyId, token);
      if (key === undefined || key.expiresAt <= now()) throw new SmqError('InvalidAccessKeyId');
      if (!isSignedBy(claim, request, key.secret)) throw new SmqError('SignatureDoesNotMatch');
      const requester = key.issuer ?? (await this.#toAccount(key.accountId));
      return { accountId: key.accountId, boundTo: key.queueName, role: 'receive', requester };
    }
    const key = await directory.key(claim.keyId);
    if (key?.state !== 'active') throw new SmqError('InvalidAccessKeyId');
    if (!isSignedBy(claim, request, key.secret)) throw new SmqError('SignatureDoesNotMatch');
    if (key.addresses.length > 0 && !isWithin(from.remoteAddress, key.addresses))
      throw new SmqError('AccessDenied', 'This key may not be used from this address.');
    directory.noteUse(key);
    return { accountId: key.accountId, boundTo: null, role: key.role, requester: key };
  }

  async #toAccount(accountId: AccountId): Promise<Requester> {
    const account = await this.#deps.directory.account(accountId);
    return { accountId, accountLimits: account?.limits ?? {} };
  }

  #report(
    { operation, accountId, queue, span }: Served,
    status: number,
    code: string | null,
    messages: number,
    startedAt: number,
  ): void {
    const durationMs = this.#deps.monotonic() - startedAt;
    this.#deps.emit('smq.served', { operation, accountId, status, code, queue, messages, durationMs });
    // Whoever has shown no key makes no spans.
    if (accountId === null) return;
    const attributes = {
      'chasqui.account.id': accountId,
      'chasqui.code': code ?? undefined,
      'chasqui.messages': messages,
      'http.response.status_code': status,
    };
    span?.end(`smq ${operation}`, attributes, status >= 500);
  }

  #toSmqError(error: unknown, { operation }: Served): SmqError {
    if (error instanceof SmqError) return error;
    if (error instanceof QueueRefusal) return fromQueueRefusal(error);
    if (error instanceof LimitError) return fromLimit(error);
    const known = toForeseen(error);
    const code = known && foreseen[known.code];
    if (known !== undefined && code !== undefined)
      return new SmqError(code, tellsMore.includes(known.code) ? known.message : undefined);
    this.#deps.emit('unit.crashed', { unit: `smq.${operation}`, error });
    return new SmqError('InternalError');
  }
}

/** A temporary key is for receiving from its queue, and any other for what its role may do. */
function requireRight({ boundTo, role }: Signer, operation: Operation, queue: string | undefined): void {
  if (boundTo !== null && (!operation.consumes || queue !== boundTo)) throw new SmqError('AccessDenied');
  if (boundTo === null && role !== 'full' && !operation.roles.includes(role))
    throw new SmqError('AccessDenied', `A key of role ${role} may not do this.`);
}

/** Failures that are not its own of which the protocol tells more than that they are there. */
const tellsMore: readonly ErrorCode[] = ['store_corrupt', 'too_many'];

/** What the protocol says of failures that are not its own. */
const foreseen: Readonly<Partial<Record<ErrorCode, SmqErrorCode>>> = {
  store_unavailable: 'ServiceUnavailable',
  store_corrupt: 'ServiceUnavailable',
  overloaded: 'ServiceUnavailable',
  too_many: 'ServiceUnavailable',
  payload_too_large: 'RequestTooLarge',
  too_slow: 'RequestTimeout',
  bad_request: 'InvalidRequest',
};

function toErrorAnswer(error: SmqError, { origin }: FrontRequest): FrontAnswer {
  const requestId = toRequestId();
  const xml = formatXml([
    'Error',
    [
      ['Code', error.code],
      ['Message', cut(error.message)],
      ['RequestId', requestId],
      ['HostId', cut(origin, 300)],
    ],
  ]);
  const answer = toAnswer(error.status, xml, requestId);
  const { retryAfterSeconds } = error;
  if (retryAfterSeconds === null) return answer;
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } };
}

function toAnswer(status: number, xml: string | null, requestId: string, location?: string): FrontAnswer {
  const headers: Record<string, string> = {
    'x-mns-request-id': requestId,
    'x-mns-version': '2015-06-06',
    server: 'AliyunMQS',
  };
  // The Java client looks for this spelling alone.
  if (location !== undefined) headers['Location'] = location;
  if (xml !== null) headers['content-type'] = 'text/xml;charset=utf-8';
  return { status, headers, body: xml };
}

/**
 * 24 upper-case hex digits, as one client's own tests insist: the random ones of a UUID, for which Node keeps randomness ready. Asking
 * for bytes each time takes 2.5 us of a request.
 */
function toRequestId(): string {
  const uuid = randomUUID();
  return `${uuid.slice(0, 8)}${uuid.slice(9, 13)}${uuid.slice(24)}`.toUpperCase();
}

function toCaller(response: ServerResponse): Receiver {
  return {
    isGone: () => response.destroyed || response.socket?.destroyed === true,
    onGone: (listener) => {
      response.on('close', listener);
      return () => response.off('close', listener);
    },
  };
}

/** The target as it is signed: an absolute form loses its scheme and authority, and nothing else changes. */
function toTarget(url: string): string {
  return /^https?:\/\/[^/?#]*(.*)$/i.exec(url)?.[1] ?? url;
}

function toText(value: string | string[] | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value.join(',');
}
