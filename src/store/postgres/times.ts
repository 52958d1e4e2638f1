// What a clock that was wrong dated ahead in a database, found and brought back.
import type { ClientBase } from 'pg';
import { GatewayError } from '../../domain/errors.ts';
import { toFirstId } from '../../domain/ids.ts';
import {
  dayMs,
  doneLimitMs,
  hasColumn,
  idColumns,
  idReferences,
  isTime,
  minuteMs,
  toBound,
} from '../rows/future.ts';
import type { Column } from '../rows/future.ts';
import { readVersion } from './schema.ts';
import { findHost } from './hosts.ts';
import { findSchema, openClient, prepareSession } from './session.ts';

/** Ids of queue messages and places are given by a sequence, which no clock moves; a time in a key tells rows apart. */
const givenOtherwise: ReadonlySet<string> = new Set([
  'message.id',
  'delivery.place',
  'receipt.queue_message_id',
  'alias.since',
]);

/** How many ids lie ahead of the database's time; 0 of a database as it should be. */
export async function countIdsAhead(client: ClientBase, schema: string): Promise<number> {
  const columns = await listColumns(client, schema);
  const first = toFirstId((await readNow(client)) + dayMs);
  const made = ids(columns, idColumns);
  if (made.length === 0) return 0;
  const counts = made.map(
    ([table, column]) => `(SELECT count(*) FROM "${table}" WHERE "${column}" >= ${first})`,
  );
  const { rows } = await client.query<{ n: number }>(`SELECT ${counts.join(' + ')} AS n`);
  return Number(rows[0]?.n ?? 0);
}

/**
 * Brings ids and times that lie ahead of the database's time back, as `mendTimes` does it for a file; returns how many ids. Throws
 * `store_in_use` while a node works on the database, `schema_too_old`.
 */
export async function mendDatabaseTimes(address: string): Promise<number> {
  const { url } = await findHost(address);
  const schema = await findSchema(url);
  const { client } = openClient(url, { limitMs: 0 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await prepareSession(client, schema);
    await readVersion(client);
    await client.query('SET statement_timeout = 0');
    await client.query('BEGIN');
    const now = await readNow(client);
    await refuseNodes(client, now);
    const columns = await listColumns(client, schema);
    const count = await mendIds(client, columns, now);
    for (const { table, column } of columns.filter(
      (one) => isTime(one) && !givenOtherwise.has(`${one.table}.${one.column}`),
    )) {
      const { limit, to } = toBound(column, now);
      await client.query(`UPDATE "${table}" SET "${column}" = ${to} WHERE "${column}" > ${limit}`);
    }
    const minute = Math.ceil(now / minuteMs);
    for (const table of ['rate', 'queue_rate', 'push_rate'])
      if (hasColumn(columns, table, 'minute'))
        await client.query(`DELETE FROM ${table} WHERE minute > ${minute}`);
    await client.query("DELETE FROM meta WHERE key = 'swept'");
    await client.query("UPDATE meta SET value = convert_to($1, 'UTF8') WHERE key = 'probed'", [String(now)]);
    await client.query('COMMIT');
    return count;
  } finally {
    await client.end();
  }
}

async function mendIds(client: ClientBase, columns: readonly Column[], now: number): Promise<number> {
  const first = toFirstId(now + doneLimitMs);
  const made = ids(columns, idColumns);
  const ahead = made.map(
    ([table, column]) => `SELECT "${column}" AS id FROM "${table}" WHERE "${column}" >= ${first}`,
  );
  const below = made.map(
    ([table, column]) => `SELECT max("${column}") AS id FROM "${table}" WHERE "${column}" < ${first}`,
  );
  await client.query(
    'CREATE TEMP TABLE brought (old bigint PRIMARY KEY, new bigint NOT NULL) ON COMMIT DROP',
  );
  const { rowCount } = await client.query(
    `INSERT INTO brought SELECT id, (SELECT coalesce(max(id), 0) FROM (${below.join(' UNION ALL ')}) b) + row_number() OVER (ORDER BY id)
     FROM (${ahead.join(' UNION ')}) a`,
  );
  if (rowCount === null || rowCount === 0) return 0;
  for (const [table, column] of [...made, ...ids(columns, idReferences)])
    await client.query(`UPDATE "${table}" SET "${column}" = b.new FROM brought b WHERE "${column}" = b.old`);
  return rowCount;
}

function ids(
  columns: readonly Column[],
  named: readonly (readonly [string, string])[],
): (readonly [string, string])[] {
  return named.filter(
    ([table, column]) => hasColumn(columns, table, column) && !givenOtherwise.has(`${table}.${column}`),
  );
}

async function readNow(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ now: number }>(
    'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
  );
  return Number(rows[0]?.now);
}

async function refuseNodes(client: ClientBase, now: number): Promise<void> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM node WHERE holder IS NOT NULL AND lease_until > $1 AND lease_until <= $2 LIMIT 1',
    [now, now + 2 * minuteMs],
  );
  if (rowCount !== null && rowCount > 0)
    throw new GatewayError(
      'store_in_use',
      'A node works on the database. Stop all of them, wait a minute, and mend it then.',
    );
}

async function listColumns(client: ClientBase, schema: string): Promise<Column[]> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `SELECT c.relname AS "table", a.attname AS "column" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = quote_ident($1)::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN ('int8'::regtype, 'int4'::regtype)`,
    [schema],
  );
  return rows;
}
