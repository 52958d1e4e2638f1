// One statement on one connection, prepared there under a name of its own.
import { createHash } from 'node:crypto';
import type { PoolClient, QueryResult, QueryResultRow } from 'pg';

export type Value = string | number | boolean | null | Uint8Array | readonly number[] | readonly string[];

/** Runs a statement; rows have the shape `Row` on trust. The answer is waited for as long as `limitMs`, if that is given. */
export async function query<Row extends QueryResultRow>(
  client: PoolClient,
  sql: string,
  values: readonly Value[],
  limitMs?: number,
): Promise<QueryResult<Row>> {
  const statement = { name: toName(sql), text: sql, values: values.map(toParameter), query_timeout: limitMs };
  return client.query<Row>(statement);
}

/** Text of the database holds any character but the one that ends strings in C. */
function toParameter(value: Value): unknown {
  if (typeof value === 'string') return withoutNul(value);
  if (Array.isArray(value))
    return (value as readonly (string | number)[]).map((item) =>
      typeof item === 'string' ? withoutNul(item) : item,
    );
  return value;
}

function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

const names = new Map<string, string>();

/** The name under which a statement is prepared once a connection. There are as many as statements in these files. */
function toName(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(sql).digest('hex').slice(0, 32);
  names.set(sql, name);
  return name;
}
