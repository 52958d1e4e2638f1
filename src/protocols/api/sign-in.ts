// What takes no session yet: whether there is one, the first user of an account, and signing in.
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { checkPassword } from '../../core/accounts/passwords.ts';
import type { Passwords } from '../../core/accounts/passwords.ts';
import { beginSession } from '../../core/accounts/sessions.ts';
import { checkUser } from '../../core/accounts/sign-in.ts';
import { addFirstUser, requireUserName } from '../../core/accounts/users.ts';
import { toAccountId } from '../../domain/account.ts';
import type { AccessKey, AccountId, Actor } from '../../domain/account.ts';
import { FieldError, GatewayError, notFound } from '../../domain/errors.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import { toTime } from '../../domain/time.ts';
import { toUserName, toUserRole } from '../../domain/user.ts';
import type { Session, User, UserRole } from '../../domain/user.ts';
import { isWithin, toVisitor } from '../../http/addresses.ts';
import { isSecret } from '../../http/basic-auth.ts';
import { prove } from '../../http/trust.ts';
import type { Caller } from './access.ts';
import { toAccountAnswer } from './account.ts';
import type { Store } from '../../store/store.ts';
import { findSessionCaller } from './auth.ts';
import { checkOrigin, createToken, setToken, toHash } from './cookies.ts';
import type { Token } from './cookies.ts';
import type { ApiDeps } from './deps.ts';
import { guard, toGuessedKey, toGuessedUser } from './guesses.ts';
import { findKept, keepOrEnd } from './kept-sessions.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { SessionAnswer, SetupBody, SignInBody } from './schemas-users.ts';

/** Answers are public, and signing in is what gives a session: there is no access to declare. */
const open = { security: [] };

/** What the routes of sessions work with. */
export interface SessionDeps<Verbs extends keyof Store> extends ApiDeps<Verbs> {
  readonly passwords: Passwords;
}

/** Beginning a session, and telling whose it is. */
type BeginningVerbs = 'createSession' | 'findUser';

type SignInApiDeps = SessionDeps<
  | BeginningVerbs
  | 'createFirstUser'
  | 'endSession'
  | 'findSession'
  | 'listAccounts'
  | 'listUsers'
  | 'recordChange'
  | 'touchSession'
  | 'useTotpStep'
  | 'useRecoveryCode'
  | 'changeUser'
> & { readonly raiseNotice: RaiseNotice };

export function signInApi(api: Api, deps: SignInApiDeps): void {
  readSession(api, deps);
  setUp(api, deps);
  signIn(api, deps);
}

function readSession(api: Api, deps: SignInApiDeps): void {
  const { store, version } = deps;
  api.get(
    '/session',
    {
      schema: {
        ...describe('Tell whether one is signed in', 'session', {}, { 200: SessionAnswer }),
        ...open,
      },
    },
    async (request) => {
      const caller = await findSessionCaller(request, deps);
      if (caller !== undefined)
        return {
          ...(await toAnswer(deps, caller)),
          others: await toOthers(deps, caller, await findKept(request, deps)),
        };
      const first = (await store.listAccounts()).find((account) => account.first);
      const isNew = first !== undefined && (await store.listUsers(first.id)).length === 0;
      const state = isNew ? ('setup' as const) : ('signed_out' as const);
      return { state, ways: toWays(deps), version };
    },
  );
}

function setUp(api: Api, deps: SignInApiDeps): void {
  const { guesses, consoleUrl } = deps;
  api.post(
    '/session/setup',
    {
      schema: {
        ...describe(
          'Make the first user of an account, its owner, with an access key; signs in',
          'session',
          { body: SetupBody },
          { 201: SessionAnswer },
          'wrong_credentials',
          'wrong_state',
          'forbidden',
          'too_many_tries',
          'too_many',
        ),
        ...open,
      },
    },
    async (request, reply) => {
      checkOrigin(request, consoleUrl());
      const { keyId, keySecret, password } = request.body;
      const name = requireUserName(request.body.name);
      checkPassword('password', password, name);
      const { id, role, accountId } = await checkKey(deps, request, keyId, keySecret);
      if (role !== 'full') throw new GatewayError('forbidden', 'This takes a key of role full.');
      const user = await addFirstUser(deps, { accountId, actor: { kind: 'key', id } }, { name, password });
      guesses.note(toGuessedUser(accountId, name), toVisitor(request.ip));
      return reply.code(201).send(await begin(deps, request, reply, toUserOwner(user)));
    },
  );
}

function signIn(api: Api, deps: SignInApiDeps): void {
  api.post(
    '/session',
    {
      schema: {
        ...describe(
          'Sign in, as a user or with an access key',
          'session',
          { body: SignInBody },
          { 200: SessionAnswer },
          'wrong_credentials',
          'code_required',
          'password_over',
          'company_only',
          'forbidden',
          'too_many_tries',
          'too_many',
        ),
        ...open,
      },
    },
    async (request, reply) => {
      checkOrigin(request, deps.consoleUrl());
      const owner = await findOwner(deps, request, request.body);
      return begin(deps, request, reply, owner, request.body.keep);
    },
  );
}

/** Whose session it is that is asked for, who has shown that he may. */
async function findOwner(
  deps: SignInApiDeps,
  request: FastifyRequest,
  given: Static<typeof SignInBody>,
): Promise<Owner> {
  const { keyId, keySecret, name, password } = given;
  if (keyId !== undefined && keySecret !== undefined)
    return toKeyOwner(await checkKey(deps, request, keyId, keySecret));
  if (name === undefined || password === undefined)
    throw new FieldError('bad_request', 'name', 'Give name and password, or keyId and keySecret.');
  return toUserOwner(await guardUser(deps, request, { ...given, name, password }));
}

function checkKey(
  { guesses, directory }: SignInApiDeps,
  request: FastifyRequest,
  keyId: string,
  secret: string,
): Promise<AccessKey> {
  return guard(guesses, request, toGuessedKey(keyId), async () => {
    const key = await directory.key(keyId);
    const isRight = isSecret(secret, key?.secret);
    const isHere = key !== undefined && (key.addresses.length === 0 || isWithin(request.ip, key.addresses));
    if (key?.state !== 'active' || !isRight || !isHere)
      throw new GatewayError('wrong_credentials', 'The access key id or its secret is wrong.');
    directory.noteUse(key);
    return key;
  });
}

async function guardUser(
  deps: SignInApiDeps,
  request: FastifyRequest,
  given: Static<typeof SignInBody> & { name: string; password: string },
): Promise<User> {
  const { guesses } = deps;
  const accountId = await findAccountId(deps, given.account);
  const guessed = toGuessedUser(accountId, toUserName(given.name) ?? '');
  const visitor = toVisitor(request.ip);
  const user = await guard(
    guesses,
    request,
    guessed,
    () => {
      const isCompanyOnly = deps.company?.isOnly ?? false;
      const isKnown = guesses.isKnown(guessed, visitor);
      return checkUser({ ...deps, isCompanyOnly }, accountId, given, { visitor, isKnown });
    },
    // With the right password alone nothing is won yet: it must not wipe out the codes that were guessed before.
    (result) => result === 'code_missing' || result === 'password_over',
  );
  if (user === 'code_missing') throw new GatewayError('code_required');
  if (user === 'password_over') throw new GatewayError('password_over');
  return user;
}

/** The account that is named; the first one where none is. */
async function findAccountId(
  { store }: SignInApiDeps,
  named: string | undefined,
): Promise<AccountId | undefined> {
  if (named !== undefined) return toAccountId(named);
  return (await store.listAccounts()).find(({ first }) => first)?.id;
}

/** Begins a session in the place of the one that the browser had, or beside it. */
async function begin(
  deps: SignInApiDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  owner: Owner,
  keep = false,
): Promise<Static<typeof SessionAnswer>> {
  await keepOrEnd(request, reply, deps, owner.accountId, keep);
  return toAnswer(deps, await handSession(request, reply, deps, owner));
}

/** Whose session begins. */
interface Owner extends Pick<Session, 'accountId' | 'userId' | 'keyId'> {
  readonly name: string;
  readonly role: UserRole;
}

export function toUserOwner({
  accountId,
  id,
  name,
  role,
}: Pick<User, 'accountId' | 'id' | 'name' | 'role'>): Owner {
  return { accountId, userId: id, keyId: null, name, role };
}

/** Throws `forbidden` for a key of one direction. */
function toKeyOwner({ accountId, id, role }: AccessKey): Owner {
  const userRole = toUserRole(role);
  if (userRole === null)
    throw new GatewayError('forbidden', `A key of role ${role} is for machines; it cannot sign in.`);
  return { accountId, userId: null, keyId: id, name: id, role: userRole };
}

/** Begins a session and hands its cookie over. */
export async function handSession(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ApiDeps<BeginningVerbs>,
  owner: Owner,
): Promise<Caller> {
  const { token, caller } = await openSession(request, deps, owner);
  setToken(request, reply, token, deps.consoleUrl());
  return caller;
}

/** Begins a session, which no browser has yet. */
export async function openSession(
  request: FastifyRequest,
  deps: Pick<ApiDeps<BeginningVerbs>, 'now' | 'sessions' | 'store'>,
  { name, role, ...owner }: Owner,
): Promise<{ readonly token: Token; readonly caller: Caller }> {
  const { accountId, userId } = owner;
  const token = createToken(accountId);
  const actor: Actor = { kind: userId === null ? 'key' : 'user', id: name };
  prove(request.raw.socket);
  const session = await beginSession(deps, owner, toHash(token.secret), actor);
  const user = (userId === null ? undefined : await deps.store.findUser(accountId, name)) ?? null;
  return { token, caller: { accountId, actor, role, keyRole: null, session, user, portal: null } };
}

/** How people sign in here. */
function toWays({ company }: Pick<ApiDeps, 'company'>): Static<typeof SessionAnswer>['ways'] {
  return {
    password: company?.isOnly !== true,
    company: company === null ? null : { label: company.label },
  };
}

/** The sessions of other accounts that a browser keeps beside the one in use. */
async function toOthers(
  { directory }: SignInApiDeps,
  inUse: Caller,
  kept: readonly { readonly caller: Caller }[],
): Promise<NonNullable<Static<typeof SessionAnswer>['others']>> {
  const others = kept.filter(({ caller }) => caller.accountId !== inUse.accountId);
  return Promise.all(
    others.map(async ({ caller: { accountId, actor, role } }) => ({
      account: { id: String(accountId), name: (await directory.account(accountId))?.name ?? '' },
      user: { name: actor.id, role: role ?? ('viewer' as const) },
    })),
  );
}

async function toAnswer(
  { store, now, sessions, version, company }: SignInApiDeps,
  { accountId, session, user, role, actor }: Caller,
): Promise<Static<typeof SessionAnswer>> {
  const account = (await store.listAccounts()).find(({ id }) => id === accountId);
  if (account === undefined) throw notFound('account');
  return {
    state: 'signed_in',
    account: toAccountAnswer(account),
    user: {
      id: user?.id ?? null,
      name: actor.id,
      role: role ?? 'viewer',
      issuer: user?.identity?.issuer ?? null,
      totp: user?.totpActive ?? false,
      recoveryCodes: user?.recoveryCodes.length ?? 0,
    },
    ...(session === null
      ? {}
      : {
          idleExpiresAt: toTime(Math.min(now() + sessions.idleMs, session.endsAt)),
          expiresAt: toTime(session.endsAt),
        }),
    ways: toWays({ company }),
    version,
  };
}
