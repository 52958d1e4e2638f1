// What people do with the messages of a queue: look at them, send one to try it, make a key that may only receive there.
import { Type } from '@fastify/type-provider-typebox';
import { makeQueueKey } from '../../core/accounts/temporary-keys.ts';
import { findQueue, sendOne } from '../../core/queues/queues.ts';
import { queueLimits } from '../../domain/queue.ts';
import { toTime } from '../../domain/time.ts';
import { needs } from './access.ts';
import { callerOf, requesterOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { ofQueue, QueueMessageAnswer, QueueMessageBody, TokenAnswer, TokenBody } from './schemas-queues.ts';
import { pageOf } from './schemas.ts';

/** What these routes work with. */
type QueueMessageApiDeps = ApiDeps<'createTemporaryKey' | 'findQueue' | 'peekMessages' | 'sendMessages'>;

export function queueMessageApi(api: Api, deps: QueueMessageApiDeps): void {
  peekMessages(api, deps);
  sendMessage(api, deps);
  makeToken(api, deps);
}

function peekMessages(api: Api, { store, now }: QueueMessageApiDeps): void {
  api.get(
    '/queues/:name/messages',
    {
      ...needs('viewer', 'receive'),
      schema: describe(
        'Look at what would be received next, without receiving it',
        'queues',
        ofQueue,
        {
          200: pageOf(QueueMessageAnswer),
        },
        'not_found',
      ),
    },
    async (request) => {
      const messages = await store.peekMessages(
        await findQueue(store, callerOf(request).accountId, request.params.name),
        queueLimits.batch,
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
}

function sendMessage(api: Api, { store, now, messageQuota }: QueueMessageApiDeps): void {
  api.post(
    '/queues/:name/messages',
    {
      ...needs('operator', 'send'),
      schema: describe(
        'Send a message, to try who receives it',
        'queues',
        { ...ofQueue, body: QueueMessageBody },
        { 201: Type.Object({ messageId: Type.String() }) },
        'not_found',
        'quota_reached',
      ),
    },
    async (request, reply) => {
      const queue = await findQueue(store, callerOf(request).accountId, request.params.name);
      const reservation = await messageQuota.reserve(requesterOf(request), 1);
      try {
        const messageId = await sendOne({ store, now }, queue, request.body.body);
        return await reply.code(201).send({ messageId });
      } finally {
        reservation?.end();
      }
    },
  );
}

function makeToken(api: Api, { store, now }: QueueMessageApiDeps): void {
  api.post(
    '/queues/:name/tokens',
    {
      ...needs('operator', 'receive'),
      schema: describe(
        'Make a temporary key that may only consume this queue',
        'queues',
        { ...ofQueue, body: TokenBody },
        { 201: TokenAnswer },
        'not_found',
      ),
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const queue = await findQueue(store, caller.accountId, request.params.name);
      const key = await makeQueueKey({ store, now }, caller, queue.name, request.body.seconds);
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
