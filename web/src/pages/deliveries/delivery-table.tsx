import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import type { TableColumnsType } from 'antd';
import { api, take } from '../../api/client.ts';
import type { Delivery, Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
import { DeliveryStateTag } from '../../ui/labels.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Ago, Time } from '../../ui/time.tsx';
import type { DeliveryFilter } from './delivery-filter.tsx';
import { toLabel } from './destination-table.tsx';
import { deliveriesKey } from './queries.ts';
import { useReplay } from './replay.ts';

const refreshMs = 10_000;

/** Whether nothing is tried any more, so that it can be replayed. */
function isOver({ state }: Pick<Delivery, 'state'>): boolean {
  return state === 'dead' || state === 'done';
}

/** Deliveries that match, newest first; whoever may replay ticks those that are over, or replays one. */
export function DeliveryTable({
  filter,
  destinations,
  selected,
  onSelect,
}: {
  filter: DeliveryFilter;
  destinations: readonly Destination[];
  selected: readonly string[];
  onSelect: (deliveryIds: readonly string[]) => void;
}) {
  const t = useTexts();
  const mayReplay = useIsAtLeast('operator');
  const listing = useListing(
    [...deliveriesKey, filter],
    (page) => take(api.GET('/api/v1/deliveries', { params: { query: { ...page, ...filter } } })),
    { refetchInterval: refreshMs },
  );
  const labels = new Map(destinations.map((one) => [one.id, toLabel(one)]));
  return (
    <ListingTable<Delivery>
      listing={listing}
      label={t('nav.deliveries')}
      empty={t('deliveries.empty')}
      rowKey="id"
      {...(mayReplay && {
        rowSelection: {
          selectedRowKeys: [...selected],
          onChange: (keys) => {
            onSelect(keys.map(String));
          },
          getCheckboxProps: (delivery) => ({ disabled: !isOver(delivery), 'aria-label': delivery.id }),
        },
      })}
      columns={[
        { title: t('field.created'), dataIndex: 'createdAt', render: (at: string) => <Time at={at} /> },
        {
          title: t('destination.title'),
          dataIndex: 'destinationId',
          render: (id: number) => <span className="clip">{labels.get(id) ?? id}</span>,
        },
        ...toProgressColumns(t),
        {
          title: t('field.action'),
          key: 'action',
          render: (_value, delivery) => <RowActions delivery={delivery} />,
        },
      ]}
    />
  );
}

/** How far a delivery has come, and when it is tried next. */
function toProgressColumns(t: Translate): TableColumnsType<Delivery> {
  return [
    {
      title: t('field.state'),
      dataIndex: 'state',
      render: (state: Delivery['state'], { unwantedSince }) => (
        <>
          <DeliveryStateTag state={state} /> {unwantedSince !== null && <Time at={unwantedSince} />}
        </>
      ),
    },
    { title: t('delivery.tries'), dataIndex: 'attempts', align: 'right' },
    {
      title: t('delivery.due'),
      dataIndex: 'dueAt',
      render: (at: string, { state }) => (state === 'waiting' ? <Ago at={at} /> : <Time at={at} />),
    },
  ];
}

function RowActions({ delivery }: { delivery: Delivery }) {
  const t = useTexts();
  const mayReplay = useIsAtLeast('operator');
  const replay = useReplay();
  const { id, receiptId } = delivery;
  return (
    <span className="row">
      <Link
        to="/receipts/$receiptId"
        params={{ receiptId }}
        aria-label={`${t('receipt.timeline')} ${receiptId}`}
      >
        {t('receipt.timeline')}
      </Link>
      {mayReplay && isOver(delivery) && (
        <Button
          type="link"
          size="small"
          aria-label={`${t('delivery.replay')} ${id}`}
          onClick={() => {
            replay.mutate(id);
          }}
        >
          {t('delivery.replay')}
        </Button>
      )}
    </span>
  );
}
