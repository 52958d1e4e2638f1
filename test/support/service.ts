import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { pause } from './pace.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));

export const rootAccount = {
  accountId: '1000000000000001',
  keyId: 'LTAItestkey',
  keySecret: 'test-secret-of-root',
};

/** A Chasqui of its own process, as an operator would start it. */
export interface Service {
  readonly url: string;
  readonly process: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  /** Ends it as a power cut would; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Ends it by SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
}

/** What any program needs of the environment, and where what it compiles is kept; the settings of whoever runs the tests are not its. */
export const bareEnv: Readonly<Record<string, string>> = Object.fromEntries(
  ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

/**
 * A port that was free a moment ago, by chance of those that no system hands out by itself: one of those may be another program's,
 * or the near end of somebody's connection, a moment later, and who still calls a receiver that has closed would call that.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Starts `chasqui start` with its data in `dataDir` and resolves once it is ready and has said so; throws with its output if it never is. */
export async function startService(options: {
  dataDir: string;
  port?: number;
  env?: Record<string, string>;
  /** Where it is ready, when that is not its own port. */
  readyPort?: number;
  /** Trusts its certificate, when it speaks HTTPS. */
  dispatcher?: Dispatcher;
  /** Arguments of Node's own, such as the size of the heap. */
  nodeArgs?: readonly string[];
}): Promise<Service> {
  const port = options.port ?? (await findFreePort());
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), cli, 'start'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...bareEnv,
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: options.dataDir,
      ROOT_ACCOUNT_ID: rootAccount.accountId,
      ROOT_ACCESS_KEY_ID: rootAccount.keyId,
      ROOT_ACCESS_KEY_SECRET: rootAccount.keySecret,
      EGRESS_ALLOW: '127.0.0.0/8',
      CHASQUI_LOG_LEVEL: 'warn',
      ...options.env,
    },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // Not 'exit', after which what it wrote last may still come.
  const ended = once(child, 'close');
  const scheme = options.dispatcher === undefined ? 'http' : 'https';
  const url = `${scheme}://127.0.0.1:${port}`;
  const ready = `${scheme}://127.0.0.1:${options.readyPort ?? port}/health/ready`;
  const service: Service = {
    url,
    process: child,
    output: () => output,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
  await waitUntil(`the service on port ${port} is ready`, 120_000, async () => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(
        `The service ended with ${child.exitCode ?? child.signalCode} before it was ready:\n${output}`,
      );
    const answer = await request(
      ready,
      options.dispatcher === undefined ? {} : { dispatcher: options.dispatcher },
    ).catch(() => undefined);
    await answer?.body.dump();
    return answer?.statusCode === 200 && output.includes('Chasqui is listening');
  }).catch(async (error: unknown) => {
    await service.kill();
    throw new Error(`${String(error)}\n${output}`);
  });
  return service;
}

/** Asks `check` every few milliseconds until it says true; throws when `limitMs` have gone by. For what another process does. */
export async function waitUntil(
  what: string,
  limitMs: number,
  check: () => Promise<boolean> | boolean,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`Waited ${limitMs} ms in vain until ${what}.`);
    await pause(20, what);
  }
}

/** Whether something listens at a port of this machine. */
export async function isReached(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
