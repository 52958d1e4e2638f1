import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AccountId, Actor } from '../domain/account.ts';
import { GatewayError } from '../domain/errors.ts';
import { authenticateBasic } from '../http/basic-auth.ts';
import type { Directory } from '../store/directory.ts';

/** Whose request it is, and who its changes are recorded as made by. */
export interface Caller {
  readonly accountId: AccountId;
  readonly actor: Actor;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Lets only requests with an active access key's id and secret into a scope; others are answered 401. */
export function requireKey(scope: FastifyInstance, directory: Directory): void {
  scope.addHook('onRequest', async (request) => {
    const { id, accountId } = await authenticateBasic(request.headers.authorization, (keyId) =>
      directory.key(keyId),
    );
    callers.set(request, { accountId, actor: { kind: 'key', id } });
  });
}

/** The caller of a request in a scope of {@link requireKey}. Throws `unauthorized` anywhere else. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new GatewayError('unauthorized');
  return caller;
}

/** The account of a request, or null when it was not let in. */
export function accountOf(request: FastifyRequest): AccountId | null {
  return callers.get(request)?.accountId ?? null;
}
