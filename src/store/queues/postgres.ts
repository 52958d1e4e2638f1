import { requireExpected, versionOfQueue } from '../../domain/version.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import { receiptQueueAttributes } from '../../domain/queue.ts';
import type { Queue, QueueAttributes, QueueDepth } from '../../domain/queue.ts';
import type { Expected } from '../../domain/version.ts';
import { initialAttributes, isSameAttributes, toQueue, withAttributes } from './rows.ts';
import type { QueueRow } from './rows.ts';
import type { Queues } from '../store.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import { toSignal } from './postgres-messages.ts';
import type { MessageTables } from './postgres-messages.ts';
import type { Recorder } from '../journal/postgres.ts';

/** A queue's row with those of its attributes that statements read, which stay when the others cannot be read. */
interface SharedQueueRow extends QueueRow {
  readonly delay_ms: number;
  readonly visibility_ms: number;
  readonly retention_ms: number;
}

interface DepthRow extends Record<string, unknown> {
  readonly active: number;
  readonly inactive: number;
  readonly delayed: number;
  readonly due: number;
  readonly due_delayed: number;
}

/** Most overdue messages that a count looks at one by one; beyond that the figure is a little off. */
const overdueLimit = 10_000;

const queueByName = 'SELECT * FROM queue WHERE account_id = $1 AND name = $2';

/** Nobody else changes the queue until the commit. */
const lockQueue = `${queueByName} FOR UPDATE`;

/** Makes a queue, unless the account has one of that name. */
const insertQueue = `INSERT INTO queue (account_id, name, attributes, created_at, modified_at) VALUES ($1, $2, $3, $4, $4)
  ON CONFLICT (account_id, name) DO NOTHING`;

const updateAttributes =
  'UPDATE queue SET attributes = $1, modified_at = greatest($2, modified_at + 1) WHERE account_id = $3 AND id = $4';

/** Queues from a name on and after another, by name. */
const queuesAfter =
  'SELECT * FROM queue WHERE account_id = $1 AND name >= $2 AND name > $3 ORDER BY name LIMIT $4';

/** What transactions wrote down of a queue, added up; and what fell due since and no receive has made ready yet. */
const depthOf = `SELECT t.*, d.* FROM
    (SELECT coalesce(sum(active), 0)::bigint AS active, coalesce(sum(inactive), 0)::bigint AS inactive,
       coalesce(sum(delayed), 0)::bigint AS delayed FROM queue_tally WHERE account_id = $1 AND queue_id = $2) t,
    (SELECT count(*) AS due, count(*) FILTER (WHERE dequeue_count = 0) AS due_delayed FROM
       (SELECT dequeue_count FROM message WHERE account_id = $1 AND queue_id = $2 AND state = 1 AND visible_at <= $3
        ORDER BY visible_at, id LIMIT ${overdueLimit}) o) d`;

/** The same of all queues of an account that are there, in whatever state. */
const queuedOf = `SELECT coalesce(sum(t.active + t.inactive + t.delayed), 0)::bigint AS count FROM queue_tally t
  WHERE t.account_id = $1 AND t.queue_id IN (SELECT id FROM queue WHERE account_id = $1)`;

/**
 * When the oldest message that is ready was sent: the first of each priority, and what fell due, which is ready also while no receive
 * has made it so. By the bounds of a priority, as it is not by its value, the index of those that are ready is the only one in order.
 */
const oldestReady = `SELECT min(m.enqueued_at) AS enqueued_at FROM
    (SELECT f.id FROM generate_series(1, 16) p, LATERAL
       (SELECT id FROM message WHERE account_id = $1 AND queue_id = $2 AND state = 0 AND priority BETWEEN p AND p
        ORDER BY priority, id LIMIT 1) f
     UNION ALL
     SELECT min(id) FROM (SELECT id FROM message WHERE account_id = $1 AND queue_id = $2 AND state = 1 AND visible_at <= $3
       ORDER BY visible_at LIMIT 256) due) first
  JOIN message m ON m.account_id = $1 AND m.id = first.id`;

/** What is done with the table of queues. */
export class QueueTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;

  constructor(db: Connection, recordChange: Recorder) {
    this.#db = db;
    this.#recordChange = recordChange;
  }

  /** Makes the account's queue of that name with receiptQueueAttributes when it is missing. */
  async ensureForReceipts(tx: Transaction, accountId: AccountId, name: string): Promise<void> {
    const made = await this.#insert(tx, accountId, name, receiptQueueAttributes);
    if (made) tx.signal({ kind: 'directory', accountId });
  }

  async create(
    tx: Transaction,
    accountId: AccountId,
    name: string,
    attributes: QueueAttributes,
    actor?: Actor,
  ): Promise<'created' | 'same' | 'different'> {
    if (await this.#insert(tx, accountId, name, attributes)) {
      await this.#note(tx, accountId, actor, 'queue.created', name, { ...attributes });
      tx.signal({ kind: 'directory', accountId });
      return 'created';
    }
    const known = await tx.get<SharedQueueRow>(queueByName, [accountId, name]);
    if (known === undefined) return 'different';
    return isSameAttributes(this.#read(known).attributes, attributes) ? 'same' : 'different';
  }

  async setAttributes(
    tx: Transaction,
    accountId: AccountId,
    name: string,
    attributes: Partial<QueueAttributes>,
    actor?: Actor,
    expected?: Expected,
  ): Promise<boolean> {
    const row = await tx.get<SharedQueueRow>(lockQueue, [accountId, name]);
    if (row === undefined) return false;
    const known = this.#read(row);
    requireExpected(expected, versionOfQueue(known));
    const changed = JSON.stringify({ ...known.attributes, ...attributes });
    await tx.run(updateAttributes, [changed, this.#db.now(), accountId, known.id]);
    await this.#note(tx, accountId, actor, 'queue.set', name, { ...attributes });
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  async remove(
    tx: Transaction,
    accountId: AccountId,
    name: string,
    actor?: Actor,
    expected?: Expected,
  ): Promise<boolean> {
    if (expected !== undefined) {
      const row = await tx.get<SharedQueueRow>(lockQueue, [accountId, name]);
      if (row !== undefined) requireExpected(expected, versionOfQueue(this.#read(row)));
    }
    const sql = 'DELETE FROM queue WHERE account_id = $1 AND name = $2 RETURNING id';
    const known = await tx.get<{ id: number }>(sql, [accountId, name]);
    if (known === undefined) return false;
    const dropped = 'INSERT INTO dropped_queue (account_id, queue_id, dropped_at) VALUES ($1, $2, $3)';
    await tx.run(dropped, [accountId, known.id, this.#db.now()]);
    await this.#note(tx, accountId, actor, 'queue.deleted', name, {});
    tx.signal({ kind: 'directory', accountId });
    tx.signal(toSignal({ accountId, id: known.id }));
    return true;
  }

  async find(accountId: AccountId, name: string): Promise<Queue | undefined> {
    const row = await this.#db.get<SharedQueueRow>(queueByName, [accountId, name]);
    return row && this.#read(row);
  }

  async sample(limit: number): Promise<Queue[]> {
    const sql = 'SELECT * FROM queue ORDER BY account_id, name LIMIT $1';
    return (await this.#db.all<SharedQueueRow>(sql, [limit])).map((row) => this.#read(row));
  }

  async list(accountId: AccountId, prefix: string, after: string, limit: number): Promise<Queue[]> {
    const rows = await this.#db.all<SharedQueueRow>(queuesAfter, [accountId, prefix, after, limit]);
    const end = rows.findIndex((row) => !row.name.startsWith(prefix));
    return (end < 0 ? rows : rows.slice(0, end)).map((row) => this.#read(row));
  }

  async count({ accountId, id }: Queue): Promise<QueueDepth> {
    const row = await this.#db.get<DepthRow>(depthOf, [accountId, id, this.#db.now()]);
    if (row === undefined) return { active: 0, inactive: 0, delayed: 0 };
    // What is due counts as active even if no receive has made it ready yet.
    return {
      active: row.active + row.due,
      inactive: row.inactive - (row.due - row.due_delayed),
      delayed: row.delayed - row.due_delayed,
    };
  }

  async countAll(accountId: AccountId): Promise<number> {
    return (await this.#db.get<{ count: number }>(queuedOf, [accountId]))?.count ?? 0;
  }

  async findOldestMessage({ accountId, id }: Queue): Promise<number | undefined> {
    const values = [accountId, id, this.#db.now()];
    const row = await this.#db.get<{ enqueued_at: number | null }>(oldestReady, values);
    return row?.enqueued_at ?? undefined;
  }

  async #insert(
    tx: Transaction,
    accountId: AccountId,
    name: string,
    attributes: QueueAttributes,
  ): Promise<boolean> {
    const values = [accountId, name, JSON.stringify(attributes), this.#db.now()];
    return (await tx.run(insertQueue, values)) > 0;
  }

  /** What the SMQ protocol does is not recorded. */
  async #note(
    tx: Transaction,
    accountId: AccountId,
    actor: Actor | undefined,
    action: string,
    name: string,
    detail: Record<string, unknown>,
  ): Promise<void> {
    if (actor !== undefined) await this.#recordChange(tx, accountId, actor, action, `queue/${name}`, detail);
  }

  /** A queue whose attributes cannot be read goes on with what statements know of them. */
  #read(row: SharedQueueRow): Queue {
    return this.#db.rows.readOne('queue', row, toQueue, () =>
      withAttributes(row, {
        ...initialAttributes(row.name),
        delaySeconds: row.delay_ms / 1000,
        visibilitySeconds: row.visibility_ms / 1000,
        retentionSeconds: row.retention_ms / 1000,
      }),
    );
  }
}

export function queueVerbs(db: Connection, queues: QueueTables, messages: MessageTables): Queues {
  return {
    createQueue: (accountId, name, attributes, actor) =>
      db.tx((tx) => queues.create(tx, accountId, name, attributes, actor)),
    setQueueAttributes: (accountId, name, attributes, actor, expected) =>
      db.tx((tx) => queues.setAttributes(tx, accountId, name, attributes, actor, expected)),
    deleteQueue: (accountId, name, actor, expected) =>
      db.tx((tx) => queues.remove(tx, accountId, name, actor, expected)),
    findQueue: (accountId, name) => queues.find(accountId, name),
    sampleQueues: (limit) => queues.sample(limit),
    listQueues: (accountId, prefix, after, limit) => queues.list(accountId, prefix, after, limit),
    countMessages: (queue) => queues.count(queue),
    countQueuedMessages: (accountId) => queues.countAll(accountId),
    findOldestMessage: (queue) => queues.findOldestMessage(queue),
    sendMessages: (queue, sent, now) => messages.send(queue, sent, now),
    receiveMessages: (queue, limit, now) => messages.receive(queue, limit, now),
    unreceiveMessages: (queue, handles) => messages.takeBack(queue, handles),
    peekMessages: (queue, limit, now) => messages.peek(queue, limit, now),
    deleteMessages: (queue, handles, now) => messages.delete(queue, handles, now),
    changeVisibility: (queue, handle, seconds, now) => messages.changeVisibility(queue, handle, seconds, now),
    findNextReady: (queue) => messages.findNextReady(queue),
  };
}
