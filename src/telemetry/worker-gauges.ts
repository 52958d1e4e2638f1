import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';

/** What the metrics tell of something that runs by itself. */
export interface WorkerFigures {
  readonly name: string;
  readonly failures: number;
  /** Since its last sign of life; null before its start. */
  readonly silentMs: number | null;
  readonly lastDurationMs: number | null;
}

/** Makes the gauges of workers, a series each; returns what sets them. */
export function openWorkerGauges(registers: Registry[]): (workers: readonly WorkerFigures[]) => void {
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `chasqui_worker_${name}`, help, labelNames: ['worker'], registers });
  const age = gauge('last_run_age_seconds', 'Time since a worker last ran or was seen running');
  const duration = gauge('last_duration_seconds', 'How long the last run of a worker took');
  const failures = gauge('failures', 'Failures of a worker since the start of the process');
  return (workers) => {
    for (const { name: worker, ...figures } of workers) {
      failures.set({ worker }, figures.failures);
      if (figures.silentMs !== null) age.set({ worker }, figures.silentMs / 1000);
      if (figures.lastDurationMs !== null) duration.set({ worker }, figures.lastDurationMs / 1000);
    }
  };
}
