// Hosts with several addresses of which some are dead, and connections through a proxy.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { TestContext } from 'node:test';
import { isFailure } from '../../src/http/client.ts';
import type { Client, ClientOptions } from '../../src/http/client.ts';
import { writeCertificate } from '../support/certificate.ts';
import { openReceiver } from '../support/receiver.ts';
import { bareEnv } from '../support/service.ts';
import { openLocalClient } from '../support/client.ts';

const execute = promisify(execFile);

function open(t: TestContext, options: Partial<ClientOptions> = {}): Client {
  const client = openLocalClient({ egressAllow: ['127.0.0.0/8', '::1'], ...options });
  t.after(() => client.close());
  return client;
}

const toAddresses = (addresses: readonly string[]) => async () =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const post = (client: Client, url: string, timeoutMs = 60_000) =>
  client.post(url, { headers: {}, body: '[]', timeoutMs, maxBytes: 1000 });

async function outcomeOf(client: Client, url: string, timeoutMs?: number): Promise<string> {
  const result = await post(client, url, timeoutMs);
  return isFailure(result) ? result.outcome : String(result.status);
}

async function receive(t: TestContext) {
  const receiver = await openReceiver();
  t.after(() => receiver.close());
  return { receiver, port: new URL(receiver.url).port };
}

/** An address whose listener never accepts and has its queue full: whoever connects hears nothing. */
async function openSilent(t: TestContext, host: string, port: string): Promise<void> {
  const source = `require('node:net').createServer().listen({ host: '${host}', port: ${port}, backlog: 1 }, () => {
    require('node:fs').writeSync(1, 'listening');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const child = spawn(process.execPath, ['-e', source], {
    env: bareEnv,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  await once(child.stdout, 'data');
  const sockets = Array.from({ length: 16 }, () => connect({ host, port: Number(port) }));
  for (const socket of sockets) socket.on('error', () => undefined);
  t.after(() => sockets.forEach((socket) => socket.destroy()));
}

for (const dead of [['127.0.0.9'], ['127.0.0.9', '127.0.0.10', '127.0.0.11'], ['::1']]) {
  test(`an address that refuses is passed over for one that answers: ${dead.join()}`, async (t) => {
    const { port } = await receive(t);
    const client = open(t, { resolve: toAddresses([...dead, '127.0.0.1']) });
    assert.equal(await outcomeOf(client, `http://callback.example:${port}/`), '200');
    const streamed = await client.get(`http://callback.example:${port}/`, {}, 60_000);
    assert.ok(!isFailure(streamed));
    for await (const _chunk of streamed.body) continue;
  });
}

test('an address that is silent is passed over within the time limit', async (t) => {
  const { receiver, port } = await receive(t);
  await openSilent(t, '127.0.0.9', port);
  const silent = open(t, { resolve: toAddresses(['127.0.0.9']) });
  assert.equal(await outcomeOf(silent, `http://callback.example:${port}/`, 700), 'timeout');
  const client = open(t, { resolve: toAddresses(['127.0.0.9', '127.0.0.1']) });
  const startedAt = performance.now();
  assert.equal(await outcomeOf(client, `http://callback.example:${port}/`), '200');
  assert.ok(performance.now() - startedAt >= 240, 'the first one has its time');
  assert.equal(receiver.calls.length, 1);
});

test('with no address that answers the request fails as refused, and surely was not sent', async (t) => {
  const { receiver, port } = await receive(t);
  await receiver.close();
  const client = open(t, { resolve: toAddresses(['127.0.0.9', '127.0.0.10']) });
  const result = await post(client, `http://callback.example:${port}/`);
  assert.deepEqual(isFailure(result) && [result.outcome, result.wasSent], ['refused', false]);
});

test('TLS is spoken to the address that answers, under the name', async (t) => {
  const { tlsCertFile, tlsKeyFile } = writeCertificate(t);
  const names: string[] = [];
  const server = createTlsServer(
    {
      cert: readFileSync(tlsCertFile),
      key: readFileSync(tlsKeyFile),
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    },
    (_request, response) => response.end('{"code":0}'),
  ).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Trusted by nobody here, so that it is refused, after the name was told.
  const client = open(t, { resolve: toAddresses(['127.0.0.9', '127.0.0.1']) });
  assert.equal(await outcomeOf(client, `https://localhost:${port}/`), 'tls');
  assert.deepEqual(names, ['localhost']);
});

test('a private CA in NODE_EXTRA_CA_CERTS is trusted for callbacks and vendors', async (t) => {
  const { tlsCertFile, tlsKeyFile } = writeCertificate(t);
  const server = createTlsServer(
    { cert: readFileSync(tlsCertFile), key: readFileSync(tlsKeyFile) },
    (_request, response) => response.end('{"code":0}'),
  ).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const source = `
    import { openClient } from '${new URL('../../src/http/client.ts', import.meta.url).href}';
    const client = openClient({ egressAllow: ['127.0.0.1'], monotonic: () => performance.now() });
    const url = 'https://127.0.0.1:${port}/';
    const posted = await client.post(url, { headers: {}, body: '[]', timeoutMs: 60000, maxBytes: 1000 });
    const got = await client.get(url, {}, 60000);
    console.log(posted.status ?? posted.outcome, got.status ?? got.outcome);
    await client.close();`;
  const run = async (env: Record<string, string>): Promise<string> => {
    const options = { env: { ...bareEnv, ...env } };
    const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', source], options);
    return stdout.trim();
  };
  assert.equal(await run({}), 'tls tls');
  assert.equal(await run({ NODE_EXTRA_CA_CERTS: tlsCertFile }), '200 200');
});

interface TestProxy {
  readonly url: string;
  /** What it was asked to connect to, with the credentials that came along. */
  readonly asked: (readonly [authority: string | undefined, authorization: string | undefined])[];
}

/** A proxy that connects every tunnel to a port of 127.0.0.1, or answers it with a status. */
async function openProxy(
  t: TestContext,
  answer: (authority: string) => { port: string } | { status: number },
): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, client: Socket) => {
    sockets.add(client);
    client.on('error', () => undefined);
    asked.push([request.url, request.headers['proxy-authorization']]);
    const given = answer(request.url ?? '');
    if ('status' in given) {
      client.end(`HTTP/1.1 ${given.status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const target = connect({ host: '127.0.0.1', port: Number(given.port) }, () => {
      client.write('HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    sockets.add(target);
    target.on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked };
}

test('everything outside goes through the proxy, which is asked for the address that was checked', async (t) => {
  const { receiver, port } = await receive(t);
  const proxy = await openProxy(t, () => ({ port }));
  const url = proxy.url.replace('http://', 'http://us%40er:pass@');
  const resolve = toAddresses(['93.184.216.34']);
  const client = open(t, { egressAllow: [], resolve, proxy: { url, names: 'here' } });
  assert.equal(await outcomeOf(client, 'http://callback.example/in'), '200');
  const basic = `Basic ${Buffer.from('us@er:pass').toString('base64')}`;
  assert.deepEqual(proxy.asked, [['93.184.216.34:80', basic]]);
  assert.equal(receiver.calls[0]?.headers['host'], 'callback.example');
});

test('what points inside is refused before the proxy is asked; what is allowed inside is reached past it', async (t) => {
  const { port } = await receive(t);
  const proxy = await openProxy(t, () => ({ port }));
  for (const names of ['here', 'proxy'] as const) {
    const given = { url: proxy.url, names };
    const inside = open(t, { egressAllow: [], resolve: toAddresses(['10.0.0.1']), proxy: given });
    assert.equal(await outcomeOf(inside, 'http://callback.example/'), 'guarded');
    assert.equal(await outcomeOf(inside, 'http://169.254.169.254/'), 'guarded');
    const allowed = open(t, { resolve: toAddresses(['127.0.0.1']), proxy: given });
    assert.equal(await outcomeOf(allowed, `http://callback.example:${port}/`), '200');
  }
  assert.deepEqual(proxy.asked, []);
});

test('a proxy that looks names up is asked for the name, also for one that nobody knows here', async (t) => {
  const { port } = await receive(t);
  const proxy = await openProxy(t, () => ({ port }));
  const resolve = async () => {
    throw new Error('ENOTFOUND');
  };
  const client = open(t, { egressAllow: [], resolve, proxy: { url: proxy.url, names: 'proxy' } });
  assert.equal(await outcomeOf(client, 'http://callback.example:8080/'), '200');
  assert.deepEqual(
    proxy.asked.map(([authority]) => authority),
    ['callback.example:8080'],
  );
  assert.equal(await client.findHostWithoutAddress('http://callback.example/'), null);
  assert.equal(await outcomeOf(client, 'http://metadata.google.internal/'), 'guarded');
  assert.equal(proxy.asked.length, 1, 'a name that can only be inside is not asked for');
});

test('TLS goes through the tunnel end to end', async (t) => {
  const { tlsCertFile, tlsKeyFile } = writeCertificate(t);
  const server = createTlsServer({ cert: readFileSync(tlsCertFile), key: readFileSync(tlsKeyFile) });
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const port = String((server.address() as AddressInfo).port);
  const proxy = await openProxy(t, () => ({ port }));
  const resolve = toAddresses(['93.184.216.34']);
  const client = open(t, { egressAllow: [], resolve, proxy: { url: proxy.url, names: 'here' } });
  // The certificate is the receiver's own, which nobody here trusts.
  assert.equal(await outcomeOf(client, 'https://callback.example/'), 'tls');
  assert.deepEqual(proxy.asked[0]?.[0], '93.184.216.34:443');
});

test('another address of the host is asked for when the proxy does not reach the first', async (t) => {
  const { port } = await receive(t);
  const proxy = await openProxy(t, (authority) =>
    authority.startsWith('[2606:') ? { status: 502 } : { port },
  );
  const resolve = toAddresses(['2606:2800:220:1::1', '93.184.216.34']);
  const client = open(t, { egressAllow: [], resolve, proxy: { url: proxy.url, names: 'here' } });
  assert.equal(await outcomeOf(client, 'http://callback.example/'), '200');
  assert.deepEqual(
    proxy.asked.map(([authority]) => authority),
    ['[2606:2800:220:1::1]:80', '93.184.216.34:80'],
  );
});

for (const [status, reason] of [
  [407, /other credentials/],
  [403, /refuses the connection \(403\)/],
  [502, /did not reach it \(502\)/],
] as const) {
  test(`a proxy that answers ${status} is told as its own fault, and nothing was sent`, async (t) => {
    const proxy = await openProxy(t, () => ({ status }));
    const resolve = toAddresses(['93.184.216.34']);
    const client = open(t, { egressAllow: [], resolve, proxy: { url: proxy.url, names: 'here' } });
    const result = await post(client, 'http://callback.example/');
    assert.ok(isFailure(result));
    assert.deepEqual([result.outcome, result.wasSent], ['refused', false]);
    assert.match(result.reason, reason);
  });
}

test('a proxy that is away, is none, or never answers is a failure within the time limit', async (t) => {
  const resolve = toAddresses(['93.184.216.34']);
  const through = (port: number) =>
    open(t, { egressAllow: [], resolve, proxy: { url: `http://127.0.0.1:${port}`, names: 'here' } });
  const talk = async (greet: (socket: Socket) => void): Promise<number> => {
    const sockets = new Set<Socket>();
    const server = createTcpServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      greet(socket);
    }).listen(0, '127.0.0.1');
    t.after(() => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const url = 'http://callback.example/';
  assert.equal(
    await outcomeOf(through(await talk((socket) => socket.end('220 smtp\r\n\r\n'))), url),
    'refused',
  );
  assert.equal(await outcomeOf(through(await talk((socket) => socket.destroy())), url), 'refused');
  assert.equal(await outcomeOf(through(await talk(() => undefined)), url, 300), 'timeout');
  const { receiver, port } = await receive(t);
  await receiver.close();
  assert.equal(await outcomeOf(through(Number(port)), url), 'refused');
});
