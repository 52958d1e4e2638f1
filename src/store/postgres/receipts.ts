import { formatMessageId, receiptQueueAttributes } from '../../domain/queue.ts';
import type { AccountId } from '../../domain/account.ts';
import type { ChannelType } from '../../domain/channel.ts';
import { toSubjectText } from '../../domain/receipt.ts';
import type { WaitingRoute } from '../../domain/receipt.ts';
import { toMedia, toMediaKey } from '../rows/media.ts';
import type { MediaRow } from '../rows/media.ts';
import { toIdRange, toPage } from '../rows/paging.ts';
import {
  packBody,
  receiptColumns,
  toRawEvent,
  toReceipt,
  toRemarks,
  toSubject,
  toUnrouted,
} from '../rows/receipts.ts';
import type { RawEventRow, ReceiptRow, TimelineRow, UnroutedRow } from '../rows/receipts.ts';
import type { Intake, NewReceipt, Receipts, Recorded, Signal, Timeline } from '../store.ts';
import { Batches } from './batches.ts';
import { isOwnFault } from './connection.ts';
import type { Connection } from './connection.ts';

/** Most receipts that calls record in one transaction, if more than one call shares it. */
const maxReceipts = 128;
const lanes = 2;

/** What the function answers; a receipt in neither list is a repeat. */
interface Outcome {
  readonly fresh: readonly number[];
  readonly dropped: readonly number[];
  readonly queues: readonly number[];
  readonly destinations: readonly number[];
  readonly made: boolean;
}

interface Prepared {
  readonly rawEventId: number;
  readonly receiptIds: readonly number[];
}

const filters = `AND ($3::text IS NULL OR r.type = $3) AND ($4::text IS NULL OR r.channel_id = $4) AND ($5::text IS NULL OR r.sender_id = $5)
  AND ($6::bigint IS NULL OR r.recorded_at >= $6) AND ($7::bigint IS NULL OR r.recorded_at < $7)`;
/** Where `receiptColumns` come from. The fence makes the planner look up each receipt's content, whatever it believes. */
export const receiptTables = `FROM receipt r LEFT JOIN LATERAL
  (SELECT o.body FROM content o WHERE o.account_id = r.account_id AND o.receipt_id = r.id OFFSET 0) c ON true`;

export function receiptVerbs(
  db: Connection,
  findDeliveries: (accountId: AccountId, receiptId: number) => Promise<Timeline['deliveries']>,
): Receipts {
  async function record(intakes: readonly Intake[]): Promise<Recorded[]> {
    const [first] = intakes;
    if (first === undefined) return [];
    const { accountId } = first;
    const bodies: Uint8Array[] = [];
    const raws: object[] = [];
    const rows: object[] = [];
    const unrouted: object[] = [];
    const reread: object[] = [];
    let start = 0;
    const prepared = intakes.map((intake): Prepared => {
      const rawEventId = intake.reread?.rawEventId ?? db.nextId();
      const { channelId, receivedAt } = intake;
      if (intake.reread === undefined) {
        const { packed, stored } = packBody(intake.body);
        const remarks = toRemarks(intake.remarks) ?? undefined;
        const size = stored.byteLength;
        raws.push({ id: rawEventId, channel: channelId, at: receivedAt, packed, start, size, remarks });
        bodies.push(stored);
        start += size;
      } else {
        const { by, id } = intake.reread.route;
        reread.push({ raw: rawEventId, by, route: toText(id) });
      }
      for (const { route, index } of intake.unrouted)
        unrouted.push({
          by: route.by,
          route: toText(route.id),
          raw: rawEventId,
          position: index,
          channel: channelId,
          at: receivedAt,
        });
      const receiptIds = intake.receipts.map((receipt) => {
        const id = db.nextId();
        rows.push(toRow(db, receipt, id, rawEventId));
        return id;
      });
      return { rawEventId, receiptIds };
    });
    const namings = toNamings(intakes);
    const naming = namings.length === 0 ? '' : ', name_outbound($1, $9)';
    const [answer] = await db.call<{ outcome: Outcome }>(
      `SELECT record_intake($1, $2, $3, $4, $5, $6, $7, $8) AS outcome${naming}`,
      [
        accountId,
        db.now(),
        JSON.stringify(raws),
        Buffer.concat(bodies),
        JSON.stringify(rows),
        JSON.stringify(unrouted),
        JSON.stringify(reread),
        JSON.stringify(receiptQueueAttributes),
        ...(namings.length === 0 ? [] : [JSON.stringify(namings)]),
      ],
    );
    if (answer === undefined) throw new Error('The function gave no answer.');
    const { fresh, dropped, queues, destinations, made } = answer.outcome;
    const hasMedia = intakes.some((intake) => intake.receipts.some(({ media }) => media !== null));
    db.signals.tell([
      ...(made ? [{ kind: 'directory' } as const] : []),
      ...queues.map((queueId): Signal => ({ kind: 'queue', accountId, queueId })),
      ...destinations.map((destinationId): Signal => ({ kind: 'deliveries', accountId, destinationId })),
      ...(hasMedia ? [{ kind: 'media' } as const] : []),
      ...toOutboundSignals(intakes),
    ]);
    const isFresh = new Set(fresh);
    const isDropped = new Set(dropped);
    return prepared.map(({ rawEventId, receiptIds }) => ({
      rawEventId,
      receipts: receiptIds.map((id) =>
        isDropped.has(id) ? 'dropped' : isFresh.has(id) ? 'fresh' : 'repeat',
      ),
    }));
  }

  /** Each input is what one call records of one account. */
  const batches = new Batches<readonly Intake[], readonly Recorded[]>(
    {
      run: async (inputs) => {
        const recorded = await record(inputs.flat());
        return inputs.map((input) => recorded.splice(0, input.length));
      },
      weigh: (input) => input.reduce((sum, intake) => sum + 1 + intake.receipts.length, 0),
      maxWeight: maxReceipts,
      lanes,
    },
    isOwnFault,
  );

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
    recordIntake: async (intakes) => {
      const recorded = new Map<Intake, Recorded>();
      const byAccount = Map.groupBy(intakes, ({ accountId }) => accountId);
      await Promise.all(
        [...byAccount].map(async ([accountId, own]) => {
          const outcomes = await batches.add(String(accountId), own);
          own.forEach((intake, index) => {
            const outcome = outcomes[index];
            if (outcome !== undefined) recorded.set(intake, outcome);
          });
        }),
      );
      return intakes.map((intake) => {
        const outcome = recorded.get(intake);
        if (outcome === undefined) throw new Error('An intake has no outcome.');
        return outcome;
      });
    },
    listReceipts: async (accountId, filter, page) => {
      const { from, before } = toIdRange(page, filter);
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
      const rows =
        filter.messageId === undefined
          ? await db.all<ReceiptRow>(
              `SELECT ${receiptColumns} ${receiptTables} WHERE r.account_id = $1 AND r.id < $2 AND r.id >= $9 ${filters} ORDER BY r.id DESC LIMIT $8`,
              [...values, from],
            )
          : await db.all<ReceiptRow>(
              `SELECT ${receiptColumns} ${receiptTables} WHERE r.account_id = $1 AND r.subject = $9 AND r.id < $2 ${filters} ORDER BY r.id DESC LIMIT $8`,
              [...values, toSubject(filter.messageId)],
            );
      return toPage(rows, page.limit, toReceipt);
    },
    findTimeline: async (accountId, receiptId) => {
      if (!/^[0-9a-f]{32}$/.test(receiptId)) return undefined;
      const row = await db.get<TimelineRow>(
        `SELECT ${receiptColumns}, r.raw_event_id, r.raw_index, r.queue_id, r.queue_message_id
         FROM seen s JOIN receipt r ON r.account_id = s.account_id AND r.id = s.receipt_id
         LEFT JOIN content c ON c.account_id = r.account_id AND c.receipt_id = r.id
         WHERE s.account_id = $1 AND s.key = $2`,
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
    findRoutesToReread: async (limit) => {
      const rows = await db.all<{ type: ChannelType; by: WaitingRoute['by']; id: string }>(
        `SELECT channel_type AS type, 'sender' AS by, route_id AS id FROM sender o
         WHERE EXISTS (SELECT 1 FROM unrouted u WHERE u.channel_type = o.channel_type AND u.route_by = 'sender' AND u.route_id = o.route_id)
         UNION
         SELECT type, 'waba', waba_id FROM channel o
         WHERE waba_id IS NOT NULL AND EXISTS
           (SELECT 1 FROM unrouted u WHERE u.channel_type = o.type AND u.route_by = 'waba' AND u.route_id = o.waba_id)
         UNION
         SELECT channel_type, 'send', channel_id || '/' || id FROM sender o
         WHERE EXISTS (SELECT 1 FROM unrouted u WHERE u.channel_type = o.channel_type AND u.route_by = 'send' AND u.route_id = o.channel_id || '/' || o.id)
         LIMIT $1`,
        [limit],
      );
      return rows.map(({ type, by, id }) => ({ type, route: { by, id } }));
    },
  };
}

/** What statuses told of messages' ids at the channel. */
function toNamings(intakes: readonly Intake[]): object[] {
  return intakes.flatMap(({ receipts }) =>
    receipts.flatMap(({ outboundId, naming }) =>
      outboundId === null || naming === undefined
        ? []
        : [{ outbound: outboundId, channel_message: toText(naming.channelMessageId), sent: naming.sentAt }],
    ),
  );
}

/** A receipt with its ids, as the function reads it; what is not there is left out. */
/** A status may have let the next message of a recipient go. */
function toOutboundSignals(intakes: readonly Intake[]): Signal[] {
  return intakes.flatMap(({ accountId, receipts }) =>
    receipts.flatMap(({ channelId, senderId, outboundId }): Signal[] =>
      outboundId === null || senderId === null ? [] : [{ kind: 'outbound', accountId, channelId, senderId }],
    ),
  );
}

function toRow(db: Connection, receipt: NewReceipt, id: number, rawEventId: number): object {
  const { facts, content, media, progress, queue, destinationId } = receipt;
  return {
    id,
    key: receipt.receiptId,
    type: facts.type,
    channel: receipt.channelId,
    channel_type: receipt.channelType,
    sender: receipt.senderId ?? undefined,
    sender_type: receipt.senderType ?? undefined,
    subject: toSubject(toSubjectText(facts)),
    occurred: receipt.occurredAt,
    raw: rawEventId,
    index: receipt.index,
    lane: receipt.lane,
    facts: JSON.stringify(facts),
    content: content === null ? undefined : JSON.stringify(content),
    ...(progress === null
      ? {}
      : { progress: progress.key, rank: progress.rank, drop_late: progress.dropLate }),
    ...(receipt.outboundId === null || facts.type !== 'ChatAppStatus'
      ? {}
      : { outbound: receipt.outboundId, status: facts.status }),
    ...(receipt.template === null
      ? {}
      : {
          template: receipt.template.code,
          template_language: receipt.template.language,
          template_status: receipt.template.status,
          template_reason: receipt.template.reason,
          template_quality: receipt.template.quality,
          template_category: receipt.template.category,
        }),
    ...(queue === null ? {} : { queue: queue.name, message: db.nextId(), body: queue.body }),
    ...(destinationId === null ? {} : { destination: destinationId }),
    ...(media === null
      ? {}
      : {
          media: media.id,
          channel_media: toText(media.channelMediaId),
          mime_type: toText(media.mimeType),
          file_name: media.fileName === undefined ? undefined : toText(media.fileName),
          sha256: media.sha256 === undefined ? undefined : toText(media.sha256),
        }),
  };
}

/** Text that a database column can hold: no character that ends strings in C, no half of a pair. */
function toText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
