// What the SDK hands out, in the bytes of OTLP, and what the endpoint says of them.
import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import { ProtobufMetricsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ISerializer } from '@opentelemetry/otlp-transformer';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpSender } from './sender.ts';

/** Why something did not go out, in a code: what an endpoint answers in words may say back what it was sent. */
export class NotTaken extends Error {
  readonly reason: string;
  /** How much of it; undefined for all. */
  readonly count: number | undefined;

  constructor(reason: string, count?: number) {
    super(reason);
    this.reason = reason;
    this.count = count;
  }
}

type Done = (result: ExportResult) => void;

export function openSpanExporter(sender: OtlpSender): SpanExporter {
  const count = (answer: ReturnType<typeof ProtobufTraceSerializer.deserializeResponse>) =>
    answer.partialSuccess?.rejectedSpans;
  return {
    export: (spans, done: Done) => void send(sender, ProtobufTraceSerializer, spans, count).then(done),
    shutdown: () => Promise.resolve(),
  };
}

export function openMetricExporter(sender: OtlpSender): PushMetricExporter {
  const count = (answer: ReturnType<typeof ProtobufMetricsSerializer.deserializeResponse>) =>
    answer.partialSuccess?.rejectedDataPoints;
  return {
    export: (metrics, done: Done) => void send(sender, ProtobufMetricsSerializer, metrics, count).then(done),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

async function send<Batch, Answer>(
  sender: OtlpSender,
  serializer: ISerializer<Batch, Answer>,
  batch: Batch,
  count: (answer: Answer) => number | undefined,
): Promise<ExportResult> {
  const body = serializer.serializeRequest(batch);
  const sent = body === undefined ? { reason: 'nothing to send' } : await sender.send(body);
  if ('reason' in sent) return toFailure(new NotTaken(sent.reason));
  const refused = countRefused(serializer, sent.answer, count);
  return refused > 0
    ? toFailure(new NotTaken('refused in part', refused))
    : { code: ExportResultCode.SUCCESS };
}

/** How much an endpoint that took the rest did not take; some answer in JSON, or in nothing that is known, that they took it. */
function countRefused<Batch, Answer>(
  serializer: ISerializer<Batch, Answer>,
  answer: Buffer,
  count: (answer: Answer) => number | undefined,
): number {
  try {
    return Number(count(serializer.deserializeResponse(answer)) ?? 0);
  } catch {
    // The status has said that it was taken.
    return 0;
  }
}

function toFailure(error: NotTaken): ExportResult {
  return { code: ExportResultCode.FAILED, error };
}
