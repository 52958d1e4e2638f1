import type { FastifyInstance } from 'fastify';
import { openHttpServer } from '../../src/http/server.ts';
import { smqRoutes } from '../../src/protocols/smq/server.ts';
import type { SmqDeps } from '../../src/protocols/smq/server.ts';
import { openTestStore } from './store.ts';
import type { TestStore, TestStoreOptions } from './store.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

export interface SmqApp extends TestStore {
  readonly app: FastifyInstance;
  /** Listens on a free port of the loopback interface; resolves to the URL. */
  readonly listen: () => Promise<string>;
}

/** A server that speaks SMQ and nothing else, over the test store. */
export async function openSmqApp(
  options: TestStoreOptions & Partial<Pick<SmqDeps, 'setTimer' | 'settings'>> = {},
): Promise<SmqApp> {
  const test = await openTestStore(options);
  const emit = options.emit ?? (() => undefined);
  const app = openHttpServer({ emit, monotonic: monotonicNow });
  const routes = smqRoutes(app, {
    ...test,
    emit,
    now: test.clock.now,
    settings: options.settings ?? {
      batchSendFaultStatus: 500,
      batchDeleteFaultStatus: 404,
      missingAuthorizationStatus: 400,
      maxWaiting: 2000,
      maxWaitingPerAccount: 2000,
    },
    ...(options.setTimer === undefined ? {} : { setTimer: options.setTimer }),
  });
  app.all('/', {
    onRequest: (request, reply) => routes.handle(request, reply),
    handler: () => undefined,
  });
  return {
    ...test,
    app,
    listen: () => app.listen({ port: 0, host: '127.0.0.1' }),
    close: async () => {
      routes.close();
      await app.close();
      await test.close();
    },
  };
}
