import { hostname } from 'node:os';
import { clockLimitMs } from '../clock.ts';
import type { Clock } from '../clock.ts';
import { noticed } from '../domain/findings.ts';
import type { RaiseNotice } from '../domain/notice.ts';

export interface ClockWatchDeps {
  readonly clock: Pick<Clock, 'doubt' | 'databaseAheadMs'>;
  readonly raiseNotice: RaiseNotice;
  readonly node?: string;
  readonly intervalMs?: number;
}

/** Looks every second whether clocks may be worked by, and tells a person when not; returns what ends it. */
export function watchClock({
  clock,
  raiseNotice,
  node = hostname(),
  intervalMs = 1000,
}: ClockWatchDeps): () => void {
  const look = (): void => {
    const doubt = clock.doubt();
    if (doubt !== null) {
      const seconds = Math.round(doubt.aheadMs / 1000);
      raiseNotice({
        accountId: null,
        subject: `node/${node}`,
        ...noticed('clock_in_doubt', { node, seconds }),
      });
    }
    const databaseAheadMs = clock.databaseAheadMs();
    if (Math.abs(databaseAheadMs) > clockLimitMs) {
      const seconds = Math.round(databaseAheadMs / 1000);
      raiseNotice({ accountId: null, subject: 'database', ...noticed('database_clock_set', { seconds }) });
    }
  };
  const timer = setInterval(look, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
