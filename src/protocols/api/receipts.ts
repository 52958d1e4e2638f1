import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { Receipt } from '../../domain/receipt.ts';
import type { ReceiptFilter, Timeline } from '../../store/store.ts';
import type { ApiDeps } from './deps.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toAttempt, toDelivery } from './deliveries.ts';
import { toTime } from '../../domain/time.ts';
import { notFound } from '../../domain/errors.ts';
import { describe, toPageRequest, toPeriod } from './route.ts';
import type { Api } from './route.ts';
import { ReceiptAnswer, receiptFilters, TimelineAnswer, UnroutedAnswer } from './schemas-receipts.ts';
import type { ReceiptFilters } from './schemas-receipts.ts';
import { listQuery, pageOf } from './schemas.ts';

/** What these routes work with. */
type ReceiptApiDeps = ApiDeps<'findTimeline' | 'listReceipts' | 'listUnrouted'>;

/** Receipts with their whole way, and what came for nobody. */
export function receiptApi(api: Api, deps: ReceiptApiDeps): void {
  listReceipts(api, deps);
  readReceipt(api, deps);
  listUnrouted(api, deps);
}

function listReceipts(api: Api, { store }: ReceiptApiDeps): void {
  api.get(
    '/receipts',
    {
      ...needs('viewer', 'receive'),
      schema: describe(
        'List receipts, newest first',
        'receipts',
        { querystring: listQuery(receiptFilters) },
        { 200: pageOf(ReceiptAnswer) },
      ),
    },
    async (request) => {
      const filter = toReceiptFilter(request.query);
      const { items, next } = await store.listReceipts(
        callerOf(request).accountId,
        filter,
        toPageRequest(request.query),
      );
      return { items: items.map(toReceipt), next };
    },
  );
}

function readReceipt(api: Api, { store }: ReceiptApiDeps): void {
  api.get(
    '/receipts/:receiptId',
    {
      ...needs('viewer', 'receive'),
      schema: describe(
        'Read a receipt with everything that happened to it',
        'receipts',
        { params: Type.Object({ receiptId: Type.String({ maxLength: 64 }) }) },
        { 200: TimelineAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const timeline = await store.findTimeline(callerOf(request).accountId, request.params.receiptId);
      if (timeline === undefined) throw notFound('receipt');
      return toTimeline(timeline);
    },
  );
}

function listUnrouted(api: Api, { store }: ReceiptApiDeps): void {
  api.get(
    '/unrouted',
    {
      ...needs('viewer'),
      schema: describe(
        'List events of senders that are not registered, oldest first',
        'receipts',
        { querystring: listQuery({}) },
        { 200: pageOf(UnroutedAnswer) },
      ),
    },
    async (request) => {
      const { items, next } = await store.listUnrouted(
        callerOf(request).accountId,
        toPageRequest(request.query),
      );
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

/** Which receipts a request asks for. */
export function toReceiptFilter({
  type,
  channelId,
  senderId,
  messageId,
  ...period
}: Static<typeof ReceiptFilters>): ReceiptFilter {
  return {
    ...(type === undefined ? {} : { type }),
    ...(channelId === undefined ? {} : { channelId }),
    ...(senderId === undefined ? {} : { senderId }),
    ...(messageId === undefined ? {} : { messageId }),
    ...toPeriod(period),
  };
}

/** A receipt with everything that happened to it, as answered. */
export function toTimeline(timeline: Timeline): Static<typeof TimelineAnswer> {
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
      queue === null ? null : { ...queue, endedAt: queue.endedAt === null ? null : toTime(queue.endedAt) },
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
}

/** A receipt as answered. */
export function toReceipt(receipt: Receipt): Static<typeof ReceiptAnswer> {
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
