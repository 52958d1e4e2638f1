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

const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;

let postgres: Postgres;
before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(() => postgres.close());

test('the command tells what is missing of a database, what is invalid, and that all is whole', async () => {
  const url = await postgres.createDatabase();
  const database = new URL(url).pathname.slice(1);
  const run = async (command: string): Promise<{ code: number; text: string }> => {
    const env = { PATH: process.env['PATH'], DATABASE_URL: url, MASTER_KEY: '5c'.repeat(32) };
    const child = spawn(process.execPath, [cli, command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, text };
  };
  assert.equal((await run('migrate')).code, 0);
  const whole = await run('check');
  assert.match(whole.text, /The database is whole/);
  assert.match(whole.text, /account +0 rows/);
  assert.equal(whole.code, 0);
  await postgres.query(
    `DROP TABLE public.nonce; DROP INDEX public.delivery_due;
     ALTER TABLE public.notice DROP COLUMN params;
     UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.delivery_lane'::regclass`,
    database,
  );
  const { code, text } = await run('check');
  assert.equal(code, 1);
  assert.match(text, /table nonce is missing/);
  assert.match(text, /index delivery_due is missing/);
  assert.match(text, /column notice\.params is missing/);
  assert.match(text, /index delivery_lane is invalid/);
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
    assert.match(service.output(), /"level":50.*store\.damaged/);
    assert.match(service.output(), said);
    await waitUntil('the notice is listed', 30_000, async () =>
      (await get('/api/v1/notices')).includes('"store_damaged"'),
    );
    // It is over for calls as soon as it is over.
    await postgres.query('DROP TRIGGER meet_damage ON public.message', database);
    assert.equal((await smq.send('orders', 'ten apples')).status, 201);
  });
