// A database that answers with what PostgreSQL says of damaged pages and indexes, and of tables that are gone: who is told, and how.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));
const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;

let postgres: Postgres;
before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(() => postgres.close());

/** Runs a command of ours on a database. */
async function command(url: string, name: string): Promise<{ code: number; text: string }> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: url, MASTER_KEY: '5c'.repeat(32) };
  const child = spawn(process.execPath, [cli, name], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const said of [child.stdout, child.stderr])
    said.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, text };
}

/** A database with our schema and nothing in it. */
async function makeDatabase(): Promise<{
  url: string;
  query: (sql: string) => ReturnType<Postgres['query']>;
}> {
  const url = await postgres.createDatabase();
  assert.equal((await command(url, 'migrate')).code, 0);
  return { url, query: (sql) => postgres.query(sql, new URL(url).pathname.slice(1)) };
}

test('a database from before the first release is refused, whatever is asked of it', async () => {
  const url = await postgres.createDatabase();
  await postgres.query(
    'CREATE TABLE schema_version (version int PRIMARY KEY); INSERT INTO schema_version VALUES (34)',
    new URL(url).pathname.slice(1),
  );
  for (const name of ['check', 'migrate', 'start']) {
    const { code, text } = await command(url, name);
    assert.equal(code, 1, name);
    assert.match(
      text,
      /^The database \S+ was made before the first release .+ Name an empty database in DATABASE_URL/m,
    );
  }
});

test('the command tells what is missing of a database, what is invalid, and that all is whole', async () => {
  const { url, query } = await makeDatabase();
  const run = (name: string) => command(url, name);
  const whole = await run('check');
  assert.match(whole.text, /The database is whole/);
  assert.match(whole.text, /account +0 rows/);
  assert.equal(whole.code, 0);
  await query(
    `DROP TABLE public.nonce; DROP INDEX public.delivery_due;
     ALTER TABLE public.notice DROP COLUMN params;
     UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.delivery_lane'::regclass`,
  );
  const { code, text } = await run('check');
  assert.equal(code, 1);
  assert.match(text, /table nonce is missing/);
  assert.match(text, /index delivery_due is missing/);
  assert.match(text, /column notice\.params is missing/);
  assert.match(text, /index delivery_lane is invalid/);
});

test('the command tells how many rows cannot be read, and how many were kept apart', async () => {
  const { url, query } = await makeDatabase();
  await query(`INSERT INTO account (id, name, created_at, first) VALUES (1, 'First', 0, 1);
    INSERT INTO queue (account_id, name, attributes, created_at, modified_at) VALUES (1, 'a', '{', 0, 0), (1, 'b', '[]', 0, 0), (1, 'c', '{}', 0, 0);
    INSERT INTO unreadable (at, source, reason, account_id, row) VALUES (1700000000000, 'message', 'why', 1, '{"id":1}'), (1800000000000, 'message', 'why', 1, '{"id":2}')`);
  const { code, text } = await command(url, 'check');
  assert.equal(code, 1);
  assert.match(text, /table queue: the JSON of attributes cannot be read in 2 rows/);
  assert.match(text, /2 rows of message are kept apart since 2023-11-14T22:13:20\.000Z/);
  assert.doesNotMatch(text, /table receipt: the JSON/);
});

test('the command has amcheck walk through tables and indexes, and says why where it does not', async () => {
  const { url, query } = await makeDatabase();
  assert.match(
    (await command(url, 'check')).text,
    /Not looked at: .*amcheck is not there \(CREATE EXTENSION/,
  );
  await query('CREATE SCHEMA "Extra"; CREATE EXTENSION amcheck SCHEMA "Extra"');
  await query("INSERT INTO meta (key, value) SELECT 'n' || n, '' FROM generate_series(1, 500) n");
  const whole = await command(url, 'check');
  assert.deepEqual([whole.code, /Not looked at|amcheck/.test(whole.text)], [0, false], whole.text);

  // An index whose order is no more what it was made by, as after an upgrade of the system's collations.
  await query(`CREATE FUNCTION in_order(a text, b text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT bttextcmp(a, b)';
    CREATE OPERATOR CLASS in_order_ops FOR TYPE text USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=,
      OPERATOR 5 >, FUNCTION 1 in_order(text, text);
    CREATE INDEX meta_order ON meta (key in_order_ops);
    CREATE OR REPLACE FUNCTION in_order(a text, b text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT bttextcmp(b, a)'`);
  const damaged = await command(url, 'check');
  assert.equal(damaged.code, 1);
  assert.match(damaged.text, /index meta_order: .*invariant violated/);
  assert.doesNotMatch(damaged.text, /table .*faults|index (?!meta_order)\w+: /);

  // A role that may read everything and call nothing of it has found no damage.
  await query(`DROP INDEX meta_order; CREATE ROLE looker LOGIN PASSWORD 'looker'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker;
    GRANT USAGE ON SCHEMA "Extra" TO looker`);
  const own = new URL(url);
  own.username = own.password = 'looker';
  const refused = await command(own.href, 'check');
  assert.match(refused.text, /Not looked at: .*may not call amcheck \(GRANT EXECUTE/);
  assert.deepEqual([refused.code, /The database is whole/.test(refused.text)], [0, true], refused.text);
});

const signs = [
  ['XX001', /its data are damaged/],
  ['XX002', /an index is damaged/],
  ['58P01', /a file of its own is missing/],
  ['58030', /its disk reported an error/],
  ['42883', /a function is missing/],
] as const;

for (const [sqlState, said] of signs)
  test(`what PostgreSQL says by ${sqlState} is told by answer, readiness, metric, notice and log`, async (t) => {
    const url = await postgres.createDatabase();
    const database = new URL(url).pathname.slice(1);
    const service = await startService({
      dataDir: '/nowhere',
      env: { DATABASE_URL: url, MASTER_KEY: '5c'.repeat(32) },
    });
    t.after(() => service.kill());
    const smq = new SmqClient(service.url, key);
    t.after(() => smq.close());
    assert.equal((await smq.createQueue('orders')).status, 201);
    const get = async (path: string): Promise<string> => {
      const answer = await request(`${service.url}${path}`, { headers: { authorization } });
      return `${answer.statusCode} ${await answer.body.text()}`;
    };
    assert.match(await get('/health/ready'), /^200 .*"ready"/);
    await postgres.query(
      `CREATE FUNCTION public.meet_damage() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'invalid page in block 7' USING ERRCODE = '${sqlState}'; END $$;
       CREATE TRIGGER meet_damage BEFORE INSERT ON public.message FOR EACH ROW EXECUTE FUNCTION public.meet_damage()`,
      database,
    );
    const refused = await smq.send('orders', 'ten apples');
    assert.equal(refused.status, 503);
    assert.match(await get('/health/ready'), /^200 .*"degraded".*store_damaged/);
    const metrics = await get('/metrics');
    assert.match(metrics, /chasqui_store_degraded 1/);
    assert.match(metrics, /chasqui_store_damage_total [1-9]/);
    await waitUntil(
      'the log tells it',
      30_000,
      () => /"level":50.*store\.damaged/.test(service.output()) && said.test(service.output()),
    );
    await waitUntil('the notice is listed', 30_000, async () =>
      (await get('/api/v1/notices')).includes('"store_damaged"'),
    );
    // It is over for calls as soon as it is over.
    await postgres.query('DROP TRIGGER meet_damage ON public.message', database);
    assert.equal((await smq.send('orders', 'ten apples')).status, 201);
  });
