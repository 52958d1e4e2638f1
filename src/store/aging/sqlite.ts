import { toIdTime } from '../../domain/ids.ts';
import { noLane } from '../../domain/message.ts';
import { broughtRows, maxAheadMs, readMark, toTime } from './rows.ts';
import type { Aging, SweepMark } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import { AgeCounts } from './sqlite-counts.ts';

// What is due further ahead than anything is planned is made due now (?1). Each walks over what can have something due, and looks at
// the end of its list.

/** Waiting deliveries of every destination. */
const farDeliveries = `UPDATE delivery SET due_at = ?1 WHERE id IN
    (SELECT d.id FROM destination t CROSS JOIN delivery d
     WHERE d.account_id = t.account_id AND d.destination_id = t.id AND d.state = 0 AND d.due_at > ?2 LIMIT ${broughtRows})
  RETURNING account_id, destination_id`;

/** Messages of every sender for which something is planned; those never claimed are due whatever their time, and keep their order by it. */
const farOutbound = `UPDATE outbound SET due_at = ?1 WHERE id IN
    (SELECT o.id FROM sender s CROSS JOIN outbound o
     WHERE o.account_id = s.account_id AND o.channel_id = s.channel_id AND o.sender_id = s.id AND o.state <> 1
       AND o.lane <> ${noLane} AND o.due_at IS NOT NULL AND o.due_at > ?2 LIMIT ${broughtRows})
  RETURNING account_id, channel_id, sender_id`;

/** Messages of every queue that wait for their time. */
const farWaiting = `UPDATE waiting SET visible_at = ?1 WHERE (account_id, queue_id, visible_at, id) IN
    (SELECT w.account_id, w.queue_id, w.visible_at, w.id FROM queue q CROSS JOIN waiting w
     WHERE w.account_id = q.account_id AND w.queue_id = q.id AND w.visible_at > ?2 LIMIT ${broughtRows})
  RETURNING account_id, queue_id`;

/** Files that are to be fetched. */
const farMedia = `UPDATE media SET due_at = ?1 WHERE (account_id, id) IN
  (SELECT account_id, id FROM media WHERE state = 'pending' AND due_at > ?2 LIMIT ${broughtRows})`;

/** What is run for the age of what is kept, prepared once. */
function agingStatements(db: Connection) {
  return {
    read: db.prepare<{ value: Uint8Array }>('SELECT value FROM meta WHERE key = ?'),
    write: db.prepare(
      "INSERT INTO meta (key, value) VALUES ('swept', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    ),
    farDeliveries: db.prepare<{ account_id: number; destination_id: number }>(farDeliveries),
    farOutbound: db.prepare<{ account_id: number; channel_id: string; sender_id: string }>(farOutbound),
    farWaiting: db.prepare<{ account_id: number; queue_id: number }>(farWaiting),
    farMedia: db.prepare(farMedia),
    farReviews: db.prepare(
      'UPDATE template SET review_at = ?1, lease_ends_at = min(lease_ends_at, ?1) WHERE review_at > ?2',
    ),
  };
}

/** What tells how old things are and brings forward what is too far ahead, each inside a transaction that the caller has. */
export class AgingTables {
  readonly #db: Connection;
  readonly #counts: AgeCounts;
  readonly #sql;

  constructor(db: Connection) {
    this.#db = db;
    this.#counts = new AgeCounts(db);
    this.#sql = agingStatements(db);
  }

  findNewestTime(): number | null {
    const times = [
      toTime(this.#sql.read.get('probed')?.value),
      this.findSweepMark()?.at,
      this.#db.lastId === 0 ? undefined : toIdTime(this.#db.lastId),
    ];
    return times.reduce<number | null>(
      (newest, time) => (time === undefined ? newest : Math.max(newest ?? 0, time)),
      null,
    );
  }

  findSweepMark(): SweepMark | undefined {
    return readMark(this.#sql.read.get('swept')?.value);
  }

  noteSweep(mark: SweepMark): void {
    this.#sql.write.run(Buffer.from(JSON.stringify(mark)));
  }

  countOld(mark: SweepMark): ReturnType<AgeCounts['countOld']> {
    return this.#counts.countOld(mark);
  }

  bringForward(tx: Transaction, now: number): number {
    const limit = now + maxAheadMs;
    const deliveries = this.#sql.farDeliveries.all(now, limit);
    const outbound = this.#sql.farOutbound.all(now, limit);
    const waiting = this.#sql.farWaiting.all(now, limit);
    const media = this.#sql.farMedia.run(now, limit);
    const reviews = this.#sql.farReviews.run(now, limit);
    for (const { account_id: accountId, destination_id: destinationId } of deliveries)
      tx.signal({ kind: 'deliveries', accountId, destinationId });
    for (const { account_id: accountId, channel_id: channelId, sender_id: senderId } of outbound)
      tx.signal({ kind: 'outbound', accountId, channelId, senderId });
    for (const { account_id: accountId, queue_id: queueId } of waiting)
      tx.signal({ kind: 'queue', accountId, queueId });
    if (media > 0) tx.signal({ kind: 'media' });
    return deliveries.length + outbound.length + waiting.length + media + reviews;
  }
}

export function agingVerbs(db: Connection, aging: AgingTables): Aging {
  return {
    bringForward: (now) => db.write((tx) => aging.bringForward(tx, now)),
    findNewestTime: () => db.read(() => aging.findNewestTime()),
    findSweepMark: () => db.read(() => aging.findSweepMark()),
    noteSweep: (mark) => db.write(() => aging.noteSweep(mark)),
    countOld: (mark) => db.read(() => aging.countOld(mark)),
    holdExpiry: (until) => {
      db.expiryLimit = until ?? Number.POSITIVE_INFINITY;
    },
  };
}
