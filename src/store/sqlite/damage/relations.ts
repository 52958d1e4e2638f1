// What tables know of each other, used to make again what was lost with damaged pages.
import type { DatabaseSync } from 'node:sqlite';
import { queueLimits } from '../../../domain/queue.ts';
import { initialAttributes } from '../../queues/rows.ts';
import { change } from './changes.ts';
import { addUp, setMessagesApart, unlist } from './quarantine.ts';

/** How much of what is lost touches, and what could be made again. */
export type Losses = Readonly<Record<string, number>>;

/** A queue as the index of names knows it. */
export interface NamedQueue {
  readonly accountId: number;
  readonly name: string;
  readonly id: number;
}

/**
 * Finds queues that something lies in and that are gone with their names: queues of receipts are named after their type, others after
 * their number.
 */
const findLostQueues = `SELECT l.queue_id AS id, l.account_id AS accountId,
    coalesce((SELECT 'Alicom-Queue-' || r.account_id || '-' || r.type FROM receipt r
      WHERE r.account_id = l.account_id AND r.queue_id = l.queue_id LIMIT 1), 'recovered-' || l.queue_id) AS name
  FROM (SELECT account_id, queue_id FROM ready UNION SELECT account_id, queue_id FROM waiting
        UNION SELECT account_id, queue_id FROM message) l
  WHERE l.queue_id NOT IN (SELECT id FROM queue) AND l.queue_id NOT IN (SELECT queue_id FROM dropped_queue)`;

/** Makes ready what is in no list of its queue. */
const listMessagesAgain = `INSERT OR IGNORE INTO ready (account_id, queue_id, priority, id, dequeue_count, first_dequeued_at)
  SELECT m.account_id, m.queue_id, ${queueLimits.priorityDefault}, m.id, 0, NULL FROM message m
  WHERE m.queue_id IN (SELECT id FROM queue)
    AND m.id NOT IN (SELECT id FROM ready) AND m.id NOT IN (SELECT id FROM waiting)`;

/** Adds up the files of each account. */
const tallyFiles = `INSERT INTO file_tally (account_id, bytes)
  SELECT account_id, sum(bytes) FROM (
    SELECT account_id, bytes FROM media WHERE state = 'stored' AND bytes IS NOT NULL
    UNION ALL SELECT account_id, bytes FROM upload) GROUP BY account_id`;

const isContentLost = 'NOT EXISTS (SELECT 1 FROM receipt r WHERE r.id = content.receipt_id)';

/** Keeps contents apart whose receipts are lost. */
const setContentsApart = `INSERT INTO unreadable (at, source, reason, account_id, row)
  SELECT ?, 'content', 'its receipt is lost', account_id, json_object('receipt_id', receipt_id, 'account_id', account_id, 'body', body)
  FROM content WHERE ${isContentLost}`;

/**
 * Lets the first delivery of each lane go: the one that it waited for may be among those lost. What settings do not want stands still.
 */
const freeLanes = `UPDATE delivery SET state = 0, due_at = max(due_at, ?) WHERE state = 1
  AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.account_id = delivery.account_id AND d.destination_id = delivery.destination_id
    AND d.lane = delivery.lane AND d.state <= 1 AND d.laned = 1 AND d.place < delivery.place)
  AND NOT EXISTS (SELECT 1 FROM unwanted u WHERE u.account_id = delivery.account_id AND u.delivery_id = delivery.id)`;

/** The same for messages of the business. */
const freeMessages = `UPDATE outbound SET state = 0, due_at = max(coalesce(due_at, 0), ?) WHERE state = 1
  AND NOT EXISTS (SELECT 1 FROM outbound o WHERE o.account_id = outbound.account_id AND o.lane = outbound.lane
    AND o.state <= 1 AND o.id < outbound.id)`;

/**
 * Brings the tables of a saved copy into agreement, in the transaction that is open: lists are made again from the rows that they
 * list, and what has lost its other half is taken away and counted. Foreign keys have to be off.
 */
export function mendRelations(db: DatabaseSync, now: number, queues: readonly NamedQueue[]): Losses {
  const run: Run = (sql, ...values) => change(db, sql, ...values);
  // Rows of files may be lost, or of the tally itself.
  run('DELETE FROM file_tally');
  run(tallyFiles);
  return {
    ...mendAccounts(now, run),
    ...mendQueues(db, now, queues, run),
    ...mendDeliveries(now, run),
    ...mendContents(now, run),
  };
}

type Run = (sql: string, ...values: (number | string | null)[]) => number;

function mendAccounts(now: number, run: Run): Losses {
  // A store without accounts would begin anew, with a new first account.
  const owners = ['access_key', 'console_user', 'channel', 'queue', 'receipt', 'destination', 'notice_target']
    .map((table) => `SELECT account_id FROM ${table}`)
    .join(' UNION ');
  const accounts = run(
    `INSERT OR IGNORE INTO account (id, name, first, created_at) SELECT account_id, 'Recovered', 0, ? FROM (${owners}) WHERE account_id IS NOT NULL`,
    now,
  );
  run(
    `UPDATE account SET first = 1 WHERE id = (SELECT id FROM account ORDER BY created_at, id LIMIT 1)
       AND NOT EXISTS (SELECT 1 FROM account WHERE first = 1)`,
  );
  return { accountsMadeAgain: accounts };
}

function mendQueues(db: DatabaseSync, now: number, queues: readonly NamedQueue[], run: Run): Losses {
  let queuesMadeAgain = 0;
  for (const { accountId, name, id } of queues) queuesMadeAgain += makeQueue(now, run, id, accountId, name);
  for (const { id, accountId, name } of db.prepare(findLostQueues).all())
    queuesMadeAgain += makeQueue(now, run, Number(id), Number(accountId), String(name));
  // Those whose body is not what was sent go first, and their places in the lists with them.
  addUp(setMessagesApart(db, now));
  const messagesLost = unlist(db);
  const messagesListedAgain = run(listMessagesAgain);
  run('DELETE FROM moved WHERE id NOT IN (SELECT id FROM waiting)');
  return { queuesMadeAgain, messagesLost, messagesListedAgain };
}

function makeQueue(now: number, run: Run, id: number, accountId: number, name: string): number {
  return run(
    'INSERT OR IGNORE INTO queue (id, account_id, name, attributes, created_at, modified_at) VALUES (?, ?, ?, ?, ?, ?)',
    ...[id, accountId, name, JSON.stringify(initialAttributes(name)), now, now],
  );
}

/** What users wrote in receipts that are lost, which nothing leads to any more: neither an erasure nor the end of its time. */
function mendContents(now: number, run: Run): Losses {
  run(setContentsApart, now);
  return { contentsSetApart: run(`DELETE FROM content WHERE ${isContentLost}`) };
}

function mendDeliveries(now: number, run: Run): Losses {
  const deliveriesLost = run(
    'DELETE FROM delivery WHERE state <= 1 AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.id = delivery.id)',
  );
  // One that waits is always one of a lane, as the index of lanes has it.
  run('UPDATE delivery SET laned = 1 WHERE state = 1 AND laned = 0 OR state <= 1 AND laned = 2');
  run('DELETE FROM unwanted WHERE NOT EXISTS (SELECT 1 FROM delivery d WHERE d.id = unwanted.delivery_id)');
  const lanesFreed = run(freeLanes, now);
  const messagesFreed = run(freeMessages, now);
  // What is left of the keys comes into one place first, each with its rank.
  run('INSERT OR IGNORE INTO seen SELECT account_id, key, receipt_id, rank FROM seen_lately');
  run('DELETE FROM seen_lately');
  // Without its key a receipt that comes again would be taken for a new one.
  const keysMadeAgain = run(
    'INSERT OR IGNORE INTO seen (account_id, key, receipt_id, rank) SELECT account_id, key, id, 0 FROM receipt',
  );
  return { deliveriesLost, lanesFreed, messagesFreed, keysMadeAgain };
}
