// A puller as a business would write it, while receipts of all three types are produced and the service is restarted twice.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import Client from '@alicloud/mns';
import { Pool } from 'undici';
import { Ledger } from '../crash/ledger.ts';
import type { Sighting } from '../crash/ledger.ts';
import { pause } from './pace.ts';
import { bareEnv, findFreePort, rootAccount, startService, waitUntil } from './service.ts';
import type { Service } from './service.ts';

const basic = `Basic ${Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64')}`;
const appSecret = 'puller-app-secret';
const wabaId = '100000000000001';

const receiptTypes = ['ChatAppInbound', 'ChatAppStatus', 'ChatAppAudit'];

interface PulledReceipt {
  readonly ReceiptId: string;
  readonly MessageId?: string;
  readonly Status?: string;
  readonly TemplateCode?: string;
}

/**
 * What a puller tells of each message: the receipt, and how often the queue has given it out. Whoever has it deleted says so
 * on the sighting that this returns.
 */
type See = (receipt: PulledReceipt, dequeueCount: number) => Sighting;

interface Puller {
  stop(): Promise<void>;
}

interface ServiceOptions {
  readonly env?: Record<string, string>;
  /** Visibility timeout of the queues, where it is not what it is at first. */
  readonly visibilitySeconds?: number;
}

/** How a run ended: whether the account is settled, and the account in one line. */
export interface PullerRun {
  readonly isGood: boolean;
  readonly text: string;
}

/**
 * Produces receipts for `durationMs` while a puller pulls them, restarts the service twice, once by SIGKILL and once by
 * SIGTERM, and settles the account: everything acknowledged was seen, a repeat says that it is one, and nothing comes again
 * once its deletion was acknowledged.
 */
async function runPuller(
  durationMs: number,
  startPuller: (url: string, see: See) => Puller,
  { env = {}, visibilitySeconds }: ServiceOptions = {},
): Promise<PullerRun> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-puller-'));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const ledger = new Ledger();
  let service: Service = await startService({ dataDir, port, env });
  const api = new Pool(url, { connections: 8 });
  const send = async (method: 'PUT' | 'POST', path: string, body: unknown): Promise<boolean> => {
    const text = JSON.stringify(body);
    const signature = `sha256=${createHmac('sha256', appSecret).update(text).digest('hex')}`;
    const headers = {
      authorization: basic,
      'content-type': 'application/json',
      'x-hub-signature-256': signature,
    };
    try {
      const answer = await api.request({ method, path, headers, body: text });
      await answer.body.dump();
      return answer.statusCode < 300;
    } catch {
      // Between a kill and the next start nobody answers.
      return false;
    }
  };
  const put = async (path: string, body: unknown): Promise<void> => {
    if (!(await send('PUT', `/api/v1${path}`, body))) throw new Error(`PUT ${path} failed.`);
  };
  await put('/channels/sandbox/senders/15550100001/webhook', { http: false, queue: true });
  await put('/channels/wa', {
    type: 'whatsapp',
    wabaId,
    credentials: { appSecret, verifyToken: 'puller', accessToken: 'none' },
  });
  await put('/channels/wa/webhook', { http: false, queue: true });
  for (const type of visibilitySeconds === undefined ? [] : receiptTypes)
    await put(`/queues/Alicom-Queue-${rootAccount.accountId}-${type}`, { visibilitySeconds });

  const see: See = (receipt, dequeueCount) => {
    const cause = dequeueCount > 1 ? `dequeued ${dequeueCount} times` : null;
    // A deletion is acknowledged after its commit, so no kill excuses a repeat after it: all is one epoch.
    const sighting = { carrier: receipt.ReceiptId, cause, epoch: 0, taken: false };
    return ledger.see('queue', toItem(receipt), sighting);
  };
  const puller = startPuller(url, see);
  try {
    const end = Date.now() + durationMs;
    const restarts = [
      { at: end - (durationMs * 2) / 3, end: () => service.kill() },
      { at: end - durationMs / 3, end: () => expectCleanEnd(service) },
    ];
    for (let n = 0; Date.now() < end; n += 1) {
      if (restarts[0] !== undefined && Date.now() > restarts[0].at) {
        await restarts.shift()?.end();
        service = await startService({ dataDir, port, env });
      }
      await produce(n);
      await pause(20, 'the pace of a business');
    }
    await waitUntil(
      'everything acknowledged has been pulled',
      90_000,
      () => ledger.countMissing() === 0,
    ).catch(() => undefined); // What is missing is told by the account.
    await puller.stop();
    await expectCleanEnd(service);
  } finally {
    await puller.stop();
    await service.kill();
    await api.destroy();
    await rm(dataDir, { recursive: true, force: true });
  }
  const { acknowledged, lost, repeated, unexplained } = ledger.settle();
  return {
    isGood: lost.length === 0 && unexplained.length === 0 && acknowledged > 0,
    text: `acknowledged ${acknowledged}, lost ${lost.length}, repeated ${repeated}, unexplained ${unexplained.length}${[
      ...lost,
      ...unexplained,
    ]
      .slice(0, 5)
      .map((line) => `\n  ${line}`)
      .join('')}`,
  };

  async function produce(n: number): Promise<void> {
    await offer(`inbound/m${n}`, 'POST', '/sandbox/15550100001/inbound', {
      id: `m${n}`,
      from: '15550002222',
      type: 'text',
      text: 'hello',
    });
    await offer(`status/s${n}/Read`, 'POST', '/sandbox/15550100001/status', {
      messageId: `s${n}`,
      to: '15550002222',
      status: 'read',
    });
    const value = {
      event: 'APPROVED',
      message_template_id: n,
      message_template_name: 't',
      message_template_language: 'en',
      reason: null,
    };
    const changes = [{ field: 'message_template_status_update', value }];
    await offer(`audit/${n}`, 'POST', '/hooks/whatsapp/wa', {
      object: 'whatsapp_business_account',
      entry: [{ id: wabaId, time: 1780000000, changes }],
    });
  }

  /** Sends until it is acknowledged, as channels do. */
  async function offer(item: string, method: 'POST', path: string, body: unknown): Promise<void> {
    ledger.offer(item);
    while (!(await send(method, path, body))) await pause(50, 'a channel tries again');
    ledger.acknowledge(item, ['queue']);
  }
}

function toItem(receipt: PulledReceipt): string {
  if (receipt.TemplateCode !== undefined) return `audit/${receipt.TemplateCode}`;
  return receipt.Status === undefined
    ? `inbound/${receipt.MessageId ?? ''}`
    : `status/${receipt.MessageId ?? ''}/${receipt.Status}`;
}

async function expectCleanEnd(service: Service): Promise<void> {
  const code = await service.stop();
  if (code !== 0) throw new Error(`The service ended with ${String(code)}:\n${service.output()}`);
}

interface Received {
  readonly body: readonly {
    readonly MessageBody: string;
    readonly ReceiptHandle: string;
    readonly DequeueCount: string;
  }[];
}

/** Pulls with the official SDK for Node, a loop for each receipt type; after an error a loop sleeps `pauseMs`. */
export function pullWithNode(durationMs: number, pauseMs: number): Promise<PullerRun> {
  return runPuller(durationMs, (endpoint, see) => {
    const stopping = new AbortController();
    const config = { accessKeyId: rootAccount.keyId, accessKeySecret: rootAccount.keySecret, endpoint };
    const loops = receiptTypes.map((type) =>
      pull(
        new Client(rootAccount.accountId, config),
        `Alicom-Queue-${rootAccount.accountId}-${type}`,
        see,
        pauseMs,
        stopping.signal,
      ),
    );
    return {
      stop: async () => {
        stopping.abort();
        // A long poll that is under way ends with the service.
        await Promise.race([Promise.all(loops), pause(100, 'the others stop at once')]);
      },
    };
  });
}

/** The loop as Alibaba's samples shape it: batches of 16 without a wait of their own, deleted one by one. */
async function pull(client: Client, queue: string, see: See, pauseMs: number, stopping: AbortSignal) {
  while (!stopping.aborted) {
    try {
      const { body } = (await client.batchReceiveMessage(queue, 16)) as Received;
      for (const message of body) {
        const json = Buffer.from(message.MessageBody, 'base64').toString('utf8');
        const sighting = see(JSON.parse(json) as PulledReceipt, Number(message.DequeueCount));
        await client.deleteMessage(queue, message.ReceiptHandle);
        sighting.taken = true;
      }
    } catch (error) {
      if (error instanceof Error && error.name === 'MNSMessageNotExistError') continue;
      await pause(pauseMs, 'a consumer sleeps after an error', stopping);
    }
  }
}

/** Pulls with the Java program that was built in `folder`. */
export function pullWithJava(durationMs: number, folder: string): Promise<PullerRun> {
  return runJava(durationMs, folder, 'Puller', (url) => ({
    SMQ_ENDPOINT: url,
    SMQ_KEY_ID: rootAccount.keyId,
    SMQ_KEY_SECRET: rootAccount.keySecret,
    SMQ_ACCOUNT: rootAccount.accountId,
  }));
}

/** Hours that pass on the clock of a puller that pulls with tokens. */
const tokenHours = 2;
/** Receipts of a queue that are held when the service is killed come again so many of those seconds later. */
const fastVisibilitySeconds = 900;

/**
 * Pulls with the official SDKs for Node and with tokens, in a process of its own; its clock and the service's go so fast that
 * two hours pass, so that each queue's token ends and has to be renewed before that.
 */
export async function pullWithNodeTokens(durationMs: number): Promise<PullerRun> {
  const clock = {
    CLOCK_SPEED: String((tokenHours * 3_600_000) / durationMs),
    CLOCK_START: String(Date.now()),
    NODE_OPTIONS: `--import ${new URL('fast-clock.ts', import.meta.url).href}`,
  };
  return countRenewals((hear) =>
    runPuller(
      durationMs,
      (url, see) => {
        const program = fileURLToPath(new URL('token-puller.ts', import.meta.url));
        return startProgram(process.execPath, [program], { env: { ...toKeys(url), ...clock } }, see, hear);
      },
      { env: clock, visibilitySeconds: fastVisibilitySeconds },
    ),
  );
}

/**
 * Pulls with the Java program that asks for tokens, and whose clock goes so fast that two hours pass: each queue's token has to
 * be renewed before its end, while the one before is still good.
 */
export async function pullWithTokens(durationMs: number, folder: string): Promise<PullerRun> {
  const speed = { PULLER_SPEED: String((tokenHours * 3_600_000) / durationMs) };
  return countRenewals((hear) =>
    runJava(durationMs, folder, 'TokenPuller', (url) => ({ ...toKeys(url), ...speed }), hear),
  );
}

const toKeys = (url: string): Readonly<Record<string, string>> => ({
  CHASQUI: url,
  ACCOUNT: rootAccount.accountId,
  KEY_ID: rootAccount.keyId,
  KEY_SECRET: rootAccount.keySecret,
});

/** A run whose puller has to have asked for tokens of each type as often as the hours that passed ask for. */
async function countRenewals(play: (hear: (line: string) => void) => Promise<PullerRun>): Promise<PullerRun> {
  const renewals = new Map<string, number>();
  const { isGood, text } = await play((line) => {
    const type = /^renewed (\S+)$/.exec(line)?.[1];
    if (type !== undefined) renewals.set(type, (renewals.get(type) ?? 0) + 1);
  });
  const counts = receiptTypes.map((type) => renewals.get(type) ?? 0);
  return {
    isGood: isGood && counts.every((count) => count >= tokenHours),
    text: `${text}, tokens ${counts.join(' + ')}`,
  };
}

function runJava(
  durationMs: number,
  folder: string,
  program: string,
  toEnv: (url: string) => Readonly<Record<string, string>>,
  hear?: (line: string) => void,
): Promise<PullerRun> {
  return runPuller(durationMs, (url, see) => {
    const command = `exec java -cp "target/classes:$(cat classpath)" ${program}`;
    return startProgram('sh', ['-c', command], { cwd: folder, env: toEnv(url) }, see, hear);
  });
}

/** A puller that is a program of its own and prints what it sees and what it has deleted. */
function startProgram(
  command: string,
  options: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env: Readonly<Record<string, string>> },
  see: See,
  hear: (line: string) => void = () => undefined,
): Puller {
  const child = spawn(command, options, {
    cwd,
    env: { ...bareEnv, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2_000)));
  const sightings = new Map<string, Sighting>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    hear(line);
    const [, verb, messageId = '', count, json] = /^(seen|taken) (\S+)(?: (\d+) (.*))?$/.exec(line) ?? [];
    if (verb === 'seen' && json !== undefined)
      sightings.set(messageId, see(JSON.parse(json) as PulledReceipt, Number(count)));
    const sighting = sightings.get(messageId);
    if (verb === 'taken' && sighting !== undefined) sighting.taken = true;
  });
  return {
    stop: async () => {
      if (child.exitCode !== null) throw new Error(`The puller ended by itself:\n${errors}`);
      child.kill('SIGKILL');
    },
  };
}
