import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { GatewayError } from '../../src/domain/errors.ts';
import { Worker } from '../../src/runtime/worker.ts';
import type { Turn } from '../../src/runtime/worker.ts';

interface Timer {
  readonly ms: number;
  readonly callback: () => void;
}

function open(
  run: (turn: Turn) => Promise<unknown>,
  options: Partial<ConstructorParameters<typeof Worker>[0]> = {},
) {
  const clock = { at: 0 };
  const timers: Timer[] = [];
  const crashes: unknown[] = [];
  const worker = new Worker({
    name: 'one',
    emit: (name, fields) => {
      if (name === 'unit.crashed') crashes.push(fields);
    },
    everyMs: 1000,
    run,
    setTimer: (callback, ms) => {
      timers.push({ callback, ms });
      return () => timers.splice(0);
    },
    now: () => 1_000_000 + clock.at,
    monotonic: () => clock.at,
    ...options,
  });
  return { clock, timers, crashes, worker };
}

test('a worker tells when it ran, how long, what failed and by how much it is late', async () => {
  let fault: Error | undefined;
  const { clock, timers, crashes, worker } = open(async () => {
    clock.at += 30;
    if (fault !== undefined) throw fault;
  });
  worker.start();
  await setImmediate();
  assert.partialDeepStrictEqual(worker.status(), {
    state: 'idle',
    runs: 1,
    failures: 0,
    lastRunAt: 1_000_000,
    lastDurationMs: 30,
    lagMs: 0,
  });
  clock.at += 1500;
  assert.equal(worker.status().lagMs, 500);
  fault = new GatewayError('store_unavailable');
  timers.shift()?.callback();
  await setImmediate();
  assert.match(worker.status().lastError?.text ?? '', /^The store cannot commit/);
  fault = new Error('user@example.com');
  timers.shift()?.callback();
  await setImmediate();
  assert.equal(worker.status().lastError?.text, 'Error: the log has it as unit.crashed.');
  assert.deepEqual(crashes.length, 2);
  await worker.stop();
});

test('one thing of many that fails is told, and the others have their turn', async () => {
  const done: number[] = [];
  const { crashes, worker } = open(async ({ attempt }) => {
    for (const one of [1, 2, 3])
      await attempt(async () => {
        if (one === 2) throw new Error('two');
        done.push(one);
      });
  });
  await worker.look();
  assert.deepEqual(done, [1, 3]);
  assert.deepEqual(crashes, [{ unit: 'one', error: new Error('two') }]);
});

test('a worker that is woken at work runs once more, however often it was woken', async () => {
  let runs = 0;
  const { worker } = open(async () => {
    runs += 1;
    if (runs > 1) return;
    worker.wake();
    worker.wake();
    await setImmediate();
  });
  worker.start();
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  assert.equal(runs, 2);
  await worker.stop();
});

test('a run is over at its bound, and pauses differ by a fifth at most', async () => {
  const over: boolean[] = [];
  const { clock, timers, worker } = open(
    async ({ isOver }) => {
      over.push(isOver());
      clock.at += 101;
      over.push(isOver());
    },
    { boundMs: 100, random: () => 0.25 },
  );
  worker.start();
  await setImmediate();
  assert.deepEqual(over, [false, true]);
  assert.deepEqual(
    timers.map(({ ms }) => ms),
    [900],
  );
  await worker.stop();
});

test('its end waits no longer for a run than was set', async () => {
  const { worker } = open(() => new Promise(() => undefined), { stopLimitMs: 5 });
  const holding = setInterval(() => undefined, 1000);
  worker.start();
  await worker.stop();
  clearInterval(holding);
  assert.equal(worker.status().state, 'stopped');
});
