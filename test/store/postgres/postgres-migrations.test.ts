// Nodes of two versions on one database: the older goes on while the newer one has added things, and does not start on them.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { readMigrations } from '../../../src/store/migrations.ts';
import type { Store } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { claim, settle } from '../contract/deliveries.ts';
import { destinationOf, inbound, queueOf, record, withStore } from '../contract/fixture.ts';

let postgres: Postgres;
let url: string;

before(async () => {
  postgres = await openPostgres({ durable: false });
  url = await postgres.createDatabase();
});
after(() => postgres.close());

async function open({ now }: { readonly now: () => number }): Promise<Store> {
  const options = { masterKey: Buffer.alloc(32, 7), emit: () => undefined, maxConnections: 3 };
  return (await openPostgresStore({ url, now, ...options })).store;
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
    await postgres.query(`INSERT INTO schema_version (version) VALUES (${newest + 1})`, database);

    await lookAtAll();
    await record(fixture, inbound(fixture, 'after', { destinationId }));
    const batches = await claim(fixture, destinationId);
    assert.equal(batches.length, 2);
    await settle(fixture, batches, { kind: 'done' });
    await store.sendMessages(queue, [{ body: 'x', priority: 8 }], clock.now());
    const [message] = await store.receiveMessages(queue, 1, clock.now());
    assert.deepEqual(await store.deleteMessages(queue, [message?.handle ?? ''], clock.now()), [null]);
    assert.equal((await store.listReceipts(fixture.accountId, {}, { limit: 10 })).items.length, 2);

    await assert.rejects(open({ now: clock.now }), {
      code: 'schema_too_new',
      message: `The store has schema ${newest + 1}; this version of Chasqui knows up to ${newest}. Run the version that wrote it, or a newer one.`,
    });
  }),
);

it('nodes that start at once on an empty database make the schema once', async () => {
  url = await postgres.createDatabase();
  const stores = await Promise.all(Array.from({ length: 4 }, () => open({ now: Date.now })));
  const [row] = await postgres.query(
    'SELECT count(*)::int AS count FROM schema_version',
    new URL(url).pathname.slice(1),
  );
  assert.equal(row?.['count'], newest);
  await Promise.all(stores.map((store) => store.close()));
});
