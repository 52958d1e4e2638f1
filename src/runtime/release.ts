// Which release runs, and where those of its files lie that are not code.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of a checkout and of a package alike; in a package the code lies less deep. */
const root = findRoot(import.meta.dirname);

/** The version that runs, as `package.json` has it. */
export const version: string = readVersion(join(root, 'package.json'));

/** Whether one version came out after another; any came after one that is not written as ours are. */
export function isNewer(one: string, other: string): boolean {
  const [mine, theirs] = [one, other].map(toNumbers);
  const at = mine?.findIndex((number, index) => number !== theirs?.[index]) ?? -1;
  return at >= 0 && (mine?.[at] ?? 0) > (theirs?.[at] ?? -1);
}

/** `1.2.3-rc.4` in numbers; what is released comes after all its candidates. Nothing of what is no version. */
function toNumbers(text: string): readonly number[] {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-rc\.(\d+))?$/.exec(text);
  return found === null ? [] : found.slice(1).map((part: string | undefined) => Number(part ?? Infinity));
}

/** The folder of a store's numbered SQL files. */
export function toSqlFolder(store: 'sqlite' | 'postgres'): string {
  return join(root, 'sql', store);
}

/** The folder that the console's build writes; it may not be there yet. */
export const consoleFolder: string = join(root, 'web', 'dist');

/** The nearest folder, from `folder` up, with a `package.json`. */
function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('There is no package.json above the code of Chasqui.');
  return findRoot(parent);
}

function readVersion(path: string): string {
  const about: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof about === 'object' && about !== null && 'version' in about && typeof about.version === 'string')
    return about.version;
  throw new Error(`${path} names no version.`);
}
