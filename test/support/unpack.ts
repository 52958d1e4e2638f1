// Programs that come packed inside npm packages, unpacked into the checkout's own cache.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What tests may keep from one run to the next, inside the checkout. */
export const cache = fileURLToPath(new URL('../../.cache', import.meta.url));
/** No unpacking takes so long: what is older was begun by a process that was killed. */
const abandonedMs = 60 * 60_000;

/**
 * Resolves to the folder `<root>/<name>/<version>`, which `fill` has filled. It is whole whenever it is there: `fill` works in
 * a folder beside it, which is renamed once it is full. Of several callers at once, in whatever process, all get the folder
 * of the first that is done. Unpacking removes what other versions and killed processes have left. Rejects with what `fill`
 * rejects with, and leaves nothing then.
 */
export async function unpackOnce(
  name: string,
  version: string,
  fill: (folder: string) => Promise<void> | void,
  root = cache,
): Promise<string> {
  const target = join(root, name, version);
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  removeStale(target);
  const partial = mkdtempSync(`${target}${partialMark}`);
  try {
    await fill(partial);
    // Whoever runs the tests next may be another user, and PostgreSQL is never run as root.
    spawnSync('chmod', ['-R', 'a+rX', partial]);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!isTaken(error)) throw error;
  }
  return target;
}

const partialMark = '.partial-';

function removeStale(target: string): void {
  const folder = dirname(target);
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (path === target) continue;
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (entry.includes(partialMark) && Date.now() - changedAt < abandonedMs) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

/** Another was quicker. */
function isTaken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOTEMPTY' || code === 'EEXIST';
}
