import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../src/domain/errors.ts';
import { openHttpServer } from '../../src/http/server.ts';
import type { HttpSettings } from '../../src/http/server.ts';
import type { EventName } from '../../src/telemetry/events.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

/** A listener on loopback, with a few routes to ask. */
export interface Listener {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly events: EventName[];
}

/** Opens a listener with short limits; `addRoutes` adds what a test needs. */
export async function listen(
  t: TestContext,
  settings: Partial<HttpSettings> = {},
  addRoutes: (app: FastifyInstance) => void = () => undefined,
): Promise<Listener> {
  const events: EventName[] = [];
  const app = openHttpServer({
    emit: (name) => void events.push(name),
    monotonic: monotonicNow,
    closeGraceMs: 100,
    checkIntervalMs: 20,
    ...settings,
  });
  app.get('/echo', (request) => ({
    url: request.url,
    originalUrl: request.originalUrl,
    ip: request.ip,
    query: request.query,
  }));
  app.post('/echo', (request) => ({ body: request.body }));
  app.get('/fault', () => {
    throw new GatewayError('conflict', 'The id is taken.');
  });
  app.get('/bug', () => {
    throw new Error('secret detail 4915112345678');
  });
  app.get('/never', () => new Promise(() => undefined));
  addRoutes(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  return { app, port: (app.server.address() as AddressInfo).port, events };
}

/** The time of a listener, which goes on by the test's word alone. */
interface ListenerClock {
  readonly monotonic: () => number;
  /** Lets so many milliseconds pass; resolves once the listener has looked at its connections since. */
  readonly pass: (ms: number) => Promise<void>;
}

export function createListenerClock(): ListenerClock {
  let at = 0;
  let readings = 0;
  return {
    monotonic: () => {
      readings += 1;
      return at;
    },
    pass: async (ms) => {
      at += ms;
      // The first may be of a look that had begun before.
      const seen = readings + 2;
      while (readings < seen) await new Promise(setImmediate);
    },
  };
}

/** A connection to it that is closed with the test. */
export function dial(t: TestContext, port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  return socket;
}

/** All that comes until the connection is closed. */
export async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}
