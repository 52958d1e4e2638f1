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
 * Runs files, named by path or pattern among options of `node --test`, in an empty temporary folder and an empty home. Resolves
 * to the exit code, which is no success either when a file or a process is left behind; that is told.
 */
export async function runTests(
  words: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { env, close } = openSandbox();
  const options = ['--import', deadline, '--test', `--test-concurrency=${concurrency}`];
  const child = spawn(process.execPath, [...options, ...words], {
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
