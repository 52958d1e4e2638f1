// The service in a child with a small heap, and the ways in that strangers have. What is asserted of every attack is here.
import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Agent, request } from 'undici';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';
import { databaseServer, isApart } from './form.ts';
import type { Visit, Visited } from './newcomer.ts';
import { untilEvent } from './wire.ts';

const heapMegabytes = 512;
/** What the service may hold in memory at any moment of an attack. */
const maxResidentBytes = 400 * 1024 * 1024;
/** Within which a newcomer is answered, whatever goes on. */
const newcomerMs = 2000;
export const maxConnections = 400;
export const appSecret = '0123456789abcdef0123456789abcdef';

/** The listener that a stranger knocks at. */
export type Side = 'public' | 'admin';

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** An attack that is going on. */
interface Siege {
  /** Resolves once `count` newcomers who came after this call have been answered, or not. */
  readonly newcomers: (count: number) => Promise<void>;
}

export interface Bed {
  /** Everything that the service has printed since its last start. */
  readonly output: () => string;
  /** The folder of its store. */
  readonly dataDir: string;
  /** Opens a connection, its handshake done where there is TLS. Errors on it are for nobody. */
  readonly dial: (side?: Side, localAddress?: string) => Promise<Socket>;
  /** Opens a connection to the bare port, without any handshake. */
  readonly dialBare: (side?: Side, localAddress?: string) => Promise<Socket>;
  /** Calls the admin API with the first account's key. */
  readonly api: (method: string, path: string, body?: unknown) => Promise<Answered>;
  /** Calls the public listener. */
  readonly call: (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ) => Promise<Answered>;
  /** Reads what is there for operators: health, metrics. */
  readonly look: (path: string) => Promise<Answered>;
  /** An SMQ client with the first account's key; the caller closes it. */
  readonly openSmq: () => SmqClient;
  /**
   * Ends the service, calls `meanwhile`, and starts it again in the same place; asserts that the start stayed within its memory.
   * Rejects with what the service said when it refuses to start, and may be called again then.
   */
  readonly restart: (meanwhile: () => void, end?: 'stop' | 'kill') => Promise<void>;
  /** Files and sockets that the service has open. Linux only. */
  readonly countHandles: () => number;
  /**
   * Lets an attack go on among newcomers, and asserts that the service lives, that its memory stayed within bounds, that every
   * newcomer was answered in time, and that no unit of work crashed.
   */
  readonly withstand: (attack: (siege: Siege) => Promise<void>) => Promise<void>;
  /** Whether an attack has succeeded: those that follow would fail too, and tell nothing. */
  readonly isSpent: () => boolean;
  readonly close: () => Promise<void>;
}

interface BedOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the service over the store and on the listeners that the form says, with WhatsApp channel `wa`. */
export async function openBed(options: BedOptions = {}): Promise<Bed> {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-hostile-'));
  const tls = isApart ? makeCertificate(folder) : null;
  const ca = tls === null ? undefined : readFileSync(tls.cert, 'utf8');
  const [port, adminPort] = [await findFreePort(), isApart ? await findFreePort() : 0];
  const agent = new Agent({ connect: ca === undefined ? {} : { ca } });
  const dataDir = join(folder, 'data');
  const settings = {
    dataDir,
    port,
    nodeArgs: [`--max-old-space-size=${heapMegabytes}`],
    readyPort: adminPort === 0 ? port : adminPort,
    ...(tls === null ? {} : { dispatcher: agent }),
    env: {
      CHASQUI_MAX_CONNECTIONS: String(maxConnections),
      ...(isApart ? { ADMIN_PORT: String(adminPort) } : {}),
      ...(tls === null ? {} : { TLS_CERT_FILE: tls.cert, TLS_KEY_FILE: tls.key }),
      ...(await makeDatabase()),
      ...options.env,
    },
  };
  let service = await startService(settings);
  const scheme = tls === null ? 'http' : 'https';
  const toPort = (side: Side): number => (side === 'admin' && adminPort !== 0 ? adminPort : port);
  const toUrl = (side: Side): string => `${scheme}://127.0.0.1:${toPort(side)}`;
  const dialBare = async (side: Side = 'public', localAddress = '127.0.0.1'): Promise<Socket> => {
    const socket = connectPlain({ port: toPort(side), host: '127.0.0.1', localAddress });
    socket.on('error', () => undefined);
    await untilEvent(socket, 'connect');
    return socket;
  };
  const dial = async (side: Side = 'public', localAddress = '127.0.0.1'): Promise<Socket> => {
    const bare = await dialBare(side, localAddress);
    if (tls === null) return bare;
    const socket = connectTls({ socket: bare, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await untilEvent(socket, 'secureConnect');
    return socket;
  };
  const ask = async (
    side: Side,
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Answered> => {
    const answer = await request(`${toUrl(side)}${path}`, {
      method: method as 'GET',
      headers,
      body: body ?? null,
      dispatcher: agent,
    });
    const text = await answer.body.text();
    const isJson = text.startsWith('{') && String(answer.headers['content-type']).includes('json');
    return {
      status: answer.statusCode,
      text,
      json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  };
  const authorization = `Basic ${Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64')}`;
  const api: Bed['api'] = (method, path, body) =>
    ask(
      'admin',
      method,
      `/api/v1${path}`,
      { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body === undefined ? undefined : JSON.stringify(body),
    );
  const toVisited = (): Visited => ({
    healthUrl: `${toUrl('admin')}/health/live`,
    hookUrl: `${toUrl('public')}/hooks/whatsapp/wa`,
    appSecret,
    caFile: tls?.cert ?? null,
    pid: service.process.pid ?? 0,
  });
  let crowd: Crowd | undefined;
  const restart: Bed['restart'] = async (meanwhile, end = 'stop') => {
    crowd?.close();
    if (end === 'kill') await service.kill();
    else if (!hasEnded(service)) assert.equal(await service.stop(), 0);
    meanwhile();
    service = await startService(settings);
    assertPeak(service);
    crowd = await openCrowd(service, toVisited());
  };
  let isSpent = false;
  const close = async (): Promise<void> => {
    crowd?.close();
    await service.kill();
    await agent.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const credentials = { appSecret, verifyToken: 'verify-me', accessToken: 'token' };
    const channel = { type: 'whatsapp', wabaId: '100000000000001', credentials };
    assert.equal((await api('PUT', '/channels/wa', channel)).status, 201);
    const sender = await api('PUT', '/channels/wa/senders/15550001111', { phoneNumberId: '200000000000001' });
    assert.equal(sender.status, 201, sender.text);
    crowd = await openCrowd(service, toVisited());
  } catch (error) {
    await close();
    throw error;
  }
  return {
    output: () => service.output(),
    dataDir,
    dial,
    dialBare,
    api,
    call: (method, path, headers, body) => ask('public', method, path, headers, body),
    look: (path) => ask('admin', 'GET', path, {}),
    openSmq: () =>
      new SmqClient(toUrl('public'), { id: rootAccount.keyId, secret: rootAccount.keySecret }, 32, ca),
    restart,
    countHandles: () => readdirSync(`/proc/${service.process.pid}/fd`).length,
    withstand: async (attack) => {
      if (crowd === undefined) throw new Error('No newcomers come.');
      isSpent = true;
      await withstand(service, crowd, attack);
      isSpent = false;
    },
    isSpent: () => isSpent || hasEnded(service),
    close,
  };
}

/** Newcomers who come one after another for as long as the bed is there. */
interface Crowd {
  readonly visits: readonly Visit[];
  /** What the slowest visit took before anyone attacked: how busy this machine is anyhow. */
  readonly calmMs: number;
  readonly waitFor: (count: number) => Promise<void>;
  readonly close: () => void;
}

const newcomerProgram = fileURLToPath(new URL('newcomer.ts', import.meta.url));

async function openCrowd(service: Service, visited: Visited): Promise<Crowd> {
  const visits: Visit[] = [];
  const newcomer = fork(newcomerProgram, [JSON.stringify(visited)]);
  newcomer.on('message', (visit: Visit) => visits.push(visit));
  const waitFor = async (count: number): Promise<void> => {
    const since = Date.now();
    await waitUntil(`${count} newcomers have come`, 120_000, () => {
      if (hasEnded(service)) throw new Error(`The service has ended.\n${service.output().slice(-4000)}`);
      return visits.filter(({ startedAt }) => startedAt >= since).length >= count;
    });
  };
  await waitFor(3);
  return { visits, calmMs: Math.max(...visits.map(({ ms }) => ms)), waitFor, close: () => newcomer.kill() };
}

async function withstand(
  service: Service,
  { visits, calmMs, waitFor }: Crowd,
  attack: (siege: Siege) => Promise<void>,
): Promise<void> {
  const before = visits.length;
  const crashes = countCrashes(service);
  forgetPeak(service.process);
  await attack({ newcomers: waitFor });
  const attacked = visits.slice(before);
  assert.ok(attacked.length > 0, 'No newcomer came during the attack.');
  const limitMs = newcomerMs + calmMs;
  const late = attacked.filter(
    ({ ms, robbedMs, health, hook }) => ms - robbedMs > limitMs || health !== '200' || hook !== '200',
  );
  assert.deepEqual(
    late,
    [],
    `${late.length} of ${attacked.length} newcomers were not served in ${limitMs} ms.`,
  );
  assertPeak(service);
  assert.equal(countCrashes(service), crashes, service.output().slice(-4000));
  assert.ok(!hasEnded(service), 'The service has ended.');
}

function assertPeak(service: Service): void {
  const peak = readPeak(service.process);
  assert.ok(peak <= maxResidentBytes, `The service took ${Math.round(peak / 1024 / 1024)} MB.`);
}

function hasEnded({ process: child }: Service): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function countCrashes(service: Service): number {
  return service.output().split('unit.crashed').length - 1;
}

/** Lets the kernel count the peak of the process's memory anew. */
function forgetPeak({ pid }: ChildProcess): void {
  if (process.platform === 'linux') writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The most that the process has had in memory since then, in bytes; elsewhere than on Linux what it has now. */
function readPeak({ pid }: ChildProcess): number {
  if (process.platform === 'linux')
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return 1024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
}

async function makeDatabase(): Promise<Record<string, string>> {
  if (databaseServer === undefined) return {};
  const name = `hostile_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: databaseServer });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(databaseServer);
  url.pathname = `/${name}`;
  return { DATABASE_URL: url.href, MASTER_KEY: '07'.repeat(32) };
}

function makeCertificate(folder: string): { cert: string; key: string } {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const options = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
  execFileSync('openssl', [...options, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key };
}
