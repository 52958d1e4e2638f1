import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { monotonicNow } from '../../runtime/clock.ts';
import type { AccessKey } from '../../domain/account.ts';
import { cut } from '../../domain/cut.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { Refusal } from '../../domain/refusal.ts';
import { isWithin } from '../../http/addresses.ts';
import type { FrontAnswer, FrontRequest, FrontRoute } from '../../http/front.ts';
import { toForeseen } from '../../http/problem.ts';
import type { Emit } from '../../telemetry/events.ts';
import { CamsError, fromRefusal } from './errors.ts';
import type { GatewayErrorCode } from './errors.ts';
import { Nonces } from './nonces.ts';
import { findOperation } from './operations.ts';
import type { Answer, OperationDeps } from './operation.ts';
import { decodePairs, Parameters, requireFewPairs } from './parameters.ts';
import type { Pair } from './parameters.ts';
import { checkSignature, checkTime, isBodyOf, isRpc, readCredentials } from './signatures.ts';
import type { Credentials } from './signatures.ts';
import { Throttle } from './throttle.ts';
import { toXml } from './xml.ts';

/** A mass send of 1,000 recipients is a tenth of this. */
const maxBodyBytes = 4 * 1024 * 1024;

export interface CamsDeps extends OperationDeps {
  readonly emit: Emit;
  /** Milliseconds that no change of a clock moves, for what never leaves this process; `now` when left out. */
  readonly monotonic?: () => number;
  /** Whether the rates of the original service are kept. */
  readonly throttles: boolean;
  /** Signature nonces of half an hour that this node takes. */
  readonly maxNonces: number;
}

/** A call that may be made: whose it is, and what it calls. */
interface Admitted {
  readonly key: AccessKey;
  readonly name: string;
  readonly version: string;
  readonly parameters: Parameters;
}

/** What the gateway says of failures that are not its own. */
const foreseen: Readonly<Partial<Record<ErrorCode, GatewayErrorCode>>> = {
  store_unavailable: 'ServiceUnavailable',
  store_corrupt: 'ServiceUnavailable',
  overloaded: 'ServiceUnavailable',
  payload_too_large: 'RequestTooLarge',
  too_slow: 'RequestTimeout',
  bad_request: 'InvalidParameter',
  not_found: 'Unknown.ResourceOwnerId',
};

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
  const { emit, now, directory } = deps;
  const throttle = new Throttle(deps.monotonic ?? now);
  const nonces = new Nonces(deps);
  const nextTurn = createTurns();

  return {
    paths: ['/'],
    methods: ['GET', 'POST'],
    maxBodyBytes,
    serve,
    fail: (error, request) => {
      const served: Served = { operation: 'Unknown', accountId: null, format: 'json' };
      return refuse(toCamsError(error, served), request, served, 0);
    },
  };

  async function serve(request: FrontRequest): Promise<FrontAnswer> {
    const startedAt = monotonicNow();
    const served: Served = { operation: 'Unknown', accountId: null, format: 'json' };
    try {
      const answer = await run(request, served);
      const requestId = toRequestId();
      report(served, 200, 'OK', monotonicNow() - startedAt);
      const root = `${served.operation}Response`;
      return toAnswer(served, 200, root, { RequestId: requestId, Code: 'OK', Message: 'OK', ...answer });
    } catch (error) {
      return refuse(toCamsError(error, served), request, served, monotonicNow() - startedAt);
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
      HostId: cut(headers.host ?? '', 300),
      Code: error.code,
      Message: cut(error.message),
      ...(error.status === null ? { Success: false } : {}),
    };
    return toAnswer(served, status, 'Error', body, {
      ...(retryAfterMs === null ? {} : { 'x-acs-retry-after': String(retryAfterMs) }),
      ...(status === 503 ? { 'retry-after': '1' } : {}),
    });
  }

  function report({ operation, accountId }: Served, status: number, code: string, durationMs: number): void {
    emit('cams.served', { operation, accountId, status, code, durationMs });
  }

  async function run(request: FrontRequest, served: Served) {
    const { key, name, version, parameters } = isRpc(request)
      ? await admitRpc(request, served)
      : await admitAcs3(request, served);
    directory.noteUse(key);
    const operation = findOperation(version, name);
    if (operation === 'unknown_version')
      throw CamsError.gateway('NoSuchVersion', `There is no version ${version} of this API.`);
    if (operation === 'unknown') throw CamsError.gateway('InvalidApi.NotFound');
    served.operation = name;
    if (operation === 'not_offered')
      throw CamsError.gateway('UnsupportedOperation', `${name} is not supported by this server.`);
    if (key.role !== 'full' && !operation.roles.includes(key.role))
      throw CamsError.gateway('NoPermission', `A key of role ${key.role} may not call ${name}.`);
    if (deps.throttles) throttle.take(`${key.accountId}/${name}`, operation.perSecond);
    const call = { accountId: key.accountId, actor: { kind: 'key', id: key.id }, parameters } as const;
    return operation.handle(deps, call);
  }

  /** The signature is of the head, which holds the hash of the body: nothing is read for whoever has no key. */
  async function admitAcs3(request: FrontRequest, served: Served): Promise<Admitted> {
    const name = needed('Action', header(request, 'x-acs-action'));
    const version = needed('Version', header(request, 'x-acs-version'));
    const query = readQuery(request);
    const { method, headers } = request;
    const credentials = readCredentials({ method, query, form: [], headers });
    const key = await findSigner(credentials, request);
    served.accountId = key.accountId;
    request.prove();
    const body = await request.read();
    if (!isBodyOf(request, body))
      throw CamsError.gateway(
        'SignatureDoesNotMatch',
        'x-acs-content-sha256 is not the hash of the body that came.',
      );
    await nonces.use({ accountId: key.accountId, keyId: key.id }, credentials.nonce);
    return { key, name, version, parameters: new Parameters([...query, ...readForm(request, body)]) };
  }

  /** The signature may be in the body and covers what it says; of the head so much is looked at as it gives. */
  async function admitRpc(request: FrontRequest, served: Served): Promise<Admitted> {
    const isOldest = header(request, 'x-acs-version') === undefined;
    const query = readQuery(request);
    const isForm = request.hasBody && hasForm(request);
    if (isForm) {
      const given = new Parameters(query);
      served.format = readFormat(given, isOldest);
      const keyId = given.text('AccessKeyId');
      if (keyId !== undefined && given.text('SecurityToken') === undefined) await findKey(keyId, request);
      const time = given.text('Timestamp');
      if (time !== undefined) checkTime(time, now());
    }
    const body = isForm ? await request.read() : undefined;
    if ((body?.byteLength ?? 0) + request.target.length > largeBytes) await nextTurn();
    const form = body === undefined ? [] : readForm(request, body);
    const parameters = new Parameters([...query, ...form]);
    served.format = readFormat(parameters, isOldest);
    const name = needed('Action', parameters.text('Action') ?? header(request, 'x-acs-action'));
    const version = needed('Version', parameters.text('Version') ?? header(request, 'x-acs-version'));
    const { method, headers } = request;
    const credentials = readCredentials({ method, query, form, headers });
    const key = await findSigner(credentials, request);
    served.accountId = key.accountId;
    request.prove();
    await nonces.use({ accountId: key.accountId, keyId: key.id }, credentials.nonce);
    return { key, name, version, parameters };
  }

  async function findKey(keyId: string, from: Pick<FrontRequest, 'remoteAddress'>): Promise<AccessKey> {
    const key = await directory.key(keyId);
    if (key === undefined) throw CamsError.gateway('InvalidAccessKeyId.NotFound');
    if (key.state !== 'active') throw CamsError.gateway('InvalidAccessKeyId.Inactive');
    if (key.addresses.length > 0 && !isWithin(from.remoteAddress, key.addresses))
      throw CamsError.gateway('NoPermission', 'This key may not be used from this address.');
    return key;
  }

  /** The key whose secret signed. */
  async function findSigner(
    credentials: Credentials,
    from: Pick<FrontRequest, 'remoteAddress'>,
  ): Promise<AccessKey> {
    const { keyId, securityToken, time } = credentials;
    // Temporary keys are for one queue and nothing else.
    if (securityToken !== null) {
      const temporary = await deps.temporaryKeys.find(keyId, securityToken);
      if (temporary === undefined) throw CamsError.gateway('InvalidSecurityToken.Malformed');
      if (temporary.expiresAt <= now()) throw CamsError.gateway('InvalidSecurityToken.Expired');
      throw CamsError.gateway('NoPermission', 'This key is for its queue only.');
    }
    const key = await findKey(keyId, from);
    checkTime(time, now());
    const { isSigned, told } = checkSignature(key.secret, credentials);
    if (!isSigned)
      throw CamsError.gateway(
        'SignatureDoesNotMatch',
        `The signature is not the one calculated here. Check the access key secret and the signing method. server string to sign is:${told}`,
      );
    return key;
  }

  function toCamsError(error: unknown, { operation }: Served): CamsError {
    if (error instanceof CamsError) return error;
    if (error instanceof Refusal) return fromRefusal(error);
    const known = toForeseen(error);
    const code = known && foreseen[known.code];
    if (code !== undefined)
      return CamsError.gateway(code, known?.code === 'store_corrupt' ? known.message : undefined);
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

/** From this length on what is read and compared before the sender has shown a key waits for its turn. */
const largeBytes = 64 * 1024;
/** Turns of the event loop between two of them: about as many as a newcomer needs to be answered. */
const turnsBetween = 4;

/** Makes those who ask for it go on one by one, with time for everybody else in between. */
function createTurns(): () => Promise<void> {
  let last = Promise.resolve();
  const pass = async (): Promise<void> => {
    for (let turn = 0; turn < turnsBetween; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return () => (last = last.then(pass));
}

function readQuery({ target }: FrontRequest): Pair[] {
  const search = target.indexOf('?');
  return decodePairs(search < 0 ? '' : target.slice(search + 1));
}

function hasForm(request: FrontRequest): boolean {
  return header(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true;
}

function readForm(request: FrontRequest, body: Buffer): Pair[] {
  if (!hasForm(request)) return [];
  requireFewPairs(body);
  return decodePairs(body.toString('utf8'));
}

function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw CamsError.gateway('MissingParameter', `${name} is required.`);
  return value;
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
