// How many a list has, for whoever looks at its first page: counted so far that nobody waits for it.
import { Type } from '@fastify/type-provider-typebox';
import { needs } from './access.ts';
import { callerOf } from './auth.ts';
import { toDeliveryFilter } from './deliveries.ts';
import type { ApiDeps } from './deps.ts';
import { countFound } from './message-search.ts';
import { toReceiptFilter } from './receipts.ts';
import { describe } from './route.ts';
import type { Api } from './route.ts';
import { deliveryFilters } from './schemas-deliveries.ts';
import { messageFilters } from './schemas-messages.ts';
import { receiptFilters } from './schemas-receipts.ts';
import { closed } from './schemas.ts';

/** What these routes work with. */
type CountApiDeps = ApiDeps<
  | 'countDeliveries'
  | 'countListedOutbound'
  | 'countReceipts'
  | 'findOutbound'
  | 'findSpellings'
  | 'listOutbound'
  | 'listReceipts'
>;

/** Nobody counts further by eye, and so many are counted in some milliseconds. */
const atMost = 10_000;

const CountAnswer = Type.Object(
  {
    count: Type.Integer({ description: `${atMost} at most.` }),
    isMore: Type.Boolean({
      description: `Whether there may be more: more than ${atMost} match, or what no index finds was looked for among the newest ${atMost} alone.`,
    }),
  },
  { title: 'Count' },
);
const answers = { 200: CountAnswer } as const;

/** Counts of the lists of messages, receipts and deliveries, by their filters. */
export function countApi(api: Api, { store }: CountApiDeps): void {
  const messages = { querystring: Type.Object(messageFilters, closed) };
  api.get(
    '/counts/messages',
    { ...needs('viewer'), schema: describe('Count the messages of a search', 'messages', messages, answers) },
    (request) => countFound(store, callerOf(request).accountId, request.query, atMost),
  );
  const receipts = { querystring: Type.Object(receiptFilters, closed) };
  api.get(
    '/counts/receipts',
    { ...needs('viewer', 'receive'), schema: describe('Count receipts', 'receipts', receipts, answers) },
    (request) => store.countReceipts(callerOf(request).accountId, toReceiptFilter(request.query), atMost),
  );
  const deliveries = { querystring: Type.Object(deliveryFilters, closed) };
  api.get(
    '/counts/deliveries',
    { ...needs('viewer'), schema: describe('Count deliveries', 'deliveries', deliveries, answers) },
    (request) => store.countDeliveries(callerOf(request).accountId, toDeliveryFilter(request.query), atMost),
  );
}
