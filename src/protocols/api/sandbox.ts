import { Type } from '@fastify/type-provider-typebox';
import type { AccountId } from '../../domain/account.ts';
import type { Channel, Sender } from '../../domain/channel.ts';
import { notFound } from '../../domain/errors.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { toBareDigits } from '../../core/channels/ownership.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { SenderId } from './schemas.ts';

/** What these routes work with. */
type SandboxApiDeps = ApiDeps<'findSender' | 'listChannels'>;

const params = Type.Object({ senderId: SenderId });
const EventBody = Type.Record(Type.String(), Type.Unknown(), {
  description: 'As of POST /sandbox/<sender>/inbound and /status; docs/sandbox.md lists the members.',
  examples: [{ from: '15550002222', type: 'text', text: 'Hello' }],
});
const PlayedAnswer = Type.Object(
  {
    messageId: Type.String(),
    receiptId: Type.String(),
    outcome: Type.Enum(['fresh', 'repeat', 'dropped']),
  },
  { title: 'Played' },
);

/** Plays end users and the channel on the account's sandbox, as the sandbox's own doors do. */
export function sandboxApi(api: Api, { store, simulate }: SandboxApiDeps): void {
  async function find(accountId: AccountId, senderId: string): Promise<{ channel: Channel; sender: Sender }> {
    const channels = await store.listChannels(accountId);
    for (const channel of channels.filter(({ type }) => type === 'sandbox')) {
      const sender = await store.findSender(channel.id, toBareDigits(senderId));
      if (sender !== undefined) return { channel, sender };
    }
    throw notFound('sender of the sandbox');
  }

  for (const [kind, summary] of [
    ['inbound', 'Play a user who sends something to a sender of the sandbox'],
    ['status', 'Play the channel that tells what became of a message'],
  ] as const) {
    api.post(
      `/sandbox/:senderId/${kind}`,
      {
        ...needs('operator'),
        schema: describe(summary, 'sandbox', { params, body: EventBody }, { 201: PlayedAnswer }, 'not_found'),
      },
      async (request, reply) => {
        const { channel, sender } = await find(callerOf(request).accountId, request.params.senderId);
        return reply.code(201).send(await simulate[kind](channel, sender, request.body));
      },
    );
  }
}
