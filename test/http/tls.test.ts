import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { certificate, writeCertificate } from '../support/certificate.ts';
import { createListenerClock, dial, listen, readAll } from '../support/listener.ts';

const get = 'GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

function dialTls(t: TestContext, port: number): Socket {
  const socket = connectTls({ port, host: '127.0.0.1', ca: certificate });
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  return socket;
}

async function ask(t: TestContext, port: number): Promise<string> {
  const socket = dialTls(t, port);
  socket.write(get);
  return readAll(socket);
}

/** Handles of the whole process that are TCP connections, at either end. */
function countHandles(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap' || name === 'TLSWrap')
    .length;
}

/** Waits until the listener has so many connections. */
async function untilOpen(app: FastifyInstance, wanted: number): Promise<void> {
  const count = (): Promise<number> =>
    new Promise((resolve, reject) =>
      app.server.getConnections((error, open) => (error === null ? resolve(open) : reject(error))),
    );
  while ((await count()) !== wanted) await new Promise(setImmediate);
}

test('connections that never shake hands end with the time for it, and leave nothing behind', async (t) => {
  const headersTimeoutMs = 60_000;
  const { monotonic, pass } = createListenerClock();
  const { port, app } = await listen(t, { ...writeCertificate(t), headersTimeoutMs, monotonic });
  const before = countHandles();
  const silent = Array.from({ length: 150 }, () => dial(t, port).resume());
  const halfway = Array.from({ length: 100 }, () => {
    const socket = dial(t, port).resume();
    // The head of a TLS record, and a part of what it announces.
    socket.write(Buffer.from([22, 3, 1, 1, 0, 1, 0]));
    return socket;
  });
  const gone = Array.from({ length: 50 }, () => dial(t, port));
  const closed = [...silent, ...halfway].map((socket) => once(socket, 'close'));
  await Promise.all([...silent, ...halfway].map((socket) => once(socket, 'connect')));
  for (const socket of gone) socket.destroy();
  assert.match(await ask(t, port), /^HTTP\/1\.1 200/);
  await pass(headersTimeoutMs);
  await Promise.all(closed);
  await untilOpen(app, 0);
  while (countHandles() > before) await new Promise(setImmediate);
});

test('a peer that vanishes in the middle of a handshake that fails leaves nothing behind', async (t) => {
  const { port, app } = await listen(t, { ...writeCertificate(t), headersTimeoutMs: 300 });
  const before = countHandles();
  for (let at = 0; at < 20; at += 1) {
    const socket = dial(t, port);
    socket.write(Buffer.from([22, 3, 1, 1, 0, 1, 0]));
    await once(socket, 'connect');
    socket.resetAndDestroy();
  }
  await untilOpen(app, 0);
  while (countHandles() > before) await new Promise(setImmediate);
});

test('what is no handshake is dropped at once and unanswered', async (t) => {
  const { port, app } = await listen(t, writeCertificate(t));
  for (const text of [get, 'hello\r\n\r\n', '\x15\x03\x01\x00\x02\x02\x28']) {
    const socket = dial(t, port);
    socket.write(Buffer.from(text, 'latin1'));
    const answer = await readAll(socket);
    assert.doesNotMatch(answer, /HTTP/);
  }
  await untilOpen(app, 0);
});

test('handshakes under way are bounded: the oldest gives way and newcomers are served', async (t) => {
  const { port } = await listen(t, { ...writeCertificate(t), maxHandshakes: 3 });
  const silent: Socket[] = [];
  for (let at = 0; at < 3; at += 1) {
    const socket = connect(port, '127.0.0.1').resume();
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    silent.push(socket);
  }
  const [oldest, ...younger] = silent;
  assert.ok(oldest);
  const dropped = once(oldest, 'close');
  assert.match(await ask(t, port), /^HTTP\/1\.1 200/);
  await dropped;
  assert.ok(younger.every((socket) => !socket.destroyed));
  // A handshake that is done makes room again.
  assert.match(await ask(t, port), /^HTTP\/1\.1 200/);
  assert.ok(younger.every((socket) => !socket.destroyed));
});

test('over TLS too whoever reads nothing is closed', async (t) => {
  const large = Buffer.alloc(24 * 1024 * 1024, 'x');
  const { port, app } = await listen(t, { ...writeCertificate(t), stallMs: 200 }, (routes) => {
    routes.get('/large', (_request, reply) => reply.send(large));
  });
  const socket = dialTls(t, port);
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
  while (socket.readableLength === 0) await new Promise(setImmediate);
  socket.pause();
  await untilOpen(app, 0);
});

test('over TLS too a reader that takes enough is left alone', async (t) => {
  const large = Buffer.alloc(24 * 1024 * 1024, 'x');
  const { monotonic, pass } = createListenerClock();
  const stallMs = 40;
  const settings = { stallMs, monotonic, leastBytesPerSecond: 64 * 1024, maxUnsentBytes: 1024 * 1024 * 1024 };
  const { port } = await listen(t, { ...writeCertificate(t), ...settings }, (routes) => {
    routes.get('/large', (_request, reply) => reply.header('connection', 'close').send(large));
  });
  const socket = dialTls(t, port);
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
  let bytes = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    // The whole takes longer than a stall, also where a third of it is buffered on the way.
    if (bytes % (1024 * 1024) < chunk.byteLength) await pass(stallMs / 4);
  }
  assert.ok(bytes > large.byteLength);
});
