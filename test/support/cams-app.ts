import type { FastifyInstance } from 'fastify';
import { createCams } from '../../src/protocols/cams/server.ts';
import type { CamsDeps } from '../../src/protocols/cams/server.ts';
import { serveFront } from '../../src/http/front.ts';
import { openHttpServer } from '../../src/http/server.ts';
import { createMediaLinks } from '../../src/core/media/links.ts';
import { createUploadLinks } from '../../src/core/media/upload-links.ts';
import type { UploadLinks } from '../../src/core/media/upload-links.ts';
import { signAcs3, signRpc } from './cams-client.ts';
import type { CallOptions, CamsKey, SignedCall } from './cams-client.ts';
import { openTestStore } from './store.ts';
import type { TestStore } from './store.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

export interface CamsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The answer as JSON; empty for XML. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CamsApp extends TestStore {
  readonly app: FastifyInstance;
  readonly uploads: UploadLinks;
  readonly send: (call: SignedCall) => Promise<CamsAnswer>;
  /** Calls as the current SDKs do, with the test account's key. */
  readonly call: (
    action: string,
    values: Readonly<Record<string, string>>,
    options?: CallOptions & { readonly key?: CamsKey },
  ) => Promise<CamsAnswer>;
  /** Calls as older clients do. */
  readonly callRpc: (
    action: string,
    values: Readonly<Record<string, string>>,
    options?: CallOptions & { readonly key?: CamsKey },
  ) => Promise<CamsAnswer>;
}

/** A server that speaks CAMS and nothing else, over the test store. */
export async function openCamsApp(options: Partial<CamsDeps> = {}): Promise<CamsApp> {
  const emit = options.emit ?? (() => undefined);
  const test = await openTestStore({ emit });
  const app = openHttpServer({ emit, monotonic: monotonicNow });
  const publicUrl = (): string => 'http://localhost';
  const keys = { masterKey: Buffer.alloc(32, 7), publicUrl, now: test.clock.now };
  const links = createMediaLinks({ ...keys, lifeMs: 86_400_000 });
  const uploads = createUploadLinks({ ...keys, links, store: test.store });
  const route = createCams({
    ...test,
    emit,
    now: test.clock.now,
    checkUrl: async (url) => (/^https?:\/\//.test(url) ? null : 'it has to begin with http:// or https://'),
    raiseNotice: () => undefined,
    onRouteAdded: () => undefined,
    findHostWithoutAddress: async (url) => (url.includes('unmade.example') ? new URL(url).host : null),
    publicUrl,
    uploads,
    findSenders: async () => undefined,
    throttles: false,
    maxNonces: 1_000_000,
    settings: { businessErrorStatus: 200, ttlMs: 86_400_000, oncePerTask: false, hasSmsGateway: false },
    ...options,
  });
  serveFront(app, route);

  const send = async ({ method, target, headers, body }: SignedCall): Promise<CamsAnswer> => {
    const answer = await app.inject({ method, url: target, headers, payload: body });
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      body: isJson ? (JSON.parse(answer.body) as Record<string, unknown>) : {},
    };
  };
  return {
    ...test,
    app,
    uploads,
    send,
    call: (action, values, { key = test.key, ...rest } = {}) =>
      send(signAcs3(key, action, values, { time: test.clock.now(), ...rest })),
    callRpc: (action, values, { key = test.key, ...rest } = {}) =>
      send(signRpc(key, action, values, { time: test.clock.now(), ...rest })),
    close: async () => {
      await app.close();
      await test.close();
    },
  };
}
