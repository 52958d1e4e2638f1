// What goes to an OTLP endpoint, and endpoints that answer in every way that they should not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { machineTime } from '../../../src/runtime/clock.ts';
import { NotTaken, openSpanExporter } from '../../../src/telemetry/otlp/exporters.ts';
import { OtlpSender } from '../../../src/telemetry/otlp/sender.ts';
import { writeCertificate } from '../../support/certificate.ts';

const body = Buffer.from('spans');

async function open(
  t: TestContext,
  answer: RequestListener,
  options: Partial<ConstructorParameters<typeof OtlpSender>[0]> = {},
) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/v1/traces`;
  const sender = new OtlpSender({
    url,
    headers: {},
    compression: 'none',
    timeoutMs: 1000,
    time: machineTime,
    random: () => 0.5,
    ...options,
  });
  t.after(async () => {
    await sender.close();
    server.closeAllConnections();
    server.close();
  });
  return { sender, requests };
}

/** The result of a look at how long something took as well. */
async function timed<T>(work: Promise<T>): Promise<{ readonly result: T; readonly ms: number }> {
  const begun = performance.now();
  const result = await work;
  return { result, ms: performance.now() - begun };
}

it('a body goes out as it is or compressed, with the headers that were set', async (t) => {
  for (const compression of ['none', 'gzip'] as const) {
    const got: Buffer[] = [];
    const { sender, requests } = await open(
      t,
      (request, response) => {
        request.on('data', (chunk: Buffer) => got.push(chunk));
        request.on('end', () => response.end('ok'));
      },
      { compression, headers: { authorization: 'Bearer of-the-collector', 'content-type': 'text/plain' } },
    );
    assert.deepEqual(await sender.send(body), { answer: Buffer.from('ok') });
    const [request] = requests;
    const bytes = Buffer.concat(got);
    assert.deepEqual(compression === 'gzip' ? gunzipSync(bytes) : bytes, body);
    assert.equal(request?.url, '/base/v1/traces');
    assert.equal(request?.headers['authorization'], 'Bearer of-the-collector');
    assert.equal(request?.headers['content-type'], 'application/x-protobuf');
  }
});

it('an answer that never ends, or never comes, is over in its time', async (t) => {
  let timer: NodeJS.Timeout | undefined;
  t.after(() => clearInterval(timer));
  for (const answer of [
    // Each byte would give it another second.
    ((_request, response) => {
      response.writeHead(200);
      timer = setInterval(() => response.write('a'), 50);
    }) satisfies RequestListener,
    () => undefined,
  ]) {
    const { sender } = await open(t, answer, { timeoutMs: 500 });
    const { result, ms } = await timed(sender.send(body));
    assert.deepEqual(result, { reason: 'timeout' });
    assert.ok(ms < 5000, `${ms} ms`);
    clearInterval(timer);
  }
});

it('an answer of any length is read as far as it may say something', async (t) => {
  const { sender } = await open(t, (_request, response) => void response.end(Buffer.alloc(16 * 1024 * 1024)));
  const sent = await sender.send(body);
  assert.ok('answer' in sent && sent.answer.byteLength <= 64 * 1024);
});

it('refusals and redirects are told by their status, and not tried again; nothing follows a redirect', async (t) => {
  for (const [status, reason] of [
    [302, 'HTTP 302'],
    [400, 'HTTP 400'],
    [401, 'HTTP 401'],
    [500, 'HTTP 500'],
  ] as const) {
    const { sender, requests } = await open(t, (_request, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end('What was sent: secret');
    });
    assert.deepEqual(await sender.send(body), { reason });
    assert.equal(requests.length, 1);
  }
});

it('a page of HTML is no answer of an endpoint, whatever its status', async (t) => {
  const { sender } = await open(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<form>Sign in');
  });
  assert.deepEqual(await sender.send(body), { reason: 'a page of HTML' });
});

it('what may go well later is tried again within the time', async (t) => {
  let isBusy = true;
  const { sender, requests } = await open(
    t,
    (_request, response) => {
      response.writeHead(isBusy ? 503 : 200).end();
      isBusy = false;
    },
    { timeoutMs: 10_000 },
  );
  assert.deepEqual(await sender.send(body), { answer: Buffer.alloc(0) });
  assert.equal(requests.length, 2);
});

it('an endpoint that asks to be left alone is left alone, by all that follows too', async (t) => {
  let now = 1_000_000;
  let tick = 0;
  let isBusy = true;
  const time = { now: () => now, monotonic: () => tick };
  const { sender, requests } = await open(
    t,
    (_request, response) => {
      if (isBusy) response.writeHead(429, { 'retry-after': '60' });
      response.end();
    },
    { time },
  );
  assert.deepEqual(await sender.send(body), { reason: 'HTTP 429' });
  assert.deepEqual(await sender.send(body), { reason: 'HTTP 429' });
  assert.equal(requests.length, 1);
  isBusy = false;
  // The clock that is set goes for nothing.
  now += 3_600_000;
  assert.deepEqual(await sender.send(body), { reason: 'HTTP 429' });
  tick += 60_001;
  assert.deepEqual(await sender.send(body), { answer: Buffer.alloc(0) });
  assert.equal(requests.length, 2);
});

it('a certificate that nobody vouches for is told by its code, and not tried again', async (t) => {
  const { tlsCertFile, tlsKeyFile } = writeCertificate(t);
  const server = createTlsServer({ cert: readFileSync(tlsCertFile), key: readFileSync(tlsKeyFile) });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  const { sender } = await open(t, () => undefined, { url, timeoutMs: 20_000 });
  t.after(() => server.close());
  const { result, ms } = await timed(sender.send(body));
  assert.match(JSON.stringify(result), /SELF_SIGNED|UNABLE_TO_VERIFY/);
  assert.ok(ms < 10_000, `${ms} ms`);
});

it('what is under way is given up at the end', async (t) => {
  const { sender, requests } = await open(t, () => undefined, { timeoutMs: 60_000 });
  const sending = timed(sender.send(body));
  while (requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await sender.close();
  const { result, ms } = await sending;
  assert.ok('reason' in result && ms < 30_000, JSON.stringify(result));
});

it('spans that an endpoint takes in part are told by how many it did not take', async (t) => {
  // ExportTraceServiceResponse { partial_success { rejected_spans: 3, error_message: "no" } }, as protobuf writes it.
  const partial = Buffer.from([0x0a, 0x06, 0x08, 0x03, 0x12, 0x02, 0x6e, 0x6f]);
  for (const [answer, wanted] of [
    [partial, 3],
    [Buffer.alloc(0), undefined],
    [Buffer.from('no protobuf at all'), undefined],
  ] as const) {
    const { sender } = await open(t, (_request, response) => void response.end(answer));
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    openSpanExporter(sender).export([], ({ error }) => resolve(error));
    const error = await promise;
    assert.equal(error instanceof NotTaken ? error.count : undefined, wanted);
  }
});
