// Several nodes on one PostgreSQL database, each a process of its own, as an operator would run them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { signAcs3, signRpc } from '../support/cams-client.ts';
import { letPollBegin, pause } from '../support/pace.ts';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { openReceiver } from '../support/receiver.ts';
import type { ReceivedCall, Receiver } from '../support/receiver.ts';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';

const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;

let postgres: Postgres;
let env: Record<string, string>;

async function call(url: string, method: Dispatcher.HttpMethod, path: string, body?: unknown) {
  const answer = await request(`${url}${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

const start = (port?: number): Promise<Service> =>
  startService({ dataDir: '/nowhere', env, ...(port === undefined ? {} : { port }) });

before(async () => {
  postgres = await openPostgres();
  env = { DATABASE_URL: await postgres.createDatabase(), MASTER_KEY: '5c'.repeat(32) };
});
after(() => postgres.close());

describe('a destination that is opened on two nodes', () => {
  // The next probe is an hour away: whatever is pushed before was brought about by a person.
  const rare = { CHASQUI_BREAKER_FAILURES: '2', CHASQUI_BREAKER_SECONDS: '0', CHASQUI_PROBE_SECONDS: '3600' };
  let nodes: Service[];
  let receiver: Receiver;
  let isUp = false;

  before(async () => {
    const database = { DATABASE_URL: await postgres.createDatabase(), MASTER_KEY: '5c'.repeat(32) };
    const node = () => startService({ dataDir: '/nowhere', env: { ...database, ...rare } });
    nodes = [await node(), await node()];
    receiver = await openReceiver((_call, response) => {
      response.statusCode = isUp ? 200 : 503;
      response.end();
    });
  });
  after(async () => {
    for (const node of nodes) await node.kill();
    await receiver.close();
  });

  const destination = async (node: Service) => {
    const { text } = await call(node.url, 'GET', '/api/v1/destinations');
    const [item] = (JSON.parse(text) as { items: { id: number; state: string; waiting: number }[] }).items;
    assert.ok(item !== undefined, text);
    return item;
  };
  const switchOn = async (node: Service) => {
    const { id } = await destination(node);
    const { status, text } = await call(node.url, 'PATCH', `/api/v1/destinations/${id}`, { state: 'active' });
    assert.equal(status, 200, text);
  };

  it('is tried at once when a person switches it on, through whichever node', async () => {
    const path = '/api/v1/channels/sandbox/senders/15550100001/webhook';
    await call(at(nodes, 0).url, 'PUT', path, { http: true, queue: false, inboundUrl: receiver.url });
    for (const [round, node] of nodes.entries()) {
      isUp = false;
      for (let n = 0; n < 3; n += 1) {
        const message = { id: `s${round}.${n}`, from: `1555000300${n}`, type: 'text', text: 'hi' };
        assert.equal(
          (await call(at(nodes, 0).url, 'POST', '/sandbox/15550100001/inbound', message)).status,
          201,
        );
      }
      await waitUntil('it is opened', 60_000, async () => (await destination(node)).state === 'opened');
      for (const down of nodes) {
        const sent = receiver.calls.length;
        await switchOn(down);
        await waitUntil('it is tried', 60_000, () => receiver.calls.length > sent);
        await waitUntil(
          'it is opened again',
          60_000,
          async () => (await destination(down)).state === 'opened',
        );
      }
      isUp = true;
      await switchOn(node);
      await waitUntil('all are taken', 60_000, async () => (await destination(node)).waiting === 0);
      for (const other of nodes) assert.equal((await destination(other)).state, 'active');
    }
  });
});

describe('two nodes on one database', () => {
  let nodes: Service[];
  let clients: SmqClient[];

  before(async () => {
    nodes = [await start(), await start()];
    clients = nodes.map(({ url }) => new SmqClient(url, key));
  });
  after(async () => {
    for (const client of clients) await client.close();
    for (const node of nodes) await node.kill();
  });
  const [first, second] = [() => at(nodes, 0), () => at(nodes, 1)];
  const toId = ({ body }: ReceivedCall): string =>
    (JSON.parse(body) as { MessageId: string }[])[0]?.MessageId ?? '';
  const isProbe = (id: string): boolean => id.startsWith('probe');

  /** Waits until what comes to the second node goes where settings made at the first say: it hears of them a little later. */
  const untilHeard = async ({ calls }: Receiver): Promise<void> => {
    let probes = 0;
    await waitUntil('the second node has heard of it', 60_000, async () => {
      const probe = { id: `probe${(probes += 1)}`, from: '15559990000', type: 'text', text: 'hi' };
      await call(second().url, 'POST', '/sandbox/15550100001/inbound', probe);
      return calls.some((one) => isProbe(toId(one)));
    });
  };

  it('print the first account once', () => {
    assert.match(first().output(), /shown this once/);
    assert.doesNotMatch(second().output(), /shown this once/);
  });

  it('each tell of their own connections to the database, and that they are ready', async () => {
    for (const { url } of nodes) {
      let text = '';
      const read = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
      await waitUntil('no call waits for a connection', 60_000, async () => {
        ({ text } = await call(url, 'GET', '/metrics'));
        return read('chasqui_database_calls_waiting') === 0;
      });
      assert.equal(read('chasqui_ready'), 1);
      assert.equal(read('chasqui_database_connections_max'), 10);
      assert.ok(read('chasqui_database_connections') >= 1 && read('chasqui_database_connections') <= 10);
      assert.doesNotMatch(text, /^chasqui_disk_free_bytes /m, 'nothing is on its own disk');
    }
  });

  it('wake each other’s long polls', async () => {
    assert.equal((await at(clients, 0).createQueue('orders')).status, 201);
    const startedAt = performance.now();
    for (let round = 0; round < 5; round += 1) {
      const waiting = at(clients, 0).receive('orders', 20);
      await letPollBegin();
      assert.equal((await at(clients, 1).send('orders', `m${round}`)).status, 201);
      const [message] = await waiting;
      assert.equal(message?.body, `m${round}`);
      assert.equal((await at(clients, 1).delete('orders', message.handle)).status, 204);
    }
    // The slow look comes every 15 s; signals take milliseconds, on a busy machine a second or two.
    assert.ok(performance.now() - startedAt < 45_000);
  });

  it('see each other’s settings, keys and queues within moments', async () => {
    const made = await call(first().url, 'POST', '/api/v1/keys');
    const { id, secret } = JSON.parse(made.text) as { id: string; secret: string };
    const other = new SmqClient(second().url, { id, secret });
    assert.equal((await other.send('orders', 'x')).status, 201);
    await call(first().url, 'POST', `/api/v1/keys/${id}/disable`);
    // Without a signal it would be looked up after 15 s.
    await waitUntil(
      'the key is refused',
      10_000,
      async () => (await other.send('orders', 'y')).status === 403,
    );
    await other.close();
  });

  it('take a signed call once, whichever of them has seen it before', async () => {
    const signed = [
      signAcs3(key, 'GetChatappOpenStatus', {}, { host: 'chasqui' }),
      signRpc(key, 'GetChatappOpenStatus', {}),
    ];
    for (const { method, target, headers, body } of signed) {
      const codes: unknown[] = [];
      for (const { url } of [first(), second(), first()]) {
        const answer = await request(`${url}${target}`, { method, headers, body });
        codes.push(((await answer.body.json()) as Record<string, unknown>)['Code']);
      }
      assert.deepEqual(codes, ['OK', 'SignatureNonceUsed', 'SignatureNonceUsed']);
    }
  });

  it('keep the order of a lane, whichever of them takes it in and pushes it', async () => {
    const slow = new Set<string>();
    const receiver = await openReceiver((receiverCall, response) => {
      const id = toId(receiverCall);
      // Every third try fails once, so that a lane has to wait.
      response.statusCode = Number(id.slice(1)) % 3 === 0 && !slow.has(id) ? 500 : 200;
      if (!isProbe(id)) slow.add(id);
      response.end();
    });
    const path = '/api/v1/channels/sandbox/senders/15550100001/webhook';
    await call(first().url, 'PUT', path, { http: true, queue: false, inboundUrl: receiver.url });
    const { items } = JSON.parse((await call(first().url, 'GET', '/api/v1/destinations')).text) as {
      items: { id: number }[];
    };
    const retries = { scheduleMs: [0, 50, 50, 50] };
    await call(first().url, 'PATCH', `/api/v1/destinations/${items[0]?.id ?? 0}`, retries);
    await untilHeard(receiver);
    const pushed = () => receiver.calls.map(toId).filter((id) => !isProbe(id));
    for (let n = 0; n < 30; n += 1) {
      const message = { id: `m${n}`, from: '15550002222', type: 'text', text: 'hi' };
      const answer = await call(at(nodes, n % 2).url, 'POST', '/sandbox/15550100001/inbound', message);
      assert.equal(answer.status, 201, answer.text);
    }
    await waitUntil('all have come', 60_000, () => slow.size === 30 && pushed().length >= 40);
    const expected = Array.from({ length: 30 }, (_, n) =>
      n % 3 === 0 ? [`m${n}`, `m${n}`] : [`m${n}`],
    ).flat();
    assert.deepEqual(pushed(), expected);
    await receiver.close();
  });

  it('push to a destination with no more at once than it allows, all nodes together', async () => {
    let atOnce = 0;
    let most = 0;
    const receiver = await openReceiver((_call, response) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      setTimeout(() => {
        atOnce -= 1;
        response.end();
      }, 30);
    });
    const path = '/api/v1/channels/sandbox/senders/15550100001/webhook';
    const url = `${receiver.url}/few`;
    await call(first().url, 'PUT', path, { http: true, queue: false, statusUrl: url });
    const { items } = JSON.parse((await call(first().url, 'GET', '/api/v1/destinations')).text) as {
      items: { id: number; url: string }[];
    };
    const id = items.find((one) => one.url === url)?.id ?? 0;
    await call(first().url, 'PATCH', `/api/v1/destinations/${id}`, { concurrency: 3 });
    // Whoever has heard of this has heard of what was set before it.
    await call(first().url, 'PUT', path, { http: true, queue: false, inboundUrl: url });
    await untilHeard(receiver);
    const pushed = () => receiver.calls.map(toId).filter((one) => !isProbe(one)).length;
    const posts = Array.from({ length: 60 }, (_, n) =>
      call(at(nodes, n % 2).url, 'POST', '/sandbox/15550100001/inbound', {
        id: `few${n}`,
        from: `1555000${String(n).padStart(4, '0')}`,
        type: 'text',
        text: 'hi',
      }),
    );
    assert.ok((await Promise.all(posts)).every(({ status }) => status === 201));
    await waitUntil('all have come', 60_000, () => pushed() >= 60);
    assert.equal(pushed(), 60);
    assert.ok(most <= 3, `${most} at once`);
    await receiver.close();
  });

  it('serve each other’s media', async () => {
    const image = { from: '15550003333', type: 'image' };
    const path = '/api/v1/channels/sandbox/senders/15550100001/webhook';
    await call(first().url, 'PUT', path, { http: false, queue: true });
    await call(first().url, 'POST', '/sandbox/15550100001/inbound', image);
    const queue = `Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`;
    const [message] = await at(clients, 1).receive(queue, 30);
    const receipt = JSON.parse(Buffer.from(message?.body ?? '', 'base64').toString()) as { Message: string };
    const { url } = JSON.parse(receipt.Message) as { url: string };
    for (const node of nodes) {
      const file = await request(url.replace(first().url, node.url));
      assert.equal(file.statusCode, 200);
      assert.equal(
        Buffer.from(await file.body.arrayBuffer())
          .subarray(1, 4)
          .toString(),
        'PNG',
      );
    }
  });

  it('stay up while the database is away, say so in every protocol, and are back by themselves', async () => {
    await postgres.kill();
    await waitUntil('it is not ready', 60_000, async () => {
      const { status } = await call(first().url, 'GET', '/health/ready');
      return status === 503;
    });
    assert.equal((await call(first().url, 'GET', '/health/live')).status, 200);
    const message = { from: '15550002222', type: 'text', text: 'hi' };
    assert.equal((await call(first().url, 'POST', '/sandbox/15550100001/inbound', message)).status, 503);
    const sent = await at(clients, 0).send('orders', 'x');
    assert.equal(sent.status, 503);
    assert.match(sent.text, /<Code>ServiceUnavailable<\/Code>/);
    await postgres.start();
    for (const node of nodes)
      await waitUntil('it is ready again', 60_000, async () => {
        const { status } = await call(node.url, 'GET', '/health/ready');
        return status === 200;
      });
    const waiting = at(clients, 0).receive('after', 20);
    await waiting.catch(() => undefined);
    assert.equal((await at(clients, 0).createQueue('after')).status, 201);
    const received = at(clients, 0).receive('after', 20);
    await letPollBegin();
    assert.equal((await at(clients, 1).send('after', 'again')).status, 201);
    assert.equal((await received)[0]?.body, 'again');
    for (const node of nodes) assert.equal(node.process.exitCode, null, node.output());
  });
});

describe('a rolling restart of three nodes', () => {
  it('loses nothing, and a client that tries once more sees no failure', async () => {
    const ports = [await findFreePort(), await findFreePort(), await findFreePort()];
    const nodes: Service[] = [];
    for (const port of ports) nodes.push(await start(port));
    const clients = ports.map((port) => new SmqClient(`http://127.0.0.1:${port}`, key));
    await at(clients, 0).createQueue('rolling');
    const sent: string[] = [];
    const failures: string[] = [];
    let isOver = false;
    /** Sends to one node and, if that fails, once more to the next. */
    const send = async (body: string, node: number): Promise<void> => {
      for (const attempt of [0, 1]) {
        const client = at(clients, (node + attempt) % clients.length);
        const outcome = await client.send('rolling', body).then(
          ({ status }) => status,
          (error: unknown) => String(error),
        );
        if (outcome === 201) {
          sent.push(body);
          return;
        }
        if (attempt === 1) failures.push(`${body}: ${outcome}`);
      }
    };
    const loads = [0, 1, 2, 3, 4, 5].map(async (worker) => {
      for (let n = 0; !isOver; n += 1) {
        await send(`w${worker}.${n}`, worker % 3);
        await pause(2, 'the pace of a client');
      }
    });
    for (const [index, port] of ports.entries()) {
      const enough = sent.length + 30;
      await waitUntil('they are at work', 60_000, () => sent.length >= enough);
      assert.equal(await at(nodes, index).stop(), 0);
      nodes[index] = await start(port);
    }
    isOver = true;
    await Promise.all(loads);
    const received = new Set<string>();
    for (;;) {
      const messages = await at(clients, 0).receive('rolling', 0);
      if (messages.length === 0) break;
      for (const { body, handle } of messages) {
        received.add(body);
        await at(clients, 0).delete('rolling', handle);
      }
    }
    for (const client of clients) await client.close();
    for (const node of nodes) await node.kill();
    assert.deepEqual(failures, []);
    assert.ok(sent.length > 300);
    assert.deepEqual(
      sent.filter((body) => !received.has(body)),
      [],
    );
  });
});

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  assert.ok(item !== undefined);
  return item;
}

describe('a setting that is set while two nodes run', () => {
  const found = async ({ url }: Service, key: string) => {
    const { text } = await call(url, 'GET', '/api/v1/settings');
    const { items } = JSON.parse(text) as {
      items: { key: string; value: unknown; source: string; set: { isInForce: boolean } | null }[];
    };
    const item = items.find((one) => one.key === key);
    assert.ok(item !== undefined, text);
    return item;
  };

  it('holds on both and over a start, but where a node is given a value of its own', async () => {
    const database = { DATABASE_URL: await postgres.createDatabase(), MASTER_KEY: '5c'.repeat(32) };
    const start = (more: Record<string, string> = {}) =>
      startService({ dataDir: '/nowhere', env: { ...database, ...more } });
    const [first, second] = [await start(), await start({ CHASQUI_SESSION_HOURS: '5' })];
    const nodes = [first, second];
    try {
      const set = (node: Service, key: string, value: unknown) =>
        call(node.url, 'POST', `/api/v1/settings/${key}`, { value });
      assert.equal((await set(first, 'receiptRetentionDays', 180)).status, 200);
      assert.equal((await found(first, 'receiptRetentionDays')).value, 180);
      await waitUntil('the other node has heard of it', 30_000, async () => {
        const { value, source } = await found(second, 'receiptRetentionDays');
        return value === 180 && source === 'console';
      });

      assert.equal((await set(second, 'sessionHours', 9)).status, 409, 'it is given there');
      assert.equal((await set(first, 'sessionHours', 9)).status, 200);
      await waitUntil('the other node tells what was set', 30_000, async () => {
        const { value, source, set: made } = await found(second, 'sessionHours');
        assert.deepEqual([value, source], [5, 'environment']);
        return made?.isInForce === false;
      });

      const later = await start();
      nodes.push(later);
      assert.partialDeepStrictEqual(await found(later, 'sessionHours'), { value: 9, source: 'console' });
      await call(later.url, 'POST', '/api/v1/settings/receiptRetentionDays/reset');
      await waitUntil('the first has the default again', 30_000, async () => {
        const { value, source } = await found(first, 'receiptRetentionDays');
        return value === 90 && source === 'default';
      });
    } finally {
      for (const node of nodes) await node.kill();
    }
  });
});
