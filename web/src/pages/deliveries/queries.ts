import { useQuery } from '@tanstack/react-query';
import { api, take, takeVersioned } from '../../api/client.ts';
import type { Destination } from '../../api/model.ts';

export const destinationsKey = ['destinations'] as const;

/** Every callback URL of the account, those that fail first. */
export function useDestinations(refetchInterval: number | false = false) {
  return useQuery({
    queryKey: [...destinationsKey, 'all'],
    queryFn: async () => {
      const { items } = await take(api.GET('/api/v1/destinations'));
      return [...items].sort((one, other) => troubles[other.state] - troubles[one.state]);
    },
    refetchInterval,
  });
}

const troubles: Readonly<Record<Destination['state'], number>> = { active: 0, off: 1, opened: 2 };

export function destinationKey(destinationId: string) {
  return [...destinationsKey, destinationId] as const;
}

/** One callback URL, followed while it is looked at: its breaker opens and closes by itself. */
export function useDestination(destinationId: string) {
  return useQuery({
    queryKey: destinationKey(destinationId),
    queryFn: () =>
      takeVersioned(api.GET('/api/v1/destinations/{destinationId}', { params: { path: { destinationId } } })),
    refetchInterval: 5000,
  });
}

export const deliveriesKey = ['deliveries'] as const;
