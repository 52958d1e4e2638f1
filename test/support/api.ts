import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import type { TSchema } from '@fastify/type-provider-typebox';
import { Value } from 'typebox/value';
import type { Connector } from '../../src/channels/channel.ts';
import { createPortalTokens } from '../../src/core/accounts/portal-links.ts';
import { Passwords } from '../../src/core/accounts/passwords.ts';
import { openLiveSettings, toSettingActions } from '../../src/compose/live-settings.ts';
import { loadSettings } from '../../src/config/sources.ts';
import { createConnections } from '../../src/core/channels/enquiries.ts';
import { createReceiptRenderer } from '../../src/core/receipts/rendering.ts';
import { createSandboxConnector } from '../../src/channels/sandbox/connector.ts';
import { apiRoutes } from '../../src/protocols/api/server.ts';
import type { ApiRoutesDeps } from '../../src/protocols/api/server.ts';
import type { ChannelType } from '../../src/domain/channel.ts';
import { tried } from '../../src/domain/findings.ts';
import type { EventName, Events } from '../../src/telemetry/events.ts';
import { Activity } from '../../src/runtime/activity.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';
import { Lockout } from '../../src/http/lockout.ts';
import { openHttpServer } from '../../src/http/server.ts';
import { rereadRemarked } from '../../src/core/receipts/remark-reread.ts';
import { playInbound, playStatus } from '../../src/protocols/hooks/sandbox.ts';
import { record } from '../../src/core/receipts/record.ts';
import { adoptTemplates, planAdoption } from '../../src/core/templates/import.ts';
import { createMediaLinks } from '../../src/core/media/links.ts';
import { createUploadLinks } from '../../src/core/media/upload-links.ts';
import { decideReview } from '../../src/core/templates/reviews.ts';
import { cheapGuesses } from './guesses.ts';
import { openTestStore } from './store.ts';
import type { TestStore, TestStoreOptions } from './store.ts';

export interface Called {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly json: Record<string, unknown>;
}

export interface ApiTest extends TestStore {
  readonly app: FastifyInstance;
  readonly events: { readonly name: EventName; readonly fields: Events[EventName] }[];
  readonly routesAdded: string[];
  /** Method and URL of every route that is not hidden from the document. */
  readonly routes: string[];
  /** Calls `/api/v1` + path, with the first account's key unless another `key` is given. */
  readonly call: (
    method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    key?: { readonly id: string; readonly secret: string } | null,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Called>;
  /** Adds an account and gives its key. */
  readonly addAccount: (id: number) => Promise<{ readonly id: string; readonly secret: string }>;
}

/** Serves the admin API over a store in memory. Callback URLs at `inside.example` are refused. */
export async function openApiTest({
  connectors = {},
  opening = {},
  ...deps
}: Partial<ApiRoutesDeps> & {
  /** Which store it serves; one of its own when left out. */
  readonly opening?: TestStoreOptions;
  readonly connectors?: Partial<Record<ChannelType, Connector>>;
} = {}): Promise<ApiTest> {
  const test = await openTestStore(opening);
  const events: ApiTest['events'] = [];
  const routesAdded: string[] = [];
  const emit: ApiRoutesDeps['emit'] = (name, fields) => void events.push({ name, fields });
  const app = openHttpServer({ emit, monotonic: monotonicNow });
  const routes: string[] = [];
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema?.hide === true || !url.startsWith('/api/')) return;
    for (const name of [method].flat()) if (name !== 'HEAD') routes.push(`${name} ${url}`);
  });
  const undocumented: string[] = [];
  app.addHook('onSend', async (request, reply, payload) => {
    const fault = toFault(request.routeOptions.schema?.response, reply.statusCode, payload);
    if (fault !== undefined) undocumented.push(`${request.method} ${request.url}: ${fault}`);
  });
  const publicUrl = (): string => 'https://chasqui.example';
  const keys = { masterKey: Buffer.alloc(32, 7), publicUrl, now: test.clock.now };
  const links = createMediaLinks({ ...keys, lifeMs: 86_400_000 });
  const acceptance = {
    ...test,
    now: test.clock.now,
    uploads: createUploadLinks({ ...keys, links, store: test.store }),
    settings: { ttlMs: 86_400_000, oncePerTask: false, hasSmsGateway: false },
  };
  const nothingGoesOut = { get: () => Promise.reject(new Error('Nothing goes out.')) };
  const sandbox = createSandboxConnector({ client: nothingGoesOut, now: test.clock.now });
  const renderReceipt = createReceiptRenderer({
    mediaUrl: (...media) => links.url(...media),
    groupIds: false,
  });
  const recording = {
    ...test,
    connectors: { sandbox, ...connectors },
    renderReceipt,
    emit,
    now: test.clock.now,
    raiseNotice: () => undefined,
    onHeld: () => undefined,
    removeMedia: async () => undefined,
    damage: () => null,
  };
  let secrets = 0;
  const started = loadSettings({ options: {}, env: { PORT: '8080' } });
  const { live, settings } = await openLiveSettings(
    { ...started, emit, telemetry: { setLevel: () => undefined }, releases: { add: () => undefined } },
    test.store,
  );
  apiRoutes(app, {
    store: test.store,
    directory: test.directory,
    rates: test.rates,
    messageQuota: test.messageQuota,
    fileQuota: test.fileQuota,
    passwords: new Passwords(cheapGuesses),
    guesses: new Lockout(test.clock.monotonic),
    emit,
    raiseNotice: () => undefined,
    now: test.clock.now,
    monotonic: test.clock.monotonic,
    version: '0.0.0',
    workers: () => [new Activity({ name: 'reviews', everyMs: 1000, ...test.clock }).status()],
    time: { doubt: () => null, held: () => [], confirm: async () => undefined },
    decideReview: (owner, template, decision) =>
      decideReview(
        {
          ...recording,
          store: test.store,
          record: (channel, body, parsed) => record(recording, channel, body, parsed),
        },
        owner,
        template,
        decision,
      ),
    simulate: {
      inbound: (channel, sender, event) => playInbound(recording, channel, sender, event),
      status: (channel, sender, event) => playStatus(recording, channel, sender, event),
    },
    acceptance,
    notices: {
      operatorTargets: [],
      hasMail: true,
      sendTest: async () => ({ kind: 'told' }),
    },
    settings: toSettingActions({ ...started, settings, live }),
    sessions: {
      get idleMs() {
        return settings.sessionIdleMinutes * 60_000;
      },
      get lifeMs() {
        return settings.sessionHours * 60 * 60_000;
      },
    },
    tail: { readers: 10, readersPerAccount: 6 },
    publicUrl,
    consoleUrl: publicUrl,
    portalTokens: createPortalTokens(keys),
    portalUrl: () => `${publicUrl()}/portal/`,
    company: null,
    checkUrl: async (url) => (url.includes('inside.example') ? 'the address points inside.' : null),
    reread: (entry) => rereadRemarked({ ...recording, store: test.store, receiptMs: 90 * 86_400_000 }, entry),
    findHostWithoutAddress: async (url) => (url.includes('unmade.example') ? new URL(url).host : null),
    onRouteAdded: (type, route) => routesAdded.push(`${type} ${route.by} ${route.id}`),
    render: async (receipt) => renderReceipt(receipt, await test.directory.channel(receipt.channelId)),
    mediaUrl: (...media) => links.url(...media),
    preflight: async () => ({
      grade: 'A',
      text: 'Ready.',
      checks: [{ name: 'tls', result: 'ok', ...tried('tls_there', {}) }],
    }),
    sendTestEvent: async (destination) => ({
      request: { url: destination.url, headers: { 'webhook-id': 'test' }, body: '[]' },
      attempt: { at: test.clock.now(), durationMs: 1.5, status: 200, outcome: 'accepted', answer: 'ok' },
    }),
    planAdoption: (channel, options) =>
      planAdoption({ store: test.store, connectors: { sandbox, ...connectors } }, channel, options),
    adoptTemplates: (channel, options) =>
      adoptTemplates(
        {
          store: test.store,
          connectors: { sandbox, ...connectors },
          emit,
          now: test.clock.now,
          monotonic: test.clock.monotonic,
          record: (owner, body, parsed) => record(recording, owner, body, parsed),
        },
        channel,
        options,
      ),
    connections: createConnections({
      store: test.store,
      connectors,
      now: test.clock.now,
      publicUrl,
      findVendorUrl: () => undefined,
    }),
    removeMedia: async () => undefined,
    damage: () => null,
    generateSecret: () => `whsec_${Buffer.alloc(32, ++secrets).toString('base64')}`,
    ...deps,
  });
  await app.ready();
  return {
    ...test,
    app,
    events,
    routesAdded,
    routes,
    call: async (method, path, body, key = test.key, headers = {}) => {
      const basic = key === null ? '' : Buffer.from(`${key.id}:${key.secret}`).toString('base64');
      const answer = await app.inject({
        method,
        url: `/api/v1${path}`,
        headers: {
          ...headers,
          ...(key !== null && { authorization: `Basic ${basic}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { payload: JSON.stringify(body) }),
      });
      assert.deepEqual(undocumented, [], 'each answer is as the document says');
      const isJson = /[/+]json\b/.test(String(answer.headers['content-type']));
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: answer.body,
        json: isJson ? answer.json<Record<string, unknown>>() : {},
      };
    },
    addAccount: async (id) => {
      const actor = { kind: 'system', id: 'test' } as const;
      await test.store.createAccount({ id, name: 'Other' }, actor);
      const key = { id: `key${id}`, secret: `secret${id}` };
      await test.store.createKey({ ...key, accountId: id }, actor);
      return key;
    },
    close: async () => {
      await app.close();
      await test.close();
    },
  };
}

/** What is wrong with an answer by the schemas of its route; undefined when nothing is. */
function toFault(response: unknown, status: number, payload: unknown): string | undefined {
  if (response === undefined) return undefined;
  const schema = (response as Record<number, (TSchema & { content?: object }) | undefined>)[status];
  // 405 has no route of its own in the document.
  if (schema === undefined) return status === 405 ? undefined : `${status} is not in the document`;
  if (schema.content !== undefined || typeof payload !== 'string') return undefined;
  const [error] = Value.Errors(schema, JSON.parse(payload || 'null'));
  return error === undefined ? undefined : `${status} ${error.instancePath} ${error.message}`;
}
