// What users take back goes from our store as well.
import type { Channel } from '../../domain/channel.ts';
import { toReceiptId } from '../../domain/receipt.ts';
import type { ChannelEvent } from '../../domain/receipt.ts';
import type { MediaKey, Store } from '../../store/store.ts';

export interface ErasingDeps {
  readonly store: Pick<Store, 'eraseMessages' | 'findTimeline'>;
  /** Removes the file of media whose row says that it was erased. */
  readonly removeMedia: (media: MediaKey) => Promise<void>;
  readonly now: () => number;
}

/**
 * A user needs some time to take a message back, and channels are quick where all is well: one that comes within this time has
 * not been taken back before, and is not looked up.
 */
const lateMs = 2000;

/**
 * Erases the messages that recorded events say were taken back, of the same user and channel alone; and those among the events
 * themselves whose taking back was faster than they were. Call it after the events are committed and before the webhook is
 * answered: when it fails, or the process ends, the channel posts the webhook again, and erasing twice changes nothing. As each of
 * the two looks after its own commit, one of them sees the other. Rejects with `store_unavailable`.
 */
export async function eraseTakenBack(
  deps: ErasingDeps,
  events: readonly ChannelEvent[],
  findTargets: (event: ChannelEvent) => readonly { readonly channel: Channel }[],
): Promise<void> {
  for (const event of events) {
    if (event.facts.type !== 'ChatAppInbound') continue;
    if (event.erases === undefined && !mayBeTakenBack(event, deps.now())) continue;
    for (const { channel } of findTargets(event)) {
      if (event.erases !== undefined) await erase(deps, channel, event.facts.user.id, event.erases);
      else if (await isTakenBack(deps, channel, event))
        await erase(deps, channel, event.facts.user.id, [event.facts.messageId]);
    }
  }
}

async function erase(
  { store, removeMedia }: ErasingDeps,
  { accountId, id: channelId }: Channel,
  userId: string,
  messageIds: readonly string[],
): Promise<void> {
  const media = await store.eraseMessages(accountId, { userId, channelId }, messageIds);
  await Promise.all(media.map(removeMedia));
}

/** Whether a message comes so late that it may have been taken back already. One from the future shows that our clock is behind. */
function mayBeTakenBack({ takenBackBy, occurredAt }: ChannelEvent, now: number): boolean {
  const ageMs = now - occurredAt;
  return takenBackBy !== undefined && (ageMs < 0 || ageMs >= lateMs);
}

async function isTakenBack(
  { store }: ErasingDeps,
  { accountId, type }: Channel,
  { takenBackBy, route, facts }: ChannelEvent,
): Promise<boolean> {
  if (takenBackBy === undefined || facts.type !== 'ChatAppInbound') return false;
  const { messageId, identity } = takenBackBy;
  const receiptId = toReceiptId(accountId, type, route, identity, { ...facts, messageId });
  return (await store.findTimeline(accountId, receiptId)) !== undefined;
}
