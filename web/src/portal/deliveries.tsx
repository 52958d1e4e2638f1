import { useQuery } from '@tanstack/react-query';
import { Button, Card, Empty } from 'antd';
import { useState } from 'react';
import { take } from '../api/client.ts';
import type { PortalApi } from '../api/client.ts';
import type { PortalReceipt } from '../api/model.ts';
import { usePageTexts } from '../i18n/use-page-texts.ts';
import { useChange } from '../ui/change.ts';
import { DeliveryStateTag } from '../ui/labels.tsx';
import { Answered } from '../ui/problem.tsx';
import { DataTable } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import type { OpenSender } from './portal.tsx';

const deliveriesKey = ['portal', 'deliveries'] as const;

interface Props {
  readonly api: PortalApi;
  readonly sender: OpenSender;
  readonly mayChange: boolean;
}

/** Receipts of a sender, newest first, with how far each delivery is. */
export function PortalDeliveries({ api, sender: { channelId, senderId }, mayChange }: Props) {
  const t = usePageTexts();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const path = { channelId, senderId };
  const receipts = useQuery({
    queryKey: [...deliveriesKey, path, cursor],
    queryFn: () =>
      take(
        api.GET('/api/v1/portal/channels/{channelId}/senders/{senderId}/deliveries', {
          params: { path, query: cursor === undefined ? {} : { cursor } },
        }),
      ),
  });
  return (
    <Card title={t('portal.deliveries')}>
      <Answered of={receipts}>
        {({ items, next }) => (
          <>
            <DataTable<PortalReceipt>
              label={t('portal.deliveries')}
              rowKey="receiptId"
              dataSource={items}
              pagination={false}
              locale={{
                emptyText: (
                  <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('portal.deliveries.none')} />
                ),
              }}
              columns={[
                { title: t('field.time'), dataIndex: 'recordedAt', render: (at: string) => <Time at={at} /> },
                {
                  title: t('receipt.type'),
                  dataIndex: 'type',
                  render: (type: PortalReceipt['type']) => t(`receipt.type.${type}`),
                },
                {
                  title: t('portal.deliveries'),
                  key: 'deliveries',
                  render: (_value, { deliveries }) =>
                    deliveries.map((delivery) => (
                      <DeliveryLine
                        key={delivery.id}
                        api={api}
                        path={path}
                        delivery={delivery}
                        mayChange={mayChange}
                      />
                    )),
                },
              ]}
            />
            <Pager
              cursors={cursors}
              next={next}
              onMove={setCursors}
              onRefresh={() => void receipts.refetch()}
            />
          </>
        )}
      </Answered>
    </Card>
  );
}

function Pager({
  cursors,
  next,
  onMove,
  onRefresh,
}: {
  cursors: readonly string[];
  next: string | null;
  onMove: (cursors: readonly string[]) => void;
  onRefresh: () => void;
}) {
  const t = usePageTexts();
  return (
    <div className="pager">
      <Button onClick={onRefresh}>{t('action.refresh')}</Button>
      <Button
        disabled={cursors.length === 0}
        onClick={() => {
          onMove(cursors.slice(0, -1));
        }}
      >
        {t('pager.newer')}
      </Button>
      <Button
        disabled={next === null}
        onClick={() => {
          if (next !== null) onMove([...cursors, next]);
        }}
      >
        {t('pager.older')}
      </Button>
    </div>
  );
}

function DeliveryLine({
  api,
  path,
  delivery: { id, url, state, lastStatus, attempts },
  mayChange,
}: {
  api: PortalApi;
  path: { readonly channelId: string; readonly senderId: string };
  delivery: PortalReceipt['deliveries'][number];
  mayChange: boolean;
}) {
  const t = usePageTexts();
  const replay = useChange(
    () =>
      take(
        api.POST('/api/v1/portal/channels/{channelId}/senders/{senderId}/deliveries/{deliveryId}/replay', {
          params: { path: { ...path, deliveryId: id } },
        }),
      ),
    { done: 'delivery.replayed', refresh: [deliveriesKey] },
  );
  const isOver = state === 'done' || state === 'dead';
  return (
    <div className="row">
      <DeliveryStateTag state={state} />
      <span className="url">{url}</span>
      {attempts > 0 && <span>{lastStatus === null ? '—' : `HTTP ${lastStatus}`}</span>}
      {mayChange && isOver && (
        <Button
          size="small"
          loading={replay.isPending}
          onClick={() => {
            replay.mutate(undefined);
          }}
        >
          {t('delivery.replay')}
        </Button>
      )}
    </div>
  );
}
