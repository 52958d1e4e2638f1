// The admin API: everything the console and the command line do goes through it, over the same store verbs as everyone.
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { TSchema } from 'typebox';
import type { AccountId, Actor } from '../domain/account.ts';
import type { Sender } from '../domain/channel.ts';
import type { Attempt, Destination } from '../domain/delivery.ts';
import { GatewayError } from '../domain/errors.ts';
import { authenticateBasic } from '../http/basic-auth.ts';
import { FieldError } from '../http/problem.ts';
import { hardenAnswers } from '../http/server.ts';
import type { Directory } from '../store/directory.ts';
import type { PageRequest, Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';
import { accountApi } from './account.ts';
import { channelApi } from './channels.ts';
import { deliveryApi } from './deliveries.ts';
import { destinationApi } from './destinations.ts';
import { queueApi } from './queues.ts';
import { receiptApi } from './receipts.ts';
import { ProblemSchema } from './schemas.ts';
import type { PageQueryOf } from './schemas.ts';

export interface ApiDeps {
  readonly store: Store;
  readonly directory: Directory;
  readonly emit: Emit;
  readonly now: () => number;
  readonly version: string;
  /** Base of the addresses that others follow, without a trailing slash. */
  readonly publicUrl: () => string;
  /** Says why a callback URL cannot be used; null when it can be. */
  readonly checkUrl: (url: string) => Promise<string | null>;
  /** Records what was waiting for a sender, or for a WABA's channel, that has just been added. */
  readonly onRouteAdded: (type: Sender['type'], route: { by: 'sender' | 'waba'; id: string }) => void;
  readonly sendTestEvent: (destination: Destination) => Promise<TestEvent>;
  readonly generateSecret: () => string;
}

/** A test event as it went out and what came back. */
export interface TestEvent {
  readonly request: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly attempt: Attempt;
}

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

const maxPage = 500;

/** Serves /api/v1 and its OpenAPI document, which needs no key. */
export function apiRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.register(
    async (scope) => {
      hardenAnswers(scope);
      await scope.register(swagger, {
        openapi: {
          openapi: '3.1.0',
          info: {
            title: 'Chasqui admin API',
            version: deps.version,
            description: 'Channels, webhook settings, receipts, deliveries, destinations, queues and keys.',
          },
          components: {
            securitySchemes: {
              accessKey: { type: 'http', scheme: 'basic', description: 'Access key id and secret' },
            },
          },
          security: [{ accessKey: [] }],
        },
      });
      scope.addHook('onResponse', (request, reply, done) => {
        const route = request.routeOptions.url ?? 'unknown';
        deps.emit('api.served', {
          method: request.method,
          route,
          accountId: keys.get(request)?.accountId ?? null,
          status: reply.statusCode,
          durationMs: reply.elapsedTime,
        });
        done();
      });
      scope.get('/openapi.json', { schema: { hide: true } }, () => scope.swagger());
      scope.register(async (guarded) => {
        guarded.addHook('onRequest', async (request) => {
          const { id, accountId } = await authenticateBasic(request.headers.authorization, (keyId) =>
            deps.directory.key(keyId),
          );
          keys.set(request, { accountId, actor: { kind: 'key', id } });
        });
        const api = guarded.withTypeProvider<TypeBoxTypeProvider>();
        const context: ApiContext = {
          ...deps,
          who: (request) => {
            const key = keys.get(request);
            if (key === undefined) throw new GatewayError('unauthorized');
            return key;
          },
        };
        accountApi(api, context);
        channelApi(api, context);
        receiptApi(api, context);
        deliveryApi(api, context);
        destinationApi(api, context);
        queueApi(api, context);
      });
    },
    { prefix: '/api/v1' },
  );
  const keys = new WeakMap<FastifyRequest, Caller>();
}

interface Caller {
  readonly accountId: AccountId;
  readonly actor: Actor;
}

export interface ApiContext extends ApiDeps {
  /** Whose request it is. */
  readonly who: (request: FastifyRequest) => Caller;
}

/** The schema of a route, with the problems that every route may answer. */
export function describe<const S extends object>(
  summary: string,
  tag: string,
  schema: S,
  success: Readonly<Record<number, TSchema>>,
) {
  const problem = {
    description: 'A problem (RFC 9457)',
    content: { 'application/problem+json': { schema: ProblemSchema } },
  };
  return { summary, tags: [tag], ...schema, response: { ...success, '4xx': problem, '5xx': problem } };
}

export function toPageRequest({ limit, cursor }: PageQueryOf): PageRequest {
  const count = Number(limit ?? 50);
  if (count < 1 || count > maxPage)
    throw new FieldError('bad_request', 'limit', `limit: has to be 1 to ${maxPage}.`);
  return { limit: count, ...(cursor === undefined ? {} : { cursor }) };
}

/** RFC 3339 of a time in epoch milliseconds. */
export function toTime(at: number): string {
  return new Date(at).toISOString();
}

/** Epoch milliseconds of a member that holds RFC 3339. */
export function fromTime(field: string, text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new FieldError('bad_request', field, `${field}: has to be a time such as 2026-11-01T00:00:00Z.`);
  return at;
}

export function notFound(what: string): GatewayError {
  return new GatewayError('not_found', `There is no such ${what}.`);
}
