import type { Connection } from '../sqlite/connection.ts';
import { repeat } from '../sqlite/statement.ts';
import type { MessageRow, QueueRow } from './rows.ts';

// Each message stands in one of two lists: ready, by priority and age, or waiting, by the time when it becomes ready.

export interface WaitingRow {
  readonly visible_at: number;
  readonly id: number;
  readonly priority: number;
  readonly dequeue_count: number;
  readonly first_dequeued_at: number | null;
  readonly moved: number;
}

export interface ReadyRow extends MessageRow {
  readonly receipt_id: number | null;
  readonly checksum: number;
}

/** Most waiting messages that one receive makes ready, so that a receive stays short whatever fell due at once. */
export const promoteLimit = 256;

const waitingColumns = 'visible_at, id, priority, dequeue_count, first_dequeued_at, moved';
const insertWaiting = `INSERT INTO waiting (account_id, queue_id, ${waitingColumns})`;
const insertReady =
  'INSERT INTO ready (account_id, queue_id, priority, id, dequeue_count, first_dequeued_at)';
const isReady = 'account_id = ? AND queue_id = ? AND priority = ? AND id = ?';
/** Ready messages of one priority between two ids. */
const inRange = 'account_id = ?1 AND queue_id = ?2 AND priority = ?3 AND id BETWEEN ?4 AND ?5';

const removeReady = `DELETE FROM ready WHERE ${isReady}`;
const removeMessage = 'DELETE FROM message WHERE id = ? RETURNING receipt_id';
const removeMoved = 'DELETE FROM moved WHERE account_id = ? AND queue_id = ? AND id = ?';

/** Says of a receipt how its message in a queue ended, once. */
const insertTrace = `INSERT INTO queue_trace (account_id, receipt_id, outcome, dequeue_count, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

/** Waiting messages of a queue that are due, oldest first. */
const dueWaiting = `SELECT ${waitingColumns} FROM waiting
  WHERE account_id = ? AND queue_id = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?`;

/** Takes the waiting row that a handle names, if it is the one of that receive. */
const takeWaiting = `DELETE FROM waiting WHERE account_id = ? AND queue_id = ? AND visible_at = ? AND id = ? AND dequeue_count = ?
  RETURNING ${waitingColumns}`;

/** Takes those of so many waiting rows that become ready at the same time and were received as often. */
const toTakeAlike = (count: number): string =>
  `DELETE FROM waiting WHERE account_id = ? AND queue_id = ? AND visible_at = ? AND dequeue_count = ? AND id IN (${repeat('?', count)})
   RETURNING ${waitingColumns}`;

/** Holds ready messages of a range until a time (?6), each with one receive more, the first of which was now (?7). */
const holdReady = `${insertWaiting}
  SELECT account_id, queue_id, ?6, id, priority, dequeue_count + 1, coalesce(first_dequeued_at, ?7), 0 FROM ready WHERE ${inRange}`;

/** The first ready messages of a queue. CROSS JOIN keeps the order of the loops: the ready list is the one that is walked. */
const headReady = `SELECT r.priority, r.id, r.dequeue_count, r.first_dequeued_at, m.enqueued_at, m.body, m.extras, m.receipt_id, m.checksum
  FROM ready r CROSS JOIN message m ON m.id = r.id
  WHERE r.account_id = ? AND r.queue_id = ? ORDER BY r.priority, r.id LIMIT ?`;

/** When the next message of a queue that is delayed or held becomes ready; no row when the queue is not there. */
const nextWaiting = `SELECT
    (SELECT visible_at FROM waiting WHERE account_id = ? AND queue_id = ? ORDER BY visible_at LIMIT 1) AS visible_at
  FROM queue WHERE id = ?`;

/** When the oldest ready message was sent. What fell due is ready, also while no receive has moved it to the ready list. */
const oldestReady = `SELECT min(m.enqueued_at) AS enqueued_at FROM
    (SELECT (SELECT id FROM ready WHERE account_id = ?1 AND queue_id = ?2 AND priority = p.value ORDER BY id LIMIT 1) AS id
     FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]') p
     UNION ALL
     SELECT min(id) FROM (SELECT id FROM waiting WHERE account_id = ?1 AND queue_id = ?2 AND visible_at <= ?3 ORDER BY visible_at LIMIT ${promoteLimit})) first
  JOIN message m ON m.id = first.id`;

/** Ready messages of one priority below an id: ids grow with time, so the oldest stand first. */
const oldReady = `SELECT priority, id, dequeue_count FROM ready
  WHERE account_id = ? AND queue_id = ? AND priority = ? AND id < ? ORDER BY id LIMIT ?`;

/** The next priority that any ready message of a queue has. */
const nextPriority =
  'SELECT priority FROM ready WHERE account_id = ? AND queue_id = ? AND priority > ? ORDER BY priority LIMIT 1';

/** What is run for queues themselves, prepared once. */
export function queueStatements(db: Connection) {
  return {
    byName: db.prepare<QueueRow>('SELECT * FROM queue WHERE account_id = ? AND name = ?'),
    attributesById: db.prepare<{ attributes: string }>('SELECT attributes FROM queue WHERE id = ?'),
    idsOf: db.prepare<{ id: number }>('SELECT id FROM queue WHERE account_id = ?'),
    sample: db.prepare<QueueRow>('SELECT * FROM queue ORDER BY account_id, name LIMIT ?'),
    page: db.prepare<QueueRow>(
      'SELECT * FROM queue WHERE account_id = ? AND name >= ? AND name > ? ORDER BY name LIMIT ?',
    ),
    insert: db.prepare(
      'INSERT INTO queue (account_id, name, attributes, created_at, modified_at) VALUES (?1, ?2, ?3, ?4, ?4)',
    ),
    update: db.prepare('UPDATE queue SET attributes = ?, modified_at = max(?, modified_at + 1) WHERE id = ?'),
    remove: db.prepare('DELETE FROM queue WHERE id = ?'),
    insertDropped: db.prepare('INSERT INTO dropped_queue (account_id, queue_id) VALUES (?, ?)'),
  };
}

/** What is run to add messages, to look for them and to take expired ones away; prepared once. */
export function messageStatements(db: Connection) {
  return {
    insertMessages: db.prepareRows(
      (count) =>
        `INSERT INTO message (id, account_id, enqueued_at, body, extras, receipt_id, queue_id, checksum) VALUES ${repeat('(?, ?, ?, ?, ?, ?, ?, ?)', count)}`,
    ),
    insertReadies: db.prepareRows(
      (count) => `${insertReady} VALUES ${repeat('(?, ?, ?, ?, 0, NULL)', count)}`,
    ),
    insertDelayed: db.prepare(`${insertWaiting} VALUES (?, ?, ?, ?, ?, 0, NULL, 0)`),
    oldestReady: db.prepare<{ enqueued_at: number | null }>(oldestReady),
    nextWaiting: db.prepare<{ visible_at: number | null }>(nextWaiting),
    oldReady: db.prepare<{ priority: number; id: number; dequeue_count: number }>(oldReady),
    nextPriority: db.prepare<{ priority: number }>(nextPriority),
    removeReady: db.prepare(removeReady),
    removeMessage: db.prepare<{ receipt_id: number | null }>(removeMessage),
    insertTrace: db.prepare(insertTrace),
  };
}

/** What is run to hand messages out, prepared once. */
export function receiveStatements(db: Connection) {
  return {
    dueWaiting: db.prepare<WaitingRow>(dueWaiting),
    takeWaiting: db.prepare<WaitingRow>(takeWaiting),
    insertReady: db.prepare(`${insertReady} VALUES (?, ?, ?, ?, ?, ?)`),
    removeMoved: db.prepare(removeMoved),
    headReady: db.prepare<ReadyRow>(headReady),
    holdReady: db.prepare(holdReady),
    removeReadies: db.prepare(`DELETE FROM ready WHERE ${inRange}`),
    removeReady: db.prepare(removeReady),
    removeMessage: db.prepare<{ receipt_id: number | null }>(removeMessage),
    insertTrace: db.prepare(insertTrace),
  };
}

/** What is run for messages that somebody has a handle of, prepared once. */
export function handleStatements(db: Connection) {
  return {
    takeWaiting: db.prepare<WaitingRow>(takeWaiting),
    takeAlike: db.prepareRows<WaitingRow>(toTakeAlike),
    insertWaiting: db.prepare(`${insertWaiting} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    insertReady: db.prepare(`${insertReady} VALUES (?, ?, ?, ?, ?, ?)`),
    putMoved: db.prepare(
      'INSERT INTO moved (account_id, queue_id, id, visible_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET visible_at = excluded.visible_at',
    ),
    findMoved: db.prepare<{ visible_at: number }>(
      'SELECT visible_at FROM moved WHERE account_id = ? AND queue_id = ? AND id = ?',
    ),
    removeMoved: db.prepare(removeMoved),
    removeMessages: db.prepareRows<{ id: number; receipt_id: number | null }>(
      (count) => `DELETE FROM message WHERE id IN (${repeat('?', count)}) RETURNING id, receipt_id`,
    ),
    insertTrace: db.prepare(insertTrace),
  };
}
