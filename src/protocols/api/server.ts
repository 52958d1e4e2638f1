// The admin API: everything the console and the command line do goes through it, over the same store verbs as everyone.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import cookie from '@fastify/cookie';
import swagger from '@fastify/swagger';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { GatewayError } from '../../domain/errors.ts';
import { answerProblems } from '../../http/problem.ts';
import { hardenAnswers } from '../../http/server.ts';
import { sendUnchanging, toUnchanging } from '../../http/fixed-answer.ts';
import type { Unchanging } from '../../http/fixed-answer.ts';
import type { Emit } from '../../telemetry/events.ts';
import { accountApi } from './account.ts';
import { traceAnswers } from './spans.ts';
import { requireAccess } from './access.ts';
import type { Access } from './access.ts';
import { accountOf, requireCaller } from './auth.ts';
import { consoleHeader } from './cookies.ts';
import { channelApi } from './channels.ts';
import { countApi } from './counts.ts';
import { exportApi } from './exports.ts';
import { connectApi } from './channel-connection.ts';
import { deliveryApi } from './deliveries.ts';
import { destinationSecretApi } from './destination-secrets.ts';
import { destinationRateApi } from './destination-rates.ts';
import { destinationTrialApi } from './destination-trials.ts';
import { destinationApi } from './destinations.ts';
import { companySignInApi } from './company-sign-in.ts';
import { toOpenApi, toOperationId } from './openapi.ts';
import type { OpenApiDocument } from './openapi.ts';
import { keyApi } from './keys.ts';
import { limitApi } from './limits.ts';
import { lookupApi } from './lookup.ts';
import { messageApi } from './messages.ts';
import { firstStepsApi } from './first-steps.ts';
import { overviewApi } from './overview.ts';
import { toPostman } from './postman.ts';
import { portalLinkApi } from './portal-links.ts';
import { portalApi } from './portal.ts';
import { queueMessageApi } from './queue-messages.ts';
import { queueApi } from './queues.ts';
import { erasureApi } from './erasures.ts';
import { rawEventApi } from './raw-events.ts';
import { payloadApi } from './payloads.ts';
import { receiptApi } from './receipts.ts';
import { senderApi } from './senders.ts';
import { keptSessionApi } from './kept-sessions.ts';
import { ownSessionApi } from './sessions.ts';
import { signInApi } from './sign-in.ts';
import { clockApi } from './clock.ts';
import { settingApi } from './settings.ts';
import { sandboxApi } from './sandbox.ts';
import { tailApi } from './tail.ts';
import { adoptionApi } from './template-import.ts';
import { templateReviewApi } from './template-reviews.ts';
import { templateApi } from './templates.ts';
import { noticeTargetApi } from './notice-targets.ts';
import { userApi } from './users.ts';
import { refuseUnreadConditions } from './versions.ts';
import { workerApi } from './workers.ts';
import { webhookApi } from './webhook-settings.ts';

/** The routes for callers alone, in the order in which the document lists them. */
const guardedRoutes = [
  ownSessionApi,
  keptSessionApi,
  userApi,
  noticeTargetApi,
  keyApi,
  accountApi,
  limitApi,
  channelApi,
  connectApi,
  senderApi,
  webhookApi,
  overviewApi,
  firstStepsApi,
  messageApi,
  countApi,
  exportApi,
  lookupApi,
  tailApi,
  settingApi,
  clockApi,
  workerApi,
  templateApi,
  templateReviewApi,
  adoptionApi,
  sandboxApi,
  receiptApi,
  payloadApi,
  rawEventApi,
  erasureApi,
  deliveryApi,
  destinationApi,
  destinationSecretApi,
  destinationRateApi,
  destinationTrialApi,
  queueApi,
  queueMessageApi,
  portalLinkApi,
  portalApi,
] as const;

/** What several routes work with together: all that each of them asks for. */
type DepsOf<Offer> = [Offer] extends [(api: never, deps: infer Deps) => void] ? Deps : never;

/** What the admin API works with. */
export type ApiRoutesDeps = DepsOf<(typeof guardedRoutes)[number] | typeof signInApi | typeof requireCaller>;

/** Serves /api/v1 to callers with an access key (HTTP Basic) or a session's cookie, and its OpenAPI document to everyone. */
export function apiRoutes(app: FastifyInstance, deps: ApiRoutesDeps): void {
  void app.register(
    async (scope) => {
      hardenAnswers(scope);
      answerProblems(scope, deps.emit);
      scope.setValidatorCompiler(TypeBoxValidatorCompiler);
      // Answers are built member by member and checked by their types; the schemas describe them.
      scope.setSerializerCompiler(() => JSON.stringify);
      countAnswers(scope, deps.emit);
      if (deps.tracing !== undefined) traceAnswers(scope, deps.tracing);
      await scope.register(cookie);
      await scope.register(swagger, toSwaggerOptions(deps.version));
      serveDocuments(scope, deps);
      const routes = collectRoutes(scope);
      signInApi(scope.withTypeProvider<TypeBoxTypeProvider>(), deps);
      companySignInApi(scope.withTypeProvider<TypeBoxTypeProvider>(), deps);
      await scope.register(async (guarded) => {
        requireCaller(guarded, deps);
        requireAccess(guarded);
        refuseUnreadConditions(guarded);
        takeEmptyBodies(guarded);
        const api = guarded.withTypeProvider<TypeBoxTypeProvider>();
        for (const offer of guardedRoutes) offer(api, deps);
        refuseOtherMethods(guarded, routes);
      });
    },
    { prefix: '/api/v1' },
  );
}

/** The OpenAPI document and the same as a Postman collection, each made once, when somebody asks for the first time. */
function serveDocuments(scope: FastifyInstance, { consoleUrl }: ApiRoutesDeps): void {
  const makeDocument = async (): Promise<OpenApiDocument> => {
    const [{ descriptions }, { examples }] = await Promise.all([
      import('./descriptions.ts'),
      import('./examples.ts'),
    ]);
    return toOpenApi(scope, { descriptions, examples }, consoleUrl());
  };
  let document: Promise<OpenApiDocument> | undefined;
  for (const [path, toText] of [
    ['/openapi.json', (made: OpenApiDocument) => JSON.stringify(made)],
    ['/postman.json', (made: OpenApiDocument) => JSON.stringify(toPostman(made))],
  ] as const) {
    let answer: Promise<Unchanging> | undefined;
    scope.get(path, { schema: { hide: true } }, async (request, reply) => {
      document ??= makeDocument();
      answer ??= document.then((made) => toCompressed('application/json; charset=utf-8', toText(made)));
      reply.header('cache-control', 'no-cache');
      return sendUnchanging(request, reply, await answer);
    });
  }
}

async function toCompressed(type: string, text: string): Promise<Unchanging> {
  const plain = Buffer.from(text);
  return toUnchanging(type, plain, [['gzip', await promisify(gzip)(plain)]]);
}

function toSwaggerOptions(version: string): Parameters<typeof swagger>[1] {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Chasqui admin API',
        version,
        description: 'Channels, webhook settings, receipts, deliveries, destinations, queues and keys.',
      },
      components: {
        securitySchemes: {
          accessKey: { type: 'http', scheme: 'basic', description: 'Access key id and secret.' },
          portalLink: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'Of a portal link; opens the routes below /portal and no others.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'chasqui',
            description: `Of the console; what changes anything needs the header ${consoleHeader}: 1 as well.`,
          },
        },
      },
      security: [{ accessKey: [] }, { session: [] }],
    },
    transform: ({ schema, url, route }) => ({
      schema: {
        ...schema,
        operationId: toOperationId(String(route.method), url),
        ...toAccessNotes(route.config?.access),
      },
      url,
    }),
  };
}

/** Who may call it, for readers of the document and for clients that show only what one may do. */
function toAccessNotes(access: Access | undefined): Record<string, unknown> {
  if (access === undefined) return {};
  if (access.portal !== undefined) return { 'x-portal': access.portal, security: [{ portalLink: [] }] };
  return { 'x-role': access.role, ...(access.keys.length === 0 ? {} : { 'x-key-roles': access.keys }) };
}

function countAnswers(scope: FastifyInstance, emit: Emit): void {
  scope.addHook('onResponse', (request, reply, done) => {
    emit('api.served', {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      accountId: accountOf(request),
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
    });
    done();
  });
}

/** A POST whose members are all optional may come without a body. */
function takeEmptyBodies(scope: FastifyInstance): void {
  scope.addHook('preValidation', (request, _reply, done) => {
    if (request.method === 'POST') request.body ??= {};
    done();
  });
}

const methods: readonly HTTPMethods[] = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'];

function collectRoutes(scope: FastifyInstance): Map<string, string[]> {
  const routes = new Map<string, string[]>();
  scope.addHook('onRoute', ({ path, routePath, method, schema }) => {
    if (schema?.hide === true) return;
    const known = routes.get(routePath || path) ?? [];
    routes.set(routePath || path, [...known, ...[method].flat()]);
  });
  return routes;
}

function refuseOtherMethods(scope: FastifyInstance, routes: ReadonlyMap<string, readonly string[]>): void {
  for (const [url, allowed] of [...routes]) {
    scope.route({
      url,
      method: methods.filter((method) => !allowed.includes(method)),
      exposeHeadRoute: false,
      schema: { hide: true },
      // Before the body is read.
      onRequest: (_request, reply, done) => {
        reply.header('allow', allowed.join(', '));
        done(new GatewayError('method_not_allowed'));
      },
      // Never reached: the hook above has refused.
      handler: () => undefined,
    });
  }
}
