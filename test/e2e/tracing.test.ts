// OpenTelemetry as an operator switches it on, seen from an endpoint, a receiver of pushes, and a caller with a trace of his own.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import { openOtlpReceiver } from '../support/otlp-receiver.ts';
import type { OtlpReceiver } from '../support/otlp-receiver.ts';
import { openReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';
import {
  appSecret,
  callerSpan,
  connect,
  post,
  postHook,
  send,
  sender,
  toReceiptIds,
  traceId,
  user,
  words,
} from '../support/traced.ts';

/** Nobody takes so long, on however busy a machine. */
const limitMs = 60_000;

interface Ground {
  readonly service: Service;
  readonly otlp: OtlpReceiver;
  readonly receiver: Receiver;
  readonly dataDir: string;
  readonly env: Record<string, string>;
}

/** A service whose spans and pushes arrive here, and that has a sender of the sandbox and one of WhatsApp. Ends with the test. */
async function open(
  t: TestContext,
  more: Record<string, string> = {},
  answer?: Parameters<typeof openReceiver>[0],
  nodeArgs: readonly string[] = [],
): Promise<Ground> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-tracing-'));
  const [otlp, receiver] = await Promise.all([openOtlpReceiver(), openReceiver(answer)]);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, CHASQUI_SEND_RATE: '1000', ...more };
  const service = await startService({ dataDir, env, nodeArgs });
  t.after(async () => {
    await service.kill();
    await otlp.close();
    await receiver.close();
    rmSync(dataDir, { recursive: true });
  });
  await connect(service, receiver);
  return { service, otlp, receiver, dataDir, env };
}

test('a webhook, its commit and its push are one trace, called by the ReceiptId, and the push carries it on', async (t) => {
  const { service, otlp, receiver } = await open(t);
  await postHook(service, ['wamid.1']);
  await receiver.waitFor(1);
  const [receiptId = ''] = toReceiptIds(receiver);
  const [push] = await otlp.waitFor('push');
  const [recorded] = await otlp.waitFor('receipt recorded');
  const [webhook] = await otlp.waitFor('webhook whatsapp');
  assert.ok(push && recorded && webhook);
  assert.deepEqual([webhook.traceId, recorded.traceId, push.traceId], [receiptId, receiptId, receiptId]);
  assert.deepEqual([webhook.parent, recorded.parent, push.parent], ['', webhook.spanId, recorded.spanId]);
  assert.deepEqual([webhook.kind, recorded.kind, push.kind], [2, 1, 3]);
  assert.equal(receiver.calls[0]?.headers['traceparent'], `00-${receiptId}-${push.spanId}-01`);
  assert.equal(webhook.attributes['chasqui.outcome'], 'recorded');
  assert.equal(recorded.attributes['chasqui.receipt.id'], receiptId);
  assert.equal(push.attributes['http.response.status_code'], 200);
  assert.ok(webhook.startedAt <= recorded.startedAt && recorded.endedAt <= webhook.endedAt);
  assert.equal(push.resource['service.name'], 'chasqui');
  // Of several nodes each has figures of its own.
  const { port } = new URL(service.url);
  assert.equal(push.resource['service.instance.id'], `${hostname()}:${port}`);

  // Of a repeat there is the webhook alone, in the same trace.
  await postHook(service, ['wamid.1']);
  const [, again] = await otlp.waitFor('webhook whatsapp', 2);
  assert.equal(again?.traceId, receiptId);
  assert.deepEqual(
    [again.attributes['chasqui.receipts.fresh'], again.attributes['chasqui.receipts.repeats']],
    [0, 1],
  );
  assert.equal(otlp.spans.filter(({ name }) => name === 'receipt recorded').length, 1);
});

test('several receipts of one webhook have a trace each, which names the webhook', async (t) => {
  const { service, otlp, receiver } = await open(t);
  await postHook(service, ['wamid.1', 'wamid.2']);
  await receiver.waitFor(2);
  const [webhook] = await otlp.waitFor('webhook whatsapp');
  const recorded = await otlp.waitFor('receipt recorded', 2);
  assert.ok(webhook);
  const [first, second] = recorded;
  assert.deepEqual(
    recorded.map((span) => span.traceId),
    recorded.map((span) => span.attributes['chasqui.receipt.id']),
  );
  assert.deepEqual([first?.traceId, first?.parent, first?.links], [webhook.traceId, webhook.spanId, []]);
  assert.deepEqual([second?.parent, second?.links], ['', [`${webhook.traceId}/${webhook.spanId}`]]);
});

test('a trace that comes with a webhook goes on to its push, over the end of a process too', async (t) => {
  let isDeaf = true;
  const { service, otlp, receiver, dataDir, env } = await open(t, {}, (_call, response) => {
    if (!isDeaf) response.end('{"code":0}');
  });
  await postHook(service, ['wamid.1'], { traceparent: `00-${traceId}-${callerSpan}-01` });
  const [webhook] = await otlp.waitFor('webhook whatsapp');
  const [recorded] = await otlp.waitFor('receipt recorded');
  assert.ok(webhook && recorded);
  assert.deepEqual([webhook.traceId, webhook.parent], [traceId, callerSpan]);
  assert.deepEqual([recorded.traceId, recorded.parent], [traceId, webhook.spanId]);
  await receiver.waitFor(1);
  await service.kill();

  isDeaf = false;
  const next = await startService({ dataDir, env });
  t.after(() => next.kill());
  await receiver.waitFor(2);
  const [push] = await otlp.waitFor('push');
  assert.deepEqual([push?.traceId, push?.parent], [traceId, recorded.spanId]);
  assert.equal(push?.attributes['chasqui.repeat_cause'], 'recovery');
  assert.match(
    String(receiver.calls[0]?.headers['traceparent']),
    new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`),
  );
  assert.equal(receiver.calls[1]?.headers['traceparent'], `00-${traceId}-${push?.spanId}-01`);
  assert.equal(await next.stop(), 0);
});

test('of a trace that is not sampled nothing goes out but its name, and what holds no trace is none', async (t) => {
  const { service, otlp, receiver } = await open(t);
  await postHook(service, ['wamid.1'], { traceparent: `00-${traceId}-${callerSpan}-00` });
  await receiver.waitFor(1);
  assert.match(
    String(receiver.calls[0]?.headers['traceparent']),
    new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`),
  );
  await postHook(service, ['wamid.2'], { traceparent: `00-${'0'.repeat(32)}-${callerSpan}-01` });
  await receiver.waitFor(2);
  const [webhook] = await otlp.waitFor('webhook whatsapp');
  assert.equal(webhook?.traceId, toReceiptIds(receiver)[1]);
  await otlp.waitFor('push');
  assert.deepEqual(
    otlp.spans.filter((span) => span.traceId === traceId),
    [],
  );
});

test('a call, its send and its statuses are linked by the message, in the trace of whoever calls', async (t) => {
  const { service, otlp, receiver } = await open(t);
  const messageId = await send(service, { traceparent: `00-${traceId}-${callerSpan}-01` });
  await receiver.waitFor(3);
  const [call] = await otlp.waitFor('cams SendChatappMessage');
  const [accepted] = await otlp.waitFor('message accepted');
  const [sent] = await otlp.waitFor('send whatsapp');
  const statuses = await otlp.waitFor('receipt recorded', 3);
  assert.ok(call && accepted && sent);
  assert.deepEqual([call.traceId, call.parent, call.kind], [traceId, callerSpan, 2]);
  assert.deepEqual([accepted.traceId, accepted.parent], [traceId, call.spanId]);
  assert.deepEqual([sent.traceId, sent.parent, sent.kind], [traceId, accepted.spanId, 3]);
  assert.equal(accepted.attributes['chasqui.message.id'], messageId);
  for (const status of statuses) {
    assert.equal(status.attributes['chasqui.message.id'], messageId);
    assert.deepEqual([status.traceId, status.parent], [status.attributes['chasqui.receipt.id'], '']);
    assert.deepEqual(status.links, [`${traceId}/${sent.spanId}`]);
  }

  // Without a trace of the caller's the call is the first span of the message's own.
  await send(service);
  const [, ownCall] = await otlp.waitFor('cams SendChatappMessage', 2);
  const [, own] = await otlp.waitFor('message accepted', 2);
  assert.ok(ownCall && own);
  assert.deepEqual([ownCall.parent, own.traceId, own.parent], ['', ownCall.traceId, ownCall.spanId]);
  assert.notEqual(own.traceId, traceId);
});

test('calls of SMQ, of the API and of the sandbox are in the trace of whoever calls, and strangers make no spans', async (t) => {
  const { service, otlp } = await open(t);
  const traceparent = `00-${traceId}-${callerSpan}-01`;
  const from = '15550100002';
  const { messageId } = await post(
    service,
    '/api/v1/messages',
    { channelId: 'sandbox', senderId: sender, to: from, type: 'text', text: words },
    { traceparent },
  );
  await post(service, `/sandbox/${sender}/inbound`, { from, type: 'text', text: words }, { traceparent });
  const smq = new SmqClient(service.url, { id: rootAccount.keyId, secret: rootAccount.keySecret });
  await smq.createQueue('orders');
  await smq.close();
  const [api] = await otlp.waitFor('POST /api/v1/messages');
  const [played] = await otlp.waitFor('sandbox inbound');
  await otlp.waitFor('smq CreateQueue');
  const [accepted] = await otlp.waitFor('message accepted');
  assert.deepEqual([api?.traceId, api?.parent], [traceId, callerSpan]);
  assert.deepEqual([played?.traceId, played?.parent], [traceId, callerSpan]);
  assert.deepEqual([accepted?.traceId, accepted?.parent], [traceId, api?.spanId]);
  assert.equal(accepted?.attributes['chasqui.message.id'], messageId);

  const before = otlp.spans.filter(({ kind }) => kind === 2).length;
  assert.equal(await postHook(service, ['wamid.9'], { traceparent }, 'not-the-secret-of-this-channel'), 401);
  const stranger = await request(`${service.url}/api/v1/account`, { headers: { traceparent } });
  assert.equal(stranger.statusCode, 401);
  await stranger.body.dump();
  const { statusCode, body } = await request(`${service.url}/queues`, {
    headers: { traceparent, authorization: 'MNS a:b' },
  });
  assert.ok(statusCode >= 400);
  await body.dump();
  await postHook(service, ['wamid.10']);
  await otlp.waitFor('webhook whatsapp');
  assert.equal(otlp.spans.filter(({ kind }) => kind === 2).length, before + 1);
});

test('metrics go out as /metrics has them, with the headers that are set, and nothing personal or secret goes with them', async (t) => {
  const secretHeader = 'token-of-the-collector';
  const { service, otlp, receiver } = await open(t, {
    CHASQUI_LOG_LEVEL: 'debug',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_EXPORTER_OTLP_HEADERS: `x-token=${secretHeader},x-more=a%2Cb`,
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=trial,service.name=receipts',
  });
  await postHook(service, ['wamid.1']);
  await send(service);
  await receiver.waitFor(4);
  const [push] = await otlp.waitFor('push');
  assert.deepEqual(
    [push?.resource['service.name'], push?.resource['deployment.environment']],
    ['receipts', 'trial'],
  );
  const value = (name: string) =>
    otlp.metrics.get(name)?.sum?.dataPoints.reduce((sum, one) => sum + (one.asDouble ?? 0), 0);
  await waitUntil('the metrics have the receipts', limitMs, () => value('chasqui_receipts_total') === 4);
  assert.equal(otlp.metrics.get('chasqui_receipts_total')?.sum?.isMonotonic, true);
  const text = await (await request(`${service.url}/metrics`)).body.text();
  const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
  const withSeries = names.filter((name) => new RegExp(`^${name}(?:_bucket)?[{ ]`, 'm').test(text));
  await waitUntil('all that /metrics has goes out', limitMs, () =>
    withSeries.every((name) => otlp.metrics.has(name)),
  );
  const unit = (name: string) => otlp.metrics.get(name)?.unit;
  assert.deepEqual(
    ['chasqui_store_commit_duration_seconds', 'chasqui_process_resident_memory_bytes'].map(unit),
    ['s', 'By'],
  );
  const [point] = otlp.metrics.get('chasqui_store_commit_duration_seconds')?.histogram?.dataPoints ?? [];
  assert.equal(point?.bucketCounts?.length, (point?.explicitBounds?.length ?? 0) + 1);
  for (const { headers } of otlp.requests) {
    assert.deepEqual([headers['x-token'], headers['x-more']], [secretHeader, 'a,b']);
    assert.equal(headers['content-encoding'], 'gzip');
  }
  for (const kept of [
    user,
    words,
    'Zaphod',
    appSecret,
    rootAccount.keySecret,
    'wamid',
    '15550107777',
    sender,
  ])
    assert.ok(!otlp.text().includes(kept), kept);
  assert.ok(!service.output().includes(secretHeader));
});

test('an endpoint that is not there costs spans alone: told once, counted, and not waited for', async (t) => {
  const port = await findFreePort();
  const { service, receiver } = await open(t, {
    CHASQUI_LOG_LEVEL: 'debug',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
  });
  const lost = async () => {
    const text = await (await request(`${service.url}/metrics`)).body.text();
    return Number(/^chasqui_spans_lost_total (\d+)$/m.exec(text)?.[1]);
  };
  await postHook(service, ['wamid.1']);
  await receiver.waitFor(1);
  await waitUntil('spans are lost', limitMs, async () => (await lost()) > 0);
  const first = await lost();
  await postHook(service, ['wamid.2']);
  await receiver.waitFor(2);
  await waitUntil('more spans are lost', limitMs, async () => (await lost()) > first);
  const told = [...service.output().matchAll(/.*"msg":"telemetry.failing".*/g)].map(([line]) => line);
  assert.equal(told.length, 1, told.join('\n'));
  assert.match(told[0] ?? '', /"signal":"traces","reason":"ECONNREFUSED"/);

  const back = await openOtlpReceiver(() => 200, port);
  t.after(() => back.close());
  await postHook(service, ['wamid.3']);
  await back.waitFor('push');
  const isTold = (): boolean => service.output().includes('"msg":"telemetry.resumed"');
  await waitUntil('it is told that spans go out again', limitMs, isTold);
  await back.close();
  await postHook(service, ['wamid.4']);
  const before = performance.now();
  assert.equal(await service.stop(), 0);
  assert.ok(performance.now() - before < limitMs, `${performance.now() - before} ms`);
});

test('an endpoint that never answers holds up neither the work nor, for more than two seconds, the end', async (t) => {
  const hung = await openOtlpReceiver(() => null);
  t.after(() => hung.close());
  const { service, receiver } = await open(t, {
    OTEL_EXPORTER_OTLP_ENDPOINT: hung.url,
    // Who waited for it would do so for a minute.
    OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
  });
  await postHook(service, ['wamid.1']);
  await receiver.waitFor(1);
  await waitUntil('spans are on their way', limitMs, () => hung.requests.length > 0);
  const before = performance.now();
  assert.equal(await service.stop(), 0);
  assert.ok(performance.now() - before < limitMs / 2, `${performance.now() - before} ms`);
});

test('without the setting nothing of OpenTelemetry is loaded, and no push carries a trace', async (t) => {
  const watch = `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => {
      if (/@opentelemetry.(?!api.)|telemetry.otlp/.test(url)) process.stdout.write('LOADED ' + url + '\\n');
      return next(url, context);
    } });`)}`;
  const nodeArgs = ['--import', watch];
  const { service, receiver } = await open(
    t,
    { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_SOMETHING: 'else' },
    undefined,
    nodeArgs,
  );
  await postHook(service, ['wamid.1'], { traceparent: `00-${traceId}-${callerSpan}-01` });
  await send(service, { traceparent: `00-${traceId}-${callerSpan}-01` });
  await receiver.waitFor(4);
  assert.deepEqual(
    receiver.calls.map(({ headers }) => headers['traceparent']),
    [undefined, undefined, undefined, undefined],
  );
  assert.doesNotMatch(service.output(), /LOADED/);
  assert.equal(await service.stop(), 0);

  const other = await open(t, {}, undefined, nodeArgs);
  assert.match(other.service.output(), /LOADED .*sdk-trace/);
});

test('samplers with a ratio decide for a whole trace, and alike for whatever comes of it later', async (t) => {
  const { service, otlp, receiver } = await open(t, {
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
  });
  const ids = Array.from({ length: 24 }, (_, index) => `wamid.${index}`);
  for (const one of ids) await postHook(service, [one]);
  await receiver.waitFor(ids.length);
  const flags = new Map(
    receiver.calls.map(({ headers }) => {
      const [, trace = '', , flag] = String(headers['traceparent']).split('-');
      return [trace, flag] as const;
    }),
  );
  const sampled = [...flags].filter(([, flag]) => flag === '01').map(([trace]) => trace);
  assert.ok(sampled.length > 0 && sampled.length < ids.length, `${sampled.length}`);
  for (const name of ['webhook whatsapp', 'receipt recorded', 'push']) {
    const spans = await otlp.waitFor(name, sampled.length);
    assert.deepEqual(new Set(spans.map((span) => span.traceId)), new Set(sampled), name);
  }
});
