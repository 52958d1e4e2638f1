// What a server, a pooler, an operator or a network does to nodes, and that they are as before when it is over.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { letPollBegin, pause } from '../support/pace.ts';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { openPostgresStore } from '../../src/store/postgres/adapter.ts';
import { openClient, prepareSession } from '../../src/store/postgres/session.ts';
import { triggers } from '../../src/store/upkeep/postgres.ts';
import { findFreePort, waitUntil } from '../support/service.ts';
import { openBed, subscribe } from './bed.ts';
import type { Bed } from './bed.ts';
import { machineTime } from '../../src/runtime/clock.ts';

/** PgBouncer refuses to run as root, so root runs it as nobody. */
const nobody = 65534;
/** `CHASQUI_DATABASE_CONNECTIONS` as it is when nobody sets it, and one to listen. */
const connectionsOfNode = 11;
const own = "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'chasqui'";

describe('a name that leads to a standby for a while', () => {
  let bed: Bed;
  let standby: Postgres;

  before(async () => {
    bed = await openBed({
      count: 2,
      postgres: {
        settings: { wal_level: 'replica', archive_mode: 'on', archive_command: 'cp %p {folder}/%f' },
      },
    });
    await subscribe(bed.node(0));
    const base = join(bed.postgres.folder, 'base');
    await bed.postgres.copyBase(base);
    await bed.postgres.query('SELECT pg_switch_wal()');
    standby = await openPostgres({
      durable: false,
      base,
      standby: true,
      settings: { restore_command: `cp ${bed.postgres.folder}/%f %p`, hot_standby: 'on' },
    });
  });
  after(async () => {
    await standby.close();
    await bed.close();
  });

  it('is away for exactly that long, and no connection is left there', async () => {
    const countThere = async (): Promise<number> => Number((await standby.query(own))[0]?.['count']);
    for (const { proxy } of bed.nodes) {
      proxy.pointTo(standby.port);
      proxy.cut();
    }
    let most = 0;
    for (let n = 0; n < 20; n += 1) {
      assert.equal((await bed.node(n).postStatus(`away.${n}`, 'sent')).status, 503);
      most = Math.max(most, await countThere());
      await pause(200, 'connections are counted over seconds');
    }
    // Each node tries one at a time to listen, and one for each request under way.
    assert.ok(most <= 6, `${most} connections`);
    assert.equal(await bed.node(0).isReady(), false);
    for (const { proxy } of bed.nodes) proxy.pointTo(bed.postgres.port);
    for (const node of bed.nodes) {
      assert.equal((await node.postStatus(`back.${node.proxy.port}`, 'sent')).status, 201);
      await waitUntil('it is ready', 3000, () => node.isReady());
    }
    await waitUntil('nothing is left there', 5000, async () => (await countThere()) === 0);
  });

  it('is left as soon as the server takes no writes any more, though its connections stay', async () => {
    const { database } = bed;
    await bed.postgres.query(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
    // Sessions that are open find out at their next transaction, as when a server is demoted under them.
    for (const { proxy } of bed.nodes) proxy.cut();
    await waitUntil(
      'it refuses',
      5000,
      async () => (await bed.node(0).postStatus('ro', 'sent')).status === 503,
    );
    await bed.postgres.query(`ALTER DATABASE ${database} RESET default_transaction_read_only`);
    for (const node of bed.nodes)
      assert.equal((await node.postStatus(`rw.${node.proxy.port}`, 'sent')).status, 201);
  });

  it('is left while a reload has made its server read-only, and used again as soon as another takes that back', async () => {
    const countHere = async (): Promise<number> => Number((await bed.postgres.query(own))[0]?.['count']);
    const reload = async (change: string): Promise<void> => {
      await bed.postgres.query(`ALTER SYSTEM ${change}`);
      await bed.postgres.query('SELECT pg_reload_conf()');
    };
    await reload('SET default_transaction_read_only = on');
    for (const node of bed.nodes) {
      const refuses = async () => (await node.postStatus('reloaded', 'sent')).status === 503;
      await waitUntil('it refuses', 5000, refuses);
      await waitUntil('it is not ready', 5000, async () => !(await node.isReady()));
      for (let n = 0; n < 40; n += 1) assert.ok(await refuses());
    }
    await reload('RESET default_transaction_read_only');
    for (const node of bed.nodes) {
      const takes = async () => (await node.postStatus(`again.${node.proxy.port}`, 'sent')).status === 201;
      await waitUntil('it takes it', 3000, takes);
      await waitUntil('it is ready', 3000, () => node.isReady());
      for (let n = 0; n < 20; n += 1) assert.ok(await takes());
    }
    // As many as a node may have at once, and no more for each refusal.
    const most = bed.nodes.length * connectionsOfNode;
    const count = await countHere();
    assert.ok(count <= most, `${count} connections, at most ${most}`);
  });

  it('is used as soon as it is promoted, and no connection is left at the server before it', async () => {
    for (const { proxy } of bed.nodes) {
      proxy.pointTo(standby.port);
      proxy.cut();
    }
    for (const node of bed.nodes) assert.equal((await node.postStatus('waits', 'sent')).status, 503);
    assert.deepEqual(await standby.query('SELECT pg_promote() AS done'), [{ done: true }]);
    for (const node of bed.nodes) {
      assert.equal((await node.postStatus(`promoted.${node.proxy.port}`, 'sent')).status, 201);
      await waitUntil('it is ready', 3000, () => node.isReady());
    }
    const countBefore = async (): Promise<number> => Number((await bed.postgres.query(own))[0]?.['count']);
    await waitUntil('nothing is left there', 5000, async () => (await countBefore()) === 0);
  });
});

describe('a network', () => {
  let bed: Bed;

  before(async () => {
    bed = await openBed({ count: 2 });
    await subscribe(bed.node(0));
    assert.equal((await bed.node(0).smq.createQueue('quiet')).status, 201);
  });
  after(() => bed.close());

  const wake = async (body: string): Promise<number> => {
    const waiting = bed.node(1).smq.receive('quiet', 25);
    await letPollBegin();
    const sentAt = performance.now();
    assert.equal((await bed.node(0).smq.send('quiet', body)).status, 201);
    const [message] = await waiting;
    assert.equal(message?.body, body);
    assert.equal((await bed.node(0).smq.delete('quiet', message.handle)).status, 204);
    return performance.now() - sentAt;
  };

  it('that drops every connection without a word is noticed, and wake-ups come as before within seconds', async () => {
    assert.ok((await wake('before')) < 3000);
    bed.node(1).proxy.silence();
    await pause(7000, 'a ping is sent every 2 s and given up after 3 s');
    for (const body of ['after', 'again']) assert.ok((await wake(body)) < 3000);
    const postedAt = performance.now();
    assert.equal((await bed.node(1).postStatus('after', 'sent')).status, 201);
    assert.ok(performance.now() - postedAt < 3000);
  });

  it('that drops them in the middle of work costs a request the limit of a call, and the next one nothing', async () => {
    assert.equal((await bed.node(1).postStatus('warm', 'sent')).status, 201);
    bed.node(1).proxy.silence();
    const postedAt = performance.now();
    const { status } = await bed.node(1).postStatus('silent', 'sent');
    assert.ok(status === 201 || status === 503, String(status));
    assert.ok(performance.now() - postedAt < 9000, `${performance.now() - postedAt} ms`);
    assert.equal((await bed.node(1).postStatus('silent', 'sent')).status, 201);
  });
});

describe('what an operator has set', () => {
  let bed: Bed;

  before(async () => {
    bed = await openBed({ count: 1 });
    await subscribe(bed.node(0), 'http://127.0.0.1:9/');
  });
  after(() => bed.close());

  it('for a role or a database does not reach the sessions of the service', async () => {
    const { database, postgres } = bed;
    const settings = [
      'search_path = nowhere',
      'standard_conforming_strings = off',
      "bytea_output = 'escape'",
      "DateStyle = 'SQL, DMY'",
      "TimeZone = 'Asia/Kathmandu'",
      'extra_float_digits = -15',
      "statement_timeout = '1s'",
      "lock_timeout = '10ms'",
      'idle_session_timeout = 1000',
      "default_transaction_isolation = 'serializable'",
      'enable_indexscan = off',
      'array_nulls = off',
      'transform_null_equals = on',
      "IntervalStyle = 'sql_standard'",
      'session_replication_role = replica',
      'synchronous_commit = off',
      'exit_on_error = on',
    ];
    for (const setting of settings)
      await postgres.query(`ALTER ROLE postgres IN DATABASE ${database} SET ${setting}`);
    bed.node(0).proxy.cut();
    await waitUntil('it listens again', 5000, () => bed.node(0).isReady());
    await pause(1100, 'what was asked a moment ago is not asked again');
    const ready = await bed.node(0).call('GET', '/health/ready');
    assert.equal(ready.status, 200, ready.text);
    for (const status of ['sent', 'delivered', 'read'])
      assert.equal((await bed.node(0).postStatus('set', status)).status, 201);
    assert.equal((await bed.node(0).smq.createQueue('set')).status, 201);
    const waiting = bed.node(0).smq.receive('set', 10);
    await pause(1500, 'sessions are idle for longer than they were to be');
    assert.equal((await bed.node(0).smq.send('set', 'body')).status, 201);
    assert.equal((await waiting)[0]?.body, 'body');
  });

  it('as triggers that do not run makes a node not ready, which says so, and nothing is taken on where no session runs them', async () => {
    const { database, postgres } = bed;
    const ready = async (): Promise<string> => (await bed.node(0).call('GET', '/health/ready')).text;
    const admin = (sql: string) =>
      postgres.query(
        `SET statement_timeout = 0; SET lock_timeout = 0; SET search_path = public; ${sql}`,
        database,
      );
    const all = await postgres.query('SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal', database);
    assert.deepEqual(all.map(({ tgname }) => tgname).toSorted(), triggers.toSorted());
    await admin('ALTER TABLE outbound DISABLE TRIGGER fallback_armed');
    await waitUntil('it says so', 5000, async () => (await ready()).includes('switched off on outbound'));
    await admin('ALTER TABLE outbound ENABLE TRIGGER fallback_armed');
    await waitUntil('it is ready again', 5000, () => bed.node(0).isReady());

    // A role that may not set it, as any that is not a superuser's, has to take what the server says.
    await postgres.query('CREATE ROLE plain LOGIN');
    await postgres.query('GRANT pg_read_all_data, pg_write_all_data TO plain');
    await postgres.query('ALTER ROLE plain SET session_replication_role = replica');
    const url = new URL(postgres.url(database));
    url.username = 'plain';
    const client = openClient(url.href);
    await client.client.connect();
    try {
      await assert.rejects(prepareSession(client.client, 'public'), /session_replication_role is replica/);
      await postgres.query('ALTER ROLE plain RESET session_replication_role');
    } finally {
      await client.client.end();
    }
  });

  it('as a lock on a table is answered with 503 well within the time that channels wait', async () => {
    const client = new pg.Client(bed.postgres.url(bed.database));
    await client.connect();
    await client.query(
      'RESET ALL; SET search_path = public; SET statement_timeout = 0; SET lock_timeout = 0',
    );
    await client.query('BEGIN; LOCK TABLE receipt IN ACCESS EXCLUSIVE MODE');
    try {
      const postedAt = performance.now();
      const posts = Array.from({ length: 12 }, (_, n) => bed.node(0).postStatus(`locked.${n}`, 'sent'));
      for (const { status } of await Promise.all(posts)) assert.equal(status, 503);
      assert.ok(performance.now() - postedAt < 9000, `${performance.now() - postedAt} ms`);
    } finally {
      await client.query('ROLLBACK');
      await client.end();
    }
    assert.equal((await bed.node(0).postStatus('unlocked', 'sent')).status, 201);
  });

  it('as a lock on any table that intake writes to makes a node not ready for as long', async () => {
    const client = new pg.Client(bed.postgres.url(bed.database));
    await client.connect();
    await client.query(
      'RESET ALL; SET search_path = public; SET statement_timeout = 0; SET lock_timeout = 0',
    );
    const locks = [
      // As making an index does.
      ['delivery', 'SHARE'],
      ['message', 'SHARE'],
      ['queue', 'ACCESS EXCLUSIVE'],
    ] as const;
    try {
      for (const [table, mode] of locks) {
        await client.query(`BEGIN; LOCK TABLE ${table} IN ${mode} MODE`);
        await waitUntil(`it is not ready by ${table}`, 10_000, async () => !(await bed.node(0).isReady()));
        assert.equal((await bed.node(0).postStatus(`locked.${table}`, 'sent')).status, 503, table);
        await client.query('ROLLBACK');
        await waitUntil('it is ready again', 10_000, () => bed.node(0).isReady());
      }
    } finally {
      await client.end();
    }
  });

  it('as a database that lets nobody in is told by its name, and over when it does again', async () => {
    const { database, postgres } = bed;
    await postgres.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
    try {
      bed.node(0).proxy.cut();
      // A post on a connection that was just cut is told that it is cut; the next one needs a new connection.
      await waitUntil('it says why', 5000, async () => {
        const refused = await bed.node(0).postStatus('shut', 'sent');
        assert.equal(refused.status, 503, refused.text);
        return refused.text.includes('it takes no connections');
      });
      await waitUntil('it is not ready', 5000, async () => !(await bed.node(0).isReady()));
      assert.match((await bed.node(0).call('GET', '/health/ready')).text, /it takes no connections/);
    } finally {
      await postgres.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`);
    }
    assert.equal((await bed.node(0).postStatus('open', 'sent')).status, 201);
    await waitUntil('it is ready again', 5000, () => bed.node(0).isReady());
    const cases = [
      ['nobody', database, /does not let this role in/],
      ['postgres', 'nowhere', /no database of that name/],
    ] as const;
    for (const [user, name, told] of cases) {
      const url = new URL(postgres.url(name));
      url.username = user;
      const options = {
        url: url.href,
        masterKey: Buffer.alloc(32, 7),
        machine: machineTime,
        emit: () => undefined,
      };
      await assert.rejects(openPostgresStore(options), { code: 'store_unavailable', message: told });
    }
  });

  it('as a schema that intake cannot use makes a node not ready', async () => {
    const admin = async (sql: string): Promise<void> => {
      await bed.postgres.query(
        `SET statement_timeout = 0; SET lock_timeout = 0; SET search_path = public; ${sql}`,
        bed.database,
      );
    };
    await admin('ALTER TABLE raw_event RENAME TO raw_event_gone');
    await waitUntil('it is not ready', 5000, async () => !(await bed.node(0).isReady()));
    await admin('ALTER TABLE raw_event_gone RENAME TO raw_event');
    await waitUntil('it is ready again', 5000, () => bed.node(0).isReady());
  });
});

/** Debian keeps it where only root looks by itself. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
const hasPooler = spawnSync('pgbouncer', ['--version'], { env }).status === 0;
const skip = hasPooler ? false : 'pgbouncer is not installed';

for (const mode of ['transaction', 'statement'] as const)
  it(
    `PgBouncer in ${mode} mode is refused in words when a node starts, and leaves nothing behind`,
    { skip },
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'chasqui-pooler-'));
      const postgres = await openPostgres({ durable: false });
      t.after(() => postgres.close());
      const url = new URL(await postgres.createDatabase());
      const database = url.pathname.slice(1);
      const port = await findFreePort();
      const pooler = startPooler(folder, port, postgres.port, mode);
      t.after(() => {
        pooler.kill();
        rmSync(folder, { recursive: true, force: true });
      });
      url.port = String(port);
      const options = {
        url: url.href,
        masterKey: Buffer.alloc(32, 7),
        machine: machineTime,
        emit: () => undefined,
      };
      const refusal = (): Promise<string> =>
        openPostgresStore(options).then(
          () => 'opened',
          (error: unknown) => (error as Error).message,
        );
      await waitUntil(
        'the pooler listens',
        10_000,
        async () => !(await refusal()).includes('cannot be reached'),
      );
      assert.match(await refusal(), /share its sessions\. A pooler has to be in session mode/);
      const [tables] = await postgres.query(
        'SELECT count(*)::int AS count FROM pg_tables WHERE schemaname = $$public$$',
        database,
      );
      assert.equal(tables?.['count'], 0);
    },
  );

it('PgBouncer in session mode passes sessions on as they are', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-pooler-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const bed = await openBed({
    count: 2,
    through: async (postgres) => {
      const port = await findFreePort();
      const pooler = startPooler(folder, port, postgres.port, 'session');
      t.after(() => pooler.kill());
      return port;
    },
  });
  t.after(() => bed.close());
  await subscribe(bed.node(0));
  assert.equal((await bed.node(1).postStatus('pooled', 'sent')).status, 201);
  assert.equal((await bed.node(0).smq.createQueue('pooled')).status, 201);
  const waiting = bed.node(1).smq.receive('pooled', 20);
  await letPollBegin();
  const sentAt = performance.now();
  assert.equal((await bed.node(0).smq.send('pooled', 'body')).status, 201);
  assert.equal((await waiting)[0]?.body, 'body');
  // By a notification, not by the look that comes every 15 s.
  assert.ok(performance.now() - sentAt < 5000);

  // What a node has prepared and locked ends with it, though the pooler gives its sessions to others.
  const sessions = async () =>
    (await bed.postgres.query("SELECT pid FROM pg_stat_activity WHERE datname LIKE 'test_%'")).map(
      ({ pid }) => pid,
    );
  const before = new Set(await sessions());
  await bed.restart(1);
  for (let n = 0; n < 20; n += 1) {
    const statuses = ['sent', 'delivered', 'read'].map((status) =>
      bed.node(1).postStatus(`pooled.${n}`, status),
    );
    for (const { status } of await Promise.all(statuses)) assert.equal(status, 201);
  }
  assert.ok((await sessions()).some((pid) => before.has(pid)));
});

it('nodes that start at once behind PgBouncer in session mode wait for each other', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-pooler-'));
  const postgres = await openPostgres({ durable: false });
  t.after(() => postgres.close());
  const url = new URL(await postgres.createDatabase());
  const port = await findFreePort();
  const pooler = startPooler(folder, port, postgres.port, 'session');
  t.after(() => {
    pooler.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  const straight = url.href;
  url.port = String(port);
  const open = (address: string) =>
    openPostgresStore({
      url: address,
      masterKey: Buffer.alloc(32, 7),
      machine: machineTime,
      emit: () => undefined,
    });
  await waitUntil('the pooler listens', 10_000, async () => {
    const { client } = openClient(new URL('/postgres', url.href).href);
    client.on('error', () => undefined);
    return client.connect().then(
      async () => {
        await client.end();
        return true;
      },
      () => false,
    );
  });
  const opened = await Promise.all([open(url.href), open(url.href), open(straight)]);
  const locks = await postgres.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'");
  for (const { store } of opened) await store.close();
  assert.deepEqual(locks, []);
});

function startPooler(folder: string, port: number, target: number, mode: string): ChildProcess {
  const file = join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    // Connections of any user go on as that of the test server.
    `* = host=127.0.0.1 port=${target} user=postgres`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${mode}`,
    'default_pool_size = 60',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  return spawn('pgbouncer', [file], {
    stdio: 'ignore',
    env,
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  });
}
