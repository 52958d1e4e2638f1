import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { machineTime } from '../../../src/runtime/clock.ts';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { NodeNumber } from '../../../src/store/postgres/node.ts';
import { openPostgres } from '../../support/postgres.ts';

/** As many as `sql/postgres` has. */
const numbers = 64;

test('nodes that start at once get a number each, and those that are too many none', async () => {
  const postgres = await openPostgres({ durable: false });
  try {
    const url = await postgres.createDatabase();
    const { store } = await openPostgresStore({
      url,
      masterKey: Buffer.alloc(32, 7),
      machine: machineTime,
      emit: () => undefined,
      maxConnections: 2,
    });
    await store.close();
    const pool = new pg.Pool({ connectionString: url, max: 8 });
    // The server may be gone before the last of them has heard of its own end.
    pool.on('error', () => undefined);
    try {
      const now = Date.now() + 1000;
      const clocks = { now: () => now, database: { now: () => now, monotonic: () => 0 } };
      const takes = Array.from({ length: numbers + 6 }, (_, n) => NodeNumber.take(pool, `node ${n}`, clocks));
      const taken = await Promise.allSettled(takes);
      const nodes = taken.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      assert.equal(nodes.length, numbers);
      assert.equal(new Set(nodes.map((node) => node.nextId())).size, numbers, 'no two give the same id');
      for (const one of taken)
        if (one.status === 'rejected') assert.match(String(one.reason), /64 nodes already/);
      await nodes[5]?.release(pool);
      const next = await NodeNumber.take(pool, 'another', clocks);
      for (const node of [...nodes, next]) await node.release(pool);
    } finally {
      await pool.end();
    }
  } finally {
    await postgres.close();
  }
});
