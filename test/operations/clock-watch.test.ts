import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClockDoubt } from '../../src/runtime/clock.ts';
import { watchClock } from '../../src/operations/clock-watch.ts';
import type { NewNotice } from '../../src/domain/notice.ts';
import type { EventName } from '../../src/telemetry/events.ts';

test('a clock in doubt and a database whose clock was set are told, each of what it is about', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const notices: NewNotice[] = [];
  const looks: string[] = [];
  const events: EventName[] = [];
  let aheadMs = 0;
  let kind: ClockDoubt['kind'] = 'database';
  let databaseAheadMs = 0;
  const end = watchClock({
    clock: {
      doubt: () => (aheadMs === 0 ? null : { kind, aheadMs, text: 'why' }),
      databaseAheadMs: () => databaseAheadMs,
      compare: () => undefined,
    },
    store: { findNewestTime: async () => null },
    raiseNotice: (notice) => void notices.push(notice),
    emit: (name) => void events.push(name),
    onDoubt: () => void looks.push('doubt'),
    onSound: () => void looks.push('sound'),
    node: 'n1',
  });
  t.mock.timers.tick(3000);
  assert.deepEqual(notices, []);
  aheadMs = -301_000;
  t.mock.timers.tick(1000);
  assert.deepEqual(
    notices.map(({ code, subject, params }) => [code, subject, params]),
    [['clock_in_doubt', 'node/n1', { node: 'n1', seconds: -301 }]],
  );
  aheadMs = 0;
  databaseAheadMs = 600_000;
  t.mock.timers.tick(1000);
  assert.deepEqual(
    notices.slice(1).map(({ code, subject, params }) => [code, subject, params]),
    [['database_clock_set', 'database', { seconds: 600 }]],
  );
  databaseAheadMs = 0;
  kind = 'step';
  aheadMs = 86_400_000;
  t.mock.timers.tick(1000);
  assert.deepEqual(
    notices.slice(2).map(({ code, subject, params }) => [code, subject, params]),
    [['clock_off', 'node/n1', { node: 'n1', what: 'why' }]],
  );
  end();
  t.mock.timers.tick(3000);
  assert.equal(notices.length, 3);
  assert.deepEqual(looks, ['doubt', 'sound', 'doubt']);
  assert.deepEqual(events, ['clock.doubted', 'clock.trusted', 'clock.doubted']);
});
