// Who calls: an access key over HTTP Basic, as scripts do, or a session's cookie, as the console does.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccessKey, AccountId } from '../../domain/account.ts';
import { FaultError, GatewayError, LimitError } from '../../domain/errors.ts';
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
import { findPortalScope } from '../../core/accounts/portal-links.ts';
import type { PortalTokens } from '../../core/accounts/portal-links.ts';
import type { SessionTimes } from '../../core/accounts/sessions.ts';
import { checkAccess } from './access.ts';
import type { Caller } from './access.ts';
import { accountHeader, checkOrigin, readToken, toHash } from './cookies.ts';
import type { Token } from './cookies.ts';

export interface SessionAuthDeps {
  readonly store: Pick<Store, 'findSession' | 'touchSession' | 'listAccounts'>;
  readonly directory: Directory;
  readonly now: () => number;
  readonly consoleUrl: () => string;
  readonly sessions: SessionTimes;
}

interface AuthDeps extends SessionAuthDeps {
  readonly portalTokens: Pick<PortalTokens, 'read'>;
  readonly guesses: Lockout;
  readonly rates: Pick<RequestRates, 'take' | 'takeForLink' | 'takeForPerson'>;
}

/** The use of a session is written down at most this often. */
const touchMs = 60_000;

const callers = new WeakMap<FastifyRequest, Caller>();
const requesters = new WeakMap<FastifyRequest, Requester>();

/** Lets only callers into a scope who may call the route; others are answered 401, or 403 when their role is too small. */
export function requireCaller(scope: FastifyInstance, deps: AuthDeps): void {
  scope.addHook('onRequest', async (request, reply) => {
    const bearer = readBearer(request);
    const key =
      request.headers.authorization === undefined || bearer !== undefined
        ? undefined
        : await findKey(request, deps);
    const caller =
      bearer !== undefined
        ? await findPortalCaller(bearer, deps)
        : key === undefined
          ? await findSessionCaller(request, deps)
          : toKeyCaller(key);
    if (caller === undefined || isOfOtherAccount(request, caller))
      throw new GatewayError(
        readToken(request, deps.consoleUrl()) === undefined ? 'unauthorized' : 'session_over',
      );
    callers.set(request, caller);
    proveRequest(request.raw);
    const requester = key ?? (await toPerson(deps, caller));
    requesters.set(request, requester);
    count(deps, requester, caller, reply);
    if (caller.session !== null) checkOrigin(request, deps.consoleUrl());
    // Hidden routes only say that an address does not take a method.
    const { access } = request.routeOptions.config;
    if (access === undefined) return;
    checkAccess(caller, access, request.params);
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

/** Whether who was let in would still be, as the same: for answers that go on for long. */
export async function isStillAllowed(
  request: FastifyRequest,
  {
    store,
    directory,
    now,
  }: Pick<SessionAuthDeps, 'directory' | 'now'> & {
    readonly store: Pick<Store, 'findSession'>;
  },
): Promise<boolean> {
  const { accountId, session, actor, keyRole } = callerOf(request);
  if (session === null) {
    const key = await directory.key(actor.id);
    return key?.state === 'active' && key.role === keyRole && isFromHere(request, key);
  }
  const found = await store.findSession(accountId, session.hash, now());
  if (found === undefined) return false;
  if (found.user !== null) return true;
  const key = await toKeySession(request, found.session, directory);
  return key !== undefined && key.role !== null;
}

/** The caller behind a session's cookie; undefined when there is none or it is over. */
export async function findSessionCaller(
  request: FastifyRequest,
  deps: SessionAuthDeps,
): Promise<Caller | undefined> {
  const token = readToken(request, deps.consoleUrl());
  return token && findTokenCaller(request, token, deps);
}

/** The caller behind a session's token; undefined when it is over. Notes that the session is in use. */
export async function findTokenCaller(
  request: FastifyRequest,
  token: Token,
  deps: SessionAuthDeps,
): Promise<Caller | undefined> {
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
  return { accountId: session.accountId, keyRole: null, session, user, portal: null, ...caller };
}

/** Whether a page of the console speaks that is of another account than the session which its browser uses by now. */
function isOfOtherAccount({ headers }: FastifyRequest, { session, accountId }: Caller): boolean {
  const page = headers[accountHeader];
  return session !== null && page !== undefined && page !== String(accountId);
}

/** The token of a portal link; undefined for what is none. */
function readBearer({ headers }: FastifyRequest): string | undefined {
  return /^Bearer ([\w.-]{1,8192})$/i.exec(headers.authorization ?? '')?.[1];
}

/** Whoever holds a portal link. Throws `unauthorized` for one that is not ours, over or revoked. */
async function findPortalCaller(token: string, { portalTokens, directory, now }: AuthDeps): Promise<Caller> {
  const named = await portalTokens.read(token);
  const link = named && (await directory.portalLink(named.accountId, named.linkId));
  const scope = findPortalScope(link, now());
  if (link === undefined || scope === undefined)
    throw new GatewayError('unauthorized', 'This link is over, or was revoked. Ask for another one.');
  directory.noteLinkUse(link);
  const actor = { kind: 'portal', id: scope.linkId } as const;
  return {
    accountId: scope.accountId,
    actor,
    role: null,
    keyRole: null,
    session: null,
    user: null,
    portal: scope,
  };
}

/** A session that a key began lasts as long as the key works. */
async function toKeySession(
  request: FastifyRequest,
  { keyId, accountId }: Session,
  directory: Directory,
): Promise<Pick<Caller, 'actor' | 'role'> | undefined> {
  const key = await directory.key(keyId ?? '');
  if (key?.state !== 'active' || key.accountId !== accountId || !isFromHere(request, key)) return undefined;
  return { actor: { kind: 'key', id: key.id }, role: toUserRole(key.role) };
}

/** Whether a key may be used from where a request comes from. */
function isFromHere({ ip }: FastifyRequest, { addresses }: AccessKey): boolean {
  return addresses.length === 0 || isWithin(ip, addresses);
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
    portal: null,
  };
}

/** Somebody in a session, who is no key: what his account may holds. */
async function toPerson({ directory }: AuthDeps, { accountId }: Caller): Promise<Requester> {
  return { accountId, accountLimits: (await directory.account(accountId))?.limits ?? {} };
}

/** Counts a request for its link, its key, or for the people of an account, and tells what is left. Throws a {@link LimitError}. */
function count(
  { rates }: AuthDeps,
  requester: Requester,
  { portal }: Pick<Caller, 'portal'>,
  reply: FastifyReply,
): void {
  try {
    if (portal !== null) tellLeft(reply, rates.takeForLink(portal));
    else if (requester.id === undefined) tellLeft(reply, rates.takeForPerson(requester));
    else tellLeft(reply, rates.take(requester));
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
  if (account?.first !== true) throw new FaultError('forbidden', 'first_account');
}
