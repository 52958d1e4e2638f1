import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { AccountId } from '../../domain/account.ts';
import type { Attempt, Delivery } from '../../domain/delivery.ts';
import { FieldError, GatewayError, notFound } from '../../domain/errors.ts';
import type { DeliveryFilter } from '../../store/store.ts';
import type { ApiDeps } from './deps.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toTime } from '../../domain/time.ts';
import { describe, toPageRequest, toPeriod } from './route.ts';
import type { Api } from './route.ts';
import {
  DeliveryAnswer,
  DeliveryDetailAnswer,
  deliveryFilters,
  GiveUpAnswer,
  GiveUpBody,
  ReplayAnswer,
  ReplayBody,
} from './schemas-deliveries.ts';
import { DigitsId, listQuery, pageOf } from './schemas.ts';
import type { AttemptAnswer } from './schemas-deliveries.ts';

const DeliveryParams = Type.Object({ deliveryId: DigitsId });

/** A dry run counts no further than this. */
const maxCount = 100_000;

type GiveUp = Static<typeof GiveUpBody>;

/** Deliveries by state, their replay, and giving them up. */
export function deliveryApi(api: Api, { store }: ApiDeps): void {
  api.post(
    '/deliveries/give-up',
    {
      ...needs('operator'),
      schema: describe(
        'Give up deliveries that are not over, a batch at a time: those that settings do not want any more, or all of a destination',
        'deliveries',
        { body: GiveUpBody },
        { 200: GiveUpAnswer },
      ),
    },
    async (request) => {
      const { accountId, actor } = callerOf(request);
      const { ids, next } = await findToGiveUp(store, accountId, request.body);
      if (request.body.dryRun === true) return { givenUp: ids.length, next };
      return { givenUp: await store.giveUpDeliveries(accountId, ids, actor), next };
    },
  );

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
      if (answer.replayed === 0 && known.items.some(({ state }) => state === 'done' || state === 'dead'))
        throw new GatewayError('wrong_state', 'The callback URL that this delivery went to was removed.');
      if (answer.replayed === 0 && known.items.some(({ state }) => state === 'unwanted'))
        throw new GatewayError(
          'wrong_state',
          'Settings do not want this delivery. It goes on once they do; until then it can be given up.',
        );
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

/** The next step of what is to be given up. */
async function findToGiveUp(
  store: ApiDeps['store'],
  accountId: AccountId,
  { deliveryIds, destinationId, state = 'unwanted', since, until, limit = 500, cursor }: GiveUp,
): Promise<{ readonly ids: readonly number[]; readonly next: string | null }> {
  if (deliveryIds !== undefined) {
    const given = { deliveryIds: deliveryIds.map(Number) };
    const { items } = await store.listDeliveries(accountId, given, { limit: 500 });
    const isMeant = (one: Delivery): boolean =>
      one.state === 'unwanted' || (state === 'open' && (one.state === 'waiting' || one.state === 'blocked'));
    return { ids: items.filter(isMeant).map(({ id }) => id), next: null };
  }
  if (state === 'open' && destinationId === undefined)
    throw new FieldError('bad_request', 'destinationId', 'Say of which destination: destinationId.');
  const filter = {
    ...(destinationId === undefined ? {} : { destinationId }),
    ...(state === 'unwanted' ? { isUnwanted: true as const } : {}),
    ...toPeriod({ ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }),
  };
  const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
  const { items, next } = await store.listBacklog(accountId, filter, page);
  return { ids: items.map(({ deliveryId }) => deliveryId), next };
}

export function toDelivery({
  id,
  destinationId,
  receiptId,
  state,
  dueAt,
  unwantedSince,
  attempts,
  createdAt,
}: Delivery): Static<typeof DeliveryAnswer> {
  return {
    id: String(id),
    destinationId,
    receiptId,
    state,
    dueAt: toTime(dueAt),
    unwantedSince: unwantedSince === null ? null : toTime(unwantedSince),
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
