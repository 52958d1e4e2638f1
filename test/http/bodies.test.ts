import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../../src/domain/errors.ts';
import { toTrusted, Visitors } from '../../src/http/addresses.ts';
import { Bodies } from '../../src/http/bodies.ts';
import type { BodyLimits } from '../../src/http/bodies.ts';
import { serveFront } from '../../src/http/front.ts';
import type { FrontRequest } from '../../src/http/front.ts';
import { toGatewayError, toProblemAnswer } from '../../src/http/problem.ts';
import { openHttpServer } from '../../src/http/server.ts';
import { waitUntil } from '../support/service.ts';
import { monotonicNow } from '../../src/runtime/clock.ts';

const megabyte = 1024 * 1024;

const until = async (check: () => boolean): Promise<void> =>
  waitUntil(`it is true that ${String(check)}`, 60_000, check);

interface Door {
  readonly app: FastifyInstance;
  readonly bodies: Bodies;
  /** The bodies that were read. */
  readonly read: readonly Buffer[];
  readonly dial: () => Peer;
}

/** One client, byte by byte. */
interface Peer {
  readonly socket: Socket;
  readonly write: (data: string | Buffer) => Promise<void>;
  /** What came so far. */
  readonly text: () => string;
  /** Waits for an answer, and resolves to its status. */
  readonly status: () => Promise<number>;
  readonly closed: Promise<void>;
}

/**
 * A listener with a front at `/front`, which answers the length of the body, refuses by the head what says `x-refuse`, knows the
 * sender of what says `x-key`, and refuses what was read when it says `x-wrong`, by throwing, or `x-refused`, by an answer; and
 * `/json` of the framework.
 */
async function open(t: TestContext, limits: Partial<BodyLimits> = {}): Promise<Door> {
  const bodies = new Bodies({ monotonic: monotonicNow, ...limits });
  const read: Buffer[] = [];
  const app = openHttpServer({
    emit: () => undefined,
    monotonic: monotonicNow,
    bodies,
    bodyLimit: 2 * megabyte,
    closeGraceMs: 50,
    checkIntervalMs: 20,
  });
  const serve = async (request: FrontRequest) => {
    if (request.headers['x-refuse'] !== undefined) throw new GatewayError('forbidden');
    if (request.headers['x-key'] !== undefined) request.prove();
    const body = await request.read();
    read.push(body);
    if (request.headers['x-wrong'] !== undefined) throw new GatewayError('bad_signature');
    const status = request.headers['x-refused'] === undefined ? 200 : 400;
    return { status, headers: {}, body: String(body.byteLength) };
  };
  serveFront(app, {
    paths: ['/front'],
    methods: ['GET', 'POST'],
    maxBodyBytes: 4 * megabyte,
    serve,
    fail: (error) => toProblemAnswer(toGatewayError(error)),
  });
  app.post('/json', (request) => ({ type: typeof request.body }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  return { app, bodies, read, dial: () => dial(t, port) };
}

function dial(t: TestContext, port: number): Peer {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  return {
    socket,
    closed,
    text: () => text,
    write: (data) =>
      new Promise((done) => {
        socket.write(data, () => done());
      }),
    status: async () => {
      await until(() => /^HTTP\/1\.1 [2-5]\d\d/m.test(text));
      return Number(/^HTTP\/1\.1 ([2-5]\d\d)/m.exec(text)?.[1]);
    },
  };
}

const head = (path: string, ...lines: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n');
const json = 'Content-Type: application/json';

describe('a body in chunks of one byte', () => {
  const bytes = 60_000;
  for (const [path, fill, answer] of [
    ['/front', 'a'.repeat(bytes), String(bytes)],
    ['/json', `"${'a'.repeat(bytes - 2)}"`, '{"type":"string"}'],
  ] as const)
    it(`costs at most twice its bytes at ${path}`, async (t) => {
      const { bodies, dial } = await open(t);
      const peer = dial();
      await peer.write(head(path, json, 'Transfer-Encoding: chunked', 'Connection: close'));
      await peer.write([...fill].map((char) => `1\r\n${char}\r\n`).join(''));
      await until(() => bodies.heldBytes > bytes);
      assert.ok(bodies.heldBytes <= bytes * 2 + 2048, `${bodies.heldBytes} are held`);
      await peer.write('0\r\n\r\n');
      await peer.closed;
      assert.ok(peer.text().includes(answer), peer.text().slice(0, 300));
      await until(() => bodies.heldBytes === 0);
    });

  it('without end is refused, and does not hold up anybody', async (t) => {
    const { bodies, dial } = await open(t);
    const peer = dial();
    await peer.write(head('/front', json, 'Transfer-Encoding: chunked'));
    await peer.write('1\r\na\r\n'.repeat(65_537));
    await peer.closed;
    assert.match(peer.text(), /^HTTP\/1\.1 400 /);
    assert.match(peer.text(), /chunks of a few bytes/);
    await until(() => bodies.heldBytes === 0);
  });
});

it('what was refused without a key gives its memory back at once, and nothing else does', async (t) => {
  const { read, dial } = await open(t);
  for (const line of ['X-Wrong: 1', 'X-Refused: 1', 'X-Key: 1', 'X-Right: 1', 'X-Wrong: 1\r\nX-Key: 1']) {
    const peer = dial();
    await peer.write(head('/front', json, line, `Content-Length: ${megabyte}`, 'Connection: close'));
    await peer.write(Buffer.alloc(megabyte, 'a'));
    await peer.closed;
  }
  assert.deepEqual(
    read.map(({ byteLength }) => byteLength),
    [0, 0, megabyte, megabyte, megabyte],
  );
});

describe('the budget of bodies', () => {
  const limits = { budgetBytes: megabyte };
  const large = ['Content-Length: 3000000'];

  it('reserves nothing for what is only announced', async (t) => {
    const { bodies, dial } = await open(t, limits);
    const peers = Array.from({ length: 100 }, dial);
    for (const peer of peers) await peer.write(`${head('/front', ...large)}x`);
    await until(() => bodies.underWay === 100);
    assert.ok(bodies.heldBytes < 300_000, `${bodies.heldBytes} are held`);
  });

  it('drops the oldest body of nobody known, with 503, Retry-After and the end of its connection', async (t) => {
    const { bodies, dial } = await open(t, limits);
    const [first, second, third] = [dial(), dial(), dial()];
    // What is held is at most what was announced, in whatever pieces it comes: two fit into the budget, three do not.
    for (const [before, peer] of [first, second, third].entries()) {
      await peer.write(head('/front', 'Content-Length: 400000'));
      await peer.write(Buffer.alloc(399_000));
      if (peer !== third) await until(() => bodies.heldBytes >= (before + 1) * 399_000);
    }
    assert.equal(await first.status(), 503);
    assert.match(first.text(), /retry-after: 1\r\n/i);
    assert.match(first.text(), /connection: close/i);
    assert.match(first.text(), /"code":"overloaded"/);
    assert.equal(second.text(), '');
    assert.ok(bodies.heldBytes <= megabyte);
  });

  it('never drops one whose sender is known, and always lets a small one in', async (t) => {
    const { bodies, dial } = await open(t, limits);
    const known = dial();
    await known.write(head('/front', 'X-Key: 1', ...large));
    await known.write(Buffer.alloc(1_040_000));
    await until(() => bodies.heldBytes > 1_000_000);
    const stranger = dial();
    await stranger.write(head('/front', ...large));
    await stranger.write(Buffer.alloc(400_000));
    assert.equal(await stranger.status(), 503);
    const small = dial();
    await small.write(`${head('/front', 'Content-Length: 3', 'Connection: close')}abc`);
    assert.equal(await small.status(), 200);
    await known.write(Buffer.alloc(3_000_000 - 1_040_000).subarray(0, 500_000));
    assert.equal(known.text(), '');
  });

  it('is given back when a peer goes away in the middle', async (t) => {
    const { bodies, dial } = await open(t, limits);
    const peer = dial();
    await peer.write(head('/front', ...large));
    await peer.write(Buffer.alloc(300_000));
    await until(() => bodies.heldBytes >= 300_000);
    peer.socket.destroy();
    await until(() => bodies.heldBytes === 0 && bodies.underWay === 0);
  });
});

describe('the share of one address', () => {
  const visitors = new Visitors(toTrusted(['127.0.0.1']));
  const limits = {
    perVisitorBytes: megabyte,
    // Bodies stand still here for as long as a busy machine takes.
    slowMs: 600_000,
    findVisitor: (raw: IncomingMessage) => visitors.find(raw),
  };
  const from = (address: string, ...lines: string[]): string =>
    head('/front', `X-Forwarded-For: ${address}`, 'Content-Length: 3000000', ...lines);

  it('makes its own oldest go first, and nobody else’s', async (t) => {
    const { bodies, dial } = await open(t, limits);
    const other = dial();
    await other.write(from('192.0.2.2'));
    await other.write(Buffer.alloc(900_000));
    await until(() => bodies.heldBytes > 900_000);
    const [first, second, third] = [dial(), dial(), dial()];
    for (const [index, peer] of [first, second, third].entries()) {
      await peer.write(from('192.0.2.1'));
      await until(() => bodies.underWay === index + 2);
      await peer.write(Buffer.alloc(200_000));
      await until(() => bodies.heldBytes >= 900_000 + (index + 1) * 200_000);
    }
    for (let sent = 50_000; bodies.underWay === 4; sent += 50_000) {
      await third.write(Buffer.alloc(50_000));
      await until(() => bodies.underWay < 4 || bodies.heldBytes >= 1_500_000 + sent);
    }
    assert.equal(await first.status(), 503);
    assert.match(first.text(), /"code":"overloaded"/);
    for (const peer of [other, second, third]) assert.equal(peer.text(), '');
    for (const peer of [second, third]) peer.socket.destroy();
    await until(() => bodies.underWay === 1);
    const later = dial();
    await later.write(from('192.0.2.1', 'Connection: close'));
    await later.write(Buffer.alloc(3_000_000));
    assert.equal(await later.status(), 200, 'one alone may be larger than the share');
  });

  it('is one for a network of IPv6, and none for those with a key or a proxy that names nobody', async (t) => {
    const { bodies, dial } = await open(t, limits);
    const peers = [dial(), dial(), dial(), dial(), dial(), dial()];
    const heads = [
      from('192.0.2.1', 'X-Key: 1'),
      from('192.0.2.1', 'X-Key: 1'),
      head('/front', 'Content-Length: 3000000'),
      head('/front', 'Content-Length: 3000000'),
      from('2001:db8::1'),
      from('2001:db8::2:2'),
    ];
    for (const [index, peer] of peers.entries()) {
      await peer.write(heads[index] ?? '');
      await until(() => bodies.underWay === index + 1);
      await peer.write(Buffer.alloc(1_000_000));
    }
    assert.equal(await peers[4]?.status(), 503);
    assert.deepEqual(
      peers.map((peer) => peer.text() === ''),
      [true, true, true, true, false, true],
    );
  });
});

describe('a body under way', () => {
  it('is given up with 408 when it is slower than it may be', async (t) => {
    let now = 0;
    const { bodies, dial } = await open(t, {
      leastBytesPerSecond: 1000,
      slowMs: 10_000,
      checkIntervalMs: 5,
      monotonic: () => now,
    });
    const [slow, steady] = [dial(), dial()];
    for (const peer of [slow, steady]) await peer.write(head('/front', 'Content-Length: 3000000'));
    await until(() => bodies.underWay === 2);
    await slow.write(Buffer.alloc(9000));
    await steady.write(Buffer.alloc(11_000));
    await until(() => bodies.heldBytes >= 20_000);
    now = 10_000;
    assert.equal(await slow.status(), 408);
    assert.match(slow.text(), /connection: close/i);
    assert.equal(bodies.underWay, 1);
    assert.equal(steady.text(), '');
  });

  it('is given up when something else than pieces comes between its pieces', async (t) => {
    const { bodies, dial } = await open(t, { checkIntervalMs: 5 });
    const peer = dial();
    await peer.write(head('/front', 'Transfer-Encoding: chunked'));
    await peer.write('1\r\na\r\n');
    await until(() => bodies.underWay === 1);
    await peer.write(`0\r\n${'X-Trailer: '.padEnd(1000, 'x')}`.padEnd(100_000, 'y'));
    assert.equal(await peer.status(), 400);
  });

  it('is refused when a chunk has an extension of more than 16 KiB', async (t) => {
    const { dial } = await open(t);
    const peer = dial();
    await peer.write(head('/front', 'Transfer-Encoding: chunked'));
    await peer.write(`1;${'x'.repeat(20_000)}\r\na\r\n`);
    assert.equal(await peer.status(), 413);
  });
});

describe('a refusal by the head', () => {
  it('is answered before the body, of which a megabyte is read and no more', async (t) => {
    const { bodies, dial } = await open(t);
    for (const [path, status] of [
      ['/front', 403],
      ['/nowhere', 404],
    ] as const) {
      const peer = dial();
      await peer.write(head(path, 'X-Refuse: 1', json, 'Transfer-Encoding: chunked'));
      assert.equal(await peer.status(), status, path);
      assert.match(peer.text(), /connection: close/i);
      const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(0x10000), Buffer.from('\r\n')]);
      for (let sent = 0; sent < 64 && !peer.socket.closed; sent += 1)
        await Promise.race([peer.write(chunk), peer.closed]);
      await peer.closed;
      assert.equal(bodies.heldBytes, 0);
    }
  });

  it('reaches a client that sends its whole body before it looks', async (t) => {
    const { dial } = await open(t);
    for (const path of ['/front', '/nowhere', '/json']) {
      const peer = dial();
      const type = path === '/json' ? 'Content-Type: image/png' : json;
      await peer.write(head(path, 'X-Refuse: 1', type, 'Content-Length: 900000'));
      await peer.write(Buffer.alloc(900_000));
      await peer.closed;
      assert.match(peer.text(), /^HTTP\/1\.1 (403|404|415) /, path);
    }
  });

  it('takes the place of 100 Continue', async (t) => {
    const { dial } = await open(t);
    for (const [path, status] of [
      ['/front', 403],
      ['/nowhere', 404],
    ] as const) {
      const peer = dial();
      await peer.write(head(path, 'X-Refuse: 1', json, 'Content-Length: 5', 'Expect: 100-continue'));
      assert.equal(await peer.status(), status);
      assert.doesNotMatch(peer.text(), /100 Continue/);
    }
    for (const path of ['/front', '/json']) {
      const wanted = dial();
      await wanted.write(head(path, json, 'Content-Length: 5', 'Expect: 100-continue', 'Connection: close'));
      await until(() => wanted.text().includes('100 Continue'));
      await wanted.write('"abc"');
      assert.equal(await wanted.status(), 200);
    }
  });

  it('leaves the connection alone when the body is small', async (t) => {
    const { dial } = await open(t);
    const peer = dial();
    await peer.write(`${head('/front', 'X-Refuse: 1', 'Content-Length: 5')}abcde`);
    assert.equal(await peer.status(), 403);
    await peer.write(`${head('/front', 'Content-Length: 2', 'Connection: close')}ab`);
    await peer.closed;
    assert.match(peer.text(), /HTTP\/1\.1 200/);
  });
});

describe('JSON', () => {
  it('that is nested too deep is refused in words', async (t) => {
    const { app } = await open(t);
    const post = async (payload: string) =>
      app.inject({ method: 'POST', url: '/json', headers: { 'content-type': 'application/json' }, payload });
    for (const deep of ['['.repeat(15_000) + ']'.repeat(15_000), '{"a":'.repeat(65) + '1' + '}'.repeat(65)]) {
      const answer = await post(deep);
      assert.equal(answer.statusCode, 400);
      assert.match(answer.json<{ detail: string }>().detail, /nested more than 64 levels/);
    }
    assert.equal((await post('['.repeat(64) + ']'.repeat(64))).statusCode, 200);
    assert.equal((await post(JSON.stringify('['.repeat(100)))).statusCode, 200);
  });
});

it('every answer keeps a browser from guessing its type', async (t) => {
  const { app } = await open(t);
  for (const url of ['/front', '/json', '/nowhere', '/%zz'])
    for (const method of ['GET', 'POST'] as const)
      assert.equal((await app.inject({ method, url })).headers['x-content-type-options'], 'nosniff', url);
});
