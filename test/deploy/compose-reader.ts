// What Docker Compose itself reads files with, and what runs them on podman, which Go and pip bring into the cache: `npm run test:compose`
// has both made (fetch-compose-reader.ts).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installLimitMs, run, toReason } from '../interop/program.ts';
import { cache, unpackOnce } from '../support/unpack.ts';

const name = 'compose-config';
const sources = join(import.meta.dirname, name);
/** Of the library, which the module names. */
const version =
  /compose-go\/v2 v(\S+)/.exec(readFileSync(join(sources, 'go.mod'), 'utf8'))?.[1] ?? 'no version';

/** Makes it where it is not there yet. Rejects with the reason where it cannot be had here. */
export async function fetchReader(): Promise<void> {
  await unpackOnce(name, version, async (folder) => {
    const words = ['build', '-C', sources, '-o', join(folder, name), '.'];
    const ran = await run('go', words, { cwd: cache, limitMs: installLimitMs });
    if (ran.code !== 0) throw new Error(toReason(ran));
  });
}

const runner = { name: 'podman-compose', version: '1.6.0' };

/** Makes it where it is not there yet. Rejects with the reason where it cannot be had here. */
export async function fetchRunner(): Promise<void> {
  await unpackOnce(runner.name, runner.version, async (folder) => {
    const words = `-m pip install -q --target ${folder} ${runner.name}==${runner.version}`.split(' ');
    const ran = await run('python3', words, { cwd: cache, limitMs: installLimitMs });
    if (ran.code !== 0) throw new Error(toReason(ran));
  });
}

/** The folder of its modules; undefined where it is missing. */
export function findRunner(): string | undefined {
  const folder = join(cache, runner.name, runner.version);
  return existsSync(folder) ? folder : undefined;
}

/** Where it is; undefined where it is missing. */
export function findReader(): string | undefined {
  const program = join(cache, name, version, name);
  return existsSync(program) ? program : undefined;
}
