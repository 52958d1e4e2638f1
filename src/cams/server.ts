import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AccessKey } from '../domain/account.ts';
import { GatewayError } from '../domain/errors.ts';
import { isWithin } from '../http/addresses.ts';
import type { FrontAnswer, FrontRequest, FrontRoute } from '../http/front.ts';
import type { Emit } from '../telemetry/events.ts';
import { CamsError } from './errors.ts';
import { Nonces } from './nonces.ts';
import { findOperation } from './operations.ts';
import type { Answer, OperationDeps } from './operation.ts';
import { decodePairs, Parameters } from './parameters.ts';
import { mayCall } from './permissions.ts';
import { checkTime, isRpc, isSignedBy, readCredentials } from './signatures.ts';
import type { CamsRequest } from './signatures.ts';
import { Throttle } from './throttle.ts';
import { toXml } from './xml.ts';

/** A mass send of 1,000 recipients is a tenth of this. */
const maxBodyBytes = 4 * 1024 * 1024;

export interface CamsDeps extends OperationDeps {
  readonly emit: Emit;
  /** Whether the rates of the original service are kept. */
  readonly throttles: boolean;
  /** Signature nonces of half an hour that this node takes. */
  readonly maxNonces: number;
}

interface Served {
  operation: string;
  accountId: number | null;
  format: 'json' | 'xml';
}

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
  const { emit, now } = deps;
  const throttle = new Throttle(now);
  const nonces = new Nonces(deps);

  return {
    paths: ['/'],
    methods: ['GET', 'POST'],
    maxBodyBytes,
    serve,
    fail: (error, request) => {
      const served: Served = { operation: 'Unknown', accountId: null, format: 'json' };
      const isTooLarge = error instanceof GatewayError && error.code === 'payload_too_large';
      const known = isTooLarge ? CamsError.gateway('RequestTooLarge') : toCamsError(error, served);
      return refuse(known, request, served, 0);
    },
  };

  async function serve(request: FrontRequest): Promise<FrontAnswer> {
    const startedAt = performance.now();
    const served: Served = { operation: 'Unknown', accountId: null, format: 'json' };
    try {
      const answer = await run(request, served);
      const requestId = toRequestId();
      report(served, 200, 'OK', performance.now() - startedAt);
      const root = `${served.operation}Response`;
      return toAnswer(served, 200, root, { RequestId: requestId, Code: 'OK', Message: 'OK', ...answer });
    } catch (error) {
      return refuse(toCamsError(error, served), request, served, performance.now() - startedAt);
    }
  }

  function refuse(
    error: CamsError,
    { headers }: FrontRequest,
    served: Served,
    durationMs: number,
  ): FrontAnswer {
    const status = error.status ?? deps.settings.businessErrorStatus;
    report(served, status, error.code, durationMs);
    const { retryAfterMs } = error;
    const body = {
      RequestId: toRequestId(),
      HostId: headers.host ?? '',
      Code: error.code,
      Message: error.message,
      ...(error.status === null ? { Success: false } : {}),
    };
    return toAnswer(
      served,
      status,
      'Error',
      body,
      retryAfterMs === null ? {} : { 'x-acs-retry-after': String(retryAfterMs) },
    );
  }

  function report({ operation, accountId }: Served, status: number, code: string, durationMs: number): void {
    emit('cams.served', { operation, accountId, status, code, durationMs });
  }

  async function run(request: FrontRequest, served: Served) {
    const signed = toRequest(request);
    const parameters = new Parameters([...signed.query, ...signed.form]);
    const isOld = isRpc(signed);
    if (isOld) served.format = readFormat(parameters, header(request, 'x-acs-version') === undefined);
    const name = (isOld ? parameters.text('Action') : undefined) ?? header(request, 'x-acs-action');
    const version = (isOld ? parameters.text('Version') : undefined) ?? header(request, 'x-acs-version');
    if (name === undefined) throw CamsError.gateway('MissingParameter', 'Action is required.');
    if (version === undefined) throw CamsError.gateway('MissingParameter', 'Version is required.');
    const key = await authenticate(signed, request);
    served.accountId = key.accountId;
    request.prove();
    const operation = findOperation(version, name);
    if (operation === 'unknown_version')
      throw CamsError.gateway('NoSuchVersion', `There is no version ${version} of this API.`);
    if (operation === 'unknown') throw CamsError.gateway('InvalidApi.NotFound');
    served.operation = name;
    if (!mayCall(key.role, name))
      throw CamsError.gateway('NoPermission', `A key of role ${key.role} may not call ${name}.`);
    if (operation === 'not_offered')
      throw CamsError.gateway('UnsupportedOperation', `${name} is not supported by this server.`);
    if (deps.throttles) throttle.take(`${key.accountId}/${name}`, operation.perSecond);
    const call = { accountId: key.accountId, actor: { kind: 'key', id: key.id }, parameters } as const;
    return operation.handle(deps, call);
  }

  /** Finds whose request it is, and uses its nonce up. */
  async function authenticate(
    request: CamsRequest,
    from: Pick<FrontRequest, 'remoteAddress'>,
  ): Promise<AccessKey> {
    const credentials = readCredentials(request);
    const { keyId, securityToken, nonce, time } = credentials;
    // Temporary keys are for one queue and nothing else.
    if (securityToken !== null) {
      const temporary = await deps.temporaryKeys.find(keyId, securityToken);
      if (temporary === undefined) throw CamsError.gateway('InvalidSecurityToken.Malformed');
      if (temporary.expiresAt <= now()) throw CamsError.gateway('InvalidSecurityToken.Expired');
      throw CamsError.gateway('NoPermission', 'This key is for its queue only.');
    }
    const key = await deps.directory.key(keyId);
    if (key === undefined) throw CamsError.gateway('InvalidAccessKeyId.NotFound');
    if (key.state !== 'active') throw CamsError.gateway('InvalidAccessKeyId.Inactive');
    if (key.addresses.length > 0 && !isWithin(from.remoteAddress, key.addresses))
      throw CamsError.gateway('NoPermission', 'This key may not be used from this address.');
    checkTime(time, now());
    if (!isSignedBy(key.secret, credentials))
      throw CamsError.gateway(
        'SignatureDoesNotMatch',
        `The signature is not the one calculated here. Check the access key secret and the signing method. server string to sign is:${credentials.stringToSign}`,
      );
    await nonces.use(keyId, nonce);
    deps.directory.noteUse(key);
    return key;
  }

  function toCamsError(error: unknown, { operation }: Served): CamsError {
    if (error instanceof CamsError) return error;
    if (error instanceof GatewayError && error.code === 'store_unavailable')
      return CamsError.gateway('ServiceUnavailable');
    emit('unit.crashed', { unit: `cams.${operation}`, error });
    return CamsError.gateway('InternalError');
  }
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

function toRequest(request: FrontRequest): CamsRequest {
  const { method, target, headers, body } = request;
  const search = target.indexOf('?');
  const isForm = (header(request, 'content-type') ?? '').startsWith('application/x-www-form-urlencoded');
  return {
    method,
    query: decodePairs(search < 0 ? '' : target.slice(search + 1)),
    form: isForm ? decodePairs(body.toString('utf8')) : [],
    headers,
    body,
  };
}

/** The oldest clients get XML when they ask for nothing; those that name the version in a header always read JSON. */
function readFormat(parameters: Parameters, isOldest: boolean): 'json' | 'xml' {
  const format = (parameters.text('Format') ?? (isOldest ? 'XML' : 'JSON')).toUpperCase();
  if (format === 'JSON') return 'json';
  if (format === 'XML') return 'xml';
  throw CamsError.gateway('InvalidParameter.Format');
}

function header(request: FrontRequest, name: string): string | undefined {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  return text === '' ? undefined : text;
}
