// What Docker Compose itself reads files with, which Go builds into the cache: `npm run test:compose` has it made (fetch-compose-reader.ts).
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

/** Where it is; undefined where it is missing. */
export function findReader(): string | undefined {
  const program = join(cache, name, version, name);
  return existsSync(program) ? program : undefined;
}
