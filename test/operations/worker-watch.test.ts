import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorkerWatch } from '../../src/operations/worker-watch.ts';
import type { NewNotice } from '../../src/domain/notice.ts';
import { Workers } from '../../src/runtime/status.ts';
import { Worker } from '../../src/runtime/worker.ts';

/** A worker whose run hangs until it is let go, by a clock of its own. */
function open(everyMs: number) {
  const clock = { at: 0 };
  const hanging = Promise.withResolvers<void>();
  const workers = new Workers();
  const worker = workers.add(
    new Worker({
      name: 'hangs',
      emit: () => undefined,
      everyMs,
      run: async ({ isOver }) => {
        isOver();
        await hanging.promise;
      },
      setTimer: () => () => undefined,
      now: () => clock.at,
      monotonic: () => clock.at,
    }),
  );
  const notices: NewNotice[] = [];
  const ends: string[] = [];
  const watch = createWorkerWatch({
    list: () => workers.list(),
    raiseNotice: (notice) => void notices.push(notice),
    endNotice: (_account, code, subject) => void ends.push(`${code} ${subject}`),
    emit: () => undefined,
    now: () => clock.at,
    monotonic: () => clock.at,
    node: 'n1',
  });
  return { clock, hanging, worker, watch, notices, ends };
}

test('a worker that shows no sign of life for three times its interval is told', async () => {
  const { clock, hanging, worker, watch, notices, ends } = open(120_000);
  worker.start();
  clock.at = 360_000;
  await watch.look();
  assert.deepEqual(notices, []);
  ends.length = 0;
  clock.at = 360_001;
  await watch.look();
  assert.deepEqual(ends, []);
  assert.deepEqual(
    notices.map(({ code, subject, params }) => [code, subject, params]),
    [['worker_late', 'worker/hangs/n1', { name: 'hangs', node: 'n1', minutes: 6 }]],
  );
  hanging.resolve();
  await worker.stop();
  clock.at = 10 * 360_000;
  await watch.look();
  assert.equal(notices.length, 1, 'one that was stopped is not late');
  assert.deepEqual(ends, ['worker_late worker/hangs/n1']);
});

test('one whose interval is short has a minute', async () => {
  const { clock, hanging, worker, watch, notices } = open(1000);
  worker.start();
  clock.at = 60_000;
  await watch.look();
  assert.deepEqual(notices, []);
  clock.at = 60_001;
  await watch.look();
  assert.equal(notices.length, 1);
  hanging.resolve();
  await worker.stop();
});
