import type { DestinationStream } from 'pino';
import { ClockRefusal } from '../domain/errors.ts';
import type { Emit } from './events.ts';
import { openLog } from './log.ts';
import type { LogLevel } from './log.ts';
import { openMetrics } from './metrics.ts';
import type { Gauges } from './metrics.ts';

export interface Telemetry {
  readonly emit: Emit;
  /** The metrics in Prometheus text form. */
  readonly metricsText: (gauges: Gauges) => Promise<string>;
  readonly flush: () => void;
}

/** Opens the log and the metrics; both are made from the same events. */
export function openTelemetry(options: {
  readonly level: LogLevel;
  readonly stream?: DestinationStream;
}): Telemetry {
  const log = openLog(options.level, options.stream);
  const metrics = openMetrics();
  return {
    emit: (name, fields) => {
      // What does not begin while the clock is in doubt has not crashed; the doubt is told once, as `clock.doubted`.
      if ('error' in fields && isOfClock(fields.error)) return;
      metrics.count(name, fields);
      log.write(name, fields);
    },
    metricsText: (gauges) => metrics.text(gauges),
    flush: log.flush,
  };
}

/** Whether an error is, or comes of, a refusal to work by a clock that is in doubt. */
function isOfClock(error: unknown): boolean {
  return error instanceof ClockRefusal || (error instanceof Error && isOfClock(error.cause));
}
