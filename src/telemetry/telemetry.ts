import { ClockRefusal } from '../domain/errors.ts';
import type { Emit } from './events.ts';
import { openLog } from './log.ts';
import type { LogLevel } from './log.ts';
import type { LogOutput } from './log-output.ts';
import { openMetrics } from './metrics.ts';
import type { Figure, Gauges } from './metrics.ts';

export interface Telemetry {
  readonly emit: Emit;
  /** The metrics in Prometheus text form. */
  readonly metricsText: (gauges: Gauges) => Promise<string>;
  /** The very same, to be written in another form. */
  readonly figures: (gauges: Gauges) => Promise<readonly Figure[]>;
  /** Has the log tell what is of this level and above from now on. */
  readonly setLevel: (level: LogLevel) => void;
  /** Opens the file of the log by its name anew. */
  readonly reopen: () => void;
  /** Tells what was counted and not told yet, so that nothing but the end follows. */
  readonly settle: () => void;
  /** Writes out what the log holds. */
  readonly close: () => Promise<void>;
}

/** Opens the log and the metrics; both are made from the same events. `openOutput` is handed what to call for each line that is lost. */
export function openTelemetry(options: {
  readonly level: LogLevel;
  readonly openOutput: (onLost: () => void) => LogOutput;
}): Telemetry {
  const metrics = openMetrics();
  const output = options.openOutput(() => metrics.count('log.lost', { lines: 1 }));
  const log = openLog(options.level, output);
  return {
    emit: (name, fields) => {
      // What does not begin while the clock is in doubt has not crashed; the doubt is told once, as `clock.doubted`.
      if ('error' in fields && isOfClock(fields.error)) return;
      metrics.count(name, fields);
      log.write(name, fields);
    },
    metricsText: (gauges) => metrics.text(gauges),
    figures: (gauges) => metrics.figures(gauges),
    setLevel: log.setLevel,
    reopen: output.reopen,
    settle: log.settle,
    close: output.close,
  };
}

/** Whether an error is, or comes of, a refusal to work by a clock that is in doubt. */
function isOfClock(error: unknown): boolean {
  return error instanceof ClockRefusal || (error instanceof Error && isOfClock(error.cause));
}
