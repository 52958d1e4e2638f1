import { toFirstId, toIdTime } from '../../domain/ids.ts';
import { readAttributes } from '../rows/queues.ts';
import { maxOld, readMark, toTime } from '../rows/aging.ts';
import type { Aging, OldRows, SweepMark } from '../store.ts';
import type { Connection } from './connection.ts';

export function agingVerbs(db: Connection): Aging {
  const read = db.prepare<{ value: Uint8Array }>('SELECT value FROM meta WHERE key = ?');
  const write = db.prepare(
    "INSERT INTO meta (key, value) VALUES ('swept', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
  );
  const countUpTo = (from: string) =>
    db.prepare<{ n: number }>(`SELECT count(*) AS n FROM (SELECT 1 FROM ${from} LIMIT ?)`);
  const tables = [
    ['raw_events', 'raw_event'],
    ['receipts', 'receipt'],
    ['messages', 'outbound'],
  ] as const;
  const counts = tables.map(([kind, table]) => ({
    kind,
    old: countUpTo(`${table} WHERE id < ?`),
    kept: countUpTo(`${table} WHERE id >= ?`),
  }));
  const queues = db.prepare<{ id: number; account_id: number; attributes: string }>(
    'SELECT id, account_id, attributes FROM queue ORDER BY id',
  );
  const ofQueue = {
    old: countUpTo('ready WHERE account_id = ? AND queue_id = ? AND id < ?'),
    kept: countUpTo('ready WHERE account_id = ? AND queue_id = ? AND id >= ?'),
  };

  function countQueues(at: number): OldRows {
    let [old, kept] = [0, 0];
    for (const row of queues.all()) {
      const { retentionSeconds } = readAttributes(row.attributes);
      const key = [row.account_id, row.id, toFirstId(at - retentionSeconds * 1000)] as const;
      const ofThis = ofQueue.old.get(...key, maxOld)?.n ?? 0;
      old += ofThis;
      kept += ofQueue.kept.get(...key, maxOld * 10)?.n ?? 0;
      if (old >= maxOld) break;
    }
    return { kind: 'queue_messages', old, kept };
  }

  function countOld(mark: SweepMark): OldRows[] {
    const before = { raw_events: mark.rawEvents, receipts: mark.receipts, messages: mark.receipts };
    const rows = counts.map(({ kind, ...count }): OldRows => {
      const id = toFirstId(before[kind]);
      const old = count.old.get(id, maxOld)?.n ?? 0;
      return { kind, old, kept: old === 0 ? 0 : (count.kept.get(id, old * 10)?.n ?? 0) };
    });
    return [...rows, countQueues(mark.at)];
  }

  return {
    findNewestTime: () =>
      db.read(() => {
        const times = [
          toTime(read.get('probed')?.value),
          readMark(read.get('swept')?.value)?.at,
          db.lastId === 0 ? undefined : toIdTime(db.lastId),
        ];
        return times.reduce<number | null>(
          (newest, time) => (time === undefined ? newest : Math.max(newest ?? 0, time)),
          null,
        );
      }),
    findSweepMark: () => db.read(() => readMark(read.get('swept')?.value)),
    noteSweep: (mark) => db.write(() => void write.run(Buffer.from(JSON.stringify(mark)))),
    countOld: (mark) => db.read(() => countOld(mark)),
    holdExpiry: (until) => {
      db.expiryLimit = until ?? Number.POSITIVE_INFINITY;
    },
  };
}
