import type { FastifyInstance } from 'fastify';
import { hardenAnswers } from '../http/server.ts';
import { healthRoutes } from '../operations/health.ts';
import type { HealthDeps } from '../operations/health.ts';

/** Serves health and metrics, with answers that a browser does nothing with but show them. */
export function serveHealth(app: FastifyInstance, deps: HealthDeps): void {
  void app.register((scope, _options, done) => {
    hardenAnswers(scope);
    healthRoutes(scope, deps);
    done();
  });
}
