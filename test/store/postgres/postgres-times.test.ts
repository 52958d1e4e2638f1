// A database that nodes wrote to by a clock of 2040: it is not worked by, told of, and mended once no node works on it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toIdTime } from '../../../src/domain/ids.ts';
import { DatabaseClock } from '../../../src/store/postgres/clock.ts';
import { checkDatabase } from '../../../src/store/postgres/check.ts';
import { mendDatabaseTimes } from '../../../src/store/postgres/times.ts';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { isGatewayError } from '../../support/errors.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { createClock } from '../../support/store.ts';
import { claim, namesOf } from '../contract/delivery-fixture.ts';
import {
  destinationOf,
  inbound,
  minute,
  queueOf,
  receive,
  record,
  send,
  withStore,
} from '../contract/fixture.ts';
import type { Fixture } from '../contract/fixture.ts';
import { outbound } from '../contract/outbound-fixture.ts';
import { machineTime } from '../../../src/runtime/clock.ts';
import type { Time } from '../../../src/runtime/clock.ts';

let postgres: Postgres;

before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(() => postgres.close());

test('a database that a clock of 2040 wrote to is not worked by, and mended with all it holds', async () => {
  const url = await postgres.createDatabase();
  const open = async (time: Time) =>
    (
      await openPostgresStore({
        url,
        masterKey: Buffer.alloc(32, 7),
        time,
        machine: machineTime,
        emit: () => undefined,
        maxConnections: 3,
      })
    ).store;
  let fixture: Fixture | undefined;
  await withStore(open, async (bed) => {
    fixture = bed;
    bed.clock.advance(Date.now() - minute - bed.clock.now());
    const queue = await queueOf(bed);
    const { id } = await destinationOf(bed);
    for (const [name, at] of [
      ['before', bed.clock.now()],
      ['wrong 1', Date.UTC(2040)],
      ['wrong 2', Date.UTC(2040) + minute],
    ] as const) {
      bed.clock.advance(at - bed.clock.now());
      await record(bed, inbound(bed, name, { destinationId: id }));
      await send(bed, queue, name);
      await bed.store.addOutbound(bed.accountId, [outbound(bed, name)]);
      await bed.store.probe();
    }
    await assert.rejects(mendDatabaseTimes(url), isGatewayError('store_in_use'));
  })();
  assert.ok(fixture !== undefined);

  const spoilt = await open(machineTime);
  const clock = new DatabaseClock(machineTime);
  clock.take({ sentAt: performance.now(), heardAt: performance.now(), databaseMs: Date.now() });
  clock.compare(await spoilt.findNewestTime());
  assert.equal(clock.doubt()?.kind, 'kept');
  assert.throws(() => clock.confirm(), isGatewayError('wrong_state'));
  await spoilt.close();
  assert.match((await checkDatabase(url)).damage.join(), /ids lie ahead/);

  assert.ok((await mendDatabaseTimes(url)) > 0);
  assert.equal(await mendDatabaseTimes(url), 0);
  assert.deepEqual((await checkDatabase(url)).damage, []);

  const right = createClock(Date.now());
  const store = await open(right);
  try {
    clock.compare(await store.findNewestTime());
    assert.equal(clock.doubt(), null);
    const bed = { ...fixture, store, clock: right };
    const { items } = await store.listReceipts(bed.accountId, {}, { limit: 10 });
    assert.equal(items.length, 3);
    for (const { id, recordedAt } of items)
      assert.ok(toIdTime(id) <= right.now() && recordedAt <= right.now());
    assert.deepEqual(
      (await store.listOutbound(bed.accountId, {}, { limit: 10 })).items.map(({ to }) => to),
      ['wrong 2', 'wrong 1', 'before'],
    );
    const [destination] = await store.listDestinations(bed.accountId);
    assert.deepEqual(namesOf(await claim(bed, destination?.id ?? 0)), [['before'], ['wrong 1'], ['wrong 2']]);
    const bodies = (await receive(bed, await queueOf(bed), 16)).map(({ body }) => body);
    assert.deepEqual(bodies, ['before', 'wrong 1', 'wrong 2']);
    await record(bed, inbound(bed, 'after'));
    const [newest] = (await store.listReceipts(bed.accountId, {}, { limit: 1 })).items;
    assert.equal(toIdTime(newest?.id ?? 0), right.now());
  } finally {
    await store.close();
  }
});
