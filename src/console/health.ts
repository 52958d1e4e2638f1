import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.ts';
import { hardenAnswers } from '../http/server.ts';
import type { Store } from '../store/store.ts';

export interface HealthDeps {
  readonly store: Pick<Store, 'probe'>;
  readonly now: () => number;
  /** Why the clock may not be worked by. */
  readonly doubt?: Clock['doubt'];
  /** All metrics in Prometheus text form. */
  readonly metricsText: () => Promise<string>;
  /** What is known of damage to the store; null when nothing is. */
  readonly damage?: () => { readonly kept: readonly string[] } | null;
  /** How long a commit may take before the service counts as not ready. */
  readonly probeTimeoutMs?: number;
}

/** A burst of probes costs one commit. */
const probeAgeMs = 1000;

/**
 * Serves `/health/live` (the process answers), `/health/ready` (200 when a commit reached the disk within the last second
 * or just now and the clock is sound, else 503; its `status` is `degraded` while the store takes work but was damaged) and
 * `/metrics`. None needs a key: keep them off the public network with ADMIN_PORT or a proxy.
 */
export function healthRoutes(app: FastifyInstance, deps: HealthDeps): void {
  const isReady = createReadiness(deps);
  void app.register((scope, _options, done) => {
    hardenAnswers(scope);
    scope.get('/health/live', (_request, reply) => reply.send({ status: 'live' }));
    scope.get('/health/ready', async (_request, reply) => {
      const doubt = deps.doubt?.() ?? null;
      if (doubt !== null) return reply.code(503).send({ status: 'not ready', reason: doubt.text });
      const ready = await isReady();
      if (!ready) return reply.code(503).send({ status: 'not ready' });
      // Still 200: whoever takes a damaged store out of service refuses what could be taken in, and repairs nothing.
      const damage = deps.damage?.() ?? null;
      return reply.send(
        damage === null
          ? { status: 'ready' }
          : { status: 'degraded', reason: 'store_damaged', kept: damage.kept },
      );
    });
    let metrics: Promise<Buffer> | undefined;
    scope.get('/metrics', async (_request, reply) => {
      // Those who ask at once are answered with one text: gathering it asks the store.
      metrics ??= deps
        .metricsText()
        .then((text) => Buffer.from(text))
        .finally(() => (metrics = undefined));
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics);
    });
    done();
  });
}

function createReadiness({ store, now, probeTimeoutMs = 2000 }: HealthDeps): () => Promise<boolean> {
  let answer: Promise<boolean> = Promise.resolve(false);
  let askedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - askedAt < probeAgeMs) return answer;
    askedAt = now();
    answer = within(store.probe(), probeTimeoutMs);
    return answer;
  };
}

/** Whether work is done within the time; a failure is a no. */
function within(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(false);
    }, timeoutMs);
    void work
      .then(
        () => true,
        () => false,
      )
      .then((done) => {
        clearTimeout(timer);
        resolve(done);
      });
  });
}
