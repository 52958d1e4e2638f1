// What has outlived its time is taken away beside the work, so that a store stays as large as what it has to keep.
import { monotonicNow } from '../runtime/clock.ts';
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
}

/** Sweeps every so often, and when woken; `stop` ends it. */
export function startSweeps(deps: SweepDeps): { readonly wake: () => void; readonly stop: () => void } {
  let isStopped = false;
  let isUnderWay = false;
  const run = async (): Promise<void> => {
    isUnderWay = true;
    try {
      await sweep(deps, () => isStopped);
    } catch (error) {
      if (!isStopped) deps.emit('unit.crashed', { unit: 'store.sweep', error });
    }
    isUnderWay = false;
    if (!isStopped) timer = setTimeout(() => void run(), intervalMs);
  };
  let timer = setTimeout(() => void run(), intervalMs);
  return {
    wake: () => {
      if (isUnderWay || isStopped) return;
      clearTimeout(timer);
      void run();
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
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
