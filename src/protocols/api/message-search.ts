// The search of messages, over what indexes find and a bounded look at the rest.
import type { Static } from '@fastify/type-provider-typebox';
import { toBareDigits } from '../../core/channels/ownership.ts';
import { findMessages } from '../../core/messages/trace.ts';
import type { AccountId } from '../../domain/account.ts';
import { isToUser } from '../../domain/alias.ts';
import type { Spelling } from '../../domain/alias.ts';
import { toMeantIds } from '../../domain/meant-ids.ts';
import type { OutboundFilter, Page, PageRequest, ReceiptFilter, Store } from '../../store/store.ts';
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

/**
 * Finds a page of messages, newest first. It may hold fewer than asked for, or none, and still lead on: only a page without a next one
 * says that all was looked at.
 */
export async function search(
  store: SearchStore,
  accountId: AccountId,
  query: Query,
  maxText?: number,
): Promise<Found> {
  const user = await findUser(store, accountId, query);
  if (query.direction === 'mo') return searchInbound(store, accountId, query, user, maxText);
  if (query.messageId !== undefined)
    return findByMessageId(store, accountId, query, query.messageId, user, maxText);
  return scan(
    toPageRequest(query),
    (step) => store.listOutbound(accountId, { ...toFilter(query), ...user }, step),
    ({ id }) => String(id),
    (message) => toOutbound(message, maxText),
    (message) => isWanted(message, query),
  );
}

/** Whose messages are asked for, as filters of listings name the user; nobody's in particular where no number is given. */
type AskedUser = Pick<OutboundFilter, 'user'>;

function searchInbound(
  store: SearchStore,
  accountId: AccountId,
  query: Query,
  user: AskedUser,
  maxText?: number,
): Promise<Found> {
  const filter = toInboundFilter(query, user);
  return scan(
    toPageRequest(query),
    (step) => store.listReceipts(accountId, filter, step),
    ({ id }) => String(id),
    (receipt) => toInbound(receipt, maxText),
    (message) => isWanted(message, query),
  );
}

async function findByMessageId(
  store: SearchStore,
  accountId: AccountId,
  query: Query,
  messageId: string,
  { user }: AskedUser,
  maxText?: number,
): Promise<Found> {
  const found = (await findMessages(store, accountId, messageId)).filter(
    ({ to, acceptedAt }) => user === undefined || isToUser(user, to, acceptedAt),
  );
  return {
    items: found.map((message) => toOutbound(message, maxText)).filter((message) => isWanted(message, query)),
    next: null,
  };
}

async function findUser(
  store: SearchStore,
  accountId: AccountId,
  { number, channelId }: Pick<Query, 'number' | 'channelId'>,
): Promise<AskedUser> {
  return number === undefined ? {} : { user: await findMeantUser(store, accountId, number, channelId) };
}

/** All ids under which the user is found whom somebody means by a text. */
async function findMeantUser(
  store: SearchStore,
  accountId: AccountId,
  text: string,
  channelId?: string,
): Promise<readonly Spelling[]> {
  const channel = channelId === undefined ? {} : { channelId };
  const ids = toMeantIds(text);
  const found = await Promise.all(
    ids.map((userId) => store.findSpellings(accountId, { userId, ...channel })),
  );
  const own = new Map(found.flat().flatMap((one) => (one.isOwn ? [[one.id, one] as const] : [])));
  return [...own.values(), ...found.flat().filter(({ id }) => !own.has(id))];
}

/**
 * How many messages a search has, counted no further than `atMost`, and of what no index finds among the newest `atMost` alone; `isMore`
 * when there may be more than were counted.
 */
export async function countFound(
  store: SearchStore & Pick<Store, 'countReceipts' | 'countListedOutbound'>,
  accountId: AccountId,
  query: Query,
  atMost: number,
): Promise<{ readonly count: number; readonly isMore: boolean }> {
  const user = await findUser(store, accountId, query);
  if (query.direction === 'mo' && hasOnlyOfUsers(query))
    return store.countReceipts(accountId, toInboundFilter(query, user), atMost);
  if (query.direction !== 'mo' && query.messageId === undefined) {
    const { templateCode, status, channelId, senderId } = query;
    const filter = {
      ...toFilter(query),
      ...user,
      ...(templateCode === undefined ? {} : { templateCode }),
      ...(status === undefined || status === 'received' ? {} : { status }),
      ...(channelId === undefined ? {} : { channelId }),
      ...(senderId === undefined ? {} : { senderId: toBareDigits(senderId) }),
    };
    if (status !== 'received') return store.countListedOutbound(accountId, filter, atMost);
  }
  const { items, next } = await search(store, accountId, query);
  return { count: items.length, isMore: next !== null };
}

/** Whether a search asks for nothing that messages of users have not. */
function hasOnlyOfUsers({ status = 'received', templateCode, taskId }: Query): boolean {
  return status === 'received' && templateCode === undefined && taskId === undefined;
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

function toInboundFilter(query: Query, user: AskedUser): ReceiptFilter {
  const { channelId, senderId, messageId } = query;
  return {
    type: 'ChatAppInbound',
    ...(channelId === undefined ? {} : { channelId }),
    ...(senderId === undefined ? {} : { senderId: toBareDigits(senderId) }),
    ...(messageId === undefined ? {} : { messageId }),
    ...toPeriod(query),
    ...user,
  };
}

/** What an index of the store finds; the rest is looked at row by row. */
function toFilter(query: Query): OutboundFilter {
  const { taskId, channelId, senderId } = query;
  return {
    ...toPeriod(query),
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
