// Breaks the service at random moments under mixed load and settles the account afterwards: webhooks, SMQ sends, pulls and
// a callback receiver, each with its own memory of what was acknowledged and what was seen.
import { createHmac, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Pool } from 'undici';
import { pause } from '../support/pace.ts';
import { rootAccount } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';
import type { Cluster } from './cluster.ts';
import { Ledger } from './ledger.ts';
import { createRandom } from './random.ts';
import type { Verdict } from './ledger.ts';

interface KillOptions {
  readonly kills: number;
  /** Makes the moments of the kills; the same seed gives the same moments. */
  readonly seed: number;
  readonly print?: (line: string) => void;
  /** So many times as slow is what is put in, beside other things that take a processor. */
  readonly slowness?: number;
}

interface KillReport extends Verdict {
  readonly kills: number;
  readonly unanswered: number;
  readonly durationMs: number;
}

const appSecret = 'kill-test-app-secret';
const phoneNumberId = '200000000000001';
/** Nothing more is put in while so many items have not come out, so that a long run is as broad as a short one. */
const maxUnderWay = 3000;
/** So much is put in before each hit at least, however busy the machine is. */
const minBetweenHits = 50;
const plainQueue = 'orders';
const inboundQueue = `Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`;
const statusQueue = `Alicom-Queue-${rootAccount.accountId}-ChatAppStatus`;
const basic = `Basic ${Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64')}`;

/** Runs the whole harness against `cluster`, which it closes, and resolves to its account. */
export async function runKills(
  cluster: Cluster,
  { kills, seed, print = () => undefined, slowness = 1 }: KillOptions,
): Promise<KillReport> {
  const startedAt = performance.now();
  const ledger = new Ledger();
  const random = createRandom(seed);
  const state: State = { epoch: 0, stopping: false, pulling: true, unanswered: 0, slowness };
  const callback = await openCallback(ledger, state);
  const apis = cluster.urls.map((url) => new Pool(url, { connections: 48 }));
  const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
  const clients = cluster.urls.map((url) => new SmqClient(url, key));
  /** Each worker speaks to one node, as a client behind a load balancer does. */
  const pick = <T>(nodes: readonly T[], worker: number): T => {
    const node = nodes[worker % nodes.length];
    if (node === undefined) throw new Error('A cluster has a node.');
    return node;
  };
  const [api, smq] = [pick(apis, 0), pick(clients, 0)];
  try {
    await setUp(api, callback.url);
    await smq.createQueue(plainQueue);
    // What a killed receive held comes back soon, so that the run need not wait half a minute at its end.
    for (const queue of [plainQueue, inboundQueue, statusQueue]) await smq.setVisibility(queue, 3);
    const givers = [
      ...Array.from({ length: 6 }, (_, worker) => postWebhooks(pick(apis, worker), ledger, state, worker)),
      ...Array.from({ length: 4 }, (_, worker) => sendMessages(pick(clients, worker), ledger, state, worker)),
    ];
    const pullers = [plainQueue, plainQueue, inboundQueue, statusQueue, statusQueue].map((queue, worker) =>
      pull(pick(clients, worker), queue, ledger, state),
    );
    for (let kill = 1; kill <= kills; kill += 1) {
      const enough = ledger.countAcknowledged() + minBetweenHits;
      await pause(50 + random() * 550, 'a hit falls at any moment');
      await reach(ledger, enough);
      await cluster.hit(random, () => {
        state.epoch += 1;
      });
      if (kill % 10 === 0) print(`${kill} kills, ${ledger.countMissing()} items under way`);
    }
    await pause(300, 'the last hit falls among others');
    state.stopping = true;
    let giving = givers.length;
    const ended = (): void => void (giving -= 1);
    for (const giver of givers) void giver.then(ended, ended);
    // What was under way at the last hit is acknowledged late on a busy machine, and is owed like all else.
    await drain(() => ledger.countMissing() + giving);
    state.pulling = false;
    await Promise.all([...givers, ...pullers]);
    await cluster.stop();
    return {
      ...ledger.settle(),
      kills,
      unanswered: state.unanswered,
      durationMs: performance.now() - startedAt,
    };
  } finally {
    state.stopping = true;
    state.pulling = false;
    await cluster.close();
    await callback.close();
    await Promise.all([...apis.map((pool) => pool.destroy()), ...clients.map((client) => client.close())]);
  }
}

/** Waits until so much has been acknowledged, for half a minute at most: a hit on a service with nothing to lose proves nothing. */
async function reach(ledger: Ledger, count: number): Promise<void> {
  const end = performance.now() + 30_000;
  while (ledger.countAcknowledged() < count && performance.now() < end)
    await pause(10, 'the account is looked at now and then');
}

/** Waits until nothing is owed, or nothing more comes for a minute, which is longer than any lease. */
async function drain(countOwed: () => number): Promise<void> {
  let fewest = countOwed();
  let movedAt = performance.now();
  while (fewest > 0 && performance.now() - movedAt < 60_000) {
    await pause(50, 'the account is looked at now and then');
    const owed = countOwed();
    if (owed >= fewest) continue;
    fewest = owed;
    movedAt = performance.now();
  }
}

interface State {
  epoch: number;
  /** Set when no more is to be put in; pullers go on as long as `pulling` is. */
  stopping: boolean;
  pulling: boolean;
  readonly slowness: number;
  /** Requests that got no answer, so that what became of them is unknown. */
  unanswered: number;
}

async function setUp(api: Pool, callbackUrl: string): Promise<void> {
  const call = async (method: 'GET' | 'PUT' | 'PATCH', path: string, body?: unknown): Promise<unknown> => {
    const headers = { authorization: basic, 'content-type': 'application/json' };
    const answer = await api.request({
      method,
      path: `/api/v1${path}`,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode > 201)
      throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`);
    return JSON.parse(text);
  };
  const put = (path: string, body: unknown) => call('PUT', path, body);
  await put('/channels/wa', {
    type: 'whatsapp',
    wabaId: '100000000000001',
    credentials: { appSecret, verifyToken: 'kill-test', accessToken: 'none' },
  });
  await put('/channels/wa/senders/15550001111', { phoneNumberId });
  await put('/channels/wa/senders/15550001111/webhook', {
    http: true,
    queue: true,
    statusUrl: `${callbackUrl}/status`,
    inboundUrl: `${callbackUrl}/inbound`,
  });
  // A lease ends soon after its time limit, so that the run need not wait longer for what a killed node held.
  const { items } = (await call('GET', '/destinations')) as { items: { id: number }[] };
  for (const { id } of items) await call('PATCH', `/destinations/${id}`, { timeoutMs: 3000 });
}

/** Posts as Meta does: again and again until it is answered 200, now and then grouped another way. */
async function postWebhooks(api: Pool, ledger: Ledger, state: State, worker: number): Promise<void> {
  for (let n = 0; !state.stopping; n += 1) {
    const id = `wamid.${worker}.${n}`;
    const items = [
      `inbound/${id}`,
      ...['sent', 'delivered', 'read'].map((status) => `status/${id}/${status}`),
    ];
    for (const item of items) ledger.offer(item);
    let outcome = await postWebhook(api, id);
    for (; outcome !== 200 && state.pulling; outcome = await postWebhook(api, id)) {
      if (outcome === null) state.unanswered += 1;
      await pause(20 * state.slowness, 'a vendor tries again');
    }
    if (outcome === 200) for (const item of items) ledger.acknowledge(item, ['queue', 'callback']);
    await pause(5 * state.slowness, 'the pace of a vendor');
    await waitForRoom(ledger, state);
  }
}

async function waitForRoom(ledger: Ledger, state: State): Promise<void> {
  while (ledger.countMissing() > maxUnderWay && !state.stopping)
    await pause(20, 'there is room once more has come out');
}

async function postWebhook(api: Pool, id: string): Promise<number | null> {
  const timestamp = '1780000000';
  // Some hundred users, each of whom is a lane: what a killed node held back is held back for a few of them only.
  const user = `1555${createHash('sha256').update(id).digest().readUInt8(0)}0000`.padEnd(11, '0');
  const message = { from: user, id, timestamp, type: 'text', text: { body: 'hello' } };
  const statuses = ['sent', 'delivered', 'read'].map((status) => ({
    id,
    status,
    timestamp,
    recipient_id: '15550002222',
  }));
  const metadata = { display_phone_number: '15550001111', phone_number_id: phoneNumberId };
  const values = [
    {
      messaging_product: 'whatsapp',
      metadata,
      contacts: [{ profile: { name: 'Pat' }, wa_id: user }],
      messages: [message],
    },
    { messaging_product: 'whatsapp', metadata, statuses },
  ];
  const changes = values.map((value) => ({ field: 'messages', value }));
  const body = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '100000000000001', changes }],
  });
  const signature = `sha256=${createHmac('sha256', appSecret).update(body).digest('hex')}`;
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
  try {
    const answer = await api.request({ method: 'POST', path: '/hooks/whatsapp/wa', headers, body });
    await answer.body.dump();
    return answer.statusCode;
  } catch {
    // Killed under the request: the vendor would not know either.
    return null;
  }
}

async function sendMessages(smq: SmqClient, ledger: Ledger, state: State, worker: number): Promise<void> {
  for (let n = 0; !state.stopping; n += 1) {
    const body = createHash('sha256').update(`${worker}.${n}`).digest('base64');
    ledger.offer(`message/${body}`);
    try {
      const { status } = await smq.send(plainQueue, body);
      if (status === 201) ledger.acknowledge(`message/${body}`, ['orders']);
      else await pause(20 * state.slowness, 'a client tries again');
    } catch {
      // No answer: it may be there or not, so it is offered but not owed.
      state.unanswered += 1;
      await pause(20 * state.slowness, 'a client tries again');
    }
    await pause(3 * state.slowness, 'the pace of a client');
    await waitForRoom(ledger, state);
  }
}

/** Pulls and deletes as a consumer does; a delete without an answer leaves the message to come again. */
async function pull(smq: SmqClient, queue: string, ledger: Ledger, state: State): Promise<void> {
  while (state.pulling) {
    try {
      // All are seen when their answer comes, not when their turn to be deleted does.
      const received = (await smq.receive(queue, 1)).map((message) => {
        const cause = message.dequeueCount > 1 ? `dequeued ${message.dequeueCount} times` : null;
        const exit = queue === plainQueue ? 'orders' : 'queue';
        const sighting = { carrier: message.messageId, cause, epoch: state.epoch, taken: false };
        return { message, sighting: ledger.see(exit, toItem(queue, message.body), sighting) };
      });
      for (const { message, sighting } of received) {
        const { status } = await smq.delete(queue, message.handle);
        sighting.taken = status === 204;
      }
    } catch {
      state.unanswered += 1;
      await pause(20 * state.slowness, 'a consumer tries again');
    }
  }
}

function toItem(queue: string, body: string): string {
  return queue === plainQueue
    ? `message/${body}`
    : toReceiptItem(JSON.parse(Buffer.from(body, 'base64').toString()) as ReceiptObject);
}

interface ReceiptObject {
  readonly MessageId: string;
  readonly Status?: string;
  readonly ReceiptId: string;
}

function toReceiptItem(receipt: ReceiptObject): string {
  return receipt.Status === undefined
    ? `inbound/${receipt.MessageId}`
    : `status/${receipt.MessageId}/${receipt.Status.toLowerCase()}`;
}

/** A business's own endpoint: notes every receipt with the cause that the request states, and takes it. */
async function openCallback(ledger: Ledger, state: State): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    // A port that was another test's may still be asked for by that.
    if (request.method !== 'POST' || !/^\/(status|inbound)$/.test(request.url ?? '')) {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const header = request.headers['chasqui-repeat-cause'];
      const cause = typeof header === 'string' ? header : null;
      for (const receipt of JSON.parse(Buffer.concat(chunks).toString()) as ReceiptObject[]) {
        ledger.see('callback', toReceiptItem(receipt), {
          carrier: receipt.ReceiptId,
          cause,
          epoch: state.epoch,
          taken: true,
        });
      }
      response.end('{"code":0}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
