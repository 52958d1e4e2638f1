// Tokens that end and can be renewed by whoever holds them: an Instagram login's lives 60 days (docs/protocols/messenger-instagram.md).
import type { Connector } from '../../channels/channel.ts';
import { system } from '../../domain/account.ts';
import type { Channel, ChannelType } from '../../domain/channel.ts';
import type { Store } from '../../store/store.ts';

interface RenewalDeps {
  readonly store: Pick<Store, 'findChannel' | 'changeChannel'>;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly now: () => number;
}

/** A token is renewed once less than this is left of it: half of its life, so that weeks of failed tries do no harm. */
const renewAheadMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Renews the access token of a channel whose kind of token can be renewed, where its end is near or was never told, and keeps
 * the new one with its end. Resolves to the channel as it is then. A vendor that refuses leaves it as it was, for the next try:
 * a token younger than a day cannot be renewed. A token that somebody has replaced meanwhile stays.
 */
export async function renewToken(
  { store, connectors, now }: RenewalDeps,
  channel: Channel,
): Promise<Channel> {
  const { accessToken, accessTokenUntil } = channel.credentials;
  const endsAt = Date.parse(accessTokenUntil ?? '');
  if (accessToken === undefined || endsAt - now() > renewAheadMs) return channel;
  const renewed = await connectors[channel.type]?.renewToken?.(channel);
  if (renewed === undefined || renewed === null || 'fault' in renewed) return channel;
  const current = await store.findChannel(channel.id);
  if (current?.credentials['accessToken'] !== accessToken) return current ?? channel;
  const { id, accountId } = current;
  const credentials = {
    ...current.credentials,
    accessToken: renewed.accessToken,
    accessTokenUntil: new Date(renewed.endsAt).toISOString(),
  };
  const isKept = await store.changeChannel(accountId, id, { credentials }, system, current.credentials);
  return isKept ? { ...current, credentials } : ((await store.findChannel(id)) ?? channel);
}
