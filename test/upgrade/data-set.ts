// The data sets in written/: one of every released version, as its own code wrote it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { readMigrations } from '../../src/store/migrations.ts';
import { bringUpToDate } from '../../src/store/postgres/schema.ts';
import type { ApiTest } from '../support/api.ts';

export const dataSets = join(import.meta.dirname, 'written');

/** What the API told of a data set when it was written. */
interface Told {
  /** When that was, in epoch milliseconds. */
  readonly at: number;
  /** The schema that it was written with. */
  readonly schema: number;
  readonly answers: Readonly<Record<string, unknown>>;
}

/** The versions that there is a data set of. */
export function listDataSets(): readonly string[] {
  return readdirSync(dataSets).sort();
}

export function readTold(version: string, store: 'sqlite' | 'postgres'): Told {
  return JSON.parse(readFileSync(join(dataSets, version, `${store}.json`), 'utf8')) as Told;
}

/** What the API tells at these paths. */
export async function ask(api: ApiTest, paths: readonly string[]): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  for (const path of paths) {
    const { status, json } = await api.call('GET', path);
    answers[path] = { status, json };
  }
  return answers;
}

/** Writes the embedded store's file of a version to `file`. */
export function unpackFile(version: string, file: string): void {
  const packed = readFileSync(join(dataSets, version, 'chasqui.sqlite.gz'));
  writeFileSync(file, gunzipSync(packed), { mode: 0o600 });
}

/** Brings the data of a version into an empty database, with the schema that they were written with. */
export async function fillDatabase(version: string, url: string): Promise<void> {
  const { schema } = readTold(version, 'postgres');
  const pool = new pg.Pool({ connectionString: url });
  try {
    await bringUpToDate(
      pool,
      readMigrations('postgres').filter((migration) => migration.version <= schema),
    );
    // What the data refer to need not come before them, and triggers have done their work when they were written.
    const data = readFileSync(join(dataSets, version, 'postgres.sql'), 'utf8');
    await pool.query(`BEGIN; SET LOCAL session_replication_role = replica; ${data} COMMIT`);
  } finally {
    await pool.end();
  }
}

/** All rows of a database as the statements that write them again, in an order that does not change. */
export async function dumpDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const list = async (sql: string): Promise<readonly string[]> =>
    (await client.query<{ line: string }>(sql)).rows.map(({ line }) => line);
  try {
    const inserts = await list(writersOfRows);
    const lines = [];
    for (const insert of inserts) lines.push(...(await list(insert)));
    return [...lines, ...(await list(writersOfSequences)), ''].join('\n');
  } finally {
    await client.end();
  }
}

/** A query for each table but those that the schema itself fills, which gives a statement for each of its rows. */
const writersOfRows = `
  SELECT format(
      'SELECT %L || concat_ws('', '', %s) || '');'' AS line FROM %I ORDER BY 1',
      format('INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE VALUES (', c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)),
      string_agg(format('quote_nullable(%I)', a.attname), ', ' ORDER BY a.attnum),
      c.relname
    ) AS line
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('schema_version', 'node')
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  GROUP BY c.relname ORDER BY c.relname`;

/** Where each sequence goes on. */
const writersOfSequences = `
  SELECT format('SELECT setval(%L, %s);', sequencename, last_value) AS line
  FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL ORDER BY sequencename`;
