// What has outlived its time is taken away beside the work, so that a store stays as large as what it has to keep.
import { monotonicNow } from '../runtime/clock.ts';
import { Worker } from '../runtime/worker.ts';
import type { FileRetention, Retention, Store } from '../store/store.ts';
import { toMark } from './sweep-guard.ts';
import type { SweepGuard } from './sweep-guard.ts';
import type { Emit } from '../telemetry/events.ts';

const intervalMs = 30_000;
/** Between two steps everyone else has a turn. */
const restMs = 5;
/** Files that one sweep takes away. */
const filesAtOnce = 100;

export interface SweepDeps {
  readonly store: Pick<Store, 'sweep' | 'bringForward'>;
  /** Takes up to `limit` files away; resolves to how many went. */
  readonly sweepFiles: (limit: number) => Promise<number>;
  readonly retention: Retention & FileRetention;
  readonly emit: Emit;
  readonly now: () => number;
  /** Whether nothing may be taken away by the time that it is. */
  readonly isInDoubt: () => boolean;
  readonly guard: SweepGuard;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

/** Sweeps every so often, and when woken. */
export function createSweeps(deps: SweepDeps): Worker {
  return new Worker({
    name: 'store.sweep',
    emit: deps.emit,
    firstMs: intervalMs,
    everyMs: intervalMs,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
    run: ({ isOver }) => sweep(deps, isOver),
  });
}

/**
 * Takes away, in small steps, what had outlived its time when it began. What comes of age meanwhile is left to the next one:
 * under load something always does, and the kinds that are looked at last would never have their turn.
 */
export async function sweep(
  { store, sweepFiles, retention, emit, now, isInDoubt, guard }: SweepDeps,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const startedAt = monotonicNow();
  if (isInDoubt()) return;
  const at = now();
  await store.bringForward(at);
  const mark = toMark(retention, at);
  if (!(await guard.admit(mark))) return;
  let rows = 0;
  let longestMs = 0;
  for (let gone = Infinity; gone > 0 && !isStopped();) {
    const step = await store.sweep(retention, at);
    gone = step.rows;
    rows += gone;
    longestMs = Math.max(longestMs, step.heldMs);
    if (gone > 0) await new Promise((next) => setTimeout(next, restMs));
  }
  if (!isStopped()) {
    rows += await sweepFiles(filesAtOnce);
    await guard.note(mark);
  }
  if (rows > 0) emit('store.swept', { rows, durationMs: monotonicNow() - startedAt, longestMs });
}
