// A store that a clock of 2040 wrote to: it can be opened, says what is wrong, and is mended.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { toFirstId, toIdTime } from '../../../src/domain/ids.ts';
import { readMigrations } from '../../../src/store/migrations.ts';
import { MachineClock } from '../../../src/runtime/machine-clock.ts';
import type { Time } from '../../../src/runtime/clock.ts';
import { checkFile } from '../../../src/store/sqlite/damage/check.ts';
import { mendTimes } from '../../../src/store/sqlite/damage/times.ts';
import { idReferences } from '../../../src/store/rows/future.ts';
import { openSqliteStore } from '../../../src/store/sqlite/adapter.ts';
import { createClock } from '../../support/store.ts';
import { claim, namesOf } from '../contract/delivery-fixture.ts';
import {
  day,
  destinationOf,
  inbound,
  queueOf,
  receive,
  record,
  send,
  withStore,
} from '../contract/fixture.ts';
import type { Fixture } from '../contract/fixture.ts';
import { outbound } from '../contract/outbound-fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'chasqui-times-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const wrong = Date.UTC(2040);
/** How ids were made before 2^53 was thought of. */
const oldIdsPerMs = 4096;

/** Moves ids of the wrong time to where an older version gave them, which is beyond 2^53. */
function moveBeyond(file: string): void {
  const db = new DatabaseSync(file);
  const by = wrong * oldIdsPerMs - toFirstId(wrong);
  const columns = [
    ['raw_event', 'id'],
    ['receipt', 'id'],
    ['receipt', 'raw_event_id'],
    ['receipt', 'queue_message_id'],
    ['seen', 'receipt_id'],
    ['seen_lately', 'receipt_id'],
    ['content', 'receipt_id'],
    ['delivery', 'id'],
    ['delivery', 'place'],
    ['attempt', 'delivery_id'],
    ['outbound', 'id'],
    ['message', 'id'],
    ['message', 'receipt_id'],
    ['ready', 'id'],
    ['waiting', 'id'],
    ['notice', 'id'],
    ['change', 'id'],
  ] as const;
  db.exec('PRAGMA foreign_keys = OFF');
  for (const [table, column] of columns)
    db.exec(
      `UPDATE "${table}" SET "${column}" = "${column}" + ${by} WHERE "${column}" >= ${toFirstId(wrong)}`,
    );
  db.close();
}

for (const version of ['this', 'an older'] as const)
  test(`a store that ${version} version filled by a clock of 2040 opens, is told of, and is mended with all it holds`, async () => {
    const file = join(folder, version, 'chasqui.sqlite');
    const clock = createClock();
    const open = (time: Time) =>
      openSqliteStore({ file, masterKey: Buffer.alloc(32, 7), ...time, emit: () => undefined });
    let fixture: Fixture | undefined;
    await withStore(open, async (bed) => {
      fixture = bed;
      const queue = await queueOf(bed);
      const { id } = await destinationOf(bed);
      const add = async (name: string): Promise<void> => {
        await record(bed, inbound(bed, name, { destinationId: id }));
        await send(bed, queue, name);
        await bed.store.addOutbound(bed.accountId, [outbound(bed, name)]);
        await bed.store.probe();
      };
      await add('before');
      bed.clock.advance(wrong - bed.clock.now());
      await add('wrong 1');
      await receive(bed, queue, 1);
      await add('wrong 2');
    })();
    assert.ok(fixture !== undefined);
    if (version === 'an older') moveBeyond(file);

    clock.advance(day / 2);
    const machine = new MachineClock({ wall: clock.now, monotonic: () => 0 });
    const spoilt = await open(clock);
    machine.compare(await spoilt.findNewestTime());
    await spoilt.close();
    assert.match(machine.doubt()?.text ?? '', /check --mend/);
    assert.match(checkFile(file, clock.now()).damage.join(), /ids lie ahead/);

    assert.ok(mendTimes(file, clock.now()) > 0);
    assert.equal(mendTimes(file, clock.now()), 0);
    assert.deepEqual(checkFile(file, clock.now()).damage, []);

    const store = await open(clock);
    try {
      const bed = { ...fixture, store, clock };
      machine.compare(await store.findNewestTime());
      assert.equal(machine.doubt(), null);
      const { items } = await store.listReceipts(bed.accountId, {}, { limit: 10 });
      assert.equal(items.length, 3);
      for (const { id, recordedAt } of items) {
        assert.ok(toIdTime(id) <= clock.now());
        assert.ok(recordedAt <= clock.now());
      }
      assert.deepEqual(
        (await store.listOutbound(bed.accountId, {}, { limit: 10 })).items.map(({ to }) => to),
        ['wrong 2', 'wrong 1', 'before'],
      );
      const [destination] = await store.listDestinations(bed.accountId);
      assert.deepEqual(namesOf(await claim(bed, destination?.id ?? 0)), [
        ['before'],
        ['wrong 1'],
        ['wrong 2'],
      ]);
      const queue = await queueOf(bed);
      const bodies = [...(await receive(bed, queue)), ...(await receive(bed, queue))].map(({ body }) => body);
      // The receive of that time took what was older than its queue keeps anything.
      assert.deepEqual(bodies.toSorted(), ['wrong 1', 'wrong 2']);
      await record(bed, inbound(bed, 'after'));
      const [newest] = (await store.listReceipts(bed.accountId, {}, { limit: 1 })).items;
      assert.equal(toIdTime(newest?.id ?? 0), clock.now());
    } finally {
      await store.close();
    }
  });

test('every column that names an id that grows with time is brought back with it', () => {
  const db = new DatabaseSync(':memory:');
  for (const { sql } of readMigrations('sqlite')) db.exec(sql);
  const found = db
    .prepare(
      `SELECT m.name || '.' || c.name AS name FROM sqlite_schema m, pragma_table_info(m.name) c
       WHERE m.type = 'table' AND c.type = 'INTEGER'`,
    )
    .all()
    .map((row) => String(row['name']))
    .filter((name) =>
      /\.((receipt|raw_event|delivery|outbound|message|notice|queue_message)_id|batch)$/.test(name),
    );
  const known = new Set(idReferences.map(([table, column]) => `${table}.${column}`));
  assert.ok(found.length > 10);
  assert.deepEqual(
    found.filter((name) => !known.has(name)),
    [],
  );
});
