// The load: a process of its own, so that it and what it drives do not share an event loop. Told what to do by a JSON
// argument; prints one line of JSON (measure.ts Load).
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { signAcs3 } from '../test/support/cams-client.ts';
import { SmqClient } from '../test/support/smq-client.ts';
import { percentile } from './measure.ts';
import type { Load } from './measure.ts';
import type { PeerAddress, QueuePeerName } from './peers/address.ts';
import type { Envelope } from './peers/event-peers.ts';
import { openQueuePeer } from './peers/queue-peers.ts';
import type { QueuePeer } from './peers/queue-peers.ts';
import { appSecret } from './secret.ts';

export interface Task {
  readonly kind:
    | 'bare'
    | 'webhook'
    | 'inbound'
    | 'peer-event'
    | 'send'
    | 'cycle'
    | 'fill'
    | 'page'
    | 'viber'
    | 'watermark'
    | 'cams-send'
    | 'cams-mass'
    | 'cams-token';
  /** One or more nodes; workers are spread over them. */
  readonly urls: readonly string[];
  readonly connections: number;
  /** How long, unless `count` says how many. */
  readonly seconds?: number;
  readonly count?: number;
  /** Requests a second over all workers; as many as it goes when left out. */
  readonly rate?: number;
  /** Makes the ids of this run its own. */
  readonly run: string;
  /** Events in a webhook, or messages in a cycle. */
  readonly batch?: number;
  readonly queue?: string;
  /** Of `page`: messenger or instagram. */
  readonly channel?: string;
  readonly templateCode?: string;
  /** Of `inbound` and `peer-event`: what each has, filled up with text that says which it is; else the body of a queue's message. */
  readonly bytes?: number;
  readonly envelope?: Envelope;
  /** Whose queue it is, where it is not the product's. */
  readonly peer?: PeerAddress<QueuePeerName>;
  /** Of `watermark`: the number of the first user who reads. */
  readonly from?: number;
  readonly priorities?: number;
  readonly phoneNumberIds?: readonly string[];
  readonly key?: { readonly id: string; readonly secret: string };
}

const headers = { 'content-type': 'application/json' };
const noEnvelope: Envelope = { path: '/', headers, before: '', after: '' };
const fromSandbox = { ChannelType: 'whatsapp', CustSpaceId: 'sandbox', From: '15550100001' };

const task = JSON.parse(process.argv[2] ?? '{}') as Task;
const { batch = 1, queue = '', priorities = 1, phoneNumberIds = ['1'], key = { id: '', secret: '' } } = task;
const messageBody = 'x'.repeat(task.bytes ?? 1024);
const peer = task.peer === undefined ? undefined : openQueuePeer(task.peer, task.connections);
const pools = task.urls.map(
  (url) => new Pool(url, { connections: Math.ceil(task.connections / task.urls.length), pipelining: 1 }),
);
const clients = task.urls.map(
  (url) => new SmqClient(url, key, Math.ceil(task.connections / task.urls.length)),
);
const latencies: number[] = [];
let number = 0;
let count = 0;
let errors = 0;
let unexplained = 0;
let filled = 0;
const deleted = new Set<string>();

const startedAt = performance.now();
const endAt = startedAt + (task.seconds ?? 3600) * 1000;
await Promise.all(Array.from({ length: task.connections }, (_, worker) => work(worker)));
const seconds = (performance.now() - startedAt) / 1000;
latencies.sort((a, b) => a - b);
const load: Load = {
  count,
  weight: batch,
  seconds,
  p50Ms: percentile(latencies, 0.5),
  p99Ms: percentile(latencies, 0.99),
  errors,
  cpuMicros: 0,
  unexplained,
};
console.log(JSON.stringify(load));
await Promise.all([
  ...pools.map((pool) => pool.destroy()),
  ...clients.map((client) => client.close()),
  peer?.close(),
]);

async function work(worker: number): Promise<void> {
  const pool = pick(pools, worker);
  const client = pick(clients, worker);
  while (performance.now() < endAt && (task.count === undefined || number < task.count)) {
    const n = number;
    number += 1;
    if (task.rate !== undefined) {
      const dueAt = startedAt + (n / task.rate) * 1000;
      if (dueAt >= endAt) return;
      await sleep(Math.max(0, dueAt - performance.now()));
    }
    const at = performance.now();
    const ok = await act(pool, client, n).catch(() => false);
    latencies.push(performance.now() - at);
    if (ok) count += 1;
    else errors += 1;
  }
}

async function act(pool: Pool, client: SmqClient, n: number): Promise<boolean> {
  if (peer !== undefined) return actOnPeer(peer);
  switch (task.kind) {
    case 'bare':
      return post(pool, '/', toWebhook(n, false), false);
    case 'webhook':
      return post(pool, '/hooks/whatsapp/bench', toWebhook(n, false), true);
    case 'inbound':
      return post(pool, '/hooks/whatsapp/bench', toWebhook(n, true), true);
    case 'peer-event':
      return postWrapped(pool, n);
    case 'page':
      return post(pool, `/hooks/${task.channel ?? ''}/bench`, toPageEvent(n), true);
    case 'viber':
      return post(pool, '/hooks/viber/bench', toViberEvent(n), true);
    case 'watermark':
      return post(pool, '/hooks/messenger/bench', toRead((task.from ?? 0) + n), true);
    case 'send':
      return (await client.send(queue, messageBody)).status === 201;
    case 'fill':
      return (await sendBatch(client)) === 201;
    case 'cycle':
      return cycle(client);
    case 'cams-send':
      return callCams(pool, 'SendChatappMessage', {
        ...fromSandbox,
        Type: 'message',
        MessageType: 'text',
        To: toRecipient(n),
        Content: '{"text":"hello"}',
        // The receiver reads from it how long its statuses took.
        TaskId: `at ${Date.now()}`,
      });
    case 'cams-mass':
      return callCams(
        pool,
        'SendChatappMassMessage',
        {
          ...fromSandbox,
          Language: 'en',
          TemplateCode: task.templateCode ?? '',
          SenderList: JSON.stringify(
            Array.from({ length: batch }, (_, i) => ({
              To: toRecipient(n * batch + i),
              TemplateParams: { name: 'Bob' },
            })),
          ),
        },
        true,
      );
    case 'cams-token':
      return callCams(
        pool,
        'QueryTokenForMnsQueue',
        { MessageType: 'ChatAppStatus', QueueName: queue },
        false,
        '2017-05-25',
      );
  }
}

/** Each from another number; its last digit makes the sandbox play sent, delivered and read. */
function toRecipient(n: number): string {
  return `86139${String(n % 1_000_000).padStart(7, '0')}0`;
}

async function callCams(
  pool: Pool,
  action: string,
  values: Readonly<Record<string, string>>,
  form = false,
  version?: string,
): Promise<boolean> {
  const options = version === undefined ? { form } : { form, version };
  const { method, target, headers, body } = signAcs3(key, action, values, options);
  const answer = await pool.request({ method, path: target, headers, body });
  const text = await answer.body.text();
  return answer.statusCode === 200 && text.includes('"OK"');
}

/** Sends, receives and deletes so many messages; what is received need not be what was sent. */
async function cycle(client: SmqClient): Promise<boolean> {
  if (batch === 1) {
    if ((await client.send(queue, messageBody)).status !== 201) return false;
    const answer = await client.call('GET', `/queues/${queue}/messages`);
    note(readIds(answer.text));
    const handle = /<ReceiptHandle>([^<]*)</.exec(answer.text)?.[1] ?? '';
    return (await client.delete(queue, handle)).status === 204;
  }
  if ((await sendBatch(client)) !== 201) return false;
  const received = await client.call('GET', `/queues/${queue}/messages?numOfMessages=${batch}`);
  note(readIds(received.text));
  const handles = received.text.match(/<ReceiptHandle>[^<]*<\/ReceiptHandle>/g) ?? [];
  if (handles.length === 0) return false;
  const list = `<ReceiptHandles>${handles.join('')}</ReceiptHandles>`;
  return (await client.call('DELETE', `/queues/${queue}/messages`, list)).status === 204;
}

/** The same of a peer's queue. */
async function actOnPeer(to: QueuePeer): Promise<boolean> {
  const bodies = Array.from({ length: batch }, () => messageBody);
  if (!(await to.send(queue, bodies))) return false;
  if (task.kind !== 'cycle') return true;
  const received = await to.receive(queue, batch);
  note(received.map(({ id }) => id));
  if (received.length === 0) return false;
  return to.delete(
    queue,
    received.map(({ handle }) => handle),
  );
}

function readIds(text: string): string[] {
  return [...text.matchAll(/<MessageId>([^<]*)</g)].map(([, id = '']) => id);
}

function note(ids: readonly string[]): void {
  for (const id of ids) {
    if (deleted.has(id)) unexplained += 1;
    deleted.add(id);
  }
}

async function sendBatch(client: SmqClient): Promise<number> {
  const messages = Array.from({ length: batch }, () => {
    filled += 1;
    const priority = priorities === 1 ? 8 : 1 + (filled % priorities);
    return `<Message><MessageBody>${messageBody}</MessageBody><Priority>${priority}</Priority></Message>`;
  });
  return (await client.call('POST', `/queues/${queue}/messages`, `<Messages>${messages.join('')}</Messages>`))
    .status;
}

/** The event that the product gets in a webhook, as a peer takes it. */
async function postWrapped(pool: Pool, n: number): Promise<boolean> {
  const { path, headers: own, before, after } = task.envelope ?? noEnvelope;
  const body = `${before}${toWebhook(n, true)}${after}`;
  const answer = await pool.request({ method: 'POST', path, headers: own, body });
  await answer.body.dump();
  return answer.statusCode < 300;
}

async function post(pool: Pool, path: string, body: string, isSigned: boolean): Promise<boolean> {
  const signed = isSigned
    ? {
        ...headers,
        ...(path.startsWith('/hooks/viber/')
          ? { 'x-viber-content-signature': sign(body) }
          : { 'x-hub-signature-256': `sha256=${sign(body)}` }),
      }
    : headers;
  const answer = await pool.request({ method: 'POST', path, headers: signed, body });
  await answer.body.dump();
  return answer.statusCode === 200;
}

function sign(body: string): string {
  return createHmac('sha256', appSecret).update(body).digest('hex');
}

/** One message of a user to the Page or professional account 200000000. */
function toPageEvent(n: number): string {
  const message = { mid: `m_${task.run}.${n}`, text: 'hello' };
  const user = String(3_000_000_000 + (n % 1_000_000));
  const entry = {
    sender: { id: user },
    recipient: { id: '200000000' },
    timestamp: Date.now(),
    message,
  };
  const object = task.channel === 'instagram' ? 'instagram' : 'page';
  return JSON.stringify({
    object,
    entry: [{ id: '200000000', time: 1_780_000_000_000, messaging: [entry] }],
  });
}

/** A user of the Page has read all that was written so far. */
function toRead(n: number): string {
  const watermark = Date.now() + 60_000;
  const users = { sender: { id: `2411${String(n).padStart(7, '0')}` }, recipient: { id: '200000000' } };
  const messaging = [{ ...users, timestamp: watermark, read: { watermark } }];
  return JSON.stringify({ object: 'page', entry: [{ id: '200000000', time: watermark, messaging }] });
}

/** One message of a user to the bot; tokens of Viber are long numbers. */
function toViberEvent(n: number): string {
  return JSON.stringify({
    event: 'message',
    timestamp: 1_780_000_000_000,
    message_token: `${task.run.replaceAll('.', '')}${String(n).padStart(9, '0')}`,
    sender: { id: `user-${n % 1_000_000}==`, name: 'Ann' },
    message: { type: 'text', text: 'hello' },
  });
}

/** A webhook of WhatsApp with `batch` statuses, or messages that state the time. */
function toWebhook(n: number, isInbound: boolean): string {
  const ids = Array.from({ length: batch }, (_, i) => `wamid.${task.run}.${n}.${i}`);
  const timestamp = '1780000000';
  const metadata = {
    display_phone_number: '15550001111',
    phone_number_id: pick(phoneNumberIds, n),
  };
  const value = isInbound
    ? {
        messaging_product: 'whatsapp',
        metadata,
        messages: ids.map((id, i) => ({
          id,
          from: `1555${String((n * batch + i) % 1_000_000).padStart(7, '0')}`,
          timestamp,
          type: 'text',
          text: { body: task.bytes === undefined ? `at ${Date.now()}` : `at ${Date.now()} ${id} ~` },
        })),
      }
    : {
        messaging_product: 'whatsapp',
        metadata,
        statuses: ids.map((id) => ({ id, status: 'delivered', timestamp, recipient_id: '15550002222' })),
      };
  const text = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '100000000000001', changes: [{ field: 'messages', value }] }],
  });
  return task.bytes === undefined ? text : text.replace('~', 'x'.repeat(task.bytes - text.length + 1));
}

function pick<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('There is nothing to choose from.');
  return item;
}
