// What a user does with his own session, password and codes.
import type { FastifyRequest } from 'fastify';
import {
  beginApp,
  changePassword,
  confirmApp,
  removeApp,
  renewRecoveryCodes,
  requireAppBegun,
  requireCode,
} from '../../core/accounts/credentials.ts';
import type { Actor } from '../../domain/account.ts';
import { FaultError, FieldError } from '../../domain/errors.ts';
import { faultOf, faultTexts } from '../../domain/faults.ts';
import type { User } from '../../domain/user.ts';
import { toVisitor } from '../../http/addresses.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { clearTokens } from './cookies.ts';
import { endKept } from './kept-sessions.ts';
import { guard, toConfirmed } from './guesses.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import {
  CodeBody,
  CodeSecretAnswer,
  NewPasswordBody,
  PasswordBody,
  RecoveryCodesAnswer,
} from './schemas-users.ts';
import { handSession, toUserOwner } from './sign-in.ts';
import type { SessionDeps } from './sign-in.ts';

/** What these routes work with. */
type OwnSessionApiDeps = SessionDeps<
  | 'changeUser'
  | 'createSession'
  | 'endSession'
  | 'endSessions'
  | 'findSession'
  | 'findUser'
  | 'listAccounts'
  | 'touchSession'
  | 'useTotpStep'
>;

export function ownSessionApi(api: Api, deps: OwnSessionApiDeps): void {
  signOut(api, deps);
  signOutEverywhere(api, deps);
  replacePassword(api, deps);
  setUpApp(api, deps);
  showCode(api, deps);
  makeRecoveryCodes(api, deps);
  takeAppAway(api, deps);
}

function signOut(api: Api, deps: OwnSessionApiDeps): void {
  const { store, consoleUrl } = deps;
  api.delete(
    '/session',
    { ...needs('viewer'), schema: describe('Sign out', 'session', {}, { 204: NoContent }, 'forbidden') },
    async (request, reply) => {
      const { accountId, session, actor } = callerOf(request);
      if (session !== null) await store.endSession(accountId, session.hash, actor);
      await endKept(request, deps);
      clearTokens(request, reply, consoleUrl());
      return reply.code(204).send(null);
    },
  );
}

function signOutEverywhere(api: Api, deps: OwnSessionApiDeps): void {
  const { store, consoleUrl } = deps;
  api.delete(
    '/session/all',
    {
      ...needs('viewer'),
      schema: describe('Sign out everywhere', 'session', {}, { 204: NoContent }, 'forbidden'),
    },
    async (request, reply) => {
      const { accountId, session, actor } = callerOf(request);
      if (session !== null) await store.endSessions(accountId, session, null, actor);
      await endKept(request, deps);
      clearTokens(request, reply, consoleUrl());
      return reply.code(204).send(null);
    },
  );
}

function replacePassword(api: Api, deps: OwnSessionApiDeps): void {
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
      const { user, actor } = await requireUser(deps, request, request.body.password);
      await changePassword(deps, user, request.body.newPassword, actor);
      await handSession(request, reply, deps, toUserOwner(user));
      return reply.code(204).send(null);
    },
  );
}

function setUpApp(api: Api, deps: OwnSessionApiDeps): void {
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
      const { user, actor } = await requireUser(deps, request, request.body.password);
      return beginApp(deps.store, user, actor);
    },
  );
}

function showCode(api: Api, deps: OwnSessionApiDeps): void {
  api.post(
    '/session/totp/confirm',
    {
      ...needs('viewer'),
      schema: describe(
        'Show that the app works: from now on signing in takes a code, or one of the recovery codes that are told here',
        'session',
        { body: CodeBody },
        { 200: RecoveryCodesAnswer },
        'wrong_password',
        'too_many_tries',
        'too_many',
        'forbidden',
        'wrong_state',
      ),
    },
    async (request) => {
      const { actor, ...caller } = callerOf(request);
      const { user, secret } = requireAppBegun(caller.user);
      await guard(deps.guesses, request, toConfirmed(user), () =>
        requireCode(deps, user, secret, request.body.code),
      );
      return { codes: [...(await confirmApp(deps.store, user, actor))] };
    },
  );
}

function makeRecoveryCodes(api: Api, deps: OwnSessionApiDeps): void {
  api.post(
    '/session/totp/recovery-codes',
    {
      ...needs('viewer'),
      schema: describe(
        'Make other recovery codes in the place of those that are left',
        'session',
        { body: PasswordBody },
        { 200: RecoveryCodesAnswer },
        'wrong_password',
        'too_many_tries',
        'too_many',
        'forbidden',
        'wrong_state',
      ),
    },
    async (request) => {
      const { user, actor } = await requireUser(deps, request, request.body.password);
      return { codes: [...(await renewRecoveryCodes(deps.store, user, actor))] };
    },
  );
}

function takeAppAway(api: Api, deps: OwnSessionApiDeps): void {
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
      const { user, actor } = await requireUser(deps, request, request.body.password);
      await removeApp(deps.store, user, actor);
      return reply.code(204).send(null);
    },
  );
}

/** The user of a session, who has shown that it is really him. */
async function requireUser(
  { guesses, passwords }: OwnSessionApiDeps,
  request: FastifyRequest,
  password: string,
): Promise<{ user: User; actor: Actor }> {
  const { user, actor } = callerOf(request);
  if (user === null) throw new FaultError('forbidden', 'key_no_password');
  if (user.identity !== null) throw new FaultError('forbidden', 'company_no_password');
  // Whoever sits before a session that another began has to guess as slowly as at the door.
  await guard(guesses, request, toConfirmed(user), async () => {
    if (!(await passwords.verify(password, user.password, toVisitor(request.ip), true)))
      throw new FieldError(
        'wrong_password',
        'password',
        `password: ${faultTexts.password_wrong}`,
        faultOf('password_wrong'),
      );
  });
  return { user, actor };
}
