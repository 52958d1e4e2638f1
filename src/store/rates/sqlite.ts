import type { QueueRate, Rate, RateKind, Rates } from '../store.ts';
import { toPushPoint, toPushSum } from './rows.ts';
import type { PushPointRow, PushSumRow } from './rows.ts';
import type { Connection } from '../sqlite/connection.ts';

const addPush = `INSERT INTO push_rate (account_id, destination_id, minute, channel_id, outcome, status, took, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (account_id, destination_id, minute, channel_id, outcome, status, took) DO UPDATE SET count = count + excluded.count`;

/** By destination, so that what is older than the minute is not looked at. */
const sumPushes = `SELECT p.destination_id, p.channel_id, p.outcome, p.status, p.took, sum(p.count) AS count
  FROM destination t CROSS JOIN push_rate p ON p.account_id = t.account_id AND p.destination_id = t.id AND p.minute >= ?2
  WHERE t.account_id = ?1 AND (?3 IS NULL OR t.id = ?3) GROUP BY p.destination_id, p.channel_id, p.outcome, p.status, p.took
  ORDER BY p.destination_id, p.channel_id, p.outcome, p.status, p.took`;

const listPushes = `SELECT minute, outcome, status, sum(count) AS count FROM push_rate
  WHERE account_id = ? AND destination_id = ? AND minute >= ? GROUP BY minute, outcome, status ORDER BY minute, outcome, status`;

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
  const addPushRate = db.prepare(addPush);
  const sumOfPushes = db.prepare<PushSumRow>(sumPushes);
  const pushesOf = db.prepare<PushPointRow>(listPushes);
  return {
    addPushRates: (rates) =>
      db.write(() => {
        for (const { accountId, destinationId, minute, channelId, outcome, status, took, count } of rates)
          addPushRate.run(
            ...[accountId, destinationId, minute, channelId ?? ''],
            ...[outcome, status ?? 0, took, count],
          );
      }),
    sumPushRates: (accountId, sinceMinute, destinationId) =>
      db.read(() => sumOfPushes.all(accountId, sinceMinute, destinationId ?? null).map(toPushSum)),
    listPushRates: (accountId, destinationId, sinceMinute) =>
      db.read(() => pushesOf.all(accountId, destinationId, sinceMinute).map(toPushPoint)),
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
