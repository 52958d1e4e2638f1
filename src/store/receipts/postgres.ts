import { formatMessageId } from '../../domain/queue.ts';
import type { AccountId } from '../../domain/account.ts';
import type { ChannelType } from '../../domain/channel.ts';
import { toSubjectDigits } from '../../domain/receipt.ts';
import type { WaitingRoute } from '../../domain/receipt.ts';
import { toMedia, toMediaKey } from '../media/rows.ts';
import type { MediaRow } from '../media/rows.ts';
import { isPartial, maxWalked, toPage, toPageRange } from '../rows/paging.ts';
import { receiptColumns, toRawEvent, toReceipt, toUnrouted } from './rows.ts';
import type { RawEventRow, ReceiptRow, TimelineRow, UnroutedRow } from './rows.ts';
import type { Receipts, Timeline } from '../store.ts';
import type { Connection } from '../postgres/connection.ts';
import { createRecordIntake } from './postgres-record.ts';

const filters = `AND ($3::text IS NULL OR r.type = $3) AND ($4::text IS NULL OR r.channel_id = $4) AND ($5::text IS NULL OR r.sender_id = $5)
  AND ($6::bigint IS NULL OR r.recorded_at >= $6) AND ($7::bigint IS NULL OR r.recorded_at < $7)`;
/** Where `receiptColumns` come from. The fence makes the planner look up each receipt's content, whatever it believes. */
export const receiptTables = `FROM receipt r LEFT JOIN LATERAL
  (SELECT o.body FROM content o WHERE o.account_id = r.account_id AND o.receipt_id = r.id OFFSET 0) c ON true`;

export function receiptVerbs(
  db: Connection,
  findDeliveries: (accountId: AccountId, receiptId: number) => Promise<Timeline['deliveries']>,
): Receipts {
  async function findQueueState(row: TimelineRow): Promise<Timeline['queue']> {
    const { queue_id: queueId, queue_message_id: id, account_id: accountId } = row;
    if (queueId === null || id === null) return null;
    const [found, trace, message] = await Promise.all([
      db.get<{ name: string }>('SELECT name FROM queue WHERE account_id = $1 AND id = $2', [
        accountId,
        queueId,
      ]),
      db.get<{ outcome: 'deleted' | 'expired'; dequeue_count: number; at: number }>(
        'SELECT outcome, dequeue_count, at FROM queue_trace WHERE account_id = $1 AND receipt_id = $2',
        [accountId, row.id],
      ),
      db.get<{ state: number; dequeue_count: number }>(
        'SELECT state, dequeue_count FROM message WHERE account_id = $1 AND id = $2',
        [accountId, id],
      ),
    ]);
    const place = { queueName: found?.name ?? '', messageId: formatMessageId(queueId, id) };
    if (trace !== undefined)
      return { ...place, state: trace.outcome, dequeueCount: trace.dequeue_count, endedAt: trace.at };
    if (message === undefined || found === undefined)
      return { ...place, state: 'unknown', dequeueCount: 0, endedAt: null };
    const state = message.state === 0 ? 'queued' : 'held';
    return { ...place, state, dequeueCount: message.dequeue_count, endedAt: null };
  }

  async function findMediaOf(accountId: AccountId, mediaId: string) {
    const sql = 'SELECT * FROM media WHERE account_id = $1 AND id = $2';
    const row = await db.get<MediaRow>(sql, [accountId, toMediaKey(mediaId)]);
    return row === undefined ? null : toMedia(row);
  }

  return {
    recordIntake: createRecordIntake(db),
    listReceipts: async (accountId, filter, page) => {
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
      const [end] = isPartial(filter)
        ? await db.all<{ id: number }>(
            `SELECT id FROM receipt WHERE account_id = $1 AND id < $2 AND id >= $3 ORDER BY id DESC OFFSET ${maxWalked} LIMIT 1`,
            [accountId, before, from],
          )
        : [];
      const rows =
        filter.messageId === undefined
          ? await db.all<ReceiptRow>(
              `SELECT ${receiptColumns} ${receiptTables} WHERE r.account_id = $1 AND r.id < $2 AND r.id >= $9 ${filters} ORDER BY r.id DESC LIMIT $8`,
              [...values, end?.id ?? from],
            )
          : await db.all<ReceiptRow>(
              `SELECT ${receiptColumns} ${receiptTables} WHERE r.account_id = $1 AND r.id < $2 AND r.id = ANY (ARRAY(
                 SELECT id FROM receipt WHERE account_id = $1 AND key >= $9 AND key <= $10
                 UNION SELECT id FROM receipt WHERE account_id = $1 AND subject = $11)) ${filters} ORDER BY r.id DESC LIMIT $8`,
              [...values, ...toSubjectRange(filter.messageId)],
            );
      return db.rows.page(
        'receipt',
        toPage(rows, page.limit, (row) => row, end?.id),
        toReceipt,
      );
    },
    findTimeline: async (accountId, receiptId) => {
      if (!/^[0-9a-f]{32}$/.test(receiptId)) return undefined;
      const row = await db.get<TimelineRow>(
        `SELECT ${receiptColumns}, r.raw_event_id, r.raw_index, r.queue_id, r.queue_message_id
         ${receiptTables} WHERE r.account_id = $1 AND r.key = $2`,
        [accountId, Buffer.from(receiptId, 'hex')],
      );
      if (row === undefined) return undefined;
      const receipt = toReceipt(row);
      const mediaId = receipt.content?.media?.id;
      const [deliveries, queue, media] = await Promise.all([
        findDeliveries(accountId, row.id),
        findQueueState(row),
        mediaId === undefined ? null : findMediaOf(accountId, mediaId),
      ]);
      return { receipt, rawEventId: row.raw_event_id, rawIndex: row.raw_index, deliveries, queue, media };
    },
    findRawEvent: async (accountId, rawEventId) => {
      const sql = 'SELECT * FROM raw_event WHERE account_id = $1 AND id = $2';
      const row = await db.get<RawEventRow>(sql, [accountId, rawEventId]);
      return row && toRawEvent(row);
    },
    listUnrouted: async (accountId, page) => {
      const [rawEventId = 0, position = -1] = (page.cursor ?? '').split('.').map(Number);
      const rows = await db.all<UnroutedRow>(
        `SELECT * FROM unrouted WHERE account_id = $1 AND (raw_event_id, position) > ($2, $3)
         ORDER BY raw_event_id, position LIMIT $4`,
        [accountId, rawEventId || 0, Number.isNaN(position) ? -1 : position, page.limit + 1],
      );
      const shown = rows.slice(0, page.limit);
      const last = shown.at(-1);
      const more = rows.length > page.limit && last !== undefined;
      return { items: shown.map(toUnrouted), next: more ? `${last.raw_event_id}.${last.position}` : null };
    },
    findUnrouted: async (type, route, afterRawEventId, limit) => {
      const rows = await db.all<UnroutedRow>(
        `SELECT * FROM unrouted WHERE channel_type = $1 AND route_by = $2 AND route_id = $3 AND raw_event_id > $4
         ORDER BY raw_event_id, position LIMIT $5`,
        [type, route.by, route.id, afterRawEventId, limit],
      );
      return rows.map(toUnrouted);
    },
    findRoutesToReread: async (limit, after) => {
      const rows = await db.all<{ type: ChannelType; by: WaitingRoute['by']; id: string }>(
        `WITH waiting AS (
         SELECT channel_type AS type, 'sender' AS by, route_id AS id FROM sender o
         WHERE EXISTS (SELECT 1 FROM unrouted u WHERE u.channel_type = o.channel_type AND u.route_by = 'sender' AND u.route_id = o.route_id)
         UNION
         SELECT type, 'waba', waba_id FROM channel o
         WHERE waba_id IS NOT NULL AND EXISTS
           (SELECT 1 FROM unrouted u WHERE u.channel_type = o.type AND u.route_by = 'waba' AND u.route_id = o.waba_id)
         UNION
         SELECT channel_type, 'send', channel_id || '/' || id FROM sender o
         WHERE EXISTS (SELECT 1 FROM unrouted u WHERE u.channel_type = o.channel_type AND u.route_by = 'send' AND u.route_id = o.channel_id || '/' || o.id))
         SELECT * FROM waiting WHERE (type, by, id) > ($2, $3, $4) ORDER BY type, by, id LIMIT $1`,
        [limit, after?.type ?? '', after?.route.by ?? '', after?.route.id ?? ''],
      );
      return rows.map(({ type, by, id }) => ({ type, route: { by, id } }));
    },
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
