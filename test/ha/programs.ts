// What the cluster is made of: Patroni by pip, the rest by the system's packages.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpackOnce } from '../support/unpack.ts';
import { installLimitMs, run, toReason } from '../interop/program.ts';

export interface Programs {
  /** A folder of Python's packages, Patroni among them. */
  readonly site: string;
  /** The folder of PostgreSQL's programs. */
  readonly postgres: string;
}

/** Debian keeps some where only root looks by itself. */
export const path = `${process.env['PATH'] ?? ''}:/usr/sbin`;
const packages = ['patroni[etcd3]==4.1.5', 'psycopg[binary]==3.3.9'];
const postgresHome = '/usr/lib/postgresql';
const oldest = 15;

/** Finds all, fetching what pip has; resolves to what is not to be had here, a line each, where something is not. */
export async function findPrograms(): Promise<Programs | readonly string[]> {
  const missing: string[] = [];
  for (const [name, asked] of [
    ['etcd', '--version'],
    ['haproxy', '-v'],
  ] as const)
    if (spawnSync(name, [asked], { env: { ...process.env, PATH: path } }).status !== 0) missing.push(name);
  const postgres = findPostgres();
  if (postgres === undefined) missing.push(`PostgreSQL ${oldest} with its programs in ${postgresHome}`);
  if (postgres === undefined || missing.length > 0) return missing;
  try {
    return { site: await fetchPatroni(), postgres };
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** The programs of the newest server that is installed. */
function findPostgres(): string | undefined {
  const versions = existsSync(postgresHome) ? readdirSync(postgresHome).map(Number) : [];
  return versions
    .filter((version) => version >= oldest)
    .toSorted((a, b) => b - a)
    .map((version) => join(postgresHome, String(version), 'bin'))
    .find((folder) => ['postgres', 'initdb', 'pg_rewind'].every((name) => existsSync(join(folder, name))));
}

function fetchPatroni(): Promise<string> {
  return unpackOnce(
    'patroni',
    `${packages.join('-').replaceAll(/[^\w.]+/g, '-')}${process.arch}`,
    async (folder) => {
      const args = [
        '-m',
        'pip',
        'install',
        '-q',
        '--no-warn-script-location',
        '--target',
        folder,
        ...packages,
      ];
      const fetched = await run('python3', args, { cwd: folder, limitMs: installLimitMs });
      if (fetched.code !== 0) throw new Error(`Patroni by pip (${toReason(fetched)})`);
    },
  );
}

/** A copy for somebody who may not look into the checkout. */
export function copySite({ site }: Programs, folder: string): string {
  const copy = join(folder, 'site');
  cpSync(site, copy, { recursive: true });
  return copy;
}
