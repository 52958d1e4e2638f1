import { Link } from '@tanstack/react-router';
import { Button, Empty } from 'antd';
import type { TableColumnsType } from 'antd';
import type { Destination } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
import { useFilters } from '../../ui/filter.tsx';
import { DestinationPauseNote, DestinationStateTag } from '../../ui/labels.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { DataTable } from '../../ui/table.tsx';
import type { useDestinations } from './queries.ts';

/** The service counts no further than this. */
const maxCounted = 1000;
const rowsOfPage = 10;

function toCount(count: number): string {
  return count < maxCounted ? count.toLocaleString() : `${maxCounted.toLocaleString()}+`;
}

/** What a callback URL is called where it is one of several. */
export function toLabel({ name, url }: Pick<Destination, 'name' | 'url'>): string {
  return name === '' ? url : `${name} (${url})`;
}

/** Callback URLs in the order in which they are given, with what waits for each, and a button that filters the page by one. */
export function DestinationTable({ destinations }: { destinations: ReturnType<typeof useDestinations> }) {
  const t = useTexts();
  const { data, error, isPending, refetch } = destinations;
  if (error !== null && data === undefined)
    return <ProblemAlert error={error} retry={() => void refetch()} />;
  return (
    <DataTable<Destination>
      label={t('destinations.title')}
      rowKey="id"
      size="middle"
      loading={isPending}
      dataSource={data ?? []}
      pagination={(data?.length ?? 0) > rowsOfPage ? { pageSize: rowsOfPage } : false}
      locale={{
        emptyText: isPending ? (
          ' '
        ) : (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('destinations.empty')} />
        ),
      }}
      columns={[...toPlaceColumns(t), ...toCountColumns(t), toActionColumn(t)]}
    />
  );
}

function toPlaceColumns(t: Translate): TableColumnsType<Destination> {
  return [
    {
      title: t('destination.title'),
      dataIndex: 'url',
      render: (_url: string, destination) => (
        <Link
          to="/destinations/$destinationId"
          params={{ destinationId: String(destination.id) }}
          className="clip"
        >
          {toLabel(destination)}
        </Link>
      ),
    },
    {
      title: t('field.state'),
      dataIndex: 'state',
      render: (value: Destination['state'], { stateReason, pause }) => (
        <>
          <DestinationStateTag state={value} /> {value !== 'active' && stateReason}
          <DestinationPauseNote pause={pause} />
        </>
      ),
    },
  ];
}

function toCountColumns(t: Translate): TableColumnsType<Destination> {
  return (['waiting', 'unwanted', 'dead'] as const).map((state) => ({
    title: t(`delivery.state.${state}`),
    dataIndex: state,
    align: 'right',
    render: toCount,
  }));
}

function toActionColumn(t: Translate): TableColumnsType<Destination>[number] {
  return {
    title: t('field.action'),
    key: 'action',
    render: (_value, destination) => <ShowDeliveries destination={destination} />,
  };
}

function ShowDeliveries({ destination: { id, url } }: { destination: Destination }) {
  const t = useTexts();
  const { setFilter } = useFilters();
  return (
    <Button
      type="link"
      size="small"
      aria-label={`${t('destination.deliveries')} ${url}`}
      onClick={() => {
        setFilter('destinationId', String(id));
      }}
    >
      {t('destination.deliveries')}
    </Button>
  );
}
