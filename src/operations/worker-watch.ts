import { hostname } from 'node:os';
import { noticed } from '../domain/findings.ts';
import type { EndNotice, RaiseNotice } from '../domain/notice.ts';
import { Worker } from '../runtime/worker.ts';
import type { WorkerStatus } from '../runtime/activity.ts';
import type { Time } from '../runtime/clock.ts';
import type { Emit } from '../telemetry/events.ts';

interface WorkerWatchDeps extends Time {
  readonly list: () => readonly WorkerStatus[];
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
  readonly emit: Emit;
  readonly node?: string;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

const watchMs = 60_000;

/** Looks every minute for workers that have not run for three times their interval, and tells a person of each. */
export function createWorkerWatch({
  list,
  raiseNotice,
  endNotice,
  emit,
  now,
  monotonic,
  node = hostname(),
  setTimer,
}: WorkerWatchDeps): Worker {
  // Of each node its own: another's may be late while this one's is not.
  const toSubject = (name: string): string => `worker/${name}/${node}`;
  return new Worker({
    name: 'workers.watch',
    emit,
    now,
    monotonic,
    firstMs: watchMs,
    everyMs: watchMs,
    ...(setTimer && { setTimer }),
    run: async () => {
      for (const { name, isLate, silentMs } of list())
        if (isLate)
          raiseNotice({
            accountId: null,
            subject: toSubject(name),
            ...noticed('worker_late', { name, node, minutes: Math.floor((silentMs ?? 0) / 60_000) }),
          });
        else endNotice(null, 'worker_late', toSubject(name));
    },
  });
}
