// What users take back goes from our store as well.
import type { Channel } from '../domain/channel.ts';
import type { ChannelEvent } from '../domain/receipt.ts';
import type { MediaKey, Store } from '../store/store.ts';

export interface ErasingDeps {
  readonly store: Pick<Store, 'eraseMessages'>;
  /** Removes the file of media whose row says that it was erased. */
  readonly removeMedia: (media: MediaKey) => Promise<void>;
}

/**
 * Erases the messages that recorded events say were taken back, of the same user and channel alone. Call it after the events
 * are committed and before the webhook is answered: when it fails, or the process ends, the channel posts the webhook again,
 * and erasing twice changes nothing. Rejects with `store_unavailable`.
 */
export async function eraseTakenBack(
  { store, removeMedia }: ErasingDeps,
  events: readonly ChannelEvent[],
  findTargets: (event: ChannelEvent) => readonly { readonly channel: Channel }[],
): Promise<void> {
  for (const event of events) {
    if (event.erases === undefined || event.facts.type !== 'ChatAppInbound') continue;
    const userId = event.facts.user.id;
    for (const { channel } of findTargets(event)) {
      const request = { userId, channelId: channel.id };
      const media = await store.eraseMessages(channel.accountId, request, event.erases);
      await Promise.all(media.map(removeMedia));
    }
  }
}
