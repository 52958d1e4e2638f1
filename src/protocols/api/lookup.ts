// One search over everything that has a name or an id: what somebody has in hand, and does not know where it belongs.
import { Type } from '@fastify/type-provider-typebox';
import type { Static } from '@fastify/type-provider-typebox';
import { toBareDigits } from '../../core/channels/ownership.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Channel } from '../../domain/channel.ts';
import { isQueueName } from '../../domain/queue.ts';
import { receiptTypes } from '../../domain/receipt.ts';
import { toTime } from '../../domain/time.ts';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { search } from './message-search.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { MessageAnswer } from './schemas-messages.ts';
import { closed } from './schemas.ts';

/** What this route works with. */
type LookupApiDeps = ApiDeps<
  | 'findOutbound'
  | 'findSpellings'
  | 'findTimeline'
  | 'listChannels'
  | 'listDestinations'
  | 'listOutbound'
  | 'listQueues'
  | 'listReceipts'
  | 'listSenders'
  | 'searchTemplates'
>;

/** Of each kind; what is behind them is found by the kind's own list. */
const atMost = 5;
/** Channels whose senders are looked at. */
const maxChannels = 100;

const Query = Type.Object(
  {
    q: Type.String({
      minLength: 2,
      maxLength: 512,
      description:
        'A user’s number or id, the id of a message, a receipt or a task; or the beginning of the id or name of a template, a channel, a sender or a queue, or of a callback URL.',
    }),
  },
  closed,
);

const LookupAnswer = Type.Object(
  {
    messages: Type.Array(MessageAnswer, {
      description: 'To or from the user, of the task, or with the id; newest first.',
    }),
    receipts: Type.Array(
      Type.Object({
        receiptId: Type.String(),
        type: Type.Enum([...receiptTypes]),
        recordedAt: Type.String(),
      }),
    ),
    templates: Type.Array(
      Type.Object({
        channelId: Type.String(),
        code: Type.String(),
        language: Type.String(),
        name: Type.String(),
      }),
    ),
    channels: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
    senders: Type.Array(Type.Object({ channelId: Type.String(), id: Type.String(), name: Type.String() })),
    queues: Type.Array(Type.Object({ name: Type.String() })),
    destinations: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String(), url: Type.String() })),
  },
  { title: 'Lookup', description: `Up to ${atMost} of each kind.` },
);

type Found = Static<typeof LookupAnswer>;

/** The search over everything. */
export function lookupApi(api: Api, { store }: LookupApiDeps): void {
  api.get(
    '/search',
    {
      ...needs('viewer'),
      schema: describe(
        'Find whatever has this id, number or name, or begins with it',
        'search',
        { querystring: Query },
        { 200: LookupAnswer },
      ),
    },
    async (request) => {
      const text = request.query.q.trim();
      const { accountId } = callerOf(request);
      const channels = await store.listChannels(accountId);
      const [messages, receipts, templates, senders, queues, destinations] = await Promise.all([
        findMessagesOf(store, accountId, text),
        findReceipts(store, accountId, text),
        store.searchTemplates(accountId, text, atMost),
        findSenders(store, accountId, channels, text),
        isQueueName(text) ? store.listQueues(accountId, text, '', atMost) : [],
        findDestinations(store, accountId, text),
      ]);
      return {
        messages,
        receipts,
        templates: templates.map(({ channelId, code, language, name }) => ({
          channelId,
          code,
          language,
          name,
        })),
        channels: channels
          .filter(({ id, name, wabaId }) => beginsWith([id, name], text) || wabaId === text)
          .slice(0, atMost)
          .map(({ id, name }) => ({ id, name })),
        senders,
        queues: queues.map(({ name }) => ({ name })),
        destinations,
      };
    },
  );
}

type LookupStore = LookupApiDeps['store'];

/** By whatever a message is found by an index; the newest of all of them. */
async function findMessagesOf(
  store: LookupStore,
  accountId: AccountId,
  text: string,
): Promise<Found['messages']> {
  const limit = atMost;
  const found = await Promise.all([
    ...(['mt', 'mo'] as const).flatMap((direction) => [
      search(store, accountId, { direction, limit, number: text }),
      ...(text.length > 256 ? [] : [search(store, accountId, { direction, limit, messageId: text })]),
    ]),
    search(store, accountId, { limit, taskId: text }),
  ]);
  const byId = new Map(
    found.flatMap(({ items }) => items.map((one) => [one.receiptId ?? one.messageId, one] as const)),
  );
  return [...byId.values()].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, limit);
}

async function findReceipts(
  store: LookupStore,
  accountId: AccountId,
  text: string,
): Promise<Found['receipts']> {
  const receipt = (await store.findTimeline(accountId, text.toLowerCase()))?.receipt;
  if (receipt === undefined) return [];
  const { receiptId, facts, recordedAt } = receipt;
  return [{ receiptId, type: facts.type, recordedAt: toTime(recordedAt) }];
}

async function findSenders(
  store: LookupStore,
  accountId: AccountId,
  channels: readonly Channel[],
  text: string,
): Promise<Found['senders']> {
  const senders = await Promise.all(
    channels.slice(0, maxChannels).map(({ id }) => store.listSenders(accountId, id)),
  );
  return senders
    .flat()
    .filter(({ id, name }) => beginsWith([id], toBareDigits(text)) || beginsWith([name], text))
    .slice(0, atMost)
    .map(({ channelId, id, name }) => ({ channelId, id, name }));
}

/** By the address, with or without its scheme, or the name that it was given. */
async function findDestinations(
  store: LookupStore,
  accountId: AccountId,
  text: string,
): Promise<Found['destinations']> {
  return (await store.listDestinations(accountId))
    .filter(({ url, name }) => beginsWith([url, url.replace(/^https?:\/\//, ''), name], text))
    .slice(0, atMost)
    .map(({ id, name, url }) => ({ id, name, url }));
}

function beginsWith(names: readonly string[], text: string): boolean {
  return names.some((name) => name.toLowerCase().startsWith(text.toLowerCase()));
}
