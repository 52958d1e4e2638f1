import { Type } from 'typebox';
import type { Static } from 'typebox';
import { receiptTypes } from '../domain/receipt.ts';
import type { Receipt } from '../domain/receipt.ts';
import type { ReceiptFilter } from '../store/store.ts';
import { describe, fromTime, notFound, toPageRequest, toTime } from './api.ts';
import type { Api, ApiContext } from './api.ts';
import { toAttempt, toDelivery } from './deliveries.ts';
import { PageOf, PageQuery, ReceiptAnswer, Time, TimelineAnswer } from './schemas.ts';

const ListQuery = Type.Intersect([
  PageQuery,
  Type.Object({
    type: Type.Optional(Type.Enum([...receiptTypes])),
    channelId: Type.Optional(Type.String({ maxLength: 128 })),
    senderId: Type.Optional(Type.String({ maxLength: 128 })),
    messageId: Type.Optional(
      Type.String({
        maxLength: 300,
        description: "The channel's id of the message; a template's code for audits",
      }),
    ),
    since: Type.Optional(Time),
    until: Type.Optional(Time),
  }),
]);

const UnroutedAnswer = Type.Object({
  rawEventId: Type.String(),
  index: Type.Integer(),
  channelId: Type.String(),
  by: Type.String(),
  id: Type.String(),
  receivedAt: Time,
});

/** Receipts with their whole way, the bytes they came from, and what came for nobody. */
export function receiptApi(api: Api, { store, who }: ApiContext): void {
  api.get(
    '/receipts',
    {
      schema: describe(
        'List receipts, newest first',
        'receipts',
        { querystring: ListQuery },
        { 200: PageOf(ReceiptAnswer) },
      ),
    },
    async (request) => {
      const { type, channelId, senderId, messageId, since, until } = request.query;
      const filter: ReceiptFilter = {
        ...(type === undefined ? {} : { type }),
        ...(channelId === undefined ? {} : { channelId }),
        ...(senderId === undefined ? {} : { senderId }),
        ...(messageId === undefined ? {} : { messageId }),
        ...(since === undefined ? {} : { since: fromTime('since', since) }),
        ...(until === undefined ? {} : { until: fromTime('until', until) }),
      };
      const { items, next } = await store.listReceipts(
        who(request).accountId,
        filter,
        toPageRequest(request.query),
      );
      return { items: items.map(toReceipt), next };
    },
  );

  api.get(
    '/receipts/:receiptId',
    {
      schema: describe(
        'Read a receipt with everything that happened to it',
        'receipts',
        { params: Type.Object({ receiptId: Type.String({ maxLength: 64 }) }) },
        { 200: TimelineAnswer },
      ),
    },
    async (request) => {
      const timeline = await store.findTimeline(who(request).accountId, request.params.receiptId);
      if (timeline === undefined) throw notFound('receipt');
      const { receipt, rawEventId, rawIndex, deliveries, queue, media } = timeline;
      return {
        receipt: toReceipt(receipt),
        rawEvent: { id: String(rawEventId), index: rawIndex },
        deliveries: deliveries.map((delivery) => ({
          ...toDelivery(delivery),
          url: delivery.url,
          tries: delivery.tries.map(toAttempt),
        })),
        queue:
          queue === null
            ? null
            : { ...queue, endedAt: queue.endedAt === null ? null : toTime(queue.endedAt) },
        media:
          media === null
            ? null
            : {
                id: media.id,
                state: media.state,
                reason: media.reason,
                bytes: media.bytes,
                mimeType: media.mimeType,
                attempts: media.attempts,
              },
      };
    },
  );

  api.get(
    '/raw-events/:rawEventId',
    {
      schema: describe(
        'Read the bytes that a channel posted',
        'receipts',
        { params: Type.Object({ rawEventId: Type.String({ pattern: '^[0-9]{1,16}$' }) }) },
        {},
      ),
    },
    async (request, reply) => {
      const raw = await store.findRawEvent(who(request).accountId, Number(request.params.rawEventId));
      if (raw === undefined) throw notFound('raw event');
      return reply.type('application/octet-stream').send(Buffer.from(raw.body));
    },
  );

  api.get(
    '/unrouted',
    {
      schema: describe(
        'List events of senders that are not registered, oldest first',
        'receipts',
        { querystring: PageQuery },
        { 200: PageOf(UnroutedAnswer) },
      ),
    },
    async (request) => {
      const { items, next } = await store.listUnrouted(who(request).accountId, toPageRequest(request.query));
      return {
        items: items.map(({ rawEventId, index, channelId, route, receivedAt }) => ({
          rawEventId: String(rawEventId),
          index,
          channelId,
          by: route.by,
          id: route.id,
          receivedAt: toTime(receivedAt),
        })),
        next,
      };
    },
  );
}

function toReceipt(receipt: Receipt): Static<typeof ReceiptAnswer> {
  const { receiptId, facts, content, channelId, channelType, senderId, superseded, unmatched } = receipt;
  const { type, ...rest } = facts;
  return {
    receiptId,
    type,
    channelId,
    channelType,
    senderId,
    occurredAt: toTime(receipt.occurredAt),
    recordedAt: toTime(receipt.recordedAt),
    superseded,
    unmatched,
    facts: rest,
    content,
  };
}
