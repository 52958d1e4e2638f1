// Signing in by the company's provider: off to it, and back. What it says is looked into in the core.
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pendingMs } from '../../core/accounts/company-sign-in.ts';
import { GatewayError, notFound, SignInError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { toVisitor } from '../../http/addresses.ts';
import type { Guessed } from '../../http/lockout.ts';
import type { Events } from '../../telemetry/events.ts';
import { checkOrigin, setPending, takePending } from './cookies.ts';
import type { ApiDeps } from './deps.ts';
import { guard } from './guesses.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { CompanySignInAnswer } from './schemas-users.ts';
import { handSession, toUserOwner } from './sign-in.ts';

type CompanyApiDeps = ApiDeps<'createSession' | 'findUser'>;
type Company = NonNullable<CompanyApiDeps['company']>;

/** Both are for those who have no session yet. */
const open = { security: [] };

/** What counts together of one visitor: answers of the provider that were none. */
const answers: Guessed = { kind: 'machine', name: 'company' };

export function companySignInApi(api: Api, deps: CompanyApiDeps): void {
  leave(api, deps);
  comeBack(api, deps);
}

function leave(api: Api, deps: CompanyApiDeps): void {
  api.post(
    '/session/company',
    {
      schema: {
        ...describe(
          "Begin to sign in by the company's provider, in a browser",
          'session',
          {},
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
      const { url, kept } = await told(deps, 'begun', () => company.signIn.begin());
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
          "Come back from the company's provider: signs in, and goes to the console, which tells what went wrong",
          'session',
          {},
          {
            303: Type.Null({
              description: 'The console, with `sign_in`: `done`, or the code of what went wrong.',
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

/** Begins the session of whoever came back. Throws what says why it did not. */
async function signIn(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: CompanyApiDeps,
  { signIn: company }: Company,
): Promise<void> {
  const kept = takePending(request, reply, deps.consoleUrl());
  const target = request.originalUrl;
  const search = target.includes('?') ? target.slice(target.indexOf('?')) : '';
  const user = await told(deps, 'returned', () =>
    guard(deps.guesses, request, answers, () => company.finish(search, kept, toVisitor(request.ip))),
  );
  await handSession(request, reply, deps, toUserOwner(user));
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
