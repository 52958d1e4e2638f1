// The programs of docs/samples.md, run as they stand there.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBlocks } from '../support/page.ts';
import type { Ran } from '../support/page.ts';
import { rootAccount } from '../support/service.ts';
import { run } from './program.ts';
import type { Env } from './program.ts';

const limitMs = 120_000;

function readProgram(language: string, page = 'docs/samples.md'): string {
  const block = readBlocks(page).find((candidate) => candidate.language === language);
  if (block === undefined) throw new Error(`${page} has no program in ${language}.`);
  return block.text;
}

function toEnv(url: string): Env {
  const { accountId, keyId, keySecret } = rootAccount;
  return { CHASQUI: url, ACCOUNT: accountId, KEY_ID: keyId, KEY_SECRET: keySecret };
}

/** Runs the program for Python in the folder that the SDKs were installed in. */
export async function playPython(folder: string, url: string): Promise<Ran> {
  await writeFile(join(folder, 'hello.py'), readProgram('python'));
  const env = { ...toEnv(url), PYTHONPATH: join(folder, 'site') };
  return run('python3', ['hello.py'], { cwd: folder, limitMs, env });
}

/** Compiles the program for Java against the classes in `folder` and runs it. */
export async function playJava(folder: string, url: string): Promise<Ran> {
  await writeFile(join(folder, 'Hello.java'), readProgram('java'));
  const script = 'javac -cp "$(cat classpath)" Hello.java && exec java -cp ".:$(cat classpath)" Hello';
  return run('sh', ['-c', script], { cwd: folder, limitMs, env: toEnv(url) });
}

/** Compiles the puller of docs/smq.md against the classes in `folder`. */
export async function compilePuller(folder: string): Promise<Ran> {
  await writeFile(join(folder, 'Pull.java'), readProgram('java', 'docs/smq.md'));
  const script = 'mkdir -p pull && exec javac -d pull -cp "$(cat classpath)" Pull.java';
  return run('sh', ['-c', script], { cwd: folder, limitMs });
}
