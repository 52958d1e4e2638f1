// Signing in by the company's provider: off to it, and back. What it says is looked into in the core.
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pendingMs } from '../../core/accounts/company-sign-in.ts';
import { GatewayError, notFound, SignInError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { toVisitor } from '../../http/addresses.ts';
import type { Guessed } from '../../http/lockout.ts';
import type { Events } from '../../telemetry/events.ts';
import { findTokenCaller } from './auth.ts';
import {
  checkOrigin,
  setArrival,
  setPending,
  setToken,
  takeArrival,
  takePending,
  toHash,
} from './cookies.ts';
import type { ApiDeps } from './deps.ts';
import { guard } from './guesses.ts';
import { keepOrEnd } from './kept-sessions.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { CompanySignInAnswer, CompanySignInQuery } from './schemas-users.ts';
import { openSession, toUserOwner } from './sign-in.ts';

type CompanyApiDeps = ApiDeps<
  'createSession' | 'endSession' | 'findSession' | 'findUser' | 'listAccounts' | 'touchSession'
>;
type Company = NonNullable<CompanyApiDeps['company']>;

/** All are for those who have no session yet. */
const open = { security: [] };

/** How long the console may take to bring a session into use once its browser is back; it ends otherwise. */
const arrivalMs = 60_000;

/** What counts together of one visitor: answers of the provider that were none. */
const answers: Guessed = { kind: 'machine', name: 'company' };

export function companySignInApi(api: Api, deps: CompanyApiDeps): void {
  leave(api, deps);
  comeBack(api, deps);
  arrive(api, deps);
}

function leave(api: Api, deps: CompanyApiDeps): void {
  api.post(
    '/session/company',
    {
      schema: {
        ...describe(
          "Begin to sign in by the company's provider, in a browser",
          'session',
          { querystring: CompanySignInQuery },
          { 200: CompanySignInAnswer },
          'not_found',
          'sign_in_unavailable',
          'sign_in_untrusted',
        ),
        ...open,
      },
    },
    async (request, reply) => {
      const company = requireCompany(deps);
      checkOrigin(request, deps.consoleUrl());
      const { url, kept } = await told(deps, 'begun', () =>
        company.signIn.begin(request.query.keep ?? false),
      );
      setPending(reply, kept, pendingMs, deps.consoleUrl());
      return { url };
    },
  );
}

function comeBack(api: Api, deps: CompanyApiDeps): void {
  api.get(
    '/session/company/return',
    {
      exposeHeadRoute: false,
      schema: {
        ...describe(
          "Come back from the company's provider, and go to the console, which signs in or tells what went wrong",
          'session',
          {},
          {
            303: Type.Null({
              description:
                'The console, with `sign_in`: `done`, whereupon it calls `POST /session/company/finish`, or the code of what went wrong.',
            }),
          },
          'not_found',
        ),
        ...open,
      },
    },
    async (request, reply) => {
      const company = requireCompany(deps);
      const outcome = await signIn(request, reply, deps, company).then(() => 'done' as const, toCode);
      return reply.redirect(`/console/?sign_in=${outcome}`, 303);
    },
  );
}

function arrive(api: Api, deps: CompanyApiDeps): void {
  api.post(
    '/session/company/finish',
    {
      schema: {
        ...describe(
          'Sign in as who has just come back, in the place of the session that the browser uses or beside it',
          'session',
          {},
          { 204: NoContent },
          'forbidden',
          'not_found',
          'sign_in_over',
        ),
        ...open,
      },
    },
    async (request, reply) => {
      requireCompany(deps);
      const { store, now, sessions } = deps;
      const consoleUrl = deps.consoleUrl();
      checkOrigin(request, consoleUrl);
      const arrival = takeArrival(request, reply, consoleUrl);
      const caller = arrival && (await findTokenCaller(request, arrival.token, deps));
      if (arrival === undefined || caller === undefined)
        throw new SignInError('sign_in_over', 'not come back here');
      const { token, keeps } = arrival;
      await keepOrEnd(request, reply, deps, token.accountId, keeps);
      const at = now();
      await store.touchSession(token.accountId, toHash(token.secret), at, at + sessions.idleMs);
      setToken(request, reply, token, consoleUrl);
      return reply.code(204).send(null);
    },
  );
}

/**
 * Begins the session of whoever came back, which a page of the console brings into use. Throws what says why it did not.
 */
async function signIn(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: CompanyApiDeps,
  { signIn: company }: Company,
): Promise<void> {
  const kept = takePending(request, reply, deps.consoleUrl());
  const target = request.originalUrl;
  const search = target.includes('?') ? target.slice(target.indexOf('?')) : '';
  const { user, keeps } = await told(deps, 'returned', () =>
    guard(deps.guesses, request, answers, () => company.finish(search, kept, toVisitor(request.ip))),
  );
  const sessions = { ...deps.sessions, idleMs: arrivalMs };
  const { token } = await openSession(request, { ...deps, sessions }, toUserOwner(user));
  setArrival(reply, { token, keeps }, arrivalMs, deps.consoleUrl());
}

/** Has a step of a sign-in done, and tells how it went. */
async function told<T>(
  { emit, monotonic }: CompanyApiDeps,
  step: Events['company_sign_in.stepped']['step'],
  take: () => Promise<T>,
): Promise<T> {
  const startedAt = monotonic();
  const tell = (outcome: ErrorCode | 'done', reason: string): void =>
    emit('company_sign_in.stepped', { step, outcome, reason, durationMs: monotonic() - startedAt });
  try {
    const result = await take();
    // Whoever has no key can begin as often as he likes: that is no line of the log each time.
    if (step === 'begun') emit('company_sign_in.begun', { durationMs: monotonic() - startedAt });
    else tell('done', '');
    return result;
  } catch (error) {
    const reason = error instanceof SignInError ? error.reason : '';
    tell(toCode(error), reason);
    if (!(error instanceof GatewayError)) emit('unit.crashed', { unit: 'sign_in', error });
    throw error;
  }
}

function toCode(error: unknown): ErrorCode {
  return error instanceof GatewayError ? error.code : 'internal';
}

/** Throws `not_found` where nobody signs in so. */
function requireCompany({ company }: CompanyApiDeps): Company {
  if (company === null) throw notFound('sign-in');
  return company;
}
