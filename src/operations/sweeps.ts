// What has outlived its time is taken away beside the work, so that a store stays as large as what it has to keep.
import { setSystemTimer } from '../runtime/clock.ts';
import { rest } from '../runtime/loop.ts';
import { Worker } from '../runtime/worker.ts';
import type { Duty } from '../runtime/worker.ts';
import type { Time } from '../runtime/clock.ts';
import type { FileRetention, Retention, Store } from '../store/store.ts';
import { toMark } from './sweep-guard.ts';
import type { SweepGuard } from './sweep-guard.ts';
import type { Emit } from '../telemetry/events.ts';

const intervalMs = 30_000;
/** Between two steps everyone else has a turn. */
const restMs = 5;
/** Files that one sweep takes away. */
const filesAtOnce = 100;

interface SweepDeps extends Time {
  readonly store: Pick<Store, 'sweep' | 'bringForward'>;
  /** Takes up to `limit` files away; resolves to how many went. */
  readonly sweepFiles: (limit: number) => Promise<number>;
  readonly retention: Retention & FileRetention;
  readonly emit: Emit;
  /** Whether nothing may be taken away by the time that it is. */
  readonly isInDoubt: () => boolean;
  readonly guard: SweepGuard;
  /** Who takes away for all; each node when left out. Whether a sweep may go, each node looks at for itself. */
  readonly duty?: Pick<Duty, 'isOurs'>;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

interface Sweeps {
  /** Sweeps every so often. */
  readonly worker: Worker;
  /** Sweeps at once, and here. */
  readonly sweepNow: () => void;
}

export function createSweeps(deps: SweepDeps): Sweeps {
  let isAsked = false;
  const worker = new Worker({
    name: 'store.sweep',
    emit: deps.emit,
    now: deps.now,
    monotonic: deps.monotonic,
    firstMs: intervalMs,
    everyMs: intervalMs,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
    run: ({ isOver }) => {
      const isOurs = isAsked || (deps.duty?.isOurs() ?? true);
      isAsked = false;
      return sweep({ ...deps, duty: { isOurs: () => isOurs } }, isOver);
    },
  });
  return {
    worker,
    sweepNow: () => {
      isAsked = true;
      worker.wake();
    },
  };
}

/**
 * Takes away, in small steps, what had outlived its time when it began. What comes of age meanwhile is left to the next one:
 * under load something always does, and the kinds that are looked at last would never have their turn.
 */
export async function sweep(
  {
    store,
    sweepFiles,
    retention,
    emit,
    now,
    monotonic,
    isInDoubt,
    guard,
    duty,
    setTimer = setSystemTimer,
  }: SweepDeps,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const startedAt = monotonic();
  if (isInDoubt()) return;
  const at = now();
  const isOurs = duty?.isOurs() ?? true;
  if (isOurs) await store.bringForward(at);
  const mark = toMark(retention, at);
  if (!(await guard.admit(mark)) || !isOurs) return;
  let rows = 0;
  let longestMs = 0;
  for (let gone = Infinity; gone > 0 && !isStopped();) {
    const step = await store.sweep(retention, at);
    gone = step.rows;
    rows += gone;
    longestMs = Math.max(longestMs, step.heldMs);
    if (gone > 0) await rest(restMs, setTimer);
  }
  if (!isStopped()) {
    rows += await sweepFiles(filesAtOnce);
    await guard.note(mark);
  }
  if (rows > 0) emit('store.swept', { rows, durationMs: monotonic() - startedAt, longestMs });
}
