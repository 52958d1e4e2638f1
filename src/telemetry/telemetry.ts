import type { DestinationStream } from 'pino';
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
      metrics.count(name, fields);
      log.write(name, fields);
    },
    metricsText: (gauges) => metrics.text(gauges),
    flush: log.flush,
  };
}
