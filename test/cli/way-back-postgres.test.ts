// An operator's way back in on a database that nodes share.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { callAs, callCommand, readWith, signIn } from '../support/operator-commands.ts';
import { startService } from '../support/service.ts';
import type { Service } from '../support/service.ts';

const MASTER_KEY = '5c'.repeat(32);
const newPassword = 'another horse battery';
let postgres: Postgres;
let env: Record<string, string>;
let nodes: Service[];

before(async () => {
  postgres = await openPostgres({ durable: false });
  env = { DATABASE_URL: await postgres.createDatabase(), MASTER_KEY };
  const node = () => startService({ dataDir: '/nowhere', env });
  nodes = [await node(), await node()];
});
after(async () => {
  for (const node of nodes) await node.kill();
  await postgres.close();
});

it('a key that is made beside nodes at work is known to each of them, and noted', async () => {
  const { code, stdout, stderr } = await callCommand(['keys', 'create', '--yes', '--json'], env);
  assert.equal(code, 0, stderr);
  const key = JSON.parse(stdout) as { id: string; secret: string };
  for (const { url } of nodes) {
    const { status, json } = await callAs(url, key, '/changes');
    assert.deepEqual([status, json.items?.[0]?.actor], [200, 'system/command-line']);
  }
});

it('a user who is reset is signed in nowhere any more, and comes in by the new password alone', async () => {
  const [one, two] = nodes;
  assert.ok(one && two);
  const made = await callCommand(['keys', 'create', '--yes', '--json'], env);
  const { id: keyId, secret: keySecret } = JSON.parse(made.stdout) as { id: string; secret: string };
  const setup = { keyId, keySecret, name: 'ana', password: 'correct horse battery' };
  assert.equal((await signIn(one.url, setup, '/session/setup')).status, 201);
  const { cookie } = await signIn(one.url, { name: 'ana', password: setup.password });
  assert.equal(await readWith(two.url, cookie), 200);
  const { code, stdout, stderr } = await callCommand(['users', 'reset', 'ana', '--yes', '--json'], env);
  assert.equal(code, 0, stderr);
  for (const { url } of nodes) assert.equal(await readWith(url, cookie), 401);
  const { password } = JSON.parse(stdout) as { password: string };
  assert.equal((await signIn(two.url, { name: 'ana', password })).code, 'password_over');
  assert.equal((await signIn(two.url, { name: 'ana', password, newPassword })).status, 200);
});

it('a database without a store is left without one, and another master key is told', async () => {
  const empty = await postgres.createDatabase();
  const none = await callCommand(['keys', 'create', '--yes'], { DATABASE_URL: empty, MASTER_KEY });
  assert.deepEqual([none.code, /The database holds no store/.test(none.stderr)], [1, true], none.stderr);
  const name = new URL(empty).pathname.slice(1);
  const tables = await postgres.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'", name);
  assert.deepEqual(tables, []);
  const wrong = await callCommand(['keys', 'create', '--yes'], { ...env, MASTER_KEY: '6d'.repeat(32) });
  assert.deepEqual([wrong.code, /MASTER_KEY has to be the one/.test(wrong.stderr)], [1, true], wrong.stderr);
});
