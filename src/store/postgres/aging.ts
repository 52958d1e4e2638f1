import { maxId, toFirstId, toIdTime } from '../../domain/ids.ts';
import { maxOld, readMark, toTime } from '../rows/aging.ts';
import type { Aging, OldRows, SweepMark } from '../store.ts';
import type { Connection } from './connection.ts';

const tables = [
  ['raw_events', 'raw_event'],
  ['receipts', 'receipt'],
  ['messages', 'outbound'],
] as const;

/** Counts rows of all accounts, each by its own part of the index, up to a bound. */
function toCount(table: string, condition: string): string {
  return `SELECT count(*) AS n FROM (SELECT 1 FROM account a, LATERAL
    (SELECT 1 FROM ${table} r WHERE r.account_id = a.id AND r.id ${condition} $1 LIMIT $2) o LIMIT $2) c`;
}

const ofQueues = (condition: string) =>
  `SELECT count(*) AS n FROM (SELECT 1 FROM queue q, LATERAL
    (SELECT 1 FROM message m WHERE m.account_id = q.account_id AND m.queue_id = q.id AND m.state = 0 AND m.enqueued_at ${condition}
       $1 - q.retention_ms LIMIT $2) o LIMIT $2) c`;

export function agingVerbs(db: Connection): Aging {
  const read = async (key: string): Promise<Uint8Array | undefined> =>
    (await db.get<{ value: Uint8Array }>('SELECT value FROM meta WHERE key = $1', [key]))?.value;
  const count = async (sql: string, value: number, limit: number): Promise<number> =>
    (await db.get<{ n: number }>(sql, [value, limit]))?.n ?? 0;
  const countOf = async (
    kind: OldRows['kind'],
    old: string,
    kept: string,
    value: number,
  ): Promise<OldRows> => {
    const n = await count(old, value, maxOld);
    return { kind, old: n, kept: n === 0 ? 0 : await count(kept, value, n * 10) };
  };

  return {
    findNewestTime: async () => {
      const newest = await db.get<{ id: number | null }>(
        `SELECT max(o.id) AS id FROM account a, LATERAL (
           (SELECT id FROM receipt WHERE account_id = a.id AND id < ${maxId} ORDER BY id DESC LIMIT 1)
           UNION ALL (SELECT id FROM outbound WHERE account_id = a.id AND id < ${maxId} ORDER BY id DESC LIMIT 1)) o`,
      );
      const id = newest?.id ?? null;
      const times = [
        toTime(await read('probed')),
        readMark(await read('swept'))?.at,
        id === null ? undefined : toIdTime(id),
      ].filter((time) => time !== undefined);
      return times.length === 0 ? null : Math.max(...times);
    },
    findSweepMark: async () => readMark(await read('swept')),
    noteSweep: async (mark) => {
      await db.run(
        "INSERT INTO meta (key, value) VALUES ('swept', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [Buffer.from(JSON.stringify(mark))],
      );
    },
    countOld: async (mark: SweepMark) => {
      const before = { raw_events: mark.rawEvents, receipts: mark.receipts, messages: mark.receipts };
      const rows: OldRows[] = [];
      for (const [kind, table] of tables)
        rows.push(await countOf(kind, toCount(table, '<'), toCount(table, '>='), toFirstId(before[kind])));
      return [...rows, await countOf('queue_messages', ofQueues('<'), ofQueues('>='), mark.at)];
    },
    holdExpiry: (until) => {
      db.expiryLimit = until ?? Number.POSITIVE_INFINITY;
    },
  };
}
