// How sessions are opened: what each has to have set, whatever the server, a role, a database or a pooler says otherwise.
import { Socket } from 'node:net';
import pg from 'pg';
import type { ClientBase, ClientConfig, Pool, QueryConfig } from 'pg';
import { GatewayError } from '../../domain/errors.ts';
import type { ClockSample } from './clock.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

/** A statement may take this long, a transaction may idle this long between two, and a lock may be waited for this long. */
const statementMs = 15_000;
const idleInTransactionMs = 5000;
/** Two of these, one's own and that of the batch before, are over before a channel gives up waiting for its answer. */
const lockMs = 3000;
const defaultConnectMs = 3000;
/** What costs the server nothing is answered within this time, or the connection has gone silent. */
const answerMs = 3000;
/** When nothing has passed for this long, TCP asks whether the other end is still there. */
const keepAliveMs = 10_000;

/**
 * Settings of every session. The planner must not be misled by figures from when a table was empty, nor compile plans that
 * are used once: each hot statement walks an index, so the other ways are switched off. Texts, bytes and times have the forms
 * that this program reads and that its functions are written in. A server that is too old for one goes without.
 */
const sessionSettings: Readonly<Record<string, string | number>> = {
  jit: 'off',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_nestloop: 'on',
  enable_indexscan: 'on',
  enable_indexonlyscan: 'on',
  enable_bitmapscan: 'on',
  plan_cache_mode: 'auto',
  synchronous_commit: 'on',
  statement_timeout: statementMs,
  lock_timeout: lockMs,
  idle_in_transaction_session_timeout: idleInTransactionMs,
  idle_session_timeout: 0,
  exit_on_error: 'off',
  transaction_timeout: 0,
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  transform_null_equals: 'off',
  array_nulls: 'on',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: 1,
  session_replication_role: 'origin',
};

/** What an operator may have chosen for commits that is kept: each flushes to the server's disk. The rest is raised to `on`. */
const keptCommits = ['remote_write', 'on', 'remote_apply'];

/** Settings that a role may have no right to: such a role gets what the server says, and refuses to work by it where it must. */
const grantedSettings = ['session_replication_role'];

/** A question that has to be answered within a time; its types leave that out. */
interface Question extends QueryConfig<unknown[]> {
  readonly query_timeout: number;
}

interface SessionOptions {
  readonly url: string;
  /** Where the tables are. */
  readonly schema: string;
  /** How long connecting may take, and the wait for a connection that others use. */
  readonly connectMs?: number | undefined;
}

interface KeptSetting {
  readonly name: string;
  readonly value: string;
  readonly pid: number;
  readonly refuses: boolean;
  readonly is_replica: boolean;
}

/** What is told of a session in which no trigger runs, whatever else it does well. */
export const triggersOff =
  'The database cannot be used: session_replication_role is replica, so no trigger runs, and this role may not set it. Take it back where it was set for the role, the database or the server.';

/** A pool of prepared sessions. */
export function openPool({ url, schema, connectMs = defaultConnectMs }: SessionOptions, max: number): Pool {
  // The pool waits for it, which its types do not tell.
  const onConnect: (client: ClientBase) => unknown = (client) => prepareSession(client, schema);
  return new pg.Pool({
    ...toConfig(url),
    max,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: 60_000,
    // A server that has gone silent is noticed even if its connection was never closed.
    query_timeout: statementMs + 2000,
    onConnect,
  });
}

interface ClientLimits {
  readonly connectMs?: number | undefined;
  readonly limitMs?: number;
}

/**
 * A client for one connection, yet to be connected and prepared; `cut` ends it without a word to the server. Answers are waited for
 * as long as `limitMs`, for ever when 0.
 */
export function openClient(
  url: string,
  { connectMs = defaultConnectMs, limitMs = answerMs }: ClientLimits = {},
): { readonly client: pg.Client; readonly cut: () => void } {
  const socket = new Socket();
  const config = { ...toConfig(url), connectionTimeoutMillis: connectMs, query_timeout: limitMs };
  return { client: new pg.Client({ ...config, stream: () => socket }), cut: () => void socket.destroy() };
}

/** How every session is opened: with what any server and pooler takes, no more. */
function toConfig(url: string): ClientConfig {
  return {
    connectionString: url,
    application_name: 'chasqui',
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    types: { getTypeParser: toParser },
  };
}

/** Sets settings of a session, of those that the server knows and, where they need a grant, lets it set. One that is kept is set to itself. */
const setSettings = `SELECT name, pg_backend_pid() AS pid, set_config(name, CASE
    WHEN name = 'synchronous_commit' AND current_setting(name) = ANY ($4) THEN current_setting(name) ELSE value END, false) AS value
  FROM unnest($1::text[], $2::text[]) s(name, value)
  WHERE current_setting(name, true) IS NOT NULL AND (name <> ALL ($3::text[]) OR has_parameter_privilege(name, 'SET'))`;

/** Reads settings back, and whether the session can write and runs triggers. */
const readSettings = `SELECT name, current_setting(name) AS value, pg_backend_pid() AS pid,
    pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS refuses,
    current_setting('session_replication_role') = 'replica' AS is_replica
  FROM unnest($1::text[]) name`;

/**
 * Sets what a session has to have and reads it back. Throws `store_unavailable` when the server takes no writes, or when the
 * session does not keep its settings, as behind a pooler that gives each transaction another one.
 */
export async function prepareSession(client: ClientBase, schema: string | undefined): Promise<void> {
  const wanted = { ...sessionSettings, ...(schema === undefined ? {} : { search_path: quote(schema) }) };
  const set = await client.query<{ name: string; value: string; pid: number }>(
    toQuestion(setSettings, [
      Object.keys(wanted),
      Object.values(wanted).map(String),
      grantedSettings,
      keptCommits,
    ]),
  );
  const kept = await client.query<KeptSetting>(toQuestion(readSettings, [set.rows.map(({ name }) => name)]));
  if (kept.rows.some(({ refuses }) => refuses))
    throw new GatewayError('store_unavailable', 'The database cannot be used: it is read-only.');
  if (kept.rows.some(({ is_replica: isReplica }) => isReplica))
    throw new GatewayError('store_unavailable', triggersOff);
  const before = new Map(set.rows.map((row) => [row.name, row]));
  const lost = kept.rows.find(({ name, value, pid }) => {
    const row = before.get(name);
    return row?.value !== value || row.pid !== pid;
  });
  if (lost !== undefined)
    throw new GatewayError(
      'store_unavailable',
      `The database cannot be used: a session does not keep its setting ${lost.name}. A pooler has to be in session mode.`,
    );
}

/** The schema that has our tables, the first of the search path where several have; else the one that new tables would be made in. */
const ownSchema = `SELECT coalesce(
    (SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = 'schema_version' AND EXISTS
       (SELECT 1 FROM pg_catalog.pg_class o WHERE o.relnamespace = n.oid AND o.relname = 'destination_hold')
     ORDER BY array_position(current_schemas(false), n.nspname), n.nspname <> 'public', n.nspname LIMIT 1),
    current_schema(), 'public')::text AS schema`;

/**
 * The schema that holds the tables, wherever the search path points by now; for a new store the first of the search path. Throws
 * `store_unavailable` where a connection has no session of its own, or the database cannot hold every text.
 */
export async function findSchema(url: string): Promise<string> {
  const { client, cut } = openClient(url);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await requireOwnSession(client, url);
    await requireUnicode(client);
    const { rows } = await client.query<{ schema: string }>(ownSchema);
    return rows[0]?.schema ?? 'public';
  } finally {
    await end(client, cut);
  }
}

/**
 * Throws `store_unavailable` when a connection and another one share a session of the server, or change theirs, as behind a pooler that
 * gives a session for one transaction or statement. Where nobody else asks, that alone tells: by itself each gets the same one again.
 */
async function requireOwnSession(first: pg.Client, url: string): Promise<void> {
  const { client: second, cut } = openClient(url);
  second.on('error', () => undefined);
  try {
    await second.connect();
    const session = async (client: pg.Client): Promise<number | undefined> =>
      (await client.query<{ pid: number }>(toQuestion('SELECT pg_backend_pid() AS pid'))).rows[0]?.pid;
    const one = await session(first);
    const two = await session(second);
    if (one === two || (await session(second)) !== two || (await session(first)) !== one)
      throw new GatewayError(
        'store_unavailable',
        'The database cannot be used: connections share its sessions. A pooler has to be in session mode.',
      );
  } finally {
    await end(second, cut);
  }
}

/** Throws `store_unavailable` where a text of a user could not be kept, or would be counted and cut by bytes. */
async function requireUnicode(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ encoding: string }>(
    toQuestion("SELECT current_setting('server_encoding') AS encoding"),
  );
  const encoding = rows[0]?.encoding ?? 'unknown';
  if (encoding !== 'UTF8')
    throw new GatewayError(
      'store_unavailable',
      `The database cannot be used: its encoding is ${encoding}. Make one with ENCODING 'UTF8' (and TEMPLATE template0).`,
    );
}

/** Ends a connection; a server that does not answer is not waited for. */
export async function end(client: pg.Client, cut: () => void): Promise<void> {
  const timer = setTimeout(cut, answerMs);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
  cut();
}

/** Something to ask that costs the server nothing, so that no answer in time means that there is none to come. */
export function toQuestion(text: string, values: unknown[] = []): QueryConfig<unknown[]> {
  const question: Question = { text, values, query_timeout: answerMs };
  return question;
}

/** Asks for the time of the database. */
export async function readClock(
  queries: Pick<ClientBase, 'query'>,
  { monotonic }: Stopwatch,
): Promise<ClockSample> {
  const sentAt = monotonic();
  const { rows } = await queries.query<{ ms: number }>(
    toQuestion('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms'),
  );
  const databaseMs = rows[0]?.ms;
  if (databaseMs === undefined) throw new Error('The database told no time.');
  return { sentAt, heardAt: monotonic(), databaseMs };
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Ids, times and counts fit a number: ids stay below 2^53 until 2107. */
const ownParsers = new Map<number, (text: string) => unknown>([
  [20, Number], // int8
  [1016, (text) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(Number))], // int8[]
]);

const toParser: typeof pg.types.getTypeParser = (id: number, format?: 'text' | 'binary') =>
  ownParsers.get(id) ?? (pg.types.getTypeParser(id, format) as (text: string) => unknown);
