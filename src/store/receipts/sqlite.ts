import type { AccountId } from '../../domain/account.ts';
import type { ChannelType } from '../../domain/channel.ts';
import { formatMessageId, queueLimits } from '../../domain/queue.ts';
import { receiptIdParts, toSubjectDigits, toSubjectLane, toSubjectText } from '../../domain/receipt.ts';
import type { WaitingRoute } from '../../domain/receipt.ts';
import { isPartial, maxWalked, toPage, toPageRange } from '../rows/paging.ts';
import { packBody, receiptColumns, toHex, toRawEvent, toReceipt, toUnrouted } from './rows.ts';
import type { RawEventRow, ReceiptRow, TimelineRow, UnroutedRow } from './rows.ts';
import type { Intake, NewReceipt, Receipts, Recorded, Timeline } from '../store.ts';
import type { AliasTables } from '../aliases/sqlite.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { DeliveryTables, NewDelivery } from '../deliveries/sqlite.ts';
import type { MediaTables } from '../media/sqlite.ts';
import type { OutboundSettlements } from '../outbound/sqlite-settlements.ts';
import type { MessageTables } from '../queues/sqlite-messages.ts';
import type { QueueTables } from '../queues/sqlite-queues.ts';
import type { RemarkWrites } from '../remarks/sqlite.ts';
import { inParts, repeat } from '../sqlite/statement.ts';
import type { TemplateTables } from '../templates/sqlite.ts';

interface SeenRow {
  readonly key: Uint8Array;
  readonly receipt_id: number;
  readonly rank: number;
}

/** A receipt that was not there before, under the id that it gets. */
interface Fresh {
  readonly accountId: AccountId;
  readonly rawEventId: number;
  readonly id: number;
  readonly key: Buffer;
  readonly receipt: NewReceipt;
  readonly superseded: boolean;
  readonly dropped: boolean;
  /** What was known of its subject. */
  readonly related: readonly SeenRow[];
}

/** Receipts of one subject that are looked at one by one; a message hardly has more. */
const seenLimit = 8;

export function receiptVerbs(
  db: Connection,
  deliveries: DeliveryTables,
  queues: QueueTables,
  messageTables: MessageTables,
  media: MediaTables,
  outbound: OutboundSettlements,
  templates: TemplateTables,
  aliases: AliasTables,
  remarks: RemarkWrites,
  findDeliveries: (accountId: AccountId, receiptId: number) => Timeline['deliveries'],
): Receipts {
  const insertRaw = db.prepareRows(
    (count) =>
      `INSERT INTO raw_event (id, account_id, channel_id, received_at, packed, body) VALUES ${repeat('(?, ?, ?, ?, ?, ?)', count)}`,
  );
  const rawById = db.prepare<RawEventRow>('SELECT * FROM raw_event WHERE account_id = ? AND id = ?');
  const insertUnrouted = db.prepare(
    'INSERT INTO unrouted (channel_type, route_by, route_id, raw_event_id, position, account_id, channel_id, received_at) SELECT type, ?, ?, ?, ?, ?, ?, ? FROM channel WHERE id = ? ON CONFLICT DO NOTHING',
  );
  const removeUnrouted = db.prepare(
    'DELETE FROM unrouted WHERE account_id = ? AND raw_event_id = ? AND route_by = ? AND route_id = ?',
  );
  const unroutedOf = db.prepare<UnroutedRow>(
    'SELECT * FROM unrouted WHERE account_id = ? AND (raw_event_id, position) > (?, ?) ORDER BY raw_event_id, position LIMIT ?',
  );
  const unroutedFor = db.prepare<UnroutedRow>(
    'SELECT * FROM unrouted WHERE channel_type = ? AND route_by = ? AND route_id = ? AND raw_event_id > ? ORDER BY raw_event_id, position LIMIT ?',
  );
  // Two probes of an index for each owner, however much is waiting.
  const ownedRoutes = db.prepare<{
    channel_type: ChannelType;
    route_by: WaitingRoute['by'];
    route_id: string;
  }>(
    `WITH waiting AS (
     SELECT channel_type, 'sender' AS route_by, route_id FROM sender AS owner
     WHERE EXISTS (SELECT 1 FROM unrouted AS u
       WHERE u.channel_type = owner.channel_type AND u.route_by = 'sender' AND u.route_id = owner.route_id)
     UNION
     SELECT type, 'waba', waba_id FROM channel AS owner
     WHERE waba_id IS NOT NULL AND EXISTS (SELECT 1 FROM unrouted AS u
       WHERE u.channel_type = owner.type AND u.route_by = 'waba' AND u.route_id = owner.waba_id)
     UNION
     SELECT owner.channel_type, 'send', owner.channel_id || '/' || owner.id FROM sender AS owner
     WHERE EXISTS (SELECT 1 FROM unrouted AS u
       WHERE u.channel_type = owner.channel_type AND u.route_by = 'send' AND u.route_id = owner.channel_id || '/' || owner.id))
     SELECT * FROM waiting WHERE (channel_type, route_by, route_id) > (?, ?, ?) ORDER BY channel_type, route_by, route_id LIMIT ?`,
  );
  const insertSeen = db.prepare(
    'INSERT INTO seen (account_id, key, receipt_id, rank) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const seenOf = db.prepare<SeenRow>(
    `SELECT key, receipt_id, rank FROM seen WHERE account_id = ? AND key >= ? AND key <= ? LIMIT ${seenLimit}`,
  );
  const rankOf = db.prepare<{ rank: number | null }>(
    'SELECT max(rank) AS rank FROM seen WHERE account_id = ? AND key >= ? AND key <= ?',
  );
  const insertReceipts = db.prepareRows(
    (count) =>
      `INSERT INTO receipt (id, account_id, key, type, channel_id, channel_type, sender_id, sender_type, subject, occurred_at, recorded_at,
         raw_event_id, raw_index, superseded, unmatched, facts, queue_id, queue_message_id)
       VALUES ${repeat('(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', count)}`,
  );
  const insertContent = db.prepare('INSERT INTO content (receipt_id, account_id, body) VALUES (?, ?, ?)');
  const byKey = db.prepare<TimelineRow>(
    `SELECT ${receiptColumns}, r.raw_event_id, r.raw_index, r.queue_id, r.queue_message_id
     FROM seen s JOIN receipt r ON r.id = s.receipt_id LEFT JOIN content c ON c.receipt_id = r.id WHERE s.account_id = ? AND s.key = ?`,
  );
  const filters = `AND (?3 IS NULL OR r.type = ?3) AND (?4 IS NULL OR r.channel_id = ?4) AND (?5 IS NULL OR r.sender_id = ?5)
     AND (?6 IS NULL OR r.recorded_at >= ?6) AND (?7 IS NULL OR r.recorded_at < ?7)`;
  const listAll = db.prepare<ReceiptRow>(
    `SELECT ${receiptColumns} FROM receipt r LEFT JOIN content c ON c.receipt_id = r.id
     WHERE r.account_id = ?1 AND r.id < ?2 AND r.id >= ?9 ${filters} ORDER BY r.id DESC LIMIT ?8`,
  );
  const walkEnd = db.prepare<{ id: number }>(
    `SELECT id FROM receipt WHERE account_id = ? AND id < ? AND id >= ? ORDER BY id DESC LIMIT 1 OFFSET ${maxWalked}`,
  );
  const listBySubject = db.prepare<ReceiptRow>(
    `SELECT ${receiptColumns} FROM receipt r LEFT JOIN content c ON c.receipt_id = r.id
     WHERE r.id IN (SELECT receipt_id FROM seen WHERE account_id = ?1 AND key >= ?9 AND key <= ?10
                    UNION SELECT id FROM receipt WHERE account_id = ?1 AND subject = ?11)
       AND r.account_id = ?1 AND r.id < ?2 ${filters} ORDER BY r.id DESC LIMIT ?8`,
  );
  const queueName = db.prepare<{ name: string }>('SELECT name FROM queue WHERE id = ?');
  const traceOf = db.prepare<{ outcome: 'deleted' | 'expired'; dequeue_count: number; at: number }>(
    'SELECT outcome, dequeue_count, at FROM queue_trace WHERE account_id = ? AND receipt_id = ?',
  );
  const readyOf = db.prepare<{ dequeue_count: number }>(
    'SELECT dequeue_count FROM ready WHERE account_id = ? AND queue_id = ? AND priority = ? AND id = ?',
  );
  const messageThere = db.prepare('SELECT 1 FROM message WHERE id = ?');

  /** Records what the calls of one transaction brought, each several intakes, with statements for many rows. */
  function record(tx: Transaction, calls: readonly (readonly Intake[])[]): Recorded[][] {
    const now = db.now();
    const intakes = calls.flat();
    const fresh: Fresh[] = [];
    const recorded = keepRaw(intakes).map(({ rawEventId, intake }) => {
      const { accountId, receipts, reread } = intake;
      if (reread?.route !== undefined)
        removeUnrouted.run(accountId, rawEventId, reread.route.by, reread.route.id);
      keepUnrouted(intake, rawEventId);
      remarks.keep(intake, rawEventId);
      return {
        rawEventId,
        receipts: receipts.map((receipt) => admit({ accountId, rawEventId }, receipt, fresh)),
      };
    });
    for (const part of inParts(fresh)) addReceipts(tx, part, now);
    deliveries.add(tx, toDeliveries(fresh), now);
    for (const { accountId, receipts } of intakes) {
      for (const { outboundId, naming, channelId, senderId, aliases: told = [] } of receipts) {
        for (const alias of told) aliases.tell(accountId, alias);
        if (outboundId === null || naming === undefined) continue;
        outbound.name(tx, accountId, outboundId, naming);
        if (senderId !== null) tx.signal({ kind: 'outbound', accountId, channelId, senderId });
      }
    }
    let start = 0;
    return calls.map(({ length }) => recorded.slice(start, (start += length)));
  }

  /** Keeps the bytes of those that bring some; each with the id of its raw event, in their order. */
  function keepRaw(intakes: readonly Intake[]): { readonly rawEventId: number; readonly intake: Intake }[] {
    const rows = intakes.map((intake) => ({ rawEventId: intake.reread?.rawEventId ?? db.nextId(), intake }));
    for (const part of inParts(rows.filter(({ intake }) => intake.reread === undefined))) {
      const values = part.flatMap(({ rawEventId, intake }) => {
        const { packed, stored } = packBody(intake.body);
        const { accountId, channelId, receivedAt } = intake;
        return [rawEventId, accountId, channelId, receivedAt, packed, stored];
      });
      insertRaw.of(part.length).run(...values);
    }
    return rows;
  }

  function keepUnrouted({ accountId, channelId, receivedAt, unrouted }: Intake, rawEventId: number): void {
    for (const { route, index } of unrouted) {
      insertUnrouted.run(route.by, route.id, rawEventId, index, accountId, channelId, receivedAt, channelId);
    }
  }

  /** Refuses a repeat by the unique key; what is new is put to `fresh`. */
  function admit(
    origin: Pick<Fresh, 'accountId' | 'rawEventId'>,
    receipt: NewReceipt,
    fresh: Fresh[],
  ): 'fresh' | 'repeat' | 'dropped' {
    const { accountId } = origin;
    const id = db.nextId();
    const key = Buffer.from(receipt.receiptId, 'hex');
    const { progress } = receipt;
    const related = seenOf.all(accountId, ...toRange(receipt.receiptId.slice(0, receiptIdParts.subject)));
    // Rank 0 takes no part and is never late.
    const superseded =
      progress !== null && progress.rank > 0 && progress.rank <= findRank(accountId, progress.key, related);
    if (insertSeen.run(accountId, key, id, progress?.rank ?? 0) === 0) return 'repeat';
    const dropped = superseded && progress.dropLate;
    fresh.push({ ...origin, id, key, receipt, superseded, dropped, related });
    return dropped ? 'dropped' : 'fresh';
  }

  /** Adds what is new with all that hangs on it, but for the deliveries. */
  function addReceipts(tx: Transaction, fresh: readonly Fresh[], now: number): void {
    const queued = enqueue(tx, fresh, now);
    const values = fresh.flatMap(({ accountId, rawEventId, id, key, receipt, superseded }) => {
      const { facts } = receipt;
      const subject = toSubjectDigits(toSubjectText(facts));
      const place = queued.get(id);
      return [
        id,
        accountId,
        key,
        facts.type,
        receipt.channelId,
        receipt.channelType,
        receipt.senderId,
        receipt.senderType,
        receipt.receiptId.startsWith(subject) ? null : Number.parseInt(subject, 16),
        receipt.occurredAt,
        now,
        rawEventId,
        receipt.index,
        superseded ? 1 : 0,
        facts.type === 'ChatAppStatus' && receipt.outboundId === null ? 1 : 0,
        JSON.stringify(facts),
        place?.queueId ?? null,
        place?.messageId ?? null,
      ];
    });
    insertReceipts.of(fresh.length).run(...values);
    for (const { accountId, id, receipt } of fresh) {
      const { facts, content } = receipt;
      if (content !== null) insertContent.run(id, accountId, JSON.stringify(content));
      if (receipt.media !== null) media.add(tx, accountId, id, receipt, receipt.media);
      if (receipt.outboundId !== null && facts.type === 'ChatAppStatus')
        outbound.follow(tx, accountId, receipt.outboundId, facts);
      if (receipt.template !== null)
        templates.follow(tx, accountId, receipt.channelId, receipt.template, now);
    }
  }

  /** The deliveries of what is new, each with whether others of its lane are known. */
  function toDeliveries(fresh: readonly Fresh[]): NewDelivery[] {
    const added = new Map<number, NewDelivery>();
    for (const { accountId, id, receipt, dropped, related } of fresh) {
      // The first of a subject stands outside the index of lanes for as long as it is the only one.
      const [first, second] = related;
      if (first !== undefined && second === undefined) {
        const own = added.get(first.receipt_id);
        if (own === undefined) deliveries.enlist(first.receipt_id);
        else added.set(own.id, { ...own, laned: true });
      }
      const { destinationId, lane } = receipt;
      if (destinationId === null || dropped) continue;
      const laned = first !== undefined || lane !== toSubjectLane(receipt.receiptId);
      added.set(id, { accountId, destinationId, id, lane, laned });
    }
    return [...added.values()];
  }

  /** The highest rank of the statuses of one message to one party, of those recorded before. */
  function findRank(accountId: AccountId, progressKey: string, related: readonly SeenRow[]): number {
    if (related.length === seenLimit) return rankOf.get(accountId, ...toRange(progressKey))?.rank ?? 0;
    return related
      .filter(({ key }) => toHex(key).startsWith(progressKey))
      .reduce((highest, { rank }) => Math.max(highest, rank), 0);
  }

  /** Puts what is new into its queues; resolves to where, by receipt. */
  function enqueue(
    tx: Transaction,
    fresh: readonly Fresh[],
    now: number,
  ): ReadonlyMap<number, { readonly queueId: number; readonly messageId: number }> {
    const places = new Map<number, { queueId: number; messageId: number }>();
    const queued = fresh.flatMap(({ accountId, id, receipt: { queue }, dropped }) =>
      queue === null || dropped ? [] : [{ accountId, id, queue }],
    );
    for (const members of Map.groupBy(
      queued,
      ({ accountId, queue }) => `${accountId}/${queue.name}`,
    ).values()) {
      const [first] = members;
      if (first === undefined) continue;
      const queue = queues.ensureForReceipts(tx, first.accountId, first.queue.name);
      const messages = members.map(({ id, queue: { body } }) => ({
        body,
        priority: queueLimits.priorityDefault,
        receiptId: id,
      }));
      messageTables.add(tx, queue, messages, now).forEach((added, index) => {
        const member = members[index];
        if (member !== undefined) places.set(member.id, { queueId: queue.id, messageId: added.id });
      });
    }
    return places;
  }

  function findQueueState(row: TimelineRow): Timeline['queue'] {
    const { queue_id: queueId, queue_message_id: id, account_id: accountId } = row;
    if (queueId === null || id === null) return null;
    const name = queueName.get(queueId)?.name;
    const place = { queueName: name ?? '', messageId: formatMessageId(queueId, id) };
    const trace = traceOf.get(accountId, row.id);
    if (trace !== undefined)
      return { ...place, state: trace.outcome, dequeueCount: trace.dequeue_count, endedAt: trace.at };
    const ready = readyOf.get(accountId, queueId, queueLimits.priorityDefault, id);
    if (ready !== undefined)
      return { ...place, state: 'queued', dequeueCount: ready.dequeue_count, endedAt: null };
    // Neither ready nor ended: some receiver holds it, or the queue went away with all that was in it.
    const held = name !== undefined && messageThere.get(id) !== undefined;
    return { ...place, state: held ? 'held' : 'unknown', dequeueCount: held ? 1 : 0, endedAt: null };
  }

  return {
    recordIntake: (intakes) => db.writeShared(record, intakes),
    listReceipts: (accountId, filter, page) =>
      db.read(() => {
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
        if (filter.messageId === undefined) {
          const walkedTo = isPartial(filter) ? walkEnd.get(accountId, before, from)?.id : undefined;
          return toPage(listAll.all(...values, walkedTo ?? from), page.limit, toReceipt, walkedTo);
        }
        const digits = toSubjectDigits(filter.messageId);
        const rows = listBySubject.all(...values, ...toRange(digits), Number.parseInt(digits, 16));
        return toPage(rows, page.limit, toReceipt);
      }),
    findTimeline: (accountId, receiptId) =>
      db.read(() => {
        if (!/^[0-9a-f]{32}$/.test(receiptId)) return undefined;
        const row = byKey.get(accountId, Buffer.from(receiptId, 'hex'));
        if (row === undefined) return undefined;
        const receipt = toReceipt(row);
        return {
          receipt,
          rawEventId: row.raw_event_id,
          rawIndex: row.raw_index,
          deliveries: findDeliveries(accountId, row.id),
          queue: findQueueState(row),
          media:
            receipt.content?.media === undefined
              ? null
              : (media.find(accountId, receipt.content.media.id) ?? null),
        };
      }),
    findRawEvent: (accountId, rawEventId) =>
      db.read(() => {
        const row = rawById.get(accountId, rawEventId);
        return row && toRawEvent(row);
      }),
    listUnrouted: (accountId, page) =>
      db.read(() => {
        const [rawEventId = 0, position = -1] = (page.cursor ?? '').split('.').map(Number);
        const rows = unroutedOf.all(
          accountId,
          rawEventId || 0,
          Number.isNaN(position) ? -1 : position,
          page.limit + 1,
        );
        const shown = rows.slice(0, page.limit);
        const last = shown.at(-1);
        const more = rows.length > page.limit && last !== undefined;
        return { items: shown.map(toUnrouted), next: more ? `${last.raw_event_id}.${last.position}` : null };
      }),
    findUnrouted: (type, route, afterRawEventId, limit) =>
      db.read(() => unroutedFor.all(type, route.by, route.id, afterRawEventId, limit).map(toUnrouted)),
    findRoutesToReread: (limit, after) =>
      db.read(() =>
        ownedRoutes
          .all(after?.type ?? '', after?.route.by ?? '', after?.route.id ?? '', limit)
          .map(({ channel_type: type, route_by: by, route_id: id }) => ({ type, route: { by, id } })),
      ),
  };
}

/** First and last of the keys that begin with these hex digits. */
function toRange(digits: string): [Buffer, Buffer] {
  return [Buffer.from(digits.padEnd(32, '0'), 'hex'), Buffer.from(digits.padEnd(32, 'f'), 'hex')];
}
