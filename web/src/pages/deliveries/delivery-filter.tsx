import type { Delivery, Destination } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { toReceiptType, useReceiptTypeFilter } from '../messages/receipt-types.ts';
import { toLabel } from './destination-table.tsx';
import { outcomes, toOutcomeText } from './outcome.tsx';
import type { Outcome } from './outcome.tsx';

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
  readonly type?: NonNullable<Delivery['type']>;
  readonly user?: string;
  readonly outcome?: Outcome;
  readonly status?: number;
  readonly since?: string;
  readonly until?: string;
}

/** The filter that stands in the page's address. */
export function useDeliveryFilter(): DeliveryFilter {
  const { filters } = useFilters();
  const { destinationId, user, since, until } = filters;
  const state = states.find((one) => one === filters['state']);
  const type = toReceiptType(filters['type']);
  const outcome = outcomes.find((one) => one === filters['outcome']);
  const status = Number(filters['status']);
  return {
    ...(state !== undefined && { state }),
    ...(destinationId !== undefined && { destinationId: Number(destinationId) }),
    ...(type !== undefined && { type }),
    ...(user !== undefined && { user }),
    ...(outcome !== undefined && { outcome }),
    ...(status >= 100 && status <= 999 && { status: Math.trunc(status) }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

export function DeliveryFilterBar({ destinations }: { destinations: readonly Destination[] }) {
  const t = useTexts();
  const type = useReceiptTypeFilter();
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
        type,
        { kind: 'text', name: 'user', label: t('deliveries.user') },
        {
          kind: 'choice',
          name: 'outcome',
          label: t('delivery.last_try'),
          options: outcomes.map((value) => ({ value, label: toOutcomeText(value, t) })),
        },
        { kind: 'text', name: 'status', label: t('deliveries.status') },
        { kind: 'period' },
      ]}
    />
  );
}
