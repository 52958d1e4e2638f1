// What the scenarios run on: the service as its own process, the baseline, a receiver, and the driver.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { openPostgres } from '../test/support/postgres.ts';
import { findFreePort, rootAccount, startService } from '../test/support/service.ts';
import type { Service } from '../test/support/service.ts';
import type { Task } from './driver.ts';
import type { Load } from './measure.ts';

export const stores = ['sqlite', 'postgres'] as const;
export type StoreName = (typeof stores)[number];

export const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;

/** Where the service's CPU profiles go, if they are wanted. */
const profileFolder = process.env['BENCH_CPU_PROF'];

export interface Bed {
  readonly urls: readonly string[];
  readonly bareUrl: string;
  readonly receiverUrl: string;
  api<T>(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<T>;
  drive(task: Omit<Task, 'run' | 'urls'> & { readonly urls?: readonly string[] }): Promise<Load>;
  /** Ends the first node and starts it again; resolves to the seconds until it was ready. */
  restart(): Promise<number>;
  /** Resident memory of the first node, in MB. */
  memoryMb(): Promise<number>;
  /** Share of one core that the first node uses over `seconds`, in percent. */
  cpuPercent(seconds: number): Promise<number>;
  close(): Promise<void>;
}

/** Starts everything anew, so that a scenario finds an empty store. */
export async function openBed(
  store: StoreName,
  nodeCount = 1,
  settings: Readonly<Record<string, string>> = {},
): Promise<Bed> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-bench-'));
  const postgres = store === 'postgres' ? await openPostgres() : undefined;
  const env: Record<string, string> = {
    ...settings,
    ...(profileFolder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileFolder}` }),
    ...(postgres === undefined
      ? {}
      : { DATABASE_URL: await postgres.createDatabase(), MASTER_KEY: '0f'.repeat(32) }),
  };
  const ports: number[] = [];
  const nodes: Service[] = [];
  for (let n = 0; n < nodeCount; n += 1) {
    const port = await findFreePort();
    ports.push(port);
    nodes.push(await startService({ dataDir, port, env }));
  }
  const bare = await startProcess('bare.ts');
  const receiver = await startProcess('receiver.ts');
  const urls = nodes.map(({ url }) => url);
  const first = (): Service => {
    const [node] = nodes;
    if (node === undefined) throw new Error('A bed has a node.');
    return node;
  };
  let runs = 0;

  return {
    urls,
    bareUrl: bare.url,
    receiverUrl: receiver.url,
    api: async <T>(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<T> => {
      const answer = await request(`${first().url}${path}`, {
        method,
        headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      if (answer.statusCode > 204) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
      // The caller knows the answer's shape.
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    drive: async (task) => {
      runs += 1;
      const driven = task.urls?.[0] === bare.url ? [bare.child] : nodes.map((node) => node.process);
      const readTicks = async () =>
        (await Promise.all(driven.map(readCpuTicks))).reduce((sum, n) => sum + n, 0);
      const before = await readTicks();
      const load = await drive({ urls, key, ...task, run: `${process.pid}.${runs}` });
      // A tick is a hundredth of a second.
      const cpuMicros = ((await readTicks()) - before) * 10_000;
      return { ...load, cpuMicros: cpuMicros / Math.max(load.count * load.weight, 1) };
    },
    restart: async () => {
      await first().stop();
      const startedAt = performance.now();
      nodes[0] = await startService({ dataDir, port: ports[0] ?? 0, env });
      return (performance.now() - startedAt) / 1000;
    },
    memoryMb: async () => {
      const status = await readFile(`/proc/${first().process.pid ?? 0}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    },
    cpuPercent: async (seconds) => {
      const before = await readCpuTicks(first().process);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      // A tick is a hundredth of a second.
      return ((await readCpuTicks(first().process)) - before) / seconds;
    },
    close: async () => {
      // A process writes its profile when it ends by itself.
      for (const node of nodes) await (profileFolder === undefined ? node.kill() : node.stop());
      bare.child.kill('SIGKILL');
      receiver.child.kill('SIGKILL');
      await postgres?.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function readCpuTicks({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid ?? 0}/stat`, 'utf8');
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return user + system;
}

async function drive(task: Task): Promise<Load> {
  const child = spawn(process.execPath, [toPath('driver.ts'), JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return JSON.parse(output) as Load;
}

async function startProcess(file: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [toPath(file)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const { value } = await lines[Symbol.asyncIterator]().next();
  return { child, url: `http://127.0.0.1:${String(value)}` };
}

function toPath(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
