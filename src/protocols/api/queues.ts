import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { findQueue, setQueue } from '../../core/queues/queues.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Queue, QueueAttributes } from '../../domain/queue.ts';
import { notFound } from '../../domain/errors.ts';
import { versionOfQueue } from '../../domain/version.ts';
import type { ApiDeps } from './deps.ts';
import { changeHeaders, makeCodes, makeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent, toPageRequest } from './route.ts';
import type { Api } from './route.ts';
import { ofQueue, QueueAnswer, QueueBody, QueueRateAnswer } from './schemas-queues.ts';
import { listQuery, pageOf } from './schemas.ts';

/** What these routes work with. */
type QueueApiDeps = ApiDeps<
  | 'countMessages'
  | 'createQueue'
  | 'deleteQueue'
  | 'findOldestMessage'
  | 'findQueue'
  | 'listQueueRates'
  | 'listQueues'
  | 'setQueueAttributes'
>;

const ListQuery = listQuery({ prefix: Type.Optional(Type.String({ maxLength: 120 })) });

type Answer = Static<typeof QueueAnswer>;

/** So many minutes a queue's flow is told of in lists, this one included. */
const flowMinutes = 5;

/** Queues as the console sees them; SMQ clients use the protocol's own address. */
export function queueApi(api: Api, deps: QueueApiDeps): void {
  listQueues(api, deps);
  putQueue(api, deps);
  readQueue(api, deps);
  listRates(api, deps);
  deleteQueue(api, deps);
}

function listQueues(api: Api, deps: QueueApiDeps): void {
  const { store } = deps;
  api.get(
    '/queues',
    {
      ...needs('viewer'),
      schema: describe(
        'List queues by name',
        'queues',
        { querystring: ListQuery },
        { 200: pageOf(QueueAnswer) },
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { limit, cursor } = toPageRequest(request.query);
      const queues = await store.listQueues(accountId, request.query.prefix ?? '', cursor ?? '', limit + 1);
      const shown = queues.slice(0, limit);
      return {
        items: await toAnswers(deps, accountId, shown),
        next: queues.length > limit ? (shown.at(-1)?.name ?? null) : null,
      };
    },
  );
}

function putQueue(api: Api, deps: QueueApiDeps): void {
  api.put(
    '/queues/:name',
    {
      ...needs('operator'),
      schema: describe(
        'Make a queue, or change its attributes',
        'queues',
        { ...ofQueue, body: QueueBody, headers: makeHeaders },
        { 200: QueueAnswer, 201: QueueAnswer },
        ...makeCodes,
      ),
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { name } = request.params;
      // Members that are left out are undefined, never given as such.
      const given = request.body as Partial<QueueAttributes>;
      const outcome = await setQueue(deps.store, caller, name, given, readExpected(request));
      return send(deps, reply, caller.accountId, name, outcome === 'made' ? 201 : 200);
    },
  );
}

function readQueue(api: Api, deps: QueueApiDeps): void {
  api.get(
    '/queues/:name',
    {
      ...needs('viewer'),
      schema: describe('Read a queue', 'queues', ofQueue, { 200: QueueAnswer }, 'not_found'),
    },
    (request, reply) => send(deps, reply, callerOf(request).accountId, request.params.name, 200),
  );
}

function listRates(api: Api, { store, now }: QueueApiDeps): void {
  api.get(
    '/queues/:name/rates',
    {
      ...needs('viewer'),
      schema: describe(
        'How many messages came into a queue and were deleted, in each minute of the last hour',
        'queues',
        ofQueue,
        { 200: Type.Object({ items: Type.Array(QueueRateAnswer) }) },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { name } = await findQueue(store, accountId, request.params.name);
      const first = toMinute(now()) - 59;
      const rates = await store.listQueueRates(accountId, [name], first);
      const known = new Map(rates.map((rate) => [rate.minute, rate]));
      return {
        items: Array.from({ length: 60 }, (_, index) => {
          const { put = 0, deleted = 0 } = known.get(first + index) ?? {};
          return { at: toTime((first + index) * 60_000), put, deleted };
        }),
      };
    },
  );
}

function deleteQueue(api: Api, { store }: QueueApiDeps): void {
  api.delete(
    '/queues/:name',
    {
      ...needs('operator'),
      schema: describe(
        'Delete a queue with all that is in it',
        'queues',
        { ...ofQueue, headers: changeHeaders },
        { 204: NoContent },
        'not_found',
        'changed_meanwhile',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { name } = request.params;
      if (!(await store.deleteQueue(accountId, name, actor, readExpected(request)))) throw notFound('queue');
      return reply.code(204).send(null);
    },
  );
}

async function toAnswers(
  { store, now }: QueueApiDeps,
  accountId: AccountId,
  queues: readonly Queue[],
): Promise<Answer[]> {
  const since = toMinute(now()) - flowMinutes + 1;
  const names = queues.map(({ name }) => name);
  const rates = await store.listQueueRates(accountId, names, since);
  return Promise.all(
    queues.map(async (queue): Promise<Answer> => {
      const [depth, oldest] = await Promise.all([store.countMessages(queue), store.findOldestMessage(queue)]);
      const { name, attributes, createdAt, modifiedAt } = queue;
      const own = rates.filter((rate) => rate.queue === name);
      return {
        name,
        ...depth,
        oldestAt: oldest === undefined ? null : toTime(oldest),
        lastMinutes: {
          put: own.reduce((sum, { put }) => sum + put, 0),
          deleted: own.reduce((sum, { deleted }) => sum + deleted, 0),
        },
        attributes,
        createdAt: toTime(createdAt),
        modifiedAt: toTime(modifiedAt),
      };
    }),
  );
}

async function send(
  deps: QueueApiDeps,
  reply: FastifyReply,
  accountId: AccountId,
  name: string,
  status: 200 | 201,
) {
  const queue = await findQueue(deps.store, accountId, name);
  const [found] = await toAnswers(deps, accountId, [queue]);
  if (found === undefined) throw notFound('queue');
  return tell(reply, versionOfQueue(queue)).code(status).send(found);
}

function toMinute(at: number): number {
  return Math.floor(at / 60_000);
}
