// Several nodes over one store: what one does for all is done by one, and taken over when it is gone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { watchChannels } from '../../src/core/channels/watch.ts';
import { followSettings } from '../../src/core/deliveries/suspension.ts';
import { createRereading } from '../../src/core/receipts/route-reread.ts';
import { watchTemplates } from '../../src/core/templates/watch.ts';
import { system } from '../../src/domain/account.ts';
import { Leadership } from '../../src/operations/leadership.ts';
import { NoticeBoard } from '../../src/operations/notices.ts';
import { createSweeps } from '../../src/operations/sweeps.ts';
import { Worker } from '../../src/runtime/worker.ts';
import { openHookApp } from '../support/hooks.ts';

const second = 1000;
const hour = 60 * 60 * second;

async function open(t: TestContext, count: number) {
  const hooks = await openHookApp();
  t.after(() => hooks.close());
  const { store, clock } = hooks;
  const nodes = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const leadership = new Leadership({
        store,
        holder: `node ${n}`,
        emit: hooks.recording.emit,
        ...clock,
        setTimer: () => () => undefined,
      });
      await leadership.worker.look();
      return leadership;
    }),
  );
  const leaders = () => nodes.filter((node) => node.isOurs());
  const [leader] = leaders();
  assert.ok(leader !== undefined);
  const others = nodes.filter((node) => node !== leader);
  return { ...hooks, nodes, leader, others, leaders };
}

describe('of several nodes', () => {
  it('one leads, for as long as it says so', async (t) => {
    const { leader, others, leaders, clock } = await open(t, 3);
    for (let turn = 0; turn < 10; turn += 1) {
      clock.advance(10 * second);
      await leader.worker.look();
      for (const other of others) await other.worker.look();
      assert.deepEqual(leaders(), [leader]);
    }
  });

  it('another leads when the first is gone, and not before the first knows that it does not', async (t) => {
    const { others, leaders, clock } = await open(t, 3);
    const gained: number[] = [];
    for (const [n, other] of others.entries()) other.follow(() => gained.push(n));
    for (let turn = 0; turn < 3; turn += 1) {
      assert.deepEqual(gained, []);
      clock.advance(10 * second);
      await Promise.all(others.map((other) => other.worker.look()));
      assert.ok(leaders().length <= 1);
    }
    assert.equal(leaders().length, 1);
    assert.equal(gained.length, 1);
  });

  it('one that ends leaves it to another at once', async (t) => {
    const { leader, others, leaders } = await open(t, 2);
    await leader.leave();
    assert.deepEqual(leaders(), []);
    await others[0]?.worker.look();
    assert.deepEqual(leaders(), others);
  });
});

describe('a worker that one node runs for all', () => {
  it('stands by elsewhere, and runs at once where it is taken over', async (t) => {
    const { leader, others, clock } = await open(t, 2);
    const runs: string[] = [];
    const workers = [leader, ...others].map(
      (duty, n) =>
        new Worker({
          name: `on ${n}`,
          emit: () => undefined,
          ...clock,
          everyMs: hour,
          setTimer: () => () => undefined,
          duty,
          run: async () => void runs.push(`on ${n}`),
        }),
    );
    const ran = async () => {
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      return runs;
    };
    for (const worker of workers) worker.start();
    assert.deepEqual(await ran(), ['on 0']);
    assert.deepEqual(
      workers.map((worker) => worker.status().state),
      ['idle', 'standby'],
    );
    clock.advance(31 * second);
    await others[0]?.worker.look();
    assert.deepEqual(await ran(), ['on 0', 'on 1']);
    for (const worker of workers) await worker.stop();
    assert.deepEqual(
      workers.map((worker) => worker.status().state),
      ['stopped', 'stopped'],
    );
    clock.advance(31 * second);
    await leader.worker.look();
    assert.equal((await ran()).length, 2, 'what is stopped is woken by nobody');
  });

  it('asks each channel once, whatever the number of nodes', async (t) => {
    const { store, clock, nodes, recording, accountId } = await open(t, 4);
    for (const id of ['one', 'two'])
      await store.putChannel(accountId, { id, type: 'viber', name: id, credentials: {} }, system);
    const asked: string[] = [];
    const calls = { routes: 0, undelivered: 0, sweeps: 0, unwanted: 0 };
    const counting = Object.assign(Object.create(store) as typeof store, {
      findRoutesToReread: async () => ((calls.routes += 1), []),
      findOldestUndelivered: async () => ((calls.undelivered += 1), []),
      findUnwanted: async () => ((calls.unwanted += 1), []),
      sweep: async () => ((calls.sweeps += 1), { rows: 0, heldMs: 0 }),
    });
    const deps = { store: counting, emit: () => undefined, ...clock, random: () => 0.5 };
    const raiseNotice = () => undefined;
    for (const duty of nodes) {
      const all = [
        watchChannels({
          ...deps,
          duty,
          raiseNotice,
          endNotice: raiseNotice,
          connections: {
            check: async ({ id }) => {
              asked.push(id);
              return [];
            },
            subscribe: async () => undefined,
          },
          renewToken: async (channel) => channel,
          intervalMs: hour,
          aheadMs: 1,
        }),
        watchTemplates({
          ...deps,
          duty,
          hasTemplates: ({ type }) => type === 'viber',
          adopt: async ({ id }) => asked.push(`templates of ${id}`),
          intervalMs: hour,
        }),
        createRereading({ ...recording, store: counting }, duty),
        new NoticeBoard({
          ...deps,
          duty,
          undeliveredAlarmMs: hour,
          operatorTargets: [],
          tellAtOnce: async () => undefined,
          findHostWithoutAddress: async () => null,
        }).watch,
        followSettings({ ...deps, directory: recording.directory, duty }).worker,
        createSweeps({
          ...deps,
          duty,
          sweepFiles: async () => 0,
          retention: { rawEventMs: 1, receiptMs: 1, attemptMs: 1, unreadableMs: 1, mediaMs: 1, uploadMs: 1 },
          isInDoubt: () => false,
          guard: {
            admit: async () => true,
            note: async () => undefined,
            suspect: () => undefined,
            letGo: () => undefined,
            held: () => [],
          },
        }).worker,
      ];
      for (const worker of all) await worker.look();
    }
    assert.deepEqual(
      asked.toSorted(),
      ['one', 'templates of one', 'templates of two', 'two', 'wa'].toSorted(),
    );
    assert.deepEqual(calls, { routes: 1, undelivered: 1, sweeps: 1, unwanted: 1 });
  });

  it('but a sweep that a person lets go goes where he is heard', async (t) => {
    const { clock, others } = await open(t, 2);
    const swept = Promise.withResolvers<void>();
    const sweeps = createSweeps({
      store: { bringForward: async () => 0, sweep: async () => ({ rows: 0, heldMs: 0 }) },
      emit: () => undefined,
      ...clock,
      ...(others[0] && { duty: others[0] }),
      sweepFiles: async () => 0,
      retention: { rawEventMs: 1, receiptMs: 1, attemptMs: 1, unreadableMs: 1, mediaMs: 1, uploadMs: 1 },
      isInDoubt: () => false,
      setTimer: () => () => undefined,
      guard: {
        admit: async () => true,
        note: async () => swept.resolve(),
        suspect: () => undefined,
        letGo: () => undefined,
        held: () => [],
      },
    });
    sweeps.worker.start();
    sweeps.sweepNow();
    await swept.promise;
    await sweeps.worker.stop();
  });
});
