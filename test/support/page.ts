// Runs what a page of the documentation tells its reader to run.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One fenced block: the first word behind the fence, and the rest of that line. */
interface Block {
  readonly language: string;
  readonly name: string;
  readonly text: string;
}

/** The fenced blocks of a page in their order. */
export function readBlocks(page: string): readonly Block[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^( *)```([a-z]+)(?: (\S+))?\n(.*?)^\1```$/gms)].map(
    ([, indent = '', language = '', name = '', body = '']) => ({
      language,
      name,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a script with `sh`, which stops at the first command that fails, and within ten minutes. */
export function runScript(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-eu', '-c', script], { cwd, env, timeout: 600_000, killSignal: 'SIGKILL' });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
