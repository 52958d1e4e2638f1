import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { GatewayError } from '../../src/domain/errors.ts';
import { Pool } from '../../src/runtime/pool.ts';

interface Timer {
  readonly ms: number;
  readonly callback: () => void;
}

type Options = ConstructorParameters<typeof Pool>[0];

function open(options: Partial<Options> = {}) {
  const timers = new Set<Timer>();
  const crashes: unknown[] = [];
  let searches = 0;
  const pool = new Pool({
    name: 'pool',
    emit: (name, fields) => {
      if (name === 'unit.crashed') crashes.push(fields);
    },
    now: () => 0,
    monotonic: () => 0,
    search: async () => {
      searches += 1;
    },
    setTimer: (callback, ms) => {
      const timer = { callback, ms };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    ...options,
  });
  const ring = (): void => {
    for (const timer of [...timers]) {
      timers.delete(timer);
      timer.callback();
    }
  };
  return { pool, timers, crashes, ring, countSearches: () => searches };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

describe('a runner', () => {
  it('that is woken while it looks looks once more, however often it was woken', async () => {
    const { pool } = open();
    let looks = 0;
    const runner = pool.open(async () => {
      looks += 1;
      if (looks > 1) return;
      runner.wake();
      runner.wake();
      assert.ok(runner.isWoken);
      await setImmediate();
    });
    pool.start();
    runner.wake();
    await settled();
    assert.equal(looks, 2);
    assert.ok(!runner.isWoken);
    await pool.stop();
  });

  it('never looks before the start of its pool, after its end, or once it is closed', async () => {
    const { pool, timers } = open();
    let looks = 0;
    const look = async () => {
      looks += 1;
    };
    const runner = pool.open(look);
    runner.wake();
    assert.equal(looks, 0);
    pool.start();
    runner.sleep(10);
    runner.close();
    assert.equal(timers.size, 0);
    await pool.stop();
    const late = pool.open(look);
    late.wake();
    late.sleep(10);
    assert.deepEqual([looks, timers.size], [0, 0]);
  });

  it('sleeps a minute at most, and a look of its own takes the place of the sleep', async () => {
    const { pool, timers } = open();
    const runner = pool.open(async () => undefined);
    pool.start();
    runner.sleep(86_400_000);
    runner.sleep(-5);
    assert.deepEqual(
      [...timers].map(({ ms }) => ms),
      [0],
    );
    runner.sleep(86_400_000);
    assert.deepEqual(
      [...timers].map(({ ms }) => ms),
      [60_000],
    );
    runner.wake();
    assert.equal(timers.size, 0);
    await pool.stop();
  });

  it('whose look fails says so, looks again a second later, and holds up no other', async () => {
    const { pool, timers, crashes, ring } = open();
    const error = new GatewayError('store_unavailable');
    const looks: string[] = [];
    const broken = pool.open(async () => {
      looks.push('broken');
      if (looks.length === 1) throw error;
    });
    const sound = pool.open(async () => looks.push('sound'));
    pool.start();
    broken.wake();
    sound.wake();
    await settled();
    assert.deepEqual(crashes, [{ unit: 'pool', error }]);
    assert.match(pool.status().lastError?.text ?? '', /^The store cannot commit/);
    assert.deepEqual(
      [...timers].map(({ ms }) => ms),
      [1000],
    );
    ring();
    await settled();
    assert.deepEqual(looks, ['broken', 'sound', 'broken']);
    await pool.stop();
  });

  it('counts its tasks, tells of one that fails, and looks again at the end of each', async () => {
    const { pool, crashes } = open();
    let looks = 0;
    const runner = pool.open(async () => {
      looks += 1;
    });
    pool.start();
    await settled();
    const good = Promise.withResolvers<void>();
    const bad = Promise.withResolvers<void>();
    runner.begin(good.promise);
    runner.begin(bad.promise);
    assert.deepEqual([runner.underWay, pool.underWay], [2, 2]);
    assert.partialDeepStrictEqual(pool.status(), { state: 'running', waiting: 2 });
    good.resolve();
    await settled();
    assert.deepEqual([runner.underWay, looks], [1, 1]);
    const error = new Error('bad');
    bad.reject(error);
    await settled();
    assert.deepEqual([runner.underWay, looks], [0, 2]);
    assert.deepEqual(crashes, [{ unit: 'pool', error }]);
    assert.partialDeepStrictEqual(pool.status(), { state: 'idle', waiting: 0, failures: 1 });
    await pool.stop();
  });
});

test('what has work is searched for at the start, when asked, and again after a failure', async () => {
  let searches = 0;
  const { pool, ring } = open({
    now: () => 0,
    monotonic: () => 0,
    search: async () => {
      searches += 1;
      if (searches === 1) throw new GatewayError('store_unavailable');
    },
  });
  pool.search();
  assert.equal(searches, 0);
  pool.start();
  pool.start();
  await settled();
  assert.equal(searches, 1);
  ring();
  await settled();
  pool.search();
  await settled();
  assert.equal(searches, 3);
  await pool.stop();
  pool.search();
  assert.equal(searches, 3);
});

describe('the end of a pool', () => {
  it('waits for looks and tasks under way, for those too that such a look begins, and then has given back', async () => {
    const steps: string[] = [];
    const { pool } = open({
      connect: () => () => void steps.push('disconnected'),
      giveBack: async () => void steps.push('given back'),
    });
    const claim = Promise.withResolvers<void>();
    const task = Promise.withResolvers<void>();
    const runner = pool.open(async () => {
      await claim.promise;
      runner.begin(task.promise.then(() => void steps.push('task')));
      steps.push('look');
    });
    pool.start();
    runner.wake();
    const stopping = pool.stop().then(() => steps.push('stopped'));
    assert.equal(pool.stop(), pool.stop());
    await settled();
    assert.deepEqual(steps, ['disconnected']);
    assert.ok(pool.isStopped);
    claim.resolve();
    await settled();
    assert.deepEqual(steps, ['disconnected', 'look']);
    task.resolve();
    await stopping;
    assert.deepEqual(steps, ['disconnected', 'look', 'task', 'given back', 'stopped']);
    assert.equal(pool.status().state, 'stopped');
  });

  it('waits no longer than was set, and tells no error of a look then', async (t) => {
    // Its own timer keeps no process alive.
    const holding = setInterval(() => undefined, 1000);
    t.after(() => clearInterval(holding));
    let isGivenBack = false;
    const { pool, timers, crashes } = open({
      stopLimitMs: 5,
      giveBack: async () => {
        isGivenBack = true;
      },
    });
    const claim = Promise.withResolvers<void>();
    const runner = pool.open(() => claim.promise);
    pool.start();
    runner.wake();
    await pool.stop();
    assert.ok(isGivenBack);
    claim.reject(new Error('closed'));
    await settled();
    assert.deepEqual([crashes, timers.size, pool.status().failures], [[], 0, 1]);
  });
});
