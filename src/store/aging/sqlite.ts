import { toFirstId, toIdTime } from '../../domain/ids.ts';
import { readAttributes } from '../queues/rows.ts';
import { broughtRows, fileTables, maxAheadMs, maxOld, readMark, toTime } from './rows.ts';
import type { Aging, OldRows, SweepMark } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';

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
  const ofFiles = (['media', 'uploads'] as const).map((kind) => {
    const table = fileTables[kind];
    return { kind, old: countUpTo(`${table} created_at < ?`), kept: countUpTo(`${table} created_at >= ?`) };
  });
  const queues = db.prepare<{ id: number; account_id: number; attributes: string }>(
    'SELECT id, account_id, attributes FROM queue ORDER BY id',
  );
  const ofQueue = {
    old: countUpTo('ready WHERE account_id = ? AND queue_id = ? AND id < ?'),
    kept: countUpTo('ready WHERE account_id = ? AND queue_id = ? AND id >= ?'),
  };

  type Counting = ReturnType<typeof countUpTo>;

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
    const rowsOf = <K extends OldRows['kind']>(
      { kind, old: ofOld, kept }: { kind: K; old: Counting; kept: Counting },
      limit: number,
    ): OldRows => {
      const old = ofOld.get(limit, maxOld)?.n ?? 0;
      return { kind, old, kept: old === 0 ? 0 : (kept.get(limit, old * 10)?.n ?? 0) };
    };
    const rows = counts.map((count) => rowsOf(count, toFirstId(before[count.kind])));
    const files = ofFiles.flatMap((count) => {
      const limit = mark[count.kind];
      return limit === undefined ? [] : [rowsOf(count, limit)];
    });
    return [...rows, countQueues(mark.at), ...files];
  }

  // Each walks over what can have something due, and looks at the end of its list.
  const farDeliveries = db.prepare<{ account_id: number; destination_id: number }>(
    `UPDATE delivery SET due_at = ?1 WHERE id IN
       (SELECT d.id FROM destination t CROSS JOIN delivery d
        WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0 AND d.due_at > ?2 LIMIT ${broughtRows})
     RETURNING account_id, destination_id`,
  );
  const farOutbound = db.prepare<{ account_id: number; channel_id: string; sender_id: string }>(
    `UPDATE outbound SET due_at = ?1 WHERE id IN
       (SELECT o.id FROM sender s CROSS JOIN outbound o
        WHERE o.account_id = s.account_id AND o.channel_id = s.channel_id AND o.sender_id = s.id AND o.state <> 1
          AND o.due_at IS NOT NULL AND o.due_at > ?2 LIMIT ${broughtRows})
     RETURNING account_id, channel_id, sender_id`,
  );
  const farWaiting = db.prepare<{ account_id: number; queue_id: number }>(
    `UPDATE waiting SET visible_at = ?1 WHERE (account_id, queue_id, visible_at, id) IN
       (SELECT w.account_id, w.queue_id, w.visible_at, w.id FROM queue q CROSS JOIN waiting w
        WHERE w.account_id = q.account_id AND w.queue_id = q.id AND w.visible_at > ?2 LIMIT ${broughtRows})
     RETURNING account_id, queue_id`,
  );
  const farMedia = db.prepare(
    `UPDATE media SET due_at = ?1 WHERE (account_id, id) IN
       (SELECT account_id, id FROM media WHERE state = 'pending' AND due_at > ?2 LIMIT ${broughtRows})`,
  );
  const farReviews = db.prepare('UPDATE template SET review_at = ?1 WHERE review_at > ?2');

  function bringForward(tx: Transaction, now: number): number {
    const limit = now + maxAheadMs;
    const deliveries = farDeliveries.all(now, limit);
    const outbound = farOutbound.all(now, limit);
    const waiting = farWaiting.all(now, limit);
    const media = farMedia.run(now, limit);
    for (const row of deliveries)
      tx.signal({ kind: 'deliveries', accountId: row.account_id, destinationId: row.destination_id });
    for (const row of outbound)
      tx.signal({
        kind: 'outbound',
        accountId: row.account_id,
        channelId: row.channel_id,
        senderId: row.sender_id,
      });
    for (const row of waiting) tx.signal({ kind: 'queue', accountId: row.account_id, queueId: row.queue_id });
    if (media > 0) tx.signal({ kind: 'media' });
    return deliveries.length + outbound.length + waiting.length + media + farReviews.run(now, limit);
  }

  return {
    bringForward: (now) => db.write((tx) => bringForward(tx, now)),
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
