import { queryOptions, useQueries, useQuery } from '@tanstack/react-query';
import { api, take, takeVersioned } from '../../api/client.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { FilterField } from '../../ui/filter.tsx';

export const channelsKey = ['channels'] as const;

/** Every channel of the account. */
export function useChannels() {
  return useQuery({
    queryKey: channelsKey,
    queryFn: () => take(api.GET('/api/v1/channels')),
    staleTime: 30_000,
  });
}

/** A page's filter by channel. */
export function useChannelFilter(): FilterField {
  const t = useTexts();
  const { data } = useChannels();
  const options = (data?.items ?? []).map(({ id, name }) => ({
    value: id,
    label: name === '' || name === id ? id : `${name} (${id})`,
  }));
  return { kind: 'choice', name: 'channelId', label: t('channel.title'), options };
}

export function channelKey(channelId: string) {
  return [...channelsKey, channelId] as const;
}

export function useChannel(channelId: string) {
  return useQuery({
    queryKey: [...channelKey(channelId), 'one'],
    queryFn: () =>
      takeVersioned(api.GET('/api/v1/channels/{channelId}', { params: { path: { channelId } } })),
  });
}

export function sendersKey(channelId: string) {
  return [...channelKey(channelId), 'senders'] as const;
}

const sendersQuery = (channelId: string) =>
  queryOptions({
    queryKey: [...sendersKey(channelId), 'all'],
    queryFn: () => take(api.GET('/api/v1/channels/{channelId}/senders', { params: { path: { channelId } } })),
  });

export function useSenders(channelId: string) {
  return useQuery({ ...sendersQuery(channelId), enabled: channelId !== '' });
}

/** Every channel of the account, with its senders. */
export function useEverySender() {
  const { data, isPending } = useChannels();
  const channels = data?.items ?? [];
  return useQueries({
    queries: channels.map(({ id }) => ({ ...sendersQuery(id), staleTime: 30_000 })),
    combine: (found) => ({
      isPending: isPending || found.some((senders) => senders.isPending),
      channels: channels.map(({ id, name }, at) => ({ id, name, senders: found[at]?.data?.items ?? [] })),
    }),
  });
}

/** What the channels of a list, and their senders, are called; an id where there is no name, or not any more. */
export function useNames(listed: readonly { readonly channelId: string }[]): {
  /** Whether they are still asked for. */
  readonly isPending: boolean;
  readonly channel: (channelId: string) => string;
  readonly sender: (channelId: string, senderId: string) => string;
} {
  const asked = useChannels();
  const channels = asked.data?.items ?? [];
  const ids = [...new Set(listed.map(({ channelId }) => channelId))];
  const there = ids.filter((id) => channels.some((channel) => channel.id === id));
  const senders = useQueries({
    queries: there.map((id) => ({ ...sendersQuery(id), staleTime: 30_000 })),
    combine: (found) => ({
      isPending: found.some(({ isPending }) => isPending),
      items: found.flatMap(({ data }) => data?.items ?? []),
    }),
  });
  const names = new Map(senders.items.map(({ channelId, id, name }) => [`${channelId} ${id}`, name]));
  return {
    isPending: asked.isPending || senders.isPending,
    channel: (channelId) => channels.find(({ id }) => id === channelId)?.name || channelId,
    sender: (channelId, senderId) => names.get(`${channelId} ${senderId}`) || senderId,
  };
}

function senderWebhookKey(channelId: string, senderId: string) {
  return [...sendersKey(channelId), senderId, 'webhook'] as const;
}

/** The question for a sender's webhook settings. */
export function toSenderWebhookQuery(channelId: string, senderId: string) {
  return queryOptions({
    queryKey: senderWebhookKey(channelId, senderId),
    queryFn: () =>
      takeVersioned(
        api.GET('/api/v1/channels/{channelId}/senders/{senderId}/webhook', {
          params: { path: { channelId, senderId } },
        }),
      ),
  });
}

export function useSenderWebhook(channelId: string, senderId: string) {
  return useQuery(toSenderWebhookQuery(channelId, senderId));
}

/** What hangs on a channel, or on one of its senders. */
export function fetchDependents(channelId: string, senderId?: string) {
  const query = senderId === undefined ? {} : { senderId };
  return take(api.GET('/api/v1/channels/{channelId}/dependents', { params: { path: { channelId }, query } }));
}

/** What hangs on a channel; asked anew for each dialog. */
export function useDependents(channelId: string, isOpen: boolean) {
  return useQuery({
    queryKey: [...channelKey(channelId), 'dependents'],
    queryFn: () => fetchDependents(channelId),
    enabled: isOpen,
    gcTime: 0,
  });
}

export function channelWebhookKey(channelId: string) {
  return [...channelKey(channelId), 'webhook'] as const;
}

export function useChannelWebhook(channelId: string) {
  return useQuery({
    queryKey: channelWebhookKey(channelId),
    queryFn: () =>
      takeVersioned(api.GET('/api/v1/channels/{channelId}/webhook', { params: { path: { channelId } } })),
  });
}
