// All that is kept of one message, in either direction, wherever it is asked for.
import type { AccountId } from '../../domain/account.ts';
import type { Destination } from '../../domain/delivery.ts';
import { parseOutboundId } from '../../domain/ids.ts';
import type { OutboundMessage, SendAttempt } from '../../domain/message.ts';
import type { Store, Timeline } from '../../store/store.ts';
import type { FallbackStory } from './story.ts';

/** Statuses of one message that its way shows. */
const maxReceipts = 50;

type TraceStore = Pick<
  Store,
  | 'findOutbound'
  | 'listReceipts'
  | 'findTimeline'
  | 'findSendAttempts'
  | 'findFallbacks'
  | 'findFallbackAttempts'
  | 'findDestination'
>;

/** What is known of a message; `message` is null for what was not sent through here, and for what users sent. */
export interface Trace {
  readonly message: OutboundMessage | null;
  readonly attempts: readonly SendAttempt[];
  /** Its receipts with all that happened to them, oldest first. */
  readonly timelines: readonly Timeline[];
  readonly fallback: FallbackStory | null;
  /** Where its receipts go. */
  readonly destinations: ReadonlyMap<number, Destination>;
}

/** Finds a message by our id or the channel's, or by the id of its receipt; undefined where nothing is kept of it. */
export async function findTrace(
  store: TraceStore,
  accountId: AccountId,
  messageId: string,
): Promise<Trace | undefined> {
  const [message] = await findMessages(store, accountId, messageId);
  const timelines = await findTimelines(store, accountId, message, messageId);
  if (message === undefined && timelines.length === 0) return undefined;
  const attempts = message === undefined ? [] : await store.findSendAttempts(accountId, message.id);
  const fallback = message === undefined ? null : await findFallback(store, accountId, message.id);
  const destinations = await findDestinations(store, accountId, timelines);
  return { message: message ?? null, attempts, timelines, fallback, destinations };
}

/** Messages that were sent through here, by our id or the channel's. */
export async function findMessages(
  store: Pick<Store, 'findOutbound'>,
  accountId: AccountId,
  messageId: string,
): Promise<readonly OutboundMessage[]> {
  const id = parseOutboundId(messageId);
  return store.findOutbound(accountId, id === undefined ? { channelMessageIds: [messageId] } : { ids: [id] });
}

/** Of a message of ours its statuses; else whatever carries that message id or is the receipt of that id. Oldest first. */
async function findTimelines(
  store: TraceStore,
  accountId: AccountId,
  message: OutboundMessage | undefined,
  messageId: string,
): Promise<Timeline[]> {
  const filter = { messageId: message?.messageId ?? messageId };
  const { items } = await store.listReceipts(accountId, filter, { limit: maxReceipts });
  const ids = items.map(({ receiptId }) => receiptId).reverse();
  if (ids.length === 0 && /^[0-9a-f]{32}$/.test(messageId)) ids.push(messageId);
  const timelines = await Promise.all(ids.map((id) => store.findTimeline(accountId, id)));
  return timelines.filter((timeline) => timeline !== undefined);
}

async function findFallback(
  store: TraceStore,
  accountId: AccountId,
  outboundId: number,
): Promise<FallbackStory | null> {
  const [fallback] = await store.findFallbacks(accountId, [outboundId]);
  if (fallback === undefined) return null;
  return { fallback, attempts: await store.findFallbackAttempts(accountId, outboundId) };
}

async function findDestinations(
  store: TraceStore,
  accountId: AccountId,
  timelines: readonly Timeline[],
): Promise<Map<number, Destination>> {
  const ids = new Set(
    timelines.flatMap(({ deliveries }) => deliveries.map((delivery) => delivery.destinationId)),
  );
  const found = await Promise.all([...ids].map((id) => store.findDestination(accountId, id)));
  return new Map(
    found.flatMap((destination) => (destination === undefined ? [] : [[destination.id, destination]])),
  );
}
