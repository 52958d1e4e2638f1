// A service started on a damaged store, what it says of it, the command that looks, and who may read what is on disk.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { version } from '../../src/runtime/release.ts';
import { createRandom, overwrite } from '../support/damaged.ts';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));
const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-damage-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Checked {
  readonly code: number;
  readonly json: {
    isWhole: boolean;
    damage: string[];
    tables: { table: string; rows: number }[];
    kept: string[];
  };
}

function check(dataDir: string, ...flags: string[]): Promise<Checked> {
  return new Promise((done, fail) => {
    const args = [cli, 'check', '--data-dir', dataDir, '--json', ...flags];
    execFile(process.execPath, args, { env: { PATH: process.env['PATH'] } }, (error, stdout, stderr) => {
      if (stdout === '') fail(new Error(stderr));
      else
        done({ code: error === null ? 0 : Number(error.code), json: JSON.parse(stdout) as Checked['json'] });
    });
  });
}

async function ready(service: Service): Promise<{ status: number; text: string }> {
  const answer = await request(`${service.url}/health/ready`);
  return { status: answer.statusCode, text: await answer.body.text() };
}

/** The codes of the notices that the admin API lists. */
async function notices(service: Service): Promise<string[]> {
  const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
  const answer = await request(`${service.url}/api/v1/notices`, { headers: { authorization } });
  assert.equal(answer.statusCode, 200);
  const { items } = (await answer.body.json()) as { items: { code: string }[] };
  return items.map(({ code }) => code);
}

test('a body that is not what was sent is told by the command, though every page is right', async (t) => {
  const dataDir = newFolder(t);
  const first = await startService({ dataDir });
  t.after(() => first.kill());
  const smq = new SmqClient(first.url, key);
  assert.equal((await smq.createQueue('orders')).status, 201);
  assert.equal((await smq.send('orders', 'ten apples')).status, 201);
  await smq.close();
  assert.equal(await first.stop(), 0);
  const file = join(dataDir, 'chasqui.sqlite');
  const bytes = readFileSync(file);
  const at = bytes.lastIndexOf('ten apples');
  assert.ok(at > 0);
  bytes.write('two', at);
  writeFileSync(file, bytes);
  const { code, json } = await check(dataDir);
  assert.equal(code, 1);
  assert.deepEqual(json.damage, ['table message: 1 bodies are not what was sent']);
});

test('damage is told by readiness, metric, notice, log and command, and is over when the kept file is taken away', async (t) => {
  const dataDir = newFolder(t);
  const first = await startService({ dataDir });
  t.after(() => first.kill());
  const smq = new SmqClient(first.url, key);
  assert.equal((await smq.createQueue('orders')).status, 201);
  const bodies = Array.from({ length: 200 }, (_, n) => `message ${n} ${'x'.repeat(1500)}`);
  await Promise.all(bodies.map(async (body) => assert.equal((await smq.send('orders', body)).status, 201)));
  const inUse = await check(dataDir);
  assert.equal(inUse.code, 0);
  assert.equal(inUse.json.tables.find(({ table }) => table === 'message')?.rows, bodies.length);
  await smq.close();
  assert.equal(await first.stop(), 0);

  const file = join(dataDir, 'chasqui.sqlite');
  overwrite(file, Math.floor(statSync(file).size * 0.7), 65_536, createRandom(9));
  const damaged = await check(dataDir);
  assert.equal(damaged.code, 1);
  assert.ok(damaged.json.damage.length > 0);

  const second = await startService({ dataDir });
  t.after(() => second.kill());
  const { status, text } = await ready(second);
  const kept = readdirSync(dataDir).filter((name) => name.includes('.damaged-'));
  assert.equal(kept.length, 1);
  assert.deepEqual(
    [status, JSON.parse(text)],
    [200, { status: 'degraded', version, reason: 'store_damaged', kept }],
  );
  const metrics = await (await request(`${second.url}/metrics`)).body.text();
  assert.match(metrics, /chasqui_store_degraded 1/);
  assert.match(metrics, /chasqui_store_damage_total [1-9]/);
  for (const told of [/"level":50.*store\.damaged/, /"code":"store_damaged"/])
    await waitUntil(`the log has ${String(told)}`, 30_000, () => told.test(second.output()));
  // As a person sees it, who looks into the console.
  await waitUntil('the notice is listed', 30_000, async () =>
    (await notices(second)).includes('store_damaged'),
  );
  const client = new SmqClient(second.url, key);
  const got: string[] = [];
  for (
    let batch = await client.receive('orders', 0);
    batch.length > 0;
    batch = await client.receive('orders', 0)
  )
    got.push(...batch.map(({ body }) => body));
  // At most 17 pages of two or three messages each.
  assert.ok(got.length >= bodies.length - 17 * 3, `${got.length} of ${bodies.length}`);
  assert.equal((await client.send('orders', 'after')).status, 201);
  await client.close();
  for (const name of kept) rmSync(join(dataDir, name));
  assert.equal(await second.stop(), 0);
  const third = await startService({ dataDir });
  t.after(() => third.kill());
  assert.deepEqual(JSON.parse((await ready(third)).text), { status: 'ready', version });
  assert.equal(await third.stop(), 0);
});

test('an empty or missing store beside its key, and a store without its key, are refused in words', async (t) => {
  const dataDir = newFolder(t);
  const first = await startService({ dataDir });
  assert.equal(await first.stop(), 0);
  const moved = `${newFolder(t)}/moved`;
  cpSync(dataDir, moved, { recursive: true });

  rmSync(join(dataDir, 'chasqui.sqlite'));
  await assert.rejects(
    startService({ dataDir }),
    /holds master\.key of a store, but no chasqui\.sqlite.*CHASQUI_NEW_STORE/s,
  );
  writeFileSync(join(dataDir, 'chasqui.sqlite'), '');
  await assert.rejects(startService({ dataDir }), /an empty chasqui\.sqlite/);
  const anew = await startService({ dataDir, env: { CHASQUI_NEW_STORE: 'true' } });
  assert.equal(await anew.stop(), 0);

  const elsewhere = await startService({ dataDir: moved });
  assert.equal(await elsewhere.stop(), 0);
  rmSync(join(moved, 'master.key'));
  await assert.rejects(startService({ dataDir: moved }), /master\.key, which opens its secrets, is not/);
  assert.ok(!readdirSync(moved).some((name) => name.startsWith('master.key')), 'no other key is made');
});

test('what is kept is its owner’s alone, whatever the umask, and also what was there before', async (t) => {
  const dataDir = join(newFolder(t), 'data');
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const first = await startService({ dataDir });
  t.after(() => first.kill());
  assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  assert.equal(await first.stop(), 0);
  mkdirSync(join(dataDir, 'media', 'ab'), { recursive: true });
  writeFileSync(join(dataDir, 'media', 'ab', `ab${'0'.repeat(30)}`), 'a picture');
  for (const name of ['chasqui.sqlite', 'master.key']) chmodSync(join(dataDir, name), 0o644);
  chmodSync(dataDir, 0o755);

  const second = await startService({ dataDir });
  t.after(() => second.kill());
  const smq = new SmqClient(second.url, key);
  assert.equal((await smq.createQueue('orders')).status, 201);
  await smq.close();
  const copy = join(dataDir, '..', 'copy');
  mkdirSync(copy, { mode: 0o755 });
  await new Promise<void>((done, fail) => {
    const args = [cli, 'backup', copy, '--data-dir', dataDir];
    execFile(process.execPath, args, { env: { PATH: process.env['PATH'] } }, (error, stdout) => {
      if (error !== null) fail(new Error(error.message));
      else assert.match(stdout, /Other users of this machine may look into/);
      done();
    });
  });
  for (const folder of [dataDir, copy])
    for (const name of readdirSync(folder, { recursive: true }).map(String)) {
      const found = statSync(join(folder, name));
      const at = `${folder}/${name}`;
      assert.equal(found.mode & 0o077, 0, `${at} is ${(found.mode & 0o777).toString(8)}`);
    }
  for (const told of [/"mode":"755".*data\.exposed/, /"code":"data_exposed"/])
    await waitUntil(`the log has ${String(told)}`, 30_000, () => told.test(second.output()));
  assert.equal(await second.stop(), 0);
});

test('a start that saves a damaged store answers health meanwhile and refuses the rest', async (t) => {
  const dataDir = newFolder(t);
  const first = await startService({ dataDir });
  t.after(() => first.kill());
  assert.equal(await first.stop(), 0);
  const file = join(dataDir, 'chasqui.sqlite');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA synchronous = OFF; BEGIN');
  const insert = db.prepare(
    "INSERT INTO raw_event (id, account_id, channel_id, received_at, packed, body) VALUES (?, 1, 'wa', 0, 0, ?)",
  );
  const body = Buffer.alloc(1024 * 1024, 7);
  for (let id = 1; id <= 10; id += 1) insert.run(id, body);
  db.exec('COMMIT');
  db.close();
  const head = Buffer.alloc(65_536, 0xa5);
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, head, 0, head.byteLength, 4096 * Math.floor((statSync(file).size * 0.6) / 4096));
  closeSync(descriptor);

  const port = await findFreePort();
  const go = join(dataDir, 'go');
  const starting = startService({
    dataDir,
    port,
    nodeArgs: ['--import', new URL('../support/held-threads.ts', import.meta.url).href],
    env: { CHASQUI_CHECK_AT_START: 'full', HOLD_UNTIL: go },
  });
  t.after(async () => (await starting).kill());
  const look = async (path: string): Promise<string> => {
    try {
      const answer = await request(`http://127.0.0.1:${port}${path}`);
      return `${answer.statusCode} ${String(answer.headers['retry-after'])} ${await answer.body.text()}`;
    } catch {
      // Nobody listens yet.
      return '';
    }
  };
  const seen = { live: '', ready: '', other: '' };
  await waitUntil('health is answered', 60_000, async () => {
    const [live, ready, other] = await Promise.all(['/health/live', '/health/ready', '/queues/a'].map(look));
    Object.assign(seen, { live, ready, other });
    return seen.live !== '' && seen.ready !== '' && seen.other !== '';
  });
  assert.match(seen.live, /^200 .*live/);
  assert.match(seen.ready, /^503 .*not ready.*is being saved/);
  assert.match(seen.other, /^503 1 .*store_unavailable/);
  writeFileSync(go, '');
  const second = await starting;
  assert.match((await ready(second)).text, /degraded/);
  assert.equal(await second.stop(), 0);
});
