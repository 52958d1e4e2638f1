// An OTLP endpoint that reads what it is sent by OpenTelemetry's own definitions of the protocol, and keeps it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { findFreePort, waitUntil } from './service.ts';

type Id = Uint8Array;
type Value = { readonly stringValue?: string; readonly intValue?: number; readonly doubleValue?: number };
type KeyValue = { readonly key: string; readonly value: Value };

interface WireSpan {
  readonly traceId: Id;
  readonly spanId: Id;
  readonly parentSpanId?: Id;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: unknown;
  readonly endTimeUnixNano: unknown;
  readonly attributes?: readonly KeyValue[];
  readonly links?: readonly { readonly traceId: Id; readonly spanId: Id }[];
  readonly status?: { readonly code?: number };
}

interface WireTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

interface WireMetric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: { readonly isMonotonic: boolean; readonly dataPoints: readonly WirePoint[] };
  readonly gauge?: { readonly dataPoints: readonly WirePoint[] };
  readonly histogram?: { readonly dataPoints: readonly WirePoint[] };
}

interface WirePoint {
  readonly attributes?: readonly KeyValue[];
  readonly asDouble?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly unknown[];
  readonly explicitBounds?: readonly number[];
}

interface WireMetrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly WireMetric[] }[];
  }[];
}

/** The part of the generated module that is used here: it comes without types. */
interface Definitions {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: {
        readonly trace: {
          readonly v1: { readonly ExportTraceServiceRequest: { decode(bytes: Uint8Array): WireTraces } };
        };
        readonly metrics: {
          readonly v1: { readonly ExportMetricsServiceRequest: { decode(bytes: Uint8Array): WireMetrics } };
        };
      };
    };
  };
}

const { collector } = (
  createRequire(import.meta.url)(
    '@opentelemetry/otlp-proto-exporter-base/build/src/generated/root.js',
  ) as Definitions
).opentelemetry.proto;

/** A span as it arrived; ids in hex. */
interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string;
  readonly name: string;
  readonly kind: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly links: readonly string[];
  readonly isFault: boolean;
  readonly resource: Readonly<Record<string, string | number>>;
}

export interface OtlpReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: ReadonlyMap<string, WireMetric>;
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** The bytes of all requests as text, for what must not be in them. */
  readonly text: () => string;
  /** Resolves to so many spans of a name, once they have come. */
  readonly waitFor: (name: string, count?: number) => Promise<readonly ReceivedSpan[]>;
  readonly close: () => Promise<void>;
}

/** Opens one on a free loopback port; `answer` is the HTTP status of each answer, or null for none. */
export async function openOtlpReceiver(
  answer: () => number | null = () => 200,
  port?: number,
): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metrics = new Map<string, WireMetric>();
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const texts: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      requests.push({ path, headers: request.headers });
      const status = answer();
      if (status === null) return;
      response.statusCode = status;
      if (status === 200) take(path, unpack(Buffer.concat(chunks), request.headers));
      response.end();
    });
  });
  const take = (path: string, bytes: Buffer): void => {
    texts.push(bytes.toString('latin1'));
    if (path.endsWith('/v1/traces')) spans.push(...readSpans(bytes));
    else for (const metric of readMetrics(bytes)) metrics.set(metric.name, metric);
  };
  server.listen(port ?? (await findFreePort()), '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    metrics,
    requests,
    text: () => texts.join('\n'),
    waitFor: async (name, count = 1) => {
      const find = () => spans.filter((span) => span.name === name);
      await waitUntil(`${count} spans ${name} have come`, 20_000, () => find().length >= count);
      return find();
    },
    close: async () => {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function unpack(bytes: Buffer, headers: IncomingHttpHeaders): Buffer {
  return headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
}

function readSpans(bytes: Buffer): ReceivedSpan[] {
  const { resourceSpans } = collector.trace.v1.ExportTraceServiceRequest.decode(bytes);
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) => scope.spans.map((span) => toSpan(span, toRecord(resource.attributes)))),
  );
}

function readMetrics(bytes: Buffer): WireMetric[] {
  const { resourceMetrics } = collector.metrics.v1.ExportMetricsServiceRequest.decode(bytes);
  return resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
}

function toSpan(span: WireSpan, resource: ReceivedSpan['resource']): ReceivedSpan {
  return {
    traceId: toHex(span.traceId),
    spanId: toHex(span.spanId),
    parent: toHex(span.parentSpanId ?? Buffer.alloc(0)),
    name: span.name,
    kind: span.kind,
    startedAt: Number(span.startTimeUnixNano) / 1e6,
    endedAt: Number(span.endTimeUnixNano) / 1e6,
    attributes: toRecord(span.attributes ?? []),
    links: (span.links ?? []).map(({ traceId, spanId }) => `${toHex(traceId)}/${toHex(spanId)}`),
    isFault: span.status?.code === 2,
    resource,
  };
}

function toHex(id: Id): string {
  return Buffer.from(id).toString('hex');
}

function toRecord(attributes: readonly KeyValue[]): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue || Number(value.doubleValue || value.intValue || 0),
    ]),
  );
}
