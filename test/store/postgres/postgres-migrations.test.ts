// How a database gets its schema, which ones are refused for theirs, and nodes of two versions on one: the older goes on while the newer
// one has added things, and does not start on them.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import pg from 'pg';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { checkDatabase } from '../../../src/store/postgres/check.ts';
import { bringUpToDate } from '../../../src/store/postgres/schema.ts';
import { mendDatabaseTimes } from '../../../src/store/postgres/times.ts';
import { createSeal } from '../../../src/store/seal.ts';
import { readMigrations } from '../../../src/store/migrations.ts';
import type { Store } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { claim, settle } from '../contract/delivery-fixture.ts';
import { destinationOf, inbound, queueOf, record, withStore } from '../contract/fixture.ts';
import { machineTime } from '../../../src/runtime/clock.ts';
import type { Time } from '../../../src/runtime/clock.ts';

let postgres: Postgres;
let url: string;

before(async () => {
  postgres = await openPostgres({ durable: false });
  url = await postgres.createDatabase();
});
after(() => postgres.close());

async function open(time: Time): Promise<Store> {
  const options = { masterKey: Buffer.alloc(32, 7), emit: () => undefined, maxConnections: 3 };
  return (await openPostgresStore({ url, time, machine: machineTime, ...options })).store;
}

const newest = readMigrations('postgres').at(-1)?.version ?? 0;

it(
  'a node goes on while a newer version adds columns and tables, and the next start of its own version says why it will not',
  withStore(open, async (fixture) => {
    const { store, clock } = fixture;
    const database = new URL(url).pathname.slice(1);
    const { id: destinationId } = await destinationOf(fixture);
    const queue = await queueOf(fixture);
    await record(fixture, inbound(fixture, 'before', { destinationId }));
    // Statements are prepared once a connection, and one whose answer would get another column fails for good.
    const lookAtAll = async (): Promise<void> => {
      const { accountId } = fixture;
      for (let connection = 0; connection < 4; connection += 1) {
        await store.findQueue(accountId, queue.name);
        await store.listQueues(accountId, '', '', 10);
        await store.peekMessages(queue, 1, clock.now());
        await store.receiveMessages(queue, 1, clock.now());
        await store.listReceipts(accountId, {}, { limit: 1 });
        await store.listDeliveries(accountId, {}, { limit: 1 });
        await store.listDestinations(accountId);
        await store.findDestination(accountId, destinationId);
        await store.listOutbound(accountId, {}, { limit: 1 });
        await store.listChannels(accountId);
        await store.findChannel(fixture.channelId);
        await store.listSenders(accountId, fixture.channelId);
      }
    };
    await lookAtAll();
    const tables = [
      'raw_event',
      'receipt',
      'delivery',
      'message',
      'queue',
      'destination',
      'outbound',
      'channel',
    ];
    for (const table of tables)
      await postgres.query(
        `ALTER TABLE ${table} ADD COLUMN of_the_future text NOT NULL DEFAULT ''`,
        database,
      );
    await postgres.query('CREATE TABLE thing_of_the_future (id bigint PRIMARY KEY)', database);
    await postgres.query(
      `INSERT INTO schema_version (version, name) VALUES (${newest + 1}, 'of the future')`,
      database,
    );

    await lookAtAll();
    await record(fixture, inbound(fixture, 'after', { destinationId }));
    const batches = await claim(fixture, destinationId);
    assert.equal(batches.length, 2);
    await settle(fixture, batches, { kind: 'done' });
    await store.sendMessages(queue, [{ body: 'x', priority: 8 }], clock.now());
    const [message] = await store.receiveMessages(queue, 1, clock.now());
    assert.deepEqual(await store.deleteMessages(queue, [message?.handle ?? ''], clock.now()), [null]);
    assert.equal((await store.listReceipts(fixture.accountId, {}, { limit: 10 })).items.length, 2);

    await assert.rejects(open(clock), {
      code: 'schema_too_new',
      message: `The store has schema ${newest + 1}; this version of Chasqui knows up to ${newest}. Run the version that wrote it, or a newer one, or go back to a copy from before the upgrade (docs/upgrading.md).`,
    });
  }),
);

it('nodes that start at once on an empty database make the schema once', async () => {
  url = await postgres.createDatabase();
  const stores = await Promise.all(Array.from({ length: 4 }, () => open(machineTime)));
  const [row] = await postgres.query(
    'SELECT count(*)::int AS count FROM schema_version',
    new URL(url).pathname.slice(1),
  );
  assert.equal(row?.['count'], newest);
  await Promise.all(stores.map((store) => store.close()));
});

it('each migration is applied once and in order, and wholly or not at all', async () => {
  const own = await postgres.createDatabase();
  const pool = new pg.Pool({ connectionString: own, max: 1 });
  const steps = [
    'CREATE TABLE tree (id int); INSERT INTO tree VALUES (7)',
    'ALTER TABLE tree ADD COLUMN height int NOT NULL DEFAULT 3',
    'UPDATE tree SET height = height + 1',
  ].map((sql, index) => ({ version: index + 1, name: `00${index + 1}_tree.sql`, sql }));
  const [first, second] = steps;
  assert.ok(first !== undefined && second !== undefined);
  const look = async (): Promise<unknown> => (await pool.query('SELECT * FROM tree')).rows;
  try {
    const failing = { ...second, sql: `${second.sql}; SELECT * FROM forest` };
    await assert.rejects(bringUpToDate(pool, [first, failing]), /relation "forest" does not exist/);
    assert.deepEqual(await look(), [{ id: 7 }]);
    await bringUpToDate(pool, steps);
    await bringUpToDate(pool, steps);
    assert.deepEqual(await look(), [{ id: 7, height: 4 }]);
    const { rows } = await pool.query('SELECT version, name FROM schema_version ORDER BY version');
    assert.deepEqual(
      rows,
      steps.map(({ version, name }) => ({ version, name })),
    );
    await assert.rejects(bringUpToDate(pool, [first]), { code: 'schema_too_new' });
  } finally {
    await pool.end();
  }
});

it('a schema is not brought up to date by whoever has another master key', async () => {
  url = await postgres.createDatabase();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const version = async (): Promise<unknown> =>
    (await pool.query<{ version: number }>('SELECT max(version) AS version FROM schema_version')).rows[0]
      ?.version;
  try {
    await bringUpToDate(pool, readMigrations('postgres').slice(0, -1));
    await pool.query("INSERT INTO meta (key, value) VALUES ('seal', $1)", [
      createSeal(Buffer.alloc(32, 8)).seal('chasqui'),
    ]);
    await assert.rejects(open(machineTime), { code: 'wrong_master_key' });
    assert.equal(await version(), newest - 1);
    await pool.query("UPDATE meta SET value = $1 WHERE key = 'seal'", [
      createSeal(Buffer.alloc(32, 7)).seal('chasqui'),
    ]);
    await (await open(machineTime)).close();
    assert.equal(await version(), newest);
  } finally {
    await pool.end();
  }
});

it('a database from before the first release is refused with what to do, and left as it is', async () => {
  url = await postgres.createDatabase();
  const database = new URL(url).pathname.slice(1);
  await postgres.query(
    `CREATE TABLE schema_version (version int PRIMARY KEY); INSERT INTO schema_version SELECT generate_series(1, 34);
     CREATE TABLE destination_hold (account_id bigint)`,
    database,
  );
  const refusal = {
    code: 'schema_too_old',
    message:
      `The database ${database} was made before the first release of Chasqui, by a version whose data no release reads. ` +
      'Name an empty database in DATABASE_URL to begin anew; the one that is there stays as it is.',
  };
  await assert.rejects(open(machineTime), refusal);
  await assert.rejects(checkDatabase(url), refusal);
  await assert.rejects(mendDatabaseTimes(url), refusal);
  const tables =
    "SELECT count(*)::int AS count FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
  assert.deepEqual(await postgres.query(tables, database), [{ count: 2 }]);
});
