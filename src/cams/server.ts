import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccessKey } from '../domain/account.ts';
import { GatewayError } from '../domain/errors.ts';
import { isWithin } from '../http/addresses.ts';
import type { Emit } from '../telemetry/events.ts';
import { CamsError } from './errors.ts';
import { Nonces } from './nonces.ts';
import { findOperation } from './operations.ts';
import type { OperationDeps } from './operation.ts';
import { decodePairs, Parameters } from './parameters.ts';
import { mayCall } from './permissions.ts';
import { checkTime, isRpc, isSignedBy, readCredentials } from './signatures.ts';
import type { CamsRequest } from './signatures.ts';
import { Throttle } from './throttle.ts';
import { toXml } from './xml.ts';

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
export function isCamsRequest(request: FastifyRequest): boolean {
  const { headers, url, method } = request;
  return (
    method === 'POST' ||
    headers['x-acs-action'] !== undefined ||
    headers.authorization?.startsWith('ACS') === true ||
    /[?&]Action=/.test(url)
  );
}

/** Serves the RPC protocol of CAMS and Dybase on `/`. The request's body is its raw bytes. */
export function createCams(
  deps: CamsDeps,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const { emit, now } = deps;
  const throttle = new Throttle(now);
  const nonces = new Nonces(deps);

  return async (request, reply) => {
    const startedAt = performance.now();
    const requestId = randomUUID().toUpperCase();
    const served: Served = { operation: 'Unknown', accountId: null, format: 'json' };
    try {
      const answer = await run(request, served);
      report(200, 'OK');
      return send(200, `${served.operation}Response`, {
        RequestId: requestId,
        Code: 'OK',
        Message: 'OK',
        ...answer,
      });
    } catch (error) {
      const known = toCamsError(error, served);
      const status = known.status ?? deps.settings.businessErrorStatus;
      report(status, known.code);
      if (known.retryAfterMs !== null) reply.header('x-acs-retry-after', String(known.retryAfterMs));
      return send(status, 'Error', {
        RequestId: requestId,
        HostId: request.headers.host ?? '',
        Code: known.code,
        Message: known.message,
        ...(known.status === null ? { Success: false } : {}),
      });
    }

    function report(status: number, code: string): void {
      const { operation, accountId } = served;
      emit('cams.served', { operation, accountId, status, code, durationMs: performance.now() - startedAt });
    }

    function send(status: number, root: string, answer: object): FastifyReply {
      const isXml = served.format === 'xml';
      return reply
        .code(status)
        .header('x-acs-request-id', requestId)
        .type(isXml ? 'text/xml;charset=utf-8' : 'application/json;charset=utf-8')
        .send(isXml ? toXml(root, answer) : JSON.stringify(answer));
    }
  };

  async function run(request: FastifyRequest, served: Served) {
    const signed = toRequest(request);
    const parameters = new Parameters([...signed.query, ...signed.form]);
    const isOld = isRpc(signed);
    served.format = readFormat(parameters, isOld);
    const name = (isOld ? parameters.text('Action') : undefined) ?? header(request, 'x-acs-action');
    const version = (isOld ? parameters.text('Version') : undefined) ?? header(request, 'x-acs-version');
    if (name === undefined) throw CamsError.gateway('MissingParameter', 'Action is required.');
    if (version === undefined) throw CamsError.gateway('MissingParameter', 'Version is required.');
    const key = await authenticate(signed, request.ip);
    served.accountId = key.accountId;
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
  async function authenticate(request: CamsRequest, address: string): Promise<AccessKey> {
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
    if (key.addresses.length > 0 && !isWithin(address, key.addresses))
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

function toRequest(request: FastifyRequest): CamsRequest {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const search = request.url.indexOf('?');
  const isForm = (header(request, 'content-type') ?? '').startsWith('application/x-www-form-urlencoded');
  return {
    method: request.method,
    query: decodePairs(search < 0 ? '' : request.url.slice(search + 1)),
    form: isForm ? decodePairs(body.toString('utf8')) : [],
    headers: request.headers,
    body,
  };
}

/** Older clients may ask for XML, and get it when they ask for nothing; the others always read JSON. */
function readFormat(parameters: Parameters, isOld: boolean): 'json' | 'xml' {
  if (!isOld) return 'json';
  const format = (parameters.text('Format') ?? 'XML').toUpperCase();
  if (format === 'JSON') return 'json';
  if (format === 'XML') return 'xml';
  throw CamsError.gateway('InvalidParameter.Format');
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  return text === '' ? undefined : text;
}
