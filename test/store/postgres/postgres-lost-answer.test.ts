// A call whose answer was lost is made again: what it wrote counts once.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import type { Store } from '../../../src/store/store.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { claim } from '../contract/delivery-fixture.ts';
import { destinationOf, inbound, need, record, withStore } from '../contract/fixture.ts';
import { outbound, claimOutbound } from '../contract/outbound-fixture.ts';
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

it(
  'a push and a send that are settled twice have one try',
  withStore(open, async (fixture) => {
    const { store, accountId, clock } = fixture;
    const database = new URL(url).pathname.slice(1);
    const { id: destinationId } = await destinationOf(fixture);
    await record(fixture, inbound(fixture, 'm1', { destinationId }));
    const [batch] = await claim(fixture, destinationId);
    const deliveryId = need(batch?.members[0]).deliveryId;
    const now = clock.now();
    const settle = `SELECT settle_deliveries(${accountId}, ${now}, '{${deliveryId}}', '{1}', '{0}',
      '{${now + 1000}}', '{retry}', '{${now}}', '{12}', '{500}', '{rejected}', '{no}', '{0}', '{NULL}', '{0}')`;
    for (const _ of [1, 2]) await postgres.query(settle, database);
    const [delivery] = await postgres.query(
      'SELECT attempts, (SELECT count(*)::int FROM attempt) AS earlier FROM delivery',
      database,
    );
    assert.deepEqual(delivery, { attempts: 1, earlier: 0 });
    // The next try is another one, though nothing else tells it from the first.
    await postgres.query(settle.replace("'{0}', '{NULL}'", "'{1}', '{NULL}'"), database);
    const [again] = await postgres.query(
      'SELECT attempts, (SELECT count(*)::int FROM attempt) AS earlier FROM delivery',
      database,
    );
    assert.deepEqual(again, { attempts: 2, earlier: 1 });

    await store.addOutbound(accountId, [outbound(fixture, '15550002222')]);
    const [claimed] = await claimOutbound(fixture);
    const id = need(claimed).message.id;
    const row = {
      id,
      kind: 'retry',
      due: now + 1000,
      at: now,
      duration: 5,
      outcome: 'throttle',
      code: '',
      text: '',
    };
    const send = `SELECT settle_outbound(${accountId}, ${now}, '${JSON.stringify([row])}')`;
    for (const _ of [1, 2]) await postgres.query(send, database);
    const [message] = await postgres.query(
      'SELECT attempts, (SELECT count(*)::int FROM send_attempt) AS tries FROM outbound',
      database,
    );
    assert.deepEqual(message, { attempts: 1, tries: 1 });
  }),
);
