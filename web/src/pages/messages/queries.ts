import { useQuery } from '@tanstack/react-query';
import { api, take } from '../../api/client.ts';

export const messagesKey = ['messages'] as const;
export const rawEventsKey = ['raw-events'] as const;

/** One message with all that happened to it, followed while it is looked at. */
export function useMessage(messageId: string) {
  return useQuery({
    queryKey: [...messagesKey, messageId],
    queryFn: () => take(api.GET('/api/v1/messages/{messageId}', { params: { path: { messageId } } })),
    refetchInterval: 3000,
  });
}
