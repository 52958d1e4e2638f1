import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { cut } from '../../domain/cut.ts';
import type { FrontAnswer, FrontRequest, FrontRoute } from '../../http/front.ts';
import type { RequestRates } from '../../core/accounts/request-rates.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { RequestSpan, Tracing } from '../../telemetry/tracing.ts';
import { Admission } from './admission.ts';
import type { AdmissionDeps, Served } from './admission.ts';
import { CamsError, fromForeseen } from './errors.ts';
import { findOperation } from './operations.ts';
import type { OfferedDeps, Operation } from './operations.ts';
import type { Answer } from './operation.ts';
import { Throttle } from './throttle.ts';
import { toXml } from './xml.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

/** A mass send of 1,000 recipients is a tenth of this. */
const maxBodyBytes = 4 * 1024 * 1024;

/** What CAMS works with: admission, its operations, and what tells of both. */
export type CamsDeps = AdmissionDeps &
  OfferedDeps &
  Stopwatch & {
    readonly emit: Emit;
    /** What accounts and their keys may ask in a second. */
    readonly rates: Pick<RequestRates, 'take'>;
    /** Whether the rates of the original service are kept. */
    readonly throttles: boolean;
    readonly tracing?: Tracing | undefined;
  };

/** Whether a request for `/` speaks this protocol: it names an action, or it is no browser's. */
export function isCamsRequest({
  headers,
  url = '',
  method,
}: Pick<IncomingMessage, 'headers' | 'url' | 'method'>): boolean {
  return (
    method === 'POST' ||
    headers['x-acs-action'] !== undefined ||
    headers.authorization?.startsWith('ACS') === true ||
    /[?&]Action=/.test(url)
  );
}

/** Serves the RPC protocol of CAMS and Dybase on `/`; `takes` is for whoever knows what else is there. */
export function createCams(deps: CamsDeps): FrontRoute {
  const server = new CamsServer(deps);
  return {
    paths: ['/'],
    methods: ['GET', 'POST'],
    maxBodyBytes,
    serve: (request) => server.serve(request),
    fail: (error, request) => server.fail(error, request),
  };
}

class CamsServer {
  readonly #deps: CamsDeps;
  readonly #admission: Admission;
  readonly #throttle: Throttle;

  constructor(deps: CamsDeps) {
    this.#deps = deps;
    this.#admission = new Admission(deps);
    this.#throttle = new Throttle(deps.monotonic);
  }

  async serve(request: FrontRequest): Promise<FrontAnswer> {
    const startedAt = this.#deps.monotonic();
    const served: Served & Spanned = unread();
    served.span = this.#deps.tracing?.request(request.headers['traceparent']);
    try {
      const answer = await this.#run(request, served);
      const requestId = toRequestId();
      this.#report(served, 200, 'OK', this.#deps.monotonic() - startedAt);
      const root = `${served.operation}Response`;
      return toAnswer(served, 200, root, { RequestId: requestId, Code: 'OK', Message: 'OK', ...answer });
    } catch (error) {
      return this.#refuse(
        this.#toCamsError(error, served),
        request,
        served,
        this.#deps.monotonic() - startedAt,
      );
    }
  }

  /** The answer to a request that could not be read to its end. */
  fail(error: unknown, request: FrontRequest): FrontAnswer {
    const served = unread();
    return this.#refuse(this.#toCamsError(error, served), request, served, 0);
  }

  async #run(request: FrontRequest, served: Served & Spanned): Promise<Answer> {
    const deps = this.#deps;
    const { key, name, version, parameters } = await this.#admission.admit(request, served);
    deps.directory.noteUse(key);
    deps.rates.take(key);
    const operation = findOffered(version, name, served);
    if (key.role !== 'full' && !operation.roles.includes(key.role))
      throw CamsError.gateway('NoPermission', `A key of role ${key.role} may not call ${name}.`);
    if (deps.throttles) this.#throttle.take(`${key.accountId}/${name}`, operation.perSecond);
    const call = {
      accountId: key.accountId,
      actor: { kind: 'key', id: key.id },
      requester: key,
      parameters,
    } as const;
    return operation.handle(served.span === undefined ? deps : { ...deps, origin: served.span }, call);
  }

  #refuse(
    error: CamsError,
    { headers }: FrontRequest,
    served: Served & Spanned,
    durationMs: number,
  ): FrontAnswer {
    const status = error.status ?? this.#deps.settings.businessErrorStatus;
    this.#report(served, status, error.code, durationMs);
    const { retryAfterMs } = error;
    const body = {
      RequestId: toRequestId(),
      HostId: cut(headers.host ?? '', 300),
      Code: error.code,
      Message: cut(error.message),
      ...(error.status === null ? { Success: false } : {}),
    };
    return toAnswer(served, status, 'Error', body, {
      ...(retryAfterMs === null ? {} : { 'x-acs-retry-after': String(retryAfterMs) }),
      ...(retryAfterMs === null ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      ...(status === 503 ? { 'retry-after': '1' } : {}),
    });
  }

  #report(served: Served & Spanned, status: number, code: string, durationMs: number): void {
    const { operation, accountId, span } = served;
    this.#deps.emit('cams.served', { operation, accountId, status, code, durationMs });
    // Whoever has shown no key makes no spans.
    if (accountId === null) return;
    const attributes = {
      'chasqui.account.id': accountId,
      'chasqui.code': code,
      'http.response.status_code': status,
    };
    span?.end(`cams ${operation}`, attributes, status >= 500);
  }

  #toCamsError(error: unknown, { operation }: Served): CamsError {
    const foreseen = fromForeseen(error);
    if (foreseen !== undefined) return foreseen;
    this.#deps.emit('unit.crashed', { unit: `cams.${operation}`, error });
    return CamsError.gateway('InternalError');
  }
}

/** A call with its span, where traces are made. */
interface Spanned {
  span?: RequestSpan | undefined;
}

function unread(): Served {
  return { operation: 'Unknown', accountId: null, format: 'json' };
}

/** The operation that a call names; `served` learns its name once it is known to be one. */
function findOffered(version: string, name: string, served: Served): Operation {
  const operation = findOperation(version, name);
  if (operation === 'unknown_version')
    throw CamsError.gateway('NoSuchVersion', `There is no version ${version} of this API.`);
  if (operation === 'unknown') throw CamsError.gateway('InvalidApi.NotFound');
  served.operation = name;
  if (operation === 'not_offered')
    throw CamsError.gateway('UnsupportedOperation', `${name} is not supported by this server.`);
  return operation;
}

function toRequestId(): string {
  return randomUUID().toUpperCase();
}

function toAnswer(
  { format }: Served,
  status: number,
  root: string,
  body: Answer & { readonly RequestId: string },
  more: Readonly<Record<string, string>> = {},
): FrontAnswer {
  const type = format === 'xml' ? 'text/xml' : 'application/json';
  const headers = {
    'x-acs-request-id': body.RequestId,
    'content-type': `${type};charset=utf-8`,
    ...more,
  };
  return { status, headers, body: format === 'xml' ? toXml(root, body) : JSON.stringify(body) };
}
