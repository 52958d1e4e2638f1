import { Type } from '@fastify/type-provider-typebox';
import type { Static, TObject } from '@fastify/type-provider-typebox';
import { previewReplay, replay, replayOne } from '../../core/deliveries/replay.ts';
import type { GivenReplay } from '../../core/deliveries/replay.ts';
import { previewSurrender, surrender } from '../../core/deliveries/surrender.ts';
import type { GivenSurrender } from '../../core/deliveries/surrender.ts';
import { tryNow, tryOneNow } from '../../core/deliveries/try-now.ts';
import type { Attempt, AttemptOutcome, Delivery } from '../../domain/delivery.ts';
import { notFound } from '../../domain/errors.ts';
import { toTime } from '../../domain/time.ts';
import type { ReceiptFacts, ReceiptType } from '../../domain/receipt.ts';
import type { DeliveryFilter, ListedDelivery, PageRequest } from '../../store/store.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe, toPageRequest, toPeriod } from './route.ts';
import type { Api } from './route.ts';
import {
  DeliveryDetailAnswer,
  deliveryFilters,
  GiveUpAnswer,
  GiveUpBody,
  ListedDeliveryAnswer,
  ReplayAnswer,
  ReplayBody,
  TryNowAnswer,
  TryNowBody,
} from './schemas-deliveries.ts';
import type { AttemptAnswer, deliveryMembers } from './schemas-deliveries.ts';
import { DigitsId, listQuery, pageOf } from './schemas.ts';

/** What these routes work with. */
type DeliveryApiDeps = ApiDeps<
  | 'countDeliveries'
  | 'findDestination'
  | 'findTimeline'
  | 'giveUpDeliveries'
  | 'hasten'
  | 'hastenDeliveries'
  | 'listBacklog'
  | 'listDeliveries'
  | 'replayDeliveries'
  | 'setDestinationState'
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
  tryDelivery(api, deps);
  tryMany(api, deps);
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
        { 200: pageOf(ListedDeliveryAnswer) },
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const filter = toDeliveryFilter(request.query);
      const { items, next } = await store.listDeliveries(accountId, filter, toPageRequest(request.query));
      return { items: items.map(toDeliveryAnswer), next };
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
      return {
        ...toDeliveryAnswer({ ...known, ...found }),
        url: found.url,
        tries: found.tries.map(toAttempt),
      };
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

function tryDelivery(api: Api, deps: DeliveryApiDeps): void {
  api.post(
    '/deliveries/:deliveryId/try-now',
    {
      ...needs('operator'),
      schema: describe(
        'Try one delivery that waits now',
        'deliveries',
        ofDelivery,
        { 200: TryNowAnswer },
        'not_found',
        'wrong_state',
      ),
    },
    async (request) => {
      const { tried } = await tryOneNow(deps, callerOf(request), Number(request.params.deliveryId));
      return { tried, refused: [] };
    },
  );
}

function tryMany(api: Api, deps: DeliveryApiDeps): void {
  api.post(
    '/deliveries/try-now',
    {
      ...needs('operator'),
      schema: describe(
        'Try deliveries that wait now, and tell of each that is not why',
        'deliveries',
        { body: TryNowBody },
        { 200: TryNowAnswer },
      ),
    },
    async (request) => {
      const { tried, refused } = await tryNow(deps, callerOf(request), request.body.deliveryIds.map(Number));
      return {
        tried,
        refused: refused.map(({ deliveryId, code, text }) => ({
          deliveryId: String(deliveryId),
          code,
          text,
        })),
      };
    },
  );
}

/** Which deliveries a request asks for. */
export function toDeliveryFilter({
  state,
  ...named
}: Parameters<typeof readNamed>[0] & Pick<DeliveryFilter, 'state'>): DeliveryFilter {
  return { ...readNamed(named), ...(state === undefined ? {} : { state }) };
}

/** Which deliveries a request names, but for their state. */
function readNamed({
  deliveryIds,
  destinationId,
  type,
  channelId,
  user,
  outcome,
  status,
  ...period
}: {
  readonly deliveryIds?: readonly string[];
  readonly destinationId?: number;
  readonly type?: ReceiptType;
  readonly channelId?: string;
  readonly user?: string;
  readonly outcome?: AttemptOutcome;
  readonly status?: number;
  readonly since?: string;
  readonly until?: string;
}): Omit<DeliveryFilter, 'state'> {
  return {
    ...(deliveryIds === undefined ? {} : { deliveryIds: deliveryIds.map(Number) }),
    ...(destinationId === undefined ? {} : { destinationId }),
    ...(type === undefined ? {} : { type }),
    ...(channelId === undefined ? {} : { channelId }),
    ...(user === undefined ? {} : { user: toUserId(user) }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(status === undefined ? {} : { status }),
    ...toPeriod(period),
  };
}

/** A user as facts name it: of what looks like a number the digits. */
function toUserId(text: string): string {
  return /^\s*\+?[\d\s().-]+$/.test(text) ? text.replace(/\D/g, '') : text.trim();
}

function toStep({ limit = stepRows, cursor }: { limit?: number; cursor?: string }): PageRequest {
  return toPageRequest({ limit, ...(cursor === undefined ? {} : { cursor }) });
}

type DeliveryMembers = TObject<typeof deliveryMembers>;

/** The same of a list, with what it carries and how its last try ended. */
export function toDeliveryAnswer(delivery: ListedDelivery): Static<typeof ListedDeliveryAnswer> {
  const { receipt, lastTry } = delivery;
  const { facts } = receipt;
  return {
    ...toDelivery(delivery),
    type: facts?.type ?? null,
    what: facts === null ? '' : toWhat(facts),
    user: facts === null || facts.type === 'ChatAppAudit' ? null : facts.user.id,
    channelId: receipt.channelId,
    senderId: receipt.senderId,
    lastTry:
      lastTry === null
        ? null
        : { ...lastTry, at: toTime(lastTry.at), durationMs: Math.round(lastTry.durationMs) },
  };
}

function toWhat(facts: ReceiptFacts): string {
  if (facts.type === 'ChatAppStatus') return facts.status;
  return facts.type === 'ChatAppInbound' ? facts.kind : facts.event;
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
}: Delivery): Static<DeliveryMembers> {
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
