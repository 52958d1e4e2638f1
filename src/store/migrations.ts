import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayError } from '../domain/errors.ts';
import { toSqlFolder } from '../runtime/release.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Reads the numbered SQL files of a store from `sql/<folder>`, in order. */
export function readMigrations(folder: 'sqlite' | 'postgres'): readonly Migration[] {
  const base = toSqlFolder(folder);
  const names = readdirSync(base).filter((name) => /^\d{3}_[a-z0-9_]+\.sql$/.test(name));
  const migrations = names.sort().map((name) => ({
    version: Number(name.slice(0, 3)),
    name,
    sql: readFileSync(join(base, name), 'utf8'),
  }));
  const gap = migrations.find(({ version }, index) => version !== index + 1);
  if (gap !== undefined) throw new Error(`The SQL files are not numbered one by one at ${gap.name}.`);
  return migrations;
}

/** The migrations that a store at `version` still needs. Throws `schema_too_new` when it is ahead of this program. */
export function pendingMigrations(migrations: readonly Migration[], version: number): readonly Migration[] {
  const newest = migrations.at(-1)?.version ?? 0;
  if (version > newest) {
    throw new GatewayError(
      'schema_too_new',
      `The store has schema ${version}; this version of Chasqui knows up to ${newest}. Run the version that wrote it, or a newer one, or go back to a copy from before the upgrade (docs/upgrading.md).`,
    );
  }
  return migrations.filter((migration) => migration.version > version);
}

/**
 * How a command opens a store for a moment: to bring its schema up to date, or as it is, so that the release that serves it finds it as
 * it left it.
 */
export type Visit = 'upgrade' | 'as_is';

/** Throws `wrong_state` unless a store has the schema of this program, `not_found` where it has none, `schema_too_new`. */
export function requireCurrent(migrations: readonly Migration[], version: number, store: string): void {
  if (version === 0) throw new GatewayError('not_found', `${store} holds no store of Chasqui.`);
  if (pendingMigrations(migrations, version).length > 0)
    throw new GatewayError(
      'wrong_state',
      `${store} has schema ${version}, which is that of an older version. Call the command of the version that serves it, or upgrade it first (docs/upgrading.md).`,
    );
}

/** What a store is refused with that is from before the first release; `advice` says what to do. */
export function tooOld(store: string, advice: string): GatewayError {
  return new GatewayError(
    'schema_too_old',
    `${store} was made before the first release of Chasqui, by a version whose data no release reads. ${advice}`,
  );
}
