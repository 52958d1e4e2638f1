// Runs test files as `npm test` does.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openSandbox } from './sandbox.ts';
import { cache } from './unpack.ts';

const deadline = new URL('deadline.ts', import.meta.url).href;

/** Hundreds of processes load the same sources; what one has compiled the others need not. */
const compiled = { NODE_COMPILE_CACHE: join(cache, 'compiled') };

/** Files at a time: tests wait for a third of their time, and each file may have a service, a database or a browser. */
const concurrency = Math.min(availableParallelism() + 2, 8);

/**
 * The pattern of all tests but those that have a command of their own: what people do over a longer while (`test:stories`), what becomes
 * of nodes when clocks, servers and networks fail (`test:database`), what has a PostgreSQL in its name (`test:postgres`), the programs
 * that stand around the service (`test:deploy`), and the packages of a release (`test:package`); and but those of the folders `left`.
 */
export function listShortTests(left: readonly string[] = []): string {
  const folders = ['database', 'deploy', 'package', 'stories', ...left];
  return `test/!(${folders.join('|')})/**/!(postgres*|*-postgres).test.ts`;
}

/**
 * Runs files, named by path or pattern among options of `node --test`, in an empty temporary folder and an empty home, by
 * `node`. Resolves to the exit code, which is no success either when a file or a process is left behind; that is told.
 */
export async function runTests(
  words: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  node = process.execPath,
): Promise<number> {
  const { env, close } = openSandbox();
  const options = ['--import', deadline, '--test', `--test-concurrency=${concurrency}`];
  const child = spawn(node, [...options, ...words], {
    stdio: 'inherit',
    env: { ...process.env, ...settings, ...compiled, ...env },
  });
  // The folders are removed once it has ended, whoever interrupts.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  const left = await close();
  if (left.length === 0) return code ?? 1;
  process.stderr.write(`The tests left behind:\n${left.map((line) => `  ${line}\n`).join('')}`);
  return 1;
}
