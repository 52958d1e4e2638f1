// What is there before any part is: the settings, where events go, and what has to be ended.
import { hostname } from 'node:os';
import { machineTime } from '../runtime/clock.ts';
import type { Stopwatch } from '../runtime/clock.ts';
import type { Loaded } from '../config/sources.ts';
import type { Settings } from '../config/table.ts';
import { readPairs } from '../config/values.ts';
import { Releases } from './releases.ts';
import type { Phase } from './releases.ts';
import { Workers } from '../runtime/status.ts';
import type { Startable } from '../runtime/activity.ts';
import { watchDamage } from '../operations/damage-watch.ts';
import type { DamageWatch } from '../operations/damage-watch.ts';
import type { Emit } from '../telemetry/events.ts';
import { isOpenToOthers } from '../store/file-modes.ts';
import { openLogOutput } from '../telemetry/log-output.ts';
import type { Exporting } from '../telemetry/otlp/exporting.ts';
import { openTelemetry } from '../telemetry/telemetry.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Tracing } from '../telemetry/tracing.ts';

export const hour = 60 * 60 * 1000;
export const day = 24 * hour;
export const megabyte = 1024 * 1024;

export interface Host extends Stopwatch {
  readonly settings: Settings;
  /** Where each of them comes from; all are defaults where nobody says. */
  readonly sources: Loaded['sources'] | undefined;
  readonly telemetry: Omit<Telemetry, 'emit'>;
  /** Logs and counts an event, and shows it to all that listen. */
  readonly emit: Emit;
  /** Shows every event from now on to one more. */
  readonly listen: (take: Emit) => void;
  readonly damage: DamageWatch;
  readonly releases: Releases;
  /** All that runs by itself. */
  readonly workers: Workers;
  /** What goes out to an OTLP endpoint; undefined, and not even loaded, where there is none. */
  readonly exporting: Exporting | undefined;
  /** Follows receipts and messages; undefined where nobody looks. */
  readonly tracing: Tracing | undefined;
}

export async function openHost(settings: Settings, sources?: Loaded['sources']): Promise<Host> {
  const { monotonic } = machineTime;
  const { logFile: path, logFileMegabytes, logFiles: kept } = settings;
  const file = path === null ? null : { path, maxBytes: logFileMegabytes * megabyte, kept };
  const telemetry = openTelemetry({
    level: settings.logLevel,
    openOutput: (onLost) => openLogOutput({ file, monotonic, onLost }),
  });
  const dataDir = settings.databaseUrl === null ? settings.dataDir : null;
  const damage = watchDamage(dataDir, monotonic, () => dataDir !== null && isOpenToOthers(dataDir));
  const takes: Emit[] = [damage.take];
  const emit: Emit = (name, fields) => {
    telemetry.emit(name, fields);
    for (const take of takes) take(name, fields);
  };
  const releases = new Releases({ emit, monotonic });
  const exporting = await loadExporting(settings, emit);
  if (exporting !== undefined) releases.add('records', exporting.close);
  return {
    settings,
    sources,
    monotonic,
    telemetry,
    emit,
    listen: (take) => takes.push(take),
    damage,
    releases,
    workers: new Workers(),
    exporting,
    tracing: exporting?.tracing,
  };
}

/** OpenTelemetry's SDK is as large as all else that a start loads: it is loaded only where something is to go out by it. */
async function loadExporting(settings: Settings, emit: Emit): Promise<Exporting | undefined> {
  if (settings.otlpEndpoint === null) return undefined;
  const { openExporting } = await import('../telemetry/otlp/exporting.ts');
  const toPairs = (text: string | null) => (text === null ? {} : readPairs(text));
  return openExporting(
    {
      endpoint: settings.otlpEndpoint,
      headers: toPairs(settings.otlpHeaders),
      compression: settings.otlpCompression,
      timeoutMs: settings.otlpTimeoutMs,
      resource: toResource(settings, toPairs(settings.otlpResource)),
      hasTraces: settings.otlpTraces === 'otlp',
      hasMetrics: settings.otlpMetrics === 'otlp',
      sampler: settings.otlpSampler,
      samplerRatio: settings.otlpSamplerRatio,
      metricsEveryMs: settings.otlpMetricsEveryMs,
    },
    machineTime,
    emit,
  );
}

/** What is said of this process. Of several nodes each has figures of its own, which nobody could tell apart without the instance. */
function toResource(
  { port, otlpServiceName: name }: Settings,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const instance = `${hostname()}:${port === 0 ? process.pid : port}`;
  return {
    'service.name': 'chasqui',
    'service.instance.id': instance,
    ...given,
    ...(name === null ? {} : { 'service.name': name }),
  };
}

/** Starts a worker that is listed from now on, and ends with the service. */
export function startWorker(
  { workers, releases }: Pick<Host, 'workers' | 'releases'>,
  worker: Startable,
  phase: Phase = 'work',
): void {
  releases.add(phase, () => worker.stop());
  workers.add(worker).start();
}
