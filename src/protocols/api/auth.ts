// Who calls: an access key over HTTP Basic, as scripts do, or a session's cookie, as the console does.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessKey, AccountId } from '../../domain/account.ts';
import { GatewayError, LimitError } from '../../domain/errors.ts';
import type { Allowance } from '../../domain/limits.ts';
import { toUserRole } from '../../domain/user.ts';
import type { Session } from '../../domain/user.ts';
import { isWithin } from '../../http/addresses.ts';
import type { Lockout } from '../../http/lockout.ts';
import { authenticateBasic } from '../../http/basic-auth.ts';
import { proveRequest } from '../../http/trust.ts';
import type { Directory } from '../../store/directory.ts';
import type { Store } from '../../store/store.ts';
import type { Requester, RequestRates } from '../../core/accounts/request-rates.ts';
import type { SessionTimes } from '../../core/accounts/sessions.ts';
import { checkAccess } from './access.ts';
import type { Caller } from './access.ts';
import { checkOrigin, readToken, toHash } from './cookies.ts';

interface SessionAuthDeps {
  readonly store: Pick<Store, 'findSession' | 'touchSession' | 'listAccounts'>;
  readonly directory: Directory;
  readonly now: () => number;
  readonly publicUrl: () => string;
  readonly sessions: SessionTimes;
}

interface AuthDeps extends SessionAuthDeps {
  readonly guesses: Lockout;
  readonly rates: Pick<RequestRates, 'take' | 'takeForPerson'>;
}

/** The use of a session is written down at most this often. */
const touchMs = 60_000;

const callers = new WeakMap<FastifyRequest, Caller>();
const requesters = new WeakMap<FastifyRequest, Requester>();

/** Lets only callers into a scope who may call the route; others are answered 401, or 403 when their role is too small. */
export function requireCaller(scope: FastifyInstance, deps: AuthDeps): void {
  scope.addHook('onRequest', async (request, reply) => {
    const key = request.headers.authorization === undefined ? undefined : await findKey(request, deps);
    const caller = key === undefined ? await findSessionCaller(request, deps) : toKeyCaller(key);
    if (caller === undefined)
      throw new GatewayError(
        readToken(request, deps.publicUrl()) === undefined ? 'unauthorized' : 'session_over',
      );
    callers.set(request, caller);
    proveRequest(request.raw);
    const requester = key ?? (await toPerson(deps, caller));
    requesters.set(request, requester);
    count(deps, requester, reply);
    if (caller.session !== null) checkOrigin(request, deps.publicUrl());
    // Hidden routes only say that an address does not take a method.
    const { access } = request.routeOptions.config;
    if (access === undefined) return;
    checkAccess(caller, access);
    if (access.firstAccount) await requireFirstAccount(deps, caller);
  });
}

/** The caller of a request in a scope of {@link requireCaller}. Throws `unauthorized` anywhere else. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new GatewayError('unauthorized');
  return caller;
}

/** Whose limits hold for a request in a scope of {@link requireCaller}. */
export function requesterOf(request: FastifyRequest): Requester {
  const requester = requesters.get(request);
  if (requester === undefined) throw new GatewayError('unauthorized');
  return requester;
}

/** The account of a request, or null when it was not let in. */
export function accountOf(request: FastifyRequest): AccountId | null {
  return callers.get(request)?.accountId ?? null;
}

/** The caller behind a session's cookie; undefined when there is none or it is over. Notes that the session is in use. */
export async function findSessionCaller(
  request: FastifyRequest,
  deps: SessionAuthDeps,
): Promise<Caller | undefined> {
  const token = readToken(request, deps.publicUrl());
  if (token === undefined) return undefined;
  const now = deps.now();
  const hash = toHash(token.secret);
  const found = await deps.store.findSession(token.accountId, hash, now);
  if (found === undefined) return undefined;
  const { session, user } = found;
  const caller =
    user === null
      ? await toKeySession(request, session, deps.directory)
      : { actor: { kind: 'user', id: user.name } as const, role: user.role };
  if (caller === undefined) return undefined;
  if (now - session.seenAt >= touchMs)
    await deps.store.touchSession(session.accountId, hash, now, now + deps.sessions.idleMs);
  return { accountId: session.accountId, keyRole: null, session, user, ...caller };
}

/** A session that a key began lasts as long as the key works. */
async function toKeySession(
  request: FastifyRequest,
  { keyId, accountId }: Session,
  directory: Directory,
): Promise<Pick<Caller, 'actor' | 'role'> | undefined> {
  const key = await directory.key(keyId ?? '');
  if (key?.state !== 'active' || key.accountId !== accountId) return undefined;
  if (key.addresses.length > 0 && !isWithin(request.ip, key.addresses)) return undefined;
  return { actor: { kind: 'key', id: key.id }, role: toUserRole(key.role) };
}

async function findKey(request: FastifyRequest, { directory, guesses }: AuthDeps): Promise<AccessKey> {
  const { authorization } = request.headers;
  const key = await authenticateBasic(authorization, request.ip, (id) => directory.key(id), guesses);
  directory.noteUse(key);
  return key;
}

function toKeyCaller(key: AccessKey): Caller {
  return {
    accountId: key.accountId,
    actor: { kind: 'key', id: key.id },
    role: toUserRole(key.role),
    keyRole: key.role,
    session: null,
    user: null,
  };
}

/** Somebody in a session, who is no key: what his account may holds. */
async function toPerson({ directory }: AuthDeps, { accountId }: Caller): Promise<Requester> {
  return { accountId, accountLimits: (await directory.account(accountId))?.limits ?? {} };
}

/** Counts a request for its key, or for the people of an account, and tells what is left. Throws a {@link LimitError}. */
function count({ rates }: AuthDeps, requester: Requester, reply: FastifyReply): void {
  try {
    const isPerson = requester.id === undefined;
    tellLeft(reply, isPerson ? rates.takeForPerson(requester) : rates.take(requester));
  } catch (error) {
    if (error instanceof LimitError) tellLeft(reply, error.allowances);
    throw error;
  }
}

/** The fields of draft-ietf-httpapi-ratelimit-headers-10 (read 2026-11-30); none where nothing is limited. */
function tellLeft(reply: FastifyReply, allowances: readonly Allowance[]): void {
  if (allowances.length === 0) return;
  const toList = (tell: (allowance: Allowance) => string): string =>
    allowances.map((allowance) => `"${allowance.of}";${tell(allowance)}`).join(', ');
  reply.header(
    'ratelimit-policy',
    toList(({ perSecond }) => `q=${perSecond};w=1`),
  );
  reply.header(
    'ratelimit',
    toList(({ left, fullAfterMs }) => `r=${left};t=${Math.ceil(fullAfterMs / 1000)}`),
  );
}

async function requireFirstAccount({ store }: AuthDeps, { accountId }: Caller): Promise<void> {
  const account = (await store.listAccounts()).find(({ id }) => id === accountId);
  if (account?.first !== true)
    throw new GatewayError('forbidden', 'Only the account of the first start may do this.');
}
