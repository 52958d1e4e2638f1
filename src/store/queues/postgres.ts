import { maxId } from '../../domain/ids.ts';
import { requireExpected, versionOfQueue } from '../../domain/version.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import { formatHandle, formatMessageId, parseHandle, receiptQueueAttributes } from '../../domain/queue.ts';
import type {
  Handle,
  HandleFault,
  NewQueueMessage,
  Queue,
  QueueAttributes,
  QueueDepth,
  ReceivedMessage,
  SentMessage,
} from '../../domain/queue.ts';
import {
  initialAttributes,
  isSameAttributes,
  toBodyMd5,
  toExtras,
  toMessage,
  toQueue,
  withAttributes,
} from './rows.ts';
import type { MessageRow, QueueRow } from './rows.ts';
import type { Queues } from '../store.ts';
import { setMessagesApart } from '../postgres/quarantine.ts';
import { int8s, texts } from '../postgres/arrays.ts';
import { Batches } from '../postgres/batches.ts';
import { isOwnFault } from '../postgres/connection.ts';
import type { Connection, Queries, Transaction } from '../postgres/connection.ts';
import { QueueHeads } from './postgres-heads.ts';
import type { Place } from './postgres-heads.ts';
import type { Recorder } from '../journal/postgres.ts';

/** A queue's row with those of its attributes that statements read, which stay when the others cannot be read. */
interface SharedQueueRow extends QueueRow {
  readonly delay_ms: number;
  readonly visibility_ms: number;
  readonly retention_ms: number;
}

interface ReceivedRow extends MessageRow {
  readonly visible_at: number;
}

interface Received extends Place {
  readonly message: ReceivedMessage;
}

/** What other verbs do to queues inside their own transaction. */
export interface QueueWrites {
  /** Makes the account's queue of that name with receiptQueueAttributes when it is missing. */
  ensureReceiptQueue(tx: Transaction, accountId: AccountId, name: string): Promise<void>;
}

/** Most messages that calls send, receive or delete in one transaction. */
const maxMessages = 256;
/** Transactions of one account, or one queue, that this node has under way at once. */
const lanes = 2;
/** Looks of one call at most when all that it found cannot be read and was taken out of the way. */
const maxRounds = 8;
/** Most overdue messages that a count looks at one by one; beyond that the figure is a little off. */
const overdueLimit = 10_000;

export function queueWrites(db: Connection): QueueWrites {
  return {
    ensureReceiptQueue: async (tx, accountId, name) => {
      const made = await insertQueue(tx, accountId, name, receiptQueueAttributes, db.now());
      if (made) tx.signal({ kind: 'directory', accountId });
    },
  };
}

async function insertQueue(
  tx: Queries,
  accountId: AccountId,
  name: string,
  attributes: QueueAttributes,
  now: number,
): Promise<boolean> {
  const made = await tx.run(
    `INSERT INTO queue (account_id, name, attributes, created_at, modified_at) VALUES ($1, $2, $3, $4, $4)
     ON CONFLICT (account_id, name) DO NOTHING`,
    [accountId, name, JSON.stringify(attributes), now],
  );
  return made > 0;
}

const byName = 'SELECT * FROM queue WHERE account_id = $1 AND name = $2';

interface SendCall {
  readonly queue: Queue;
  readonly messages: readonly NewQueueMessage[];
  readonly now: number;
}

interface ReceiveCall {
  readonly queue: Queue;
  readonly limit: number;
  readonly now: number;
}

interface DeleteCall {
  readonly handles: readonly Handle[];
  readonly accountId: AccountId;
  readonly now: number;
}

export function queueVerbs(db: Connection, recordChange: Recorder): Queues {
  const heads = new QueueHeads();

  const note = async (
    tx: Transaction,
    accountId: AccountId,
    actor: Actor | undefined,
    action: string,
    name: string,
    detail: Record<string, unknown>,
  ): Promise<void> => {
    if (actor !== undefined) await recordChange(tx, accountId, actor, action, `queue/${name}`, detail);
  };

  /** A queue whose attributes cannot be read goes on with what statements know of them. */
  const read = (row: SharedQueueRow): Queue =>
    db.rows.readOne('queue', row, toQueue, () =>
      withAttributes(row, {
        ...initialAttributes(row.name),
        delaySeconds: row.delay_ms / 1000,
        visibilitySeconds: row.visibility_ms / 1000,
        retentionSeconds: row.retention_ms / 1000,
      }),
    );

  async function send(calls: readonly SendCall[]): Promise<(SentMessage[] | undefined)[]> {
    const [first] = calls;
    if (first === undefined) return [];
    const { accountId } = first.queue;
    const queueIds = [...new Set(calls.map(({ queue }) => queue.id))];
    const places = new Map(queueIds.map((id, index) => [id, index + 1]));
    const rows = calls.flatMap(({ queue, messages, now }) =>
      messages.map((message) => ({ message, place: places.get(queue.id) ?? 0, now })),
    );
    const [answer] = await db.call<{ ids: number[]; queues: number[] }>(
      'SELECT * FROM send_messages($1, $2, $3, $4, $5, $6, $7, $8)',
      [
        accountId,
        int8s(queueIds),
        int8s(rows.map(({ place }) => place)),
        int8s(rows.map(({ message }) => message.priority)),
        int8s(rows.map(({ now }) => now)),
        int8s(rows.map(({ message }) => message.delayMs ?? null)),
        texts(rows.map(({ message }) => toExtras(message))),
        texts(rows.map(({ message }) => message.body)),
      ],
    );
    const there = new Set(answer?.queues);
    for (const { queue, messages } of calls)
      heads.forgetFrom(
        queue.id,
        messages.map(({ priority }) => priority),
      );
    db.signals.tell([...there].map((queueId) => ({ kind: 'queue', accountId, queueId })));
    const ids = answer?.ids ?? [];
    return calls.map((call) => {
      const own = ids.splice(0, call.messages.length);
      return there.has(call.queue.id) ? toSent(call, own) : undefined;
    });
  }

  async function receive(calls: readonly ReceiveCall[]): Promise<ReceivedMessage[][]> {
    const [first] = calls;
    if (first === undefined) return [];
    const { queue } = first;
    const wanted = calls.reduce((sum, { limit }) => sum + limit, 0);
    let rounds = 0;
    const look = async (limit: number, from: Place): Promise<Received[]> => {
      // Messages are held from now on, not from when the caller came: it may have waited for its turn and a connection.
      const rows = await db.call<ReceivedRow>(
        'SELECT * FROM receive_messages($1, $2, $3, $4, $5, $6, $7)',
        () => [
          queue.accountId,
          queue.id,
          Math.max(db.now(), ...calls.map(({ now }) => now)),
          limit,
          from.priority,
          from.id,
          Math.min(db.expiryLimit, maxId),
        ],
      );
      // Expired messages stood in the way, and more may: whoever waits looks again.
      if (rows.some(({ id }) => id === 0)) db.signals.tell([toSignal(queue)]);
      const taken = rows.filter(({ id }) => id !== 0).sort((a, b) => a.priority - b.priority || a.id - b.id);
      const { items, unreadable } = db.rows.split('message', taken, (row) => toPlaced(queue, row));
      if (unreadable.length === 0) return items;
      await setMessagesApart(db, queue.accountId, unreadable);
      // What stands behind them is to be had at once, or when whoever waits looks again.
      rounds += 1;
      if (items.length === 0 && rounds < maxRounds) return look(limit, from);
      db.signals.tell([toSignal(queue)]);
      return items;
    };
    const received = await heads.receive(queue.id, wanted, look);
    let next = 0;
    return calls.map(({ limit }) => {
      const own = received.slice(next, next + limit);
      next += own.length;
      return own.map(({ message }) => message);
    });
  }

  async function remove(calls: readonly DeleteCall[]): Promise<(HandleFault | null)[][]> {
    const [first] = calls;
    if (first === undefined) return [];
    const now = Math.max(...calls.map((call) => call.now));
    const handles = calls.flatMap((call) => call.handles);
    const [answer] = await db.call<{ gone: number[] }>('SELECT delete_messages($1, $2, $3, $4, $5) AS gone', [
      first.accountId,
      now,
      int8s(handles.map(({ queueId }) => queueId)),
      int8s(handles.map(({ messageId }) => messageId)),
      int8s(handles.map(({ dequeueCount }) => dequeueCount)),
    ]);
    // Of two handles of one message the first has deleted it.
    const gone = new Set(answer?.gone);
    return calls.map((call) =>
      call.handles.map(({ messageId }) => (gone.delete(messageId) ? null : 'stale')),
    );
  }

  const one = (): number => 1;
  const sends = new Batches<SendCall, SentMessage[] | undefined>(
    { run: send, weigh: ({ messages }) => messages.length, maxWeight: maxMessages, lanes },
    isOwnFault,
  );
  const receives = new Batches<ReceiveCall, ReceivedMessage[]>(
    { run: receive, weigh: ({ limit }) => limit, maxWeight: maxMessages, lanes },
    isOwnFault,
  );
  const deletes = new Batches<DeleteCall, (HandleFault | null)[]>(
    { run: remove, weigh: ({ handles }) => handles.length || one(), maxWeight: maxMessages, lanes },
    isOwnFault,
  );

  /** Reads a handle of this queue; `garbage` when it is none. */
  function readHandle({ accountId, id }: Queue, text: string): Handle | 'garbage' {
    const handle = parseHandle(accountId, text);
    return handle?.queueId === id ? handle : 'garbage';
  }

  return {
    createQueue: (accountId, name, attributes, actor) =>
      db.tx(async (tx) => {
        if (await insertQueue(tx, accountId, name, attributes, db.now())) {
          await note(tx, accountId, actor, 'queue.created', name, { ...attributes });
          tx.signal({ kind: 'directory', accountId });
          return 'created';
        }
        const known = await tx.get<SharedQueueRow>(byName, [accountId, name]);
        return known !== undefined && isSameAttributes(read(known).attributes, attributes)
          ? 'same'
          : 'different';
      }),
    setQueueAttributes: (accountId, name, attributes, actor, expected) =>
      db.tx(async (tx) => {
        const known = await tx.get<SharedQueueRow>(`${byName} FOR UPDATE`, [accountId, name]);
        if (known === undefined) return false;
        requireExpected(expected, versionOfQueue(read(known)));
        await tx.run(
          'UPDATE queue SET attributes = $1, modified_at = greatest($2, modified_at + 1) WHERE account_id = $3 AND id = $4',
          [JSON.stringify({ ...read(known).attributes, ...attributes }), db.now(), accountId, known.id],
        );
        await note(tx, accountId, actor, 'queue.set', name, { ...attributes });
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    deleteQueue: (accountId, name, actor, expected) =>
      db.tx(async (tx) => {
        if (expected !== undefined) {
          const row = await tx.get<SharedQueueRow>(`${byName} FOR UPDATE`, [accountId, name]);
          requireExpected(expected, row && versionOfQueue(read(row)));
        }
        const sql = 'DELETE FROM queue WHERE account_id = $1 AND name = $2 RETURNING id';
        const known = await tx.get<{ id: number }>(sql, [accountId, name]);
        if (known === undefined) return false;
        await tx.run('INSERT INTO dropped_queue (account_id, queue_id, dropped_at) VALUES ($1, $2, $3)', [
          accountId,
          known.id,
          db.now(),
        ]);
        await note(tx, accountId, actor, 'queue.deleted', name, {});
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'queue', accountId, queueId: known.id });
        return true;
      }),
    findQueue: async (accountId, name) => {
      const row = await db.get<SharedQueueRow>(byName, [accountId, name]);
      return row && read(row);
    },
    sampleQueues: async (limit) => {
      const sql = 'SELECT * FROM queue ORDER BY account_id, name LIMIT $1';
      return (await db.all<SharedQueueRow>(sql, [limit])).map(read);
    },
    listQueues: async (accountId, prefix, after, limit) => {
      const rows = await db.all<SharedQueueRow>(
        'SELECT * FROM queue WHERE account_id = $1 AND name >= $2 AND name > $3 ORDER BY name LIMIT $4',
        [accountId, prefix, after, limit],
      );
      const end = rows.findIndex((row) => !row.name.startsWith(prefix));
      return (end < 0 ? rows : rows.slice(0, end)).map(read);
    },
    countMessages: (queue) => countMessages(db, queue),
    findOldestMessage: async ({ accountId, id }) => {
      // What fell due is ready, also while no receive has made it so.
      const row = await db.get<{ enqueued_at: number | null }>(
        `SELECT min(m.enqueued_at) AS enqueued_at FROM
           (SELECT f.id FROM generate_series(1, 16) p, LATERAL
              (SELECT id FROM message WHERE account_id = $1 AND queue_id = $2 AND state = 0 AND priority = p ORDER BY id LIMIT 1) f
            UNION ALL
            SELECT min(id) FROM (SELECT id FROM message WHERE account_id = $1 AND queue_id = $2 AND state = 1 AND visible_at <= $3
              ORDER BY visible_at LIMIT 256) due) first
         JOIN message m ON m.account_id = $1 AND m.id = first.id`,
        [accountId, id, db.now()],
      );
      return row?.enqueued_at ?? undefined;
    },
    sendMessages: (queue, messages, now) => sends.add(String(queue.accountId), { queue, messages, now }),
    receiveMessages: (queue, limit, now) => receives.add(String(queue.id), { queue, limit, now }),
    unreceiveMessages: async (queue, texts) => {
      const handles = texts.map((text) => readHandle(queue, text)).filter((handle) => handle !== 'garbage');
      await db.call(
        `WITH back AS (
           UPDATE message m SET state = 0, dequeue_count = m.dequeue_count - 1,
             first_dequeued_at = CASE WHEN m.dequeue_count = 1 THEN NULL ELSE m.first_dequeued_at END
           FROM jsonb_to_recordset($3) h(id bigint, count int)
           WHERE m.account_id = $1 AND m.id = ANY (ARRAY(SELECT id FROM jsonb_to_recordset($3) a(id bigint))) AND m.id = h.id AND m.queue_id = $2 AND m.state + 0 = 1 AND m.dequeue_count = h.count
           RETURNING m.id)
         INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
           SELECT $1::bigint, $2::bigint, count(*), -count(*), 0 FROM back`,
        [
          queue.accountId,
          queue.id,
          JSON.stringify(
            handles.map(({ messageId, dequeueCount }) => ({ id: messageId, count: dequeueCount })),
          ),
        ],
      );
      heads.forget(queue.id);
      db.signals.tell([toSignal(queue)]);
    },
    peekMessages: async (queue, limit, now) => {
      await db.call('SELECT promote_messages($1, $2, $3)', [queue.accountId, queue.id, now]);
      let rounds = 0;
      for (;;) {
        const rows = await db.all<MessageRow & { old: boolean }>(
          `SELECT m.*, m.enqueued_at <= $4 - q.retention_ms AS old
           FROM queue q JOIN message m ON m.account_id = q.account_id AND m.queue_id = q.id
           WHERE q.account_id = $1 AND q.id = $2 AND m.account_id = $1 AND m.queue_id = $2 AND m.state = 0
           ORDER BY m.priority, m.id LIMIT $3`,
          [queue.accountId, queue.id, limit, now],
        );
        const old = rows.filter((row) => row.old).map(({ id }) => id);
        if (old.length > 0) {
          await db.call('SELECT expire_messages($1, $2, $3, $4)', [queue.accountId, queue.id, old, now]);
          continue;
        }
        const { items, unreadable } = db.rows.split('message', rows, (row) => toMessage(queue.id, row));
        if (unreadable.length === 0) return items;
        await setMessagesApart(db, queue.accountId, unreadable);
        rounds += 1;
        if (items.length > 0 || rounds === maxRounds) return items;
      }
    },
    deleteMessages: async (queue, texts, now) => {
      const read = texts.map((text) => readHandle(queue, text));
      const handles = read.filter((handle) => handle !== 'garbage');
      if (handles.length === 0) return read.map(() => 'garbage');
      const { accountId } = queue;
      const faults = [...(await deletes.add(String(accountId), { handles, accountId, now }))];
      return read.map((handle) => (handle === 'garbage' ? 'garbage' : (faults.shift() ?? null)));
    },
    changeVisibility: async (queue, text, seconds, now) => {
      const handle = readHandle(queue, text);
      if (handle === 'garbage') return 'garbage';
      const nextVisibleAt = now + seconds * 1000;
      // The receive is named by its count, so the handle from before stays good.
      const changed = await db.call(
        `UPDATE message SET visible_at = $1 WHERE account_id = $2 AND id = $3 AND queue_id = $4 AND state + 0 = 1 AND dequeue_count = $5
           AND visible_at > $6 RETURNING id`,
        [nextVisibleAt, queue.accountId, handle.messageId, queue.id, handle.dequeueCount, now],
      );
      if (changed.length === 0) return 'stale';
      // Whoever waits for this queue learns that its next message falls due at another time.
      db.signals.tell([toSignal(queue)]);
      return {
        handle: formatHandle(queue.accountId, { ...handle, visibleAt: nextVisibleAt }),
        nextVisibleAt,
      };
    },
    findNextReady: async ({ accountId, id }) => {
      const row = await db.get<{ visible_at: number }>(
        'SELECT visible_at FROM message WHERE account_id = $1 AND queue_id = $2 AND state = 1 ORDER BY visible_at, id LIMIT 1',
        [accountId, id],
      );
      return row?.visible_at;
    },
  };
}

async function countMessages(db: Connection, { accountId, id }: Queue): Promise<QueueDepth> {
  const row = await db.get<{
    active: number;
    inactive: number;
    delayed: number;
    due: number;
    due_delayed: number;
  }>(
    `SELECT t.*, d.* FROM
       (SELECT coalesce(sum(active), 0)::bigint AS active, coalesce(sum(inactive), 0)::bigint AS inactive,
          coalesce(sum(delayed), 0)::bigint AS delayed FROM queue_tally WHERE account_id = $1 AND queue_id = $2) t,
       (SELECT count(*) AS due, count(*) FILTER (WHERE dequeue_count = 0) AS due_delayed FROM
          (SELECT dequeue_count FROM message WHERE account_id = $1 AND queue_id = $2 AND state = 1 AND visible_at <= $3
           ORDER BY visible_at, id LIMIT ${overdueLimit}) o) d`,
    [accountId, id, db.now()],
  );
  if (row === undefined) return { active: 0, inactive: 0, delayed: 0 };
  // What is due counts as active even if no receive has made it ready yet.
  return {
    active: row.active + row.due,
    inactive: row.inactive - (row.due - row.due_delayed),
    delayed: row.delayed - row.due_delayed,
  };
}

function toSignal({ accountId, id }: Queue) {
  return { kind: 'queue', accountId, queueId: id } as const;
}

function toSent({ queue, messages, now }: SendCall, ids: readonly number[]): SentMessage[] {
  return messages.map((message, index) => {
    const messageId = ids[index] ?? 0;
    const delayMs = message.delayMs ?? queue.attributes.delaySeconds * 1000;
    const { priority } = message;
    const handle = { priority, queueId: queue.id, messageId, visibleAt: now + delayMs, dequeueCount: 0 };
    return {
      messageId: formatMessageId(queue.id, messageId),
      bodyMd5: toBodyMd5(message.body),
      handle: delayMs > 0 ? formatHandle(queue.accountId, handle) : null,
    };
  });
}

function toPlaced(queue: Queue, row: ReceivedRow): Received {
  return { priority: row.priority, id: row.id, message: toReceived(queue, row) };
}

function toReceived(queue: Queue, row: ReceivedRow): ReceivedMessage {
  const { priority, id: messageId, visible_at: visibleAt, dequeue_count: dequeueCount } = row;
  const handle = { priority, queueId: queue.id, messageId, visibleAt, dequeueCount };
  return {
    ...toMessage(queue.id, row),
    nextVisibleAt: visibleAt,
    handle: formatHandle(queue.accountId, handle),
  };
}
