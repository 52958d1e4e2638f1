import { randomBytes } from 'node:crypto';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { defaultQueueAttributes, isQueueName } from '../domain/queue.ts';
import type { Queue, QueueAttributes } from '../domain/queue.ts';
import { FieldError } from '../http/problem.ts';
import { describe, notFound, toPageRequest, toTime } from './api.ts';
import type { Api, ApiContext } from './api.ts';
import { PageOf, PageQuery, QueueAnswer, QueueBody, Time, TokenAnswer, TokenBody } from './schemas.ts';

const QueueParams = Type.Object({ name: Type.String({ maxLength: 120 }) });

const ListQuery = Type.Intersect([
  PageQuery,
  Type.Object({ prefix: Type.Optional(Type.String({ maxLength: 120 })) }),
]);

const MessageAnswer = Type.Object({
  messageId: Type.String(),
  body: Type.String(),
  decoded: Type.Unknown({ description: 'The receipt, when the body is one in Base64; else null' }),
  priority: Type.Integer(),
  enqueuedAt: Time,
  dequeueCount: Type.Integer(),
});

/** Queues as the console sees them; SMQ clients use the protocol's own address. */
export function queueApi(api: Api, { store, who, now }: ApiContext): void {
  const schema = { params: QueueParams };

  async function find(accountId: number, name: string): Promise<Queue> {
    const queue = await store.findQueue(accountId, name);
    if (queue === undefined) throw notFound('queue');
    return queue;
  }

  async function toAnswer(queue: Queue): Promise<Static<typeof QueueAnswer>> {
    const [depth, oldest] = await Promise.all([store.countMessages(queue), store.findOldestMessage(queue)]);
    const { name, attributes, createdAt, modifiedAt } = queue;
    return {
      name,
      ...depth,
      oldestAt: oldest === undefined ? null : toTime(oldest),
      attributes,
      createdAt: toTime(createdAt),
      modifiedAt: toTime(modifiedAt),
    };
  }

  api.get(
    '/queues',
    {
      schema: describe(
        'List queues by name',
        'queues',
        { querystring: ListQuery },
        { 200: PageOf(QueueAnswer) },
      ),
    },
    async (request) => {
      const { limit, cursor } = toPageRequest(request.query);
      const queues = await store.listQueues(
        who(request).accountId,
        request.query.prefix ?? '',
        cursor ?? '',
        limit + 1,
      );
      const shown = queues.slice(0, limit);
      return {
        items: await Promise.all(shown.map(toAnswer)),
        next: queues.length > limit ? (shown.at(-1)?.name ?? null) : null,
      };
    },
  );

  api.put(
    '/queues/:name',
    {
      schema: describe(
        'Make a queue, or change its attributes',
        'queues',
        { ...schema, body: QueueBody },
        { 200: QueueAnswer, 201: QueueAnswer },
      ),
    },
    async (request, reply) => {
      const { accountId } = who(request);
      const { name } = request.params;
      if (!isQueueName(name))
        throw new FieldError(
          'bad_request',
          'name',
          'name: 1 to 120 letters, digits and hyphens, not beginning with a hyphen.',
        );
      // Members that are left out are undefined, never given as such.
      const given = request.body as Partial<QueueAttributes>;
      const outcome = await store.createQueue(accountId, name, { ...defaultQueueAttributes, ...given });
      if (outcome === 'different') await store.setQueueAttributes(accountId, name, given);
      return reply.code(outcome === 'created' ? 201 : 200).send(await toAnswer(await find(accountId, name)));
    },
  );

  api.get(
    '/queues/:name',
    { schema: describe('Read a queue', 'queues', schema, { 200: QueueAnswer }) },
    async (request) => toAnswer(await find(who(request).accountId, request.params.name)),
  );

  api.delete(
    '/queues/:name',
    { schema: describe('Delete a queue with all that is in it', 'queues', schema, { 204: Type.Null() }) },
    async (request, reply) => {
      if (!(await store.deleteQueue(who(request).accountId, request.params.name))) throw notFound('queue');
      return reply.code(204).send(null);
    },
  );

  api.get(
    '/queues/:name/messages',
    {
      schema: describe('Look at what would be received next, without receiving it', 'queues', schema, {
        200: PageOf(MessageAnswer),
      }),
    },
    async (request) => {
      const messages = await store.peekMessages(
        await find(who(request).accountId, request.params.name),
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
    '/queues/:name/tokens',
    {
      schema: describe(
        'Make a temporary key that may only consume this queue',
        'queues',
        { ...schema, body: TokenBody },
        { 201: TokenAnswer },
      ),
    },
    async (request, reply) => {
      const { accountId } = who(request);
      const queue = await find(accountId, request.params.name);
      const key = {
        id: `STS.${randomBytes(12).toString('hex')}`,
        secret: randomBytes(24).toString('base64url'),
        securityToken: randomBytes(48).toString('base64url'),
        createdAt: now(),
        expiresAt: now() + (request.body.seconds ?? 3600) * 1000,
      };
      await store.createTemporaryKey({ ...key, accountId, queueName: queue.name });
      return reply.code(201).send({
        accessKeyId: key.id,
        accessKeySecret: key.secret,
        securityToken: key.securityToken,
        expiresAt: toTime(key.expiresAt),
      });
    },
  );
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
