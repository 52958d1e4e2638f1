// Shows the whole way of a receipt as a first user would try it, and says in plain words what happened.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { loadSettings } from '../config/sources.ts';
import { GatewayError } from '../domain/errors.ts';
import { ApiClient } from './api-client.ts';
import type { ApiAccess } from './api-client.ts';
import { defaultSender } from './simulation.ts';
import { loadService } from './start.ts';
import type { Stopwatch, Time } from '../runtime/clock.ts';

/** How long any one thing may take. */
const limitMs = 15_000;

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface ReceiptObject {
  readonly ReceiptId: string;
  readonly MessageId: string;
  readonly Type?: string;
  readonly Message?: string;
  readonly Status?: string;
}

/** Runs the smoke against a service, or against a throw-away one of its own. Throws, saying what was missing, when something is. */
export async function smoke(given: ApiAccess | null, time: Time): Promise<void> {
  if (given !== null) return play(given, time);
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-smoke-'));
  const options = { port: '0', 'data-dir': dataDir, 'egress-allow': '127.0.0.0/8', 'log-level': 'warn' };
  const { start } = await loadService();
  const running = await start(loadSettings({ options, env: {} }).settings);
  try {
    say(`Started a throw-away service on ${running.address}.`);
    const { firstAccount } = running;
    if (firstAccount === null) throw new Error('An empty folder gave no first account.');
    await play({ url: running.address, keyId: firstAccount.keyId, keySecret: firstAccount.keySecret }, time);
  } finally {
    await running.stop('smoke');
    await rm(dataDir, { recursive: true, force: true });
  }
  say('Stopped the service and removed its data.');
}

async function play(connection: ApiAccess, time: Time): Promise<void> {
  const api = new ApiClient(connection);
  const callback = await openCallback();
  try {
    const { id: accountId } = await api.send<{ id: string }>('GET', '/api/v1/account');
    const path = await findSettingsPath(api);
    const before = await api.send<Settings>('GET', path);
    const secrets = await subscribe(api, path, callback);
    try {
      const message = await playMessage(api, time.now());
      const status = await playStatus(api, time.now());
      await seeOnCallback(callback, '/inbound', secrets, message.receiptId, time);
      await seeOnCallback(callback, '/status', secrets, status.receiptId, time);
      const toQueue = (type: string): string => `Alicom-Queue-${accountId}-${type}`;
      const inbound = await seeInQueue(connection, toQueue('ChatAppInbound'), message.receiptId, time);
      if (inbound.Message !== message.text)
        throw new Error('The queue gave another text than the user wrote.');
      const delivered = await seeInQueue(connection, toQueue('ChatAppStatus'), status.receiptId, time);
      if (delivered.Status !== 'Delivered')
        throw new Error(`The queue gave status ${delivered.Status ?? ''} instead of Delivered.`);
    } finally {
      await restore(api, path, before);
    }
    say('Both receipts came over both ways, each with the same ReceiptId. Everything works.');
  } finally {
    await api.close();
    await callback.close();
  }
}

type Settings = Readonly<Record<string, unknown>>;

/** Where the webhook settings of the sandbox's number are. */
async function findSettingsPath(api: ApiClient): Promise<string> {
  const { items } = await api.send<{ items: { id: string; type: string }[] }>('GET', '/api/v1/channels');
  const sandbox = items.find(({ type }) => type === 'sandbox');
  if (sandbox === undefined) throw new Error('The account has no sandbox channel.');
  return `/api/v1/channels/${sandbox.id}/senders/${defaultSender}/webhook`;
}

/** Lets the receipts of the sandbox go to the callback and to the queues; resolves to the secret that signs for each path. */
async function subscribe(
  api: ApiClient,
  path: string,
  { url: base }: Callback,
): Promise<Map<string, string>> {
  const webhook = await api
    .send<{ destinations: Record<string, number> }>('PUT', path, {
      http: true,
      queue: true,
      statusUrl: `${base}/status`,
      inboundUrl: `${base}/inbound`,
    })
    .catch((error: unknown) => {
      throw error instanceof GatewayError && error.code === 'bad_callback_url'
        ? toGuarded(error, base)
        : error;
    });
  say(
    `Subscribed the sandbox's WhatsApp number ${defaultSender}: over HTTP to ${base}, and to the account's queues.`,
  );
  const secrets = new Map<string, string>();
  for (const [url, id] of Object.entries(webhook.destinations)) {
    const answer = await api.send<{ secrets: { secret: string }[] }>(
      'GET',
      `/api/v1/destinations/${id}/secrets`,
    );
    secrets.set(new URL(url).pathname, answer.secrets[0]?.secret ?? '');
  }
  return secrets;
}

/** What to do where the service calls nobody on its own machine. */
function toGuarded(cause: GatewayError, base: string): GatewayError {
  const text = `The smoke's own receiver is at ${base}, which this service does not call. Start the service on this machine with EGRESS_ALLOW=127.0.0.0/8 for the trial, or leave --url and CHASQUI_URL out: the smoke then runs on a throw-away service of its own.`;
  return new GatewayError('bad_callback_url', text, { cause });
}

async function playMessage(
  api: ApiClient,
  now: number,
): Promise<{ readonly text: string; readonly receiptId: string }> {
  const text = `Hello from smoke ${now}`;
  const { receiptId } = await api.send<{ receiptId: string }>('POST', `/sandbox/${defaultSender}/inbound`, {
    from: '15550002222',
    name: 'Pat',
    type: 'text',
    text,
  });
  say(`A user wrote "${text}": receipt ${receiptId}.`);
  return { text, receiptId };
}

async function playStatus(api: ApiClient, now: number): Promise<{ readonly receiptId: string }> {
  const status = await api.send<{ receiptId: string }>('POST', `/sandbox/${defaultSender}/status`, {
    messageId: `smoke.${now}`,
    to: '15550002222',
    status: 'delivered',
  });
  say(`A message of the business was delivered: receipt ${status.receiptId}.`);
  return status;
}

/** Sets the webhook settings to what they were. */
async function restore(api: ApiClient, path: string, before: Settings): Promise<void> {
  const { http, queue, statusUrl, inboundUrl, types, lateStatuses } = before;
  await api.send('PUT', path, { http, queue, statusUrl, inboundUrl, types, lateStatuses });
}

async function seeOnCallback(
  callback: Callback,
  path: string,
  secrets: ReadonlyMap<string, string>,
  receiptId: string,
  stopwatch: Stopwatch,
): Promise<void> {
  const where = `the receipt on ${path} (the smoke's receiver is at ${callback.url}, for a service on this machine)`;
  const call = await within(stopwatch, where, () =>
    callback.calls.get(path)?.find(({ headers }) => headers['webhook-id'] === receiptId),
  );
  const [receipt] = JSON.parse(call.body) as ReceiptObject[];
  if (receipt?.ReceiptId !== receiptId)
    throw new Error(`The callback ${path} got another receipt than its webhook-id says.`);
  if (!isSigned(call, secrets.get(path) ?? ''))
    throw new Error(`The signature of the push to ${path} is not valid.`);
  say(`The callback ${path} got receipt ${receiptId}, and its signature is valid.`);
}

/** Checks a push as its receiver would: Standard Webhooks 1.0. */
function isSigned({ headers, body }: Call, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = createHmac('sha256', key).update(text).digest();
  return String(headers['webhook-signature'])
    .split(' ')
    .map((signature) => Buffer.from(signature.replace(/^v1,/, ''), 'base64'))
    .some((given) => given.byteLength === expected.byteLength && timingSafeEqual(given, expected));
}

/** Pulls from a queue until the receipt comes, deletes it, and leaves whatever else there was to come again. */
async function seeInQueue(
  connection: ApiAccess,
  queue: string,
  receiptId: string,
  time: Time,
): Promise<ReceiptObject> {
  const pool = new Pool(connection.url);
  const call = async (method: 'GET' | 'DELETE', target: string): Promise<string> => {
    const date = new Date(time.now()).toUTCString();
    const signature = createHmac('sha1', connection.keySecret)
      .update(`${method}\n\n\n${date}\nx-mns-version:2015-06-06\n${target}`)
      .digest('base64');
    const headers = {
      date,
      'x-mns-version': '2015-06-06',
      authorization: `MNS ${connection.keyId}:${signature}`,
    };
    const answer = await pool.request({ method, path: target, headers });
    const text = await answer.body.text();
    if (answer.statusCode >= 400 && answer.statusCode !== 404)
      throw new Error(`The queue answered ${answer.statusCode}: ${text}`);
    return text;
  };
  try {
    const receipt = await within(time, `the receipt in ${queue}`, async () => {
      const xml = await call('GET', `/queues/${queue}/messages?numOfMessages=16&waitseconds=1`);
      for (const part of xml.split('<Message>').slice(1)) {
        const body = /<MessageBody>([^<]*)</.exec(part)?.[1] ?? '';
        const found = JSON.parse(Buffer.from(body, 'base64').toString('utf8')) as ReceiptObject;
        if (found.ReceiptId !== receiptId) continue;
        await call(
          'DELETE',
          `/queues/${queue}/messages?ReceiptHandle=${/<ReceiptHandle>([^<]*)</.exec(part)?.[1] ?? ''}`,
        );
        return found;
      }
      return undefined;
    });
    say(`The queue ${queue} gave receipt ${receiptId}; it has been deleted there.`);
    return receipt;
  } finally {
    await pool.destroy();
  }
}

interface Callback {
  readonly url: string;
  readonly calls: Map<string, Call[]>;
  readonly close: () => Promise<void>;
}

async function openCallback(): Promise<Callback> {
  const calls = new Map<string, Call[]>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      calls.set(path, [
        ...(calls.get(path) ?? []),
        { headers: request.headers, body: Buffer.concat(chunks).toString('utf8') },
      ]);
      response.setHeader('content-type', 'application/json').end('{"code":0,"msg":"OK"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new GatewayError('internal', 'The callback receiver has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function within<T>(
  { monotonic }: Stopwatch,
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const end = monotonic() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (monotonic() > end) throw new Error(`Waited ${limitMs / 1000} s in vain for ${what}.`);
    await sleep(50);
  }
}

function say(line: string): void {
  console.log(line);
}
