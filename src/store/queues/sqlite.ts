import { requireExpected, versionOfQueue } from '../../domain/version.ts';
import { crc32 } from 'node:zlib';
import type { AccountId, Actor } from '../../domain/account.ts';
import { formatHandle, formatMessageId, parseHandle } from '../../domain/queue.ts';
import type {
  Handle,
  HandleFault,
  NewQueueMessage,
  Queue,
  ReceivedMessage,
  SentMessage,
} from '../../domain/queue.ts';
import { isSameAttributes, readAttributes, readExtras, toBodyMd5, toMessage, toQueue } from './rows.ts';
import type { MessageRow, QueueRow } from './rows.ts';
import type { Queues } from '../store.ts';
import type { Connection, SharedWork, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';
import type { QueueWrites } from './sqlite-writes.ts';
import { inParts, repeat } from '../sqlite/statement.ts';

interface WaitingRow {
  readonly visible_at: number;
  readonly id: number;
  readonly priority: number;
  readonly dequeue_count: number;
  readonly first_dequeued_at: number | null;
  readonly moved: number;
}

interface ReadyRow extends MessageRow {
  readonly receipt_id: number | null;
  readonly checksum: number;
}

/** Most waiting messages that one receive makes ready, so that a receive stays short whatever fell due at once. */
const promoteLimit = 256;

/** Most expired messages that one receive clears out of its way; the sweep does the rest. */
const discardLimit = 1000;

export function queueVerbs(db: Connection, writes: QueueWrites, recordChange: Recorder): Queues {
  const { depths } = writes;
  const note = (
    accountId: AccountId,
    actor: Actor | undefined,
    action: string,
    name: string,
    detail: Record<string, unknown>,
  ): void => {
    if (actor !== undefined) recordChange(accountId, actor, action, `queue/${name}`, detail);
  };
  const byName = db.prepare<QueueRow>('SELECT * FROM queue WHERE account_id = ? AND name = ?');
  const byId = db.prepare<{ attributes: string }>('SELECT attributes FROM queue WHERE id = ?');
  /** The attributes as they are now, since those of a caller may be some seconds old; undefined when the queue is gone. */
  const attributesOf = db.remember((queueId: number) => {
    const row = byId.get(queueId);
    return row && readAttributes(row.attributes);
  });
  const sample = db.prepare<QueueRow>('SELECT * FROM queue ORDER BY account_id, name LIMIT ?');
  const page = db.prepare<QueueRow>(
    'SELECT * FROM queue WHERE account_id = ? AND name >= ? AND name > ? ORDER BY name LIMIT ?',
  );
  const insertQueue = db.prepare(
    'INSERT INTO queue (account_id, name, attributes, created_at, modified_at) VALUES (?1, ?2, ?3, ?4, ?4)',
  );
  const updateQueue = db.prepare(
    'UPDATE queue SET attributes = ?, modified_at = max(?, modified_at + 1) WHERE id = ?',
  );
  const removeQueue = db.prepare('DELETE FROM queue WHERE id = ?');
  const insertDropped = db.prepare('INSERT INTO dropped_queue (account_id, queue_id) VALUES (?, ?)');

  const dueWaiting = db.prepare<WaitingRow>(
    'SELECT visible_at, id, priority, dequeue_count, first_dequeued_at, moved FROM waiting WHERE account_id = ? AND queue_id = ? AND visible_at <= ? ORDER BY visible_at, id LIMIT ?',
  );
  const takeWaiting = db.prepare<WaitingRow>(
    'DELETE FROM waiting WHERE account_id = ? AND queue_id = ? AND visible_at = ? AND id = ? AND dequeue_count = ? RETURNING visible_at, id, priority, dequeue_count, first_dequeued_at, moved',
  );
  const insertWaiting = db.prepare(
    'INSERT INTO waiting (account_id, queue_id, visible_at, id, priority, dequeue_count, first_dequeued_at, moved) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const takeAlike = db.prepareRows<WaitingRow>(
    (count) =>
      `DELETE FROM waiting WHERE account_id = ? AND queue_id = ? AND visible_at = ? AND dequeue_count = ? AND id IN (${repeat('?', count)}) RETURNING visible_at, id, priority, dequeue_count, first_dequeued_at, moved`,
  );
  const removeMessages = db.prepareRows<{ id: number; receipt_id: number | null }>(
    (count) => `DELETE FROM message WHERE id IN (${repeat('?', count)}) RETURNING id, receipt_id`,
  );
  const nextWaiting = db.prepare<{ visible_at: number }>(
    'SELECT visible_at FROM waiting WHERE account_id = ? AND queue_id = ? ORDER BY visible_at LIMIT 1',
  );
  const insertReady = db.prepare(
    'INSERT INTO ready (account_id, queue_id, priority, id, dequeue_count, first_dequeued_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const removeReady = db.prepare(
    'DELETE FROM ready WHERE account_id = ? AND queue_id = ? AND priority = ? AND id = ?',
  );
  const inRange = 'account_id = ?1 AND queue_id = ?2 AND priority = ?3 AND id BETWEEN ?4 AND ?5';
  const holdReady = db.prepare(
    `INSERT INTO waiting (account_id, queue_id, visible_at, id, priority, dequeue_count, first_dequeued_at, moved)
     SELECT account_id, queue_id, ?6, id, priority, dequeue_count + 1, coalesce(first_dequeued_at, ?7), 0 FROM ready WHERE ${inRange}`,
  );
  const removeReadies = db.prepare(`DELETE FROM ready WHERE ${inRange}`);
  // CROSS JOIN keeps the order of the loops: the ready list is the one that is walked.
  const headReady = db.prepare<ReadyRow>(
    `SELECT r.priority, r.id, r.dequeue_count, r.first_dequeued_at, m.enqueued_at, m.body, m.extras, m.receipt_id, m.checksum
     FROM ready r CROSS JOIN message m ON m.id = r.id
     WHERE r.account_id = ? AND r.queue_id = ? ORDER BY r.priority, r.id LIMIT ?`,
  );
  // What fell due is ready, also while no receive has moved it to the ready list.
  const oldestReady = db.prepare<{ enqueued_at: number | null }>(
    `SELECT min(m.enqueued_at) AS enqueued_at FROM
       (SELECT (SELECT id FROM ready WHERE account_id = ?1 AND queue_id = ?2 AND priority = p.value ORDER BY id LIMIT 1) AS id
        FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]') p
        UNION ALL
        SELECT min(id) FROM (SELECT id FROM waiting WHERE account_id = ?1 AND queue_id = ?2 AND visible_at <= ?3 ORDER BY visible_at LIMIT ${promoteLimit})) first
     JOIN message m ON m.id = first.id`,
  );
  const putMoved = db.prepare(
    'INSERT INTO moved (account_id, queue_id, id, visible_at) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET visible_at = excluded.visible_at',
  );
  const findMoved = db.prepare<{ visible_at: number }>(
    'SELECT visible_at FROM moved WHERE account_id = ? AND queue_id = ? AND id = ?',
  );
  const removeMoved = db.prepare('DELETE FROM moved WHERE account_id = ? AND queue_id = ? AND id = ?');
  const removeMessage = db.prepare<{ receipt_id: number | null }>(
    'DELETE FROM message WHERE id = ? RETURNING receipt_id',
  );
  const insertTrace = db.prepare(
    'INSERT INTO queue_trace (account_id, receipt_id, outcome, dequeue_count, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );

  const find = (accountId: AccountId, name: string): Queue | undefined => {
    const row = byName.get(accountId, name);
    return row && toQueue(row);
  };

  /** Moves what is due from the waiting to the ready list, oldest first. */
  function promote(tx: Transaction, { accountId, id: queueId }: Queue, now: number): void {
    for (const row of dueWaiting.all(accountId, queueId, now, promoteLimit)) {
      takeWaiting.get(accountId, queueId, row.visible_at, row.id, row.dequeue_count);
      insertReady.run(accountId, queueId, row.priority, row.id, row.dequeue_count, row.first_dequeued_at);
      if (row.moved === 1) removeMoved.run(accountId, queueId, row.id);
      depths.change(
        tx,
        queueId,
        row.dequeue_count === 0 ? { delayed: -1, active: 1 } : { inactive: -1, active: 1 },
      );
    }
  }

  function discard(tx: Transaction, queue: Queue, row: ReadyRow, now: number): void {
    removeReady.run(queue.accountId, queue.id, row.priority, row.id);
    removeMessage.get(row.id);
    if (row.receipt_id !== null)
      insertTrace.run(queue.accountId, row.receipt_id, 'expired', row.dequeue_count, now);
    depths.change(tx, queue.id, { active: -1 });
  }

  /** The rows that can be handed out; one that cannot is kept apart, so that it holds back none of the others. */
  function takeReadable(tx: Transaction, queue: Queue, rows: readonly ReadyRow[]): ReadyRow[] {
    return rows.filter((row) => {
      const fault = toFault(row);
      if (fault === undefined) return true;
      removeReady.run(queue.accountId, queue.id, row.priority, row.id);
      db.keepApart(tx, 'message', row.id, fault);
      depths.change(tx, queue.id, { active: -1 });
      return false;
    });
  }

  /** Moves the rows, which are the first of the ready list, to the waiting list. */
  function hold(
    tx: Transaction,
    queue: Queue,
    rows: readonly ReadyRow[],
    visibleAt: number,
    now: number,
  ): void {
    const { accountId, id: queueId } = queue;
    // Nothing lies between the first and the last of one priority but what is taken with them.
    for (let start = 0; start < rows.length;) {
      const { priority, id: firstId } = need(rows[start]);
      let end = start + 1;
      while (rows[end]?.priority === priority) end += 1;
      const place = [accountId, queueId, priority, firstId, need(rows[end - 1]).id] as const;
      holdReady.run(...place, visibleAt, now);
      removeReadies.run(...place);
      start = end;
    }
    depths.change(tx, queueId, { active: -rows.length, inactive: rows.length });
  }

  function receive(tx: Transaction, queue: Queue, limit: number, now: number): ReceivedMessage[] {
    const attributes = attributesOf(queue.id);
    if (attributes === undefined) return [];
    const { visibilitySeconds, retentionSeconds } = attributes;
    promote(tx, queue, now);
    const received: ReceivedMessage[] = [];
    let discarded = 0;
    const nextVisibleAt = now + visibilitySeconds * 1000;
    for (;;) {
      const wanted = limit - received.length;
      const rows = headReady.all(queue.accountId, queue.id, wanted);
      const expired = Math.min(now, db.expiryLimit) - retentionSeconds * 1000;
      const young = rows.filter((row) => row.enqueued_at > expired);
      const live = takeReadable(tx, queue, young);
      discarded += young.length - live.length;
      for (const row of rows) {
        if (row.enqueued_at > expired) continue;
        discard(tx, queue, row, now);
        discarded += 1;
      }
      hold(tx, queue, live, nextVisibleAt, now);
      for (const row of live) {
        const dequeueCount = row.dequeue_count + 1;
        const handle = {
          priority: row.priority,
          queueId: queue.id,
          messageId: row.id,
          visibleAt: nextVisibleAt,
          dequeueCount,
        };
        received.push({
          ...toMessage(queue.id, row),
          dequeueCount,
          firstDequeuedAt: row.first_dequeued_at ?? now,
          nextVisibleAt,
          handle: formatHandle(queue.accountId, handle),
        });
      }
      // Expired messages at the head make room for a second look.
      if (received.length === limit || rows.length < wanted) return received;
      if (discarded >= discardLimit) {
        tx.signal({ kind: 'queue', accountId: queue.accountId, queueId: queue.id });
        return received;
      }
    }
  }

  /**
   * Takes the waiting row that a handle names, wherever a change of visibility has put it; a fault when the handle is no
   * longer good. The caller puts it back or ends it.
   */
  function take(queue: Queue, text: string, now: number): { row: WaitingRow; handle: Handle } | HandleFault {
    const { accountId, id: queueId } = queue;
    const handle = parseHandle(accountId, text);
    if (handle?.queueId !== queueId) return 'garbage';
    const visibleAt = findMoved.get(accountId, queueId, handle.messageId)?.visible_at ?? handle.visibleAt;
    if (visibleAt <= now) return 'stale';
    const row = takeWaiting.get(accountId, queueId, visibleAt, handle.messageId, handle.dequeueCount);
    if (row === undefined) return 'stale';
    if (row.moved === 1) removeMoved.run(accountId, queueId, row.id);
    return { row, handle };
  }

  /** Ends messages that have been taken from the waiting list. */
  function end(tx: Transaction, queue: Queue, rows: readonly WaitingRow[], now: number): void {
    const delayed = rows.filter((row) => row.dequeue_count === 0).length;
    depths.change(tx, queue.id, { delayed: -delayed, inactive: delayed - rows.length });
    const counts = new Map(rows.map((row) => [row.id, row.dequeue_count]));
    for (const ids of inParts([...counts.keys()]))
      for (const { id, receipt_id: receiptId } of removeMessages.of(ids.length).all(...ids))
        if (receiptId !== null)
          insertTrace.run(queue.accountId, receiptId, 'deleted', counts.get(id) ?? 0, now);
  }

  /** Deletes what the handles name; those of one receive are taken from the waiting list together. */
  function remove(
    tx: Transaction,
    queue: Queue,
    handles: readonly string[],
    now: number,
  ): (HandleFault | null)[] {
    const { accountId, id: queueId } = queue;
    const parsed = handles.map((text) => parseHandle(accountId, text));
    const named = new Set<number>();
    const good: Handle[] = [];
    for (const handle of parsed) {
      // Of two that name one message the first is good, whichever kind it is.
      if (handle?.queueId !== queueId || named.has(handle.messageId)) continue;
      named.add(handle.messageId);
      if (handle.visibleAt > now) good.push(handle);
    }
    const taken: WaitingRow[] = [];
    const gone = new Set<Handle>();
    for (const alike of Map.groupBy(
      good,
      ({ visibleAt, dequeueCount }) => `${visibleAt}/${dequeueCount}`,
    ).values())
      for (const part of inParts(alike)) {
        const { visibleAt, dequeueCount } = need(part[0]);
        const ids = part.map(({ messageId }) => messageId);
        const rows = takeAlike.of(ids.length).all(accountId, queueId, visibleAt, dequeueCount, ...ids);
        taken.push(...rows);
        const found = new Set(rows.map(({ id }) => id));
        for (const handle of part) if (found.has(handle.messageId)) gone.add(handle);
      }
    for (const row of taken) if (row.moved === 1) removeMoved.run(accountId, queueId, row.id);
    const faults = handles.map((text, index) => {
      const handle = parsed[index];
      if (handle !== undefined && gone.has(handle)) return null;
      // One that was moved since, or one that is no good.
      const own = take(queue, text, now);
      if (typeof own === 'string') return own;
      taken.push(own.row);
      return null;
    });
    if (taken.length > 0) end(tx, queue, taken, now);
    return faults;
  }

  function send(
    tx: Transaction,
    queue: Queue,
    messages: readonly NewQueueMessage[],
    now: number,
  ): SentMessage[] {
    const added = writes.addMessages(tx, queue, messages, now);
    return messages.map((message, index) => {
      const { id, visibleAt } = need(added[index]);
      const handle = {
        priority: message.priority,
        queueId: queue.id,
        messageId: id,
        visibleAt: visibleAt ?? 0,
        dequeueCount: 0,
      };
      return {
        messageId: formatMessageId(queue.id, id),
        bodyMd5: toBodyMd5(message.body),
        handle: visibleAt === null ? null : formatHandle(queue.accountId, handle),
      };
    });
  }

  const sendShared = byQueue<{ messages: readonly NewQueueMessage[] }, readonly SentMessage[] | undefined>(
    (tx, queue, calls, now) => {
      if (attributesOf(queue.id) === undefined) return calls.map(() => undefined);
      const sent = send(
        tx,
        queue,
        calls.flatMap(({ messages }) => messages),
        now,
      );
      return deal(
        sent,
        calls.map(({ messages }) => messages.length),
      );
    },
  );

  const receiveShared = byQueue<{ limit: number }, readonly ReceivedMessage[]>((tx, queue, calls, now) => {
    const limits = calls.map(({ limit }) => limit);
    const received = receive(
      tx,
      queue,
      limits.reduce((sum, limit) => sum + limit),
      now,
    );
    return deal(received, limits);
  });

  const removeShared = byQueue<{ handles: readonly string[] }, readonly (HandleFault | null)[]>(
    (tx, queue, calls, now) => {
      const faults = remove(
        tx,
        queue,
        calls.flatMap(({ handles }) => handles),
        now,
      );
      return deal(
        faults,
        calls.map(({ handles }) => handles.length),
      );
    },
  );

  return {
    createQueue: (accountId, name, attributes, actor) =>
      db.write((tx) => {
        const known = find(accountId, name);
        if (known !== undefined) return isSameAttributes(known.attributes, attributes) ? 'same' : 'different';
        insertQueue.run(accountId, name, JSON.stringify(attributes), db.now());
        note(accountId, actor, 'queue.created', name, { ...attributes });
        tx.signal({ kind: 'directory', accountId });
        return 'created';
      }),
    setQueueAttributes: (accountId, name, attributes, actor, expected) =>
      db.write((tx) => {
        const known = find(accountId, name);
        if (known === undefined) return false;
        requireExpected(expected, versionOfQueue(known));
        updateQueue.run(JSON.stringify({ ...known.attributes, ...attributes }), db.now(), known.id);
        note(accountId, actor, 'queue.set', name, { ...attributes });
        tx.signal({ kind: 'directory', accountId });
        return true;
      }),
    deleteQueue: (accountId, name, actor, expected) =>
      db.write((tx) => {
        const known = find(accountId, name);
        if (known === undefined) return false;
        requireExpected(expected, versionOfQueue(known));
        removeQueue.run(known.id);
        insertDropped.run(accountId, known.id);
        depths.forget(tx, known.id);
        note(accountId, actor, 'queue.deleted', name, {});
        tx.signal({ kind: 'directory', accountId });
        tx.signal({ kind: 'queue', accountId, queueId: known.id });
        return true;
      }),
    findQueue: (accountId, name) => db.read(() => find(accountId, name)),
    sampleQueues: (limit) => db.read(() => sample.all(limit).map(toQueue)),
    listQueues: (accountId, prefix, after, limit) =>
      db.read(() => {
        const rows = page.all(accountId, prefix, after, limit);
        const end = rows.findIndex((row) => !row.name.startsWith(prefix));
        return (end < 0 ? rows : rows.slice(0, end)).map(toQueue);
      }),
    countMessages: (queue) => db.read(() => depths.count(queue, db.now())),
    findOldestMessage: (queue) =>
      db.read(() => oldestReady.get(queue.accountId, queue.id, db.now())?.enqueued_at ?? undefined),
    sendMessages: (queue, messages, now) => db.writeShared(sendShared, { queue, messages, now }),
    receiveMessages: (queue, limit, now) => db.writeShared(receiveShared, { queue, limit, now }),
    unreceiveMessages: (queue, handles) =>
      db.write((tx) => {
        for (const text of handles) {
          const taken = take(queue, text, 0);
          if (typeof taken === 'string') continue;
          const { id, priority, dequeue_count, first_dequeued_at } = taken.row;
          insertReady.run(
            queue.accountId,
            queue.id,
            priority,
            id,
            dequeue_count - 1,
            dequeue_count === 1 ? null : first_dequeued_at,
          );
          depths.change(tx, queue.id, { inactive: -1, active: 1 });
          tx.signal({ kind: 'queue', accountId: queue.accountId, queueId: queue.id });
        }
      }),
    peekMessages: (queue, limit, now) =>
      db.write((tx) => {
        const attributes = attributesOf(queue.id);
        if (attributes === undefined) return [];
        const { retentionSeconds } = attributes;
        promote(tx, queue, now);
        const expired = now - retentionSeconds * 1000;
        for (;;) {
          const rows = headReady.all(queue.accountId, queue.id, limit);
          const old = rows.filter((row) => row.enqueued_at <= expired);
          const live = old.length === 0 ? takeReadable(tx, queue, rows) : [];
          if (old.length === 0 && live.length === rows.length)
            return live.map((row) => toMessage(queue.id, row));
          for (const row of old) discard(tx, queue, row, now);
        }
      }),
    deleteMessages: (queue, handles, now) => db.writeShared(removeShared, { queue, handles, now }),
    changeVisibility: (queue, text, seconds, now) =>
      db.write((tx) => {
        const taken = take(queue, text, now);
        if (typeof taken === 'string') return taken;
        const { accountId, id: queueId } = queue;
        const { row, handle } = taken;
        const nextVisibleAt = now + seconds * 1000;
        insertWaiting.run(
          accountId,
          queueId,
          nextVisibleAt,
          row.id,
          row.priority,
          row.dequeue_count,
          row.first_dequeued_at,
          1,
        );
        putMoved.run(accountId, queueId, row.id, nextVisibleAt);
        // Whoever waits for this queue learns that its next message falls due at another time.
        tx.signal({ kind: 'queue', accountId, queueId });
        return { handle: formatHandle(accountId, { ...handle, visibleAt: nextVisibleAt }), nextVisibleAt };
      }),
    findNextReady: (queue) => db.read(() => nextWaiting.get(queue.accountId, queue.id)?.visible_at),
  };
}

/** Why a message cannot be handed out; undefined when it can. */
function toFault({ body, checksum, extras }: ReadyRow): string | undefined {
  if (crc32(body) !== checksum) return 'its body is not what was sent';
  if (extras === null) return undefined;
  try {
    readExtras(extras);
    return undefined;
  } catch {
    // The row that holds it says enough.
    return 'its properties cannot be read';
  }
}

/** What a call wants of a queue. */
type QueueCall<Wanted> = Wanted & { readonly queue: Queue; readonly now: number };

/** Work that is done once for each queue, with what all calls want of it, at the time of the latest of them. */
function byQueue<Wanted, T>(
  work: (tx: Transaction, queue: Queue, calls: readonly QueueCall<Wanted>[], now: number) => readonly T[],
): SharedWork<QueueCall<Wanted>, T> {
  return (tx, calls) => {
    const results = new Map<QueueCall<Wanted>, { readonly result: T }>();
    for (const own of Map.groupBy(calls, ({ queue }) => queue.id).values()) {
      const now = own.reduce((latest, call) => Math.max(latest, call.now), 0);
      const { queue } = need(own.at(-1));
      work(tx, queue, own, now).forEach((result, index) => results.set(need(own[index]), { result }));
    }
    return calls.map((call) => need(results.get(call)).result);
  };
}

/** Deals out items in order: up to so many to each. */
function deal<T>(items: readonly T[], counts: readonly number[]): T[][] {
  let start = 0;
  return counts.map((count) => items.slice(start, (start += count)));
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A row that was just there is gone.');
  return value;
}
