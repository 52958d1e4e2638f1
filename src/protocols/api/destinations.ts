import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import {
  changeDestination,
  findDestination,
  findValidSecrets,
  handBacklogOver,
  previewRemoval,
  removeDestination,
  stepRows,
} from '../../core/deliveries/destinations.ts';
import { tryDestinationNow } from '../../core/deliveries/try-now.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Destination, DestinationPause } from '../../domain/delivery.ts';
import { toTime } from '../../domain/time.ts';
import { versionOfDestination } from '../../domain/version.ts';
import type { DestinationCounts } from '../../store/store.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe, toPageRequest } from './route.ts';
import type { Api } from './route.ts';
import {
  DestinationAnswer,
  DestinationBody,
  HandOverAnswer,
  HandOverBody,
  RemovalAnswer,
  TryDestinationAnswer,
  maxCounted,
  ofDestination,
  toDestinationId,
} from './schemas-deliveries.ts';
import { pageOf } from './schemas.ts';
import { changeHeaders, readExpected, tell } from './versions.ts';
import { warn } from './webhook-settings.ts';
import type { Store } from '../../store/store.ts';

/** What these routes work with. */
type DestinationApiDeps = ApiDeps<
  | 'changeDestination'
  | 'countByDestination'
  | 'findDestination'
  | 'giveUpDeliveries'
  | 'handOver'
  | 'hasten'
  | 'hastenDeliveries'
  | 'listBacklog'
  | 'listChannels'
  | 'listDeliveries'
  | 'listDestinations'
  | 'listSenders'
  | 'removeDestination'
  | 'setDestinationSettings'
  | 'setDestinationState'
>;

type Answer = Static<typeof DestinationAnswer>;

/** Callback URLs: how they are pushed to, and in what state they are. */
export function destinationApi(api: Api, deps: DestinationApiDeps): void {
  listDestinations(api, deps);
  readDestination(api, deps);
  patchDestination(api, deps);
  tryNow(api, deps);
  handOver(api, deps);
  deleteDestination(api, deps);
}

function listDestinations(api: Api, { store, now }: DestinationApiDeps): void {
  api.get(
    '/destinations',
    {
      ...needs('viewer'),
      schema: describe('List callback URLs', 'destinations', {}, { 200: pageOf(DestinationAnswer) }),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const [destinations, counts] = await Promise.all([
        store.listDestinations(accountId),
        countByDestination(store, accountId),
      ]);
      return {
        items: destinations.map((destination) => toAnswer(destination, counts, now())),
        next: null,
      };
    },
  );
}

function readDestination(api: Api, deps: DestinationApiDeps): void {
  api.get(
    '/destinations/:destinationId',
    {
      ...needs('viewer'),
      schema: describe(
        'Read a callback URL',
        'destinations',
        ofDestination,
        { 200: DestinationAnswer },
        'not_found',
      ),
    },
    (request, reply) => send(deps, reply, callerOf(request).accountId, toDestinationId(request.params)),
  );
}

function patchDestination(api: Api, deps: DestinationApiDeps): void {
  api.patch(
    '/destinations/:destinationId',
    {
      ...needs('operator'),
      schema: describe(
        'Change how a callback URL is pushed to, switch it on or off, name it, or give it another address',
        'destinations',
        { ...ofDestination, body: DestinationBody, headers: changeHeaders },
        { 200: DestinationAnswer },
        'not_found',
        'bad_callback_url',
        'conflict',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const id = toDestinationId(request.params);
      const { url } = request.body;
      await changeDestination(deps, caller, id, request.body, readExpected(request));
      return send(deps, reply, caller.accountId, id, url === undefined ? {} : { url });
    },
  );
}

function tryNow(api: Api, deps: DestinationApiDeps): void {
  api.post(
    '/destinations/:destinationId/try-now',
    {
      ...needs('operator'),
      schema: describe(
        'Try what waits for a callback URL now, a batch at a time',
        'destinations',
        ofDestination,
        { 200: TryDestinationAnswer },
        'not_found',
        'wrong_state',
      ),
    },
    async (request) => {
      const id = toDestinationId(request.params);
      const { tried, isMore } = await tryDestinationNow(deps, callerOf(request), id);
      return { tried, more: isMore };
    },
  );
}

function handOver(api: Api, deps: DestinationApiDeps): void {
  api.post(
    '/destinations/:destinationId/hand-over',
    {
      ...needs('operator'),
      schema: describe(
        'Hand what waits for a callback URL over to another one, a batch at a time',
        'destinations',
        { ...ofDestination, body: HandOverBody },
        { 200: HandOverAnswer },
        'not_found',
      ),
    },
    (request) => {
      const { to, dryRun = false, limit = stepRows, cursor } = request.body;
      const page = toPageRequest({ limit, ...(cursor === undefined ? {} : { cursor }) });
      const meant = { from: toDestinationId(request.params), to, isDry: dryRun };
      return handBacklogOver(deps, callerOf(request), meant, page);
    },
  );
}

function deleteDestination(api: Api, deps: DestinationApiDeps): void {
  api.delete(
    '/destinations/:destinationId',
    {
      ...needs('operator'),
      schema: describe(
        'Remove a callback URL that no settings name, and give up what waits for it',
        'destinations',
        {
          ...ofDestination,
          querystring: Type.Object({
            dryRun: Type.Optional(Type.Boolean({ description: 'Only tells what would be given up.' })),
          }),
          headers: changeHeaders,
        },
        { 200: RemovalAnswer },
        'not_found',
        'wrong_state',
        'changed_meanwhile',
      ),
    },
    async (request) => {
      const caller = callerOf(request);
      const id = toDestinationId(request.params);
      const expected = readExpected(request);
      const dead = (await countByDestination(deps.store, caller.accountId, id)).get(id)?.dead ?? 0;
      const givenUp =
        request.query.dryRun === true
          ? await previewRemoval(deps, caller.accountId, id, expected)
          : await removeDestination(deps, caller, id, expected);
      return { givenUp, dead };
    },
  );
}

/** How much waits for each, and is dead. */
async function countByDestination(
  store: Pick<Store, 'countByDestination'>,
  accountId: AccountId,
  destinationId?: number,
): Promise<ReadonlyMap<number, DestinationCounts>> {
  const counts = await store.countByDestination(accountId, maxCounted, destinationId);
  return new Map(counts.map((one) => [one.destinationId, one]));
}

/** `urls`: those that were just set, to warn of. */
async function send(
  deps: DestinationApiDeps,
  reply: FastifyReply,
  accountId: AccountId,
  id: number,
  urls: Readonly<Record<string, string>> = {},
) {
  const [destination, counts] = await Promise.all([
    findDestination(deps.store, accountId, id),
    countByDestination(deps.store, accountId, id),
  ]);
  return tell(reply, versionOfDestination(destination)).send({
    ...toAnswer(destination, counts, deps.now()),
    ...(await warn(deps, urls)),
  });
}

function toAnswer(
  destination: Destination,
  counts: ReadonlyMap<number, DestinationCounts>,
  now: number,
): Answer {
  const { id, name, url, state, stateReason, stateSince, settings, createdAt, pause } = destination;
  return {
    id,
    name,
    url,
    state,
    stateReason: stateReason.text,
    stateReasonCode: stateReason.code,
    stateReasonParams: stateReason.params,
    stateSince: toTime(stateSince),
    pause: pause === null || pause.until <= now ? null : toPauseAnswer(pause),
    ...settings,
    scheduleMs: [...settings.scheduleMs],
    secrets: findValidSecrets(destination, now).length,
    waiting: counts.get(id)?.waiting ?? 0,
    blocked: counts.get(id)?.blocked ?? 0,
    unwanted: counts.get(id)?.unwanted ?? 0,
    dead: counts.get(id)?.dead ?? 0,
    createdAt: toTime(createdAt),
  };
}

function toPauseAnswer({ until, status, askedMs }: DestinationPause): Answer['pause'] {
  const asked =
    askedMs === null ? 'without saying for how long' : `and asked for ${Math.ceil(askedMs / 1000)} s`;
  return {
    until: toTime(until),
    status,
    askedSeconds: askedMs === null ? null : askedMs / 1000,
    reason: `It answered ${status} ${asked}.`,
  };
}
