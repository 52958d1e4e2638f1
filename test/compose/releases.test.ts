import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startWorker } from '../../src/compose/host.ts';
import { Releases } from '../../src/compose/releases.ts';
import { Pool } from '../../src/runtime/pool.ts';
import { Workers } from '../../src/runtime/status.ts';
import { Worker } from '../../src/runtime/worker.ts';
import type { Emit } from '../../src/telemetry/events.ts';

function open(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const ended: string[] = [];
  const crashes: string[] = [];
  const emit: Emit = (name, fields) => {
    if (name === 'unit.crashed' && 'error' in fields) crashes.push(String(fields.error));
  };
  const releases = new Releases({ emit, monotonic: Date.now });
  const end = (name: string) => async () => void ended.push(name);
  /** Lets time pass until all has ended; resolves to how long that took. */
  const run = async (): Promise<number> => {
    const startedAt = Date.now();
    let isOver = false;
    void releases.run().then(() => (isOver = true));
    for (let steps = 0; !isOver && steps < 1000; steps += 1) {
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      if (!isOver) t.mock.timers.tick(50);
    }
    assert.ok(isOver, 'all has ended');
    return Date.now() - startedAt;
  };
  return { releases, ended, crashes, emit, end, run };
}

/** What goes on with the timers of a test. */
const time = { now: Date.now, monotonic: Date.now };

const never = (): Promise<never> => new Promise(() => undefined);

describe('the end of the service', () => {
  it('lets nothing in first, then ends what is at work, then writes down, and closes the store last', async (t) => {
    const { releases, ended, end, run, crashes } = open(t);
    releases.add('store', end('store'));
    releases.add('records', end('rates'));
    releases.add('store', end('directory'));
    releases.add('work', end('push'), end('sending'));
    releases.add('taking', end('listener'));
    assert.equal(await run(), 0, 'nobody waits for anybody');
    assert.deepEqual(ended, ['listener', 'push', 'sending', 'rates', 'directory', 'store']);
    assert.deepEqual(crashes, []);
  });

  it('is over within ten seconds, the store closed, also when several workers, a listener and a record hang', async (t) => {
    const { releases, ended, end, run, crashes, emit } = open(t);
    const workers = new Workers();
    releases.add('store', end('store'));
    releases.add('records', never, end('rates'));
    releases.add('taking', never);
    for (const name of ['one', 'two', 'three'])
      startWorker({ releases, workers }, new Worker({ name, emit, ...time, everyMs: 1000, run: never }));
    for (const name of ['four', 'five'])
      startWorker(
        { releases, workers },
        new Pool({
          name,
          emit,
          ...time,
          search: never,
          giveBack: async () => void ended.push(`${name} gives back`),
        }),
      );
    // One that waits for longer than there is time.
    startWorker(
      { releases, workers },
      new Worker({ name: 'six', emit, ...time, everyMs: 1000, run: never, stopLimitMs: 60_000 }),
    );
    const tookMs = await run();
    assert.ok(tookMs > 5000 && tookMs < 9500, String(tookMs));
    assert.deepEqual(ended, ['four gives back', 'five gives back', 'rates', 'store']);
    assert.deepEqual(
      workers.list().map(({ state }) => state),
      Array.from({ length: 6 }, () => 'stopped'),
    );
    assert.deepEqual(
      crashes.map((text) => /phase (\w+)/.exec(text)?.[1]),
      ['work', 'records'],
    );
  });

  it('waits for requests under way, and for workers beside them, before it closes the store', async (t) => {
    const { releases, ended, end, run } = open(t);
    const after = (ms: number, name: string) => () =>
      new Promise<void>((resolve) => setTimeout(resolve, ms)).then(() => void ended.push(name));
    releases.add('store', end('store'));
    releases.add('taking', after(4000, 'request'));
    releases.add('work', after(3000, 'push'), after(1000, 'fetch'));
    const tookMs = await run();
    assert.ok(tookMs <= 4050, String(tookMs));
    assert.deepEqual(ended, ['fetch', 'push', 'request', 'store']);
  });

  it('tells what fails, and ends the rest', async (t) => {
    const { releases, ended, end, run, crashes } = open(t);
    releases.add('store', end('store'), () => {
      throw new Error('directory');
    });
    releases.add('work', async () => Promise.reject(new Error('push')), end('sending'));
    await run();
    assert.deepEqual(
      [ended, crashes],
      [
        ['sending', 'store'],
        ['Error: push', 'Error: directory'],
      ],
    );
  });
});
