// The search of messages, over what indexes find and a bounded look at the rest.
import type { Static } from '@fastify/type-provider-typebox';
import { toBareDigits } from '../../core/channels/ownership.ts';
import { findMessages } from '../../core/messages/trace.ts';
import type { AccountId } from '../../domain/account.ts';
import { isOfUser, isToUser, toHappened } from '../../domain/alias.ts';
import type { Spelling } from '../../domain/alias.ts';
import type { OutboundFilter, Page, PageRequest, Store } from '../../store/store.ts';
import { toInbound, toOutbound } from './message-answers.ts';
import type { Message } from './message-answers.ts';
import { toPageRequest, toPeriod } from './route.ts';
import type { MessageQuery } from './schemas-messages.ts';

type Query = Static<typeof MessageQuery>;
type SearchStore = Pick<Store, 'listReceipts' | 'listOutbound' | 'findOutbound' | 'findSpellings'>;

interface Found {
  readonly items: Message[];
  readonly next: string | null;
}

/** Rows that one page looks at for what no index finds; the page then ends, and its cursor goes on. */
const maxScanned = 2000;
const stepRows = 500;

/** Finds a page of messages, newest first; it may hold fewer than asked for, and still lead on. */
export function search(store: SearchStore, accountId: AccountId, query: Query): Promise<Found> {
  if (query.direction === 'mo') return searchInbound(store, accountId, query);
  if (query.messageId !== undefined) return findByMessageId(store, accountId, query, query.messageId);
  return scan(
    toPageRequest(query),
    (step) => store.listOutbound(accountId, toFilter(query), step),
    ({ id }) => String(id),
    toOutbound,
    (message) => isWanted(message, query),
  );
}

async function searchInbound(store: SearchStore, accountId: AccountId, query: Query): Promise<Found> {
  const filter = {
    type: 'ChatAppInbound' as const,
    ...pick(query, 'channelId', 'senderId', 'messageId'),
    ...toPeriod(query),
  };
  const spellings = await findSpellings(store, accountId, query);
  return scan(
    toPageRequest(query),
    (step) => store.listReceipts(accountId, filter, step),
    ({ id }) => String(id),
    toInbound,
    (message, { facts, occurredAt, recordedAt }) =>
      isWanted(message, query) &&
      (spellings === null ||
        (facts.type === 'ChatAppInbound' &&
          isOfUser(spellings, facts.user, toHappened(occurredAt, recordedAt)))),
  );
}

async function findByMessageId(
  store: SearchStore,
  accountId: AccountId,
  query: Query,
  messageId: string,
): Promise<Found> {
  const spellings = await findSpellings(store, accountId, query);
  const found = (await findMessages(store, accountId, messageId)).filter(
    ({ to, acceptedAt }) => spellings === null || isToUser(spellings, to, acceptedAt),
  );
  return { items: found.map(toOutbound).filter((message) => isWanted(message, query)), next: null };
}

/** The ids of the user whose messages are asked for; null for everybody's. */
async function findSpellings(
  store: SearchStore,
  accountId: AccountId,
  { number, channelId }: Query,
): Promise<readonly Spelling[] | null> {
  if (number === undefined) return null;
  const channel = channelId === undefined ? {} : { channelId };
  return store.findSpellings(accountId, { userId: toBareDigits(number), ...channel });
}

/** Fills a page from a listing of which only some are wanted, looking at a bounded number of rows. */
async function scan<Row, T>(
  page: PageRequest,
  list: (step: PageRequest) => Promise<Page<Row>>,
  toCursor: (row: Row) => string,
  toItem: (row: Row) => T,
  isItem: (item: T, row: Row) => boolean,
): Promise<{ items: T[]; next: string | null }> {
  const items: T[] = [];
  let cursor = page.cursor;
  for (let scanned = 0; scanned < maxScanned; scanned += stepRows) {
    const limit = scanned === 0 ? page.limit : stepRows;
    const rows = await list({ limit, ...(cursor === undefined ? {} : { cursor }) });
    for (const row of rows.items) {
      const item = toItem(row);
      if (!isItem(item, row)) continue;
      items.push(item);
      if (items.length >= page.limit) {
        const isLast = row === rows.items.at(-1) && rows.next === null;
        return { items, next: isLast ? null : toCursor(row) };
      }
    }
    if (rows.next === null) return { items, next: null };
    cursor = rows.next;
  }
  return { items, next: cursor ?? null };
}

/** What an index of the store finds; the rest is looked at row by row. */
function toFilter(query: Query): OutboundFilter {
  const { number, taskId, channelId, senderId } = query;
  return {
    ...toPeriod(query),
    ...(number === undefined ? {} : { to: toBareDigits(number) }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(channelId === undefined || senderId === undefined
      ? {}
      : { channelId, senderId: toBareDigits(senderId) }),
  };
}

/** Whether a message is what is asked for, but for whose it is. */
function isWanted(message: Message, query: Query): boolean {
  const { templateCode, status, channelId, senderId, taskId } = query;
  return (
    (templateCode === undefined || message.templateCode === templateCode) &&
    (taskId === undefined || message.taskId === taskId) &&
    (channelId === undefined || message.channelId === channelId) &&
    (senderId === undefined || message.senderId === toBareDigits(senderId)) &&
    (status === undefined || (message.status ?? message.state) === status)
  );
}

function pick<K extends keyof Query>(
  query: Query,
  ...names: readonly K[]
): { [N in K]?: Exclude<Query[N], undefined> } {
  return Object.fromEntries(
    names.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
  ) as { [N in K]?: Exclude<Query[N], undefined> };
}
