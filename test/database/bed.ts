// Nodes of their own processes on one PostgreSQL, each with a clock that can be set and a way to the database that can be broken.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres, PostgresOptions } from '../support/postgres.ts';
import { rootAccount, startService } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';

const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
/** Loaded into nodes, so that their clock can be set. */
export const skewedClock = fileURLToPath(new URL('../support/skewed-clock.ts', import.meta.url));
const webhook = '/api/v1/channels/sandbox/senders/15550100001/webhook';

export const masterKey = '5c'.repeat(32);
/** The queue that statuses go to. */
export const statusQueue = `Alicom-Queue-${rootAccount.accountId}-ChatAppStatus`;

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface BedNode {
  readonly service: Service;
  readonly smq: SmqClient;
  readonly proxy: TcpProxy;
  /** Sets its clock to be this far ahead of the true one. */
  setClock(aheadMs: number): Promise<void>;
  call(method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<Answer>;
  /** Plays a status of a message, as the channel would tell it. */
  postStatus(messageId: string, status: string): Promise<Answer>;
  isReady(): Promise<boolean>;
}

export interface Bed {
  readonly postgres: Postgres;
  readonly database: string;
  readonly nodes: readonly BedNode[];
  node(index: number): BedNode;
  /** Starts a node anew in the place of one that has ended. */
  restart(index: number): Promise<void>;
  close(): Promise<void>;
}

interface BedOptions {
  readonly count: number;
  readonly postgres?: PostgresOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** Puts something between nodes and the server, and resolves to its port. */
  readonly through?: (postgres: Postgres) => Promise<number>;
}

/** Starts a database server and nodes on it, one after the other. */
export async function openBed({ count, env = {}, ...options }: BedOptions): Promise<Bed> {
  const postgres = await openPostgres({ durable: false, ...options.postgres });
  const folder = await mkdtemp(join(tmpdir(), 'chasqui-bed-'));
  const database = await postgres.createDatabase();
  const target = (await options.through?.(postgres)) ?? postgres.port;
  const nodes: BedNode[] = [];
  const start = async (n: number): Promise<BedNode> => {
    const proxy = await openTcpProxy(target);
    const url = new URL(database);
    url.port = String(proxy.port);
    return startNode(join(folder, `clock.${n}`), proxy, { DATABASE_URL: url.href, ...env });
  };
  const end = async ({ smq, service, proxy }: BedNode): Promise<void> => {
    await smq.close();
    if (service.process.exitCode === null && service.process.signalCode === null) await service.kill();
    await proxy.close();
  };
  const close = async (): Promise<void> => {
    for (const node of nodes) await end(node);
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (let n = 0; n < count; n += 1) nodes.push(await start(n));
  } catch (error) {
    await close();
    throw error;
  }
  const node = (index: number): BedNode => {
    const found = nodes[index % nodes.length];
    assert.ok(found !== undefined);
    return found;
  };
  const restart = async (index: number): Promise<void> => {
    await end(node(index));
    nodes[index % nodes.length] = await start(index);
  };
  return { postgres, database: new URL(database).pathname.slice(1), nodes, node, restart, close };
}

async function startNode(clockFile: string, proxy: TcpProxy, env: Record<string, string>): Promise<BedNode> {
  const setClock = (aheadMs: number): Promise<void> => writeFile(clockFile, String(aheadMs));
  await setClock(0);
  const service = await startService({
    dataDir: '/nowhere',
    nodeArgs: ['--import', skewedClock],
    env: { MASTER_KEY: masterKey, CLOCK_FILE: clockFile, ...env },
  });
  const call = async (method: Dispatcher.HttpMethod, path: string, body?: unknown): Promise<Answer> => {
    const answer = await request(`${service.url}${path}`, {
      method,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  return {
    service,
    proxy,
    smq: new SmqClient(service.url, key),
    setClock,
    call,
    postStatus: (messageId, status) =>
      call('POST', '/sandbox/15550100001/status', { messageId, status, to: '15550002222' }),
    isReady: async () => (await call('GET', '/health/ready')).status === 200,
  };
}

/** Sends the receipts of the sandbox's first sender to its queues, and to a callback when one is given. */
export async function subscribe(node: BedNode, callback?: string): Promise<void> {
  const http = callback !== undefined;
  const answer = await node.call('PUT', webhook, {
    http,
    queue: true,
    ...(http ? { statusUrl: callback, inboundUrl: callback } : {}),
  });
  assert.equal(answer.status, 200, answer.text);
}

/** Takes all that is in a queue through any of the nodes. */
export async function drain(node: BedNode, queue: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const messages = await node.smq.receive(queue, 0);
    if (messages.length === 0) return bodies;
    for (const { body, handle } of messages) {
      bodies.push(body);
      assert.equal((await node.smq.delete(queue, handle)).status, 204);
    }
  }
}
