// Signing in and out, and what a user does with his own password and codes.
import { randomUUID } from 'node:crypto';
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toAccountId } from '../../domain/account.ts';
import type { AccessKey, Account, AccountId, Actor } from '../../domain/account.ts';
import { FieldError, GatewayError, notFound, RetryError } from '../../domain/errors.ts';
import { toUserName, toUserRole } from '../../domain/user.ts';
import type { Session, User, UserRole } from '../../domain/user.ts';
import { isWithin, toVisitor } from '../../http/addresses.ts';
import { isSecret } from '../../http/basic-auth.ts';
import { prove } from '../../http/trust.ts';
import { needs } from './access.ts';
import type { Caller } from './access.ts';
import { toAccountAnswer } from './account.ts';
import { callerOf, findSessionCaller } from './auth.ts';
import { createCodeSecret, findCodeStep } from '../../core/accounts/codes.ts';
import { checkOrigin, clearToken, createToken, setToken, toHash } from './cookies.ts';
import type { ApiDeps } from './deps.ts';
import { checkPassword } from '../../core/accounts/passwords.ts';
import type { Passwords } from '../../core/accounts/passwords.ts';
import type { Guessed, Lockout } from '../../http/lockout.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import {
  CodeBody,
  CodeSecretAnswer,
  NewPasswordBody,
  PasswordBody,
  SessionAnswer,
  SetupBody,
  SignInBody,
} from './schemas-users.ts';

/** Sessions of one user or key; a further one ends the oldest. */
const maxSessions = 20;

/** Answers are public, and signing in is what gives a session: there is no access to declare. */
const open = { security: [] };

/** Serves what takes no session yet: whether there is one, the first user of an account, and signing in. */
export function signInApi(api: Api, deps: ApiDeps, passwords: Passwords): void {
  const { store, directory, guesses, now, publicUrl, sessions, version } = deps;
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
      if (caller !== undefined) return toAnswer(caller);
      const first = (await store.listAccounts()).find((account) => account.first);
      const isNew = first !== undefined && (await store.listUsers(first.id)).length === 0;
      return { state: isNew ? ('setup' as const) : ('signed_out' as const), version };
    },
  );

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
      checkOrigin(request, publicUrl());
      const { keyId, keySecret, password } = request.body;
      const name = requireName(request.body.name);
      checkPassword('password', password, name);
      const key = await checkKey(request, keyId, keySecret);
      if (key.role !== 'full') throw new GatewayError('forbidden', 'This takes a key of role full.');
      const user = {
        id: randomUUID(),
        name,
        role: 'owner',
        password: await passwords.hash(password),
      } as const;
      if (!(await store.createFirstUser(key.accountId, user, { kind: 'key', id: key.id })))
        throw new GatewayError('wrong_state', 'The account has users already. Sign in as one of them.');
      guesses.note(toGuessed(key.accountId, name), toVisitor(request.ip));
      return reply
        .code(201)
        .send(await begin(request, reply, toUserOwner({ ...user, accountId: key.accountId })));
    },
  );

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
          'forbidden',
          'too_many_tries',
          'too_many',
        ),
        ...open,
      },
    },
    async (request, reply) => {
      checkOrigin(request, publicUrl());
      const { keyId, keySecret, name, password } = request.body;
      if (keyId !== undefined && keySecret !== undefined) {
        const key = await checkKey(request, keyId, keySecret);
        const role = toUserRole(key.role);
        if (role === null)
          throw new GatewayError(
            'forbidden',
            `A key of role ${key.role} is for machines; it cannot sign in.`,
          );
        return begin(request, reply, {
          accountId: key.accountId,
          userId: null,
          keyId: key.id,
          name: key.id,
          role,
        });
      }
      if (name === undefined || password === undefined)
        throw new FieldError('bad_request', 'name', 'Give name and password, or keyId and keySecret.');
      const user = await checkUser(request, { ...request.body, name, password });
      return begin(request, reply, toUserOwner(user));
    },
  );

  function checkKey(request: FastifyRequest, keyId: string, secret: string): Promise<AccessKey> {
    const guessed = { kind: 'machine', name: `key/${keyId}` } as const;
    return guard(guesses, request, guessed, async () => {
      const key = await directory.key(keyId);
      const isRight = isSecret(secret, key?.secret);
      const isHere = key !== undefined && (key.addresses.length === 0 || isWithin(request.ip, key.addresses));
      if (key?.state !== 'active' || !isRight || !isHere)
        throw new GatewayError('wrong_credentials', 'The access key id or its secret is wrong.');
      directory.noteUse(key);
      return key;
    });
  }

  async function checkUser(
    request: FastifyRequest,
    given: { name: string; password: string; code?: string; account?: string },
  ): Promise<User> {
    const accountId =
      given.account === undefined
        ? (await store.listAccounts()).find(({ first }) => first)?.id
        : toAccountId(given.account);
    const name = toUserName(given.name) ?? '';
    const attempt = async (): Promise<User | 'code_missing'> => {
      const known = accountId === undefined ? undefined : await store.findUser(accountId, name);
      const visitor = toVisitor(request.ip);
      const isVisitorKnown = guesses.isKnown(toGuessed(accountId, name), visitor);
      const isRight = await passwords.verify(given.password, known?.password, visitor, isVisitorKnown);
      if (known === undefined) throw wrong();
      if (known.state === 'active' && isRight) {
        if (known.totpActive && given.code === undefined) return 'code_missing';
        if (await isCodeRight(known, given.code)) return known;
      }
      await store.recordChange(
        known.accountId,
        { kind: 'user', id: known.name },
        'session.refused',
        `user/${known.name}`,
        {},
      );
      throw wrong();
    };
    // With the right password alone nothing is won yet: it must not wipe out the codes that were guessed before.
    const user = await guard(
      guesses,
      request,
      toGuessed(accountId, name),
      attempt,
      (result) => result === 'code_missing',
    );
    if (user === 'code_missing') throw new GatewayError('code_required');
    return user;
  }

  async function isCodeRight({ accountId, id, totpActive, totpSecret }: User, code: string | undefined) {
    if (!totpActive || totpSecret === null) return true;
    const step = findCodeStep(totpSecret, code ?? '', now());
    return step !== undefined && (await store.useTotpStep(accountId, id, step));
  }

  /** Ends the session that the browser had, so that nobody can have put it there, and begins a new one. */
  async function begin(
    request: FastifyRequest,
    reply: FastifyReply,
    owner: Owner,
  ): Promise<Static<typeof SessionAnswer>> {
    const before = await findSessionCaller(request, deps);
    if (before?.session != null) await store.endSession(before.accountId, before.session.hash, before.actor);
    const caller = await beginSession(request, reply, deps, owner);
    return toAnswer(caller);
  }

  async function toAnswer(caller: Caller): Promise<Static<typeof SessionAnswer>> {
    const account = await findAccount(caller.accountId);
    const { session, user, role, actor } = caller;
    return {
      state: 'signed_in',
      account: toAccountAnswer(account),
      user: { id: user?.id ?? null, name: actor.id, role: role ?? 'viewer', totp: user?.totpActive ?? false },
      ...(session === null
        ? {}
        : {
            idleExpiresAt: toTime(Math.min(now() + sessions.idleMs, session.endsAt)),
            expiresAt: toTime(session.endsAt),
          }),
      version,
    };
  }

  async function findAccount(accountId: AccountId): Promise<Account> {
    const account = (await store.listAccounts()).find(({ id }) => id === accountId);
    if (account === undefined) throw notFound('account');
    return account;
  }
}

/** Serves what a user does with his own session, password and codes. */
export function ownSessionApi(api: Api, deps: ApiDeps, passwords: Passwords): void {
  const { store, guesses, now, publicUrl } = deps;

  api.delete(
    '/session',
    { ...needs('viewer'), schema: describe('Sign out', 'session', {}, { 204: NoContent }, 'forbidden') },
    async (request, reply) => {
      const { accountId, session, actor } = callerOf(request);
      if (session !== null) await store.endSession(accountId, session.hash, actor);
      clearToken(request, reply, publicUrl());
      return reply.code(204).send(null);
    },
  );

  api.delete(
    '/session/all',
    {
      ...needs('viewer'),
      schema: describe('Sign out everywhere', 'session', {}, { 204: NoContent }, 'forbidden'),
    },
    async (request, reply) => {
      const { accountId, session, actor } = callerOf(request);
      if (session !== null) await store.endSessions(accountId, session, null, actor);
      clearToken(request, reply, publicUrl());
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/session/password',
    {
      ...needs('viewer'),
      schema: describe(
        'Change one’s own password; every other session of the user ends',
        'session',
        { body: NewPasswordBody },
        { 204: NoContent },
        'wrong_password',
        'too_many_tries',
        'too_many',
        'forbidden',
      ),
    },
    async (request, reply) => {
      const { user, actor } = await requireUser(request, request.body.password);
      checkPassword('newPassword', request.body.newPassword, user.name);
      const password = await passwords.hash(request.body.newPassword);
      await change(user, { password }, actor);
      await beginSession(request, reply, deps, toUserOwner(user));
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/session/totp',
    {
      ...needs('viewer'),
      schema: describe(
        'Set an authenticator app up; it counts once it has shown a code',
        'session',
        { body: PasswordBody },
        { 200: CodeSecretAnswer },
        'wrong_password',
        'too_many_tries',
        'too_many',
        'forbidden',
        'wrong_state',
      ),
    },
    async (request) => {
      const { user, actor } = await requireUser(request, request.body.password);
      if (user.totpActive)
        throw new GatewayError('wrong_state', 'An app is set up already; remove it first.');
      const { secret, uri } = createCodeSecret(user.name);
      await change(user, { totpSecret: secret, totpActive: false }, actor);
      return { secret, uri };
    },
  );

  api.post(
    '/session/totp/confirm',
    {
      ...needs('viewer'),
      schema: describe(
        'Show that the app works: from now on signing in takes a code',
        'session',
        { body: CodeBody },
        { 204: NoContent },
        'wrong_password',
        'too_many_tries',
        'too_many',
        'forbidden',
        'wrong_state',
      ),
    },
    async (request, reply) => {
      const { user, actor } = callerOf(request);
      if (user?.totpSecret == null || user.totpActive)
        throw new GatewayError('wrong_state', 'No app is being set up. Begin with POST /session/totp.');
      const { accountId, id, totpSecret } = user;
      await guard(guesses, request, toConfirmed(user), async () => {
        const step = findCodeStep(totpSecret, request.body.code, now());
        if (step === undefined || !(await store.useTotpStep(accountId, id, step)))
          throw new FieldError('wrong_password', 'code', 'code: is not the one that the app shows now.');
      });
      await change(user, { totpActive: true }, actor);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/session/totp/remove',
    {
      ...needs('viewer'),
      schema: describe(
        'Take the authenticator app away',
        'session',
        { body: PasswordBody },
        { 204: NoContent },
        'wrong_password',
        'too_many_tries',
        'too_many',
        'forbidden',
      ),
    },
    async (request, reply) => {
      const { user, actor } = await requireUser(request, request.body.password);
      await change(user, { totpSecret: null, totpActive: false }, actor);
      return reply.code(204).send(null);
    },
  );

  /** The user of a session, who has shown that it is really him. */
  async function requireUser(
    request: FastifyRequest,
    password: string,
  ): Promise<{ user: User; actor: Actor }> {
    const { user, actor } = callerOf(request);
    if (user === null)
      throw new GatewayError('forbidden', 'An access key has no password; sign in as a user.');
    // Whoever sits before a session that another began has to guess as slowly as at the door.
    await guard(guesses, request, toConfirmed(user), async () => {
      if (!(await passwords.verify(password, user.password, toVisitor(request.ip), true)))
        throw new FieldError('wrong_password', 'password', 'password: is wrong.');
    });
    return { user, actor };
  }

  async function change(
    user: User,
    changes: Parameters<typeof store.changeUser>[2],
    actor: Actor,
  ): Promise<void> {
    if ((await store.changeUser(user.accountId, user.id, changes, actor)) === 'missing')
      throw notFound('user');
  }
}

/** A user who shows in his session that it is he. */
function toConfirmed({ accountId, name }: User): Guessed {
  return { kind: 'person', name: `confirm/${accountId}/${name}` };
}

/** Each try counts against its name and its visitor, whatever was wrong with it. Throws `too_many_tries`. */
async function guard<T>(
  guesses: Lockout,
  request: FastifyRequest,
  guessed: Guessed,
  attempt: () => Promise<T>,
  isUndecided: (result: T) => boolean = () => false,
): Promise<T> {
  const visitor = toVisitor(request.ip);
  const waitMs = guesses.begin(guessed, visitor);
  if (waitMs > 0) throw new RetryError(waitMs);
  const result = await attempt().catch((error: unknown) => {
    // Nothing was checked: who meets a full line again and again has guessed nothing.
    if (error instanceof GatewayError && error.code === 'too_many') guesses.undo(guessed, visitor);
    throw error;
  });
  if (isUndecided(result)) guesses.undo(guessed, visitor);
  else guesses.succeed(guessed, visitor);
  return result;
}

/** What somebody guesses who tries to sign in as a user. */
function toGuessed(accountId: AccountId | undefined, name: string): Guessed {
  return { kind: 'person', name: `user/${accountId ?? ''}/${name}` };
}

/** Whose session begins. */
interface Owner extends Pick<Session, 'accountId' | 'userId' | 'keyId'> {
  readonly name: string;
  readonly role: UserRole;
}

function toUserOwner({ accountId, id, name, role }: Pick<User, 'accountId' | 'id' | 'name' | 'role'>): Owner {
  return { accountId, userId: id, keyId: null, name, role };
}

/** Begins a session and hands its cookie over. */
async function beginSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { store, now, sessions, publicUrl }: ApiDeps,
  { accountId, userId, keyId, name, role }: Owner,
): Promise<Caller> {
  const token = createToken(accountId);
  const hash = toHash(token.secret);
  const createdAt = now();
  const endsAt = createdAt + sessions.lifeMs;
  const expiresAt = Math.min(createdAt + sessions.idleMs, endsAt);
  const session = { accountId, userId, keyId, hash, createdAt, expiresAt, endsAt };
  const actor: Actor = { kind: userId === null ? 'key' : 'user', id: name };
  prove(request.raw.socket);
  await store.createSession(session, maxSessions, actor);
  setToken(request, reply, token, publicUrl());
  const user = (userId === null ? undefined : await store.findUser(accountId, name)) ?? null;
  return { accountId, actor, role, keyRole: null, session: { ...session, seenAt: createdAt }, user };
}

/** A user's name as it is kept. Throws `bad_request`. */
export function requireName(text: string): string {
  const name = toUserName(text);
  if (name === undefined)
    throw new FieldError(
      'bad_request',
      'name',
      'name: letters, digits and . _ @ + -, beginning with a letter or digit.',
    );
  return name;
}

function wrong(): GatewayError {
  return new GatewayError('wrong_credentials', 'The name or the password is wrong.');
}
