import type { QueueRate, Rate, RateKind, Rates } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';

export function rateVerbs(db: Connection): Rates {
  const add = db.prepare(
    `INSERT INTO rate (account_id, minute, kind, count) VALUES (?, ?, ?, ?)
     ON CONFLICT (account_id, minute, kind) DO UPDATE SET count = count + excluded.count`,
  );
  const since = db.prepare<{ minute: number; kind: RateKind; count: number }>(
    'SELECT minute, kind, count FROM rate WHERE account_id = ? AND minute >= ? ORDER BY minute, kind',
  );
  const addQueue = db.prepare(
    `INSERT INTO queue_rate (account_id, queue, minute, put, deleted) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (account_id, queue, minute) DO UPDATE SET put = put + excluded.put, deleted = deleted + excluded.deleted`,
  );
  const ofQueue = db.prepare<{ minute: number; put: number; deleted: number }>(
    'SELECT minute, put, deleted FROM queue_rate WHERE account_id = ? AND queue = ? AND minute >= ? ORDER BY minute',
  );
  return {
    addQueueRates: (rates) =>
      db.write(() => {
        for (const { accountId, queue, minute, put, deleted } of rates)
          addQueue.run(accountId, queue, minute, put, deleted);
      }),
    listQueueRates: (accountId, queues, sinceMinute) =>
      db.read(() =>
        queues
          .flatMap((queue) =>
            ofQueue
              .all(accountId, queue, sinceMinute)
              .map((row): QueueRate => ({ accountId, queue, ...row })),
          )
          .sort((a, b) => a.minute - b.minute),
      ),
    addRates: (rates) =>
      db.write(() => {
        for (const { accountId, minute, kind, count } of rates) add.run(accountId, minute, kind, count);
      }),
    listRates: (accountId, sinceMinute) =>
      db.read(() => since.all(accountId, sinceMinute).map((row): Rate => ({ accountId, ...row }))),
  };
}
