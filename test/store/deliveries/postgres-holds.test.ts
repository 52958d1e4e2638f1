// Two nodes and one destination: who pushes, and what becomes of it when the one that does goes away.
import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'node:test';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { waitUntil } from '../../support/service.ts';
import { claim, settle } from '../contract/delivery-fixture.ts';
import { destinationOf, inbound, queueOf, record, send, withStore } from '../contract/fixture.ts';
import type { Fixture } from '../contract/fixture.ts';
import { machineTime } from '../../../src/runtime/clock.ts';
import type { Time } from '../../../src/runtime/clock.ts';

let postgres: Postgres;
let url: string;

before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(() => postgres.close());
beforeEach(async () => {
  url = await postgres.createDatabase();
});

async function open(time: Time): Promise<Store> {
  const options = { masterKey: Buffer.alloc(32, 7), emit: () => undefined, maxConnections: 2 };
  return (await openPostgresStore({ url, time, machine: machineTime, ...options })).store;
}

/** Two nodes with a destination that has deliveries waiting, of which the first node has one in hand. */
function withTwo(body: (first: Fixture, second: Fixture, destinationId: number) => Promise<void>) {
  return withStore(open, async (first) => {
    const second = { ...first, store: await open(first.clock) };
    try {
      const { id } = await destinationOf(first);
      await record(first, ...['m1', 'm2', 'm3'].map((name) => inbound(first, name, { destinationId: id })));
      assert.equal((await claim(first, id, { limit: 1 })).length, 1);
      await body(first, second, id);
    } finally {
      await second.store.close();
    }
  });
}

it(
  'a destination is one node’s at a time, and the other knows when to ask again',
  withTwo(async (first, second, id) => {
    assert.deepEqual(await claim(second, id), []);
    const due = await second.store.findNextDue(second.accountId, id);
    assert.ok(due !== undefined && due > second.clock.now());
    assert.equal((await claim(first, id)).length, 2);
  }),
);

it(
  'a node that ends gives up its destinations, and another goes on at once, without a cause',
  withTwo(async (first, second, id) => {
    const told: number[] = [];
    let isMarked = false;
    second.store.watch((signal) => {
      if (signal.kind === 'deliveries') told.push(signal.destinationId);
      if (signal.kind === 'queue') isMarked = true;
    });
    assert.deepEqual(await claim(second, id), []);
    // Signals of a node come in their order: behind this one, none is left of what was recorded before.
    await send(first, await queueOf(first), 'mark');
    await waitUntil('all that was said before has come', 60_000, () => isMarked);
    told.length = 0;
    await first.store.close();
    await waitUntil('the other is told', 60_000, () => told.includes(id));
    const batches = await claim(second, id);
    assert.deepEqual(
      batches.map(({ cause }) => cause),
      [null, null, null],
    );
  }),
);

it(
  'what a node had in hand that never came back is pushed by another as a recovery, and what comes later as ever',
  withTwo(async (_first, second, id) => {
    // As if it had died so long ago that its hold has lapsed.
    await postgres.query('UPDATE destination_hold SET until = 0', new URL(url).pathname.slice(1));
    const batches = await claim(second, id);
    assert.deepEqual(
      batches.map(({ cause }) => cause),
      ['recovery', 'recovery', 'recovery'],
    );
    await settle(second, batches, { kind: 'done' });
    second.clock.advance(1000);
    await record(second, inbound(second, 'm4', { destinationId: id }));
    assert.deepEqual(
      (await claim(second, id)).map(({ cause }) => cause),
      [null],
    );
  }),
);

it(
  'what a node settles after another has taken over is written once',
  withTwo(async (first, second, id) => {
    const held = await claim(first, id);
    await postgres.query('UPDATE destination_hold SET until = 0', new URL(url).pathname.slice(1));
    await settle(second, await claim(second, id), { kind: 'done' });
    await settle(first, held, { kind: 'dead' });
    const { store, accountId } = first;
    assert.equal((await store.countDeliveries(accountId, { state: 'done' }, 10)).count, 3);
    assert.equal((await store.countDeliveries(accountId, { state: 'dead' }, 10)).count, 0);
  }),
);

it(
  'a hold that lies further ahead than holds last ends after their length',
  withTwo(async (_first, second, id) => {
    const database = new URL(url).pathname.slice(1);
    // As if it had been written by a clock that was ten minutes ahead.
    await postgres.query("UPDATE destination_hold SET until = until + 600000, holder = 'gone'", database);
    assert.deepEqual(await claim(second, id), []);
    const [row] = await postgres.query(
      'SELECT (until - extract(epoch FROM clock_timestamp()) * 1000)::int AS rest FROM destination_hold',
      database,
    );
    assert.ok(Number(row?.['rest']) <= 15_000, String(row?.['rest']));
    const due = await second.store.findNextDue(second.accountId, id);
    assert.ok(due !== undefined && due - second.clock.now() <= 15_001);
    await postgres.query('UPDATE destination_hold SET until = 0', database);
    // The second node asks again when the hold ends; a third one now.
    const third = { ...second, store: await open(second.clock) };
    const batches = await claim(third, id);
    await third.store.close();
    assert.deepEqual(
      batches.map(({ cause }) => cause),
      ['recovery', 'recovery', 'recovery'],
    );
  }),
);
