import type { AccountId } from '../../domain/account.ts';
import type { Spelling } from '../../domain/alias.ts';
import type { ChannelType } from '../../domain/channel.ts';
import type { IdRange } from '../../domain/ids.ts';
import { formatMessageId, queueLimits } from '../../domain/queue.ts';
import { toSubjectDigits } from '../../domain/receipt.ts';
import type { Receipt, WaitingRoute } from '../../domain/receipt.ts';
import { isPartial, toCounted, toFoundPage, toPage, toPageRange } from '../rows/paging.ts';
import { isOfFilteredUser, toPlace, toRawEvent, toReceipt, toUnrouted } from './rows.ts';
import type { TimelineRow } from './rows.ts';
import type {
  Intake,
  Page,
  PageRequest,
  RawEvent,
  ReceiptFilter,
  Receipts,
  Timeline,
  Unrouted,
} from '../store.ts';
import type { Connection, SharedWork } from '../sqlite/connection.ts';
import type { DeliveryLists } from '../deliveries/sqlite-lists.ts';
import type { MediaTables } from '../media/sqlite.ts';
import type { Recording } from './sqlite-record.ts';
import { toKeyRange } from './sqlite-keys.ts';
import { receiptStatements } from './sqlite-statements.ts';

/** Receipts of one user or message that a count looks at at once; there are hardly ever more. */
const countStep = 500;

interface TypedRoute {
  readonly type: ChannelType;
  readonly route: WaitingRoute;
}

/** What people and workers see of receipts and raw events, each inside a read that the caller has. */
export class ReceiptTables {
  readonly #deliveries: DeliveryLists;
  readonly #media: MediaTables;
  readonly #sql;

  constructor(db: Connection, deliveries: DeliveryLists, media: MediaTables) {
    this.#deliveries = deliveries;
    this.#media = media;
    this.#sql = receiptStatements(db);
  }

  list(accountId: AccountId, filter: ReceiptFilter, page: PageRequest): Page<Receipt> {
    const { from, before } = toPageRange(page, filter);
    const values = [
      accountId,
      before,
      filter.type ?? null,
      filter.channelId ?? null,
      filter.senderId ?? null,
      filter.since ?? null,
      filter.until ?? null,
      page.limit + 1,
    ];
    if (filter.messageId !== undefined) {
      const digits = toSubjectDigits(filter.messageId);
      const subject = [...toKeyRange(digits), Number.parseInt(digits, 16)] as const;
      const { items, next } = toPage(
        this.#sql.listBySubject.all(...values, ...subject),
        page.limit,
        toReceipt,
      );
      return { items: items.filter((receipt) => isOfFilteredUser(receipt, filter.user)), next };
    }
    if (filter.user !== undefined) {
      const found = toFoundPage(
        this.#findOfUser(accountId, filter.user, { from, before }, page.limit + 1),
        page.limit,
      );
      const rows = this.#sql.listFound.all(...values, JSON.stringify(found.ids));
      return {
        items: rows.map(toReceipt).filter((receipt) => isOfFilteredUser(receipt, filter.user)),
        next: found.next,
      };
    }
    const walkedTo = isPartial(filter) ? this.#sql.walkEnd.get(accountId, before, from)?.id : undefined;
    return toPage(this.#sql.listAll.all(...values, walkedTo ?? from), page.limit, toReceipt, walkedTo);
  }

  count(accountId: AccountId, filter: ReceiptFilter, atMost: number): ReturnType<typeof toCounted> {
    const { from, before } = toPageRange({ limit: atMost }, filter);
    const { type, channelId, senderId, since, until } = filter;
    const values = [type, channelId, senderId, since, until].map((value) => value ?? null);
    return toCounted(this.#sql.countAll.get(accountId, before, ...values, atMost + 1, from), atMost);
  }

  /** The newest messages of users who have or had one of these ids. */
  #findOfUser(
    accountId: AccountId,
    user: readonly Spelling[],
    { from, before }: IdRange,
    limit: number,
  ): number[] {
    const ids = new Set(user.map(({ id }) => id));
    const found = [...ids].flatMap((id) => this.#sql.ofUser.all(accountId, id, before, from, limit));
    return [...new Set(found.map(({ id }) => id))].sort((a, b) => b - a).slice(0, limit);
  }

  findTimeline(accountId: AccountId, receiptId: string): Timeline | undefined {
    if (!/^[0-9a-f]{32}$/.test(receiptId)) return undefined;
    const row = this.#sql.byKey.get(accountId, Buffer.from(receiptId, 'hex'));
    if (row === undefined) return undefined;
    const receipt = toReceipt(row);
    const media = receipt.content?.media;
    return {
      receipt,
      rawEventId: row.raw_event_id,
      rawIndex: row.raw_index,
      deliveries: this.#deliveries.findForReceipt(accountId, row.id),
      queue: this.#findQueueState(row),
      media: media === undefined ? null : (this.#media.find(accountId, media.id) ?? null),
    };
  }

  findRawEvent(accountId: AccountId, rawEventId: number): RawEvent | undefined {
    const row = this.#sql.rawById.get(accountId, rawEventId);
    return row && toRawEvent(row);
  }

  listUnrouted(accountId: AccountId, page: PageRequest): Page<Unrouted> {
    const after = toPlace(page);
    const rows = this.#sql.unroutedOf.all(accountId, ...after, page.limit + 1);
    const shown = rows.slice(0, page.limit);
    const last = shown.at(-1);
    const more = rows.length > page.limit && last !== undefined;
    return { items: shown.map(toUnrouted), next: more ? `${last.raw_event_id}.${last.position}` : null };
  }

  findUnrouted(type: ChannelType, route: WaitingRoute, afterRawEventId: number, limit: number): Unrouted[] {
    return this.#sql.unroutedFor.all(type, route.by, route.id, afterRawEventId, limit).map(toUnrouted);
  }

  findRoutesToReread(limit: number, after?: TypedRoute): TypedRoute[] {
    const place = [after?.type ?? '', after?.route.by ?? '', after?.route.id ?? ''] as const;
    return this.#sql.ownedRoutes
      .all(...place, limit)
      .map(({ channel_type: type, route_by: by, route_id: id }) => ({ type, route: { by, id } }));
  }

  #findQueueState(row: TimelineRow): Timeline['queue'] {
    const { queue_id: queueId, queue_message_id: id, account_id: accountId } = row;
    if (queueId === null || id === null) return null;
    const name = this.#sql.queueName.get(queueId)?.name;
    const place = { queueName: name ?? '', messageId: formatMessageId(queueId, id) };
    const trace = this.#sql.traceOf.get(accountId, row.id);
    if (trace !== undefined)
      return { ...place, state: trace.outcome, dequeueCount: trace.dequeue_count, endedAt: trace.at };
    const ready = this.#sql.readyOf.get(accountId, queueId, queueLimits.priorityDefault, id);
    if (ready !== undefined)
      return { ...place, state: 'queued', dequeueCount: ready.dequeue_count, endedAt: null };
    // Neither ready nor ended: some receiver holds it, or the queue went away with all that was in it.
    const held = name !== undefined && this.#sql.messageThere.get(id) !== undefined;
    return { ...place, state: held ? 'held' : 'unknown', dequeueCount: held ? 1 : 0, endedAt: null };
  }
}

/** Counts what of a user or a message is listed, and lets others read between the steps. */
async function countByPages(
  list: (page: PageRequest) => Promise<Page<Receipt>>,
  atMost: number,
): Promise<ReturnType<typeof toCounted>> {
  let count = 0;
  for (let page = await list({ limit: countStep }); ;) {
    count += page.items.length;
    if (page.next === null || count > atMost)
      return { count: Math.min(count, atMost), isMore: count > atMost };
    await new Promise((resolve) => setImmediate(resolve));
    page = await list({ limit: countStep, cursor: page.next });
  }
}

export function receiptVerbs(db: Connection, receipts: ReceiptTables, recording: Recording): Receipts {
  const record: SharedWork<readonly Intake[], ReturnType<Recording['record']>[number]> = (tx, calls) =>
    recording.record(tx, calls);
  return {
    recordIntake: (intakes) => db.writeShared(record, intakes),
    countReceipts: (accountId, filter, atMost) =>
      filter.user === undefined && filter.messageId === undefined
        ? db.read(() => receipts.count(accountId, filter, atMost))
        : countByPages((page) => db.read(() => receipts.list(accountId, filter, page)), atMost),
    listReceipts: (accountId, filter, page) => db.read(() => receipts.list(accountId, filter, page)),
    findTimeline: (accountId, receiptId) => db.read(() => receipts.findTimeline(accountId, receiptId)),
    findRawEvent: (accountId, rawEventId) => db.read(() => receipts.findRawEvent(accountId, rawEventId)),
    listUnrouted: (accountId, page) => db.read(() => receipts.listUnrouted(accountId, page)),
    findUnrouted: (type, route, afterRawEventId, limit) =>
      db.read(() => receipts.findUnrouted(type, route, afterRawEventId, limit)),
    findRoutesToReread: (limit, after) => db.read(() => receipts.findRoutesToReread(limit, after)),
  };
}
