// What is answered while the store is not open yet: a damaged one is saved first, and a schema is brought up to date. Whoever asks for
// health would otherwise take the service for dead, restart it in the middle, and have it begin again.
import type { FastifyInstance } from 'fastify';
import type { Stopwatch } from '../runtime/clock.ts';
import { GatewayError } from '../domain/errors.ts';
import { serveHealth } from './health.ts';

/** A start that is over by then opens no other listener first. */
const soonMs = 1000;

export interface MeanwhileDeps extends Stopwatch {
  /** Makes a listener that has no routes. */
  readonly openListener: () => FastifyInstance;
  readonly host: string;
  /** The port that health is asked on, and another one where that is apart. */
  readonly healthPort: number;
  readonly otherPort: number | null;
}

/**
 * Serves health on the service's ports from a moment on, not ready and with the reason, and refuses all else with 503 and
 * `Retry-After`, until what it returns is called; once that has resolved the ports are free. A port that cannot be had is
 * told by the real listener.
 */
export function answerMeanwhile(deps: MeanwhileDeps): () => Promise<void> {
  const apps: FastifyInstance[] = [];
  let listening: Promise<unknown> = Promise.resolve();
  const timer = setTimeout(() => {
    const ports = [deps.healthPort, ...(deps.otherPort === null ? [] : [deps.otherPort])];
    listening = Promise.allSettled(
      ports.map((port) => {
        const app = openRefusing(deps, port === deps.healthPort);
        apps.push(app);
        return app.listen({ host: deps.host, port });
      }),
    );
  }, soonMs);
  return async () => {
    clearTimeout(timer);
    await listening;
    await Promise.all(apps.map((app) => app.close()));
  };
}

function openRefusing(deps: MeanwhileDeps, hasHealth: boolean): FastifyInstance {
  const app = deps.openListener();
  const refuse = (): never => {
    throw new GatewayError(
      'store_unavailable',
      'The store is being opened, or what can be read of a damaged one is being saved. Try again later.',
    );
  };
  if (hasHealth)
    serveHealth(app, {
      store: { probe: async () => refuse() },
      monotonic: deps.monotonic,
      // What they count is in the store.
      metricsText: async () => refuse(),
    });
  // Before a body is read.
  app.all('/*', { onRequest: async () => refuse() }, refuse);
  return app;
}
