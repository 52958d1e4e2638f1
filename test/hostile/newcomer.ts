// A newcomer to a service under attack: alone in a process of its own, so that what the attackers' process is busy with is not
// counted as the service's slowness. Each visit is two new connections: health, and a signed webhook.
import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '../support/pace.ts';

/** What to visit, as the first argument in JSON. */
export interface Visited {
  readonly healthUrl: string;
  readonly hookUrl: string;
  readonly appSecret: string;
  readonly caFile: string | null;
  /** The service's process. */
  readonly pid: number;
}

/** One visit, as it is told to the parent. */
export interface Visit {
  readonly startedAt: number;
  /** Of the slower of the two. */
  readonly ms: number;
  /**
   * Of those, how long the machine was busy with others: the service's thread, or the newcomer's own, was ready to run and did not,
   * processors were taken from the machine itself, or its disk took that long for a few bytes of anybody's.
   */
  readonly robbedMs: number;
  /** What each was answered: a status, or why there was none. */
  readonly health: string;
  readonly hook: string;
}

/** Beyond what is asserted, so that a busy machine is told from a service that does not answer. */
const giveUpMs = 20_000;
const pauseMs = 100;

const visited = JSON.parse(process.argv[2] ?? '{}') as Visited;
const ca = visited.caFile === null ? undefined : readFileSync(visited.caFile);

function ask(url: string, options: RequestOptions, body = ''): Promise<{ said: string; ms: number }> {
  const startedAt = performance.now();
  const { promise, resolve } = Promise.withResolvers<{ said: string; ms: number }>();
  const end = (said: string): void => resolve({ said, ms: performance.now() - startedAt });
  const request = url.startsWith('https:') ? tlsRequest : plainRequest;
  const outgoing = request(url, { ...options, ca, agent: false }, (answer) => {
    answer.resume();
    answer.on('end', () => end(String(answer.statusCode)));
    answer.on('error', () => end('broken off'));
  });
  outgoing.setTimeout(giveUpMs, () => outgoing.destroy(new Error('no answer')));
  outgoing.on('error', (error) => end(error.message));
  outgoing.end(body);
  return promise;
}

function toHook(): { body: string; signature: string } {
  const text = { from: '15550002222', id: `wamid.${randomUUID()}`, type: 'text', text: { body: 'hello' } };
  const metadata = { display_phone_number: '15550001111', phone_number_id: '200000000000001' };
  const messages = [{ ...text, timestamp: String(Math.floor(Date.now() / 1000)) }];
  const value = { messaging_product: 'whatsapp', metadata, messages };
  const entry = [{ id: '100000000000001', changes: [{ field: 'messages', value }] }];
  const body = JSON.stringify({ object: 'whatsapp_business_account', entry });
  return {
    body,
    signature: `sha256=${createHmac('sha256', visited.appSecret).update(body).digest('hex')}`,
  };
}

/** How long the main threads of the service and of this process have waited for a processor by now; 0 where no kernel tells. */
function readWaitedMs(): number {
  return [visited.pid, process.pid].reduce((sum, pid) => {
    const [, waitedNs] = tryRead(`/proc/${pid}/task/${pid}/schedstat`).split(' ');
    return sum + Number(waitedNs ?? 0) / 1e6;
  }, 0);
}

/** How long each processor of this machine has been another machine's by now, on average; 0 where no kernel tells. */
function readStolenMs(): number {
  // "cpu", then hundredths of a second: user, nice, system, idle, iowait, irq, softirq, steal; of all processors together.
  const [, stolen] = /^cpu +(?:\d+ ){7}(\d+)/.exec(tryRead('/proc/stat')) ?? [];
  return (10 * Number(stolen ?? 0)) / availableParallelism();
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not on this system.
    return '';
  }
}

/** How long a few bytes of one's own take until they are on the disk. */
async function timeDiskMs(file: FileHandle): Promise<number> {
  const startedAt = performance.now();
  await file.write('a newcomer was here\n', 0);
  await file.datasync();
  return performance.now() - startedAt;
}

async function visit(file: FileHandle): Promise<Visit> {
  const startedAt = Date.now();
  const robbedBefore = readWaitedMs() + readStolenMs();
  const { body, signature } = toHook();
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-hub-signature-256': signature,
  };
  const [health, hook, diskMs] = await Promise.all([
    ask(visited.healthUrl, {}),
    ask(visited.hookUrl, { method: 'POST', headers }, body),
    timeDiskMs(file),
  ]);
  const robbedMs = readWaitedMs() + readStolenMs() - robbedBefore + diskMs;
  return { startedAt, ms: Math.max(health.ms, hook.ms), robbedMs, health: health.said, hook: hook.said };
}

const folder = mkdtempSync(join(tmpdir(), 'chasqui-newcomer-'));
const file = await open(join(folder, 'visits'), 'w');
// Gone at once, and written to until this process ends.
rmSync(folder, { recursive: true });
process.on('disconnect', () => process.exit());
for (;;) {
  process.send?.(await visit(file));
  await pause(pauseMs, 'newcomers come one after the other');
}
