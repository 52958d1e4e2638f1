import { Type } from '@fastify/type-provider-typebox';
import { findFirstSteps } from '../../core/channels/first-steps.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';

const FirstStepsAnswer = Type.Object(
  {
    connect: Type.Boolean({ description: 'A channel beside the sandbox has a sender.' }),
    receipts: Type.Boolean({ description: 'Receipts of some sender go somewhere.' }),
    verify: Type.Boolean({
      description: 'A callback URL has acknowledged a receipt of late, or a queue of receipts was emptied.',
    }),
    live: Type.Boolean({ description: 'Something has come over a channel beside the sandbox.' }),
    sender: Type.Union([Type.Object({ channelId: Type.String(), id: Type.String() }), Type.Null()], {
      description:
        'Whose receipts to turn on next, or where none of a connected channel is left, whose are on; null while there is no sender.',
    }),
    destinationId: Type.Union([Type.Integer(), Type.Null()], {
      description: 'A callback URL to try a test event at; null while there is none.',
    }),
  },
  { title: 'FirstSteps' },
);

/** How far the account has come with what everybody does first. */
export function firstStepsApi(
  api: Api,
  {
    store,
  }: ApiDeps<
    | 'countDeliveries'
    | 'countMessages'
    | 'findQueue'
    | 'listChannels'
    | 'listDestinations'
    | 'listReceipts'
    | 'listSenders'
  >,
): void {
  api.get(
    '/first-steps',
    {
      ...needs('viewer'),
      schema: describe(
        'Tell how far the account has come: connected, receipts on, a receiver verified, live',
        'overview',
        {},
        { 200: FirstStepsAnswer },
      ),
    },
    async (request) => {
      const { sender, ...steps } = await findFirstSteps(store, callerOf(request).accountId);
      return { ...steps, sender: sender && { channelId: sender.channelId, id: sender.id } };
    },
  );
}
