// Traces of what begins at one node and ends at another, which share a database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openOtlpReceiver } from '../support/otlp-receiver.ts';
import { openPostgres } from '../support/postgres.ts';
import { openReceiver } from '../support/receiver.ts';
import { startService } from '../support/service.ts';
import { callerSpan, connect, postHook, send, traceId } from '../support/traced.ts';

test('a trace goes on at whichever node takes the next step', async (t) => {
  const postgres = await openPostgres();
  t.after(() => postgres.close());
  const [otlp, receiver] = await Promise.all([openOtlpReceiver(), openReceiver()]);
  t.after(() => Promise.all([otlp.close(), receiver.close()]));
  const env = {
    DATABASE_URL: await postgres.createDatabase(),
    MASTER_KEY: '5c'.repeat(32),
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
  };
  const one = await startService({ dataDir: '/nowhere', env: { ...env, OTEL_SERVICE_NAME: 'one' } });
  t.after(() => one.kill());
  await connect(one, receiver);
  const traceparent = `00-${traceId}-${callerSpan}-01`;
  await postHook(one, ['wamid.1'], { traceparent });
  const [push] = await otlp.waitFor('push');
  // From now on this node holds the destinations, and pushes what the other one records.
  assert.deepEqual([push?.traceId, push?.resource['service.name']], [traceId, 'one']);

  const two = await startService({ dataDir: '/nowhere', env: { ...env, OTEL_SERVICE_NAME: 'two' } });
  t.after(() => two.kill());
  await postHook(two, ['wamid.2'], { traceparent });
  const messageId = await send(two, { traceparent });
  const pushes = await otlp.waitFor('push', 5);
  const recorded = await otlp.waitFor('receipt recorded', 5);
  const nameOf = (span: (typeof otlp.spans)[number] | undefined) => span?.resource['service.name'];
  const inbound = recorded.filter((span) => span.traceId === traceId);
  assert.deepEqual(inbound.map(nameOf), ['one', 'two']);
  // Each push belongs to the trace of what it hands on, wherever that was recorded.
  for (const span of pushes)
    assert.ok(
      recorded.some((cause) => cause.traceId === span.traceId && cause.spanId === span.parent),
      span.traceId,
    );
  assert.ok(
    pushes.some((span) => nameOf(span) !== nameOf(recorded.find((cause) => cause.spanId === span.parent))),
    'a push by the other node',
  );
  const [sent] = await otlp.waitFor('send whatsapp');
  assert.deepEqual([sent?.traceId, sent?.attributes['chasqui.message.id']], [traceId, messageId]);
  const statuses = recorded.filter((span) => span.traceId !== traceId);
  assert.equal(statuses.length, 3);
  for (const span of statuses) assert.deepEqual(span.links, [`${traceId}/${sent?.spanId}`]);
});
