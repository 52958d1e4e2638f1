// Traces and metrics to an OTLP endpoint, by OpenTelemetry's own SDK (docs/tracing.md). Loaded only where one is set: nothing else imports it.
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Time } from '../../runtime/clock.ts';
import { setSystemTimer } from '../../runtime/clock.ts';
import { version } from '../../runtime/release.ts';
import type { Emit } from '../events.ts';
import type { Figure } from '../metrics.ts';
import type { SamplerName } from '../sampler-names.ts';
import type { Tracing } from '../tracing.ts';
import { openMetricExporter, openSpanExporter } from './exporters.ts';
import { SpanIds } from './ids.ts';
import { Outlet, SpanGate, watchMetrics } from './outlet.ts';
import { bridgeFigures } from './prometheus-bridge.ts';
import { openSampler } from './samplers.ts';
import { OtlpSender } from './sender.ts';
import { Spans } from './spans.ts';

/** Spans that wait or are under way at most, some 1.5 KB each, and in one request. */
const maxSpans = 8192;
const maxSpansAtOnce = 1024;
/** Spans wait for others at most so long, so that a person need not wait for them. */
const spanDelayMs = 1000;
/** The end waits no longer for what is left to go out. */
const closingMs = 2000;

interface ExportSettings {
  /** Base address, without a slash at its end. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  /** For one request with all its tries. */
  readonly timeoutMs: number;
  readonly resource: Readonly<Record<string, string>>;
  readonly hasTraces: boolean;
  readonly hasMetrics: boolean;
  readonly sampler: SamplerName;
  readonly samplerRatio: number;
  readonly metricsEveryMs: number;
}

/** What goes out to an OTLP endpoint. */
export interface Exporting {
  /** Undefined where no traces are wanted. */
  readonly tracing: Tracing | undefined;
  /** Sends these figures every so often from now on, where metrics are wanted. */
  readonly sendMetrics: (read: () => Promise<readonly Figure[]>) => void;
  /** Sends what is left, within two seconds; an endpoint that takes nothing is not waited for. */
  readonly close: () => Promise<void>;
}

/** Opens what the settings ask for; nothing is sent yet. */
export function openExporting(settings: ExportSettings, time: Time, emit: Emit): Exporting {
  const resource = defaultResource().merge(
    resourceFromAttributes({ 'service.version': version, ...settings.resource }),
  );
  const traces = settings.hasTraces ? openTraces(settings, resource, time, emit) : undefined;
  const metrics = settings.hasMetrics ? openMetricsOut(settings, resource, time, emit) : undefined;
  return {
    tracing: traces?.tracing,
    sendMetrics: (read) => metrics?.begin(read),
    close: async () => {
      await Promise.all([traces?.close(), metrics?.close()]);
    },
  };
}

function openSender(settings: ExportSettings, path: string, timeoutMs: number, time: Time): OtlpSender {
  const { endpoint, headers, compression } = settings;
  return new OtlpSender({
    url: `${endpoint}/v1/${path}`,
    headers,
    compression,
    timeoutMs,
    time,
    random: Math.random,
  });
}

function openTraces(settings: ExportSettings, resource: Resource, time: Time, emit: Emit) {
  const outlet = new Outlet(emit, 'traces');
  const gate = new SpanGate(maxSpans, outlet, emit);
  const sender = openSender(settings, 'traces', settings.timeoutMs, time);
  const processor = new BatchSpanProcessor({
    exporter: gate.watch(openSpanExporter(sender)),
    maxQueueSize: maxSpans,
    maxExportBatchSize: maxSpansAtOnce,
    scheduledDelayMillis: spanDelayMs,
    // The sender keeps to its time; the next request goes out only then.
    exportTimeoutMillis: 2 * settings.timeoutMs,
  });
  const ids = new SpanIds();
  const sampler = openSampler(settings.sampler, settings.samplerRatio);
  const spanProcessors = [gate.guard(processor)];
  const provider = new TracerProvider({ resource, sampler, idGenerator: ids, spanProcessors });
  return {
    tracing: new Spans({ tracer: provider.getTracer('chasqui', version), ids, sampler, time }),
    close: async () => {
      if (!outlet.isFailing) await within(closingMs, provider.shutdown());
      await sender.close();
      gate.giveUp();
    },
  };
}

function openMetricsOut(settings: ExportSettings, resource: Resource, time: Time, emit: Emit) {
  const outlet = new Outlet(emit, 'metrics');
  const startedAt = time.now();
  // One request is over before the next is due: what is late is in the next one anyway.
  const sender = openSender(settings, 'metrics', Math.min(settings.timeoutMs, settings.metricsEveryMs), time);
  let provider: MeterProvider | undefined;
  return {
    begin: (read: () => Promise<readonly Figure[]>): void => {
      const reader = new PeriodicExportingMetricReader({
        exporter: watchMetrics(openMetricExporter(sender), outlet),
        exportIntervalMillis: settings.metricsEveryMs,
        metricProducers: [bridgeFigures(read, { startedAt, now: time.now, version })],
      });
      // It has no instruments of its own, but the reader begins with it.
      provider = new MeterProvider({ resource, readers: [reader] });
    },
    close: async () => {
      if (!outlet.isFailing && provider !== undefined) await within(closingMs, provider.shutdown());
      await sender.close();
    },
  };
}

/** Waits for work, or until its time is over; what goes wrong with it was told where it went wrong. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = setSystemTimer(resolve, ms);
  await Promise.race([work.catch(() => undefined), promise]);
  cancel();
}
