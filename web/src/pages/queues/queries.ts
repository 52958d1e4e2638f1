import { useQuery } from '@tanstack/react-query';
import { api, take, takeVersioned } from '../../api/client.ts';

export const queuesKey = ['queues'] as const;

/** One queue, followed while it is looked at. */
export function useQueue(name: string) {
  return useQuery({
    queryKey: [...queuesKey, name, 'one'],
    queryFn: () => takeVersioned(api.GET('/api/v1/queues/{name}', { params: { path: { name } } })),
    refetchInterval: 5000,
  });
}

/** What would be received from a queue next. */
export function usePeek(name: string) {
  return useQuery({
    queryKey: [...queuesKey, name, 'peek'],
    queryFn: () => take(api.GET('/api/v1/queues/{name}/messages', { params: { path: { name } } })),
  });
}
