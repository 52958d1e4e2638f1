import { randomBytes } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { AccountId } from '../../domain/account.ts';
import { defaultQueueAttributes, isXmlText, queueLimits } from '../../domain/queue.ts';
import type { Queue, QueueAttributes } from '../../domain/queue.ts';
import { FieldError, GatewayError, notFound } from '../../domain/errors.ts';
import { versionOfQueue } from '../../domain/version.ts';
import type { ApiDeps } from './deps.ts';
import { changeHeaders, makeCodes, makeHeaders, readExpected, tell } from './versions.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toTime } from '../../domain/time.ts';
import { describe, NoContent, toPageRequest } from './route.ts';
import type { Api } from './route.ts';
import {
  QueueAnswer,
  QueueBody,
  QueueMessageAnswer,
  QueueMessageBody,
  QueueName,
  QueueRateAnswer,
  TokenAnswer,
  TokenBody,
} from './schemas-queues.ts';
import { listQuery, pageOf } from './schemas.ts';

const QueueParams = Type.Object({ name: QueueName });
const ListQuery = listQuery({ prefix: Type.Optional(Type.String({ maxLength: 120 })) });

type Answer = Static<typeof QueueAnswer>;

/** So many minutes a queue's flow is told of in lists, this one included. */
const flowMinutes = 5;

/** Queues as the console sees them; SMQ clients use the protocol's own address. */
export function queueApi(api: Api, { store, now }: ApiDeps): void {
  const schema = { params: QueueParams };

  async function find(accountId: AccountId, name: string): Promise<Queue> {
    const queue = await store.findQueue(accountId, name);
    if (queue === undefined) throw notFound('queue');
    return queue;
  }

  async function toAnswers(accountId: AccountId, queues: readonly Queue[]): Promise<Answer[]> {
    const since = toMinute(now()) - flowMinutes + 1;
    const names = queues.map(({ name }) => name);
    const rates = await store.listQueueRates(accountId, names, since);
    return Promise.all(
      queues.map(async (queue): Promise<Answer> => {
        const [depth, oldest] = await Promise.all([
          store.countMessages(queue),
          store.findOldestMessage(queue),
        ]);
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

  async function send(reply: FastifyReply, accountId: AccountId, name: string, status: 200 | 201) {
    const queue = await find(accountId, name);
    const [found] = await toAnswers(accountId, [queue]);
    if (found === undefined) throw notFound('queue');
    return tell(reply, versionOfQueue(queue)).code(status).send(found);
  }

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
        items: await toAnswers(accountId, shown),
        next: queues.length > limit ? (shown.at(-1)?.name ?? null) : null,
      };
    },
  );

  api.put(
    '/queues/:name',
    {
      ...needs('operator'),
      schema: describe(
        'Make a queue, or change its attributes',
        'queues',
        { ...schema, body: QueueBody, headers: makeHeaders },
        { 200: QueueAnswer, 201: QueueAnswer },
        ...makeCodes,
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const { name } = request.params;
      // Members that are left out are undefined, never given as such.
      const given = request.body as Partial<QueueAttributes>;
      const expected = readExpected(request);
      const attributes = { ...defaultQueueAttributes, ...given };
      const isMaking = expected === undefined || expected.kind === 'absent';
      const outcome = isMaking ? await store.createQueue(accountId, name, attributes, actor) : 'different';
      if (outcome !== 'created' && expected?.kind === 'absent')
        throw new GatewayError('already_exists', `There is a queue ${name} already.`);
      if (outcome === 'different' && (Object.keys(given).length > 0 || expected !== undefined)) {
        const isThere = await store.setQueueAttributes(accountId, name, given, actor, expected);
        if (!isThere && expected !== undefined) throw new GatewayError('changed_meanwhile');
      }
      return send(reply, accountId, name, outcome === 'created' ? 201 : 200);
    },
  );

  api.get(
    '/queues/:name',
    {
      ...needs('viewer'),
      schema: describe('Read a queue', 'queues', schema, { 200: QueueAnswer }, 'not_found'),
    },
    (request, reply) => send(reply, callerOf(request).accountId, request.params.name, 200),
  );

  api.get(
    '/queues/:name/rates',
    {
      ...needs('viewer'),
      schema: describe(
        'How many messages came into a queue and were deleted, in each minute of the last hour',
        'queues',
        schema,
        { 200: Type.Object({ items: Type.Array(QueueRateAnswer) }) },
        'not_found',
      ),
    },
    async (request) => {
      const { accountId } = callerOf(request);
      const { name } = await find(accountId, request.params.name);
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

  api.delete(
    '/queues/:name',
    {
      ...needs('operator'),
      schema: describe(
        'Delete a queue with all that is in it',
        'queues',
        { ...schema, headers: changeHeaders },
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

  api.get(
    '/queues/:name/messages',
    {
      ...needs('viewer', 'receive'),
      schema: describe(
        'Look at what would be received next, without receiving it',
        'queues',
        schema,
        {
          200: pageOf(QueueMessageAnswer),
        },
        'not_found',
      ),
    },
    async (request) => {
      const messages = await store.peekMessages(
        await find(callerOf(request).accountId, request.params.name),
        16,
        now(),
      );
      return {
        items: messages.map(({ messageId, body, priority, enqueuedAt, dequeueCount }) => ({
          messageId,
          body,
          decoded: decode(body),
          priority,
          enqueuedAt: toTime(enqueuedAt),
          dequeueCount,
        })),
        next: null,
      };
    },
  );

  api.post(
    '/queues/:name/messages',
    {
      ...needs('operator', 'send'),
      schema: describe(
        'Send a message, to try who receives it',
        'queues',
        { ...schema, body: QueueMessageBody },
        { 201: Type.Object({ messageId: Type.String() }) },
        'not_found',
      ),
    },
    async (request, reply) => {
      const queue = await find(callerOf(request).accountId, request.params.name);
      const { body } = request.body;
      const maxBytes = queue.attributes.maximumMessageBytes;
      if (Buffer.byteLength(body) > maxBytes)
        throw new FieldError('bad_request', 'body', `body: this queue takes at most ${maxBytes} bytes.`);
      if (!isXmlText(body))
        throw new FieldError(
          'bad_request',
          'body',
          'body: holds a character that XML, and so SMQ, cannot carry.',
        );
      const [sent] =
        (await store.sendMessages(queue, [{ body, priority: queueLimits.priorityDefault }], now())) ?? [];
      if (sent === undefined) throw notFound('queue');
      return reply.code(201).send({ messageId: sent.messageId });
    },
  );

  api.post(
    '/queues/:name/tokens',
    {
      ...needs('operator', 'receive'),
      schema: describe(
        'Make a temporary key that may only consume this queue',
        'queues',
        { ...schema, body: TokenBody },
        { 201: TokenAnswer },
        'not_found',
      ),
    },
    async (request, reply) => {
      const { accountId, actor } = callerOf(request);
      const queue = await find(accountId, request.params.name);
      const key = {
        id: `STS.${randomBytes(12).toString('hex')}`,
        secret: randomBytes(24).toString('base64url'),
        securityToken: randomBytes(48).toString('base64url'),
        createdAt: now(),
        expiresAt: now() + (request.body.seconds ?? 3600) * 1000,
      };
      await store.createTemporaryKey({ ...key, accountId, queueName: queue.name }, actor);
      return reply.code(201).send({
        accessKeyId: key.id,
        accessKeySecret: key.secret,
        securityToken: key.securityToken,
        expiresAt: toTime(key.expiresAt),
      });
    },
  );
}

function toMinute(at: number): number {
  return Math.floor(at / 60_000);
}

function decode(body: string): unknown {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body, 'base64').toString('utf8'));
    return typeof parsed === 'object' ? parsed : null;
  } catch {
    // Somebody's own message, in no form that we know.
    return null;
  }
}
