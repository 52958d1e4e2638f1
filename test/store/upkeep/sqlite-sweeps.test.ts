import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { createRecorder } from '../../../src/store/journal/sqlite.ts';
import { QueueDepths } from '../../../src/store/queues/sqlite-depths.ts';
import { MessageTables } from '../../../src/store/queues/sqlite-messages.ts';
import { QueueTables } from '../../../src/store/queues/sqlite-queues.ts';
import { Connection } from '../../../src/store/sqlite/connection.ts';
import { QueueSweep } from '../../../src/store/upkeep/sqlite-queue-sweep.ts';
import { ReceiptKeys } from '../../../src/store/receipts/sqlite-keys.ts';
import { ReceiptSweep } from '../../../src/store/upkeep/sqlite-receipt-sweep.ts';
import { createClock } from '../../support/store.ts';
import { toFirstId } from '../../../src/domain/ids.ts';

const second = 1000;
const accountId = 5;

/** An empty file with an account, and the parts that queues are kept by. */
async function open() {
  const clock = createClock();
  const db = await Connection.open({ file: ':memory:', ...clock, emit: () => undefined });
  db.prepare("INSERT INTO account (id, name, first, created_at) VALUES (?, 'A', 1, 0)").run(accountId);
  const depths = new QueueDepths(db);
  const queues = new QueueTables(db, createRecorder(db), depths);
  const messages = new MessageTables(db, queues, depths);
  /** Makes a queue with so many messages, which live for a minute. */
  const fill = (name: string, count: number) =>
    db.write((tx) => {
      const attributes = { ...defaultQueueAttributes, retentionSeconds: 60 };
      queues.create(tx, accountId, name, attributes);
      const queue = queues.find(accountId, name);
      assert.ok(queue);
      const bodies = Array.from({ length: count }, (_, n) => ({ body: `${name} ${n}`, priority: 8 }));
      messages.add(tx, queue, bodies, clock.now());
    });
  return { db, clock, queues, messages, fill };
}

test('expired messages go queue by queue in parts; after a round no queue is looked at for a while', async () => {
  const { db, clock, messages, fill } = await open();
  const sweep = new QueueSweep(db, messages);
  const takePart = () => db.write((tx) => sweep.takeExpired(tx, clock.now()));
  await fill('a', 30);
  await fill('b', 3);
  assert.equal(await takePart(), 0);
  clock.advance(29 * second);
  await fill('c', 1);
  clock.advance(32 * second);
  assert.deepEqual([await takePart(), await takePart(), await takePart()], [25, 8, 0]);
  clock.advance(29 * second);
  assert.equal(await takePart(), 0, 'it rests, although a message has expired');
  clock.advance(second);
  assert.equal(await takePart(), 1);
  await db.close();
});

test('what is left of a deleted queue goes: what was ready, what waited, and then the note of it', async () => {
  const { db, clock, queues, messages, fill } = await open();
  const sweep = new QueueSweep(db, messages);
  const takePart = () => db.write((tx) => sweep.takeDropped(tx, clock.now()));
  await fill('gone', 27);
  await fill('kept', 1);
  await db.write((tx) => {
    const queue = queues.find(accountId, 'gone');
    assert.ok(queue);
    messages.add(tx, queue, [{ body: 'later', priority: 8, delayMs: second }], clock.now());
    queues.remove(tx, accountId, 'gone');
  });
  const parts = [];
  for (let part = await takePart(); part > 0; part = await takePart()) parts.push(part);
  assert.deepEqual(parts, [25, 2, 1, 1]);
  assert.deepEqual(
    db
      .prepare<{ body: string }>('SELECT body FROM message')
      .all()
      .map(({ body }) => body),
    ['kept 0'],
  );
  await db.close();
});

test('receipts go in parts, but for those whose delivery is not over', async () => {
  const { db, clock } = await open();
  const first = toFirstId(clock.now());
  const insert = db.prepare(
    `INSERT INTO receipt (id, account_id, key, type, channel_id, channel_type, occurred_at, recorded_at, raw_event_id, raw_index,
       superseded, unmatched, facts) VALUES (?, ?, ?, 'ChatAppStatus', 'c', 'sandbox', 0, 0, 0, 0, 0, 0, '{}')`,
  );
  const toKey = (n: number) => Buffer.from(String(n).padStart(32, '0'), 'hex');
  for (let n = 0; n < 60; n += 1) insert.run(first + n, accountId, toKey(n));
  // All of the second part wait for their destination.
  const deliver = db.prepare(
    `INSERT INTO delivery (id, account_id, destination_id, lane, laned, place, state, due_at, attempts, round_start)
     VALUES (?, ?, 1, 0, 0, 0, ?, 0, 0, 0)`,
  );
  for (let n = 25; n < 50; n += 1) deliver.run(first + n, accountId, n % 2);
  deliver.run(first + 59, accountId, 2);
  const sweep = new ReceiptSweep(db, new ReceiptKeys(db));
  const takePart = (before: number) => db.write(() => sweep.takePart(before));
  assert.equal(await takePart(clock.now()), 0, 'none is from before');
  const before = clock.now() + 1;
  assert.deepEqual([await takePart(before), await takePart(before), await takePart(before)], [25, 1, 10]);
  const left = db.prepare<{ id: number }>('SELECT id FROM receipt ORDER BY id').all();
  assert.deepEqual(
    left.map(({ id }) => id - first),
    Array.from({ length: 25 }, (_, n) => n + 25),
  );
  assert.equal(db.prepare('SELECT 1 FROM delivery WHERE state = 2').get(), undefined);
  await db.close();
});
