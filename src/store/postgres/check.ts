// What can be said of a database: whether everything of the schema is there, and whether every table and index can be read.
import type { Client } from 'pg';
import { readMigrations } from '../migrate.ts';
import { findSchema, openClient, prepareSession } from './session.ts';

export interface DatabaseState {
  readonly isWhole: boolean;
  /** What is wrong, in words. */
  readonly damage: readonly string[];
  /** What could not be looked at, in words. */
  readonly notes: readonly string[];
  readonly version: number;
  readonly tables: readonly { readonly table: string; readonly rows: number | null }[];
}

/** Reads all of the schema that `url` names, while nodes work on it. Changes nothing. Throws what the server says when it cannot be asked. */
export async function checkDatabase(url: string): Promise<DatabaseState> {
  const schema = await findSchema(url);
  const { client } = openClient(url, 0);
  client.on('error', () => undefined);
  await client.connect();
  try {
    await prepareSession(client, schema);
    // Every page is read, and that takes the time that it takes.
    await client.query('SET statement_timeout = 0; SET enable_seqscan = on; SET enable_indexonlyscan = off');
    const damage: string[] = [];
    const notes: string[] = [];
    const version = await readVersion(client, damage);
    const known = await listObjects(client, schema);
    const wanted = await listWanted(client, version, notes);
    for (const object of wanted.difference(known)) damage.push(`${object} is missing`);
    damage.push(...(await listInvalid(client, schema)));
    const tables = [...known].filter((name) => name.startsWith('table ')).map((name) => name.slice(6));
    const counted: { table: string; rows: number | null }[] = [];
    for (const table of tables.toSorted())
      counted.push({ table, rows: await countRows(client, schema, table, damage) });
    await verify(client, schema, damage, notes);
    return { isWhole: damage.length === 0, damage, notes, version, tables: counted };
  } finally {
    await client.end();
  }
}

async function readVersion(client: Client, damage: string[]): Promise<number> {
  const newest = readMigrations('postgres').at(-1)?.version ?? 0;
  const found = await client
    .query<{ version: number | null }>('SELECT max(version) AS version FROM schema_version')
    .catch(() => undefined);
  const version = found?.rows[0]?.version ?? 0;
  if (version === 0) damage.push('there is no schema of Chasqui');
  if (version > newest) damage.push(`schema ${version} is newer than this program, which knows ${newest}`);
  return Math.min(version, newest);
}

/** Tables with their columns, indexes, sequences and functions of a schema. */
async function listObjects(client: Client, schema: string): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT CASE c.relkind WHEN 'i' THEN 'index ' WHEN 'S' THEN 'sequence ' ELSE 'table ' END || c.relname AS name
       FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'i', 'S')
     UNION ALL SELECT 'column ' || c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
     UNION ALL SELECT 'function ' || p.proname || '(' || replace(pg_get_function_identity_arguments(p.oid), $1 || '.', '') || ')'
       FROM pg_proc p WHERE p.pronamespace = $1::regnamespace`,
    [schema],
  );
  return new Set(rows.map(({ name }) => name));
}

/** What the SQL files make up to a version, made in a schema of its own in a transaction that is rolled back. */
async function listWanted(client: Client, version: number, notes: string[]): Promise<Set<string>> {
  const schema = 'chasqui_check';
  await client.query('BEGIN');
  try {
    await client.query(`CREATE SCHEMA ${schema}; SET LOCAL search_path = ${schema}`);
    for (const migration of readMigrations('postgres'))
      if (migration.version <= version) await client.query(migration.sql);
    return await listObjects(client, schema);
  } catch (error) {
    notes.push(`what is missing of the schema was not looked for: ${toText(error)}`);
    return new Set();
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Indexes that are not used because they were never finished. */
async function listInvalid(client: Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relnamespace = $1::regnamespace AND NOT (i.indisvalid AND i.indisready)`,
    [schema],
  );
  return rows.map(({ name }) => `index ${name} is invalid: REINDEX it`);
}

async function countRows(
  client: Client,
  schema: string,
  table: string,
  damage: string[],
): Promise<number | null> {
  try {
    const name = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`;
    const { rows } = await client.query<{ n: number }>(`SELECT count(t.*) AS n FROM ${name} t`);
    return Number(rows[0]?.n);
  } catch (error) {
    damage.push(`table ${table} cannot be read: ${toText(error)}`);
    return null;
  }
}

/** Has the extension amcheck look at every table and B-tree, where it is there. */
async function verify(client: Client, schema: string, damage: string[], notes: string[]): Promise<void> {
  const found = await client.query<{ schema: string }>(
    "SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'amcheck'",
  );
  const place = found.rows[0]?.schema;
  if (place === undefined) {
    notes.push(
      'indexes were not walked through: the extension amcheck is not there (CREATE EXTENSION amcheck)',
    );
    return;
  }
  const { rows } = await client.query<{ oid: number; name: string; kind: string }>(
    `SELECT c.oid::int8 AS oid, c.relname AS name, c.relkind::text AS kind FROM pg_class c JOIN pg_am m ON m.oid = c.relam
     LEFT JOIN pg_index i ON i.indexrelid = c.oid
     WHERE c.relnamespace = $1::regnamespace AND (c.relkind = 'r' AND m.amname = 'heap' OR m.amname = 'btree' AND i.indisvalid)`,
    [schema],
  );
  for (const { oid, name, kind } of rows)
    try {
      if (kind !== 'r') {
        await client.query(`SELECT ${place}.bt_index_check($1::oid::regclass)`, [oid]);
        continue;
      }
      const bad = await client.query<{ n: number }>(
        `SELECT count(*) AS n FROM ${place}.verify_heapam($1::oid::regclass)`,
        [oid],
      );
      const count = Number(bad.rows[0]?.n);
      if (count > 0) damage.push(`table ${name}: ${count} faults found by amcheck`);
    } catch (error) {
      damage.push(`${kind === 'r' ? 'table' : 'index'} ${name}: ${toText(error)}`);
    }
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
