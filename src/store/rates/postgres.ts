import type { PushRate, QueueRate, Rate, RateKind, Rates } from '../store.ts';
import { toPushPoint, toPushSum } from './rows.ts';
import type { PushPointRow, PushSumRow } from './rows.ts';
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

/** Adds to what is counted of pushes that ended alike and took about as long. */
const addToPushes = `INSERT INTO push_rate (account_id, destination_id, minute, channel_id, outcome, status, took, count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (account_id, destination_id, minute, channel_id, outcome, status, took) DO UPDATE SET count = push_rate.count + excluded.count`;

/** By destination, so that what is older than the minute is not looked at. */
const sumPushes = `SELECT p.destination_id, p.channel_id, p.outcome, p.status, p.took, sum(p.count)::bigint AS count
  FROM destination t CROSS JOIN LATERAL (SELECT r.* FROM push_rate r WHERE r.account_id = t.account_id AND r.destination_id = t.id AND r.minute >= $2 OFFSET 0) p
  WHERE t.account_id = $1 AND ($3::bigint IS NULL OR t.id = $3) GROUP BY p.destination_id, p.channel_id, p.outcome, p.status, p.took
  ORDER BY p.destination_id, p.channel_id, p.outcome, p.status, p.took`;

const pushesOf = `SELECT minute, outcome, status, sum(count)::bigint AS count FROM push_rate
  WHERE account_id = $1 AND destination_id = $2 AND minute >= $3 GROUP BY minute, outcome, status ORDER BY minute, outcome, status`;

/** In one order, so that two nodes never wait for each other. */
function comparePushRates(a: PushRate, b: PushRate): number {
  const [one, other] = [a, b].map((rate) =>
    JSON.stringify([
      rate.accountId,
      rate.destinationId,
      rate.minute,
      rate.channelId,
      rate.outcome,
      rate.status,
      rate.took,
    ]),
  );
  return (one ?? '') < (other ?? '') ? -1 : 1;
}

export function rateVerbs(db: Connection): Rates {
  return {
    addPushRates: (rates) =>
      db.tx(async (tx) => {
        for (const rate of rates.toSorted(comparePushRates)) {
          const { accountId, destinationId, minute, channelId, outcome, status, took, count } = rate;
          const values = [
            accountId,
            destinationId,
            minute,
            channelId ?? '',
            outcome,
            status ?? 0,
            took,
            count,
          ];
          await tx.run(addToPushes, values);
        }
      }),
    sumPushRates: async (accountId, sinceMinute, destinationId) => {
      const values = [accountId, sinceMinute, destinationId ?? null];
      return (await db.all<PushSumRow & Record<string, unknown>>(sumPushes, values)).map(toPushSum);
    },
    listPushRates: async (accountId, destinationId, sinceMinute) => {
      const values = [accountId, destinationId, sinceMinute];
      return (await db.all<PushPointRow & Record<string, unknown>>(pushesOf, values)).map(toPushPoint);
    },
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
