import { useQuery } from '@tanstack/react-query';
import { api, takeVersioned } from '../../api/client.ts';

export const queuesKey = ['queues'] as const;

/** One queue, followed while it is looked at. */
export function useQueue(name: string) {
  return useQuery({
    queryKey: [...queuesKey, name, 'one'],
    queryFn: () => takeVersioned(api.GET('/api/v1/queues/{name}', { params: { path: { name } } })),
    refetchInterval: 5000,
  });
}

export function peekKey(name: string) {
  return [...queuesKey, name, 'peek'] as const;
}
