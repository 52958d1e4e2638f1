// Programs in other languages, run to their end.
import { spawn } from 'node:child_process';
import type { Ran } from '../support/page.ts';

/** How long the fetching or building of a client may take; a program itself has a limit of its own. */
export const installLimitMs = 600_000;

/** What its package manager and the client itself find beside our own environment. */
export type Env = Readonly<Record<string, string>>;

/** Runs a program to its end, or to its time limit. A program that is not there gives code 127. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; limitMs: number; env?: Env },
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.limitMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code, signal) =>
      resolve({ code, output: signal === null ? output : `${output}\nEnded after ${options.limitMs} ms.` }),
    );
  });
}

/** The line of a failed installation that tells most. */
export function toReason({ output }: Ran): string {
  // eslint-disable-next-line no-control-regex -- Maven colours its output even into a pipe
  const lines = output.split('\n').filter((line) => /[a-z]/i.test(line.replace(/\u001b\[[0-9;]*m/g, '')));
  const telling = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'no output';
  return telling.trim().slice(0, 300);
}
