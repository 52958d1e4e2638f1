import { Link } from '@tanstack/react-router';
import { Tag } from 'antd';
import { api, take } from '../../api/client.ts';
import type { KeptEvent } from '../../api/model.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Page } from '../../ui/page.tsx';
import { Time } from '../../ui/time.tsx';
import { useChannelFilter, useNames } from '../channels/queries.ts';
import { rawEventsKey } from './queries.ts';
import { remarkReasons, toReason } from './remarks.ts';

const kinds = ['message', 'remarked'] as const;

/** The filter that stands in the page's address. */
function useRawEventFilter() {
  const { filters } = useFilters();
  const { channelId, since, until } = filters;
  const kind = kinds.find((one) => one === filters['kind']);
  return {
    ...{ channelId, since, until },
    reason: toReason(filters['reason']),
    ...(kind === 'message' ? { mayBeMessage: true } : kind === 'remarked' ? { remarked: true } : {}),
  };
}

/** What channels posted: what may be a user's message and was not understood, whatever gave no receipt, or everything. */
export function RawEventList() {
  const t = usePageTexts();
  return (
    <Page
      title={t('raw.list')}
      crumbs={[{ text: t('nav.messages'), to: '/messages' }]}
      hint={t('raw.list.hint')}
    >
      <FilterBar
        fields={[
          {
            kind: 'choice',
            name: 'kind',
            label: t('raw.kind'),
            options: kinds.map((value) => ({ value, label: t(`raw.kind.${value}`) })),
          },
          {
            kind: 'choice',
            name: 'reason',
            label: t('raw.reason'),
            options: remarkReasons.map((value) => ({ value, label: t(`raw.reason.${value}`) })),
          },
          useChannelFilter(),
          { kind: 'period' },
        ]}
      />
      <RawEventTable />
    </Page>
  );
}

function RawEventTable() {
  const t = usePageTexts();
  const filter = useRawEventFilter();
  const listing = useListing([...rawEventsKey, filter], (page) =>
    take(api.GET('/api/v1/raw-events', { params: { query: { ...page, ...filter } } })),
  );
  const names = useNames(listing.items);
  return (
    <ListingTable<KeptEvent>
      listing={listing}
      isNaming={names.isPending}
      label={t('raw.list')}
      empty={t('raw.empty')}
      rowKey="rawEventId"
      columns={[
        { title: t('field.time'), dataIndex: 'receivedAt', render: (at: string) => <Time at={at} /> },
        {
          title: t('channel.title'),
          dataIndex: 'channelId',
          render: (id: string) => <span title={id}>{names.channel(id)}</span>,
        },
        {
          title: t('raw.reason'),
          dataIndex: 'remarks',
          render: (remarks: KeptEvent['remarks']) => <RemarkTags remarks={remarks} />,
        },
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, { rawEventId }) => (
            <Link
              to="/raw-events/$rawEventId"
              params={{ rawEventId }}
              data-opens
              aria-label={`${t('action.open')} ${rawEventId}`}
            >
              {t('action.open')}
            </Link>
          ),
        },
      ]}
    />
  );
}

/** The first few of what is said of a raw event. */
function RemarkTags({ remarks }: { remarks: KeptEvent['remarks'] }) {
  const t = usePageTexts();
  const shown = remarks.slice(0, 3);
  return (
    <>
      {shown.map(({ index, reason, detail, mayBeMessage }) => (
        <Tag key={`${index} ${reason} ${detail}`} color={mayBeMessage ? 'orange' : 'default'}>
          {t(`raw.reason.${reason}`)} <code>{detail}</code>
        </Tag>
      ))}
      {remarks.length > shown.length && `+${remarks.length - shown.length}`}
    </>
  );
}
