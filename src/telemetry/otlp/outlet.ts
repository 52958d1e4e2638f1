// Hands what is to go out to an exporter of the SDK, tells when it begins to fail and when it goes again, and counts what is lost.
import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, Span, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Context } from '@opentelemetry/api';
import { TraceFlags } from '@opentelemetry/api';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Emit } from '../events.ts';
import { NotTaken } from './exporters.ts';

/** What goes out, by the name that OTLP has for it. */
type Signal = 'traces' | 'metrics';
type Done = (result: ExportResult) => void;

/** Whether one signal goes out. */
export class Outlet {
  isFailing = false;
  readonly #emit: Emit;
  readonly #signal: Signal;

  constructor(emit: Emit, signal: Signal) {
    this.#emit = emit;
    this.#signal = signal;
  }

  heed({ code, error }: ExportResult): void {
    const isFailing = code !== ExportResultCode.SUCCESS;
    if (isFailing === this.isFailing) return;
    this.isFailing = isFailing;
    if (isFailing) this.#emit('telemetry.failing', { signal: this.#signal, reason: toReason(error) });
    else this.#emit('telemetry.resumed', { signal: this.#signal });
  }
}

function toReason(error: Error | undefined): string {
  return error instanceof NotTaken ? error.reason : 'unknown';
}

/** Metrics by way of an outlet. */
export function watchMetrics(exporter: PushMetricExporter, outlet: Outlet): PushMetricExporter {
  return {
    export: (metrics: ResourceMetrics, done: Done) =>
      exporter.export(metrics, (result) => {
        outlet.heed(result);
        done(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

/**
 * Spans by way of an outlet, of which at most so many wait or are under way: what comes beyond is dropped, and so is what the endpoint
 * does not take in the tries of the SDK.
 */
export class SpanGate {
  /** Spans that wait or are under way. */
  #held = 0;
  readonly #limit: number;
  readonly #outlet: Outlet;
  readonly #emit: Emit;

  constructor(limit: number, outlet: Outlet, emit: Emit) {
    this.#limit = limit;
    this.#outlet = outlet;
    this.#emit = emit;
  }

  /** What is held counts as lost from now on. */
  giveUp(): void {
    this.#lose(this.#held);
    this.#held = 0;
  }

  /** The exporter behind the gate. */
  watch(exporter: SpanExporter): SpanExporter {
    return {
      export: (spans: ReadableSpan[], done: Done) =>
        exporter.export(spans, (result) => {
          this.#held = Math.max(0, this.#held - spans.length);
          if (result.code !== ExportResultCode.SUCCESS) this.#lose(countLost(spans, result.error));
          this.#outlet.heed(result);
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
    };
  }

  /** The processor that spans come to before `next`. */
  guard(next: SpanProcessor): SpanProcessor {
    return {
      onStart: (span: Span, context: Context) => next.onStart(span, context),
      onEnd: (span: ReadableSpan) => {
        if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
        if (this.#held >= this.#limit) {
          this.#lose(1);
          return;
        }
        this.#held += 1;
        next.onEnd(span);
      },
      forceFlush: () => next.forceFlush(),
      shutdown: () => next.shutdown(),
    };
  }

  #lose(spans: number): void {
    if (spans > 0) this.#emit('spans.lost', { spans });
  }
}

/** An endpoint may take some of what it is sent. */
function countLost(spans: readonly ReadableSpan[], error: Error | undefined): number {
  const count = error instanceof NotTaken ? error.count : undefined;
  return Math.min(count ?? spans.length, spans.length);
}
