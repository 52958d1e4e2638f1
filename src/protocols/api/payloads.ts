// What the receiver of a receipt got, or gets next: over HTTP with its headers, and out of the queue.
import { Type } from '@fastify/type-provider-typebox';
import { toPushPayload } from '../../core/deliveries/payload.ts';
import { notFound } from '../../domain/errors.ts';
import { toTime } from '../../domain/time.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { PayloadAnswer } from './schemas-receipts.ts';

/** What these routes work with. */
type PayloadApiDeps = ApiDeps<'findDestination' | 'findTimeline'>;

export function payloadApi(api: Api, { store, render, mediaUrl, tracing }: PayloadApiDeps): void {
  api.get(
    '/receipts/:receiptId/payload',
    {
      ...needs('viewer', 'receive'),
      schema: describe(
        'Read a receipt as its receivers get it, with the headers of the POST',
        'receipts',
        { params: Type.Object({ receiptId: Type.String({ maxLength: 64 }) }) },
        { 200: PayloadAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const timeline = await store.findTimeline(accountId, request.params.receiptId);
      if (timeline === undefined) throw notFound('receipt');
      const { receipt, deliveries, queue, media } = timeline;
      const pushes = deliveries.map(async (delivery) => {
        const destination = await store.findDestination(accountId, delivery.destinationId);
        const { at, leftOut, ...payload } = await toPushPayload(
          { render, isTraced: tracing !== undefined },
          { receipt },
          delivery,
          destination,
        );
        return {
          deliveryId: String(delivery.id),
          destinationId: delivery.destinationId,
          url: delivery.url,
          batchSize: destination?.settings.batchSize ?? null,
          ...payload,
          at: at === null ? null : toTime(at),
          leftOut: [...leftOut],
        };
      });
      return {
        pushes: await Promise.all(pushes),
        queue:
          queue === null
            ? null
            : {
                queueName: queue.queueName,
                messageId: queue.messageId,
                body: JSON.stringify(await render(receipt)),
              },
        media:
          media === null || media.state === 'erased'
            ? null
            : {
                url: mediaUrl(accountId, media.id, media.mimeType),
                mimeType: media.mimeType,
                state: media.state,
              },
      };
    },
  );
}
