import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { Attempt, Delivery } from '../domain/delivery.ts';
import { FieldError } from '../http/problem.ts';
import type { DeliveryFilter } from '../store/store.ts';
import { describe, fromTime, notFound, toPageRequest, toTime } from './api.ts';
import type { Api, ApiContext } from './api.ts';
import { AttemptAnswer, DeliveryAnswer, PageOf, PageQuery, ReplayBody, Time } from './schemas.ts';

const ListQuery = Type.Intersect([
  PageQuery,
  Type.Object({
    state: Type.Optional(Type.Enum(['waiting', 'blocked', 'done', 'dead'])),
    destinationId: Type.Optional(Type.String({ pattern: '^[0-9]{1,16}$' })),
    since: Type.Optional(Time),
    until: Type.Optional(Time),
  }),
]);

const DeliveryParams = Type.Object({ deliveryId: Type.String({ pattern: '^[0-9]{1,16}$' }) });

const ReplayAnswer = Type.Object({
  replayed: Type.Integer({ description: 'Deliveries made due again; with dryRun, those that match' }),
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'Give it as `cursor` to go on; null when all that match have been replayed',
  }),
});

/** A dry run counts no further than this. */
const maxCount = 100_000;

/** Deliveries by state, and their replay. */
export function deliveryApi(api: Api, { store, who }: ApiContext): void {
  api.get(
    '/deliveries',
    {
      schema: describe(
        'List deliveries, newest first',
        'deliveries',
        { querystring: ListQuery },
        { 200: PageOf(DeliveryAnswer) },
      ),
    },
    async (request) => {
      const { state, destinationId, since, until } = request.query;
      const filter: DeliveryFilter = {
        ...(state === undefined ? {} : { state }),
        ...(destinationId === undefined ? {} : { destinationId: Number(destinationId) }),
        ...toRange(since, until),
      };
      const { items, next } = await store.listDeliveries(
        who(request).accountId,
        filter,
        toPageRequest(request.query),
      );
      return { items: items.map(toDelivery), next };
    },
  );

  api.post(
    '/deliveries/:deliveryId/replay',
    {
      schema: describe(
        'Replay one delivery that is over',
        'deliveries',
        { params: DeliveryParams },
        { 200: ReplayAnswer },
      ),
    },
    async (request) => {
      const { accountId, actor } = who(request);
      const deliveryIds = [Number(request.params.deliveryId)];
      const known = await store.listDeliveries(accountId, { deliveryIds }, { limit: 1 });
      if (known.items.length === 0) throw notFound('delivery');
      return store.replayDeliveries(accountId, { deliveryIds }, { limit: 1 }, actor);
    },
  );

  api.post(
    '/deliveries/replay',
    {
      schema: describe(
        'Replay deliveries that are over, a batch at a time',
        'deliveries',
        { body: ReplayBody },
        { 200: ReplayAnswer },
      ),
    },
    async (request) => {
      const { accountId, actor } = who(request);
      const { deliveryIds, destinationId, state, since, until, cursor, limit, dryRun } = request.body;
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
        ...toRange(since, until),
      };
      if (dryRun === true)
        return { replayed: await store.countDeliveries(accountId, filter, maxCount), next: null };
      return store.replayDeliveries(
        accountId,
        filter,
        { limit: limit ?? 500, ...(cursor === undefined ? {} : { cursor }) },
        actor,
      );
    },
  );
}

function toRange(
  since: string | undefined,
  until: string | undefined,
): Pick<DeliveryFilter, 'since' | 'until'> {
  return {
    ...(since === undefined ? {} : { since: fromTime('since', since) }),
    ...(until === undefined ? {} : { until: fromTime('until', until) }),
  };
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
