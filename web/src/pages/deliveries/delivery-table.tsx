import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import type { TableColumnsType } from 'antd';
import { memo } from 'react';
import { api, take } from '../../api/client.ts';
import type { Delivery, Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { toKindText } from '../../i18n/kinds-zh.ts';
import { useLanguage, useTexts } from '../../i18n/language.tsx';
import type { Translate } from '../../i18n/language.tsx';
import { DeliveryStateTag } from '../../ui/labels.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Ago, Due, Time } from '../../ui/time.tsx';
import { toStatusText } from '../messages/event-texts.ts';
import type { DeliveryFilter } from './delivery-filter.tsx';
import { toLabel } from './destination-table.tsx';
import { OutcomeText } from './outcome.tsx';
import { deliveriesKey } from './queries.ts';
import { useReplay } from './replay.ts';
import { isWaiting, useTryNow } from './try-now.tsx';

const refreshMs = 10_000;

/** Whether nothing is tried any more, so that it can be replayed. */
export function isOver({ state }: Pick<Delivery, 'state'>): boolean {
  return state === 'dead' || state === 'done';
}

/** Deliveries that match, newest first; whoever may ticks them, replays what is over, or has tried what waits. */
export function DeliveryTable({
  filter,
  destinations,
  selected,
  onSelect,
}: {
  filter: DeliveryFilter;
  destinations: readonly Destination[];
  selected: readonly Delivery[];
  onSelect: (deliveries: readonly Delivery[]) => void;
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
          selectedRowKeys: selected.map(({ id }) => id),
          onChange: (_keys, rows) => {
            onSelect(rows);
          },
          getCheckboxProps: (delivery) => ({
            disabled: delivery.state === 'unwanted',
            'aria-label': delivery.id,
          }),
        },
      })}
      columns={[
        { title: t('field.created'), dataIndex: 'createdAt', render: (at: string) => <Time at={at} /> },
        { title: t('receipt.what'), key: 'what', render: (_value, one) => <What delivery={one} /> },
        {
          title: t('destination.title'),
          dataIndex: 'destinationId',
          render: (id: number) => <DestinationLink id={id} label={labels.get(id) ?? String(id)} />,
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

/** What kind of receipt it is, and whose. */
export const What = memo(function What({ delivery: { type, what, user } }: { delivery: Delivery }) {
  const { t, language } = useLanguage();
  return (
    <>
      <div>
        {type !== null && t(`receipt.type.${type}`)} ·{' '}
        {type === 'ChatAppStatus' ? toStatusText(what, t) : toKindText(what, language)}
      </div>
      {user !== null && <div className="faint">{user}</div>}
    </>
  );
});

const DestinationLink = memo(function DestinationLink({ id, label }: { id: number; label: string }) {
  return (
    <Link
      to="/destinations/$destinationId"
      params={{ destinationId: String(id) }}
      className="clip clip-short"
    >
      {label}
    </Link>
  );
});

/** How far a delivery has come, how its last try ended, and when it is tried next. */
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
    {
      title: t('delivery.last_try'),
      dataIndex: 'lastTry',
      render: (lastTry: Delivery['lastTry'], { attempts }) =>
        lastTry === null ? (
          '—'
        ) : (
          <>
            <OutcomeText outcome={lastTry.outcome} status={lastTry.status} />
            <div className="faint">
              <Ago at={lastTry.at} /> · {t('delivery.try_number', { count: attempts })}
            </div>
          </>
        ),
    },
    {
      title: t('delivery.due'),
      dataIndex: 'dueAt',
      render: (_at: string, delivery) => <Next delivery={delivery} />,
    },
  ];
}

/** When it is tried next; when it ended, of one that is over. */
function Next({ delivery: { state, dueAt } }: { delivery: Delivery }) {
  const t = useTexts();
  if (state === 'waiting') return <Due at={dueAt} />;
  return state === 'done' || state === 'dead' ? <Ago at={dueAt} /> : t('delivery.no_time');
}

/** Not drawn again with its list, as by a tick of one of the rows. */
const RowActions = memo(function RowActions({ delivery }: { delivery: Delivery }) {
  const t = useTexts();
  const mayReplay = useIsAtLeast('operator');
  const replay = useReplay();
  const tryNow = useTryNow();
  const { id, receiptId } = delivery;
  return (
    <span className="row">
      <Link
        to="/receipts/$receiptId"
        params={{ receiptId }}
        data-opens
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
      {mayReplay && isWaiting(delivery) && (
        <Button
          type="link"
          size="small"
          aria-label={`${t('try_now.do')} ${id}`}
          onClick={() => {
            tryNow.mutate(id);
          }}
        >
          {t('try_now.do')}
        </Button>
      )}
    </span>
  );
});
