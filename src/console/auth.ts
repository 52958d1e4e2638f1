import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AccessKey, Actor } from '../domain/account.ts';
import { GatewayError } from '../domain/errors.ts';
import { authenticateBasic } from '../http/basic-auth.ts';
import type { Directory } from '../store/directory.ts';

const callers = new WeakMap<FastifyRequest, AccessKey>();

/** Lets only requests with an active access key's id and secret into a scope; others are answered 401. */
export function requireKey(scope: FastifyInstance, directory: Directory): void {
  scope.addHook('onRequest', async (request) => {
    const key = await authenticateBasic(request.headers.authorization, (id) => directory.key(id));
    callers.set(request, key);
  });
}

/** The key that a request came with. Throws `unauthorized` outside of a scope of {@link requireKey}. */
export function callerOf(request: FastifyRequest): AccessKey {
  const key = callers.get(request);
  if (key === undefined) throw new GatewayError('unauthorized');
  return key;
}

export function accountOf(request: FastifyRequest): number | null {
  return callers.get(request)?.accountId ?? null;
}

/** Who a change is recorded as made by. */
export function actorOf(request: FastifyRequest): Actor {
  return { kind: 'key', id: callerOf(request).id };
}
