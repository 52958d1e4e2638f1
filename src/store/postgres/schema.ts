// The schema of a database: which version it has, and how it becomes the one that this program knows.
import type { ClientBase, Pool } from 'pg';
import { pendingMigrations, readMigrations, requireCurrent, tooOld } from '../migrations.ts';
import type { Migration } from '../migrations.ts';

/** Session-level lock that only one process at a time holds while it brings the schema up to date. */
const migrationLock = 7_243_391;

/**
 * Brings the schema up to date, or makes it, alone of all nodes; each migration wholly or not at all. `prove` gets what the master key of the
 * database opens before anything is changed, and throws where it does not. Throws `schema_too_new`, `schema_too_old`.
 */
export async function bringUpToDate(
  pool: Pool,
  migrations = readMigrations('postgres'),
  prove?: (sealed: Uint8Array) => void,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    const version = (await readVersion(client)) ?? 0;
    const pending = pendingMigrations(migrations, version);
    if (prove !== undefined && version > 0 && pending.length > 0) {
      const { rows } = await client.query<{ value: Uint8Array }>("SELECT value FROM meta WHERE key = 'seal'");
      for (const { value } of rows) prove(value);
    }
    await client.query(
      'CREATE TABLE IF NOT EXISTS schema_version (version int PRIMARY KEY, name text NOT NULL)',
    );
    for (const migration of pending) await apply(client, migration);
  } finally {
    // The session ends here, and with it the lock and a transaction that failed.
    client.release(true);
  }
}

/** Throws unless the schema of a database is this program's: `wrong_state`, `schema_too_new`, `schema_too_old`, or `not_found` where there is none. */
export async function refuseOtherSchema(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    requireCurrent(readMigrations('postgres'), (await readVersion(client)) ?? 0, 'The database');
  } finally {
    client.release();
  }
}

async function apply(client: ClientBase, { version, name, sql }: Migration): Promise<void> {
  await client.query('BEGIN');
  await client.query(sql);
  await client.query('INSERT INTO schema_version (version, name) VALUES ($1, $2)', [version, name]);
  await client.query('COMMIT');
}

/**
 * The version that a session finds in its schema; undefined where there is none. Throws `schema_too_old` for one from before the first
 * release, which did not write down by which file it came.
 */
export async function readVersion(client: ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ column: string }>(
    `SELECT attname AS column FROM pg_attribute
     WHERE attrelid = to_regclass('schema_version') AND attnum > 0 AND NOT attisdropped`,
  );
  if (rows.length === 0) return undefined;
  const found = await client.query<{ version: number | null; database: string }>(
    'SELECT max(version) AS version, current_database() AS database FROM schema_version',
  );
  const { version = null, database = '' } = found.rows[0] ?? {};
  if (version !== null && !rows.some(({ column }) => column === 'name'))
    throw tooOld(
      `The database ${database}`,
      'Name an empty database in DATABASE_URL to begin anew; the one that is there stays as it is.',
    );
  return version ?? undefined;
}
