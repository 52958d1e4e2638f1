// A puller as a business would write it, while receipts of all three types are produced and the service is restarted twice.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { Ledger } from '../crash/ledger.ts';
import { findFreePort, rootAccount, startService, waitUntil } from './service.ts';
import type { Service } from './service.ts';

const basic = `Basic ${Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64')}`;
const appSecret = 'puller-app-secret';
const wabaId = '100000000000001';

export interface PulledReceipt {
  readonly ReceiptId: string;
  readonly MessageId?: string;
  readonly Status?: string;
  readonly TemplateCode?: string;
}

/** What a puller tells of each message: the receipt, and how often the queue has given it out. */
export type See = (receipt: PulledReceipt, dequeueCount: number) => void;

export interface PullerRun {
  readonly isGood: boolean;
  readonly text: string;
}

/**
 * Produces receipts for `durationMs` while `startPuller` pulls them, kills and restarts the service twice, and settles the
 * account: everything acknowledged was seen, and a repeat says that it is one.
 */
export async function runPuller(
  durationMs: number,
  startPuller: (url: string, see: See) => Promise<{ stop(): Promise<void> }>,
): Promise<PullerRun> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-puller-'));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const ledger = new Ledger();
  let epoch = 0;
  let service: Service = await startService({ dataDir, port });
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

  const see: See = (receipt, dequeueCount) => {
    const cause = dequeueCount > 1 ? `dequeued ${dequeueCount} times` : null;
    ledger.see('queue', toItem(receipt), { carrier: receipt.ReceiptId, cause, epoch, taken: false });
  };
  const puller = await startPuller(url, see);
  try {
    const end = Date.now() + durationMs;
    const restarts = [Date.now() + durationMs / 3, Date.now() + (durationMs * 2) / 3];
    for (let n = 0; Date.now() < end; n += 1) {
      if (restarts[0] !== undefined && Date.now() > restarts[0]) {
        restarts.shift();
        await service.kill();
        epoch += 1;
        service = await startService({ dataDir, port });
      }
      await produce(n);
      await sleep(20);
    }
    await waitUntil(
      'everything acknowledged has been pulled',
      90_000,
      () => ledger.countMissing() === 0,
    ).catch(() => undefined);
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
    while (!(await send(method, path, body))) await sleep(50);
    ledger.acknowledge(item, ['queue']);
  }
}

function toItem(receipt: PulledReceipt): string {
  if (receipt.TemplateCode !== undefined) return `audit/${receipt.TemplateCode}`;
  return receipt.Status === undefined
    ? `inbound/${receipt.MessageId ?? ''}`
    : `status/${receipt.MessageId ?? ''}/${receipt.Status}`;
}

/** Runs the Java puller of a built client. */
export function pullWithJava(folder: string, durationMs: number): Promise<PullerRun> {
  return runPuller(durationMs, async (url, see) => {
    const env = {
      ...process.env,
      SMQ_ENDPOINT: url,
      SMQ_KEY_ID: rootAccount.keyId,
      SMQ_KEY_SECRET: rootAccount.keySecret,
      SMQ_ACCOUNT: rootAccount.accountId,
    };
    const child = spawn('sh', ['-c', 'exec java -cp "target/classes:$(cat classpath)" Puller'], {
      cwd: folder,
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, count, json] = /^seen \S+ (\d+) (.*)$/.exec(line) ?? [];
        if (json !== undefined) see(JSON.parse(json) as PulledReceipt, Number(count));
      }
    });
    return {
      stop: async () => {
        child.kill('SIGKILL');
      },
    };
  });
}
