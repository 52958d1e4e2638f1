// Finding what belongs to the account that asks: another account's is as good as none, with the same answer.
import type { AccountId, Principal } from '../../domain/account.ts';
import type { Channel, ChannelType, Sender } from '../../domain/channel.ts';
import { notFound } from '../../domain/errors.ts';
import type { Expected } from '../../domain/version.ts';
import type { Store } from '../../store/store.ts';

/** Who is at work on a channel, for its account, and as what he saw it, where he said so. */
export interface ChannelOwner extends Principal {
  readonly expected?: Expected | undefined;
}

/** The channel, where it is the account's own. Throws `not_found`. */
export function requireOwn(channel: Channel | undefined, accountId: AccountId): Channel {
  if (channel?.accountId !== accountId) throw notFound('channel');
  return channel;
}

/** Where senders are found, and whose their channels are. */
export type SenderStore = Pick<Store, 'findChannel' | 'findSender'>;

/** Finds the account's own channel. Throws `not_found`. */
export async function findChannel(
  store: Pick<Store, 'findChannel'>,
  accountId: AccountId,
  channelId: string,
): Promise<Channel> {
  return requireOwn(await store.findChannel(channelId), accountId);
}

/**
 * The channel that is meant where none is named: the account's only one of a type, or its sandbox where it has none of that type.
 * Resolves to undefined where that could be several, or none.
 */
export async function findOnlyChannel(
  store: Pick<Store, 'listChannels'>,
  accountId: AccountId,
  type: ChannelType,
): Promise<Channel | undefined> {
  const channels = await store.listChannels(accountId);
  const ofType = channels.filter((channel) => channel.type === type);
  const [channel, ...others] =
    ofType.length > 0 ? ofType : channels.filter((candidate) => candidate.type === 'sandbox');
  return others.length > 0 ? undefined : channel;
}

/** Finds a sender of the account's own channel, however its number is written. Throws `not_found`. */
export async function findSender(
  store: SenderStore,
  accountId: AccountId,
  channelId: string,
  senderId: string,
): Promise<Sender> {
  await findChannel(store, accountId, channelId);
  const sender = await store.findSender(channelId, toBareDigits(senderId));
  if (sender === undefined) throw notFound('sender');
  return sender;
}

/** Phone numbers are kept in bare digits; one that begins with its plus may be written with blanks, hyphens, dots and brackets too. */
export function toBareDigits(text: string): string {
  const digits = /^\s*\+[\d\s().-]+$/.test(text) ? text.replace(/\D/g, '') : '';
  return digits === '' ? text : digits;
}
