import { api, take } from '../../api/client.ts';
import { useChange } from '../../ui/change.ts';
import { deliveriesKey, destinationsKey } from './queries.ts';

/** Makes one delivery that is over due again. */
export function useReplay() {
  return useChange(
    (deliveryId: string) =>
      take(api.POST('/api/v1/deliveries/{deliveryId}/replay', { params: { path: { deliveryId } } })),
    {
      done: 'delivery.replayed',
      refresh: [deliveriesKey, destinationsKey, ['receipts'], ['messages'], ['overview']],
    },
  );
}
