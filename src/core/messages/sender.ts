// Who a message goes out from.
import type { AccountId } from '../../domain/account.ts';
import type { Sender } from '../../domain/channel.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Directory } from '../../store/directory.ts';
import type { Surface } from './content.ts';
import type { GivenSender } from './given-message.ts';

/** The sender of the account that is named. Throws a refusal for what names none. */
export async function findNamedSender(
  directory: Pick<Directory, 'senders'>,
  accountId: AccountId,
  { from, channelType, channel }: GivenSender,
): Promise<Sender> {
  if (!/^\d{1,30}$/.test(from))
    throw new Refusal('sender_not_numeric', 'From has to be digits, without a plus.');
  const senders = await directory.senders(accountId);
  const found = senders.filter(
    (sender) =>
      sender.id === from &&
      sender.type === channelType &&
      (channel === undefined || sender.channelId === channel.id),
  );
  // A number that is played by the sandbox stands behind the real one.
  const sender = found.find(({ channelId }) => !/^sandbox(-\d+)?$/.test(channelId)) ?? found[0];
  if (sender !== undefined) return sender;
  throw new Refusal(
    'sender_unknown',
    `This account has no ${channelType} sender ${from}${channel === undefined ? '' : ` on ${channel.id}`}.`,
  );
}

/** Viber has two APIs with limits of their own under one channel type. */
export async function findSurface(
  directory: Pick<Directory, 'channel'>,
  { type, channelId }: Sender,
): Promise<Surface> {
  if (type !== 'viber') return type;
  const channel = await directory.channel(channelId);
  return channel?.type === 'viber' && channel.credentials['authToken'] !== undefined ? 'viberBot' : type;
}
