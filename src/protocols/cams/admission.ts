// Who calls, and what: a request of CAMS from its signature to its parameters (docs/protocols/cams.md).
import type { AccessKey } from '../../domain/account.ts';
import { isWithin } from '../../http/addresses.ts';
import type { FrontRequest } from '../../http/front.ts';
import type { Directory } from '../../store/directory.ts';
import type { TemporaryKeys } from '../../store/store.ts';
import { CamsError } from './errors.ts';
import { Nonces } from './nonces.ts';
import type { NonceDeps } from './nonces.ts';
import { decodePairs, Parameters } from './parameters.ts';
import type { Pair } from './parameters.ts';
import { checkSignature, checkTime, isBodyOf, isRpc, readCredentials } from './signatures.ts';
import type { Credentials } from './signatures.ts';

/** From this length on what is read and compared before the sender has shown a key waits for its turn. */
const largeBytes = 64 * 1024;
/** Turns of the event loop between two of them: about as many as a newcomer needs to be answered. */
const turnsBetween = 4;

/** What calls are let in by. */
export interface AdmissionDeps extends NonceDeps {
  readonly directory: Pick<Directory, 'key'>;
  readonly temporaryKeys: Pick<TemporaryKeys, 'find'>;
  readonly now: () => number;
}

/** A call that may be made: whose it is, and what it calls. */
interface Admitted {
  readonly key: AccessKey;
  readonly name: string;
  readonly version: string;
  readonly parameters: Parameters;
}

/** What is known of a call so far, for its answer and for the log, however it ends. */
export interface Served {
  operation: string;
  accountId: number | null;
  format: 'json' | 'xml';
}

/** Lets calls in that an active key has signed, each once. */
export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #nonces: Nonces;
  readonly #nextTurn = createTurns();

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    this.#nonces = new Nonces(deps);
  }

  /** Throws a {@link CamsError} for a call that may not be made; `served` knows by then what could be read of it. */
  admit(request: FrontRequest, served: Served): Promise<Admitted> {
    return isRpc(request) ? this.#admitRpc(request, served) : this.#admitAcs3(request, served);
  }

  /** The signature is of the head, which holds the hash of the body: nothing is read for whoever has no key. */
  async #admitAcs3(request: FrontRequest, served: Served): Promise<Admitted> {
    const name = needed('Action', header(request, 'x-acs-action'));
    const version = needed('Version', header(request, 'x-acs-version'));
    const query = readQuery(request);
    const { method, headers } = request;
    const credentials = readCredentials({ method, query, form: [], headers });
    const key = await this.#findSigner(credentials, request);
    served.accountId = key.accountId;
    request.prove();
    const body = await request.read();
    if (!isBodyOf(request, body))
      throw CamsError.gateway(
        'SignatureDoesNotMatch',
        'x-acs-content-sha256 is not the hash of the body that came.',
      );
    await this.#nonces.use({ accountId: key.accountId, keyId: key.id }, credentials.nonce);
    return { key, name, version, parameters: new Parameters([...query, ...readForm(request, body)]) };
  }

  /** The signature may be in the body and covers what it says; of the head so much is looked at as it gives. */
  async #admitRpc(request: FrontRequest, served: Served): Promise<Admitted> {
    const isOldest = header(request, 'x-acs-version') === undefined;
    const query = readQuery(request);
    const isForm = request.hasBody && hasForm(request);
    if (isForm) {
      const given = new Parameters(query);
      served.format = readFormat(given, isOldest);
      await this.#checkHead(given, request);
    }
    const body = isForm ? await request.read() : undefined;
    if ((body?.byteLength ?? 0) + request.target.length > largeBytes) await this.#nextTurn();
    const form = body === undefined ? [] : readForm(request, body);
    const parameters = new Parameters([...query, ...form]);
    served.format = readFormat(parameters, isOldest);
    const name = needed('Action', parameters.text('Action') ?? header(request, 'x-acs-action'));
    const version = needed('Version', parameters.text('Version') ?? header(request, 'x-acs-version'));
    const { method, headers } = request;
    const credentials = readCredentials({ method, query, form, headers });
    const key = await this.#findSigner(credentials, request);
    served.accountId = key.accountId;
    request.prove();
    await this.#nonces.use({ accountId: key.accountId, keyId: key.id }, credentials.nonce);
    return { key, name, version, parameters };
  }

  /** Refuses by the query alone what no body could mend. */
  async #checkHead(query: Parameters, request: FrontRequest): Promise<void> {
    const keyId = query.text('AccessKeyId');
    if (keyId !== undefined && query.text('SecurityToken') === undefined) await this.#findKey(keyId, request);
    const time = query.text('Timestamp');
    if (time !== undefined) checkTime(time, this.#deps.now());
  }

  async #findKey(keyId: string, from: Pick<FrontRequest, 'remoteAddress'>): Promise<AccessKey> {
    const key = await this.#deps.directory.key(keyId);
    if (key === undefined) throw CamsError.gateway('InvalidAccessKeyId.NotFound');
    if (key.state !== 'active') throw CamsError.gateway('InvalidAccessKeyId.Inactive');
    if (key.addresses.length > 0 && !isWithin(from.remoteAddress, key.addresses))
      throw CamsError.gateway('NoPermission', 'This key may not be used from this address.');
    return key;
  }

  /** The key whose secret signed. */
  async #findSigner(credentials: Credentials, from: Pick<FrontRequest, 'remoteAddress'>): Promise<AccessKey> {
    const { keyId, securityToken, time } = credentials;
    // Temporary keys are for one queue and nothing else.
    if (securityToken !== null) {
      const temporary = await this.#deps.temporaryKeys.find(keyId, securityToken);
      if (temporary === undefined) throw CamsError.gateway('InvalidSecurityToken.Malformed');
      if (temporary.expiresAt <= this.#deps.now()) throw CamsError.gateway('InvalidSecurityToken.Expired');
      throw CamsError.gateway('NoPermission', 'This key is for its queue only.');
    }
    const key = await this.#findKey(keyId, from);
    checkTime(time, this.#deps.now());
    const { isSigned, told } = checkSignature(key.secret, credentials);
    if (!isSigned)
      throw CamsError.gateway(
        'SignatureDoesNotMatch',
        `The signature is not the one calculated here. Check the access key secret and the signing method. server string to sign is:${told}`,
      );
    return key;
  }
}

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
  return search < 0 ? [] : decodePairs(Buffer.from(target.slice(search + 1)));
}

function hasForm(request: FrontRequest): boolean {
  return header(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true;
}

function readForm(request: FrontRequest, body: Buffer): Pair[] {
  return hasForm(request) ? decodePairs(body) : [];
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
