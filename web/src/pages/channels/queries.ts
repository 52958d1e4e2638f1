import { useQuery } from '@tanstack/react-query';
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
  const options = (data?.items ?? []).map(({ id }) => ({ value: id, label: id }));
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

export function useSenders(channelId: string) {
  return useQuery({
    queryKey: [...sendersKey(channelId), 'all'],
    queryFn: () => take(api.GET('/api/v1/channels/{channelId}/senders', { params: { path: { channelId } } })),
    enabled: channelId !== '',
  });
}

export function senderWebhookKey(channelId: string, senderId: string) {
  return [...sendersKey(channelId), senderId, 'webhook'] as const;
}

export function useSenderWebhook(channelId: string, senderId: string) {
  return useQuery({
    queryKey: senderWebhookKey(channelId, senderId),
    queryFn: () =>
      takeVersioned(
        api.GET('/api/v1/channels/{channelId}/senders/{senderId}/webhook', {
          params: { path: { channelId, senderId } },
        }),
      ),
  });
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
