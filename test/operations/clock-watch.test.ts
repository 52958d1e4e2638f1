import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ClockDoubt } from '../../src/runtime/clock.ts';
import { watchClock } from '../../src/operations/clock-watch.ts';
import type { NewNotice } from '../../src/domain/notice.ts';
import type { EventName } from '../../src/telemetry/events.ts';

test('a clock in doubt and a database whose clock was set are told, each of what it is about', async () => {
  const notices: NewNotice[] = [];
  const ends: string[] = [];
  const looks: string[] = [];
  const events: EventName[] = [];
  let aheadMs = 0;
  let kind: ClockDoubt['kind'] = 'database';
  let databaseAheadMs = 0;
  let timer = (): void => undefined;
  const watch = watchClock({
    clock: {
      now: () => 0,
      monotonic: () => 0,
      doubt: () => (aheadMs === 0 ? null : { kind, aheadMs, text: 'why' }),
      databaseAheadMs: () => databaseAheadMs,
      compare: () => undefined,
    },
    store: { findNewestTime: async () => null },
    raiseNotice: (notice) => void notices.push(notice),
    endNotice: (_account, code, subject) => void ends.push(`${code} ${subject}`),
    emit: (name) => void events.push(name),
    onDoubt: () => void looks.push('doubt'),
    onSound: () => void looks.push('sound'),
    node: 'n1',
    setTimer: (callback, ms) => {
      assert.equal(ms, 1000);
      timer = callback;
      return () => (timer = () => undefined);
    },
  });
  watch.start();
  /** So many seconds pass. */
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      timer();
      await setImmediate();
    }
  };
  await pass(3);
  assert.deepEqual(notices, []);
  aheadMs = -301_000;
  await pass(1);
  assert.deepEqual(
    notices.map(({ code, subject, params }) => [code, subject, params]),
    [['clock_in_doubt', 'node/n1', { node: 'n1', seconds: -301 }]],
  );
  assert.equal(ends.at(-1), 'clock_off node/n1');
  aheadMs = 0;
  databaseAheadMs = 600_000;
  await pass(1);
  assert.ok(ends.slice(-2).includes('clock_in_doubt node/n1'));
  assert.deepEqual(
    notices.slice(1).map(({ code, subject, params }) => [code, subject, params]),
    [['database_clock_set', 'database', { seconds: 600 }]],
  );
  databaseAheadMs = 0;
  kind = 'step';
  aheadMs = 86_400_000;
  await pass(1);
  assert.deepEqual(
    notices.slice(2).map(({ code, subject, params }) => [code, subject, params]),
    [['clock_off', 'node/n1', { node: 'n1', what: 'why' }]],
  );
  await watch.stop();
  await pass(3);
  assert.equal(notices.length, 3);
  assert.deepEqual(looks, ['doubt', 'sound', 'doubt']);
  assert.deepEqual(events, ['clock.doubted', 'clock.trusted', 'clock.doubted']);
});
