// How much a sweep would take, and how much it would leave.
import { toFirstId } from '../../domain/ids.ts';
import { readAttributes } from '../queues/rows.ts';
import { fileTables, maxOld } from './rows.ts';
import type { OldRows, SweepMark } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { Statement } from '../sqlite/statement.ts';

type Count = Statement<{ n: number }>;

/** Counts up to so many of what is older than a bound, and of what is not. */
interface AgeCount {
  readonly old: Count;
  readonly kept: Count;
}

/** Counts the rows of the file by their age; prepared once. */
export class AgeCounts {
  readonly #rawEvents: AgeCount;
  readonly #receipts: AgeCount;
  readonly #messages: AgeCount;
  readonly #media: AgeCount;
  readonly #uploads: AgeCount;
  readonly #ofQueue: AgeCount;
  readonly #queues;

  constructor(db: Connection) {
    const byAge = (rows: string, age: string): AgeCount => ({
      old: db.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM ${rows} ${age} < ? LIMIT ?)`),
      kept: db.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM ${rows} ${age} >= ? LIMIT ?)`),
    });
    this.#rawEvents = byAge('raw_event WHERE', 'id');
    this.#receipts = byAge('receipt WHERE', 'id');
    this.#messages = byAge('outbound WHERE', 'id');
    this.#media = byAge(fileTables.media, 'created_at');
    this.#uploads = byAge(fileTables.uploads, 'created_at');
    this.#ofQueue = byAge('ready WHERE account_id = ? AND queue_id = ? AND', 'id');
    this.#queues = db.prepare<{ id: number; account_id: number; attributes: string }>(
      'SELECT id, account_id, attributes FROM queue ORDER BY id',
    );
  }

  countOld(mark: SweepMark): OldRows[] {
    return [
      count('raw_events', this.#rawEvents, toFirstId(mark.rawEvents)),
      count('receipts', this.#receipts, toFirstId(mark.receipts)),
      count('messages', this.#messages, toFirstId(mark.receipts)),
      this.#countQueues(mark.at),
      ...(mark.media === undefined ? [] : [count('media', this.#media, mark.media)]),
      ...(mark.uploads === undefined ? [] : [count('uploads', this.#uploads, mark.uploads)]),
    ];
  }

  /** What receives of all queues would drop at a time, until there is enough to tell. */
  #countQueues(at: number): OldRows {
    let [old, kept] = [0, 0];
    for (const row of this.#queues.all()) {
      const { retentionSeconds } = readAttributes(row.attributes);
      const key = [row.account_id, row.id, toFirstId(at - retentionSeconds * 1000)] as const;
      old += this.#ofQueue.old.get(...key, maxOld)?.n ?? 0;
      kept += this.#ofQueue.kept.get(...key, maxOld * 10)?.n ?? 0;
      if (old >= maxOld) break;
    }
    return { kind: 'queue_messages', old, kept };
  }
}

/** What is kept is counted only beside something old, and up to ten times as much. */
function count(kind: OldRows['kind'], by: AgeCount, limit: number): OldRows {
  const old = by.old.get(limit, maxOld)?.n ?? 0;
  return { kind, old, kept: old === 0 ? 0 : (by.kept.get(limit, old * 10)?.n ?? 0) };
}
