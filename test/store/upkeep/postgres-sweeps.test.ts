import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueryResultRow } from 'pg';
import { toFirstId } from '../../../src/domain/ids.ts';
import type { Transaction } from '../../../src/store/postgres/connection.ts';
import { Sweeps } from '../../../src/store/upkeep/postgres-sweeps.ts';

const now = Date.UTC(2026, 10, 5);
const retention = { rawEventMs: 1000, receiptMs: 2000, attemptMs: 3000, unreadableMs: 4000 };

interface Receipt {
  readonly account_id: number;
  readonly id: number;
  readonly busy: number;
}

/** A transaction in which only what `found` says is there; it notes what was run, by the table that it is about. */
function openTransaction(found: {
  readonly isMine?: boolean;
  /** Rows that the deletion from a table takes away. */
  readonly rows?: Readonly<Record<string, number>>;
  readonly receipts?: (after: readonly unknown[]) => readonly Receipt[];
}) {
  const deleted: string[] = [];
  const tx: Transaction = {
    get: async <Row extends QueryResultRow>(sql: string): Promise<Row | undefined> => {
      assert.match(sql, /pg_try_advisory_xact_lock/);
      return { mine: found.isMine ?? true } as unknown as Row;
    },
    all: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> => {
      if (!/FROM receipt r\b/.test(sql)) return [];
      return [...(found.receipts?.(values) ?? [])] as unknown as Row[];
    },
    run: async (sql) => {
      const table = /^DELETE FROM (\w+)/.exec(sql)?.[1] ?? sql;
      deleted.push(table);
      return found.rows?.[table] ?? 0;
    },
    signal: () => undefined,
  };
  return { tx, deleted };
}

test('a node that another is ahead of sweeps nothing', async () => {
  const { tx, deleted } = openTransaction({ isMine: false, rows: { nonce: 7 } });
  assert.equal(await new Sweeps({ monotonic: () => 0 }).step(tx, retention, now), 0);
  assert.deepEqual(deleted, []);
});

test('a step takes the first kind that has any, and nothing of those behind it', async () => {
  const { tx, deleted } = openTransaction({ rows: { remarked: 3, notice: 5 } });
  assert.equal(await new Sweeps({ monotonic: () => 0 }).step(tx, retention, now), 3);
  assert.deepEqual(deleted, ['nonce', 'raw_event', 'remarked']);
});

test('receipts are walked over in steps: busy ones stay, and a full step goes on behind its last', async () => {
  const seen: unknown[][] = [];
  const full = Array.from({ length: 200 }, (_, n) => ({ account_id: 1, id: n + 1, busy: 1 }));
  const { tx, deleted } = openTransaction({
    receipts: (after) => {
      seen.push([...after]);
      return seen.length === 1 ? full : [{ account_id: 2, id: 300, busy: 0 }];
    },
  });
  const sweeps = new Sweeps({ monotonic: () => 0 });
  const before = toFirstId(now - retention.receiptMs);
  assert.equal(await sweeps.step(tx, retention, now), 1);
  assert.ok(!deleted.includes('receipt'));
  assert.equal(await sweeps.step(tx, retention, now), 1);
  assert.deepEqual(deleted.slice(-6), [
    'attempt',
    'delivery',
    'unwanted',
    'content',
    'queue_trace',
    'receipt',
  ]);
  await sweeps.step(tx, retention, now);
  assert.deepEqual(seen, [
    [0, 0, before],
    [1, 200, before],
    [0, 0, before],
  ]);
});
