// A row that cannot be read fails none of those that are read with it, is told once, and does not come first for ever.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import type { Emit, Events } from '../../../src/telemetry/events.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { claim } from '../contract/delivery-fixture.ts';
import {
  destinationOf,
  inbound,
  need,
  queueOf,
  receive,
  record,
  send,
  withStore,
} from '../contract/fixture.ts';
import { claimOutbound, outbound } from '../contract/outbound-fixture.ts';
import { machineTime } from '../../../src/runtime/clock.ts';
import type { Time } from '../../../src/runtime/clock.ts';

let postgres: Postgres;
let database: string;
let told: string[];

before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(() => postgres.close());

const emit: Emit = (name, fields) => {
  // The name says whose fields they are.
  if (name === 'store.damaged') told.push((fields as Events['store.damaged']).what);
};

async function open(time: Time): Promise<Store> {
  const url = await postgres.createDatabase();
  database = new URL(url).pathname.slice(1);
  told = [];
  const options = { masterKey: Buffer.alloc(32, 7), emit, maxConnections: 3 };
  return (await openPostgresStore({ url, time, machine: machineTime, ...options })).store;
}

const spoil = (sql: string) => postgres.query(sql, database);

async function countApart(source: string): Promise<unknown> {
  const sql = `SELECT count(*)::int AS n FROM unreadable WHERE source = '${source}'`;
  return (await postgres.query(sql, database))[0]?.['n'];
}

const bodiesOf = (messages: readonly { readonly body: string }[]): string[] =>
  messages.map(({ body }) => body);

it(
  'a message that cannot be read is kept apart, and those beside and behind it are received',
  withStore(open, async (fixture) => {
    const { store } = fixture;
    const queue = await queueOf(fixture);
    for (const body of ['a', 'b', 'c', 'd']) await send(fixture, queue, body);
    await spoil("UPDATE message SET extras = '{\"user\":' WHERE body IN ('a', 'c')");
    assert.deepEqual(bodiesOf(await receive(fixture, queue, 1)), ['b']);
    assert.deepEqual(bodiesOf(await receive(fixture, queue, 16)), ['d']);
    assert.equal(await countApart('message'), 2);
    assert.equal(told.length, 2);
    assert.match(told[0] ?? '', /^1 rows of message cannot be read and are left out: \d+$/);
    assert.deepEqual(await store.countMessages(queue), { active: 0, inactive: 2, delayed: 0 });
  }),
);

it(
  'a message that cannot be read is not in the way of a peek',
  withStore(open, async (fixture) => {
    const { store, clock } = fixture;
    const queue = await queueOf(fixture);
    for (const body of ['a', 'b']) await send(fixture, queue, body);
    await spoil("UPDATE message SET extras = 'null' WHERE body = 'a'");
    assert.deepEqual(bodiesOf(await store.peekMessages(queue, 1, clock.now())), ['b']);
    assert.deepEqual(await store.countMessages(queue), { active: 1, inactive: 0, delayed: 0 });
    assert.equal(await countApart('message'), 1);
  }),
);

it(
  'an outbound message that cannot be read is kept apart, and the next of its lane goes',
  withStore(open, async (fixture) => {
    const { store, accountId } = fixture;
    const added = await store.addOutbound(accountId, [
      outbound(fixture, '15550002222'),
      outbound(fixture, '15550002222'),
      outbound(fixture, '15550003333'),
    ]);
    const [bad, next, other] = added.map(({ id }) => id);
    await spoil(`UPDATE outbound SET envelope = '{' WHERE id = ${need(bad)}`);
    const listed = await store.listOutbound(accountId, {}, { limit: 10 });
    assert.deepEqual(
      listed.items.map(({ id }) => id),
      [other, next],
    );
    assert.deepEqual(
      (await claimOutbound(fixture)).map(({ message }) => message.id),
      [other],
    );
    assert.deepEqual(
      (await claimOutbound(fixture)).map(({ message }) => message.id),
      [next],
    );
    assert.equal(await countApart('outbound'), 1);
    assert.equal(told.length, 1, 'the same row is told once');
    assert.doesNotMatch(told.join(), /1555/);
  }),
);

it(
  'a channel, sender, destination or key that cannot be read leaves the others of its account',
  withStore(open, async (fixture) => {
    const { store, accountId, channelId, senderId } = fixture;
    const twin = { id: 'wa-twin', type: 'whatsapp', name: 'Twin', wabaId: '501', credentials: {} } as const;
    await store.putChannel(accountId, twin, system);
    const routed = { id: '15550009999', type: 'whatsapp', name: 'Two', routeId: '7002' } as const;
    await store.putSender(accountId, channelId, routed, system);
    await destinationOf(fixture);
    await spoil(`UPDATE channel SET credentials = '\\x00112233' WHERE id = '${channelId}'`);
    await spoil(`UPDATE sender SET webhook = '{' WHERE id = '${senderId}'`);
    await spoil("UPDATE destination SET secrets = '\\x00'");
    await spoil("UPDATE access_key SET addresses = '['");
    const idsOf = (rows: readonly { readonly id: unknown }[]): unknown[] => rows.map(({ id }) => id);
    assert.deepEqual(idsOf(await store.listChannels(accountId)), ['sandbox', 'wa-twin']);
    assert.deepEqual(idsOf(await store.findChannelsByWaba('whatsapp', '501')), ['wa-twin']);
    assert.deepEqual(idsOf(await store.listSenders(accountId, channelId)), ['15550009999']);
    const [stopped] = await store.listDestinations(accountId);
    assert.deepEqual([stopped?.state, stopped?.secrets], ['off', []], 'nothing is pushed unsigned');
    assert.deepEqual(await store.listKeys(accountId), []);
    assert.equal(told.length, 4);
  }),
);

it(
  'a receipt that cannot be read fails neither a listing nor the claim of its neighbours',
  withStore(open, async (fixture) => {
    const { store, accountId } = fixture;
    const { id: destinationId } = await destinationOf(fixture);
    for (const name of ['m1', 'm2']) await record(fixture, inbound(fixture, name, { destinationId }));
    const { items } = await store.listReceipts(accountId, {}, { limit: 10 });
    const bad = need(items.at(-1)).id;
    await spoil(`UPDATE receipt SET facts = '{' WHERE id = ${bad}`);
    const page = await store.listReceipts(accountId, {}, { limit: 1 });
    assert.deepEqual(page.items, items.slice(0, 1));
    const rest = await store.listReceipts(accountId, {}, { limit: 10, cursor: need(page.next) });
    assert.deepEqual(rest, { items: [], next: null });
    const batches = await claim(fixture, destinationId);
    assert.deepEqual(
      batches.flatMap(({ unreadable = [] }) => unreadable),
      [bad],
    );
    assert.deepEqual(
      batches.flatMap(({ members }) => members).map(({ receipt }) => receipt.id),
      [need(items[0]).id],
    );
  }),
);
