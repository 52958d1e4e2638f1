import { Link } from '@tanstack/react-router';
import { Button, Empty } from 'antd';
import type { TableColumnsType } from 'antd';
import type { Destination } from '../../api/model.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
import { useFilters } from '../../ui/filter.tsx';
import { DestinationPauseNote, DestinationStateTag } from '../../ui/labels.tsx';
import { DataTable } from '../../ui/table.tsx';
import { StateReason } from './state-reason.tsx';
import { TryAll } from './try-now.tsx';

/** The service counts no further than this. */
const maxCounted = 1000;

export function toCount(count: number): string {
  return count < maxCounted ? count.toLocaleString() : `${maxCounted.toLocaleString()}+`;
}

/** What a callback URL is called where it is one of several. */
export function toLabel({ name, url }: Pick<Destination, 'name' | 'url'>): string {
  return name === '' ? url : `${name} (${url})`;
}

/** Callback URLs in the order in which they are given, with what waits for each, and a button that filters the page by one. */
export function DestinationTable({ destinations }: { destinations: readonly Destination[] }) {
  const t = useTexts();
  return (
    <DataTable<Destination>
      label={t('destinations.title')}
      rowKey="id"
      size="middle"
      dataSource={[...destinations]}
      rowsOfPage={10}
      locale={{
        emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('destinations.empty')} />,
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
      render: (value: Destination['state'], destination) => (
        <>
          <DestinationStateTag state={value} /> {value !== 'active' && <StateReason reason={destination} />}
          <DestinationPauseNote pause={destination.pause} />
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
    render: (count: number, destination) =>
      state === 'waiting' ? <Waiting destination={destination} /> : toCount(count),
  }));
}

/** How many wait, and how many of them only for their turn. */
function Waiting({ destination: { waiting, blocked } }: { destination: Destination }) {
  const t = useTexts();
  return (
    <>
      {toCount(waiting)}
      {blocked > 0 && <div className="faint">{t('delivery.blocked', { count: toCount(blocked) })}</div>}
    </>
  );
}

function toActionColumn(t: Translate): TableColumnsType<Destination>[number] {
  return {
    title: t('field.action'),
    key: 'action',
    render: (_value, destination) => (
      <span className="row">
        <ShowDeliveries destination={destination} />
        <TryAll destination={destination} isLink />
      </span>
    ),
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
