import { api, take } from '../../api/client.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ChoiceFilter, PeriodFilter, TextFilter, useFilters } from '../../ui/filter.tsx';
import { useListing } from '../../ui/listing.tsx';
import { Page } from '../../ui/page.tsx';
import { useChannels } from '../channels/queries.ts';
import { receiptTypes, toReceiptType } from './receipt-types.ts';
import { ReceiptTable } from './receipt-table.tsx';

/** Every receipt, statuses and audits too, by type, channel and time. */
export function ReceiptList() {
  const t = useTexts();
  const { filters, setFilter, setFilters } = useFilters();
  const channels = useChannels();
  const { type, channelId, messageId, since, until } = filters;
  const listing = useListing(['receipts', { type, channelId, messageId, since, until }], (page) =>
    take(
      api.GET('/api/v1/receipts', {
        params: { query: { ...page, type: toReceiptType(type), channelId, messageId, since, until } },
      }),
    ),
  );
  return (
    <Page
      title={t('receipts.title')}
      crumbs={[{ text: t('nav.messages'), to: '/messages' }]}
      hint={t('receipts.hint')}
    >
      <div className="filters">
        <ChoiceFilter
          label={t('receipt.type')}
          value={type}
          options={receiptTypes.map((value) => ({ value, label: t(`receipt.type.${value}`) }))}
          onChange={(value) => {
            setFilter('type', value);
          }}
        />
        <ChoiceFilter
          label={t('channel.title')}
          value={channelId}
          options={(channels.data?.items ?? []).map(({ id }) => ({ value: id, label: id }))}
          onChange={(value) => {
            setFilter('channelId', value);
          }}
        />
        <TextFilter
          label={t('message.id')}
          value={messageId}
          onChange={(value) => {
            setFilter('messageId', value);
          }}
        />
        <PeriodFilter
          since={since}
          until={until}
          onChange={(from, to) => {
            setFilters({ since: from, until: to });
          }}
        />
      </div>
      <ReceiptTable listing={listing} empty={t('receipts.empty')} />
    </Page>
  );
}
