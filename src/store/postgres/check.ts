// What can be said of a database: whether everything of the schema is there, and whether every table and index can be read.
import pg from 'pg';
import type { Client } from 'pg';
import { readMigrations } from '../migrations.ts';
import { jsonColumns } from '../rows/columns.ts';
import { readVersion } from './schema.ts';
import { countIdsAhead } from './times.ts';
import { findHost } from './hosts.ts';
import { findSchema, openClient, prepareSession } from './session.ts';

export interface DatabaseState {
  readonly isWhole: boolean;
  /** What is wrong, in words. */
  readonly damage: readonly string[];
  /** What could not be looked at, in words. */
  readonly notes: readonly string[];
  readonly version: number;
  readonly tables: readonly { readonly table: string; readonly rows: number | null }[];
  /** Rows that were kept apart because they cannot be read, by table, with when the oldest was, in epoch milliseconds. */
  readonly apart: Readonly<Record<string, { readonly rows: number; readonly since: number }>>;
}

/** Reads all of the schema that `address` names, while nodes work on it. Changes nothing. Throws `schema_too_old`, and what the server says when it cannot be asked. */
export async function checkDatabase(address: string): Promise<DatabaseState> {
  const { url } = await findHost(address);
  const schema = await findSchema(url);
  const { client } = openClient(url, { limitMs: 0 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await prepareSession(client, schema);
    // Every page is read, and that takes the time that it takes.
    await client.query('SET statement_timeout = 0; SET enable_seqscan = on; SET enable_indexonlyscan = off');
    const damage: string[] = [];
    const notes: string[] = [];
    const version = await findVersion(client, damage);
    const known = await listObjects(client, schema);
    const wanted = await listWanted(client, version, notes);
    // Of a schema that is newer, or not there at all, only what is missing can be told.
    const changes = damage.length === 0 && wanted !== undefined ? findChanges(known, wanted) : [];
    damage.push(...findMissing(known, wanted), ...changes);
    damage.push(...(await listInvalid(client, schema)));
    const tables = [...known.keys()].filter((name) => name.startsWith('table ')).map((name) => name.slice(6));
    const counted: { table: string; rows: number | null }[] = [];
    for (const table of tables.toSorted())
      counted.push({ table, rows: await countRows(client, schema, table, damage, notes) });
    await readColumns(client, known, damage, notes);
    const apart = await countApart(client, known, damage);
    damage.push(...(await findAhead(client, schema)));
    await verify(client, schema, damage, notes);
    return { isWhole: damage.length === 0, damage, notes, version, tables: counted, apart };
  } finally {
    await client.end();
  }
}

async function findVersion(client: Client, damage: string[]): Promise<number> {
  const newest = readMigrations('postgres').at(-1)?.version ?? 0;
  const version = (await readVersion(client)) ?? 0;
  if (version === 0) damage.push('there is no schema of Chasqui');
  if (version > newest) damage.push(`schema ${version} is newer than this program, which knows ${newest}`);
  return Math.min(version, newest);
}

/**
 * What a schema consists of, each by its kind and name, with what it is like: tables with their columns, indexes, constraints, triggers,
 * rules and policies, sequences and functions. `added` is what can change or refuse what is written, though nobody here made it.
 */
const objectsOf = `WITH own AS (SELECT c.* FROM pg_class c WHERE c.relnamespace = quote_ident($1)::regnamespace AND c.relkind IN ('r', 'p', 'i', 'S')),
    tables AS (SELECT * FROM own WHERE relkind IN ('r', 'p'))
  SELECT CASE relkind WHEN 'i' THEN 'index ' WHEN 'S' THEN 'sequence ' ELSE 'table ' END || relname AS name,
    concat_ws(' ', relpersistence, relrowsecurity, CASE relkind WHEN 'i' THEN pg_get_indexdef(oid) END) AS definition, false AS added FROM own
  UNION ALL SELECT 'column ' || c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation,
      a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)),
    a.attnotnull AND d.oid IS NULL AND a.attidentity = ''
    FROM tables c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT 'constraint ' || c.relname || '.' || o.conname, concat_ws(' ', pg_get_constraintdef(o.oid), o.convalidated), true
    FROM tables c JOIN pg_constraint o ON o.conrelid = c.oid WHERE o.contype <> 'n'
  UNION ALL SELECT 'trigger ' || c.relname || '.' || t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled), true
    FROM tables c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
  UNION ALL SELECT 'rule ' || c.relname || '.' || r.rulename, pg_get_ruledef(r.oid), true FROM tables c JOIN pg_rewrite r ON r.ev_class = c.oid
  UNION ALL SELECT 'policy ' || c.relname || '.' || p.polname, '', true FROM tables c JOIN pg_policy p ON p.polrelid = c.oid
  UNION ALL SELECT 'function ' || p.proname || '(' || replace(pg_get_function_identity_arguments(p.oid), quote_ident($1) || '.', '') || ')',
    concat_ws(' ', md5(p.prosrc), p.prolang::int, p.provolatile, p.prosecdef, p.proconfig, pg_get_function_result(p.oid)), false
    FROM pg_proc p WHERE p.pronamespace = quote_ident($1)::regnamespace`;

interface SchemaObject {
  readonly definition: string;
  /** Whether it matters to what is written, also where the SQL files do not make it. */
  readonly added: boolean;
}

/** What a schema consists of, by kind and name. */
async function listObjects(client: Client, schema: string): Promise<ReadonlyMap<string, SchemaObject>> {
  const place = client.escapeIdentifier(schema);
  const { rows } = await client.query<SchemaObject & { name: string }>(objectsOf, [schema]);
  // Some definitions name the schema, with quotes where it needs them.
  return new Map(
    rows.map(({ name, definition, added }) => [
      name,
      { definition: definition.replaceAll(`${schema}.`, '').replaceAll(`${place}.`, ''), added },
    ]),
  );
}

function findMissing(
  known: ReadonlyMap<string, SchemaObject>,
  wanted: ReadonlyMap<string, SchemaObject> = new Map(),
): string[] {
  return [...wanted.keys()].filter((name) => !known.has(name)).map((name) => `${name} is missing`);
}

/** What is other than the SQL files make it, or was added to tables of ours; tables of others may lie beside them. */
function findChanges(
  known: ReadonlyMap<string, SchemaObject>,
  wanted: ReadonlyMap<string, SchemaObject>,
): string[] {
  return [...known].flatMap(([name, { definition, added }]) => {
    const made = wanted.get(name);
    if (made !== undefined) return made.definition === definition ? [] : [`${name} is not as it was made`];
    const table = /^\S+ ([^.]+)\./.exec(name)?.[1] ?? '';
    return added && wanted.has(`table ${table}`)
      ? [`${name} was added, and may change or refuse what is written`]
      : [];
  });
}

/** What the SQL files make up to a version, made in a schema of its own in a transaction that is rolled back. */
async function listWanted(
  client: Client,
  version: number,
  notes: string[],
): Promise<ReadonlyMap<string, SchemaObject> | undefined> {
  const schema = 'chasqui_check';
  await client.query('BEGIN');
  try {
    await client.query(`CREATE SCHEMA ${schema}; SET LOCAL search_path = ${schema}`);
    for (const migration of readMigrations('postgres'))
      if (migration.version <= version) await client.query(migration.sql);
    return await listObjects(client, schema);
  } catch (error) {
    notes.push(`what is missing of the schema was not looked for: ${toText(error)}`);
    return undefined;
  } finally {
    await client.query('ROLLBACK');
  }
}

/** What a clock that was wrong dated; nothing where the schema is not whole, which is told already. */
async function findAhead(client: Client, schema: string): Promise<string[]> {
  const count = await countIdsAhead(client, schema).catch(() => 0);
  return count === 0
    ? []
    : [
        `${count} ids lie ahead of the database's time: they were given by a clock that was wrong, unless this one is`,
      ];
}

/** Indexes that are not used because they were never finished. */
async function listInvalid(client: Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relnamespace = quote_ident($1)::regnamespace AND NOT (i.indisvalid AND i.indisready)`,
    [schema],
  );
  return rows.map(({ name }) => `index ${name} is invalid: REINDEX it`);
}

async function countRows(
  client: Client,
  schema: string,
  table: string,
  damage: string[],
  notes: string[],
): Promise<number | null> {
  const name = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`;
  const counted = await lookAt(`table ${table} cannot be read`, damage, notes, () =>
    client.query<{ n: number }>(`SELECT count(t::text) AS n FROM ${name} t`),
  );
  return counted === undefined ? null : Number(counted.rows[0]?.n);
}

/** Rows whose JSON is none, or of another kind than it was written as. */
async function readColumns(
  client: Client,
  known: ReadonlyMap<string, unknown>,
  damage: string[],
  notes: string[],
): Promise<void> {
  if (!known.has('function read_json(p_text text)')) {
    notes.push('JSON was not read: the schema is older than what reads it');
    return;
  }
  for (const [table, columns] of Object.entries(jsonColumns))
    for (const [column, kind] of Object.entries(columns)) {
      if (!known.has(`column ${table}.${column}`)) continue;
      const type = kind === 'array' ? 'array' : 'object';
      const unreadable = `${column} IS NOT NULL AND jsonb_typeof(read_json(${column})) IS DISTINCT FROM '${type}'`;
      const rows = await lookAt(`${table}.${column}`, damage, notes, async () => {
        const sql = `SELECT count(*) AS n FROM ${table} WHERE ${unreadable}`;
        return Number((await client.query<{ n: number }>(sql)).rows[0]?.n);
      });
      if (rows !== undefined && rows > 0)
        damage.push(`table ${table}: the JSON of ${column} cannot be read in ${rows} rows`);
    }
}

async function countApart(
  client: Client,
  known: ReadonlyMap<string, unknown>,
  damage: string[],
): Promise<DatabaseState['apart']> {
  if (!known.has('table unreadable')) return {};
  const found = await lookAt('table unreadable', damage, [], () =>
    client.query<{ source: string; n: number; since: number }>(
      'SELECT source, count(*) AS n, min(at) AS since FROM unreadable GROUP BY source ORDER BY source',
    ),
  );
  const rows = found?.rows ?? [];
  return Object.fromEntries(
    rows.map(({ source, n, since }) => [source, { rows: Number(n), since: Number(since) }]),
  );
}

/** Where the extension amcheck is, and whether this role may call what looks at tables and indexes. */
const amcheckHere = `SELECT e.extnamespace::regnamespace::text AS schema,
    (SELECT bool_and(has_function_privilege(p.oid, 'EXECUTE')) FROM pg_proc p
     WHERE p.pronamespace = e.extnamespace AND p.proname IN ('bt_index_check', 'verify_heapam')) AS callable
  FROM pg_extension e WHERE e.extname = 'amcheck'`;

/** The tables and valid B-trees of a schema, which amcheck can walk through. */
const walkable = `SELECT c.oid::int8 AS oid, c.relname AS name, c.relkind::text AS kind FROM pg_class c JOIN pg_am m ON m.oid = c.relam
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  WHERE c.relnamespace = quote_ident($1)::regnamespace AND (c.relkind = 'r' AND m.amname = 'heap' OR m.amname = 'btree' AND i.indisvalid)
  ORDER BY c.relname`;

/** Has the extension amcheck look at every table and B-tree, where it is there and may be called. */
async function verify(client: Client, schema: string, damage: string[], notes: string[]): Promise<void> {
  const found = await client.query<{ schema: string; callable: boolean }>(amcheckHere);
  const [amcheck] = found.rows;
  if (amcheck === undefined) {
    notes.push(
      'indexes were not walked through: the extension amcheck is not there (CREATE EXTENSION amcheck)',
    );
    return;
  }
  if (!amcheck.callable) {
    notes.push(
      'indexes were not walked through: this role may not call amcheck (GRANT EXECUTE on bt_index_check and verify_heapam)',
    );
    return;
  }
  const place = amcheck.schema;
  const { rows } = await client.query<{ oid: number; name: string; kind: string }>(walkable, [schema]);
  for (const { oid, name, kind } of rows) {
    if (kind !== 'r') {
      await lookAt(`index ${name}`, damage, notes, () =>
        client.query(`SELECT ${place}.bt_index_check($1::oid::regclass)`, [oid]),
      );
      continue;
    }
    const bad = await lookAt(`table ${name}`, damage, notes, () =>
      client.query<{ n: number }>(`SELECT count(*) AS n FROM ${place}.verify_heapam($1::oid::regclass)`, [
        oid,
      ]),
    );
    const count = Number(bad?.rows[0]?.n ?? 0);
    if (count > 0) damage.push(`table ${name}: ${count} faults found by amcheck`);
  }
}

/**
 * What a look gives; undefined when it fails, which is damage where the server says so, and otherwise means that nobody has looked.
 */
async function lookAt<T>(
  what: string,
  damage: string[],
  notes: string[],
  look: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    if (/^(XX00|58)/.test(error.code ?? '')) damage.push(`${what}: ${error.message}`);
    else notes.push(`${what}: ${error.message}`);
    return undefined;
  }
}

function toText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
