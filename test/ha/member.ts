// One database machine of the cluster: PostgreSQL and its Patroni, and the ways to and from it, which can be broken.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { findChildren, killProcess } from '../support/postgres.ts';
import { findFreePort } from '../support/service.ts';
import { openTcpProxy } from '../support/tcp-proxy.ts';
import type { TcpProxy } from '../support/tcp-proxy.ts';

/** What starts programs of the cluster: whose they are, and what they find. */
export interface Ground {
  readonly folder: string;
  readonly site: string;
  readonly postgres: string;
  readonly etcdPort: number;
  readonly env: Readonly<Record<string, string>>;
  readonly identity: { readonly uid?: number; readonly gid?: number };
}

/** As Patroni tells of one member. */
interface Told {
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

export const passwords = { postgres: 'of-postgres', replicator: 'of-replicator' };
const settings = 'patroni.yml';

interface Ways {
  readonly peerSql: TcpProxy;
  readonly peerRest: TcpProxy;
  readonly sql: TcpProxy;
  readonly rest: TcpProxy;
  readonly etcd: TcpProxy;
}

export class Member {
  readonly name: string;
  readonly ways: Ways;
  readonly #ports: { readonly sql: number; readonly rest: number };
  readonly #ground: Ground;
  #patroni: ChildProcess | undefined;

  private constructor(
    name: string,
    ground: Ground,
    ports: { readonly sql: number; readonly rest: number },
    ways: Ways,
  ) {
    this.name = name;
    this.#ground = ground;
    this.#ports = ports;
    this.ways = ways;
  }

  static async make(name: string, ground: Ground): Promise<Member> {
    const ports = { sql: await findFreePort(), rest: await findFreePort() };
    return new Member(name, ground, ports, {
      peerSql: await openTcpProxy(ports.sql),
      peerRest: await openTcpProxy(ports.rest),
      sql: await openTcpProxy(ports.sql),
      rest: await openTcpProxy(ports.rest),
      etcd: await openTcpProxy(ground.etcdPort),
    });
  }

  get #data(): string {
    return join(this.#ground.folder, this.name);
  }

  /** Starts Patroni, which starts the server, or takes charge of one that runs. */
  start(): void {
    const { folder, site, postgres, env, identity } = this.#ground;
    const { ways } = this;
    const log = openSync(join(folder, `${this.name}.log`), 'a');
    this.#patroni = spawn('python3', ['-m', 'patroni', join(folder, settings)], {
      ...identity,
      cwd: folder,
      stdio: ['ignore', log, log],
      env: {
        ...env,
        PYTHONPATH: site,
        PATRONI_NAME: this.name,
        PATRONI_ETCD3_HOSTS: `127.0.0.1:${ways.etcd.port}`,
        // Else it would ask etcd where etcd is, and go there by another way.
        PATRONI_ETCD3_USE_PROXIES: 'true',
        PATRONI_RESTAPI_LISTEN: `127.0.0.1:${this.#ports.rest}`,
        PATRONI_RESTAPI_CONNECT_ADDRESS: `127.0.0.1:${ways.peerRest.port}`,
        PATRONI_POSTGRESQL_LISTEN: `127.0.0.1:${this.#ports.sql}`,
        PATRONI_POSTGRESQL_CONNECT_ADDRESS: `127.0.0.1:${ways.peerSql.port}`,
        PATRONI_POSTGRESQL_DATA_DIR: this.#data,
        PATRONI_POSTGRESQL_BIN_DIR: postgres,
        PATRONI_POSTGRESQL_PGPASS: join(folder, `${this.name}.pgpass`),
        PATRONI_SUPERUSER_USERNAME: 'postgres',
        PATRONI_SUPERUSER_PASSWORD: passwords.postgres,
        PATRONI_REPLICATION_USERNAME: 'replicator',
        PATRONI_REPLICATION_PASSWORD: passwords.replicator,
      },
    });
    closeSync(log);
  }

  /** The server itself, past all that can be broken. */
  toUrl(user: string, password: string, database: string): string {
    return `postgres://${user}:${password}@127.0.0.1:${this.#ports.sql}/${database}`;
  }

  /** Asks its Patroni; undefined when that does not answer. */
  async ask(path: string): Promise<{ readonly status: number; readonly text: string } | undefined> {
    const address = `http://127.0.0.1:${this.#ports.rest}${path}`;
    const answer = await request(address, { headersTimeout: 5000, bodyTimeout: 5000 }).catch(() => undefined);
    if (answer === undefined) return undefined;
    return { status: answer.statusCode, text: await answer.body.text().catch(() => '') };
  }

  async isLeader(): Promise<boolean> {
    return (await this.ask('/primary'))?.status === 200;
  }

  /** The cluster as this one sees it. */
  async listMembers(): Promise<readonly Told[]> {
    const answer = await this.ask('/cluster');
    if (answer?.status !== 200) return [];
    return (JSON.parse(answer.text) as { members: Told[] }).members;
  }

  /** Hands over to another one; resolves once it has. */
  async switchOver(to: Member): Promise<void> {
    const answer = await request(`http://127.0.0.1:${this.#ports.rest}/switchover`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ leader: this.name, candidate: to.name }),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`No switchover: ${answer.statusCode} ${text}`);
  }

  /** Ends its Patroni as the kernel does when memory is short; the server goes on. */
  async killAgent(): Promise<void> {
    const child = this.#patroni;
    this.#patroni = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends all of it at once, as a power cut does. */
  async kill(): Promise<void> {
    await this.killAgent();
    for (const pid of this.#serverPids()) killProcess(pid);
  }

  /** Has what receives from the other one stand still; the result has it go on. */
  stall(): () => void {
    const pids = this.#serverPids().filter((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('walreceiver'),
    );
    if (pids.length === 0) throw new Error(`${this.name} receives nothing.`);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    return () => {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    };
  }

  /** What its Patroni said last. */
  tell(): string {
    const log = join(this.#ground.folder, `${this.name}.log`);
    const text = existsSync(log) ? readFileSync(log, 'utf8') : 'never started';
    return `${this.name}:\n${text.split('\n').slice(-30).join('\n')}`;
  }

  async close(): Promise<void> {
    await this.kill();
    for (const way of Object.values(this.ways) as TcpProxy[]) await way.close();
  }

  /** Points all ways somewhere where nobody answers, or back to where they lead. */
  cutOff(hole: number): () => void {
    const { sql, rest } = this.#ports;
    const ends: readonly (readonly [TcpProxy, number])[] = [
      [this.ways.peerSql, sql],
      [this.ways.peerRest, rest],
      [this.ways.sql, sql],
      [this.ways.rest, rest],
      [this.ways.etcd, this.#ground.etcdPort],
    ];
    return cut(ends, hole);
  }

  /** The same for the ways by which another one comes. */
  cutOffPeer(hole: number): () => void {
    const ends = [
      [this.ways.peerSql, this.#ports.sql],
      [this.ways.peerRest, this.#ports.rest],
    ] as const;
    return cut(ends, hole);
  }

  /** The server's processes, children first. */
  #serverPids(): readonly number[] {
    try {
      const [line = ''] = readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n');
      const pid = Number(line);
      return Number.isInteger(pid) && pid > 1 ? [...findChildren(pid), pid] : [];
    } catch {
      // It does not run.
      return [];
    }
  }
}

function cut(ends: readonly (readonly [TcpProxy, number])[], hole: number): () => void {
  for (const [way] of ends) {
    way.pointTo(hole);
    way.silence();
  }
  return () => {
    for (const [way, port] of ends) {
      way.pointTo(port);
      way.cut();
    }
  };
}
