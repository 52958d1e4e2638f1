import assert from 'node:assert/strict';
import { it } from 'node:test';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { SpanIds } from '../../../src/telemetry/otlp/ids.ts';
import { openSampler } from '../../../src/telemetry/otlp/samplers.ts';
import { Spans } from '../../../src/telemetry/otlp/spans.ts';
import { samplerNames } from '../../../src/telemetry/sampler-names.ts';
import type { SamplerName } from '../../../src/telemetry/sampler-names.ts';

const caller = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
const receiptId = '7c9e6679f4b14a5e8d3c2b1a09f8e7d6';

function open(name: SamplerName = 'parentbased_always_on', ratio = 1) {
  const exporter = new InMemorySpanExporter();
  const ids = new SpanIds();
  const sampler = openSampler(name, ratio);
  const provider = new TracerProvider({
    sampler,
    idGenerator: ids,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const time = { now: () => 1_795_470_996_000, monotonic: () => 5 };
  const spans = new Spans({ tracer: provider.getTracer('test'), ids, sampler, time });
  return { spans, finished: () => exporter.getFinishedSpans() };
}

it('a push of several receipts is in the trace of the first and linked to the others', () => {
  const { spans, finished } = open();
  const others = ['a', 'b'].map((digit) => ({ receiptId: digit.repeat(32), facts: {} }));
  const push = spans.push([{ receiptId, facts: {} }, ...others], {});
  push.end({}, false);
  const [span] = finished();
  assert.match(push.traceparent, new RegExp(`^00-${receiptId}-[0-9a-f]{16}-01$`));
  assert.equal(span?.parentSpanContext?.spanId, receiptId.slice(16));
  assert.deepEqual(
    span?.links.map(({ context }) => context.traceId),
    ['a'.repeat(32), 'b'.repeat(32)],
  );
});

it('each sampler heeds the flag that came, or does not, as its name says', () => {
  const came = samplerNames.map((name) => {
    const { spans } = open(name, 0);
    const flags = ['00', '01'].map((flag) => {
      const { traceparent } = spans.push([{ receiptId, facts: { traceparent: `00-${caller}-${flag}` } }], {});
      assert.equal(traceparent.slice(3, 35), caller.slice(0, 32));
      return traceparent.slice(-2);
    });
    const own = spans.push([{ receiptId, facts: {} }], {}).traceparent.slice(-2);
    return [name, ...flags, own].join(' ');
  });
  assert.deepEqual(came, [
    'parentbased_always_on 00 01 01',
    'parentbased_always_off 00 01 00',
    'parentbased_traceidratio 00 01 00',
    'always_on 01 01 01',
    'always_off 00 00 00',
    'traceidratio 00 00 00',
  ]);
});

it('a header that is no traceparent, or several, is as none', () => {
  const { spans } = open();
  assert.equal(spans.request(`00-${caller}-01`).traceparent, `00-${caller}-01`);
  // Another version may say more; its other flags are not ours to pass on.
  assert.equal(spans.request(`01-${caller}-03-more`).traceparent, `00-${caller}-01`);
  for (const header of [
    undefined,
    '',
    `00-${caller}`,
    `ff-${caller}-01`,
    `00-${caller}-01-more`,
    `00-${caller}-01, 00-${caller}-01`,
    `00-${caller.toUpperCase()}-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    [`00-${caller}-01`, `00-${caller}-01`],
    'x'.repeat(10_000),
  ])
    assert.equal(spans.request(header).traceparent, undefined, String(header).slice(0, 80));
});

it('a status that the answer to a send call told is linked to that very call', () => {
  const { spans, finished } = open();
  const message = {
    accountId: 1,
    id: 7,
    messageId: '202611300000000000007',
    channelId: 'wa',
    channelType: 'whatsapp' as const,
    envelope: {},
  };
  spans.sent(message, 2, 10, {}, false);
  const receipt = { receiptId, facts: {}, accountId: 1, channelId: 'wa', channelType: 'whatsapp' };
  spans.unasked
    .commit()
    .recorded({ ...receipt, type: 'ChatAppStatus', outcome: 'fresh', sent: { message, attempt: 2 } });
  const [sent, recorded] = finished();
  assert.deepEqual(
    recorded?.links.map(({ context }) => [context.traceId, context.spanId]),
    [[sent?.spanContext().traceId, sent?.spanContext().spanId]],
  );
});
