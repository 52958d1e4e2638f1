import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { openPostgres } from '../../support/postgres.ts';
import { queueOf, send, withStore } from '../contract/fixture.ts';
import { machineTime } from '../../../src/runtime/clock.ts';

test("the long tally of an account's files becomes one row, and counts the same", async () => {
  const postgres = await openPostgres({ durable: false });
  try {
    const url = await postgres.createDatabase();
    let compactTallies = (): Promise<number> => Promise.reject(new Error('not open'));
    await withStore(
      async (time) => {
        const opened = await openPostgresStore({
          url,
          masterKey: Buffer.alloc(32, 7),
          time,
          machine: machineTime,
          emit: () => undefined,
          maxConnections: 2,
        });
        compactTallies = opened.compactTallies;
        return opened.store;
      },
      async ({ store, accountId, otherId, clock }) => {
        const put = (owner: number, n: number) =>
          store.putUpload({
            accountId: owner,
            id: n.toString(16).padStart(32, '0'),
            channelId: 'sandbox',
            key: `${n}.png`,
            mimeType: 'image/png',
            bytes: n,
            sha256: '',
            createdAt: clock.now(),
          });
        for (let n = 1; n <= 30; n += 1) await put(accountId, n);
        await put(otherId, 7);
        assert.equal(await compactTallies(), 1);
        const rows = await postgres.query(
          'SELECT account_id, bytes FROM file_tally ORDER BY bytes',
          new URL(url).pathname.slice(1),
        );
        assert.deepEqual(
          rows.map(({ bytes }) => Number(bytes)),
          [7, 465],
        );
        assert.deepEqual([await store.sumFileBytes(accountId), await store.sumFileBytes()], [465, 472]);
        assert.equal(await compactTallies(), 0, 'there is nothing left to add up');
      },
    )();
  } finally {
    await postgres.close();
  }
});

test('the long tally of a queue becomes one row, a short one stays, and both count the same', async () => {
  const postgres = await openPostgres({ durable: false });
  try {
    const url = await postgres.createDatabase();
    let compactTallies = (): Promise<number> => Promise.reject(new Error('not open'));
    await withStore(
      async (time) => {
        const opened = await openPostgresStore({
          url,
          masterKey: Buffer.alloc(32, 7),
          time,
          machine: machineTime,
          emit: () => undefined,
          maxConnections: 2,
        });
        compactTallies = opened.compactTallies;
        return opened.store;
      },
      async (fixture) => {
        const { store } = fixture;
        const [busy, quiet] = [await queueOf(fixture, {}, 'busy'), await queueOf(fixture, {}, 'quiet')];
        for (let n = 0; n < 30; n += 1) await send(fixture, busy, `busy ${n}`);
        await send(fixture, quiet, 'quiet');
        const database = new URL(url).pathname.slice(1);
        const countRows = async (queue: { readonly id: number }): Promise<unknown> => {
          const sql = `SELECT count(*)::int AS rows FROM queue_tally WHERE queue_id = ${queue.id}`;
          return (await postgres.query(sql, database))[0]?.['rows'];
        };
        const before = await countRows(quiet);
        assert.equal(await compactTallies(), 1);
        assert.deepEqual([await countRows(busy), await countRows(quiet)], [1, before]);
        assert.equal((await store.countMessages(busy)).active, 30);
        assert.equal((await store.countMessages(quiet)).active, 1);
        assert.equal(await compactTallies(), 0, 'there is nothing left to add up');
      },
    )();
  } finally {
    await postgres.close();
  }
});
