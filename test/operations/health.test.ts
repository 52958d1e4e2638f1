import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../src/domain/errors.ts';
import { healthRoutes, shareForAWhile } from '../../src/operations/health.ts';
import { openHttpServer } from '../../src/http/server.ts';
import { version } from '../../src/runtime/release.ts';
import { createClock, openTestStore } from '../support/store.ts';
import type { Clock } from '../support/store.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

function serve(
  t: TestContext,
  probe: () => Promise<void>,
  probeTimeoutMs = 1000,
): { app: FastifyInstance; clock: Clock } {
  const clock = createClock();
  const app = openHttpServer({ emit: () => undefined, monotonic: monotonicNow });
  const metricsText = async () => 'chasqui_up 1\n';
  healthRoutes(app, { store: { probe }, monotonic: clock.now, metricsText, probeTimeoutMs });
  t.after(() => app.close());
  return { app, clock };
}

test('ready is what the store says, and follows it down and up again', async (t) => {
  const { store, close } = await openTestStore();
  t.after(close);
  let broken = false;
  const { app, clock } = serve(t, () =>
    broken ? Promise.reject(new GatewayError('store_unavailable')) : store.probe(),
  );
  const up = await app.inject('/health/ready');
  assert.equal(up.statusCode, 200);
  assert.deepEqual(up.json(), { status: 'ready', version });
  broken = true;
  clock.advance(1000);
  const down = await app.inject('/health/ready');
  assert.equal(down.statusCode, 503);
  assert.deepEqual(down.json(), {
    status: 'not ready',
    version,
    reason: 'The store cannot commit right now. Try again later.',
  });
  const live = await app.inject('/health/live');
  assert.equal(live.statusCode, 200);
  assert.deepEqual(live.json(), { status: 'live', version });
  broken = false;
  clock.advance(1000);
  assert.equal((await app.inject('/health/ready')).statusCode, 200);
});

test('readiness tells of backups where they are made, and is the same whatever they are', async (t) => {
  const app = openHttpServer({ emit: () => undefined, monotonic: monotonicNow });
  t.after(() => app.close());
  const at = Date.UTC(2026, 10, 30);
  const told = { last: { at } as { at: number } | null, isOverdue: false };
  healthRoutes(app, {
    store: { probe: async () => undefined },
    monotonic: createClock().monotonic,
    metricsText: async () => '',
    backup: () => told,
  });
  const ask = async () => (await app.inject('/health/ready')).json<object>();
  assert.deepEqual(await ask(), {
    status: 'ready',
    version,
    backup: { at: '2026-11-30T00:00:00.000Z', isOverdue: false },
  });
  Object.assign(told, { last: null, isOverdue: true });
  assert.deepEqual(await ask(), { status: 'ready', version, backup: { at: null, isOverdue: true } });
});

test('a burst of probes costs one commit a second', async (t) => {
  let probes = 0;
  const { app, clock } = serve(t, async () => void (probes += 1));
  await Promise.all(Array.from({ length: 50 }, () => app.inject('/health/ready')));
  assert.equal(probes, 1);
  clock.advance(1000);
  await app.inject('/health/ready');
  assert.equal(probes, 2);
});

test('a commit that does not end is not ready', async (t) => {
  const { app } = serve(t, () => new Promise(() => undefined), 10);
  assert.equal((await app.inject('/health/ready')).statusCode, 503);
});

test('metrics are text in the form that Prometheus reads', async (t) => {
  const { app } = serve(t, async () => undefined);
  const answer = await app.inject('/metrics');
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(answer.body, 'chasqui_up 1\n');
});

test('metrics are shared for twenty times as long as they took, and made anew after that', async () => {
  let at = 0;
  let made = 0;
  const gather = shareForAWhile(
    async () => {
      made += 1;
      const number = made;
      await Promise.resolve();
      at += 10;
      return String(number);
    },
    { monotonic: () => at },
  );
  const texts = async (): Promise<string[]> =>
    (await Promise.all([gather(), gather()])).map((text) => text.toString());
  assert.deepEqual(await texts(), ['1', '1']);
  at += 199;
  assert.deepEqual(await texts(), ['1', '1']);
  at += 1;
  assert.deepEqual(await texts(), ['2', '2']);
});

test('metrics that could not be made are made for whoever asks next', async () => {
  let fails = true;
  const gather = shareForAWhile(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve('here')), {
    monotonic: () => 5,
  });
  await assert.rejects(gather(), /away/);
  fails = false;
  assert.equal((await gather()).toString(), 'here');
});

test('a commit that hangs is not joined by another, and asked for again once it has ended', async (t) => {
  let probes = 0;
  let end = (): void => undefined;
  const { app, clock } = serve(
    t,
    () => {
      probes += 1;
      return probes > 1 ? Promise.resolve() : new Promise((resolve) => (end = resolve));
    },
    10,
  );
  for (let n = 0; n < 3; n += 1) {
    assert.equal((await app.inject('/health/ready')).statusCode, 503);
    clock.advance(1000);
  }
  assert.equal(probes, 1);
  end();
  assert.equal((await app.inject('/health/ready')).statusCode, 200);
  assert.equal(probes, 2);
});

test('metrics that do not come are not waited for by those who ask later', async () => {
  let at = 0;
  let made = 0;
  const gather = shareForAWhile(
    () => (++made === 1 ? new Promise(() => undefined) : Promise.resolve('here')),
    { monotonic: () => at },
  );
  void gather();
  at += 5000;
  assert.equal((await gather()).toString(), 'here');
});
