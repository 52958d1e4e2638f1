import { formatMessageId } from '../../domain/queue.ts';
import type { AccountId } from '../../domain/account.ts';
import type { ChannelType } from '../../domain/channel.ts';
import { toSubjectDigits } from '../../domain/receipt.ts';
import type { Receipt, WaitingRoute } from '../../domain/receipt.ts';
import { toMedia, toMediaKey } from '../media/rows.ts';
import type { MediaRow } from '../media/rows.ts';
import { isPartial, maxWalked, toCounted, toFoundPage, toPage, toPageRange } from '../rows/paging.ts';
import type { WalkedRow } from '../rows/paging.ts';
import {
  isOfFilteredUser,
  receiptColumns,
  toPlace,
  toRawEvent,
  toReceipt,
  toUnrouted,
  userIndexes,
} from './rows.ts';
import type { RawEventRow, ReceiptRow, TimelineRow, UnroutedRow } from './rows.ts';
import type {
  Page,
  PageRequest,
  RawEvent,
  ReceiptFilter,
  Receipts,
  RouteToReread,
  Timeline,
  Unrouted,
} from '../store.ts';
import type { DeliveryLists } from '../deliveries/postgres-lists.ts';
import type { Connection } from '../postgres/connection.ts';
import { int8s, texts } from '../postgres/arrays.ts';
import { createRecordIntake } from './postgres-record.ts';

const filters = `AND ($3::text IS NULL OR r.type = $3) AND ($4::text IS NULL OR r.channel_id = $4) AND ($5::text IS NULL OR r.sender_id = $5)
  AND ($6::bigint IS NULL OR r.recorded_at >= $6) AND ($7::bigint IS NULL OR r.recorded_at < $7)`;
/** Where `receiptColumns` come from. The fence makes the planner look up each receipt's content, whatever it believes. */
export const receiptTables = `FROM receipt r LEFT JOIN LATERAL
  (SELECT o.body FROM content o WHERE o.account_id = r.account_id AND o.receipt_id = r.id OFFSET 0) c ON true`;

/** Newest first, in a range of ids. */
const listByTime = `SELECT ${receiptColumns} ${receiptTables}
  WHERE r.account_id = $1 AND r.id < $2 AND r.id >= $9 ${filters} ORDER BY r.id DESC LIMIT $8`;

/** How many of the newest in a range of ids are wanted. */
const countByTime = `SELECT count(*)::integer AS seen, (count(*) FILTER (WHERE wanted))::integer AS found
  FROM (SELECT ${filters.slice('AND '.length)} AS wanted FROM receipt r
    WHERE r.account_id = $1 AND r.id < $2 AND r.id >= $9 ORDER BY r.id DESC LIMIT $8) w`;

/** Those of one subject, whose keys begin with it, or which have its number where keys do not. */
const listBySubject = `SELECT ${receiptColumns} ${receiptTables} WHERE r.account_id = $1 AND r.id < $2 AND r.id = ANY (ARRAY(
    SELECT id FROM receipt WHERE account_id = $1 AND key >= $9 AND key <= $10
    UNION SELECT id FROM receipt WHERE account_id = $1 AND subject = $11)) ${filters} ORDER BY r.id DESC LIMIT $8`;

/** Messages of users who have one of the ids in $2, by each member that may hold it; the newest of each id alone are looked at. */
const ofUser = `SELECT o.id FROM unnest($2::text[]) AS s (user_id) CROSS JOIN LATERAL
  (${userIndexes.map(toUserProbe).join(' UNION ALL ')}) o GROUP BY o.id ORDER BY o.id DESC LIMIT $5`;

function toUserProbe({ member }: (typeof userIndexes)[number]): string {
  const has = member === 'id' ? '' : ` AND position('"${member}":' IN r.facts) > 0`;
  return `(SELECT r.id FROM receipt r WHERE r.account_id = $1 AND r.type = 'ChatAppInbound'${has}
    AND read_json(r.facts) #>> '{user,${member}}' = s.user_id AND r.id < $3 AND r.id >= $4 ORDER BY r.id DESC LIMIT $5)`;
}

/** Those of receipts that were found. */
const listFound = `SELECT ${receiptColumns} ${receiptTables}
  WHERE r.account_id = $1 AND r.id < $2 AND r.id = ANY ($9) ${filters} ORDER BY r.id DESC LIMIT $8`;

/** The last row of a walk. */
const walkEnd = `SELECT id FROM receipt WHERE account_id = $1 AND id < $2 AND id >= $3 ORDER BY id DESC OFFSET ${maxWalked} LIMIT 1`;

/** A receipt with where it came from and which queue message carries it. */
const byKey = `SELECT ${receiptColumns}, r.raw_event_id, r.raw_index, r.queue_id, r.queue_message_id
  ${receiptTables} WHERE r.account_id = $1 AND r.key = $2`;

const traceOf =
  'SELECT outcome, dequeue_count, at FROM queue_trace WHERE account_id = $1 AND receipt_id = $2';

const unroutedOf = `SELECT * FROM unrouted WHERE account_id = $1 AND (raw_event_id, position) > ($2, $3::bigint)
  ORDER BY raw_event_id, position LIMIT $4`;

/** What waits for a route, of whatever account, in later raw events. */
const unroutedTo = `SELECT * FROM unrouted WHERE channel_type = $1 AND route_by = $2 AND route_id = $3 AND raw_event_id > $4
  ORDER BY raw_event_id, position LIMIT $5`;

/** Routes for which something waits although they have an owner by now: senders, accounts at WhatsApp, and sends whose answer has come. */
const routesToReread = `WITH waiting AS (
    SELECT channel_type AS type, 'sender' AS by, route_id AS id FROM sender o
    WHERE EXISTS (SELECT 1 FROM unrouted u WHERE u.channel_type = o.channel_type AND u.route_by = 'sender' AND u.route_id = o.route_id)
    UNION
    SELECT type, 'waba', waba_id FROM channel o
    WHERE waba_id IS NOT NULL AND EXISTS
      (SELECT 1 FROM unrouted u WHERE u.channel_type = o.type AND u.route_by = 'waba' AND u.route_id = o.waba_id)
    UNION
    SELECT channel_type, 'send', channel_id || '/' || id FROM sender o
    WHERE EXISTS (SELECT 1 FROM unrouted u WHERE u.channel_type = o.channel_type AND u.route_by = 'send' AND u.route_id = o.channel_id || '/' || o.id))
  SELECT * FROM waiting WHERE (type, by, id) > ($2, $3, $4) ORDER BY type, by, id LIMIT $1`;

/** Receipts of one user or message that a count looks at at once; there are hardly ever more. */
const countStep = 500;

/** Reads receipts and the raw events that they came in. */
export class ReceiptTables {
  readonly #db: Connection;
  readonly #deliveries: Pick<DeliveryLists, 'findForReceipt'>;

  constructor(db: Connection, deliveries: Pick<DeliveryLists, 'findForReceipt'>) {
    this.#db = db;
    this.#deliveries = deliveries;
  }

  async list(accountId: AccountId, filter: ReceiptFilter, page: PageRequest): Promise<Page<Receipt>> {
    const { from, before } = toPageRange(page, filter);
    const { type = null, channelId = null, senderId = null, since = null, until = null } = filter;
    const values = [accountId, before, type, channelId, senderId, since, until, page.limit + 1];
    if (filter.user !== undefined && filter.messageId === undefined) {
      const ids = texts([...new Set(filter.user.map(({ id }) => id))]);
      const found = await this.#db.all<{ id: number }>(ofUser, [
        accountId,
        ids,
        before,
        from,
        page.limit + 1,
      ]);
      const { ids: shown, next } = toFoundPage(
        found.map(({ id }) => id),
        page.limit,
      );
      return this.#toPage(await this.#db.all<ReceiptRow>(listFound, [...values, int8s(shown)]), filter, next);
    }
    const [end] = isPartial(filter)
      ? await this.#db.all<{ id: number }>(walkEnd, [accountId, before, from])
      : [];
    const rows =
      filter.messageId === undefined
        ? await this.#db.all<ReceiptRow>(listByTime, [...values, end?.id ?? from])
        : await this.#db.all<ReceiptRow>(listBySubject, [...values, ...toSubjectRange(filter.messageId)]);
    const { items, next } = toPage(rows, page.limit, (row) => row, end?.id);
    return this.#toPage(items, filter, next);
  }

  async count(
    accountId: AccountId,
    filter: ReceiptFilter,
    atMost: number,
  ): Promise<ReturnType<typeof toCounted>> {
    if (filter.user !== undefined || filter.messageId !== undefined) {
      let [page, count] = [await this.list(accountId, filter, { limit: countStep }), 0];
      for (; ; page = await this.list(accountId, filter, { limit: countStep, cursor: page.next })) {
        count += page.items.length;
        if (page.next === null || count > atMost)
          return { count: Math.min(count, atMost), isMore: count > atMost };
      }
    }
    const { from, before } = toPageRange({ limit: atMost }, filter);
    const { type = null, channelId = null, senderId = null, since = null, until = null } = filter;
    const values = [accountId, before, type, channelId, senderId, since, until, atMost + 1, from];
    const [row] = await this.#db.all<WalkedRow & Record<string, unknown>>(countByTime, values);
    return toCounted(row, atMost);
  }

  #toPage(rows: readonly ReceiptRow[], { user }: ReceiptFilter, next: string | null): Page<Receipt> {
    const page = this.#db.rows.page('receipt', { items: rows, next }, toReceipt);
    return { ...page, items: page.items.filter((receipt) => isOfFilteredUser(receipt, user)) };
  }

  async findTimeline(accountId: AccountId, receiptId: string): Promise<Timeline | undefined> {
    if (!/^[0-9a-f]{32}$/.test(receiptId)) return undefined;
    const row = await this.#db.get<TimelineRow>(byKey, [accountId, Buffer.from(receiptId, 'hex')]);
    if (row === undefined) return undefined;
    const receipt = toReceipt(row);
    const mediaId = receipt.content?.media?.id;
    const [deliveries, queue, media] = await Promise.all([
      this.#deliveries.findForReceipt(accountId, row.id),
      this.#findQueueState(row),
      mediaId === undefined ? null : this.#findMedia(accountId, mediaId),
    ]);
    return { receipt, rawEventId: row.raw_event_id, rawIndex: row.raw_index, deliveries, queue, media };
  }

  async findRawEvent(accountId: AccountId, rawEventId: number): Promise<RawEvent | undefined> {
    const sql = 'SELECT * FROM raw_event WHERE account_id = $1 AND id = $2';
    const row = await this.#db.get<RawEventRow>(sql, [accountId, rawEventId]);
    return row && toRawEvent(row);
  }

  async listUnrouted(accountId: AccountId, page: PageRequest): Promise<Page<Unrouted>> {
    const rows = await this.#db.all<UnroutedRow>(unroutedOf, [accountId, ...toPlace(page), page.limit + 1]);
    const shown = rows.slice(0, page.limit);
    const last = shown.at(-1);
    const more = rows.length > page.limit && last !== undefined;
    return { items: shown.map(toUnrouted), next: more ? `${last.raw_event_id}.${last.position}` : null };
  }

  async findUnrouted(
    type: ChannelType,
    route: WaitingRoute,
    afterRawEventId: number,
    limit: number,
  ): Promise<Unrouted[]> {
    const values = [type, route.by, route.id, afterRawEventId, limit];
    return (await this.#db.all<UnroutedRow>(unroutedTo, values)).map(toUnrouted);
  }

  async findRoutesToReread(limit: number, after?: RouteToReread): Promise<RouteToReread[]> {
    const { by = '', id = '' } = after?.route ?? {};
    const rows = await this.#db.all<{ type: ChannelType; by: WaitingRoute['by']; id: string }>(
      routesToReread,
      [limit, after?.type ?? '', by, id],
    );
    return rows.map(({ type, by, id }) => ({ type, route: { by, id } }));
  }

  /** Where the queue message of a receipt is, or what became of it. */
  async #findQueueState(row: TimelineRow): Promise<Timeline['queue']> {
    const { queue_id: queueId, queue_message_id: id, account_id: accountId } = row;
    if (queueId === null || id === null) return null;
    const nameOf = 'SELECT name FROM queue WHERE account_id = $1 AND id = $2';
    const stateOf = 'SELECT state, dequeue_count FROM message WHERE account_id = $1 AND id = $2';
    const [found, trace, message] = await Promise.all([
      this.#db.get<{ name: string }>(nameOf, [accountId, queueId]),
      this.#db.get<{ outcome: 'deleted' | 'expired'; dequeue_count: number; at: number }>(traceOf, [
        accountId,
        row.id,
      ]),
      this.#db.get<{ state: number; dequeue_count: number }>(stateOf, [accountId, id]),
    ]);
    const place = { queueName: found?.name ?? '', messageId: formatMessageId(queueId, id) };
    if (trace !== undefined)
      return { ...place, state: trace.outcome, dequeueCount: trace.dequeue_count, endedAt: trace.at };
    if (message === undefined || found === undefined)
      return { ...place, state: 'unknown', dequeueCount: 0, endedAt: null };
    const state = message.state === 0 ? 'queued' : 'held';
    return { ...place, state, dequeueCount: message.dequeue_count, endedAt: null };
  }

  async #findMedia(accountId: AccountId, mediaId: string): Promise<Timeline['media']> {
    const sql = 'SELECT * FROM media WHERE account_id = $1 AND id = $2';
    const row = await this.#db.get<MediaRow>(sql, [accountId, toMediaKey(mediaId)]);
    return row === undefined ? null : toMedia(row);
  }
}

export function receiptVerbs(db: Connection, receipts: ReceiptTables): Receipts {
  return {
    recordIntake: createRecordIntake(db),
    countReceipts: (accountId, filter, atMost) => receipts.count(accountId, filter, atMost),
    listReceipts: (accountId, filter, page) => receipts.list(accountId, filter, page),
    findTimeline: (accountId, receiptId) => receipts.findTimeline(accountId, receiptId),
    findRawEvent: (accountId, rawEventId) => receipts.findRawEvent(accountId, rawEventId),
    listUnrouted: (accountId, page) => receipts.listUnrouted(accountId, page),
    findUnrouted: (type, route, afterRawEventId, limit) =>
      receipts.findUnrouted(type, route, afterRawEventId, limit),
    findRoutesToReread: (limit, after) => receipts.findRoutesToReread(limit, after),
  };
}

/** First and last of the keys of a subject, and the number it has where keys do not begin with it. */
function toSubjectRange(text: string): [Buffer, Buffer, number] {
  const digits = toSubjectDigits(text);
  return [
    Buffer.from(digits.padEnd(32, '0'), 'hex'),
    Buffer.from(digits.padEnd(32, 'f'), 'hex'),
    Number.parseInt(digits, 16),
  ];
}
