import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventLevels } from '../../src/telemetry/events.ts';
import { openTelemetry } from '../../src/telemetry/telemetry.ts';
import { toOutput } from '../support/log-output.ts';
import type { Gauges } from '../../src/telemetry/metrics.ts';

const noGauges: Gauges = {
  clockAheadSeconds: () => 0,
  oldestUndelivered: async () => [],
  failingTargets: async () => [],
  pauses: async () => [],
  queues: async () => [],
};

function open() {
  return openTelemetry({ level: 'silent', openOutput: () => toOutput(() => undefined) });
}

test('events become counters and histograms with bounded labels', async () => {
  const { emit, metricsText } = open();
  emit('webhook.received', {
    channelType: 'whatsapp',
    channelId: 'wa',
    outcome: 'recorded',
    bytes: 10,
    fresh: 1,
    repeats: 2,
    unrouted: 3,
    remarks: 4,
    durationMs: 5,
  });
  for (const detail of ['poke', 'poke', 'a\nline'])
    emit('event.remarked', {
      channelType: 'whatsapp',
      channelId: 'wa',
      rawEventId: 1,
      index: 0,
      reason: 'unknown_event',
      detail,
      mayBeMessage: true,
      count: 3,
    });
  emit('receipt.recorded', {
    accountId: 1,
    channelType: 'whatsapp',
    type: 'ChatAppStatus',
    unmatched: true,
    queue: null,
  });
  emit('delivery.attempted', {
    accountId: 1,
    destinationId: 2,
    channelId: 'wa',
    receipts: 1,
    attempt: 2,
    cause: 'retry',
    outcome: 'timeout',
    status: null,
    durationMs: 10_000,
  });
  emit('smq.served', {
    operation: 'SendMessage',
    accountId: 1,
    status: 201,
    code: null,
    queue: 'orders',
    messages: 1,
    durationMs: 1,
  });
  emit('store.committed', { calls: 5, ok: false, durationMs: 2 });
  emit('notice.raised', { code: 'destination_off', accountId: 1, subject: 'destination/2' });
  const text = await metricsText(noGauges);
  for (const line of [
    'chasqui_webhooks_total{channel="whatsapp",outcome="recorded"} 1',
    'chasqui_receipt_repeats_total{channel="whatsapp"} 2',
    'chasqui_webhook_unrouted_total{channel="whatsapp"} 3',
    'chasqui_webhook_remarks_total{channel="whatsapp",reason="unknown_event",detail="poke"} 6',
    'chasqui_webhook_remarks_total{channel="whatsapp",reason="unknown_event",detail="other"} 3',
    'chasqui_receipts_total{channel="whatsapp",type="ChatAppStatus"} 1',
    'chasqui_delivery_attempts_total{outcome="timeout"} 1',
    'chasqui_delivery_repeats_total{cause="retry"} 1',
    'chasqui_smq_requests_total{operation="SendMessage",code="OK"} 1',
    'chasqui_store_commit_failures_total 1',
    'chasqui_store_commit_calls_sum 5',
    'chasqui_notices_total{code="destination_off"} 1',
  ])
    assert.ok(text.includes(`${line}\n`), line);
  assert.doesNotMatch(text, /channelId|subject|"wa"/);
});

test('gauges show the oldest undelivered and the queues, and forget what is gone', async () => {
  const { metricsText } = open();
  const text = await metricsText({
    clockAheadSeconds: () => 301.5,
    oldestUndelivered: async () => [{ accountId: 1, destinationId: 2, ageSeconds: 61 }],
    failingTargets: async () => [],
    pauses: async () => [{ accountId: 1, destinationId: 2, seconds: 59.5 }],
    queues: async () => [{ accountId: 1, name: 'q', depth: 7, oldestAgeSeconds: 8 }],
  });
  assert.match(text, /chasqui_oldest_undelivered_age_seconds\{account="1",destination="2"\} 61\n/);
  assert.match(text, /chasqui_destination_pause_seconds\{account="1",destination="2"\} 59.5\n/);
  assert.match(text, /chasqui_queue_depth\{account="1",queue="q"\} 7\n/);
  assert.match(text, /chasqui_queue_oldest_age_seconds\{account="1",queue="q"\} 8\n/);
  assert.doesNotMatch(await metricsText(noGauges), /destination="2"|queue="q"/);
});

test('a store that does not answer costs the scrape its gauges only', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { metricsText } = open();
  const never = new Promise<never>(() => undefined);
  const text = metricsText({
    clockAheadSeconds: () => 301.5,
    oldestUndelivered: () => never,
    failingTargets: async () => [],
    pauses: async () => [],
    queues: () => Promise.reject(new Error('closed')),
  });
  t.mock.timers.tick(2000);
  assert.match(await text, /chasqui_gauge_failures_total 1\n/);
});

test('a thousand series a gauge is the bound, the oldest first', async () => {
  const { metricsText } = open();
  const text = await metricsText({
    ...noGauges,
    oldestUndelivered: async () =>
      Array.from({ length: 1500 }, (_, id) => ({ accountId: 1, destinationId: id, ageSeconds: id })),
  });
  const series = text.match(/^chasqui_oldest_undelivered_age_seconds\{/gm) ?? [];
  assert.equal(series.length, 1000);
  assert.match(text, /destination="1499"\} 1499/);
});

test('docs/operations.md names every metric, every event and no metric that is not there', async () => {
  const docs = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const names = [...(await open().metricsText(noGauges)).matchAll(/^# TYPE (chasqui_\w+)/gm)].map(
    ([, name = '']) => name,
  );
  const ours = names.filter((name) => !/^chasqui_(process|nodejs)_/.test(name));
  assert.ok(ours.length > 20);
  for (const name of ours) assert.ok(docs.includes(`\`${name}\``), `${name} is missing`);
  for (const [, name = ''] of docs.matchAll(/`(chasqui_\w+?[a-z])(?:_bucket|_sum|_count)?[`{[)]/g))
    assert.ok(names.includes(name), `${name} does not exist`);
  for (const event of Object.keys(eventLevels))
    assert.ok(docs.includes(`\`${event}\``), `${event} is missing`);
});
