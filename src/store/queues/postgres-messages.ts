// Messages in queues. Calls share transactions, each a call of one function of the schema.
import { maxId } from '../../domain/ids.ts';
import type { AccountId } from '../../domain/account.ts';
import { formatHandle, formatMessageId, parseHandle } from '../../domain/queue.ts';
import type {
  Handle,
  HandleFault,
  NewQueueMessage,
  Queue,
  QueueMessage,
  ReceivedMessage,
  SentMessage,
} from '../../domain/queue.ts';
import { toBodyMd5, toExtras, toMessage } from './rows.ts';
import type { MessageRow } from './rows.ts';
import { setMessagesApart } from '../postgres/quarantine.ts';
import { int8s, texts } from '../postgres/arrays.ts';
import { Batches } from '../postgres/batches.ts';
import { isOwnFault } from '../postgres/faults.ts';
import type { Connection } from '../postgres/connection.ts';
import { QueueHeads } from './postgres-heads.ts';
import type { Place } from './postgres-heads.ts';

interface ReceivedRow extends MessageRow {
  readonly visible_at: number;
}

interface Received extends Place {
  readonly message: ReceivedMessage;
}

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

/** Most messages that calls send, receive or delete in one transaction. */
const maxMessages = 256;
/** Transactions of one account, or one queue, that this node has under way at once. */
const lanes = 2;
/** Looks of one call at most when all that it found cannot be read and was taken out of the way. */
const maxRounds = 8;

const sendMessages = 'SELECT * FROM send_messages($1, $2, $3, $4, $5, $6, $7, $8)';
const receiveMessages = 'SELECT * FROM receive_messages($1, $2, $3, $4, $5, $6, $7)';
const deleteMessages = 'SELECT delete_messages($1, $2, $3, $4, $5) AS gone';

/** Makes messages ready again whose last receive is the one of their handle, and takes that receive back. */
const takeBack = `WITH back AS (
    UPDATE message m SET state = 0, dequeue_count = m.dequeue_count - 1,
      first_dequeued_at = CASE WHEN m.dequeue_count = 1 THEN NULL ELSE m.first_dequeued_at END
    FROM jsonb_to_recordset($3) h(id bigint, count int)
    WHERE m.account_id = $1 AND m.id = ANY (ARRAY(SELECT id FROM jsonb_to_recordset($3) a(id bigint))) AND m.id = h.id AND m.queue_id = $2 AND m.state + 0 = 1 AND m.dequeue_count = h.count
    RETURNING m.id)
  INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
    SELECT $1::bigint, $2::bigint, count(*), -count(*), 0 FROM back`;

/** The first ready messages of a queue, and which of them have expired. */
const firstReady = `SELECT m.*, m.enqueued_at <= $4 - q.retention_ms AS old
  FROM queue q JOIN message m ON m.account_id = q.account_id AND m.queue_id = q.id
  WHERE q.account_id = $1 AND q.id = $2 AND m.account_id = $1 AND m.queue_id = $2 AND m.state = 0
  ORDER BY m.priority, m.id LIMIT $3`;

/** Holds a message until another time, if it is held still by the receive of the handle. */
const holdUntil = `UPDATE message SET visible_at = $1 WHERE account_id = $2 AND id = $3 AND queue_id = $4 AND state + 0 = 1 AND dequeue_count = $5
    AND visible_at > $6 RETURNING id`;

/** When the next message of a queue that is delayed or held becomes ready; no row when the queue is not there. */
const nextReady = `SELECT
    (SELECT visible_at FROM message WHERE account_id = $1 AND queue_id = $2 AND state = 1 ORDER BY visible_at, id LIMIT 1) AS visible_at
  FROM queue WHERE id = $2`;

/** What is done with the table of messages in queues. */
export class MessageTables {
  readonly #db: Connection;
  readonly #heads: QueueHeads;
  readonly #sends: Batches<SendCall, SentMessage[] | undefined>;
  readonly #receives: Batches<ReceiveCall, ReceivedMessage[]>;
  readonly #deletes: Batches<DeleteCall, (HandleFault | null)[]>;

  constructor(db: Connection) {
    this.#db = db;
    this.#heads = new QueueHeads(db.database);
    const limits = { maxWeight: maxMessages, lanes };
    this.#sends = new Batches(
      { run: (calls) => this.#sendAll(calls), weigh: ({ messages }) => messages.length, ...limits },
      isOwnFault,
    );
    this.#receives = new Batches(
      { run: (calls) => this.#receiveAll(calls), weigh: ({ limit }) => limit, ...limits },
      isOwnFault,
    );
    this.#deletes = new Batches(
      { run: (calls) => this.#deleteAll(calls), weigh: ({ handles }) => handles.length, ...limits },
      isOwnFault,
    );
  }

  send(
    queue: Queue,
    messages: readonly NewQueueMessage[],
    now: number,
  ): Promise<readonly SentMessage[] | undefined> {
    return this.#sends.add(String(queue.accountId), { queue, messages, now });
  }

  receive(queue: Queue, limit: number, now: number): Promise<readonly ReceivedMessage[]> {
    return this.#receives.add(String(queue.id), { queue, limit, now });
  }

  async takeBack(queue: Queue, handles: readonly string[]): Promise<void> {
    const receives = handles.flatMap((text) => {
      const handle = readHandle(queue, text);
      return handle === 'garbage' ? [] : [{ id: handle.messageId, count: handle.dequeueCount }];
    });
    await this.#db.call(takeBack, [queue.accountId, queue.id, JSON.stringify(receives)]);
    this.#heads.forget(queue.id);
    this.#db.signals.tell([toSignal(queue)]);
  }

  async peek(queue: Queue, limit: number, now: number): Promise<readonly QueueMessage[]> {
    const key = [queue.accountId, queue.id];
    await this.#db.call('SELECT promote_messages($1, $2, $3)', [...key, now]);
    let rounds = 0;
    for (;;) {
      const rows = await this.#db.all<MessageRow & { old: boolean }>(firstReady, [...key, limit, now]);
      const old = rows.filter((row) => row.old).map(({ id }) => id);
      if (old.length > 0) {
        await this.#db.call('SELECT expire_messages($1, $2, $3, $4)', [...key, old, now]);
        continue;
      }
      const { items, unreadable } = this.#db.rows.split('message', rows, (row) => toMessage(queue.id, row));
      if (unreadable.length === 0) return items;
      await setMessagesApart(this.#db, queue.accountId, unreadable);
      rounds += 1;
      if (items.length > 0 || rounds === maxRounds) return items;
    }
  }

  async delete(
    queue: Queue,
    handles: readonly string[],
    now: number,
  ): Promise<readonly (HandleFault | null)[]> {
    const read = handles.map((text) => readHandle(queue, text));
    const good = read.filter((handle) => handle !== 'garbage');
    if (good.length === 0) return read.map(() => 'garbage');
    const { accountId } = queue;
    const call = { handles: good, accountId, now };
    const faults = [...(await this.#deletes.add(String(accountId), call))];
    return read.map((handle) => (handle === 'garbage' ? 'garbage' : (faults.shift() ?? null)));
  }

  async changeVisibility(
    queue: Queue,
    text: string,
    seconds: number,
    now: number,
  ): Promise<HandleFault | { readonly handle: string; readonly nextVisibleAt: number }> {
    const handle = readHandle(queue, text);
    if (handle === 'garbage') return 'garbage';
    const nextVisibleAt = now + seconds * 1000;
    // The receive is named by its count, so the handle from before stays good.
    const key = [queue.accountId, handle.messageId, queue.id, handle.dequeueCount];
    const changed = await this.#db.call(holdUntil, [nextVisibleAt, ...key, now]);
    if (changed.length === 0) return 'stale';
    // Whoever waits for this queue learns that its next message falls due at another time.
    this.#db.signals.tell([toSignal(queue)]);
    return { handle: formatHandle(queue.accountId, { ...handle, visibleAt: nextVisibleAt }), nextVisibleAt };
  }

  async findNextReady({ accountId, id }: Queue): Promise<number | 'gone' | undefined> {
    const row = await this.#db.get<{ visible_at: number | null }>(nextReady, [accountId, id]);
    return row === undefined ? 'gone' : (row.visible_at ?? undefined);
  }

  /** Sends what calls of one account bring, in one transaction. */
  async #sendAll(calls: readonly SendCall[]): Promise<(SentMessage[] | undefined)[]> {
    const [first] = calls;
    if (first === undefined) return [];
    const { accountId } = first.queue;
    const [answer] = await this.#db.call<{ ids: number[]; queues: number[] }>(sendMessages, toRows(calls));
    const there = new Set(answer?.queues);
    for (const { queue, messages } of calls)
      this.#heads.forgetFrom(
        queue.id,
        messages.map(({ priority }) => priority),
      );
    this.#db.signals.tell([...there].map((queueId) => ({ kind: 'queue', accountId, queueId })));
    const ids = answer?.ids ?? [];
    return calls.map((call) => {
      const own = ids.splice(0, call.messages.length);
      return there.has(call.queue.id) ? toSent(call, own) : undefined;
    });
  }

  /** Receives for calls of one queue, in one transaction; the first calls get theirs first. */
  async #receiveAll(calls: readonly ReceiveCall[]): Promise<ReceivedMessage[][]> {
    const [first] = calls;
    if (first === undefined) return [];
    const { queue } = first;
    const wanted = calls.reduce((sum, { limit }) => sum + limit, 0);
    const receive = new Receive(this.#db, queue, Math.max(...calls.map(({ now }) => now)));
    const received = await this.#heads.receive(queue.id, wanted, (limit, from) => receive.look(limit, from));
    let next = 0;
    return calls.map(({ limit }) => {
      const own = received.slice(next, next + limit);
      next += own.length;
      return own.map(({ message }) => message);
    });
  }

  /** Deletes what calls of one account name, in one transaction. */
  async #deleteAll(calls: readonly DeleteCall[]): Promise<(HandleFault | null)[][]> {
    const [first] = calls;
    if (first === undefined) return [];
    const now = Math.max(...calls.map((call) => call.now));
    const handles = calls.flatMap((call) => call.handles);
    const [answer] = await this.#db.call<{ gone: number[] }>(deleteMessages, [
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
}

/** One receive of a queue, which may take several looks. */
class Receive {
  readonly #db: Connection;
  readonly #queue: Queue;
  readonly #notBefore: number;
  #rounds = 0;

  /** `notBefore` is the time of those who called. */
  constructor(db: Connection, queue: Queue, notBefore: number) {
    this.#db = db;
    this.#queue = queue;
    this.#notBefore = notBefore;
  }

  /** Takes up to `limit` messages from a place on, in their order. What cannot be read is taken out of the way. */
  async look(limit: number, from: Place): Promise<Received[]> {
    const { accountId, id: queueId } = this.#queue;
    const rows = await this.#db.call<ReceivedRow>(receiveMessages, () => [
      accountId,
      queueId,
      // Messages are held from now on, not from when the caller came: it may have waited for its turn and a connection.
      Math.max(this.#db.now(), this.#notBefore),
      limit,
      from.priority,
      from.id,
      Math.min(this.#db.expiryLimit, maxId),
    ]);
    // Expired messages stood in the way, and more may: whoever waits looks again.
    if (rows.some(({ id }) => id === 0)) this.#db.signals.tell([toSignal(this.#queue)]);
    const taken = rows.filter(({ id }) => id !== 0).sort((a, b) => a.priority - b.priority || a.id - b.id);
    const { items, unreadable } = this.#db.rows.split('message', taken, (row) => toPlaced(this.#queue, row));
    if (unreadable.length === 0) return items;
    await setMessagesApart(this.#db, accountId, unreadable);
    // What stands behind them is to be had at once, or when whoever waits looks again.
    this.#rounds += 1;
    if (items.length === 0 && this.#rounds < maxRounds) return this.look(limit, from);
    this.#db.signals.tell([toSignal(this.#queue)]);
    return items;
  }
}

export function toSignal({ accountId, id }: Pick<Queue, 'accountId' | 'id'>) {
  return { kind: 'queue', accountId, queueId: id } as const;
}

/** Reads a handle of this queue; `garbage` when it is none. */
function readHandle({ accountId, id }: Queue, text: string): Handle | 'garbage' {
  const handle = parseHandle(accountId, text);
  return handle?.queueId === id ? handle : 'garbage';
}

/** What `send_messages` of the schema takes; rows name their queue by its place among the queues. */
function toRows(calls: readonly SendCall[]): (number | Buffer)[] {
  const queueIds = [...new Set(calls.map(({ queue }) => queue.id))];
  const places = new Map(queueIds.map((id, index) => [id, index + 1]));
  const rows = calls.flatMap(({ queue, messages, now }) =>
    messages.map((message) => ({ message, place: places.get(queue.id) ?? 0, now })),
  );
  return [
    calls[0]?.queue.accountId ?? 0,
    int8s(queueIds),
    int8s(rows.map(({ place }) => place)),
    int8s(rows.map(({ message }) => message.priority)),
    int8s(rows.map(({ now }) => now)),
    int8s(rows.map(({ message }) => message.delayMs ?? null)),
    texts(rows.map(({ message }) => toExtras(message))),
    texts(rows.map(({ message }) => message.body)),
  ];
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
