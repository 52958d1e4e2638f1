import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { EventName } from '../../src/telemetry/events.ts';
import { kinds, ObedientStore } from '../support/workers.ts';
import type { Startable } from '../../src/runtime/activity.ts';
import type { Kind } from '../support/workers.ts';

const day = 24 * 60 * 60_000;

interface Bed {
  readonly store: ObedientStore;
  readonly worker: Startable;
  readonly events: EventName[];
  /** A day passes, and all that came due in it has had its turn. */
  readonly pass: () => Promise<void>;
  /** Fails when anything goes on. */
  readonly assertOver: () => Promise<void>;
}

function open(t: TestContext, { open: openWorker }: Kind): Bed {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const store = new ObedientStore();
  const events: EventName[] = [];
  const worker = openWorker(store, (name) => void events.push(name));
  const pass = async (): Promise<void> => {
    t.mock.timers.tick(day);
    await settled();
  };
  return {
    store,
    worker,
    events,
    pass,
    assertOver: async () => {
      const { calls } = store;
      const told = events.length;
      assert.equal(store.watchers.size, 0, 'it watches nothing');
      for (let days = 0; days < 3; days += 1) await pass();
      assert.equal(store.calls, calls, 'it asks the store nothing');
      assert.equal(events.length, told, 'it tells nothing');
      assert.equal(worker.status().state, 'stopped');
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
}

for (const [name, kind] of kinds)
  describe(`the worker ${name}`, () => {
    it('is called so, works, and goes on with nothing once it was stopped while idle', async (t) => {
      const { store, worker, pass, assertOver } = open(t, kind);
      assert.equal(worker.status().name, name);
      worker.start();
      await settled();
      await pass();
      assert.ok(store.calls > 0);
      assert.deepEqual([worker.status().state, worker.status().failures], ['idle', 0]);
      await worker.stop();
      await assertOver();
    });

    it('ends with what it is at when it is stopped at work', async (t) => {
      const { store, worker, pass, assertOver } = open(t, kind);
      store.shut();
      worker.start();
      await settled();
      await pass();
      assert.ok(store.calls > 0);
      let isOver = false;
      const stopping = worker.stop().then(() => (isOver = true));
      await settled();
      if (kind.waits) assert.ok(!isOver, 'what is under way is waited for');
      store.open();
      // Some look every few milliseconds whether what they wait for has ended.
      for (let looks = 0; !isOver && looks < 100; looks += 1) {
        t.mock.timers.tick(10);
        await settled();
      }
      await stopping;
      await settled();
      await assertOver();
    });

    it('is stopped twice as well as once', async (t) => {
      const { worker, assertOver } = open(t, kind);
      worker.start();
      await settled();
      await Promise.all([worker.stop(), worker.stop()]);
      await worker.stop();
      await assertOver();
    });

    it('never begins when it is stopped before its start', async (t) => {
      const { store, worker, assertOver } = open(t, kind);
      await worker.stop();
      worker.start();
      await settled();
      assert.equal(store.calls, 0);
      await assertOver();
    });

    it('goes on while the store is away, says so, and stops all the same', async (t) => {
      const { store, worker, pass, assertOver } = open(t, kind);
      store.isAway = true;
      worker.start();
      await settled();
      await pass();
      const { calls } = store;
      await pass();
      assert.ok(store.calls > calls);
      const { runs, failures, lastError } = worker.status();
      if (failures > 0) assert.match(lastError?.text ?? '', /^The store cannot commit right now\./);
      else assert.ok(!kind.waits && runs > 1);
      await worker.stop();
      await assertOver();
    });
  });
