import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { Attempt, Delivery } from '../domain/delivery.ts';
import { GatewayError } from '../domain/errors.ts';
import { FieldError } from '../http/problem.ts';
import type { DeliveryFilter } from '../store/store.ts';
import type { ApiDeps } from './deps.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { describe, notFound, toPageRequest, toPeriod, toTime } from './route.ts';
import type { Api } from './route.ts';
import {
  DeliveryAnswer,
  DeliveryDetailAnswer,
  deliveryFilters,
  ReplayAnswer,
  ReplayBody,
} from './schemas-deliveries.ts';
import { DigitsId, listQuery, pageOf } from './schemas.ts';
import type { AttemptAnswer } from './schemas-deliveries.ts';

const DeliveryParams = Type.Object({ deliveryId: DigitsId });

/** A dry run counts no further than this. */
const maxCount = 100_000;

/** Deliveries by state, and their replay. */
export function deliveryApi(api: Api, { store }: ApiDeps): void {
  api.get(
    '/deliveries',
    {
      ...needs('viewer'),
      schema: describe(
        'List deliveries, newest first',
        'deliveries',
        { querystring: listQuery(deliveryFilters) },
        { 200: pageOf(DeliveryAnswer) },
      ),
    },
    async (request) => {
      const { state, destinationId } = request.query;
      const filter: DeliveryFilter = {
        ...(state === undefined ? {} : { state }),
        ...(destinationId === undefined ? {} : { destinationId }),
        ...toPeriod(request.query),
      };
      const { items, next } = await store.listDeliveries(
        callerOf(request).accountId,
        filter,
        toPageRequest(request.query),
      );
      return { items: items.map(toDelivery), next };
    },
  );

  api.get(
    '/deliveries/:deliveryId',
    {
      ...needs('viewer'),
      schema: describe(
        'Read a delivery with its tries',
        'deliveries',
        { params: DeliveryParams },
        { 200: DeliveryDetailAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const deliveryIds = [Number(request.params.deliveryId)];
      const [known] = (await store.listDeliveries(accountId, { deliveryIds }, { limit: 1 })).items;
      if (known === undefined) throw notFound('delivery');
      const timeline = await store.findTimeline(accountId, known.receiptId);
      const found = timeline?.deliveries.find(({ id }) => id === known.id);
      // Swept between the two looks.
      if (found === undefined) throw notFound('delivery');
      return { ...toDelivery(found), url: found.url, tries: found.tries.map(toAttempt) };
    },
  );

  api.post(
    '/deliveries/:deliveryId/replay',
    {
      ...needs('operator'),
      schema: describe(
        'Replay one delivery that is over',
        'deliveries',
        { params: DeliveryParams },
        { 200: ReplayAnswer },
        'not_found',
        'wrong_state',
      ),
    },
    async (request) => {
      const { accountId, actor } = callerOf(request);
      const deliveryIds = [Number(request.params.deliveryId)];
      const known = await store.listDeliveries(accountId, { deliveryIds }, { limit: 1 });
      if (known.items.length === 0) throw notFound('delivery');
      const answer = await store.replayDeliveries(accountId, { deliveryIds }, { limit: 1 }, actor);
      if (answer.replayed === 0)
        throw new GatewayError('wrong_state', 'This delivery is not over yet; it is tried again by itself.');
      return answer;
    },
  );

  api.post(
    '/deliveries/replay',
    {
      ...needs('operator'),
      schema: describe(
        'Replay deliveries that are over, a batch at a time',
        'deliveries',
        { body: ReplayBody },
        { 200: ReplayAnswer },
      ),
    },
    async (request) => {
      const { accountId, actor } = callerOf(request);
      const { deliveryIds, destinationId, state, since, cursor, limit, dryRun } = request.body;
      if (deliveryIds === undefined && destinationId === undefined && since === undefined) {
        throw new FieldError(
          'bad_request',
          'destinationId',
          'Say which: deliveryIds, destinationId, or since (and until).',
        );
      }
      const filter: DeliveryFilter = {
        ...(deliveryIds === undefined
          ? { state: state ?? 'dead' }
          : { deliveryIds: deliveryIds.map(Number) }),
        ...(destinationId === undefined ? {} : { destinationId }),
        ...toPeriod(request.body),
      };
      if (dryRun === true) {
        const { count, isMore } = await store.countDeliveries(accountId, filter, maxCount);
        return { replayed: count, next: null, ...(isMore && { more: true }) };
      }
      return store.replayDeliveries(
        accountId,
        filter,
        { limit: limit ?? 500, ...(cursor === undefined ? {} : { cursor }) },
        actor,
      );
    },
  );
}

export function toDelivery({
  id,
  destinationId,
  receiptId,
  state,
  dueAt,
  attempts,
  createdAt,
}: Delivery): Static<typeof DeliveryAnswer> {
  return {
    id: String(id),
    destinationId,
    receiptId,
    state,
    dueAt: toTime(dueAt),
    attempts,
    createdAt: toTime(createdAt),
  };
}

export function toAttempt({
  at,
  durationMs,
  status,
  outcome,
  answer,
}: Attempt): Static<typeof AttemptAnswer> {
  return { at: toTime(at), durationMs: Math.round(durationMs), status, outcome, answer };
}
