// What made PostgreSQL slow for others, and would show in the blocks that a call touches: figures that do not depend on the
// machine.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';
import pg from 'pg';
import { system } from '../../../src/domain/account.ts';
import type { Destination } from '../../../src/domain/delivery.ts';
import type { Queue } from '../../../src/domain/queue.ts';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { openClient, prepareSession } from '../../../src/store/postgres/session.ts';
import type { Store } from '../../../src/store/store.ts';
import { pause } from '../../support/pace.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { waitUntil } from '../../support/service.ts';
import { destinationOf, inbound, queueOf, record, send, status } from '../contract/fixture.ts';
import type { Fixture } from '../contract/fixture.ts';
import { add, outbound } from '../contract/outbound-fixture.ts';
import { machineTime, monotonicNow } from '../../../src/runtime/clock.ts';

let postgres: Postgres;
let url: string;
let database: string;

before(async () => {
  postgres = await openPostgres({ durable: false });
  url = await postgres.createDatabase();
  database = new URL(url).pathname.slice(1);
  // What the planner is told stays as the test has it.
  await postgres.query('ALTER SYSTEM SET autovacuum = off');
  await postgres.query('SELECT pg_reload_conf()');
});
after(() => postgres.close());

async function open(at = url): Promise<Store> {
  const masterKey = Buffer.alloc(32, 7);
  const opened = await openPostgresStore({
    url: at,
    masterKey,
    time: machineTime,
    machine: machineTime,
    emit: () => undefined,
    maxConnections: 2,
  });
  return opened.store;
}

async function toFixture(store: Store): Promise<Fixture> {
  const fixture = {
    store,
    clock: { now: Date.now, monotonic: monotonicNow, advance: () => undefined },
    accountId: 5,
    otherId: 6,
    channelId: 'wa',
    senderId: '1',
  };
  await store.createFirstAccount({ account: { id: 5, name: 'A' }, key: { id: 'k', secret: 's' } });
  const channel = {
    id: 'wa',
    type: 'whatsapp',
    name: 'Main',
    wabaId: '501',
    credentials: { appSecret: 's' },
  } as const;
  await store.putChannel(5, channel, system);
  await store.putSender(5, 'wa', { id: '1', type: 'whatsapp', name: 'Shop', routeId: '7001' }, system);
  return fixture;
}

async function cycle(store: Store, queue: Queue, count: number): Promise<void> {
  const messages = Array.from({ length: count }, (_, n) => ({ body: `m${n}`, priority: 8 }));
  await store.sendMessages(queue, messages, Date.now());
  const received = await store.receiveMessages(queue, count, Date.now());
  assert.equal(received.length, count);
  const handles = received.map(({ handle }) => handle);
  assert.deepEqual(new Set(await store.deleteMessages(queue, handles, Date.now())), new Set([null]));
}

/** Statuses of as many messages, to a queue and to a destination, through to the receiver's answer. */
async function deliver(
  fixture: Fixture,
  destination: Destination,
  queue: string,
  count: number,
): Promise<void> {
  const { store } = fixture;
  const name = randomUUID();
  const receipts = Array.from({ length: count }, (_, n) =>
    status(fixture, `${name} ${n}`, 'delivered', 2, {
      destinationId: destination.id,
      queue: { name: queue, body: 'a receipt' },
    }),
  );
  await record(fixture, ...receipts);
  const limits = { limit: count, batchSize: 1, now: Date.now(), leaseMs: 60_000 };
  const claimed = await store.claimDeliveries({ accountId: 5, destinationId: destination.id, ...limits });
  assert.equal(claimed.length, count);
  await store.settleDeliveries(
    claimed.flatMap(({ members }) =>
      members.map(({ deliveryId }) => ({
        accountId: 5,
        destinationId: destination.id,
        deliveryId,
        attempt: { at: Date.now(), durationMs: 1, status: 200, outcome: 'accepted', answer: '' } as const,
        next: { kind: 'done' } as const,
      })),
    ),
  );
}

/** Blocks of the growing tables and their indexes that all sessions which have ended touched. */
async function countBlocks(): Promise<number> {
  const [row] = await postgres.query(
    `SELECT coalesce(sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read), 0)::int AS blocks
     FROM pg_statio_user_tables WHERE relname NOT IN ('account', 'node')`,
    database,
  );
  return Number(row?.['blocks']);
}

/** Waits until nobody else is connected: a connection tells what blocks it used a second late, or when it ends. */
async function waitForQuiet(): Promise<void> {
  await waitUntil('the other connections have ended', 60_000, async () => {
    const [row] = await postgres.query(
      'SELECT count(*)::int AS others FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      database,
    );
    return row?.['others'] === 0;
  });
}

it('compiles no plan just in time', async () => {
  const { client } = openClient(url);
  await client.connect();
  await prepareSession(client, 'public');
  const { rows } = await client.query<{ jit: string }>('SHOW jit');
  await client.end();
  assert.equal(rows[0]?.jit, 'off');
});

it('looks up what it needs even when the planner was told that the tables are empty', async (t) => {
  const store = await open();
  t.after(() => store.close());
  const fixture = await toFixture(store);
  const destination = await destinationOf(fixture);
  const idle = await destinationOf(fixture, 'https://idle.example/');
  // The first node holds its own destination, so the filler pushes to another.
  const other = await destinationOf(fixture, 'https://other.example/');
  const queue = await queueOf(fixture, { visibilitySeconds: 600 }, 'stale');
  await postgres.query('ANALYZE', database);
  const round = async (): Promise<void> => {
    await cycle(store, queue, 16);
    await deliver(fixture, destination, 'stale', 16);
  };
  // Plans are made for good after a few calls, while the figures still say that there is nothing.
  for (let n = 0; n < 20; n += 1) await round();

  const filler = await open();
  t.after(() => filler.close());
  const filling = { ...fixture, store: filler };
  for (let n = 0; n < 50; n += 1) {
    await send(filling, queue, ...Array.from({ length: 200 }, () => 'waiting'));
    await filler.receiveMessages(queue, 100, Date.now());
    await deliver(filling, other, 'other', 60);
    const waiting = Array.from({ length: 60 }, (_, i) =>
      status(fixture, `waiting ${n} ${i}`, 'sent', 1, {
        destinationId: idle.id,
        queue: { name: 'other', body: 'a receipt' },
      }),
    );
    await record(filling, ...waiting);
  }
  await filler.close();
  await pause(2100, "by then plans are made anew, with the tables' true size");

  const start = await countBlocks();
  for (let n = 0; n < 20; n += 1) await round();
  await store.close();
  const blocks = ((await countBlocks()) - start) / (40 * 16);
  assert.ok(blocks < 120, `a message and a receipt took ${blocks} blocks`);
});

it('does not walk over what is taken, again and again, while someone holds an old snapshot', async () => {
  const store = await open();
  const fixture = await toFixture(store);
  const queue = await queueOf(fixture, { visibilitySeconds: 600 }, 'held');
  const holder = new pg.Client({ connectionString: url });
  await holder.connect();
  await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM message LIMIT 1');
  // Deleted rows stay in the index for as long as the snapshot may want them.
  for (let n = 0; n < 1000; n += 1) await cycle(store, queue, 64);
  await store.close();

  const start = await countBlocks();
  const next = await open();
  for (let n = 0; n < 100; n += 1) await cycle(next, queue, 16);
  await next.close();
  await holder.query('ROLLBACK');
  await holder.end();
  const blocks = ((await countBlocks()) - start) / 100;
  // 64,000 rows are dead; a look from the start touches some two thousand blocks.
  assert.ok(blocks < 1000, `a cycle took ${blocks} blocks`);
});

it('finds what a watermark means without a look at what was read before', async () => {
  const store = await open();
  await toFixture(store);
  await store.close();
  const thread = { channelId: 'wa', senderId: '1', to: '15550009999' };
  const add = async (count: number): Promise<void> => {
    const store = await open();
    const { to, ...sender } = thread;
    const message = {
      ...sender,
      to,
      channelType: 'messenger',
      groupId: null,
      taskId: null,
      envelope: { frame: 'message', messageType: 'text', content: { text: 'hello' } },
      expiresAt: Date.now() + 60_000,
      oncePerTask: false,
    } as const;
    for (let n = 0; n < count; n += 500)
      await store.addOutbound(
        5,
        Array.from({ length: Math.min(500, count - n) }, () => message),
      );
    await store.close();
  };
  const set = (rank: number): Promise<unknown> =>
    postgres.query(
      `UPDATE outbound SET state = 2, status_rank = ${rank}, sent_at = 1000, due_at = NULL,
         channel_message_id = 'm' || id WHERE recipient = '${thread.to}' AND sent_at IS NULL`,
      database,
    );
  const countLook = async (): Promise<number> => {
    await postgres.query('VACUUM ANALYZE outbound', database);
    await waitForQuiet();
    const reader = await open();
    const look = async (): Promise<void> => {
      const found = await reader.findOpenOutbound(5, thread, { status: 'read', upTo: 2000 }, 200);
      assert.equal(found.messages.length, 100);
    };
    const start = await countBlocks();
    for (let n = 0; n < 20; n += 1) await look();
    await reader.close();
    await waitForQuiet();
    return ((await countBlocks()) - start) / 20;
  };
  await add(100);
  await set(1);
  const before = await countLook();
  await add(5000);
  await set(4);
  const after = await countLook();
  // A block or two for a deeper index; a walk over what was read would touch hundreds more.
  assert.ok(after < before + 20, `${before} blocks became ${after}`);
});

it('lists the dead deliveries of one URL without a look at those of others', async () => {
  const store = await open();
  const fixture = await toFixture(store);
  const many = await destinationOf(fixture, 'https://many.example/');
  const few = await destinationOf(fixture, 'https://few.example/');
  const add = (destinationId: number, count: number): Promise<unknown> =>
    record(
      fixture,
      ...Array.from({ length: count }, () => status(fixture, randomUUID(), 'sent', 1, { destinationId })),
    );
  await add(few.id, 1);
  for (let n = 0; n < 10; n += 1) await add(many.id, 500);
  await store.close();
  await postgres.query(
    `UPDATE delivery SET state = 3 WHERE destination_id IN (${many.id}, ${few.id})`,
    database,
  );
  await postgres.query('VACUUM ANALYZE delivery', database);
  await waitForQuiet();
  const start = await countBlocks();
  const reader = await open();
  const filter = { state: 'dead', destinationId: few.id } as const;
  for (let n = 0; n < 20; n += 1) {
    assert.equal((await reader.listDeliveries(5, filter, { limit: 50 })).items.length, 1);
    assert.equal((await reader.countDeliveries(5, filter, 100_000)).count, 1);
  }
  await reader.close();
  await waitForQuiet();
  const blocks = ((await countBlocks()) - start) / 40;
  // A walk over the dead of the other touches a hundred at least.
  assert.ok(blocks < 30, `a look took ${blocks} blocks`);
});

it('finds what a user wrote, and was written to, without a look at what others did, whatever the planner knows', async () => {
  const own = await postgres.createDatabase();
  const name = new URL(own).pathname.slice(1);
  const store = await open(own);
  const fixture = await toFixture(store);
  const user = await store.findSpellings(5, { userId: '4915100000001' });
  const write = async (from: string, count: number): Promise<void> => {
    const facts = (n: number) =>
      ({ type: 'ChatAppInbound', messageId: `${from} ${n}`, kind: 'text', user: { id: from } }) as const;
    await record(
      fixture,
      ...Array.from({ length: count }, (_, n) => inbound(fixture, `${from} ${n}`, { facts: facts(n) })),
    );
    const message = {
      channelType: 'whatsapp',
      ...{ channelId: 'wa', senderId: '1', to: from, groupId: null, taskId: null },
      envelope: { frame: 'message', messageType: 'text', content: { text: 'hello' } },
      ...{ expiresAt: Date.now() + 60_000, oncePerTask: false },
    } as const;
    await store.addOutbound(
      5,
      Array.from({ length: count }, () => message),
    );
  };
  await write('4915100000001', 10);
  await postgres.query('ANALYZE', name);
  for (let n = 0; n < 10; n += 1) await write(`49152000${n}`, 500);
  await store.close();
  const countRead = async (): Promise<number> => {
    const [row] = await postgres.query(
      `SELECT sum(idx_tup_read)::int + (SELECT sum(seq_tup_read)::int FROM pg_stat_user_tables
         WHERE relname IN ('receipt', 'outbound')) AS rows
       FROM pg_stat_user_indexes WHERE relname IN ('receipt', 'outbound')`,
      name,
    );
    return Number(row?.['rows']);
  };
  for (const analyzed of [false, true]) {
    if (analyzed) await postgres.query('ANALYZE', name);
    const start = await countRead();
    const reader = await open(own);
    for (let n = 0; n < 10; n += 1) {
      const received = await reader.listReceipts(5, { user }, { limit: 50 });
      const sent = await reader.listOutbound(5, { user }, { limit: 50 });
      assert.deepEqual([received.items.length, received.next], [10, null]);
      assert.deepEqual([sent.items.length, sent.next], [10, null]);
    }
    await reader.close();
    const rows = ((await countRead()) - start) / 10;
    // Twenty rows by the indexes and again by their ids; all others would be ten thousand.
    assert.ok(rows < 200, `a look at a user read ${rows} rows`);
  }
});

it('erases what a user takes back by a look at that message, also when the planner was told that there are few', async () => {
  const own = await postgres.createDatabase();
  const name = new URL(own).pathname.slice(1);
  const store = await open(own);
  const fixture = await toFixture(store);
  const say = (word: string, count: number): Promise<unknown> =>
    record(fixture, ...Array.from({ length: count }, (_, n) => inbound(fixture, `${word} ${n}`)));
  await say('first', 60);
  await postgres.query('ANALYZE', name);
  for (let n = 0; n < 4; n += 1) await say(`later ${n}`, 500);
  const countRead = async (): Promise<number> => {
    const [row] = await postgres.query(
      "SELECT sum(idx_tup_read)::int AS rows FROM pg_stat_user_indexes WHERE relname IN ('receipt', 'content')",
      name,
    );
    return Number(row?.['rows']);
  };
  // A connection tells what it read when it ends.
  await store.close();
  const start = await countRead();
  const eraser = await open(own);
  const ids = Array.from({ length: 40 }, (_, n) => `first 1#${n + 2}`);
  for (let n = 0; n < 10; n += 1)
    await eraser.eraseMessages(5, { userId: '4915112345678', channelId: 'wa' }, [`later 1 ${n}`, ...ids]);
  await eraser.close();
  const rows = ((await countRead()) - start) / 10;
  const [left] = await postgres.query('SELECT count(*)::int AS contents FROM content', name);
  assert.equal(left?.['contents'], 2050);
  // All receipts or all contents are 2,060 each.
  assert.ok(rows < 100, `a message that was taken back cost a look at ${rows} rows`);
});

it('finds messages by their ids without a look at others, also when the planner was told that there are none', async () => {
  const own = await postgres.createDatabase();
  const name = new URL(own).pathname.slice(1);
  const filling = await open(own);
  const fixture = await toFixture(filling);
  await postgres.query('ANALYZE', name);
  const messages = Array.from({ length: 5000 }, (_, n) => outbound(fixture, `4915${n}`));
  const ids = (await add(fixture, ...messages)).map(({ id }) => id);
  await filling.close();
  const countTouched = async (): Promise<number> => {
    const [row] = await postgres.query(
      `SELECT (heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::int AS blocks
       FROM pg_statio_user_tables WHERE relname = 'outbound'`,
      name,
    );
    return Number(row?.['blocks']);
  };
  for (const count of [1, 5]) {
    // A connection tells what it read when it ends.
    const start = await countTouched();
    const store = await open(own);
    for (let n = 0; n < 20; n += 1) {
      const wanted = ids.slice(n * 100, n * 100 + count);
      assert.equal((await store.findOutbound(5, { ids: wanted })).length, count);
    }
    await store.close();
    const blocks = ((await countTouched()) - start) / 20;
    assert.ok(blocks < 5 + 5 * count, `a look for ${count} messages touched ${blocks} blocks`);
  }
});

it('a sweep, and a look for the oldest message, walk through no backlog, whatever the planner knows of it', async () => {
  const kept = url;
  url = await postgres.createDatabase();
  database = new URL(url).pathname.slice(1);
  try {
    const filling = await open();
    const queue = await queueOf(await toFixture(filling));
    const messages = Array.from({ length: 500 }, (_, n) => ({ body: `m${n}`, priority: 8 }));
    for (let n = 0; n < 10; n += 1) await filling.sendMessages(queue, messages, Date.now());
    await filling.close();
    await postgres.query('VACUUM ANALYZE', database);
    await waitForQuiet();
    const start = await countBlocks();
    const store = await open();
    const year = 365 * 86_400_000;
    const retention = { rawEventMs: year, receiptMs: year, attemptMs: year, unreadableMs: year };
    assert.ok((await store.findOldestMessage(queue)) !== undefined);
    while ((await store.sweep(retention, Date.now())).rows > 0);
    await store.close();
    await waitForQuiet();
    const blocks = (await countBlocks()) - start;
    assert.ok(blocks < 1000, `they touched ${blocks} blocks`);
  } finally {
    url = kept;
    database = new URL(url).pathname.slice(1);
  }
});
