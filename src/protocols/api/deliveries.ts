import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { previewReplay, replay, replayOne } from '../../core/deliveries/replay.ts';
import type { GivenReplay } from '../../core/deliveries/replay.ts';
import { previewSurrender, surrender } from '../../core/deliveries/surrender.ts';
import type { GivenSurrender } from '../../core/deliveries/surrender.ts';
import type { Attempt, Delivery } from '../../domain/delivery.ts';
import { notFound } from '../../domain/errors.ts';
import { toTime } from '../../domain/time.ts';
import type { DeliveryFilter, PageRequest } from '../../store/store.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
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
import type { AttemptAnswer } from './schemas-deliveries.ts';
import { DigitsId, listQuery, pageOf } from './schemas.ts';

/** What these routes work with. */
type DeliveryApiDeps = ApiDeps<
  | 'countDeliveries'
  | 'findDestination'
  | 'findTimeline'
  | 'giveUpDeliveries'
  | 'listBacklog'
  | 'listDeliveries'
  | 'replayDeliveries'
>;

const ofDelivery = { params: Type.Object({ deliveryId: DigitsId }) };

/** Deliveries of a step that names no limit. */
const stepRows = 500;

/** Deliveries by state, their replay, and giving them up. */
export function deliveryApi(api: Api, deps: DeliveryApiDeps): void {
  giveUp(api, deps);
  listDeliveries(api, deps);
  readDelivery(api, deps);
  replayDelivery(api, deps);
  replayMany(api, deps);
}

function giveUp(api: Api, deps: DeliveryApiDeps): void {
  api.post(
    '/deliveries/give-up',
    {
      ...needs('operator'),
      schema: describe(
        'Give up deliveries that are not over, a batch at a time: those that settings do not want any more, or all of a destination',
        'deliveries',
        { body: GiveUpBody },
        { 200: GiveUpAnswer },
        'not_found',
      ),
    },
    (request) => {
      const caller = callerOf(request);
      const { state, dryRun = false } = request.body;
      const given: GivenSurrender = { ...readNamed(request.body), ...(state === undefined ? {} : { state }) };
      const page = toStep(request.body);
      return dryRun
        ? previewSurrender(deps, caller.accountId, given, page)
        : surrender(deps, caller, given, page);
    },
  );
}

function listDeliveries(api: Api, { store }: DeliveryApiDeps): void {
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
      const { accountId } = callerOf(request);
      const { state } = request.query;
      const filter: DeliveryFilter = {
        ...readNamed(request.query),
        ...(state === undefined ? {} : { state }),
      };
      const { items, next } = await store.listDeliveries(accountId, filter, toPageRequest(request.query));
      return { items: items.map(toDelivery), next };
    },
  );
}

function readDelivery(api: Api, { store }: DeliveryApiDeps): void {
  api.get(
    '/deliveries/:deliveryId',
    {
      ...needs('viewer'),
      schema: describe(
        'Read a delivery with its tries',
        'deliveries',
        ofDelivery,
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
}

function replayDelivery(api: Api, deps: DeliveryApiDeps): void {
  api.post(
    '/deliveries/:deliveryId/replay',
    {
      ...needs('operator'),
      schema: describe(
        'Replay one delivery that is over',
        'deliveries',
        ofDelivery,
        { 200: ReplayAnswer },
        'not_found',
        'wrong_state',
      ),
    },
    (request) => replayOne(deps, callerOf(request), Number(request.params.deliveryId)),
  );
}

function replayMany(api: Api, deps: DeliveryApiDeps): void {
  api.post(
    '/deliveries/replay',
    {
      ...needs('operator'),
      schema: describe(
        'Replay deliveries that are over, a batch at a time',
        'deliveries',
        { body: ReplayBody },
        { 200: ReplayAnswer },
        'not_found',
      ),
    },
    async (request) => {
      const caller = callerOf(request);
      const { state, dryRun = false } = request.body;
      const given: GivenReplay = { ...readNamed(request.body), ...(state === undefined ? {} : { state }) };
      if (!dryRun) return replay(deps, caller, given, toStep(request.body));
      const { count, isMore, until } = await previewReplay(deps, caller.accountId, given);
      return {
        replayed: count,
        next: null,
        ...(isMore && { more: true }),
        ...(until !== null && { until: toTime(until) }),
      };
    },
  );
}

/** Which deliveries a request names, but for their state. */
function readNamed({
  deliveryIds,
  destinationId,
  ...period
}: {
  readonly deliveryIds?: readonly string[];
  readonly destinationId?: number;
  readonly since?: string;
  readonly until?: string;
}): Omit<DeliveryFilter, 'state'> {
  return {
    ...(deliveryIds === undefined ? {} : { deliveryIds: deliveryIds.map(Number) }),
    ...(destinationId === undefined ? {} : { destinationId }),
    ...toPeriod(period),
  };
}

function toStep({ limit = stepRows, cursor }: { limit?: number; cursor?: string }): PageRequest {
  return toPageRequest({ limit, ...(cursor === undefined ? {} : { cursor }) });
}

/** A delivery as answered. */
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

/** A try of a delivery as answered. */
export function toAttempt({
  at,
  durationMs,
  status,
  outcome,
  answer,
}: Attempt): Static<typeof AttemptAnswer> {
  return { at: toTime(at), durationMs: Math.round(durationMs), status, outcome, answer };
}
