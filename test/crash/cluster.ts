// What a crash test runs against, and what it breaks at random moments.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '../support/pace.ts';
import { openPostgres } from '../support/postgres.ts';
import { findFreePort, startService } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';

/**
 * `node`: a process of the service. `database`: the PostgreSQL server. `connections`: all between nodes and database.
 * `stall`: a process that is stopped for longer than others wait for it, and then goes on as if nothing had been.
 */
export const victims = ['node', 'database', 'connections', 'stall'] as const;
export type Victim = (typeof victims)[number];

export interface Cluster {
  readonly urls: readonly string[];
  /**
   * Breaks something and mends it again; `random` is in [0, 1). Calls `broken` once it is broken, and again when what had
   * begun before has surely ended: what is taken between the two may come again.
   */
  hit(random: () => number, broken: () => void): Promise<void>;
  /** Ends all nodes by SIGTERM; throws with its output when one does not end well. */
  stop(): Promise<void>;
  /** Ends and removes whatever is left. */
  close(): Promise<void>;
}

/** Least and most: from some visibilities of the harness to more than a node holds a destination. */
const stallMs = [1000, 20_000] as const;

const masterKey = '0f'.repeat(32);

/** One process on a store of its own. */
export async function openSqliteCluster(): Promise<Cluster> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-kill-'));
  const nodes = await startNodes(1, { dataDir });
  return {
    urls: nodes.urls,
    hit: nodes.killOne,
    stop: nodes.stop,
    close: async () => {
      await nodes.kill();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Three nodes on one database with its flushes on. */
export async function openPostgresCluster(victim: Victim): Promise<Cluster> {
  const postgres = await openPostgres();
  const database = new URL(await postgres.createDatabase());
  const proxy = await openTcpProxy(postgres.port);
  database.port = String(proxy.port);
  const nodes = await startNodes(3, {
    dataDir: join(tmpdir(), 'chasqui-nowhere'),
    env: { DATABASE_URL: database.href, MASTER_KEY: masterKey },
  });
  return {
    urls: nodes.urls,
    hit: async (random, broken) => {
      if (victim === 'node') {
        await nodes.killOne(random, broken);
        return;
      }
      if (victim === 'stall') {
        await nodes.stallOne(random, broken);
        return;
      }
      if (victim === 'connections') {
        proxy.cut();
        broken();
      } else {
        await postgres.kill();
        broken();
        await pause(random() * 300, 'the server is away for a while');
        await postgres.start();
      }
      await pause(500, 'what was under way comes to its end');
      broken();
    },
    stop: nodes.stop,
    close: async () => {
      await nodes.kill();
      await proxy.close();
      await postgres.close();
    },
  };
}

async function startNodes(count: number, options: { dataDir: string; env?: Record<string, string> }) {
  const ports: number[] = [];
  for (let n = 0; n < count; n += 1) ports.push(await findFreePort());
  const nodes: Service[] = [];
  for (const port of ports) nodes.push(await startService({ ...options, port }));
  return {
    urls: nodes.map(({ url }) => url),
    killOne: async (random: () => number, broken: () => void): Promise<void> => {
      const index = Math.floor(random() * nodes.length);
      await nodes[index]?.kill();
      broken();
      nodes[index] = await startService({ ...options, port: ports[index] ?? 0 });
    },
    stallOne: async (random: () => number, broken: () => void): Promise<void> => {
      const node = nodes[Math.floor(random() * nodes.length)];
      node?.process.kill('SIGSTOP');
      broken();
      await pause(stallMs[0] + random() * (stallMs[1] - stallMs[0]), 'a node stands still');
      node?.process.kill('SIGCONT');
      await pause(500, 'what it had begun goes on, and is over soon');
      broken();
    },
    stop: async (): Promise<void> => {
      for (const node of nodes) {
        const code = await node.stop();
        if (code !== 0) throw new Error(`A node ended with ${String(code)}:\n${node.output()}`);
      }
    },
    kill: async (): Promise<void> => {
      await Promise.all(nodes.map((node) => node.kill()));
    },
  };
}
