import { api, take } from '../../api/client.ts';
import { useTexts } from '../../i18n/language.tsx';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { ListTools } from '../../ui/list-tools.tsx';
import { useListing } from '../../ui/listing.tsx';
import { Page } from '../../ui/page.tsx';
import { useChannelFilter } from '../channels/queries.ts';
import { toReceiptType, useReceiptTypeFilter } from './receipt-types.ts';
import { ReceiptTable } from './receipt-table.tsx';

/** Every receipt, statuses and audits too, by type, channel and time. */
export function ReceiptList() {
  const t = useTexts();
  const { filters } = useFilters();
  const { channelId, messageId, since, until } = filters;
  const filter = { type: toReceiptType(filters['type']), channelId, messageId, since, until };
  const listing = useListing(['receipts', filter], (page) =>
    take(api.GET('/api/v1/receipts', { params: { query: { ...page, ...filter } } })),
  );
  return (
    <Page
      title={t('receipts.title')}
      crumbs={[{ text: t('nav.messages'), to: '/messages' }]}
      hint={t('receipts.hint')}
    >
      <FilterBar
        fields={[
          useReceiptTypeFilter(),
          useChannelFilter(),
          { kind: 'text', name: 'messageId', label: t('message.id') },
          { kind: 'period' },
        ]}
      />
      <ListTools
        name="receipts"
        filter={filter}
        fetchCount={() => take(api.GET('/api/v1/counts/receipts', { params: { query: filter } }))}
      />
      <ReceiptTable listing={listing} empty={t('receipts.empty')} />
    </Page>
  );
}
