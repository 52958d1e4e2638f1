import type { FastifyInstance } from 'fastify';
import type { Clock, Stopwatch } from '../runtime/clock.ts';
import { version } from '../runtime/release.ts';
import { GatewayError } from '../domain/errors.ts';
import type { Store } from '../store/store.ts';

export interface HealthDeps extends Stopwatch {
  readonly store: Pick<Store, 'probe'>;
  /** Why the clock may not be worked by. */
  readonly doubt?: Clock['doubt'];
  /** All metrics in Prometheus text form. */
  readonly metricsText: (isReady: () => Promise<boolean>) => Promise<string>;
  /** Told how to ask whether the service is ready. */
  readonly onReadiness?: (isReady: () => Promise<boolean>) => void;
  /** What is known of damage to the store; null when nothing is. */
  readonly damage?: () => { readonly kept: readonly string[] } | null;
  /** The host of the database that is used at this moment, where the store is one. */
  readonly databaseHost?: (() => string) | undefined;
  /** The newest backup; null where none are made by themselves. */
  readonly backup?: () => {
    readonly last: { readonly at: number } | null;
    readonly isOverdue: boolean;
  } | null;
  /** How long a commit may take before the service counts as not ready. */
  readonly probeTimeoutMs?: number;
}

/** A burst of probes costs one commit. */
const probeAgeMs = 1000;

/**
 * Serves `/health/live` (the process answers), `/health/ready` (200 when a commit reached the disk within the last second
 * or just now and the clock is sound, else 503 with the reason where it is known; its `status` is `degraded` while the store takes work but was damaged) and
 * `/metrics`. Health tells the version as well, and the host of the database. None needs a key: keep them off the public network with ADMIN_PORT or a proxy.
 */
export function healthRoutes(app: FastifyInstance, deps: HealthDeps): void {
  const ask = createReadiness(deps);
  const isReady = async (): Promise<boolean> => (deps.doubt?.() ?? null) === null && (await ask()).isReady;
  deps.onReadiness?.(isReady);
  app.get('/health/live', (_request, reply) => reply.send({ status: 'live', version }));
  app.get('/health/ready', async (_request, reply) => {
    const about = (): object => ({
      version,
      ...(deps.databaseHost === undefined ? {} : { databaseHost: deps.databaseHost() }),
    });
    const doubt = deps.doubt?.() ?? null;
    if (doubt !== null) return reply.code(503).send({ status: 'not ready', ...about(), reason: doubt.text });
    const { isReady, reason } = await ask();
    if (!isReady) return reply.code(503).send({ status: 'not ready', ...about(), ...(reason && { reason }) });
    // Still 200: whoever takes a damaged store out of service refuses what could be taken in, and repairs nothing.
    const damage = deps.damage?.() ?? null;
    const backup = deps.backup?.() ?? null;
    return reply.send({
      ...(damage === null
        ? { status: 'ready', ...about() }
        : { status: 'degraded', ...about(), reason: 'store_damaged', kept: damage.kept }),
      ...(backup !== null && { backup: toShownBackup(backup) }),
    });
  });
  const gather = shareForAWhile(() => deps.metricsText(isReady), deps);
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await gather()),
  );
}

function toShownBackup({ last, isOverdue }: NonNullable<ReturnType<NonNullable<HealthDeps['backup']>>>) {
  return { at: last === null ? null : new Date(last.at).toISOString(), isOverdue };
}

/** A text is shared for so many times as long as it took to make, so that whoever asks without end has a twentieth of the time. */
const sharedTimes = 20;
const maxSharedMs = 5000;

/**
 * Those who ask at once, or soon after, are answered with one text: making it asks the store, and needs no key. A cheap text is
 * new for nearly everybody.
 */
export function shareForAWhile(make: () => Promise<string>, { monotonic }: Stopwatch): () => Promise<Buffer> {
  let text: Promise<Buffer> | undefined;
  let until = Number.NEGATIVE_INFINITY;
  return () => {
    if (text !== undefined && monotonic() < until) return text;
    const startedAt = monotonic();
    // Under way, it is everybody's; one that does not end is not waited for by those who come later.
    until = startedAt + maxSharedMs;
    text = make().then(
      (made) => {
        until = monotonic() + Math.min(maxSharedMs, (monotonic() - startedAt) * sharedTimes);
        return Buffer.from(made);
      },
      (error: unknown) => {
        until = Number.NEGATIVE_INFINITY;
        throw error;
      },
    );
    return text;
  };
}

interface Readiness {
  readonly isReady: boolean;
  /** What the store says of itself, where it says anything. */
  readonly reason?: string;
}

function createReadiness({ store, monotonic, probeTimeoutMs = 3000 }: HealthDeps): () => Promise<Readiness> {
  let answer: Promise<Readiness> = Promise.resolve({ isReady: false });
  let askedAt = Number.NEGATIVE_INFINITY;
  let isUnderWay = false;
  return () => {
    // A probe that hangs is not joined by another one each second.
    if (isUnderWay || monotonic() - askedAt < probeAgeMs) return answer;
    askedAt = monotonic();
    isUnderWay = true;
    const probe = store.probe().finally(() => (isUnderWay = false));
    answer = within(probe, probeTimeoutMs);
    return answer;
  };
}

/** Whether work is done within the time; a failure is a no. */
async function within(work: Promise<unknown>, timeoutMs: number): Promise<Readiness> {
  const { promise, resolve } = Promise.withResolvers<Readiness>();
  const timer = setTimeout(() => resolve({ isReady: false }), timeoutMs);
  const done = work.then(
    () => ({ isReady: true }),
    (error: unknown) => ({
      isReady: false,
      // Ours are written for strangers' eyes.
      ...(error instanceof GatewayError && { reason: error.message }),
    }),
  );
  try {
    return await Promise.race([done, promise]);
  } finally {
    clearTimeout(timer);
  }
}
