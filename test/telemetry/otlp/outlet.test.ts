import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import { NoopSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Emit } from '../../../src/telemetry/events.ts';
import { NotTaken } from '../../../src/telemetry/otlp/exporters.ts';
import { Outlet, SpanGate } from '../../../src/telemetry/otlp/outlet.ts';

const success: ExportResult = { code: ExportResultCode.SUCCESS };

function failure(error: Error): ExportResult {
  return { code: ExportResultCode.FAILED, error };
}

/** A gate for two spans, what comes through it, an exporter that ends when it is told to, and what is told. */
function open() {
  const told: string[] = [];
  const emit: Emit = (name, fields) => told.push(`${name} ${JSON.stringify(fields)}`);
  const gate = new SpanGate(2, new Outlet(emit, 'traces'), emit);
  const through: ReadableSpan[] = [];
  const next: SpanProcessor = new (class extends NoopSpanProcessor {
    override onEnd = (span: ReadableSpan): void => void through.push(span);
  })();
  const provider = new TracerProvider({ spanProcessors: [gate.guard(next)] });
  const tracer = provider.getTracer('test');
  const dones: ((result: ExportResult) => void)[] = [];
  const inner: SpanExporter = {
    export: (_spans, done) => dones.push(done),
    shutdown: () => Promise.resolve(),
  };
  const exporter = gate.watch(inner);
  return {
    told,
    through,
    end: (count: number) => {
      for (let index = 0; index < count; index += 1) tracer.startSpan('span', {}, ROOT_CONTEXT).end();
    },
    send: (spans: ReadableSpan[]) => exporter.export(spans, () => undefined),
    answer: (result: ExportResult) => dones.shift()?.(result),
    giveUp: () => gate.giveUp(),
  };
}

it('spans beyond the bound are lost and counted, those under way included in it', () => {
  const { told, through, end, send, answer } = open();
  end(3);
  assert.equal(through.length, 2);
  assert.deepEqual(told, ['spans.lost {"spans":1}']);
  send(through.splice(0));
  end(1);
  assert.equal(through.length, 0);
  answer(success);
  end(2);
  assert.equal(through.length, 2);
  assert.deepEqual(told, ['spans.lost {"spans":1}', 'spans.lost {"spans":1}']);
});

it('what the endpoint does not take is lost, told once with a code alone, and so is its end', () => {
  const { told, through, end, send, answer } = open();
  const refused = new NotTaken('HTTP 401');
  const odd = new Error('The words of whoever answers');
  for (const result of [failure(refused), failure(refused), success, failure(odd)]) {
    end(1);
    send(through.splice(0));
    answer(result);
  }
  const lost = 'spans.lost {"spans":1}';
  assert.deepEqual(told, [
    lost,
    'telemetry.failing {"signal":"traces","reason":"HTTP 401"}',
    lost,
    'telemetry.resumed {"signal":"traces"}',
    lost,
    'telemetry.failing {"signal":"traces","reason":"unknown"}',
  ]);
});

it('of what an endpoint takes in part the rest is lost, and no more than there was', () => {
  const { told, through, end, send, answer } = open();
  for (const count of [1, 7]) {
    end(2);
    send(through.splice(0));
    answer(failure(new NotTaken('refused in part', count)));
  }
  assert.deepEqual(told, [
    'spans.lost {"spans":1}',
    'telemetry.failing {"signal":"traces","reason":"refused in part"}',
    'spans.lost {"spans":2}',
  ]);
});

it('what is still held at the end is lost', () => {
  const { told, end, giveUp } = open();
  end(2);
  giveUp();
  giveUp();
  assert.deepEqual(told, ['spans.lost {"spans":2}']);
});
