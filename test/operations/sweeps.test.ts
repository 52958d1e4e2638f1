import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createSweepGuard } from '../../src/operations/sweep-guard.ts';
import { sweep } from '../../src/operations/sweeps.ts';
import { defaultQueueAttributes } from '../../src/domain/queue.ts';
import { toUploadId } from '../../src/domain/upload.ts';
import { openHookApp } from '../support/hooks.ts';

const minute = 60_000;

test('what comes of age while a sweep is under way does not keep it from going on to other kinds', async (t) => {
  const app = await openHookApp();
  t.after(() => app.close());
  const { store, clock, accountId } = app;
  await store.createQueue(accountId, 'orders', { ...defaultQueueAttributes, retentionSeconds: 60 });
  const queue = await store.findQueue(accountId, 'orders');
  assert.ok(queue !== undefined);
  await store.sendMessages(queue, [{ body: 'old', priority: 8 }], clock.now());
  for (let count = 0; count < 20; count += 1) {
    assert.equal(await app.post('{}'), 200);
    clock.advance(minute);
  }
  const swept: number[] = [];
  const retention = {
    rawEventMs: 15 * minute,
    receiptMs: 365 * 24 * 60 * minute,
    attemptMs: 365 * 24 * 60 * minute,
    unreadableMs: 365 * 24 * 60 * minute,
    mediaMs: 365 * 24 * 60 * minute,
    uploadMs: 365 * 24 * 60 * minute,
  };
  await sweep({
    // Each step takes so long that another raw event comes of age.
    store: {
      bringForward: (at) => store.bringForward(at),
      sweep: async (...args) => {
        const step = await store.sweep(...args);
        clock.advance(minute);
        return step;
      },
    },
    sweepFiles: async () => 0,
    retention,
    emit: (name, event) => {
      if (name === 'store.swept' && 'rows' in event) swept.push(event.rows);
    },
    now: clock.now,
    monotonic: clock.monotonic,
    isInDoubt: () => false,
    guard: createSweepGuard({
      store,
      raiseNotice: () => undefined,
      endNotice: () => undefined,
      monotonic: clock.now,
    }),
  });
  assert.deepEqual(
    swept,
    [5 + 5 + 1],
    'what was old at its begin: raw events, what was remarked of them, the message',
  );
  assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 0, delayed: 0 });
});

interface Bed {
  readonly app: Awaited<ReturnType<typeof openHookApp>>;
  readonly guard: ReturnType<typeof createSweepGuard>;
  readonly notices: string[];
  readonly ended: string[];
  /** Sweeps as a service does, and as one that has just been started does. */
  readonly run: (changes?: {
    readonly days?: number;
    readonly uploadDays?: number;
    readonly isNew?: boolean;
  }) => Promise<void>;
  /** How often files were swept. */
  files: number;
  readonly count: () => Promise<{ readonly raw: number; readonly queued: number }>;
  readonly receive: (limit: number) => Promise<number>;
  /** Sets the clock without time passing. */
  readonly set: (ms: number) => void;
  isInDoubt: boolean;
}

/** 100 posts of a channel and 100 messages in a queue that keeps them four days, swept once. */
async function openBed(t: TestContext): Promise<Bed> {
  const app = await openHookApp();
  t.after(() => app.close());
  const { store, clock, accountId } = app;
  await store.createQueue(accountId, 'orders', { ...defaultQueueAttributes, retentionSeconds: 4 * 86_400 });
  const queue = await store.findQueue(accountId, 'orders');
  assert.ok(queue !== undefined);
  for (let count = 0; count < 100; count += 1) {
    assert.equal(await app.post('{}'), 200);
    await store.sendMessages(queue, [{ body: String(count), priority: 8 }], clock.now());
  }
  let setBy = 0;
  const [notices, ended]: [string[], string[]] = [[], []];
  const monotonic = (): number => clock.now() - setBy;
  const open = () =>
    createSweepGuard({
      store,
      raiseNotice: ({ code, params }) => void notices.push(`${code} ${String(params?.['kind'])}`),
      endNotice: (_accountId, code, subject) => void ended.push(`${code} ${subject}`),
      monotonic,
    });
  let guard = open();
  const bed: Bed = {
    app,
    get guard() {
      return guard;
    },
    notices,
    ended,
    isInDoubt: false,
    files: 0,
    run: async ({ days = 14, uploadDays = 30, isNew = false } = {}) => {
      if (isNew) guard = open();
      const dayMs = 24 * 60 * minute;
      await sweep({
        store,
        sweepFiles: async () => {
          bed.files += 1;
          return 0;
        },
        retention: {
          rawEventMs: days * dayMs,
          receiptMs: 365 * dayMs,
          attemptMs: 30 * dayMs,
          unreadableMs: dayMs,
          mediaMs: 7 * dayMs,
          uploadMs: uploadDays * dayMs,
        },
        emit: () => undefined,
        now: clock.now,
        monotonic: clock.monotonic,
        isInDoubt: () => bed.isInDoubt,
        guard,
      });
    },
    count: async () => ({
      raw:
        (await store.countOld({ at: 0, rawEvents: clock.now() + minute, receipts: 0, attempts: 0 }))[0]
          ?.old ?? 0,
      queued: (await store.countMessages(queue)).active,
    }),
    receive: async (limit) => (await store.receiveMessages(queue, limit, clock.now())).length,
    set: (ms) => {
      setBy += ms;
      clock.advance(ms);
    },
  };
  await bed.run();
  return bed;
}

const day = 24 * 60 * minute;

for (const [name, isNew] of [
  ['a process that goes on', false],
  ['a process that was just started', true],
] as const)
  test(`a clock that is set eight days ahead sweeps and expires nothing in ${name}, until somebody lets it go`, async (t) => {
    const bed = await openBed(t);
    bed.set(8 * day);
    await bed.run({ isNew });
    assert.deepEqual(await bed.count(), { raw: 100, queued: 100 });
    assert.deepEqual(bed.notices, ['sweep_held queue_messages']);
    assert.deepEqual(bed.guard.held(), [{ kind: 'queue_messages', old: 100, kept: 0 }]);
    assert.equal(await bed.receive(1), 1, 'a receive drops none either');
    const end = 'sweep_held sweep/queue_messages';
    assert.ok(!bed.ended.splice(0).slice(-6).includes(end));
    bed.set(-8 * day);
    await bed.run();
    assert.ok(bed.ended.includes(end));
    assert.deepEqual(bed.guard.held(), []);
    assert.equal((await bed.count()).raw, 100);
    bed.set(8 * day);
    await bed.run();
    bed.guard.letGo();
    await bed.run();
    // The one that was in hand is dropped by whoever would receive it.
    assert.equal(await bed.receive(16), 0);
    assert.equal((await bed.count()).queued, 0);
  });

test('a sweep goes as far as time has passed, however much comes of age by then', async (t) => {
  const bed = await openBed(t);
  for (let hours = 0; hours < 15 * 24; hours += 6) {
    bed.app.clock.advance(6 * 60 * minute);
    await bed.run();
  }
  assert.deepEqual(await bed.count(), { raw: 0, queued: 0 });
  assert.deepEqual(bed.notices, []);
});

test('a service that stood still for weeks, or whose retention was shortened, waits with much and goes on with little', async (t) => {
  const bed = await openBed(t);
  bed.set(3 * day);
  await bed.run({ isNew: true });
  assert.deepEqual(bed.notices, [], 'nothing is old');
  await bed.run({ days: 1, isNew: true });
  assert.deepEqual(bed.notices, ['sweep_held raw_events']);
  assert.equal((await bed.count()).raw, 100);
  // Put back, it needs nobody.
  await bed.run({ isNew: true });
  assert.deepEqual(bed.guard.held(), []);
  await bed.run({ days: 1 });
  bed.guard.letGo();
  await bed.run({ days: 1 });
  assert.equal((await bed.count()).raw, 0);
});

test('no message expires from a doubt on until a sweep by the new time was looked at', async (t) => {
  const bed = await openBed(t);
  bed.guard.suspect();
  bed.set(8 * day);
  assert.equal(await bed.receive(1), 1);
  // Whoever says that the clock is right was told of no sweep, so none is let go.
  bed.guard.letGo();
  await bed.run();
  assert.deepEqual(bed.notices, ['sweep_held queue_messages']);
  assert.equal(await bed.receive(1), 1);
  assert.equal((await bed.count()).raw, 100);
  bed.guard.letGo();
  await bed.run();
  assert.equal(await bed.receive(16), 0);
});

test('nothing is swept while the clock is in doubt', async (t) => {
  const bed = await openBed(t);
  bed.app.clock.advance(15 * day);
  bed.isInDoubt = true;
  await bed.run();
  assert.equal((await bed.count()).raw, 100);
});

test('files are taken away by no sweep that would take unusually many of them', async (t) => {
  const bed = await openBed(t);
  const { store, accountId, clock } = bed.app;
  for (let count = 0; count < 60; count += 1)
    await store.putUpload({
      ...{ accountId, channelId: 'wa', key: String(count), mimeType: 'image/png', bytes: 1, sha256: '' },
      id: toUploadId(accountId, String(count)),
      createdAt: clock.now(),
    });
  bed.set(3 * day);
  await bed.run({ isNew: true });
  assert.equal(bed.files, 2);
  // A setting that was shortened by mistake.
  await bed.run({ uploadDays: 1, isNew: true });
  assert.deepEqual(bed.notices, ['sweep_held uploads']);
  assert.deepEqual(bed.guard.held(), [{ kind: 'uploads', old: 60, kept: 0 }]);
  assert.equal(bed.files, 2);
  bed.guard.letGo();
  await bed.run({ uploadDays: 1 });
  assert.equal(bed.files, 3);
});

test('a mark of an older version, which tells of no files, holds back nothing that needs no second look', async (t) => {
  const bed = await openBed(t);
  const { store, clock } = bed.app;
  const { media: _media, uploads: _uploads, ...mark } = (await store.findSweepMark()) ?? { at: 0 };
  await store.noteSweep({ rawEvents: 0, receipts: 0, attempts: 0, ...mark });
  clock.advance(60 * minute);
  await bed.run();
  assert.deepEqual(bed.notices, []);
  assert.notEqual((await store.findSweepMark())?.media, undefined);
});
