// Two PostgreSQL with synchronous replication under Patroni, etcd, HAProxy, and three nodes of Chasqui: what a failover test breaks.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, closeSync, cpSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { request } from 'undici';
import { pause } from '../support/pace.ts';
import { bareEnv, findFreePort, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import type { Cluster } from '../crash/cluster.ts';
import { Member, passwords } from './member.ts';
import type { Ground } from './member.ts';
import { Probe } from './outages.ts';
import { copySite, path } from './programs.ts';
import type { Programs } from './programs.ts';

const files = fileURLToPath(new URL('../../deploy/patroni', import.meta.url));
const masterKey = '0f'.repeat(32);
const database = { name: 'chasqui', password: 'of-chasqui' };
/** PostgreSQL refuses to run as root, so root runs all but the nodes as nobody. */
const nobody = 65534;
const isRoot = process.getuid?.() === 0;
/** Longer than a leader's ttl, a start from a base copy and a rewind take together, on a machine with much to do. */
const limitMs = 240_000;
/** A standby stands still for less than `wal_sender_timeout`. */
const stallMs = 7000;

/** The way by which a node reaches the server that takes writes. */
export const ways = ['HAProxy', 'several hosts'] as const;
type Way = (typeof ways)[number];

export const faults = [
  'switchover',
  'leader killed',
  'agent of the leader killed',
  'leader cut off',
  'standby killed',
  'standby stalled',
] as const;
type Fault = (typeof faults)[number];

/** What one fault cost the nodes of each way. */
export interface Outage {
  readonly fault: Fault;
  readonly seconds: Readonly<Record<Way, number>>;
}

interface HaCluster extends Cluster {
  readonly outages: readonly Outage[];
}

interface Parts {
  readonly folder: string;
  readonly processes: ChildProcess[];
  readonly members: Member[];
  readonly nodes: { readonly way: Way; readonly service: Service }[];
  readonly probes: Probe[];
  readonly closing: (() => Promise<void>)[];
}

/** Starts all of it, and resolves once the standby is synchronous and the nodes are ready. Each hit is the next of the faults. */
export async function openHaCluster(programs: Programs, print: (line: string) => void): Promise<HaCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-ha-'));
  const parts: Parts = { folder, processes: [], members: [], nodes: [], probes: [], closing: [] };
  try {
    const hole = await openHole(parts);
    const proxyPort = await startDatabase(parts, programs);
    await startNodes(parts, proxyPort);
    const outages: Outage[] = [];
    return {
      urls: parts.nodes.map(({ service }) => service.url),
      outages,
      hit: async (_random, broken) => {
        const fault = faults[outages.length % faults.length] ?? 'switchover';
        // What is taken at any moment until all is whole again may come again.
        const ticks = setInterval(broken, 50);
        try {
          const outage = await play(parts, fault, hole);
          outages.push(outage);
          const told = ways.map((way) => `${way} ${outage.seconds[way].toFixed(1)} s`);
          print(`${String(outages.length).padStart(2)} ${fault}: nothing taken by ${told.join(', by ')}`);
          await pause(500, 'what was under way comes to its end');
        } catch (error) {
          throw toTold(error, parts);
        } finally {
          clearInterval(ticks);
          broken();
        }
      },
      stop: async () => {
        for (const { service } of parts.nodes) {
          const code = await service.stop();
          if (code !== 0) throw new Error(`A node ended with ${String(code)}:\n${service.output()}`);
        }
      },
      close: () => close(parts),
    };
  } catch (error) {
    const told = toTold(error, parts);
    await close(parts);
    throw told;
  }
}

/** An error with what the members said last. */
function toTold(error: unknown, { members }: Parts): Error {
  const lines = [String(error), ...members.map((member) => member.tell())];
  return new Error(lines.join('\n'), { cause: error });
}

/** A port where connections are taken and nothing is ever said. */
async function openHole({ closing }: Parts): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}

/** Resolves to the port where HAProxy leads to the server that takes writes. */
async function startDatabase(parts: Parts, programs: Programs): Promise<number> {
  const { folder, members } = parts;
  for (const name of ['patroni.yml', 'haproxy.cfg']) cpSync(join(files, name), join(folder, name));
  const site = isRoot ? copySite(programs, folder) : programs.site;
  chmodSync(folder, 0o755);
  if (isRoot) chownSync(folder, nobody, nobody);
  const ground: Ground = {
    folder,
    site,
    postgres: programs.postgres,
    etcdPort: await findFreePort(),
    env: { ...bareEnv, PATH: path, HOME: folder, LANG: 'C.UTF-8' },
    identity: isRoot ? { uid: nobody, gid: nobody } : {},
  };
  await startEtcd(parts, ground);
  for (const name of ['db1', 'db2']) members.push(await Member.make(name, ground));
  const [first, second] = members;
  if (first === undefined || second === undefined) throw new Error('Two members were made.');
  first.start();
  await waitUntil('there is a leader', limitMs, () => first.isLeader());
  await makeDatabase(first);
  second.start();
  await waitUntil('the standby is synchronous', limitMs, async () => (await findWhole(parts)) !== undefined);
  return startProxy(parts, ground);
}

function launch(parts: Parts, ground: Ground, program: string, args: readonly string[], env = {}): void {
  const log = openSync(join(ground.folder, `${program}.log`), 'a');
  const child = spawn(program, args, {
    ...ground.identity,
    cwd: ground.folder,
    stdio: ['ignore', log, log],
    env: { ...ground.env, ...env },
  });
  closeSync(log);
  child.on('error', () => undefined);
  parts.processes.push(child);
}

async function startEtcd(parts: Parts, ground: Ground): Promise<void> {
  const client = `http://127.0.0.1:${ground.etcdPort}`;
  const peer = `http://127.0.0.1:${await findFreePort()}`;
  launch(parts, ground, 'etcd', [
    ...['--data-dir', join(ground.folder, 'etcd'), '--name', 'etcd'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `etcd=${peer}`],
  ]);
  await waitUntil('etcd answers', limitMs, async () => {
    const answer = await request(`${client}/health`).catch(() => undefined);
    await answer?.body.dump();
    return answer?.statusCode === 200;
  });
}

async function startProxy(parts: Parts, ground: Ground): Promise<number> {
  const [first, second] = parts.members;
  const port = await findFreePort();
  launch(parts, ground, 'haproxy', ['-db', '-f', join(ground.folder, 'haproxy.cfg')], {
    DATABASE_BIND: `127.0.0.1:${port}`,
    DB1: `127.0.0.1:${first?.ways.sql.port}`,
    DB1_PATRONI: String(first?.ways.rest.port),
    DB2: `127.0.0.1:${second?.ways.sql.port}`,
    DB2_PATRONI: String(second?.ways.rest.port),
  });
  const url = toUrl([port]);
  await waitUntil('HAProxy leads to the leader', limitMs, async () => {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    return client.connect().then(
      async () => {
        await client.end();
        return true;
      },
      () => false,
    );
  });
  return port;
}

function toUrl(ports: readonly number[], parameters = ''): string {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return `postgres://${database.name}:${database.password}@${hosts}/${database.name}${parameters}`;
}

async function makeDatabase(member: Member): Promise<void> {
  const client = new pg.Client(member.toUrl('postgres', passwords.postgres, 'postgres'));
  await client.connect();
  await client.query(`CREATE ROLE ${database.name} LOGIN PASSWORD '${database.password}'`);
  await client.query(
    `CREATE DATABASE ${database.name} OWNER ${database.name} ENCODING 'UTF8' TEMPLATE template0`,
  );
  await client.end();
}

/** One node by HAProxy, and two that are told of both servers. */
async function startNodes(parts: Parts, proxyPort: number): Promise<void> {
  const urls: Readonly<Record<Way, string>> = {
    HAProxy: toUrl([proxyPort]),
    'several hosts': toUrl(
      parts.members.map((member) => member.ways.sql.port),
      '?target_session_attrs=read-write&connect_timeout=2',
    ),
  };
  for (const way of ['HAProxy', 'several hosts', 'several hosts'] as const) {
    const env = { DATABASE_URL: urls[way], MASTER_KEY: masterKey };
    const service = await startService({ dataDir: join(parts.folder, 'nowhere'), env });
    parts.nodes.push({ way, service });
    parts.probes.push(await Probe.open(service.url));
  }
}

/** Leader and standby, when the cluster is whole: each runs, and no commit is answered that the standby lacks. */
async function findWhole({
  members,
}: Parts): Promise<{ readonly leader: Member; readonly standby: Member } | undefined> {
  for (const member of members) {
    const told = await member.listMembers();
    const find = (role: string, state: string): Member | undefined =>
      members.find(({ name }) =>
        told.some((one) => one.name === name && one.role === role && one.state === state),
      );
    const leader = find('leader', 'running');
    const standby = find('sync_standby', 'streaming');
    if (leader !== undefined && standby !== undefined) return { leader, standby };
  }
  return undefined;
}

/** Breaks something, waits until all nodes take something again, mends it, and waits until all is whole. */
async function play(parts: Parts, fault: Fault, hole: number): Promise<Outage> {
  const whole = await waitWhole(parts);
  const beganAt = performance.now();
  for (const probe of parts.probes) probe.forget(beganAt - 1000);
  const mend = await breakIt(fault, whole, hole);
  await waitTaking(parts, fault);
  await mend();
  await waitWhole(parts);
  await waitTaking(parts, fault);
  const endedAt = performance.now();
  const seconds = (way: Way): number =>
    Math.max(
      ...parts.nodes.map((node, index) =>
        node.way === way ? (parts.probes[index]?.outageSeconds(beganAt, endedAt) ?? 0) : 0,
      ),
    );
  return { fault, seconds: { HAProxy: seconds('HAProxy'), 'several hosts': seconds('several hosts') } };
}

async function waitWhole(parts: Parts): Promise<{ readonly leader: Member; readonly standby: Member }> {
  let whole: Awaited<ReturnType<typeof findWhole>>;
  await waitUntil('the cluster is whole', limitMs, async () => {
    whole = await findWhole(parts);
    return whole !== undefined;
  });
  if (whole === undefined) throw new Error('The cluster is not whole.');
  return whole;
}

/** Waits until each node has taken what was sent after this moment. */
async function waitTaking({ probes }: Parts, fault: Fault): Promise<void> {
  const since = performance.now();
  await waitUntil(`all nodes take something after: ${fault}`, limitMs, () =>
    probes.every((probe) => probe.hasTakenSince(since)),
  );
}

/** Resolves, once it is broken, to what mends it. */
async function breakIt(
  fault: Fault,
  { leader, standby }: { readonly leader: Member; readonly standby: Member },
  hole: number,
): Promise<() => Promise<void> | void> {
  switch (fault) {
    case 'switchover':
      await leader.switchOver(standby);
      return () => undefined;
    case 'leader killed':
      await leader.kill();
      return () => leader.start();
    case 'agent of the leader killed':
      await leader.killAgent();
      await waitUntil('the standby leads', limitMs, () => standby.isLeader());
      return () => leader.start();
    case 'leader cut off': {
      const heals = [leader.cutOff(hole), standby.cutOffPeer(hole)];
      return () => heals.forEach((heal) => heal());
    }
    case 'standby killed':
      await standby.kill();
      return () => standby.start();
    case 'standby stalled': {
      const goOn = standby.stall();
      await pause(stallMs, 'a standby stands still');
      goOn();
      return () => undefined;
    }
  }
}

async function close({ folder, processes, members, nodes, probes, closing }: Parts): Promise<void> {
  await Promise.all(nodes.map(({ service }) => service.kill()));
  for (const probe of probes) await probe.close();
  for (const member of members) await member.close();
  for (const child of processes) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  for (const one of closing) await one();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}
