import { hostname } from 'node:os';
import { clockLimitMs } from '../runtime/clock.ts';
import type { Clock } from '../runtime/clock.ts';
import { Worker } from '../runtime/worker.ts';
import { noticed } from '../domain/findings.ts';
import type { EndNotice, RaiseNotice } from '../domain/notice.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';

interface ClockWatchDeps {
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'doubt' | 'databaseAheadMs' | 'compare'>;
  readonly store: Pick<Store, 'findNewestTime'>;
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
  readonly emit: Emit;
  /** Called at each look that finds the time in doubt, and at the first that does not any more. */
  readonly onDoubt?: () => void;
  readonly onSound?: () => void;
  readonly node?: string;
  readonly intervalMs?: number;
  readonly setTimer?: (callback: () => void, ms: number) => () => void;
}

/** Looks every second whether clocks may be worked by, and tells a person when not. */
export function watchClock({
  clock,
  store,
  raiseNotice,
  endNotice,
  emit,
  onDoubt,
  onSound,
  node = hostname(),
  intervalMs = 1000,
  setTimer,
}: ClockWatchDeps): Worker {
  let doubtedAt: number | null = null;
  const look = async (): Promise<void> => {
    const doubt = clock.doubt();
    if (doubt !== null) {
      onDoubt?.();
      if (doubtedAt === null) emit('clock.doubted', { reason: doubt.text });
      doubtedAt ??= clock.monotonic();
    } else if (doubtedAt !== null) {
      onSound?.();
      emit('clock.trusted', { durationMs: clock.monotonic() - doubtedAt });
      doubtedAt = null;
    }
    for (const [code, isSo] of [
      ['clock_in_doubt', doubt?.kind === 'database'],
      ['clock_off', doubt !== null && doubt.kind !== 'database'],
    ] as const)
      if (!isSo) endNotice(null, code, `node/${node}`);
    // What another node, or a person there, has found right since.
    if (doubt?.kind === 'kept') store.findNewestTime().then(clock.compare, () => undefined);
    if (doubt !== null) {
      const seconds = Math.round(doubt.aheadMs / 1000);
      raiseNotice({
        accountId: null,
        subject: `node/${node}`,
        ...(doubt.kind === 'database'
          ? noticed('clock_in_doubt', { node, seconds })
          : noticed('clock_off', { node, what: doubt.text })),
      });
    }
    const databaseAheadMs = clock.databaseAheadMs();
    if (Math.abs(databaseAheadMs) > clockLimitMs) {
      const seconds = Math.round(databaseAheadMs / 1000);
      raiseNotice({ accountId: null, subject: 'database', ...noticed('database_clock_set', { seconds }) });
    }
  };
  return new Worker({
    name: 'clock.watch',
    emit,
    now: clock.now,
    monotonic: clock.monotonic,
    firstMs: intervalMs,
    everyMs: intervalMs,
    run: look,
    ...(setTimer && { setTimer }),
  });
}
