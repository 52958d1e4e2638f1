import type { QueueRate, Rate, RateKind, Rates } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';

/** Adds to what is counted of a queue and a minute. */
const addToQueue = `INSERT INTO queue_rate (account_id, queue, minute, put, deleted) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (account_id, queue, minute) DO UPDATE
    SET put = queue_rate.put + excluded.put, deleted = queue_rate.deleted + excluded.deleted`;

/** Adds to what is counted of a kind and a minute. */
const addToKind = `INSERT INTO rate (account_id, minute, kind, count) VALUES ($1, $2, $3, $4)
  ON CONFLICT (account_id, minute, kind) DO UPDATE SET count = rate.count + excluded.count`;

const ratesOfQueues = `SELECT queue, minute, put, deleted FROM queue_rate
  WHERE account_id = $1 AND queue = ANY ($2) AND minute >= $3 ORDER BY minute, queue`;

export function rateVerbs(db: Connection): Rates {
  return {
    addQueueRates: (rates) =>
      db.tx(async (tx) => {
        // In one order, so that two nodes never wait for each other.
        const sorted = rates.toSorted(
          (a, b) => a.accountId - b.accountId || a.minute - b.minute || (a.queue < b.queue ? -1 : 1),
        );
        for (const { accountId, queue, minute, put, deleted } of sorted)
          await tx.run(addToQueue, [accountId, queue, minute, put, deleted]);
      }),
    listQueueRates: async (accountId, queues, sinceMinute) => {
      const values = [accountId, queues, sinceMinute];
      const rows = await db.all<Omit<QueueRate, 'accountId'>>(ratesOfQueues, values);
      return rows.map((row) => ({ accountId, ...row }));
    },
    addRates: (rates) =>
      db.tx(async (tx) => {
        // In one order, so that two nodes never wait for each other.
        const sorted = rates.toSorted(
          (a, b) => a.accountId - b.accountId || a.minute - b.minute || (a.kind < b.kind ? -1 : 1),
        );
        for (const { accountId, minute, kind, count } of sorted)
          await tx.run(addToKind, [accountId, minute, kind, count]);
      }),
    listRates: async (accountId, sinceMinute) => {
      const rows = await db.all<{ minute: number; kind: RateKind; count: number }>(
        'SELECT minute, kind, count FROM rate WHERE account_id = $1 AND minute >= $2 ORDER BY minute, kind',
        [accountId, sinceMinute],
      );
      return rows.map((row): Rate => ({ accountId, ...row }));
    },
  };
}
