import { Link } from '@tanstack/react-router';
import { Button, Empty } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Delivery, Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { DeliveryStateTag, DestinationPauseNote, DestinationStateTag } from '../../ui/labels.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Page } from '../../ui/page.tsx';
import { ProblemAlert } from '../../ui/problem.tsx';
import { Ago, Time } from '../../ui/time.tsx';
import { deliveriesKey, useDestinations } from './queries.ts';
import { GiveUp } from './backlog.tsx';
import { useReplay } from './replay.ts';
import { ReplayMany } from './replay-many.tsx';
import type { Replay } from './replay-many.tsx';
import { DataTable } from '../../ui/table.tsx';

const states = [
  'dead',
  'waiting',
  'blocked',
  'unwanted',
  'done',
] as const satisfies readonly Delivery['state'][];

/** The service counts no further than this. */
const maxCounted = 1000;

function toCount(count: number): string {
  return count < maxCounted ? count.toLocaleString() : `${maxCounted.toLocaleString()}+`;
}

function toLabel({ name, url }: Pick<Destination, 'name' | 'url'>): string {
  return name === '' ? url : `${name} (${url})`;
}

/** Callback URLs, failing ones first, and deliveries by state and URL with their replay. */
export function DeliveryList() {
  const t = useTexts();
  const mayReplay = useIsAtLeast('operator');
  const { filters, setFilter } = useFilters();
  const destinations = useDestinations(10_000);
  const [selected, setSelected] = useState<readonly string[]>([]);
  const [replay, setReplay] = useState<Replay | null>(null);
  const [isGivingUp, setGivingUp] = useState(false);
  const replayOne = useReplay();
  const { destinationId, since, until } = filters;
  const state = states.find((one) => one === filters['state']);
  const filter = {
    ...(state !== undefined && { state }),
    ...(destinationId !== undefined && { destinationId: Number(destinationId) }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  const listing = useListing(
    [...deliveriesKey, filter],
    (page) => take(api.GET('/api/v1/deliveries', { params: { query: { ...page, ...filter } } })),
    { refetchInterval: 10_000 },
  );
  const urls = new Map(destinations.data?.map((one) => [one.id, toLabel(one)]));
  // A replay of everything needs an end to go by.
  const canReplayAll = destinationId !== undefined || since !== undefined;
  const isOver = (one: Delivery['state']): boolean => one === 'dead' || one === 'done';
  return (
    <Page title={t('nav.deliveries')} hint={t('deliveries.hint')}>
      <h2 className="section-head">{t('destinations.title')}</h2>
      {destinations.error !== null && destinations.data === undefined ? (
        <ProblemAlert error={destinations.error} retry={() => void destinations.refetch()} />
      ) : (
        <DataTable<Destination>
          label={t('destinations.title')}
          rowKey="id"
          size="middle"
          loading={destinations.isPending}
          dataSource={destinations.data ?? []}
          pagination={(destinations.data?.length ?? 0) > 10 ? { pageSize: 10 } : false}
          locale={{
            emptyText: destinations.isPending ? (
              ' '
            ) : (
              <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('destinations.empty')} />
            ),
          }}
          columns={[
            {
              title: t('destination.title'),
              dataIndex: 'url',
              render: (_url: string, { id, name, url }) => (
                <Link
                  to="/destinations/$destinationId"
                  params={{ destinationId: String(id) }}
                  className="clip"
                >
                  {toLabel({ name, url })}
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
            {
              title: t('delivery.state.waiting'),
              dataIndex: 'waiting',
              align: 'right',
              render: toCount,
            },
            { title: t('delivery.state.unwanted'), dataIndex: 'unwanted', align: 'right', render: toCount },
            { title: t('delivery.state.dead'), dataIndex: 'dead', align: 'right', render: toCount },
            {
              title: t('field.action'),
              key: 'action',
              render: (_value, { id, url }) => (
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
              ),
            },
          ]}
        />
      )}
      <h2 className="section-head">{t('nav.deliveries')}</h2>
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
            options: (destinations.data ?? []).map(({ id, name, url }) => ({
              value: String(id),
              label: toLabel({ name, url }),
            })),
          },
          { kind: 'period' },
        ]}
      />
      {mayReplay && (
        <div className="row">
          <Button
            disabled={selected.length === 0}
            onClick={() => {
              setReplay({ kind: 'selected', deliveryIds: selected });
            }}
          >
            {t('replay.selected', { count: selected.length })}
          </Button>
          <Button
            disabled={!canReplayAll}
            title={canReplayAll ? undefined : t('replay.all.needs')}
            onClick={() => {
              setReplay({
                kind: 'matching',
                filter: { ...filter, state: state === 'done' ? 'done' : 'dead' },
              });
            }}
          >
            {t(state === 'done' ? 'replay.all.done' : 'replay.all.dead')}
          </Button>
          {state === 'unwanted' && (
            <Button
              danger
              onClick={() => {
                setGivingUp(true);
              }}
            >
              {t('give_up.title')}
            </Button>
          )}
          {!canReplayAll && <span>{t('replay.all.needs')}</span>}
        </div>
      )}
      <ListingTable<Delivery>
        listing={listing}
        label={t('nav.deliveries')}
        empty={t('deliveries.empty')}
        rowKey="id"
        {...(mayReplay && {
          rowSelection: {
            selectedRowKeys: [...selected],
            onChange: (keys) => {
              setSelected(keys.map(String));
            },
            getCheckboxProps: ({ id, state: one }) => ({ disabled: !isOver(one), 'aria-label': id }),
          },
        })}
        columns={[
          { title: t('field.created'), dataIndex: 'createdAt', render: (at: string) => <Time at={at} /> },
          {
            title: t('destination.title'),
            dataIndex: 'destinationId',
            render: (id: number) => <span className="clip">{urls.get(id) ?? id}</span>,
          },
          {
            title: t('field.state'),
            dataIndex: 'state',
            render: (one: Delivery['state'], { unwantedSince }) => (
              <>
                <DeliveryStateTag state={one} /> {unwantedSince !== null && <Time at={unwantedSince} />}
              </>
            ),
          },
          { title: t('delivery.tries'), dataIndex: 'attempts', align: 'right' },
          {
            title: t('delivery.due'),
            dataIndex: 'dueAt',
            render: (at: string, { state: one }) => (one === 'waiting' ? <Ago at={at} /> : <Time at={at} />),
          },
          {
            title: t('field.action'),
            key: 'action',
            render: (_value, { id, receiptId, state: one }) => (
              <span className="row">
                <Link
                  to="/receipts/$receiptId"
                  params={{ receiptId }}
                  aria-label={`${t('receipt.timeline')} ${receiptId}`}
                >
                  {t('receipt.timeline')}
                </Link>
                {mayReplay && isOver(one) && (
                  <Button
                    type="link"
                    size="small"
                    aria-label={`${t('delivery.replay')} ${id}`}
                    onClick={() => {
                      replayOne.mutate(id);
                    }}
                  >
                    {t('delivery.replay')}
                  </Button>
                )}
              </span>
            ),
          },
        ]}
      />
      {isGivingUp && (
        <GiveUp
          {...(destinationId !== undefined && { destinationId: Number(destinationId) })}
          onClose={() => {
            setGivingUp(false);
          }}
        />
      )}
      {replay !== null && (
        <ReplayMany
          replay={replay}
          onClose={() => {
            setReplay(null);
            setSelected([]);
          }}
        />
      )}
    </Page>
  );
}
