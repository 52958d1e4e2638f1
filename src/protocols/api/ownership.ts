// Finding what belongs to the caller: another account's is as good as none, with the same answer.
import type { AccountId } from '../../domain/account.ts';
import type { Channel, Sender } from '../../domain/channel.ts';
import type { Store } from '../../store/store.ts';
import { notFound } from './route.ts';

/** Finds the account's own channel. Throws `not_found`. */
export async function findChannel(
  store: Pick<Store, 'findChannel'>,
  accountId: AccountId,
  channelId: string,
): Promise<Channel> {
  const channel = await store.findChannel(channelId);
  if (channel?.accountId !== accountId) throw notFound('channel');
  return channel;
}

/** Finds a sender of the account's own channel. Throws `not_found`. */
export async function findSender(
  store: Pick<Store, 'findChannel' | 'findSender'>,
  accountId: AccountId,
  channelId: string,
  senderId: string,
): Promise<Sender> {
  await findChannel(store, accountId, channelId);
  const sender = await store.findSender(channelId, toBareDigits(senderId));
  if (sender === undefined) throw notFound('sender');
  return sender;
}

/** Phone numbers are kept in bare digits, however they are written. */
export function toBareDigits(senderId: string): string {
  return /^\+\d+$/.test(senderId) ? senderId.slice(1) : senderId;
}
