// Three nodes on one PostgreSQL behind each proxy of deploy/, as clients see it when a node ends, comes back, or cannot work.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { findFreePort, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';
import { asJson, begin, createQueue, sendHello } from './caller.ts';
import { caddy, isThere, nginx, openProxy, siteName } from './proxies.ts';
import type { Proxy } from './proxies.ts';

let postgres: Postgres;
/** The way of the last node to its database. */
let way: TcpProxy;
let nodes: { readonly port: number; service: Service }[] = [];
let urls: readonly string[];

function startNode(port: number, databaseUrl: string): Promise<Service> {
  const env = {
    DATABASE_URL: databaseUrl,
    MASTER_KEY: '5c'.repeat(32),
    TRUST_PROXY: '127.0.0.1',
    PUBLIC_URL: `https://${siteName}`,
  };
  return startService({ dataDir: '/nowhere', port, env });
}

before(async () => {
  postgres = await openPostgres({ durable: false });
  way = await openTcpProxy(postgres.port);
  const url = await postgres.createDatabase();
  urls = [url, url, url.replace(String(postgres.port), String(way.port))];
  for (const each of urls) {
    const port = await findFreePort();
    nodes.push({ port, service: await startNode(port, each) });
  }
});
after(async () => {
  for (const { service } of nodes) await service.kill();
  nodes = [];
  await way.close();
  await postgres.close();
});

/** Clients that send one message after the other for as long as they are let, and try once more what was not taken. */
interface Load {
  readonly sent: () => number;
  /** What was said instead of 201, of calls that were begun since the last `forget`. */
  readonly refused: () => readonly string[];
  /** What was said to the second try, ever. */
  readonly refusedTwice: () => readonly string[];
  readonly forget: () => void;
  readonly end: () => Promise<void>;
}

function startLoad(proxy: Proxy): Load {
  let isOver = false;
  let sent = 0;
  let round = 0;
  let refused: string[] = [];
  const refusedTwice: string[] = [];
  /** What is said instead of 201; nothing when it is taken. */
  const send = () =>
    sendHello(proxy, 'orders').then(
      ({ status, text }) => (status === 201 ? '' : `${String(status)} ${text}`),
      String,
    );
  const client = async (): Promise<void> => {
    while (!isOver) {
      const begunIn = round;
      const said = await send();
      if (said !== '' && begunIn === round) refused.push(said);
      const saidThen = said === '' ? '' : await send();
      if (saidThen === '') sent += 1;
      else refusedTwice.push(saidThen);
    }
  };
  const clients = Array.from({ length: 4 }, client);
  return {
    sent: () => sent,
    refused: () => refused,
    refusedTwice: () => refusedTwice,
    forget: () => {
      round += 1;
      refused = [];
    },
    end: async () => {
      isOver = true;
      await Promise.all(clients);
    },
  };
}

async function sendMore(load: Load, times: number): Promise<void> {
  const until = load.sent() + times;
  await waitUntil(`${times} more are sent`, 60_000, () => load.sent() >= until);
}

/** How many messages this very node has taken. */
async function countTaken(port: number): Promise<number> {
  const answer = await request(`http://127.0.0.1:${port}/metrics`);
  const text = await answer.body.text();
  return Number(/^chasqui_smq_messages_total\{operation="SendMessage"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

async function openBehind(t: TestContext, kind: typeof nginx): Promise<Load> {
  const proxy = await openProxy(
    t,
    kind,
    nodes.map(({ port }) => port),
  );
  await createQueue(proxy, 'orders');
  const load = startLoad(proxy);
  t.after(() => load.end());
  return load;
}

for (const kind of [nginx, caddy])
  test(`${kind.name} sends nobody to a node that has ended, and somebody once it is back`, async (t) => {
    if (!isThere(t, kind)) return;
    const load = await openBehind(t, kind);
    const [node] = nodes;
    assert.ok(node !== undefined);
    await waitUntil('every node has taken some', 60_000, async () =>
      (await Promise.all(nodes.map(({ port }) => countTaken(port)))).every((taken) => taken > 5),
    );
    assert.equal(await node.service.stop(), 0);
    // At the very moment of the end a call may be on a connection that ends with it.
    load.forget();
    await sendMore(load, 200);
    node.service = await startNode(node.port, urls[0] ?? '');
    await waitUntil('the node takes some again', 60_000, async () => (await countTaken(node.port)) > 5);
    await load.end();
    assert.deepEqual(load.refused(), []);
    assert.deepEqual(load.refusedTwice(), [], 'whoever tries once more is served');
  });

test('caddy sends nobody to a node that is not ready, and somebody once it is', async (t) => {
  if (!isThere(t, caddy)) return;
  const load = await openBehind(t, caddy);
  const last = nodes.at(-1);
  assert.ok(last !== undefined);
  const readiness = async () =>
    (await request(`http://127.0.0.1:${last.port}/health/ready`).then(async ({ statusCode, body }) => {
      await body.dump();
      return statusCode;
    })) === 200;
  way.pointTo(await findFreePort());
  way.cut();
  await waitUntil('the node is not ready', 60_000, async () => !(await readiness()));
  const before = await countTaken(last.port);
  await waitUntil('nobody is refused any more', 60_000, async () => {
    load.forget();
    await sendMore(load, 100);
    return load.refused().length === 0;
  });
  assert.equal(await countTaken(last.port), before, 'it took none meanwhile');
  way.pointTo(postgres.port);
  await waitUntil('the node takes some again', 60_000, async () => (await countTaken(last.port)) > before);
  await load.end();
});

test('caddy sends nobody from inside to a node that does not answer', async (t) => {
  if (!isThere(t, caddy)) return;
  const [node] = nodes;
  assert.ok(node !== undefined);
  const proxy = await openProxy(t, caddy, [await openHole(t), node.port]);
  const calls = Array.from({ length: 10 });
  await waitUntil('ten requests in a row are answered', 60_000, async () => {
    for (const _ of calls) if (!(await isAnswered(proxy))) return false;
    return true;
  });
});

test('caddy passes over nobody for the end of another', async (t) => {
  if (!isThere(t, caddy)) return;
  const [node] = nodes;
  assert.ok(node !== undefined);
  const other = createHttpServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const proxy = await openProxy(t, caddy, [node.port, (other.address() as AddressInfo).port]);
  await waitUntil('it is there', 60_000, () =>
    createQueue(proxy, 'blamed').then(
      () => true,
      () => false,
    ),
  );
  other.close();
  other.closeAllConnections();
  // They meet the one that has just ended before anybody knows of its end.
  const crowd = await Promise.all(Array.from({ length: 50 }, () => sendHello(proxy, 'blamed')));
  assert.deepEqual(
    new Set(crowd.map(({ status }) => status).filter((status) => status !== 201 && status !== 502)),
    new Set(),
  );
  const next = await Promise.all(Array.from({ length: 20 }, () => sendHello(proxy, 'blamed')));
  assert.deepEqual([...new Set(next.map(({ status }) => status))], [201]);
});

/** A port where connections are taken and nothing is ever said, as by a process that hangs. */
async function openHole(t: TestContext): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Whether a request to the admin API is answered within a second. */
function isAnswered(proxy: Proxy): Promise<boolean> {
  const { body, ...sent } = asJson({ keyId: 'none', keySecret: 'none' });
  return new Promise((resolve) => {
    const outgoing = begin(proxy, '/api/v1/session', sent)
      .on('response', (answer) => {
        answer.resume();
        resolve(true);
      })
      .on('error', () => resolve(false))
      .setTimeout(1000, () => outgoing.destroy(new Error('no answer')));
    outgoing.end(body);
  });
}
