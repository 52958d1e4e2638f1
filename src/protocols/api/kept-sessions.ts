// Sessions of several accounts in one browser: one is in use, the others are kept beside it until their account is switched to.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toAccountId } from '../../domain/account.ts';
import type { AccountId } from '../../domain/account.ts';
import { notFound } from '../../domain/errors.ts';
import { needs } from './access.ts';
import type { Caller } from './access.ts';
import { callerOf, findTokenCaller } from './auth.ts';
import type { SessionAuthDeps } from './auth.ts';
import { maxKept, readKept, readToken, setKept, setToken, toHash } from './cookies.ts';
import type { Token } from './cookies.ts';
import type { ApiDeps } from './deps.ts';
import { describe, NoContent } from './route.ts';
import type { Api } from './route.ts';
import { SwitchBody } from './schemas-users.ts';

type KeptDeps = SessionAuthDeps & { readonly store: Pick<ApiDeps<'endSession'>['store'], 'endSession'> };

/** A kept session that goes on. */
interface Kept {
  readonly token: Token;
  readonly caller: Caller;
}

export function keptSessionApi(api: Api, deps: KeptDeps): void {
  api.post(
    '/session/switch',
    {
      ...needs('viewer'),
      schema: describe(
        'Go on with the session of another account that this browser keeps',
        'session',
        { body: SwitchBody },
        { 204: NoContent },
        'not_found',
        'forbidden',
      ),
    },
    async (request, reply) => {
      const consoleUrl = deps.consoleUrl();
      const current = readToken(request, consoleUrl);
      const kept = callerOf(request).session === null ? [] : await findKept(request, deps);
      const wanted = kept.find(({ token }) => token.accountId === toAccountId(request.body.account));
      if (wanted === undefined || current === undefined) throw notFound('session of this account');
      const rest = kept.filter((one) => one !== wanted).map(({ token }) => token);
      setToken(request, reply, wanted.token, consoleUrl);
      setKept(request, reply, [current, ...rest], consoleUrl);
      return reply.code(204).send(null);
    },
  );
}

/** The kept sessions of a browser that still go on. */
export async function findKept(request: FastifyRequest, deps: SessionAuthDeps): Promise<Kept[]> {
  const found = await Promise.all(
    readKept(request, deps.consoleUrl()).map(async (token) => {
      const caller = await findTokenCaller(request, token, deps);
      return caller && { token, caller };
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** Ends those of a browser. */
export async function endKept(request: FastifyRequest, deps: KeptDeps): Promise<void> {
  for (const { token, caller } of await findKept(request, deps))
    await deps.store.endSession(token.accountId, toHash(token.secret), caller.actor);
}

/**
 * Keeps the session that was in use beside one of another account that begins, when that is wanted; ends it otherwise, so that nobody can
 * have put it there. Sessions of the account that begins, and those that are too many, end too.
 */
export async function keepOrEnd(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: KeptDeps,
  begun: AccountId,
  keep: boolean,
): Promise<void> {
  const current = readToken(request, deps.consoleUrl());
  const caller = current && (await findTokenCaller(request, current, deps));
  const before = current && caller ? [{ token: current, caller }] : [];
  const kept = await findKept(request, deps);
  const stays = [...(keep ? before : []), ...kept]
    .filter(({ token }) => token.accountId !== begun)
    .slice(0, maxKept);
  for (const one of [...before, ...kept].filter((each) => !stays.includes(each)))
    await deps.store.endSession(one.token.accountId, toHash(one.token.secret), one.caller.actor);
  setKept(
    request,
    reply,
    stays.map(({ token }) => token),
    deps.consoleUrl(),
  );
}
