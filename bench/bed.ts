// What the scenarios run on: the service as its own process, the baseline, a receiver, and the driver.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { openPostgres } from '../test/support/postgres.ts';
import type { Postgres } from '../test/support/postgres.ts';
import { findFreePort, rootAccount, startService } from '../test/support/service.ts';
import type { Service } from '../test/support/service.ts';
import type { Task } from './driver.ts';
import { sum } from './measure.ts';
import type { Load, Threads } from './measure.ts';
import { readStat } from './processes.ts';
import type { Processes } from './processes.ts';

export const stores = ['sqlite', 'postgres'] as const;
export type StoreName = (typeof stores)[number];

export const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;

/** Where the service's CPU profiles go, if they are wanted. */
const profileFolder = process.env['BENCH_CPU_PROF'];

/** Processor time used so far, in hundredths of a second. */
interface Ticks {
  readonly nodes: readonly number[];
  readonly database: number;
  /** Of the first node, or of what was driven in its place. */
  readonly threads: Threads;
}

/** Where a bed's store is. */
export interface Place {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
}

export interface Bed {
  readonly urls: readonly string[];
  readonly bareUrl: string;
  readonly receiverUrl: string;
  api<T>(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<T>;
  /** Starts another file of this folder beside, until the bed is closed; resolves to its address. */
  startBeside(file: string, task: object): Promise<string>;
  drive(task: Omit<Task, 'run' | 'urls'> & { readonly urls?: readonly string[] }): Promise<Load>;
  readTicks(): Promise<Ticks>;
  readonly processes: Processes;
  /** Transactions that a PostgreSQL has committed so far; it tells them a second late. */
  readTransactions(): Promise<number>;
  /** Ends the first node and starts it again; resolves to the seconds until it was ready. */
  restart(): Promise<number>;
  /** Ends all nodes, lets `work` have their store, and starts them again. */
  whileStopped(work: (place: Place) => Promise<void>): Promise<void>;
  /** Bytes that the first node has given to the disk so far. */
  bytesWritten(): Promise<number>;
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
  const beside = { bare: await startProcess('bare.ts'), receiver: await startProcess('receiver.ts') };
  return new StartedBed({ dataDir, env, ports, nodes, postgres, ...beside });
}

interface Started {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ports: readonly number[];
  readonly nodes: Service[];
  readonly postgres: Postgres | undefined;
  readonly bare: Beside;
  readonly receiver: Beside;
}

class StartedBed implements Bed {
  readonly urls: readonly string[];
  readonly bareUrl: string;
  readonly receiverUrl: string;
  readonly #started: Started;
  readonly #beside: Beside[];
  #runs = 0;

  constructor(started: Started) {
    this.#started = started;
    this.urls = started.nodes.map(({ url }) => url);
    this.bareUrl = started.bare.url;
    this.receiverUrl = started.receiver.url;
    this.#beside = [started.bare, started.receiver];
  }

  async api<T>(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<T> {
    const answer = await request(`${this.#first.url}${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode > 204) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    // The caller knows the answer's shape.
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async startBeside(file: string, task: object): Promise<string> {
    const beside = await startProcess(file, task);
    this.#beside.push(beside);
    return beside.url;
  }

  async drive(task: Omit<Task, 'run' | 'urls'> & { readonly urls?: readonly string[] }): Promise<Load> {
    this.#runs += 1;
    const beside = this.#beside.find(({ url }) => url === task.urls?.[0]);
    const read = (): Promise<Ticks> =>
      beside === undefined ? this.readTicks() : readTicks([beside.child.pid ?? 0], []);
    const before = await read();
    const load = await drive({ urls: this.urls, key, ...task, run: `${process.pid}.${this.#runs}` });
    return { ...load, ...toMicros(before, await read(), load.count * load.weight) };
  }

  readTicks(): Promise<Ticks> {
    const { service, database } = this.processes;
    return readTicks(service, database);
  }

  get processes() {
    const { nodes, postgres } = this.#started;
    return { service: nodes.map((node) => node.process.pid ?? 0), database: postgres?.pids() ?? [] };
  }

  async readTransactions(): Promise<number> {
    const client = new Client({ connectionString: this.#started.env['DATABASE_URL'] });
    await client.connect();
    const { rows } = await client.query<{ count: string }>(
      'SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()',
    );
    await client.end();
    return Number(rows[0]?.count ?? 0);
  }

  async restart(): Promise<number> {
    await this.#first.stop();
    const startedAt = performance.now();
    await this.#start(0);
    return (performance.now() - startedAt) / 1000;
  }

  async whileStopped(work: (place: Place) => Promise<void>): Promise<void> {
    const { nodes, dataDir, env } = this.#started;
    for (const node of nodes) await node.stop();
    await work({ dataDir, databaseUrl: env['DATABASE_URL'] });
    for (const n of nodes.keys()) await this.#start(n);
  }

  async bytesWritten(): Promise<number> {
    const io = await readFile(`/proc/${this.#first.process.pid ?? 0}/io`, 'utf8');
    return Number(/^write_bytes: (\d+)/m.exec(io)?.[1] ?? 0);
  }

  async memoryMb(): Promise<number> {
    const status = await readFile(`/proc/${this.#first.process.pid ?? 0}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  }

  async cpuPercent(seconds: number): Promise<number> {
    const folder = `/proc/${this.#first.process.pid ?? 0}`;
    const before = await readCpuTicks(folder);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    // A tick is a hundredth of a second.
    return ((await readCpuTicks(folder)) - before) / seconds;
  }

  async close(): Promise<void> {
    const { nodes, postgres, dataDir } = this.#started;
    // A process writes its profile when it ends by itself.
    for (const node of nodes) await (profileFolder === undefined ? node.kill() : node.stop());
    for (const { child } of this.#beside) child.kill('SIGKILL');
    await postgres?.close();
    await rm(dataDir, { recursive: true, force: true });
  }

  get #first(): Service {
    const [node] = this.#started.nodes;
    if (node === undefined) throw new Error('A bed has a node.');
    return node;
  }

  /** Starts a node that has ended in its place again. */
  async #start(n: number): Promise<void> {
    const { nodes, ports, dataDir, env } = this.#started;
    nodes[n] = await startService({ dataDir, port: ports[n] ?? 0, env });
  }
}

async function readTicks(nodes: readonly number[], database: readonly number[]): Promise<Ticks> {
  return {
    nodes: await Promise.all(nodes.map((pid) => readCpuTicks(`/proc/${pid}`))),
    database: sum(await Promise.all(database.map((pid) => readCpuTicks(`/proc/${pid}`)))),
    threads: await readThreads(nodes[0] ?? 0),
  };
}

/** Processor time of a process by thread: what runs V8's own work apart from what the program started, the pool of libuv among it. */
async function readThreads(pid: number): Promise<Threads> {
  const threads = { main: 0, own: 0, helpers: 0 };
  for (const id of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const folder = `/proc/${pid}/task/${id}`;
    const name = await readFile(`${folder}/comm`, 'utf8').catch(() => '');
    const kind =
      id === String(pid) ? 'main' : /^(?:node-)?V8Worker|^DelayedTask/.test(name) ? 'helpers' : 'own';
    threads[kind] += await readCpuTicks(folder);
  }
  return threads;
}

/** Hundredths of a second that a process or thread has used so far; 0 when it has ended. */
async function readCpuTicks(folder: string): Promise<number> {
  return (await readStat(folder))?.ticks ?? 0;
}

/** Processor time between two readings, in microseconds for each of `count`. */
export function toMicros(before: Ticks, after: Ticks, count: number) {
  const each = (ticks: number): number => (ticks * 10_000) / Math.max(count, 1);
  const nodeMicros = after.nodes.map((ticks, n) => each(ticks - (before.nodes[n] ?? 0)));
  return {
    cpuMicros: sum(nodeMicros),
    nodeMicros,
    databaseMicros: each(after.database - before.database),
    threadMicros: {
      main: each(after.threads.main - before.threads.main),
      own: each(after.threads.own - before.threads.own),
      helpers: each(after.threads.helpers - before.threads.helpers),
    },
  };
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

/** Another process, at its address. */
interface Beside {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Starts another file of this folder, which prints its port. */
export async function startProcess(file: string, task: object = {}): Promise<Beside> {
  const child = spawn(process.execPath, [toPath(file), JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const { value } = await lines[Symbol.asyncIterator]().next();
  return { child, url: `http://127.0.0.1:${String(value)}` };
}

function toPath(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
