import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { maxUnderWay } from '../../src/http/connections.ts';
import { prove } from '../../src/http/trust.ts';
import { createListenerClock, dial, listen, readAll } from '../support/listener.ts';
import type { Listener } from '../support/listener.ts';

const megabyte = 1024 * 1024;
/** More than a kernel takes for a peer that does not read. */
const large = Buffer.alloc(24 * megabyte, 'x');

/** Requests that a test holds back, in the order in which they were begun. */
interface Gate {
  readonly begun: string[];
  readonly release: (name: string) => void;
}

/** Adds `/proven/…` for callers with a key, `/stranger/…` for others, each held until it is released, and `/large`. */
function addGate(app: FastifyInstance): Gate {
  const begun: string[] = [];
  const waiting = new Map<string, (text: string) => void>();
  const hold = (name: string): Promise<string> => {
    begun.push(name);
    return new Promise((resolve) => waiting.set(name, resolve));
  };
  app.get<{ Params: { name: string } }>('/proven/:name', (request) => {
    prove(request.raw.socket);
    return hold(request.params.name);
  });
  app.get<{ Params: { name: string } }>('/stranger/:name', ({ params }) => hold(params.name));
  app.get('/key', (request) => {
    prove(request.raw.socket);
    return 'known';
  });
  app.get('/large', (_request, reply) => reply.send(large));
  app.get('/slow-to-come', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200);
    reply.raw.write('first');
  });
  return { begun, release: (name) => waiting.get(name)?.(name) };
}

async function open(
  t: TestContext,
  settings: Parameters<typeof listen>[1] = {},
): Promise<Listener & { readonly gate: Gate }> {
  let gate: Gate | undefined;
  const listener = await listen(t, settings, (app) => {
    gate = addGate(app);
  });
  assert.ok(gate);
  return { ...listener, gate };
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
}

const last = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise(setImmediate);
}

/** A connection that has shown a key. */
async function dialProven(t: TestContext, port: number): Promise<Socket> {
  const socket = dial(t, port);
  socket.write(get('/key'));
  await once(socket, 'data');
  return socket;
}

test('a stranger who sends too many requests at once is cut off unanswered', async (t) => {
  const { port, app } = await open(t);
  let parsed = 0;
  app.server.on('request', () => (parsed += 1));
  const socket = dial(t, port);
  socket.write(get('/stranger/a').repeat(maxUnderWay + 1000));
  assert.equal(await readAll(socket), '');
  // What comes in one piece with them costs nothing.
  assert.equal(parsed, maxUnderWay + 1);
});

test('as many requests as may be under way are all answered, in their order', async (t) => {
  const { port } = await open(t);
  const socket = dial(t, port);
  const paths = Array.from({ length: maxUnderWay }, (_, at) => `/echo?n=${at}`);
  socket.write(paths.slice(0, -1).map(get).join('') + last(paths.at(-1) ?? ''));
  const text = await readAll(socket);
  assert.deepEqual(
    [...text.matchAll(/"url":"([^"]*)"/g)].map(([, url]) => url),
    paths,
  );
});

test('of a stranger one request is served at a time, of others those that came together', async (t) => {
  const { port, gate } = await open(t);
  const stranger = dial(t, port);
  stranger.write(get('/stranger/a') + get('/stranger/b'));
  await until(() => gate.begun.includes('a'));
  const known = dial(t, port);
  known.write(get('/proven/c') + get('/stranger/d') + get('/stranger/e'));
  await until(() => gate.begun.includes('e'));
  assert.deepEqual(gate.begun, ['a', 'c', 'd', 'e']);
  gate.release('a');
  await until(() => gate.begun.includes('b'));
});

test('however quickly requests are answered, a connection has its few in each turn of the event loop', async (t) => {
  let turn = 0;
  const turnOf: number[] = [];
  const { port } = await listen(t, {}, (app) => {
    addGate(app);
    app.post('/at-once', {
      onRequest: (_request, reply) => {
        turnOf.push(turn);
        reply.hijack();
        reply.raw.end('x');
      },
      handler: () => undefined,
    });
  });
  let isOver = false;
  const count = (): void => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  count();
  t.after(() => (isOver = true));
  // With a body each, which lets an answer leave before the next request of the same piece is looked at.
  const post = 'POST /at-once HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}';
  const stranger = dial(t, port);
  stranger.write(post.repeat(10));
  await until(() => turnOf.length === 10);
  assert.equal(new Set(turnOf).size, 10);
  const many = dial(t, port);
  many.write(post.repeat(500));
  const answers = (await readAll(many)).split('HTTP/1.1 200').length - 1;
  assert.ok(answers <= 1, `${answers} answers before the connection was cut off.`);
  turnOf.length = 0;
  const known = await dialProven(t, port);
  known.write(post.repeat(maxUnderWay + 4));
  await until(() => turnOf.length === maxUnderWay + 4);
  isOver = true;
  const most = Math.max(...turnOf.map((at) => turnOf.filter((other) => other === at).length));
  assert.ok(most <= maxUnderWay, `${most} requests in one turn.`);
});

test('a caller with a key who sends too many at once is answered those under way, and the connection ends', async (t) => {
  const { port } = await open(t);
  const socket = await dialProven(t, port);
  socket.write(get('/echo').repeat(maxUnderWay + 3));
  const text = await readAll(socket);
  assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, maxUnderWay);
});

test('answers that wait for their turn hear that their peer has gone', async (t) => {
  const gone = Promise.withResolvers<void>();
  const { port, gate } = await listenWithQueued(t, () => gone.resolve());
  const socket = await dialProven(t, port);
  socket.write(get('/proven/first') + get('/queued'));
  await until(() => gate.begun.includes('queued'));
  socket.destroy();
  await gone.promise;
});

async function listenWithQueued(
  t: TestContext,
  onGone: () => void,
): Promise<Listener & { readonly gate: Gate }> {
  let gate: Gate | undefined;
  const listener = await listen(t, {}, (app) => {
    const held = addGate(app);
    gate = held;
    app.get('/queued', (_request, reply) => {
      held.begun.push('queued');
      reply.raw.once('close', onGone);
      return new Promise(() => undefined);
    });
  });
  assert.ok(gate);
  return { ...listener, gate };
}

test('whoever reads nothing of his answer is closed', async (t) => {
  const { port, app } = await open(t, { stallMs: 200 });
  for (const path of ['/large', '/large?and=more']) {
    const socket = dial(t, port);
    socket.write(get(path));
    await until(() => socket.readableLength > 0);
    socket.pause();
    await untilOpen(app, 0);
  }
});

/** Waits until the listener has so many connections. */
async function untilOpen(app: FastifyInstance, wanted: number): Promise<void> {
  const count = (): Promise<number> =>
    new Promise((resolve, reject) =>
      app.server.getConnections((error, open) => (error === null ? resolve(open) : reject(error))),
    );
  while ((await count()) !== wanted) await new Promise(setImmediate);
}

test('whoever reads slower than the least speed is closed, and whoever reads faster is not', async (t) => {
  const { port, app } = await open(t, {
    stallMs: 500,
    leastBytesPerSecond: 4 * megabyte,
    maxUnsentBytes: 512 * megabyte,
  });
  const slow = dial(t, port);
  slow.write(last('/large'));
  slow.pause();
  const nibble = setInterval(() => void slow.read(16 * 1024), 50);
  t.after(() => clearInterval(nibble));
  const fast = dial(t, port);
  fast.write(last('/large'));
  let bytes = 0;
  fast.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
  await once(fast, 'close');
  assert.ok(bytes > large.byteLength);
  await untilOpen(app, 0);
});

test('the time for which the process itself was stopped is nobody’s slowness', async (t) => {
  const stallMs = 200;
  const { monotonic, pass } = createListenerClock();
  const { port } = await open(t, { stallMs, maxUnsentBytes: 512 * megabyte, monotonic });
  const reader = dial(t, port);
  reader.write(last('/large'));
  await until(() => reader.readableLength > 0);
  reader.pause();
  await pass(0);
  await pass(1.3 * stallMs);
  reader.resume();
  assert.ok((await readAll(reader)).length > large.byteLength);
});

test('an answer that has nothing to say for a while is no slow reader', async (t) => {
  const { port, app } = await open(t, { stallMs: 40 });
  const quiet = dial(t, port);
  quiet.write(get('/slow-to-come'));
  await once(quiet, 'data');
  const other = dial(t, port);
  other.write(get('/large'));
  await until(() => other.readableLength > 0);
  await untilOpen(app, 1);
  assert.equal(quiet.resume().destroyed, false);
  quiet.end();
});

test('strangers together hold a bounded part of what has not left, the first of them going first', async (t) => {
  const { port, app } = await open(t, { stallMs: 60_000, maxUnsentBytes: 128 * megabyte });
  // A quarter is theirs: one answer fits, and two do not, less what the kernel takes of each.
  const first = dial(t, port);
  first.write(get('/large'));
  await until(() => first.readableLength > 0);
  const second = dial(t, port);
  second.write(get('/large'));
  await until(() => second.readableLength > 0);
  await untilOpen(app, 1);
  assert.ok((await readAll(first)).length < large.byteLength);
  assert.equal(second.destroyed, false);
});

test('connections that showed a key are not dropped for newcomers, who are answered all the same', async (t) => {
  const { port, gate } = await open(t, { maxConnections: 2 });
  const known = [dial(t, port), dial(t, port)];
  for (const [at, socket] of known.entries()) socket.write(get(`/proven/${at}`));
  await until(() => gate.begun.length === 2);
  for (let at = 0; at < 5; at += 1) {
    const newcomer = dial(t, port);
    newcomer.write(last('/echo'));
    assert.match(await readAll(newcomer), /^HTTP\/1\.1 200/);
  }
  assert.ok(known.every((socket) => !socket.destroyed));
});

test('strangers who withhold a body give way to newcomers, those that are served only after them', async (t) => {
  const { port, gate } = await open(t, { maxConnections: 3 });
  const served = dial(t, port);
  served.write(get('/stranger/served'));
  await until(() => gate.begun.length === 1);
  const withholding = [dial(t, port), dial(t, port)];
  for (const socket of withholding) {
    socket.write(
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    await once(socket, 'connect');
  }
  const gone = once(withholding[0] ?? served, 'close');
  for (let at = 0; at < 5; at += 1) {
    const newcomer = dial(t, port);
    newcomer.write(get('/echo'));
    await once(newcomer, 'data');
  }
  await gone;
  assert.ok(!served.destroyed);
});

test('without room among those with a key the idle one gives way, and without one the newcomer stays a stranger', async (t) => {
  const { port, gate } = await open(t, { maxConnections: 2 });
  const idle = await dialProven(t, port);
  const busy = dial(t, port);
  busy.write(get('/proven/a'));
  await until(() => gate.begun.length === 1);
  const dropped = once(idle.resume(), 'close');
  const third = dial(t, port);
  third.write(get('/proven/b'));
  await Promise.all([dropped, until(() => gate.begun.length === 2)]);
  const fourth = dial(t, port);
  fourth.write(get('/proven/c') + get('/stranger/d'));
  await until(() => gate.begun.length === 3);
  gate.release('c');
  await until(() => gate.begun.length === 4);
  assert.ok(!busy.destroyed && !third.destroyed);
});

test('strangers together have so many connections and no more, however many there may be of others', async (t) => {
  const { port } = await open(t, { maxConnections: 1000, maxStrangers: 16 });
  const oldest = dial(t, port).resume();
  await once(oldest, 'connect');
  const silent = Array.from({ length: 15 }, () => dial(t, port));
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  // Sooner than a silent connection ends by itself.
  const gone = once(oldest, 'close', { signal: AbortSignal.timeout(10_000) });
  const known: Socket[] = [];
  for (let at = 0; at < 20; at += 1) known.push(await dialProven(t, port));
  await gone;
  assert.ok(known.every((socket) => !socket.destroyed));
  assert.ok(
    silent.every((socket) => !socket.destroyed),
    'those with a key take nobody’s place',
  );
});

test('an address has a share of its own where one is set, and a trusted proxy has none', async (t) => {
  const { port } = await open(t, { maxPerAddress: 2 });
  const within = [dial(t, port), dial(t, port)];
  for (const socket of within) {
    socket.write(get('/echo'));
    await once(socket, 'data');
  }
  const beyond = dial(t, port);
  assert.equal(await readAll(beyond), '');
  within[0]?.destroy();
  // The place is free once the listener has seen the end.
  for (;;) {
    const again = dial(t, port);
    again.write(last('/echo'));
    if ((await readAll(again)).startsWith('HTTP/1.1 200')) break;
  }
  const proxied = await open(t, { maxPerAddress: 2, trustProxy: ['127.0.0.1'] });
  for (let at = 0; at < 4; at += 1) {
    const socket = dial(t, proxied.port);
    socket.write(get('/echo'));
    await once(socket, 'data');
  }
});

test('a refusal that its peer does not read does not keep the connection', async (t) => {
  const { port, app } = await open(t, { stallMs: 200 });
  const socket = dial(t, port);
  socket.write(get('/large'));
  await until(() => socket.readableLength > 0);
  socket.pause();
  socket.write('this is not HTTP\r\n\r\n');
  await untilOpen(app, 0);
});
