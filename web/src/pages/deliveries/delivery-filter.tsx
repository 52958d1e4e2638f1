import type { Delivery, Destination } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { toLabel } from './destination-table.tsx';

const states = [
  'dead',
  'waiting',
  'blocked',
  'unwanted',
  'done',
] as const satisfies readonly Delivery['state'][];

/** What the list of deliveries is narrowed to. */
export interface DeliveryFilter {
  readonly state?: (typeof states)[number];
  readonly destinationId?: number;
  readonly since?: string;
  readonly until?: string;
}

/** The filter that stands in the page's address. */
export function useDeliveryFilter(): DeliveryFilter {
  const { filters } = useFilters();
  const { destinationId, since, until } = filters;
  const state = states.find((one) => one === filters['state']);
  return {
    ...(state !== undefined && { state }),
    ...(destinationId !== undefined && { destinationId: Number(destinationId) }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

export function DeliveryFilterBar({ destinations }: { destinations: readonly Destination[] }) {
  const t = useTexts();
  return (
    <FilterBar
      fields={[
        {
          kind: 'choice',
          name: 'state',
          label: t('field.state'),
          options: states.map((value) => ({ value, label: t(`delivery.state.${value}`) })),
        },
        {
          kind: 'choice',
          name: 'destinationId',
          label: t('destination.title'),
          options: destinations.map((one) => ({ value: String(one.id), label: toLabel(one) })),
        },
        { kind: 'period' },
      ]}
    />
  );
}
