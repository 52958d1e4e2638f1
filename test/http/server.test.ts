import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { withinFileLimit } from '../../src/http/connections.ts';
import { openHttpServer, toPath } from '../../src/http/server.ts';
import { dial, listen, readAll } from '../support/listener.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

test('an absolute-form target is routed by its path and kept as it was sent', async (t) => {
  const { port } = await listen(t);
  const socket = dial(t, port);
  socket.write('GET http://other.example/echo?a=1%3D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const text = await readAll(socket);
  assert.match(text, /^HTTP\/1\.1 200/);
  assert.match(text, /"url":"\/echo\?a=1%3D"/);
  assert.match(text, /"originalUrl":"http:\/\/other\.example\/echo\?a=1%3D"/);
});

test('a target becomes its path', () => {
  const table = [
    ['/a?b', '/a?b'],
    ['http://host', '/'],
    ['http://host:81/a/b?c=d#e', '/a/b?c=d#e'],
    ['HTTPS://host?x=1', '/?x=1'],
    ['*', '/'],
    ['host:443', '/'],
    ['//a/b', '/a/b'],
    ['///a//b?c=//d', '/a//b?c=//d'],
    ['//', '/'],
    ['http://host//a', '/a'],
  ] as const;
  for (const [target, path] of table) assert.equal(toPath(target), path, target);
});

test('errors are problems that name their code', async (t) => {
  const { app } = await listen(t);
  const fault = await app.inject('/fault');
  assert.equal(fault.statusCode, 409);
  assert.match(fault.headers['content-type'] ?? '', /^application\/problem\+json/);
  assert.deepEqual(fault.json(), {
    type: 'urn:chasqui:problem:conflict',
    title: 'That name is taken.',
    status: 409,
    detail: 'The id is taken.',
    code: 'conflict',
  });
  const missing = await app.inject('/nothing');
  assert.equal(missing.statusCode, 404);
  assert.equal(missing.json<{ code: string }>().code, 'not_found');
});

test('a bug is answered 500 without its text, and counted', async (t) => {
  const { app, events } = await listen(t);
  const answer = await app.inject('/bug');
  assert.equal(answer.statusCode, 500);
  assert.doesNotMatch(answer.body, /secret|4915112345678/);
  assert.deepEqual(events, ['unit.crashed']);
});

test('bad bodies and addresses are refused in the same form', async (t) => {
  const { app } = await listen(t, { bodyLimit: 100 });
  const json = { 'content-type': 'application/json' };
  const table = [
    [{ headers: json, payload: '{' }, 400, 'bad_request'],
    [{ headers: json, payload: '' }, 400, 'bad_request'],
    [{ headers: json, payload: '{"__proto__":{"a":1}}' }, 400, 'bad_request'],
    [{ headers: json, payload: JSON.stringify('x'.repeat(100)) }, 413, 'payload_too_large'],
    [{ headers: { 'content-type': 'image/png' }, payload: 'x' }, 415, 'unsupported_media_type'],
  ] as const;
  for (const [request, status, code] of table) {
    const answer = await app.inject({ method: 'POST', url: '/echo', ...request });
    assert.equal(answer.statusCode, status, answer.body);
    assert.equal(answer.json<{ code: string }>().code, code);
  }
  const badUrl = await app.inject('/%zz');
  assert.equal(badUrl.statusCode, 400);
  assert.match(String(badUrl.headers['content-type']), /^application\/problem\+json/);
});

test('a number that no number can hold comes to routes as the text that it was', async (t) => {
  const { app } = await listen(t, {}, (open) => {
    open.post('/body', (request) => JSON.stringify(request.body));
  });
  for (const [payload, told] of [
    ['{"id":12345678901234567890,"n":[1e400,7]}', '{"id":"12345678901234567890","n":["1e400",7]}'],
    ['{"id":"12345678901234567890","n":1e2}', '{"id":"12345678901234567890","n":100}'],
  ] as const) {
    const headers = { 'content-type': 'application/json' };
    assert.equal((await app.inject({ method: 'POST', url: '/body', headers, payload })).body, told);
  }
});

test('a dot in a query key stays part of the key', async (t) => {
  const { app } = await listen(t);
  const answer = await app.inject('/echo?hub.mode=subscribe&hub.challenge=7');
  assert.deepEqual(answer.json<{ query: unknown }>().query, {
    'hub.mode': 'subscribe',
    'hub.challenge': '7',
  });
});

test('forwarded addresses count from a trusted proxy only', async (t) => {
  const headers = { 'x-forwarded-for': '203.0.113.9' };
  const trusting = await listen(t, { trustProxy: ['127.0.0.0/8'] });
  assert.equal(
    (await trusting.app.inject({ url: '/echo', headers })).json<{ ip: string }>().ip,
    '203.0.113.9',
  );
  const plain = await listen(t);
  assert.equal((await plain.app.inject({ url: '/echo', headers })).json<{ ip: string }>().ip, '127.0.0.1');
});

test('a flood of headers is answered 431 and the others are served', async (t) => {
  const { app, port } = await listen(t);
  const socket = dial(t, port);
  socket.write(`GET /echo HTTP/1.1\r\nHost: x\r\nX-Flood: ${'a'.repeat(17_000)}\r\n\r\n`);
  const text = await readAll(socket);
  assert.match(text, /^HTTP\/1\.1 431 /);
  assert.match(text, /"status":431/);
  assert.equal((await app.inject('/echo')).statusCode, 200);
});

const twoMegabytes = 2 * 1024 * 1024;

test('a call may carry two megabytes in its address, and not a byte more', async (t) => {
  const { port } = await listen(t, {}, (app) => {
    app.get('/', (request) => ({ bytes: request.url.length }));
  });
  const ask = async (bytes: number): Promise<string> => {
    const socket = dial(t, port);
    const target = '/?Action=X&a='.padEnd(bytes, 'b');
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return readAll(socket);
  };
  assert.match(await ask(twoMegabytes), /^HTTP\/1\.1 200 [^]*"bytes":2097152/);
  assert.match(await ask(twoMegabytes + 1), /^HTTP\/1\.1 431 /);
});

test('calls with long addresses that are under way together are bounded, and others are served', async (t) => {
  const waiting: (() => void)[] = [];
  const { app, port } = await listen(t, {}, (routes) => {
    routes.get('/', () => new Promise((resolve) => waiting.push(() => resolve({}))));
  });
  const target = '/?Action=X&a='.padEnd(twoMegabytes, 'b');
  const answers = Array.from({ length: 17 }, () => {
    const socket = dial(t, port);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    return readAll(socket);
  });
  assert.match(await Promise.race(answers), /^HTTP\/1\.1 503 [^]*as a form/);
  assert.equal((await app.inject('/echo')).statusCode, 200);
  while (waiting.length < 16) await new Promise(setImmediate);
  for (const resume of waiting) resume();
  const statuses = (await Promise.all(answers)).map((text) => text.slice(9, 12));
  assert.equal(statuses.filter((status) => status === '200').length, 16);
});

test('the largest of long addresses that are still coming in are dropped when they hold too much', async (t) => {
  const { port } = await listen(t);
  const part = 'b'.repeat(1_900_000);
  const sockets = Array.from({ length: 40 }, () => dial(t, port));
  const dropped = sockets.map((socket) => once(socket.resume(), 'close'));
  const small = dial(t, port);
  small.write('GET /?Action=X&a=b');
  for (const socket of sockets) socket.write(`GET /?Action=X&a=${part}`);
  await Promise.race(dropped);
  small.write(' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(await readAll(small), /^HTTP\/1\.1 404 /);
  assert.ok(sockets.some((socket) => !socket.destroyed));
});

test('a request that offers another protocol is served, and told that nothing behind it is read', async (t) => {
  const { port } = await listen(t);
  const offers = [
    'Connection: Upgrade\r\nUpgrade: websocket\r\n',
    // As Java's client does on each new connection.
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAA\r\n',
  ];
  for (const offer of offers) {
    const socket = dial(t, port);
    socket.write(
      `POST /echo HTTP/1.1\r\nHost: x\r\n${offer}Content-Type: application/json\r\nContent-Length: 5\r\n\r\n"one"` +
        'GET /echo?two HTTP/1.1\r\nHost: x\r\n\r\n',
    );
    const text = await readAll(socket);
    assert.match(text, /^HTTP\/1\.1 200/);
    assert.match(text, /\r\nconnection: close\r\n/i);
    assert.doesNotMatch(text, /two/);
  }
  const plain = dial(t, port);
  plain.write('GET /echo?one HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n\r\n');
  plain.write('GET /echo?two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(await readAll(plain), /one[^]*two/, 'one that offers nothing goes on');
});

test('what is not HTTP is answered 400', async (t) => {
  const { port } = await listen(t);
  const socket = dial(t, port);
  socket.write('\x16\x03\x01 hello\r\n\r\n');
  assert.match(await readAll(socket), /^HTTP\/1\.1 400 /);
});

test('a request whose headers or body do not come in time is answered 408', async (t) => {
  const { port } = await listen(t, { headersTimeoutMs: 50, requestTimeoutMs: 100 });
  const slowHeaders = dial(t, port);
  slowHeaders.write('GET /echo HTTP/1.1\r\nHost:');
  const slowBody = dial(t, port);
  slowBody.write(
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  );
  const [first, second] = await Promise.all([readAll(slowHeaders), readAll(slowBody)]);
  assert.match(first, /^HTTP\/1\.1 408 /);
  assert.match(second, /^HTTP\/1\.1 408 /);
});

test('a connection that says nothing is ended', async (t) => {
  const { port } = await listen(t, { headersTimeoutMs: 50, requestTimeoutMs: 100 });
  await once(dial(t, port).resume(), 'close');
});

test('idle connections beyond the bound make room for new ones, oldest first', async (t) => {
  const { port } = await listen(t, { maxConnections: 3 });
  const idle: Socket[] = [];
  for (let i = 0; i < 3; i++) {
    const socket = dial(t, port);
    await once(socket, 'connect');
    idle.push(socket.resume());
  }
  const [oldest] = idle;
  assert.ok(oldest);
  const gone = once(oldest, 'close');
  const caller = dial(t, port);
  caller.write('GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(await readAll(caller), /^HTTP\/1\.1 200 /);
  await gone;
  assert.ok(idle.slice(1).every((socket) => !socket.destroyed));
});

test('close drops idle connections at once and requests under way after the grace', async (t) => {
  const { app, port } = await listen(t, { closeGraceMs: 50 });
  const idle = dial(t, port).resume();
  await once(idle, 'connect');
  const stuck = dial(t, port).resume();
  stuck.write('GET /never HTTP/1.1\r\nHost: x\r\n\r\n');
  const asked = dial(t, port);
  asked.write('GET /echo HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(asked, 'data');
  asked.resume();
  await Promise.all([app.close(), once(idle, 'close'), once(stuck, 'close'), once(asked, 'close')]);
});

test('TLS needs both files, and files that are there', () => {
  const emit = () => undefined;
  assert.throws(() => openHttpServer({ emit, monotonic: monotonicNow, tlsCertFile: 'x' }), {
    code: 'bad_settings',
  });
  assert.throws(
    () =>
      openHttpServer({ emit, monotonic: monotonicNow, tlsCertFile: '/nowhere/c', tlsKeyFile: '/nowhere/k' }),
    {
      code: 'bad_settings',
    },
  );
});

test('connections leave files for the rest of the process', () => {
  const limits = (count: string) =>
    `Limit  Soft  Hard\nMax open files            ${count}                524288               files\n`;
  assert.equal(withinFileLimit(20_000, limits('524288')), 20_000);
  assert.equal(withinFileLimit(20_000, limits('20000')), 18_976);
  assert.equal(withinFileLimit(20_000, limits('1024')), 768);
  assert.equal(withinFileLimit(20_000, limits('unlimited')), 20_000);
  assert.equal(withinFileLimit(20_000, ''), 20_000);
});
